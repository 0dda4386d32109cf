using System;
using System.Text;

namespace BizTalkDR.Lab.Tds;

/// <summary>A LOGIN7 message (2.2.6.4).</summary>
/// <param name="TdsVersion">What the client asks for.</param>
/// <param name="PacketSize">Bytes, already brought into the allowed range.</param>
/// <param name="ChangesPassword">The client asks for a new password, which this server does not do.</param>
internal sealed record LoginPacket(uint TdsVersion, int PacketSize, LoginRequest Request, bool ChangesPassword)
{
    /// <summary>Of 7.2 and later; 7.1 knows neither a new password nor a long SSPI length.</summary>
    private const int FixedBytes = 94;
    private const int FixedBytes71 = 86;
    private const int MaxChars = 128;
    private const byte IntegratedSecurityBit = 0x80;
    private const byte FedAuthFeature = 2;
    private const byte ExtensionBit = 0x10;

    /// <exception cref="TdsProtocolException">A length or offset is out of range.</exception>
    public static LoginPacket Read(ReadOnlyMemory<byte> payload)
    {
        TdsReader reader = new(payload);
        if (payload.Length < FixedBytes71 || reader.UInt32() != payload.Length)
            throw new TdsProtocolException("The length of the login packet is wrong.");
        uint version = reader.UInt32();
        bool isYukon = version >= TdsProtocol.Version72 || version == TdsProtocol.Version80;
        if (isYukon && payload.Length < FixedBytes)
            throw new TdsProtocolException("The length of the login packet is wrong.");
        int packetSize = ClampPacketSize(reader.UInt32());
        reader.Skip(4);
        int processId = reader.Int32();
        reader.Skip(5);
        byte options2 = reader.Byte();
        reader.Skip(1);
        byte options3 = reader.Byte();
        reader.Skip(8);
        string host = Text(reader, payload);
        string user = Text(reader, payload);
        string password = Password(reader, payload);
        string application = Text(reader, payload);
        string server = Text(reader, payload);
        bool federated = Extension(reader, payload, (options3 & ExtensionBit) != 0);
        Text(reader, payload); // name of the client library
        string language = Text(reader, payload);
        string database = Text(reader, payload);
        reader.Skip(6);
        int sspiOffset = reader.UInt16();
        int sspiBytes = reader.UInt16();
        if (sspiBytes != ushort.MaxValue)
            reader.At(sspiOffset, sspiBytes);
        Text(reader, payload, 260); // file to attach
        bool changesPassword = isYukon && Password(reader, payload).Length > 0;
        bool integrated = (options2 & IntegratedSecurityBit) != 0 || federated;
        return new LoginPacket(version, packetSize, new LoginRequest(user, password, database, host, application, server, language, processId, integrated), changesPassword);
    }

    private static int ClampPacketSize(uint asked) => asked switch
    {
        0 => TdsProtocol.DefaultPacketSize,
        < TdsProtocol.MinPacketSize => TdsProtocol.MinPacketSize,
        > TdsProtocol.MaxPacketSize => TdsProtocol.MaxPacketSize,
        _ => (int)asked,
    };

    private static string Text(TdsReader table, ReadOnlyMemory<byte> payload, int maxChars = MaxChars) =>
        Part(table, payload, maxChars) is { } part ? part.Unicode(part.Remaining) : string.Empty;

    private static TdsReader? Part(TdsReader table, ReadOnlyMemory<byte> payload, int maxChars)
    {
        int offset = table.UInt16();
        int chars = table.UInt16();
        if (chars == 0)
            return null;
        if (chars > maxChars || offset < FixedBytes71)
            throw new TdsProtocolException("A field of the login packet is out of range.");
        return new TdsReader(payload).At(offset, chars * 2);
    }

    /// <summary>Undoes the obfuscation: every byte XOR 0xA5, then its halves exchanged.</summary>
    private static string Password(TdsReader table, ReadOnlyMemory<byte> payload)
    {
        if (Part(table, payload, MaxChars) is not { } part)
            return string.Empty;
        byte[] bytes = part.Take(part.Remaining).ToArray();
        for (int i = 0; i < bytes.Length; i++)
        {
            int clear = bytes[i] ^ 0xA5;
            bytes[i] = (byte)((clear << 4) | (clear >> 4));
        }

        return Encoding.Unicode.GetString(bytes);
    }

    /// <summary>Walks through the feature extensions. None is acknowledged, which every client must take as "not supported".</summary>
    private static bool Extension(TdsReader table, ReadOnlyMemory<byte> payload, bool present)
    {
        int offset = table.UInt16();
        int bytes = table.UInt16();
        if (!present || bytes == 0)
            return false;
        TdsReader whole = new(payload);
        int at = whole.At(offset, 4).Int32();
        TdsReader features = whole.At(at, payload.Length - at);
        bool federated = false;
        while (features.Byte() is var feature && feature != 0xFF)
        {
            features.Skip(features.UInt32());
            federated |= feature == FedAuthFeature;
        }

        return federated;
    }
}
