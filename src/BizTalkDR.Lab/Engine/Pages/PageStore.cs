using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>Keeps rows on data pages: which row stands where, which pages a checkpoint must write. Guarded by the database's gate.</summary>
/// <remarks>
/// A row page holds, row after row: u16 length, row id, values. A row longer than a page has length FFFF, row id, the first of its overflow
/// pages and its true length. Pages belong to one table each.
/// </remarks>
internal sealed partial class PageStore
{
    private const ushort IsOverflow = ushort.MaxValue;
    private readonly DataSpace _space = new();
    private readonly HashSet<RowPage> _dirty = [];
    private readonly Dictionary<RowSlot, int[]> _overflow = [];
    private readonly Dictionary<int, byte[]> _overflowImages = [];
    private readonly ArrayBufferWriter<byte> _scratch = new(PageFormat.PageSize);

    /// <summary>Where pages come from.</summary>
    public DataSpace Space => _space;

    /// <summary>Puts a committed row on a page, or takes it off when it was deleted.</summary>
    public void Place(LabTable table, RowSlot slot)
    {
        if (table.Pages.IsFreed)
        {
            return;
        }

        RowPage? page = slot.Page == 0 ? null : table.Pages.All[slot.Page];
        if (page is not null)
        {
            FreeOverflow(slot);
            page.Used -= slot.Size;
            _dirty.Add(page);
        }

        if (slot.Committed is null)
        {
            Leave(table, page, slot);
            return;
        }

        int length = EncodeValues(slot);
        int idLength = LengthOf(slot.Id);
        bool isLong = 2 + idLength + length > PageFormat.Capacity;
        int size = isLong ? 2 + idLength + 8 : 2 + idLength + length;
        if (page is not null && page.Used + size > PageFormat.Capacity)
        {
            Leave(table, page, slot);
            page = null;
        }

        page ??= Enter(table, slot, size);
        page.Used += size;
        slot.Size = size;
        slot.Page = page.Number;
        _dirty.Add(page);
        if (isLong)
        {
            WriteOverflow(table, slot);
        }
    }

    /// <summary>Gives back the pages of a dropped table.</summary>
    public void Free(LabTable table)
    {
        if (table.Pages.IsFreed)
        {
            return;
        }

        table.Pages.IsFreed = true;
        foreach (RowPage page in table.Pages.All.Values)
        {
            foreach (RowSlot slot in page.Rows)
            {
                FreeOverflow(slot);
            }

            _dirty.Remove(page);
            _space.Free(page.Number);
        }

        table.Pages.All.Clear();
    }

    /// <summary>Gives the images of all changed pages; they count as written from then on.</summary>
    public List<(int Number, byte[] Page)> TakeDirty(BootRecord boot)
    {
        List<(int Number, byte[] Page)> images = [.. _space.FileIds.Select(FileHeader), (PageFormat.BootPage, boot.ToPage())];
        foreach (RowPage page in _dirty)
        {
            images.Add((page.Number, Image(page)));
        }

        _dirty.Clear();
        foreach ((int number, byte[] image) in _overflowImages)
        {
            images.Add((number, image));
        }

        _overflowImages.Clear();
        images.AddRange(_space.TakeDirty());
        foreach ((int number, byte[] image) in images)
        {
            PageFormat.Stamp(image, boot.CheckpointLsn);
            _space.Written(number, boot.CheckpointLsn);
        }

        return images;
    }

    private static (int Number, byte[] Page) FileHeader(int fileId)
    {
        byte[] page = new byte[PageFormat.PageSize];
        int number = PageFormat.Number(fileId, 0);
        PageFormat.Seal(page, PageType.FileHeader, number);
        return (number, page);
    }

    private static int LengthOf(long id)
    {
        int length = 1;
        for (ulong rest = (ulong)id >> 7; rest > 0; rest >>= 7)
        {
            length++;
        }

        return length;
    }

    private int EncodeValues(RowSlot slot)
    {
        _scratch.ResetWrittenCount();
        RowCodec.Write(_scratch, slot.Committed!);
        return _scratch.WrittenCount;
    }

    private RowPage Enter(LabTable table, RowSlot slot, int size)
    {
        RowPage? page = table.Pages.FindRoom(size);
        if (page is null)
        {
            page = new RowPage(_space.Allocate(table.Def.FileGroupId), table.Def.ObjectId);
            table.Pages.Add(page);
        }

        page.Rows.Add(slot);
        return page;
    }

    private void Leave(LabTable table, RowPage? page, RowSlot slot)
    {
        slot.Page = 0;
        if (page is null)
        {
            return;
        }

        page.Rows.Remove(slot);
        if (page.Rows.Count == 0)
        {
            table.Pages.Remove(page);
            _dirty.Remove(page);
            _space.Free(page.Number);
        }
        else if (page.Used < PageFormat.Capacity / 2)
        {
            table.Pages.Roomy.Add(page);
        }
    }

    private void FreeOverflow(RowSlot slot)
    {
        if (_overflow.Remove(slot, out int[]? pages))
        {
            foreach (int page in pages)
            {
                _overflowImages.Remove(page);
                _space.Free(page);
            }
        }
    }

    private void WriteOverflow(LabTable table, RowSlot slot)
    {
        ReadOnlySpan<byte> bytes = _scratch.WrittenSpan;
        int[] pages = new int[(bytes.Length + PageFormat.Capacity - 1) / PageFormat.Capacity];
        for (int i = 0; i < pages.Length; i++)
        {
            pages[i] = _space.Allocate(table.Def.FileGroupId);
        }

        for (int i = 0; i < pages.Length; i++)
        {
            byte[] image = new byte[PageFormat.PageSize];
            ReadOnlySpan<byte> part = bytes[(i * PageFormat.Capacity)..Math.Min((i + 1) * PageFormat.Capacity, bytes.Length)];
            part.CopyTo(image.AsSpan(PageFormat.HeaderSize));
            PageFormat.Seal(image, PageType.Overflow, pages[i], table.Def.ObjectId, 1, part.Length, i + 1 < pages.Length ? pages[i + 1] : 0);
            _overflowImages[pages[i]] = image;
        }

        _overflow[slot] = pages;
    }

    private byte[] Image(RowPage page)
    {
        byte[] image = new byte[PageFormat.PageSize];
        int offset = PageFormat.HeaderSize;
        foreach (RowSlot slot in page.Rows)
        {
            _scratch.ResetWrittenCount();
            RowCodec.WriteNumber(_scratch, (ulong)slot.Id);
            int idLength = _scratch.WrittenCount;
            RowCodec.Write(_scratch, slot.Committed!);
            if (_overflow.TryGetValue(slot, out int[]? pages))
            {
                BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(offset), IsOverflow);
                _scratch.WrittenSpan[..idLength].CopyTo(image.AsSpan(offset + 2));
                BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(offset + 2 + idLength), pages[0]);
                BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(offset + 6 + idLength), _scratch.WrittenCount - idLength);
                offset += 10 + idLength;
            }
            else
            {
                BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(offset), (ushort)_scratch.WrittenCount);
                _scratch.WrittenSpan.CopyTo(image.AsSpan(offset + 2));
                offset += 2 + _scratch.WrittenCount;
            }
        }

        PageFormat.Seal(image, PageType.Rows, page.Number, page.ObjectId, page.Rows.Count, offset - PageFormat.HeaderSize);
        return image;
    }
}
