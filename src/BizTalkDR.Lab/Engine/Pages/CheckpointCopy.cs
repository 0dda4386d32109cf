using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Numerics;

namespace BizTalkDR.Lab.Engine;

/// <summary>The file that holds the pages of the last checkpoint a second time.</summary>
/// <remarks>It is complete when its pages have the checksum its head tells; otherwise nothing of it has reached the data files.</remarks>
internal sealed class CheckpointCopy(DurableFile file) : IDisposable
{
    private const ulong Signature = 0x32_54_4E_49_4F_50_4B_43;
    private const int CountsAt = 24;

    /// <summary>Writes the pages and makes them durable.</summary>
    public void Write(IReadOnlyList<(int Number, byte[] Page)> pages, IReadOnlyDictionary<int, int> pageCounts)
    {
        long offset = PageFormat.PageSize;
        file.Reserve((pages.Count + 1L) * PageFormat.PageSize);
        foreach ((_, byte[] page) in pages)
        {
            file.Write(offset, page);
            offset += page.Length;
        }

        file.Write(0, Head(pages, pageCounts));
        file.SetLength(offset);
        file.Sync();
    }

    /// <summary>Empties the file: its pages must not come back.</summary>
    public void Forget()
    {
        file.SetLength(0);
        file.Sync();
    }

    /// <summary>Gives the pages of the last checkpoint; null when they are not complete.</summary>
    public (IReadOnlyList<(int Number, byte[] Page)> Pages, IReadOnlyDictionary<int, int> PageCounts)? Read()
    {
        byte[] head = new byte[PageFormat.PageSize];
        if (file.Length < 2 * PageFormat.PageSize || file.Read(0, head) < head.Length || BinaryPrimitives.ReadUInt64LittleEndian(head) != Signature)
        {
            return null;
        }

        int count = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(8));
        int files = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(12));
        if (count <= 0 || files is <= 0 or > PageFormat.MostFiles || file.Length < (count + 1L) * PageFormat.PageSize)
        {
            return null;
        }

        List<(int, byte[])> pages = new(count);
        for (int i = 1; i <= count; i++)
        {
            byte[] page = new byte[PageFormat.PageSize];
            file.Read((long)i * PageFormat.PageSize, page);
            if (!PageFormat.IsIntact(page))
            {
                return null;
            }

            pages.Add((PageFormat.NumberOf(page), page));
        }

        SortedDictionary<int, int> counts = [];
        for (int i = 0; i < files; i++)
        {
            int at = CountsAt + (8 * i);
            counts[BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(at))] = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(at + 4));
        }

        return Head(pages, counts).AsSpan().SequenceEqual(head) ? (pages, counts) : null;
    }

    public void Dispose() => file.Dispose();

    private static byte[] Head(IReadOnlyList<(int Number, byte[] Page)> pages, IReadOnlyDictionary<int, int> pageCounts)
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
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), pageCounts.Count);
        int at = CountsAt;
        foreach ((int id, int count) in pageCounts)
        {
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(at), id);
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(at + 4), count);
            sum = BitOperations.Crc32C(sum, ((ulong)(uint)id << 32) | (uint)count);
            at += 8;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(16), sum);
        return head;
    }
}
