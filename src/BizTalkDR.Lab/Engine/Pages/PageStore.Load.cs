using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;

namespace BizTalkDR.Lab.Engine;

internal sealed partial class PageStore
{
    /// <summary>Reads all rows of a file; <paramref name="take"/> gives the table of an object id.</summary>
    /// <exception cref="InvalidDataException">A page in use is damaged.</exception>
    public BootRecord Load(DataFile file, Func<int, TablePages> pagesOf, Action<int, RowSlot> take)
    {
        int count = file.PageCount;
        if (count < PageFormat.FirstFreePage)
        {
            throw new InvalidDataException("The data file is too short.");
        }

        byte[] buffer = new byte[PageFormat.PageSize];
        _map.Clear();
        file.Read(PageFormat.BootPage, buffer);
        BootRecord boot = BootRecord.Read(buffer);
        for (int number = 1; number < count; number++)
        {
            if (PageFormat.IsMap(number))
            {
                file.Read(number, buffer);
                PageFormat.Verify(buffer, number);
                _map.Load(buffer, number, count);
            }
        }

        for (int number = PageFormat.FirstFreePage; number < count; number++)
        {
            if (!_map.IsUsed(number) || PageFormat.IsMap(number))
            {
                continue;
            }

            file.Read(number, buffer);
            PageFormat.Verify(buffer, number);
            if (PageFormat.TypeOf(buffer) == PageType.Rows)
            {
                LoadRows(file, buffer, number, pagesOf, take);
            }
        }

        return boot;
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
                slot.Committed = LoadOverflow(file, slot, BinaryPrimitives.ReadInt32LittleEndian(rest), BinaryPrimitives.ReadInt32LittleEndian(rest[4..]));
                rest = rest[8..];
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

    private object?[] LoadOverflow(DataFile file, RowSlot slot, int first, int length)
    {
        byte[] values = new byte[length];
        byte[] buffer = new byte[PageFormat.PageSize];
        List<int> pages = [];
        int offset = 0;
        for (int number = first; number != 0; number = PageFormat.NextOf(buffer))
        {
            file.Read(number, buffer);
            PageFormat.Verify(buffer, number);
            int used = Math.Min(PageFormat.UsedOf(buffer), length - offset);
            buffer.AsSpan(PageFormat.HeaderSize, used).CopyTo(values.AsSpan(offset));
            offset += used;
            pages.Add(number);
        }

        _overflow[slot] = [.. pages];
        return RowCodec.Decode(values);
    }
}
