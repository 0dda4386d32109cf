using System;
using System.Buffers.Binary;
using System.IO;

namespace BizTalkDR.Lab.Tds;

/// <summary>Cuts a response into packets and writes each when it is full: a large result set never lies in memory.</summary>
internal sealed class PacketWriter
{
    private byte[] _packet = new byte[TdsProtocol.DefaultPacketSize];
    private int _at = TdsProtocol.HeaderSize;
    private byte _number = 1;

    public PacketWriter(Stream stream) => Stream = stream;

    public Stream Stream { get; set; }

    /// <summary>Goes into every packet's SPID field.</summary>
    public int SessionId { get; set; }

    public int PacketSize
    {
        get => _packet.Length;
        set
        {
            if (_at != TdsProtocol.HeaderSize)
                throw new InvalidOperationException("The packet size changes between messages only.");
            _packet = new byte[value];
        }
    }

    public void Write(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            // A full packet goes out only when more follows, so that the last packet of a message is never empty.
            if (_at == _packet.Length)
                Send(PacketStatus.None);
            int size = Math.Min(data.Length, _packet.Length - _at);
            data[..size].CopyTo(_packet.AsSpan(_at));
            _at += size;
            data = data[size..];
        }
    }

    /// <summary>Sends what there is, in the middle of a message.</summary>
    public void Flush()
    {
        if (_at > TdsProtocol.HeaderSize)
            Send(PacketStatus.None);
    }

    /// <summary>Ends the message.</summary>
    public void End()
    {
        Send(PacketStatus.EndOfMessage);
        _number = 1;
    }

    private void Send(PacketStatus status)
    {
        _packet[0] = (byte)PacketType.TabularResult;
        _packet[1] = (byte)status;
        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(2), (ushort)_at);
        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(4), (ushort)SessionId);
        _packet[6] = _number++;
        _packet[7] = 0;
        int size = _at;
        _at = TdsProtocol.HeaderSize;
        Stream.Write(_packet.AsSpan(0, size));
        Stream.Flush();
    }
}
