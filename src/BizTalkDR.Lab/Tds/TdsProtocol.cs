using System;

namespace BizTalkDR.Lab.Tds;

// Numbers of [MS-TDS]; sections are of that document.

/// <summary>Types of messages (2.2.3.1.1).</summary>
internal enum PacketType : byte
{
    SqlBatch = 1, Rpc = 3, TabularResult = 4, Attention = 6, BulkLoad = 7,
    TransactionManager = 14, Login7 = 16, Prelogin = 18,
}

/// <summary>Status bits of a packet header (2.2.3.1.2).</summary>
[Flags]
internal enum PacketStatus : byte
{
    None = 0, EndOfMessage = 1, Ignore = 2, ResetConnection = 8, ResetConnectionKeepTransaction = 16,
}

/// <summary>Token types of responses (2.2.4).</summary>
internal enum Token : byte
{
    ReturnStatus = 0x79, ColumnMetadata = 0x81, Error = 0xAA, Info = 0xAB, ReturnValue = 0xAC, LoginAck = 0xAD,
    Row = 0xD1, NullBitmapRow = 0xD2, EnvironmentChange = 0xE3, Done = 0xFD, DoneProcedure = 0xFE, DoneInProcedure = 0xFF,
}

/// <summary>Status bits of DONE tokens (2.2.7.6).</summary>
[Flags]
internal enum DoneStatus : ushort
{
    Final = 0, More = 1, Error = 2, InTransaction = 4, Count = 0x10, Attention = 0x20, ServerError = 0x100,
}

/// <summary>Kinds of ENVCHANGE this server sends (2.2.7.9).</summary>
internal enum EnvironmentChange : byte
{
    Database = 1, Language = 2, PacketSize = 4, Collation = 7,
    BeginTransaction = 8, CommitTransaction = 9, RollbackTransaction = 10, ResetAcknowledged = 18,
}

/// <summary>Values of the ENCRYPTION option (2.2.6.5).</summary>
internal enum EncryptionOption : byte
{
    Off = 0, On = 1, NotSupported = 2, Required = 3,
}

/// <summary>Constants of the protocol and of what this server claims to be.</summary>
internal static class TdsProtocol
{
    public const int HeaderSize = 8;
    public const int DefaultPacketSize = 4096;
    public const int MinPacketSize = 512;
    public const int MaxPacketSize = 32767;

    /// <summary>SQL Server's limit for encrypted connections ("network packet size" option): a packet fits one TLS record.</summary>
    public const int MaxEncryptedPacketSize = 16383;

    /// <summary>LOGIN7 is at most 128 KB - 1 (2.2.6.4).</summary>
    public const int MaxLoginBytes = (128 * 1024) - 1;

    /// <summary>First number a 7.1 client may ask with; revision 1 is what the server speaks.</summary>
    public const uint FirstVersion71 = 0x71000000;
    public const uint Version71 = 0x71000001;
    public const uint Version72 = 0x72090002;
    public const uint Version73A = 0x730A0003;
    public const uint Version73B = 0x730B0003;
    public const uint Version74 = 0x74000004;
    public const uint Version80 = 0x08000000;

    public const byte ServerMajor = 16;
    public const byte ServerMinor = 0;
    public const ushort ServerBuild = 4135;

    public const string ProgramName = "BizTalkDR Lab (simulator)";

    /// <summary>First byte of a TLS handshake record: the client speaks TDS 8.0.</summary>
    public const byte TlsHandshakeRecord = 0x16;

    /// <summary>First byte of a TLS record with application data.</summary>
    public const byte TlsApplicationRecord = 0x17;

    public const string Tds8Alpn = "tds/8.0";
}
