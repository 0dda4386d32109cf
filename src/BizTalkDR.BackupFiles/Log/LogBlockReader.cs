using System;
using System.Threading;
using BizTalkDR.BackupFiles.Format;
using BizTalkDR.BackupFiles.Images;

namespace BizTalkDR.BackupFiles.Log;

/// <summary>What the reader came upon.</summary>
internal enum LogPiece
{
    /// <summary>A whole log block that is where it must be and matches its checksum, if it has one.</summary>
    Block,

    /// <summary>Bytes that should be log and are not; reading goes on at the next sound block.</summary>
    Damage,
}

/// <summary>
/// Takes log blocks out of the streams of an MSTL block, one after the other. The place of every block is known from the extent, so a block
/// that stands elsewhere is damage, and reading can go on behind damage.
/// </summary>
internal sealed class LogBlockReader(BackupImage image, CancellationToken cancellation)
{
    private const int SmallestHeader = 0x1C;
    private const int LargestBlock = 64 * 1024;

    private readonly byte[] _buffer = new byte[256 * 1024];
    private LogExtent _extent;
    private int _at;
    private int _filled;
    private long _next;
    private long _end;
    private long _consumed;

    /// <summary>Given every byte of a stream, in order and raw, also the unused ones behind the log; makes the reader read them.</summary>
    public Action<byte[], int, int>? OnBytes { get; set; }

    public LogPiece Piece { get; private set; }

    /// <summary>Where the piece begins in the image.</summary>
    public long Offset { get; private set; }

    /// <summary>Bytes of the piece.</summary>
    public int Size { get; private set; }

    /// <summary>True when the block has a checksum (and matches it).</summary>
    public bool IsChecksummed { get; private set; }

    /// <summary>LSN of the block's first record.</summary>
    public Lsn FirstLsn { get; private set; }

    public int RecordCount { get; private set; }

    /// <summary>Bytes of log the extent promises and its streams did not hold.</summary>
    public long MissingBytes => _extent.IsPlaced ? Math.Max(0, _extent.Length - _consumed) : 0;

    /// <summary>True when the extent has a stream at all; most virtual log files of a backup have none.</summary>
    public bool Started { get; private set; }

    /// <summary>Whether nothing but zeros stands behind the log in the current stream; <see langword="null"/> when nobody looked, or the place of the log's end is not known.</summary>
    public bool? RestIsZero { get; private set; }

    /// <summary>The block's bytes, raw.</summary>
    public ByteView Bytes => new(_buffer, _at - Size, Size, Offset);

    public void BeginExtent(LogExtent extent)
    {
        _extent = extent;
        _at = _filled = 0;
        _consumed = 0;
        _next = _end = 0;
        Started = false;
    }

    /// <summary>Goes on in a stream of the extent; a block may have begun in the one before.</summary>
    public void BeginStream(MtfStream stream)
    {
        _next = Math.Min(stream.Start + 2, stream.End);
        _end = stream.End;
        RestIsZero = null;
        Started = true;
    }

    /// <summary>Goes to the next piece of the current stream.</summary>
    /// <returns>False when the stream has no more.</returns>
    public bool Next()
    {
        int damaged = 0;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_extent.IsPlaced && _consumed >= _extent.Length)
                return EndOfLog(damaged);
            if (Available(SectorChecksum.SectorBytes) < SectorChecksum.SectorBytes)
                return damaged > 0 && Report(damaged);
            if (!_extent.IsPlaced && SectorChecksum.IsZero(_buffer, _at, SectorChecksum.SectorBytes))
                return EndOfLog(damaged);
            int size = BlockSize();
            if (size > 0 && Available(size) < size && _next >= _end)
            {
                // The rest may stand in the next stream of this extent.
                if (damaged > 0)
                    return Report(damaged);
                return false;
            }

            if (size > 0 && Available(size) >= size && ChecksumHolds(size))
            {
                if (damaged > 0)
                    return Report(damaged);
                Take(size);
                return true;
            }

            Advance(SectorChecksum.SectorBytes);
            damaged += SectorChecksum.SectorBytes;
            if (damaged >= LargestBlock)
                return Report(damaged);
        }
    }

    /// <summary>Puts the bytes back that the parity marks displaced; the block's checksum holds no longer after that.</summary>
    /// <remarks>The first byte of sector <em>i</em> is kept at the block's end, counted backwards (§9.2).</remarks>
    public void RestoreDisplacedBytes()
    {
        int start = _at - Size;
        for (int sector = 1; sector < Size / SectorChecksum.SectorBytes; sector++)
            _buffer[start + (sector * SectorChecksum.SectorBytes)] = _buffer[start + Size - 1 - sector];
    }

    /// <summary>Size of the block that begins here, or 0 when none can.</summary>
    private int BlockSize()
    {
        var head = new ByteView(_buffer, _at, SectorChecksum.SectorBytes, 0);
        int parity = head.U8(0);
        int count = head.U16(2);
        int used = head.U16(4);
        int size = head.U16(6);
        if ((parity & 0xC0) is not (0x40 or 0x80) || (parity & 0x10) == 0 || size == 0 || (size & 511) != 0 || used > size || used < SmallestHeader + (2 * count))
            return 0;
        Lsn lsn = head.Lsn(0x0C);
        if (_extent.Vlf != 0 && lsn.Vlf != _extent.Vlf)
            return 0;
        if (_extent.IsPlaced && (lsn.Block != _extent.FirstBlock + (_consumed / 512) || _consumed + size > _extent.Length))
            return 0;
        FirstLsn = lsn;
        RecordCount = count;
        return size;
    }

    private bool ChecksumHolds(int size)
    {
        uint stored = new ByteView(_buffer, _at, size, 0).U32(0x18);
        IsChecksummed = stored != 0;
        if (!IsChecksummed)
            return SectorsBelongTogether(size);

        // The field counts as zero; it stands in the first sector, which the later ones rotate.
        uint sum = SectorChecksum.Running(0, _buffer, _at, size);
        int turns = ((size / SectorChecksum.SectorBytes) - 1) & 31;
        uint without = turns == 0 ? stored : SectorChecksum.RotateLeft(stored, turns);
        return (sum ^ without) == stored;
    }

    /// <summary>Every sector begins with the parity of its pass over the log file: the only sign there is of a block that was torn.</summary>
    private bool SectorsBelongTogether(int size)
    {
        int parity = _buffer[_at] & 0xC0;
        for (int at = SectorChecksum.SectorBytes; at < size; at += SectorChecksum.SectorBytes)
        {
            if ((_buffer[_at + at] & 0xC0) != parity)
                return false;
        }

        return true;
    }

    private bool EndOfLog(int damaged)
    {
        if (damaged > 0)
            return Report(damaged);
        bool zero = SectorChecksum.IsZero(_buffer, _at, _filled - _at);
        _at = _filled = 0;
        while (OnBytes is not null && _next < _end)
        {
            Fetch(0);
            zero &= SectorChecksum.IsZero(_buffer, 0, _filled);
        }

        if (OnBytes is not null && _extent.IsPlaced)
            RestIsZero = zero;
        _filled = 0;
        _next = _end;
        return false;
    }

    private void Take(int size)
    {
        Offset = Position;
        Piece = LogPiece.Block;
        Size = size;
        Advance(size);
    }

    private bool Report(int damaged)
    {
        Piece = LogPiece.Damage;
        Offset = Position - damaged;
        Size = damaged;
        return true;
    }

    private long Position => _next - (_filled - _at);

    private void Advance(int by)
    {
        _at += by;
        _consumed += by;
    }

    private int Available(int wanted)
    {
        if (_filled - _at >= wanted || _next >= _end)
            return _filled - _at;
        if (_at > 0)
        {
            Buffer.BlockCopy(_buffer, _at, _buffer, 0, _filled - _at);
            _filled -= _at;
            _at = 0;
        }

        Fetch(_filled);
        return _filled - _at;
    }

    private void Fetch(int to)
    {
        int room = (int)Math.Min(_buffer.Length - to, _end - _next);
        int got = image.Read(_next, _buffer, to, room, cancellation);
        if (got < room)
            throw new DamageException(FindingKind.Truncated, image.ToFileOffset(_next + got), "The file ends inside its log.");
        OnBytes?.Invoke(_buffer, to, got);
        _filled = to + got;
        _next += got;
    }
}
