using System;
using System.Buffers.Binary;

namespace BizTalkDR.Lab.Tds;

/// <summary>Reads and answers PRELOGIN (2.2.6.5).</summary>
internal static class Prelogin
{
    private const byte VersionOption = 0;
    private const byte EncryptionOptionToken = 1;
    private const byte InstanceOption = 2;
    private const byte ThreadIdOption = 3;
    private const byte MarsOption = 4;
    private const byte Terminator = 0xFF;

    /// <summary>Gives what the client wants of encryption.</summary>
    /// <exception cref="TdsProtocolException">An option points outside the message, or there is no terminator.</exception>
    public static EncryptionOption ReadEncryption(ReadOnlyMemory<byte> payload)
    {
        TdsReader reader = new(payload);
        EncryptionOption? encryption = null;
        while (reader.Byte() is var option && option != Terminator)
        {
            TdsReader data = reader.At(reader.UInt16BigEndian(), reader.UInt16BigEndian());
            if (option == EncryptionOptionToken)
                encryption = (EncryptionOption)(data.Byte() & 0x7F); // 0x80 announces a client certificate: not asked for here.
        }

        return encryption switch
        {
            null => EncryptionOption.NotSupported,
            <= EncryptionOption.Required => encryption.Value,
            _ => throw new TdsProtocolException("The encryption option is unknown."),
        };
    }

    /// <summary>Says what follows, from what the client wants and whether the server insists on encryption.</summary>
    /// <returns>What to answer; Off means TLS for the login packet only.</returns>
    public static EncryptionOption Negotiate(EncryptionOption client, bool required) => client switch
    {
        EncryptionOption.NotSupported => required ? EncryptionOption.Required : EncryptionOption.NotSupported,
        EncryptionOption.Off => required ? EncryptionOption.Required : EncryptionOption.Off,
        _ => EncryptionOption.On,
    };

    /// <summary>Writes the answer: version, encryption, instance accepted, no thread id, no MARS.</summary>
    public static byte[] Answer(EncryptionOption encryption)
    {
        (byte Token, byte[] Data)[] options =
        [
            (VersionOption, Version()),
            (EncryptionOptionToken, [(byte)encryption]),
            (InstanceOption, [0]),
            (ThreadIdOption, []),
            (MarsOption, [0]),
        ];
        int offset = (options.Length * 5) + 1;
        TokenBuffer head = new();
        TokenBuffer data = new();
        foreach ((byte token, byte[] value) in options)
        {
            head.Byte(token);
            BinaryPrimitives.WriteUInt16BigEndian(head.Span(2), (ushort)(offset + data.Length));
            BinaryPrimitives.WriteUInt16BigEndian(head.Span(2), (ushort)value.Length);
            data.Bytes(value);
        }

        head.Byte(Terminator);
        head.Bytes(data.Written);
        return head.Written.ToArray();
    }

    private static byte[] Version()
    {
        byte[] version = [TdsProtocol.ServerMajor, TdsProtocol.ServerMinor, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(version.AsSpan(2), TdsProtocol.ServerBuild);
        return version;
    }
}
