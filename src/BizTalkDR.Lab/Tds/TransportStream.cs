using System;
using System.Buffers.Binary;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace BizTalkDR.Lab.Tds;

/// <summary>Shapes the bytes below TLS: the stream TLS runs on, whatever the phase of the connection.</summary>
internal enum TransportMode
{
    /// <summary>Bytes as they are.</summary>
    Raw,

    /// <summary>TLS handshake inside PRELOGIN packets.</summary>
    PreloginPackets,

    /// <summary>One TLS record at a time: TLS must not read past the encrypted login packet.</summary>
    TlsRecords,
}

/// <summary>Wraps the socket's stream for the phases of the TLS negotiation ([MS-TDS] 3.2.5.2, 2.2.6.5).</summary>
internal sealed class TransportStream : Stream
{
    private const int TlsHeaderSize = 5;
    private readonly Stream _socket;
    private readonly byte[] _header = new byte[TdsProtocol.HeaderSize];
    private int _headerAt;
    private int _headerEnd;
    private int _remaining;
    private int _peeked = -1;

    public TransportStream(Stream socket) => _socket = socket;

    public TransportMode Mode { get; set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Looks at the next byte without taking it; -1 at the end.</summary>
    public async ValueTask<int> PeekAsync(CancellationToken cancellation)
    {
        if (_peeked < 0)
        {
            byte[] one = new byte[1];
            if (await _socket.ReadAsync(one, cancellation).ConfigureAwait(false) == 0)
                return -1;
            _peeked = one[0];
        }

        return _peeked;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || Mode == TransportMode.Raw)
            return await ReadSocketAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (_headerAt == _headerEnd && _remaining == 0 && !await StartUnitAsync(cancellationToken).ConfigureAwait(false))
            return 0;
        if (_headerAt < _headerEnd)
        {
            int fromHeader = Math.Min(buffer.Length, _headerEnd - _headerAt);
            _header.AsMemory(_headerAt, fromHeader).CopyTo(buffer);
            _headerAt += fromHeader;
            return fromHeader;
        }

        int read = await ReadSocketAsync(buffer[..Math.Min(buffer.Length, _remaining)], cancellationToken).ConfigureAwait(false);
        _remaining -= read;
        return read;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Mode != TransportMode.PreloginPackets)
        {
            await _socket.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
            return;
        }

        byte[] packet = new byte[TdsProtocol.DefaultPacketSize];
        byte number = 1;
        while (!buffer.IsEmpty)
        {
            int size = Math.Min(buffer.Length, packet.Length - TdsProtocol.HeaderSize);
            packet[0] = (byte)PacketType.Prelogin;
            packet[1] = (byte)(size == buffer.Length ? PacketStatus.EndOfMessage : PacketStatus.None);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)(size + TdsProtocol.HeaderSize));
            packet[6] = number++;
            buffer[..size].CopyTo(packet.AsMemory(TdsProtocol.HeaderSize));
            buffer = buffer[size..];
            await _socket.WriteAsync(packet.AsMemory(0, size + TdsProtocol.HeaderSize), cancellationToken).ConfigureAwait(false);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Only asynchronous reads are used: a connection reads in one task.</summary>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Mode == TransportMode.PreloginPackets)
            throw new NotSupportedException();
        _socket.Write(buffer);
    }

    public override void Flush() => _socket.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => _socket.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _socket.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadSocketAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (_peeked >= 0 && !buffer.IsEmpty)
        {
            buffer.Span[0] = (byte)_peeked;
            _peeked = -1;
            return 1;
        }

        return await _socket.ReadAsync(buffer, cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads the header of the next packet (dropped) or TLS record (handed on).</summary>
    private async ValueTask<bool> StartUnitAsync(CancellationToken cancellation)
    {
        bool packets = Mode == TransportMode.PreloginPackets;
        int size = packets ? TdsProtocol.HeaderSize : TlsHeaderSize;
        for (int at = 0; at < size;)
        {
            int read = await ReadSocketAsync(_header.AsMemory(at, size - at), cancellation).ConfigureAwait(false);
            if (read == 0)
                return false;
            at += read;
        }

        if (packets)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(2));
            if (_header[0] != (byte)PacketType.Prelogin || length <= TdsProtocol.HeaderSize)
                throw new TdsProtocolException("A TLS handshake must come in PRELOGIN packets.");
            _headerAt = _headerEnd = 0;
            _remaining = length - TdsProtocol.HeaderSize;
        }
        else
        {
            _headerAt = 0;
            _headerEnd = TlsHeaderSize;
            _remaining = BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(3));
        }

        return true;
    }
}
