using System;
using System.Buffers;
using System.Buffers.Binary;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace BizTalkDR.Lab.Tds;

/// <summary>A complete message of the client.</summary>
internal sealed record TdsMessage(PacketType Type, PacketStatus FirstStatus, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Whether the client took back a request it had only half sent (ignore bit).</summary>
    public bool Ignored { get; init; }
}

/// <summary>Reads packets and puts messages together. Memory grows with what arrived, never with what a length claims.</summary>
internal sealed class PacketReader
{
    private readonly int _maxMessageBytes;
    // Twice a TLS record: what a record holds is then never left behind in the TLS layer.
    private byte[] _buffer = new byte[32 * 1024];
    private int _start;
    private int _end;

    public PacketReader(Stream stream, int maxMessageBytes)
    {
        Stream = stream;
        _maxMessageBytes = maxMessageBytes;
    }

    /// <summary>Where bytes come from; changes with the TLS negotiation.</summary>
    public Stream Stream { get; set; }

    /// <summary>Whether bytes of the next packet were read already.</summary>
    public bool HasBuffered => _end > _start;

    /// <summary>Called between the packets of a message; the login needs it to leave TLS after the first packet.</summary>
    public Func<CancellationToken, ValueTask>? BetweenPackets { get; set; }

    /// <summary>Reads the next message; null when the client closed between messages.</summary>
    /// <exception cref="TdsProtocolException">Not a packet, an unexpected type inside a message, too long, or cut off.</exception>
    public async ValueTask<TdsMessage?> ReadAsync(int maxBytes, CancellationToken cancellation)
    {
        int limit = Math.Min(maxBytes, _maxMessageBytes);
        ArrayBufferWriter<byte>? payload = null;
        PacketType type = default;
        PacketStatus first = PacketStatus.None;
        bool started = false;
        while (true)
        {
            if (!await FillAsync(TdsProtocol.HeaderSize, cancellation).ConfigureAwait(false))
                return started || _end > _start ? throw TdsProtocolException.Truncated() : null;
            PacketType packetType = (PacketType)_buffer[_start];
            PacketStatus status = (PacketStatus)_buffer[_start + 1];
            int length = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start + 2));
            if (length < TdsProtocol.HeaderSize || length > TdsProtocol.MaxPacketSize)
                throw new TdsProtocolException("A packet has an impossible length.");
            if (!await FillAsync(length, cancellation).ConfigureAwait(false))
                throw TdsProtocolException.Truncated();
            ReadOnlyMemory<byte> data = _buffer.AsMemory(_start + TdsProtocol.HeaderSize, length - TdsProtocol.HeaderSize);
            _start += length;

            // An attention may cut a message short: what came of it is dropped.
            if (packetType == PacketType.Attention)
                return new TdsMessage(PacketType.Attention, status, ReadOnlyMemory<byte>.Empty);
            if (!started)
            {
                type = packetType;
                first = status;
                started = true;
            }
            else if (packetType != type)
            {
                throw new TdsProtocolException("A message changed its type.");
            }

            bool last = status.HasFlag(PacketStatus.EndOfMessage);
            if ((payload?.WrittenCount ?? 0) + data.Length > limit)
                throw new TdsProtocolException("A message is too long.");
            if (last && status.HasFlag(PacketStatus.Ignore))
                return new TdsMessage(type, first, ReadOnlyMemory<byte>.Empty) { Ignored = true };
            if (last && payload is null)
                return new TdsMessage(type, first, data.ToArray());
            payload ??= new ArrayBufferWriter<byte>(data.Length * 2);
            payload.Write(data.Span);
            if (last)
                return new TdsMessage(type, first, payload.WrittenMemory);
            if (BetweenPackets is not null)
                await BetweenPackets(cancellation).ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> FillAsync(int needed, CancellationToken cancellation)
    {
        if (_end - _start >= needed)
            return true;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_buffer.Length < needed)
            Array.Resize(ref _buffer, needed);
        while (_end < needed)
        {
            int read = await Stream.ReadAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
            if (read == 0)
                return false;
            _end += read;
        }

        return true;
    }
}
