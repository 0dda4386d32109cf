using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;

namespace BizTalkDR.Lab.Engine;

/// <summary>What the page index says of one page in use.</summary>
/// <param name="ObjectId">Table it belongs to.</param>
/// <param name="Used">Bytes taken by rows.</param>
/// <param name="Written">Checkpoint that wrote it.</param>
/// <param name="HasRows">Whether rows begin on it; false for the rest of long rows.</param>
internal readonly record struct PageEntry(int ObjectId, int Used, Lsn Written, bool HasRows);

/// <summary>Words entries of the page index: number, kind and table, bytes used, checkpoint, and the ids of the rows as runs.</summary>
internal sealed class PageEntryWriter
{
    internal const int Rows = 0;
    internal const int Overflow = 1;
    internal const int Freed = 2;

    private readonly ArrayBufferWriter<byte> _buffer = new();

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    /// <summary>Adds a page as it is; pages that are not of a table say nothing.</summary>
    public void Add(int number, ReadOnlySpan<byte> page)
    {
        PageType type = PageFormat.TypeOf(page);
        if (type is not (PageType.Rows or PageType.Overflow))
        {
            return;
        }

        RowCodec.WriteNumber(_buffer, (ulong)number);
        RowCodec.WriteNumber(_buffer, ((ulong)(uint)PageFormat.ObjectIdOf(page) << 2) | (uint)(type == PageType.Rows ? Rows : Overflow));
        RowCodec.WriteNumber(_buffer, (ulong)PageFormat.UsedOf(page));
        PageFormat.LsnOf(page).Write(_buffer.GetSpan(Lsn.Size));
        _buffer.Advance(Lsn.Size);
        if (type == PageType.Rows)
        {
            AddIds(page);
        }
    }

    /// <summary>Adds that a page is free.</summary>
    public void AddFreed(int number)
    {
        RowCodec.WriteNumber(_buffer, (ulong)number);
        RowCodec.WriteNumber(_buffer, Freed);
    }

    /// <summary>Adds an entry as it was read.</summary>
    public void Copy(ReadOnlySpan<byte> entry) => _buffer.Write(entry);

    private void AddIds(ReadOnlySpan<byte> page)
    {
        int rows = PageFormat.RowsOf(page);
        Span<long> ids = rows <= 512 ? stackalloc long[rows] : new long[rows];
        int at = PageFormat.HeaderSize;
        for (int i = 0; i < rows; i++)
        {
            StoredRow row = StoredRow.At(page, at);
            ids[i] = row.Id;
            at += row.Size;
        }

        ids.Sort();
        RowCodec.WriteNumber(_buffer, (ulong)rows);
        long before = 0;
        for (int i = 0; i < rows;)
        {
            int run = 1;
            while (i + run < rows && ids[i + run] == ids[i] + run)
            {
                run++;
            }

            RowCodec.WriteNumber(_buffer, (ulong)(ids[i] - before));
            RowCodec.WriteNumber(_buffer, (ulong)run);
            before = ids[i] + run;
            i += run;
        }
    }
}

/// <summary>Reads entries of the page index; of each page the last word counts.</summary>
/// <param name="content">The file.</param>
internal sealed class PageEntries(byte[] content)
{
    private readonly Dictionary<int, (int At, int Length)> _pages = [];

    /// <summary>Pages in use.</summary>
    public int Count => _pages.Count;

    /// <summary>Takes the entries of one record.</summary>
    /// <exception cref="InvalidDataException">They are none.</exception>
    public void Take(int at, int length)
    {
        ReadOnlySpan<byte> rest = content.AsSpan(at, length);
        int end = at + length;
        while (!rest.IsEmpty)
        {
            int begin = end - rest.Length;
            int number = (int)RowCodec.ReadNumber(ref rest);
            PageEntry? entry = ReadHead(ref rest);
            if (entry is not { } page)
            {
                _pages.Remove(number);
                continue;
            }

            if (page.HasRows)
            {
                SkipIds(ref rest);
            }

            _pages[number] = (begin, end - rest.Length - begin);
        }
    }

    /// <summary>Whether the index knows the page.</summary>
    public bool Has(int number) => _pages.ContainsKey(number);

    /// <summary>Finds a page in use and gives the ids of its rows to the caller.</summary>
    /// <returns>Null when the index does not know the page.</returns>
    public PageEntry? Find(int number, List<long> ids)
    {
        ids.Clear();
        if (!_pages.TryGetValue(number, out (int At, int Length) place))
        {
            return null;
        }

        ReadOnlySpan<byte> rest = content.AsSpan(place.At, place.Length);
        RowCodec.ReadNumber(ref rest);
        PageEntry entry = ReadHead(ref rest)!.Value;
        if (entry.HasRows)
        {
            long id = 0;
            for (ulong rows = RowCodec.ReadNumber(ref rest); rows > (ulong)ids.Count;)
            {
                id += (long)RowCodec.ReadNumber(ref rest);
                for (ulong run = RowCodec.ReadNumber(ref rest); run > 0; run--)
                {
                    ids.Add(id++);
                }
            }
        }

        return entry;
    }

    public void CopyTo(PageEntryWriter writer)
    {
        foreach ((int at, int length) in _pages.Values)
        {
            writer.Copy(content.AsSpan(at, length));
        }
    }

    private static PageEntry? ReadHead(ref ReadOnlySpan<byte> rest)
    {
        ulong kind = RowCodec.ReadNumber(ref rest);
        if ((kind & 3) == PageEntryWriter.Freed)
        {
            return null;
        }

        int used = (int)RowCodec.ReadNumber(ref rest);
        Lsn written = Lsn.Read(rest);
        rest = rest[Lsn.Size..];
        return new PageEntry((int)(kind >> 2), used, written, (kind & 3) == PageEntryWriter.Rows);
    }

    private static void SkipIds(ref ReadOnlySpan<byte> rest)
    {
        ulong left = RowCodec.ReadNumber(ref rest);
        while (left > 0)
        {
            RowCodec.ReadNumber(ref rest);
            ulong run = RowCodec.ReadNumber(ref rest);
            if (run == 0 || run > left)
            {
                throw new InvalidDataException("The page index is damaged.");
            }

            left -= run;
        }
    }
}
