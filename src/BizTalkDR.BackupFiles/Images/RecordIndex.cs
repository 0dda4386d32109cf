using System;
using System.Collections.Generic;
using System.Threading;
using BizTalkDR.BackupFiles.Format;

namespace BizTalkDR.BackupFiles.Images;

/// <summary>
/// Finds places behind a set's data without hopping over all of its records: the last filemark lists the earlier ones, and before the
/// filemark that ends a set's data stands an index of the records in which its data ends (backup-file-format.md §3.6, §7).
/// </summary>
/// <remarks>A short cut only: whatever is not as it must be yields no place, and the records are hopped over instead.</remarks>
internal sealed class RecordIndex(FileWindow window)
{
    private const uint IndexPrecedes = 0x40000;
    private const int FrameBytes = 16;
    private const int MostEntries = 1024;
    private const int FilemarkListAt = 0x48;

    private List<long>? _filemarks;

    /// <summary>Places in a set: image offset of a record, and its offset in the file.</summary>
    public List<(long Image, long File)> PlacesOf(long setImage, long setFile, CancellationToken cancellation)
    {
        var places = new List<(long Image, long File)>();
        _filemarks ??= ReadFilemarks(cancellation);
        int i = _filemarks.FindIndex(at => at > setFile);
        if (i < 0)
            return places;
        long filemark = _filemarks[i];
        if (!IsFilemark(filemark, cancellation, out ByteView mark) || (mark.U32(4) & IndexPrecedes) == 0)
            return places;
        if (!TryView(filemark - FrameBytes, FrameBytes, cancellation, out ByteView frame) || frame.U16(0) != 1)
            return places;
        uint count = frame.U32(4);
        uint distance = frame.U32(8);
        uint checksum = frame.U32(12);
        long entries = filemark - distance + FrameBytes;
        if (count is 0 or > MostEntries || distance < (2 * FrameBytes) + (16 * count) || entries <= setFile)
            return places;
        var bytes = new byte[16 * count];
        if (window.Copy(entries, bytes, 0, bytes.Length, cancellation) < bytes.Length || SectorChecksum.Record(bytes, 0, bytes.Length) != checksum)
            return places;
        var view = new ByteView(bytes, 0, bytes.Length, entries);
        long lastImage = setImage;
        long lastFile = setFile;
        for (int at = 0; at < bytes.Length; at += 16)
        {
            ulong image = view.U64(at);
            ulong file = view.U64(at + 8);
            if (image > long.MaxValue / 2 || setImage + (long)image <= lastImage || file > (ulong)filemark || (long)file <= lastFile)
                return places;
            lastImage = setImage + (long)image;
            lastFile = (long)file;
            places.Add((lastImage, lastFile));
        }

        return places;
    }

    private List<long> ReadFilemarks(CancellationToken cancellation)
    {
        foreach (int size in new[] { 512, 4096 })
        {
            long last = window.Length - size;
            if (last <= CompressedRecord.First || !IsFilemark(last, cancellation, out ByteView mark) || mark.U16(8) != size)
                continue;
            if (!TryView(last, size, cancellation, out ByteView whole) || whole.U32(0x3C) != FilemarkListAt)
                continue;
            var marks = new List<long>();
            long before = last;
            int used = (int)Math.Min(whole.U32(0x38), (uint)((size - FilemarkListAt) / 8));
            for (int i = 0; i < used; i++)
            {
                ulong address = whole.U64(FilemarkListAt + (8 * i));
                if (address == 0 || address >= (ulong)before)
                    break;
                before = (long)address;
                marks.Add(before);
            }

            marks.Reverse();
            return marks;
        }

        return [];
    }

    private bool IsFilemark(long at, CancellationToken cancellation, out ByteView mark) =>
        TryView(at, MtfWalker.BlockHeaderSize, cancellation, out mark) && mark.Id(0) == "SFMB" && mark.WordChecksum(50) == mark.U16(50);

    private bool TryView(long at, int size, CancellationToken cancellation, out ByteView view)
    {
        view = default;
        if (at < 0 || at > window.Length - size || window.Get(at, size, out byte[] bytes, out int start, cancellation) < size)
            return false;
        view = new ByteView(bytes, start, size, at);
        return true;
    }
}
