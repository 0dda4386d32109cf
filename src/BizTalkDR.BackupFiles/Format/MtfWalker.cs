using System;
using System.Threading;
using BizTalkDR.BackupFiles.Images;

namespace BizTalkDR.BackupFiles.Format;

/// <summary>A stream inside a block: its header's facts and where its data lies in the image.</summary>
internal readonly struct MtfStream(string id, ushort attributes, long start, long length)
{
    /// <summary>Media-format attribute: the stream has a checksum stream behind it.</summary>
    public const ushort Checksummed = 0x100;

    /// <summary>Media-format attribute: the data has no length known beforehand and goes on in another stream.</summary>
    public const ushort Variable = 0x2;

    /// <summary>Media-format attribute: end of variable data.</summary>
    public const ushort VariableEnd = 0x4;

    public string Id { get; } = id;

    public ushort Attributes { get; } = attributes;

    public long Start { get; } = start;

    public long Length { get; } = length;

    public long End => Start + Length;
}

/// <summary>
/// Walks the blocks and streams of a tape image by their lengths, each bounded by the image and covered by its checksum before it is used
/// (backup-file-format.md §2).
/// </summary>
internal sealed class MtfWalker(BackupImage image, WalkBuffers buffers, CancellationToken cancellation)
{
    public const int BlockHeaderSize = 52;
    public const int StreamHeaderSize = 22;

    /// <summary>Most block headers are no longer than this; one read gets them.</summary>
    private const int CommonHeaders = 600;

    private long _nextStream;
    private bool _streamsDone = true;

    /// <summary>Where the next block must begin.</summary>
    public long Next { get; private set; }

    /// <summary>Where the current block begins.</summary>
    public long BlockStart { get; private set; }

    public string BlockId { get; private set; } = string.Empty;

    /// <summary>The header of the current block, up to its first stream.</summary>
    public ByteView Header { get; private set; }

    public MtfStream Stream { get; private set; }

    public BackupImage Image => image;

    public CancellationToken Cancellation => cancellation;

    /// <summary>Begins again at a place where a block is known to begin.</summary>
    public void JumpTo(long offset)
    {
        Next = offset;
        _streamsDone = true;
    }

    /// <summary>Goes to the next block, over whatever is left of the current one.</summary>
    /// <returns>False at the exact end of the image.</returns>
    public bool MoveNext()
    {
        while (!_streamsDone)
            NextStream();
        cancellation.ThrowIfCancellationRequested();
        BlockStart = Next;
        int got = image.Read(BlockStart, buffers.Block, 0, CommonHeaders, cancellation);
        if (got == 0)
            return false;
        if (got < BlockHeaderSize)
            throw Damage(FindingKind.Truncated, BlockStart, "The file ends inside a block header.");
        var common = new ByteView(buffers.Block, 0, BlockHeaderSize, BlockStart);
        int size = CheckBlock(common);
        if (buffers.Block.Length < size)
            buffers.Block = new byte[size];
        if (got < size && image.Read(BlockStart, buffers.Block, 0, size, cancellation) < size)
            throw Damage(FindingKind.Truncated, BlockStart, $"The file ends inside a {BlockId} block.");
        Header = new ByteView(buffers.Block, 0, size, BlockStart);
        _streamsDone = BlockId == "SFMB";
        _nextStream = BlockStart + size;
        Next = _nextStream;
        return true;
    }

    /// <summary>Goes to the next stream of the current block.</summary>
    /// <returns>False behind the closing padding.</returns>
    public bool NextStream()
    {
        if (_streamsDone)
            return false;
        cancellation.ThrowIfCancellationRequested();
        long at = _nextStream;
        if (!image.TryLook(at, StreamHeaderSize, out byte[] bytes, out int from))
        {
            (bytes, from) = (buffers.StreamHeader, 0);
            if (image.Read(at, bytes, 0, StreamHeaderSize, cancellation) < StreamHeaderSize)
                throw Damage(FindingKind.Truncated, at, $"The file ends where a stream of a {BlockId} block must begin.");
        }

        var header = new ByteView(bytes, from, StreamHeaderSize, at);
        if (header.IsZero(0, StreamHeaderSize))
            throw Damage(FindingKind.Zeroed, at, "Nothing but zeros where a stream must begin.");
        if (header.WordChecksum(20) != header.U16(20))
            throw Damage(FindingKind.HeaderChecksum, at, $"A stream header of a {BlockId} block does not match its checksum.");
        ulong length = header.U64(8);
        long start = at + StreamHeaderSize;
        if (length > (ulong)(long.MaxValue - start - 4))
            throw Damage(FindingKind.Malformed, at, "A stream claims an impossible length.");
        Stream = new MtfStream(header.Id(0), header.U16(6), start, (long)length);
        if (!image.Reaches(Stream.End, cancellation))
            throw Damage(FindingKind.Truncated, at, $"A {Stream.Id} stream of {Stream.Length} bytes reaches beyond the end of the file.");
        _nextStream = (Stream.End + 3) & ~3L;
        if (Stream.Id == "SPAD")
        {
            _streamsDone = true;
            Next = Stream.End;
        }

        return true;
    }

    /// <summary>Reads the data of the current stream whole into an array of its own.</summary>
    /// <param name="limit">Longest data this caller has a use for, in bytes.</param>
    public byte[] ReadWhole(int limit)
    {
        byte[] data = [];
        ReadWhole(limit, ref data);
        return data;
    }

    /// <summary>Reads the data of the current stream whole into a buffer that may be used again.</summary>
    /// <param name="limit">Longest data this caller has a use for, in bytes.</param>
    /// <param name="buffer">Replaced by a longer one when it is too short.</param>
    public ByteView ReadWhole(int limit, ref byte[] buffer)
    {
        if (Stream.Length > limit)
            throw Damage(FindingKind.LimitReached, Stream.Start, $"A {Stream.Id} stream of {Stream.Length} bytes is longer than this reader takes ({limit}).");
        int length = (int)Stream.Length;
        if (buffer.Length < length)
            buffer = new byte[length];
        if (image.Read(Stream.Start, buffer, 0, length, cancellation) < length)
            throw Damage(FindingKind.Truncated, Stream.Start, $"The file ends inside a {Stream.Id} stream.");
        return new ByteView(buffer, 0, length, Stream.Start);
    }

    private int CheckBlock(ByteView common)
    {
        if (common.IsZero(0, BlockHeaderSize))
            throw Damage(FindingKind.Zeroed, BlockStart, "Nothing but zeros where a block must begin.");
        if (common.WordChecksum(50) != common.U16(50))
            throw Damage(FindingKind.HeaderChecksum, BlockStart, "A block header does not match its checksum.");
        BlockId = common.Id(0);
        int size = common.U16(8);
        if (size < BlockHeaderSize)
            throw Damage(FindingKind.Malformed, BlockStart, $"A {BlockId} block claims to be {size} bytes long.");
        return size;
    }

    private DamageException Damage(FindingKind kind, long offset, string message) => new(kind, image.ToFileOffset(offset), message);
}
