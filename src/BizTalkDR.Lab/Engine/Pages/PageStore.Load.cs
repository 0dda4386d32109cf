using System;
using System.Collections.Generic;
using System.IO;

namespace BizTalkDR.Lab.Engine;

internal sealed partial class PageStore
{
    /// <summary>Finds out where all rows of a file are; the rows themselves stay there.</summary>
    /// <param name="data">The file.</param>
    /// <param name="pagesOf">Gives the table of an object id: its pages and its rows.</param>
    /// <exception cref="InvalidDataException">A page in use is damaged.</exception>
    public BootRecord Load(DataFile data, Func<int, (TablePages Pages, RowMap Rows)> pagesOf)
    {
        int count = data.PageCount;
        if (count < PageFormat.FirstFreePage)
        {
            throw new InvalidDataException("The data file is too short.");
        }

        byte[] buffer = new byte[PageFormat.PageSize];
        _map.Clear();
        data.Read(PageFormat.BootPage, buffer);
        BootRecord boot = BootRecord.Read(buffer);
        for (int number = 1; number < count; number++)
        {
            if (PageFormat.IsMap(number))
            {
                data.Read(number, buffer);
                PageFormat.Verify(buffer, number);
                _map.Load(buffer, number, count);
            }
        }

        for (int number = PageFormat.FirstFreePage; number < count; number++)
        {
            if (_map.IsUsed(number) && !PageFormat.IsMap(number))
            {
                data.Read(number, buffer);
                PageFormat.Verify(buffer, number);
                LoadPage(buffer, number, pagesOf);
            }
        }

        return boot;
    }

    private void LoadPage(byte[] page, int number, Func<int, (TablePages Pages, RowMap Rows)> pagesOf)
    {
        int objectId = PageFormat.ObjectIdOf(page);
        int used = PageFormat.UsedOf(page);
        _uses[number] = new PageUse(objectId, used);
        if (PageFormat.TypeOf(page) != PageType.Rows)
        {
            return;
        }

        (TablePages pages, RowMap rows) = pagesOf(objectId);
        int at = PageFormat.HeaderSize;
        for (int i = PageFormat.RowsOf(page); i > 0; i--)
        {
            StoredRow row = StoredRow.At(page, at);
            rows.AddStored(row.Id, number);
            at += row.Size;
        }

        pages.Filling = number;
        if (used < PageFormat.Capacity / 2)
        {
            pages.Roomy.Add(number);
        }
    }
}
