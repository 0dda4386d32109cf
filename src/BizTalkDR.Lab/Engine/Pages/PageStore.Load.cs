using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

internal sealed partial class PageStore
{
    private readonly List<DamagedPage> _damaged = [];

    /// <summary>Pages of tables that could not be read when they were to be loaded or changed; they stay in use and are not written.</summary>
    public IReadOnlyList<DamagedPage> Damaged => _damaged;

    /// <summary>Finds out where all rows of the files are; the rows themselves stay there.</summary>
    /// <param name="data">The files.</param>
    /// <param name="tableOf">Gives the table of an object id: its pages and its rows.</param>
    /// <exception cref="InvalidDataException">A page the file itself needs is damaged. One of a table is noted in <see cref="Damaged"/>.</exception>
    public BootRecord Load(DataFile data, Func<int, (TablePages Pages, RowMap Rows)> tableOf)
    {
        byte[] buffer = new byte[PageFormat.PageSize];
        if (data.PageCount(1) < PageFormat.FirstFreePage)
        {
            throw new InvalidDataException("The data file is too short.");
        }

        data.Read(PageFormat.BootPage, buffer);
        BootRecord boot = BootRecord.Read(buffer);
        _space.Written(PageFormat.BootPage, PageFormat.LsnOf(buffer));
        foreach (int id in data.FileIds)
        {
            LoadMaps(data, id, buffer);
        }

        int[] used = [.. data.FileIds.SelectMany(id => UsedPages(id, data.PageCount(id)))];
        if (data.Index.Read(boot.Stamp) is not { } entries || !TakeEntries(entries, used, tableOf))
        {
            LoadPages(data, boot, used, buffer, tableOf);
        }

        return boot;
    }

    /// <summary>Takes the index's word for what is on the pages; false when it is not about just these pages.</summary>
    private bool TakeEntries(PageEntries entries, int[] used, Func<int, (TablePages Pages, RowMap Rows)> tableOf)
    {
        if (entries.Count != used.Length || !used.All(entries.Has))
        {
            return false;
        }

        List<long> ids = [];
        foreach (int number in used)
        {
            PageEntry entry = entries.Find(number, ids)!.Value;
            _space.Written(number, entry.Written);
            _uses[number] = new PageUse(entry.ObjectId, entry.Used);
            if (entry.HasRows)
            {
                TakeRows(number, entry.ObjectId, entry.Used, ids, tableOf);
            }
        }

        return true;
    }

    /// <summary>Pages of tables that are in use, the file's own not among them.</summary>
    private IEnumerable<int> UsedPages(int fileId, int count)
    {
        PageMap map = _space.MapOf(fileId);
        for (int page = PageFormat.FirstFreePage; page < count; page++)
        {
            if (map.IsUsed(page) && !PageFormat.IsMap(page))
            {
                yield return PageFormat.Number(fileId, page);
            }
        }
    }

    private void LoadMaps(DataFile data, int fileId, byte[] buffer)
    {
        int count = data.PageCount(fileId);
        PageMap map = _space.MapOf(fileId);
        map.Clear();
        for (int page = 0; page < count; page++)
        {
            if (page == 0 || PageFormat.IsMap(page))
            {
                int number = PageFormat.Number(fileId, page);
                data.Read(number, buffer);
                if (page > 1 && !buffer.AsSpan().ContainsAnyExcept((byte)0))
                {
                    // The file was made longer for a checkpoint that did not come to be: nothing is in use there.
                    continue;
                }

                PageFormat.Verify(buffer, number);
                _space.Written(number, PageFormat.LsnOf(buffer));
                if (page > 0)
                {
                    map.Load(buffer, page, count);
                }
            }
        }
    }

    /// <summary>Reads every page in use, and makes the index anew when all are sound.</summary>
    private void LoadPages(DataFile data, BootRecord boot, int[] used, byte[] buffer, Func<int, (TablePages Pages, RowMap Rows)> tableOf)
    {
        Dictionary<int, int> overflows = [];
        PageEntryWriter entries = new();
        foreach (int number in used)
        {
            data.Read(number, buffer);
            _space.Written(number, PageFormat.LsnOf(buffer));
            if (PageFormat.IsSound(buffer, number))
            {
                LoadPage(buffer, number, tableOf, overflows);
                entries.Add(number, buffer);
            }
            else
            {
                _damaged.Add(DamagedPage.Of(number, buffer));
            }
        }

        if (_damaged.Count > 0)
        {
            FindOwners(data, overflows, buffer);
        }
        else
        {
            data.Index.Replace(boot.Stamp, entries);
        }
    }

    private void LoadPage(byte[] page, int number, Func<int, (TablePages Pages, RowMap Rows)> tableOf, Dictionary<int, int> overflows)
    {
        int objectId = PageFormat.ObjectIdOf(page);
        int used = PageFormat.UsedOf(page);
        _uses[number] = new PageUse(objectId, used);
        if (PageFormat.TypeOf(page) != PageType.Rows)
        {
            return;
        }

        List<long> ids = [];
        int at = PageFormat.HeaderSize;
        for (int i = PageFormat.RowsOf(page); i > 0; i--)
        {
            StoredRow row = StoredRow.At(page, at);
            ids.Add(row.Id);
            at += row.Size;
            if (row.OverflowPage != 0)
            {
                overflows[row.OverflowPage] = objectId;
            }
        }

        TakeRows(number, objectId, used, ids, tableOf);
    }

    private static void TakeRows(int number, int objectId, int used, List<long> ids, Func<int, (TablePages Pages, RowMap Rows)> tableOf)
    {
        (TablePages pages, RowMap rows) = tableOf(objectId);
        foreach (long id in ids)
        {
            rows.AddStored(id, number);
        }

        pages.Add(number);
        if (used < PageFormat.Capacity / 2)
        {
            pages.Roomy.Add(number);
        }
    }

    /// <summary>Finds the tables of damaged overflow pages by their rows: what a damaged page says of itself may be wrong.</summary>
    /// <param name="data">The files.</param>
    /// <param name="overflows">First overflow page of each long row, and its table.</param>
    /// <param name="buffer">Room for a page.</param>
    private void FindOwners(DataFile data, Dictionary<int, int> overflows, byte[] buffer)
    {
        foreach ((int first, int objectId) in overflows)
        {
            for (int number = first; number != 0; number = PageFormat.NextOf(buffer))
            {
                int damaged = _damaged.FindIndex(d => d.Number == number);
                if (damaged >= 0)
                {
                    _damaged[damaged] = _damaged[damaged] with { ObjectId = objectId };
                    break;
                }

                data.Read(number, buffer);
            }
        }
    }
}
