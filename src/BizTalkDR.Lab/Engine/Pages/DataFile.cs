using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Numerics;

namespace BizTalkDR.Lab.Engine;

/// <summary>The data file on disk: pages by number, written at checkpoints only, each checkpoint whole or not at all.</summary>
/// <remarks>
/// A checkpoint's pages go to a second file first (name + ".checkpoint") and are synced there; then they are written in place. A crash in
/// between is made good by copying that file's pages again when the database is opened. The second file is complete when its pages have
/// the checksum its head tells; otherwise nothing of it has reached the data file.
/// </remarks>
internal sealed class DataFile : IDisposable
{
    private const ulong Signature = 0x31_54_4E_49_4F_50_4B_43;
    private readonly DurableFile _file;
    private readonly DurableFile _copy;

    /// <summary>Keeps a reader from a page that is half written.</summary>
    private readonly object _pageGate = new();

    private DataFile(DurableFile file, DurableFile copy)
    {
        _file = file;
        _copy = copy;
    }

    public int PageCount => (int)(_file.Length / PageFormat.PageSize);

    public static string CopyPath(string path) => path + ".checkpoint";

    public static DataFile Create(string path, LabStorage storage) =>
        new(storage.Open(path, FileMode.Create), storage.Open(CopyPath(path), FileMode.Create));

    public static DataFile Open(string path, LabStorage storage)
    {
        DataFile file = new(storage.Open(path, FileMode.Open), storage.Open(CopyPath(path), FileMode.OpenOrCreate));
        file.FinishCheckpoint();
        return file;
    }

    public void Read(int page, Span<byte> buffer)
    {
        lock (_pageGate)
        {
            if (_file.Read((long)page * PageFormat.PageSize, buffer) == buffer.Length)
            {
                return;
            }
        }

        throw new InvalidDataException($"The data file ends before page (1:{page}).");
    }

    /// <summary>Writes the pages of a checkpoint.</summary>
    public void Write(IReadOnlyList<(int Number, byte[] Page)> pages, int pageCount)
    {
        long offset = PageFormat.PageSize;
        foreach ((_, byte[] page) in pages)
        {
            _copy.Write(offset, page);
            offset += page.Length;
        }

        _copy.Write(0, Head(pages, pageCount));
        _copy.SetLength(offset);
        _copy.Sync();
        WriteInPlace(pages, pageCount);
    }

    /// <summary>Replaces the whole content. Not atomic: the caller has noted that the content is unknown.</summary>
    /// <returns>Number of pages.</returns>
    public int Replace(IEnumerable<ReadOnlyMemory<byte>> pages)
    {
        _copy.SetLength(0);
        _copy.Sync();
        _file.SetLength(0);
        int count = 0;
        foreach (ReadOnlyMemory<byte> page in pages)
        {
            if (page.Length != PageFormat.PageSize)
            {
                throw new InvalidDataException($"Page (1:{count}) has {page.Length} bytes instead of {PageFormat.PageSize}.");
            }

            _file.Write((long)count * PageFormat.PageSize, page.Span);
            count++;
        }

        _file.Sync();
        return count;
    }

    public void Dispose()
    {
        _file.Dispose();
        _copy.Dispose();
    }

    private static byte[] Head(IReadOnlyList<(int Number, byte[] Page)> pages, int pageCount)
    {
        byte[] head = new byte[PageFormat.PageSize];
        uint sum = uint.MaxValue;
        foreach ((int number, byte[] page) in pages)
        {
            sum = BitOperations.Crc32C(sum, (uint)number);
            sum = BitOperations.Crc32C(sum, PageFormat.ChecksumOf(page));
        }

        BinaryPrimitives.WriteUInt64LittleEndian(head, Signature);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8), pages.Count);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), pageCount);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(16), sum);
        return head;
    }

    private void WriteInPlace(IReadOnlyList<(int Number, byte[] Page)> pages, int pageCount)
    {
        foreach ((int number, byte[] page) in pages)
        {
            lock (_pageGate)
            {
                _file.Write((long)number * PageFormat.PageSize, page);
            }
        }

        long length = (long)pageCount * PageFormat.PageSize;
        if (_file.Length < length)
        {
            _file.SetLength(length);
        }

        _file.Sync();
    }

    /// <summary>Copies the pages of the last checkpoint once more when its copy is complete; an incomplete copy never reached the data file.</summary>
    private void FinishCheckpoint()
    {
        byte[] head = new byte[PageFormat.PageSize];
        if (_copy.Length < 2 * PageFormat.PageSize || _copy.Read(0, head) < head.Length || BinaryPrimitives.ReadUInt64LittleEndian(head) != Signature)
        {
            return;
        }

        int count = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(8));
        int pageCount = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(12));
        if (count <= 0 || _copy.Length < (count + 1L) * PageFormat.PageSize)
        {
            return;
        }

        List<(int, byte[])> pages = new(count);
        for (int i = 1; i <= count; i++)
        {
            byte[] page = new byte[PageFormat.PageSize];
            _copy.Read((long)i * PageFormat.PageSize, page);
            if (!PageFormat.IsIntact(page))
            {
                return;
            }

            pages.Add((PageFormat.NumberOf(page), page));
        }

        if (Head(pages, pageCount).AsSpan().SequenceEqual(head))
        {
            WriteInPlace(pages, pageCount);
        }
    }
}
