using System;
using System.Collections.Generic;
using System.IO;

namespace BizTalkDR.Lab.Engine;

internal sealed partial class PageStore
{
    /// <summary>Pages a database may keep however many others do.</summary>
    private const int Own = 64;

    /// <summary>Longest value bytes on overflow pages that are kept decoded.</summary>
    private const int KeptOverflow = 32 * 1024;

    private readonly Dictionary<int, CachedPage> _cache = [];

    /// <summary>Pages in the order they were read; one that was used meanwhile goes round again.</summary>
    private readonly Queue<CachedPage> _age = [];
    private bool _isClosed;

    /// <summary>Reads the values of a row.</summary>
    /// <exception cref="LabSqlException">823 the file cannot be read, 824 the page is damaged or does not hold the row.</exception>
    public object?[] Read(int number, long id)
    {
        if (!_cache.TryGetValue(number, out CachedPage? page))
        {
            if (_isClosed)
            {
                // The database was closed or restored under a reader: its rows are no longer where they were.
                throw new LabSqlException(596, 21, 1, "Cannot continue the execution because the session is in the kill state.");
            }

            page = Cache(number);
        }

        page.IsUsed = true;
        int at = page.IndexOf(id);
        if (at < 0)
        {
            throw PageErrors.Inconsistent(database, DamagedPage.Of(number, page.Bytes));
        }

        StoredRow row = page.Rows[at];
        if (page.Values[at] is { } known)
        {
            return known;
        }

        object?[] values = row.OverflowPage == 0
            ? RowCodec.Decode(page.Bytes.AsSpan(row.ValuesAt))
            : RowCodec.Decode(ReadOverflow(row.OverflowPage, row.OverflowLength));
        page.Values[at] = row.OverflowLength <= KeptOverflow ? values : null;
        return values;
    }

    /// <summary>Gives up what is in memory.</summary>
    public void Close()
    {
        _isClosed = true;
        database.Instance.Pages.GiveBack(_age.Count);
        _cache.Clear();
        _age.Clear();
    }

    private CachedPage Cache(int number)
    {
        byte[] bytes = new byte[PageFormat.PageSize];
        ReadSound(number, bytes);
        while (database.Instance.Pages.IsExceeded && _age.Count > Own)
        {
            CachedPage oldest = _age.Dequeue();
            if (oldest.IsUsed && !oldest.IsForgotten)
            {
                oldest.IsUsed = false;
                _age.Enqueue(oldest);
                continue;
            }

            if (!oldest.IsForgotten)
            {
                _cache.Remove(oldest.Number);
            }

            database.Instance.Pages.GiveBack(1);
        }

        CachedPage page = new(number, bytes);
        _cache.Add(number, page);
        _age.Enqueue(page);
        database.Instance.Pages.Take();
        return page;
    }

    /// <summary>Learns that pages have been written: what was read of them before is old.</summary>
    public void Written(IEnumerable<(int Number, byte[] Page)> images)
    {
        _taken = [];
        _takenOverflow = [];
        _takenFreed = [];
        foreach ((int number, _) in images)
        {
            Forget(number);
        }
    }

    /// <summary>Drops a page from memory.</summary>
    private void Forget(int number)
    {
        if (_cache.Remove(number, out CachedPage? page))
        {
            page.IsForgotten = true;
        }
    }

    private byte[] ReadOverflow(int first, int length)
    {
        byte[] values = new byte[length];
        byte[] buffer = new byte[PageFormat.PageSize];
        int offset = 0;
        for (int number = first; number != 0; number = PageFormat.NextOf(buffer))
        {
            ReadSound(number, buffer);
            int used = Math.Min(PageFormat.UsedOf(buffer), length - offset);
            buffer.AsSpan(PageFormat.HeaderSize, used).CopyTo(values.AsSpan(offset));
            offset += used;
        }

        return offset == length ? values : throw PageErrors.Inconsistent(database, DamagedPage.Of(first, buffer));
    }

    private void ReadSound(int number, byte[] buffer)
    {
        if (!TryRead(number, buffer))
        {
            DamagedPage page = DamagedPage.Of(number, buffer);
            database.Instance.MetDamage.Enqueue((database, page));
            throw PageErrors.Inconsistent(database, page);
        }
    }

    /// <summary>Reads a page and tells whether it is sound.</summary>
    private bool TryRead(int number, byte[] buffer)
    {
        try
        {
            database.OpenFile().Read(number, buffer);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw new LabSqlException(
                823, 24, 2, $"The operating system returned error 1117(The request could not be performed because of an I/O device error.) to SQL Server during a read of page {PageFormat.NameOf(number)} of database '{database.Name}'. {e.Message}");
        }

        return PageFormat.IsSound(buffer, number);
    }

    /// <summary>A page as it is in the file, and those of its rows that were read.</summary>
    private sealed class CachedPage
    {
        public CachedPage(int number, byte[] bytes)
        {
            Number = number;
            Bytes = bytes;
            Rows = new StoredRow[PageFormat.RowsOf(bytes)];
            Values = new object?[]?[Rows.Length];
            int at = PageFormat.HeaderSize;
            for (int i = 0; i < Rows.Length; i++)
            {
                Rows[i] = StoredRow.At(bytes, at);
                at += Rows[i].Size;
            }

            Array.Sort(Rows, static (x, y) => x.Id.CompareTo(y.Id));
        }

        public int Number { get; }

        public byte[] Bytes { get; }

        /// <summary>The rows by id.</summary>
        public StoredRow[] Rows { get; }

        public object?[]?[] Values { get; }

        public bool IsUsed { get; set; }

        public bool IsForgotten { get; set; }

        public int IndexOf(long id)
        {
            int low = 0;
            int high = Rows.Length - 1;
            while (low <= high)
            {
                int middle = (low + high) / 2;
                if (Rows[middle].Id == id)
                {
                    return middle;
                }

                (low, high) = Rows[middle].Id < id ? (middle + 1, high) : (low, middle - 1);
            }

            return -1;
        }
    }
}
