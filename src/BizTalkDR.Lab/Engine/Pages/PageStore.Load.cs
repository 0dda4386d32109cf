using System;
using System.Collections.Generic;
using System.IO;

namespace BizTalkDR.Lab.Engine;

internal sealed partial class PageStore
{
    private readonly List<DamagedPage> _damaged = [];

    /// <summary>Pages of tables that could not be read; they stay in use and are not written.</summary>
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
        Dictionary<int, int> overflows = [];
        foreach (int id in data.FileIds)
        {
            LoadMaps(data, id, buffer);
            LoadPages(data, id, buffer, tableOf, overflows);
        }

        if (_damaged.Count > 0)
        {
            FindOwners(data, overflows, buffer);
        }

        return boot;
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

    private void LoadPages(DataFile data, int fileId, byte[] buffer, Func<int, (TablePages Pages, RowMap Rows)> tableOf, Dictionary<int, int> overflows)
    {
        PageMap map = _space.MapOf(fileId);
        int count = data.PageCount(fileId);
        for (int page = PageFormat.FirstFreePage; page < count; page++)
        {
            if (!map.IsUsed(page) || PageFormat.IsMap(page))
            {
                continue;
            }

            int number = PageFormat.Number(fileId, page);
            data.Read(number, buffer);
            _space.Written(number, PageFormat.LsnOf(buffer));
            if (PageFormat.IsSound(buffer, number))
            {
                LoadPage(buffer, number, tableOf, overflows);
            }
            else
            {
                _damaged.Add(DamagedPage.Of(number, buffer));
            }
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

        (TablePages pages, RowMap rows) = tableOf(objectId);
        int at = PageFormat.HeaderSize;
        for (int i = PageFormat.RowsOf(page); i > 0; i--)
        {
            StoredRow row = StoredRow.At(page, at);
            rows.AddStored(row.Id, number);
            at += row.Size;
            if (row.OverflowPage != 0)
            {
                overflows[row.OverflowPage] = objectId;
            }
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
