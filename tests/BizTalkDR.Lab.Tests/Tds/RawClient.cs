using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.Tests.Tds;

/// <summary>A client that writes bytes as the test wants them, without encryption.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient _client;

    public RawClient(int port)
    {
        _client = new TcpClient("127.0.0.1", port) { ReceiveTimeout = 30_000, NoDelay = true };
        Stream = _client.GetStream();
    }

    public NetworkStream Stream { get; }

    public static RawClient LoggedIn(int port, uint version = TdsProtocol.Version74)
    {
        RawClient client = new(port);
        client.Send(PacketType.Prelogin, [1, 0, 6, 0, 1, 0xFF, 2]);
        client.ReadMessage();
        client.Send(PacketType.Login7, Login(version));
        client.ReadMessage();
        return client;
    }

    /// <summary>ALL_HEADERS with the transaction header, then the text.</summary>
    public static byte[] Batch(string text) => [.. Headers(), .. Encoding.Unicode.GetBytes(text)];

    public static byte[] Headers() => [22, 0, 0, 0, 18, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0];

    public static byte[] Login(uint version, string password = TdsLab.Password)
    {
        byte[] login = new byte[94];
        BinaryPrimitives.WriteUInt32LittleEndian(login.AsSpan(4), version);
        byte[] obfuscated = Encoding.Unicode.GetBytes(password);
        for (int i = 0; i < obfuscated.Length; i++)
            obfuscated[i] = (byte)(((obfuscated[i] << 4) | (obfuscated[i] >> 4)) ^ 0xA5);
        byte[] user = Encoding.Unicode.GetBytes("sa");
        Point(login, 40, 94, 2);
        Point(login, 44, 98, password.Length);
        byte[] whole = [.. login, .. user, .. obfuscated];
        BinaryPrimitives.WriteInt32LittleEndian(whole, whole.Length);
        return whole;
    }

    public static byte[] Packet(PacketType type, byte[] payload, int status)
    {
        byte[] packet = new byte[payload.Length + 8];
        packet[0] = (byte)type;
        packet[1] = (byte)status;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet[6] = 1;
        payload.CopyTo(packet, 8);
        return packet;
    }

    public void Send(PacketType type, byte[] payload, int status = 1) => Stream.Write(Packet(type, payload, status));

    /// <summary>Reads a whole message; its packets' payloads put together.</summary>
    public byte[] ReadMessage() => [.. ReadPackets().SelectMany(p => p)];

    public List<byte[]> ReadPackets()
    {
        List<byte[]> packets = [];
        byte[] header = new byte[8];
        do
        {
            Stream.ReadExactly(header);
            byte[] payload = new byte[BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(2)) - 8];
            Stream.ReadExactly(payload);
            packets.Add(payload);
        }
        while ((header[1] & 1) == 0);
        return packets;
    }

    /// <summary>Whether the server closes; what it still sends is read first.</summary>
    public bool IsClosed()
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (Stream.Read(buffer) > 0)
            {
            }
        }
        catch (IOException error) when (error.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return true;
        }

        return true;
    }

    public void Dispose() => _client.Dispose();

    private static void Point(byte[] login, int at, int offset, int chars)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(login.AsSpan(at), (ushort)offset);
        BinaryPrimitives.WriteUInt16LittleEndian(login.AsSpan(at + 2), (ushort)chars);
    }
}
