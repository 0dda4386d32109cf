using System;
using System.Threading;
using BizTalkDR.BackupFiles.Format;

namespace BizTalkDR.BackupFiles.Images;

/// <summary>Kind of a record in a compressed backup; the numbers are the first bytes.</summary>
internal enum RecordKind
{
    Data = 0x21,
    Padding = 0x24,
    Index = 0x2C,
    Filemark = 'S',
}

/// <summary>The header of one record of a compressed backup (backup-file-format.md §7).</summary>
internal readonly struct CompressedRecord
{
    /// <summary>Where the records of a file begin.</summary>
    public const long First = 0x1E0;

    public const int DataHeaderBytes = 28;

    private const int PaddingHeaderBytes = 24;
    private const int IndexHeaderBytes = 24;

    private CompressedRecord(RecordKind kind, long offset, long end, int imageBytes, int dataBytes, uint checksum)
    {
        Kind = kind;
        Offset = offset;
        End = end;
        ImageBytes = imageBytes;
        DataBytes = dataBytes;
        Checksum = checksum;
    }

    public RecordKind Kind { get; }

    /// <summary>Where it begins in the file.</summary>
    public long Offset { get; }

    /// <summary>Where the next one begins.</summary>
    public long End { get; }

    /// <summary>Bytes it adds to the tape image: none for padding and index.</summary>
    public int ImageBytes { get; }

    /// <summary>Bytes of compressed data behind the header, or of the filemark itself.</summary>
    public int DataBytes { get; }

    public uint Checksum { get; }

    /// <summary>Reads a record header; demands that the record is whole.</summary>
    /// <returns>False at the exact end of the file.</returns>
    public static bool TryRead(FileWindow window, long offset, CancellationToken cancellation, out CompressedRecord record)
    {
        record = default;
        int got = window.Get(offset, MtfWalker.BlockHeaderSize, out byte[] bytes, out int at, cancellation);
        if (got == 0)
            return false;
        var head = new ByteView(bytes, at, got, offset);
        record = (RecordKind)head.U8(0) switch
        {
            RecordKind.Data when got >= DataHeaderBytes => ReadData(head, offset),
            RecordKind.Padding when got >= PaddingHeaderBytes && head.U8(1) == 0 => new CompressedRecord(RecordKind.Padding, offset, offset + PaddingHeaderBytes + head.U16(2), 0, head.U16(2), 0),
            RecordKind.Index when got >= IndexHeaderBytes + 16 => ReadIndex(head, offset),
            RecordKind.Filemark when got >= MtfWalker.BlockHeaderSize && head.Id(0) == "SFMB" => ReadFilemark(head, offset),
            _ => throw Unknown(head, got, offset),
        };
        if (record.End > window.Length)
            throw new DamageException(FindingKind.Truncated, offset, "The file ends inside a compressed record.");
        return true;
    }

    private static CompressedRecord ReadData(ByteView head, long offset)
    {
        int size = head.U8(1) * 512;
        int data = head.U16(2);
        if (size is 0 or > XpressHuffman.LargestOutput || data == 0)
            throw new DamageException(FindingKind.Malformed, offset, "A compressed record claims impossible sizes.");
        return new CompressedRecord(RecordKind.Data, offset, offset + DataHeaderBytes + data, size, data, head.U32(0x18));
    }

    private static CompressedRecord ReadIndex(ByteView head, long offset)
    {
        long distance = head.U32(IndexHeaderBytes + 8);
        if (head.U16(IndexHeaderBytes) != 1 || distance < 32)
            throw new DamageException(FindingKind.Malformed, offset, "The record index is not of the known form.");
        return new CompressedRecord(RecordKind.Index, offset, offset + IndexHeaderBytes + distance, 0, 0, head.U32(IndexHeaderBytes + 12));
    }

    private static CompressedRecord ReadFilemark(ByteView head, long offset)
    {
        if (head.WordChecksum(50) != head.U16(50))
            throw new DamageException(FindingKind.HeaderChecksum, offset, "A block header does not match its checksum.");
        int size = head.U16(8);
        if (size < MtfWalker.BlockHeaderSize)
            throw new DamageException(FindingKind.Malformed, offset, $"A SFMB block claims to be {size} bytes long.");
        return new CompressedRecord(RecordKind.Filemark, offset, offset + size, size, size, 0);
    }

    private static DamageException Unknown(ByteView head, int got, long offset)
    {
        if (head.IsZero(0, got))
            return new DamageException(FindingKind.Zeroed, offset, "Nothing but zeros where a compressed record must begin.");
        return got < MtfWalker.BlockHeaderSize
            ? new DamageException(FindingKind.Truncated, offset, "The file ends inside the header of a compressed record.")
            : new DamageException(FindingKind.Malformed, offset, "No compressed record begins where one must.");
    }
}
