using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;

namespace BizTalkDR.Lab.Engine;

internal sealed partial class PageStore
{
    private readonly List<DamagedPage> _damaged = [];

    /// <summary>Pages of tables that could not be read; they stay in use and are not written.</summary>
    public IReadOnlyList<DamagedPage> Damaged => _damaged;

    /// <summary>Reads all rows of the files; <paramref name="take"/> gives the table of an object id.</summary>
    /// <exception cref="InvalidDataException">A page the file itself needs is damaged. One of a table is noted in <see cref="Damaged"/>.</exception>
    public BootRecord Load(DataFile file, Func<int, TablePages> pagesOf, Action<int, RowSlot> take)
    {
        byte[] buffer = new byte[PageFormat.PageSize];
        if (file.PageCount(1) < PageFormat.FirstFreePage)
        {
            throw new InvalidDataException("The data file is too short.");
        }

        file.Read(PageFormat.BootPage, buffer);
        BootRecord boot = BootRecord.Read(buffer);
        _space.Written(PageFormat.BootPage, PageFormat.LsnOf(buffer));
        foreach (int id in file.FileIds)
        {
            LoadMaps(file, id, buffer);
            LoadPages(file, id, buffer, pagesOf, take);
        }

        return boot;
    }

    private void LoadMaps(DataFile file, int fileId, byte[] buffer)
    {
        int count = file.PageCount(fileId);
        PageMap map = _space.MapOf(fileId);
        map.Clear();
        for (int page = 0; page < count; page++)
        {
            if (page == 0 || PageFormat.IsMap(page))
            {
                int number = PageFormat.Number(fileId, page);
                file.Read(number, buffer);
                PageFormat.Verify(buffer, number);
                _space.Written(number, PageFormat.LsnOf(buffer));
                if (page > 0)
                {
                    map.Load(buffer, page, count);
                }
            }
        }
    }

    private void LoadPages(DataFile file, int fileId, byte[] buffer, Func<int, TablePages> pagesOf, Action<int, RowSlot> take)
    {
        PageMap map = _space.MapOf(fileId);
        int count = file.PageCount(fileId);
        for (int page = PageFormat.FirstFreePage; page < count; page++)
        {
            if (!map.IsUsed(page) || PageFormat.IsMap(page))
            {
                continue;
            }

            int number = PageFormat.Number(fileId, page);
            file.Read(number, buffer);
            _space.Written(number, PageFormat.LsnOf(buffer));
            if (!PageFormat.IsSound(buffer, number))
            {
                Note(DamagedPage.Of(number, buffer));
            }
            else if (PageFormat.TypeOf(buffer) == PageType.Rows)
            {
                LoadRows(file, buffer, number, pagesOf, take);
            }
        }
    }

    private void Note(DamagedPage page)
    {
        if (!_damaged.Exists(d => d.Number == page.Number))
        {
            _damaged.Add(page);
        }
    }

    private void LoadRows(DataFile file, byte[] buffer, int number, Func<int, TablePages> pagesOf, Action<int, RowSlot> take)
    {
        int objectId = PageFormat.ObjectIdOf(buffer);
        RowPage page = new(number, objectId) { Used = PageFormat.UsedOf(buffer) };
        ReadOnlySpan<byte> rest = buffer.AsSpan(PageFormat.HeaderSize, page.Used);
        for (int i = PageFormat.RowsOf(buffer); i > 0; i--)
        {
            int before = rest.Length;
            ushort length = BinaryPrimitives.ReadUInt16LittleEndian(rest);
            rest = rest[2..];
            RowSlot slot = new((long)RowCodec.ReadNumber(ref rest)) { Page = number };
            if (length == IsOverflow)
            {
                object?[]? values = LoadOverflow(file, slot, objectId, BinaryPrimitives.ReadInt32LittleEndian(rest), BinaryPrimitives.ReadInt32LittleEndian(rest[4..]));
                rest = rest[8..];
                if (values is null)
                {
                    page.Used -= before - rest.Length;
                    continue;
                }

                slot.Committed = values;
            }
            else
            {
                slot.Committed = RowCodec.Read(ref rest);
            }

            slot.Size = before - rest.Length;
            page.Rows.Add(slot);
            take(objectId, slot);
        }

        TablePages pages = pagesOf(objectId);
        pages.Add(page);
        if (page.Used < PageFormat.Capacity / 2)
        {
            pages.Roomy.Add(page);
        }
    }

    /// <summary>Reads a row that is longer than a page; null when one of its pages is damaged.</summary>
    private object?[]? LoadOverflow(DataFile file, RowSlot slot, int objectId, int first, int length)
    {
        byte[] values = new byte[length];
        byte[] buffer = new byte[PageFormat.PageSize];
        List<int> pages = [];
        int offset = 0;
        for (int number = first; number != 0; number = PageFormat.NextOf(buffer))
        {
            file.Read(number, buffer);
            if (!PageFormat.IsSound(buffer, number))
            {
                Note(DamagedPage.Of(number, buffer) with { ObjectId = objectId });
                return null;
            }

            int used = Math.Min(PageFormat.UsedOf(buffer), length - offset);
            buffer.AsSpan(PageFormat.HeaderSize, used).CopyTo(values.AsSpan(offset));
            offset += used;
            pages.Add(number);
        }

        _overflow[slot] = [.. pages];
        return RowCodec.Decode(values);
    }
}
