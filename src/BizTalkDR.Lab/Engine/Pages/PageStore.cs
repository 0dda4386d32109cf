using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>Keeps rows on data pages: puts them there at checkpoints, reads them when they are asked for. Guarded by the database's gate.</summary>
/// <remarks>Pages belong to one table each. What a checkpoint changes is in memory until it is written; all else is in the file and in the cache.</remarks>
internal sealed partial class PageStore(LabDatabase database)
{
    private readonly DataSpace _space = new();

    /// <summary>Pages in use by tables.</summary>
    private readonly Dictionary<int, PageUse> _uses = [];

    /// <summary>Pages of rows the checkpoint at hand changes.</summary>
    private readonly Dictionary<int, PageImage> _open = [];
    private readonly Dictionary<int, byte[]> _overflowImages = [];

    /// <summary>Pages that have become free since the last checkpoint; the second those of the checkpoint at hand.</summary>
    private HashSet<int> _freed = [];
    private HashSet<int> _takenFreed = [];
    private List<PageImage> _taken = [];
    private List<KeyValuePair<int, byte[]>> _takenOverflow = [];
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

        PageImage? page = slot.Page == 0 ? null : TryOpen(table, slot.Page);
        if (page is not null)
        {
            FreeOverflow(table, page.Remove(slot.Id));
        }

        if (slot.Committed is not { } values)
        {
            Leave(table, page);
            slot.Page = 0;
            return;
        }

        int idLength = Encode(slot.Id, values);
        bool isLong = 2 + _scratch.WrittenCount > PageFormat.Capacity;
        int size = isLong ? 2 + idLength + 8 : 2 + _scratch.WrittenCount;
        if (page is not null && page.Used + size > PageFormat.Capacity)
        {
            Leave(table, page);
            page = null;
        }

        page ??= FindRoom(table, size);
        int overflow = isLong ? WriteOverflow(table, _scratch.WrittenSpan[idLength..]) : 0;
        Span<byte> row = stackalloc byte[PageFormat.Capacity];
        row = row[..size];
        BinaryPrimitives.WriteUInt16LittleEndian(row, isLong ? PageImage.IsOverflow : (ushort)_scratch.WrittenCount);
        _scratch.WrittenSpan[..(isLong ? idLength : _scratch.WrittenCount)].CopyTo(row[2..]);
        if (isLong)
        {
            BinaryPrimitives.WriteInt32LittleEndian(row[(2 + idLength)..], overflow);
            BinaryPrimitives.WriteInt32LittleEndian(row[(6 + idLength)..], _scratch.WrittenCount - idLength);
        }

        page.Add(row);
        slot.Page = page.Number;
    }

    /// <summary>Gives back the pages of a dropped table.</summary>
    public void Free(LabTable table)
    {
        if (table.Pages.IsFreed)
        {
            return;
        }

        table.Pages.IsFreed = true;
        List<int> pages = [];
        foreach ((int number, PageUse use) in _uses)
        {
            if (use.ObjectId == table.Def.ObjectId)
            {
                pages.Add(number);
            }
        }

        pages.ForEach(Free);
    }

    /// <summary>Gives the images of all changed pages; <see cref="Written"/> says when they are in the file.</summary>
    public List<(int Number, byte[] Page)> TakeDirty(BootRecord boot)
    {
        List<(int Number, byte[] Page)> images = [.. _space.FileIds.Select(FileHeader), (PageFormat.BootPage, boot.ToPage())];
        foreach (PageImage page in _open.Values)
        {
            images.Add((page.Number, page.Seal()));
            _uses[page.Number] = new PageUse(page.ObjectId, page.Used);
        }

        foreach ((int number, byte[] image) in _overflowImages)
        {
            images.Add((number, image));
        }

        _taken = [.. _open.Values];
        _takenOverflow = [.. _overflowImages];
        _open.Clear();
        _overflowImages.Clear();
        images.AddRange(_space.TakeDirty());
        foreach ((int number, byte[] image) in images)
        {
            PageFormat.Stamp(image, boot.CheckpointLsn);
            _space.Written(number, boot.CheckpointLsn);
        }

        return images;
    }

    /// <summary>Gives the pages that have become free since the last checkpoint.</summary>
    public IReadOnlyCollection<int> TakeFreed()
    {
        _takenFreed = _freed;
        _freed = [];
        return _takenFreed;
    }

    /// <summary>Takes the images back that were given out: they could not be written. Pages freed meanwhile stay free.</summary>
    public void TakeBack()
    {
        foreach (PageImage page in _taken)
        {
            if (_uses.ContainsKey(page.Number))
            {
                _open.TryAdd(page.Number, page);
            }
        }

        foreach ((int number, byte[] image) in _takenOverflow)
        {
            if (_uses.ContainsKey(number))
            {
                _overflowImages.TryAdd(number, image);
            }
        }

        _freed.UnionWith(_takenFreed.Where(n => !_uses.ContainsKey(n)));
        _takenFreed = [];
        _taken = [];
        _takenOverflow = [];
        _space.Touch();
    }

    private static (int Number, byte[] Page) FileHeader(int fileId)
    {
        byte[] page = new byte[PageFormat.PageSize];
        int number = PageFormat.Number(fileId, 0);
        PageFormat.Seal(page, PageType.FileHeader, number);
        return (number, page);
    }

    /// <summary>Encodes id and values; gives the length of the id.</summary>
    private int Encode(long id, object?[] values)
    {
        _scratch.ResetWrittenCount();
        RowCodec.WriteNumber(_scratch, (ulong)id);
        int idLength = _scratch.WrittenCount;
        RowCodec.Write(_scratch, values);
        return idLength;
    }

    private PageImage Open(int number)
    {
        if (!_open.TryGetValue(number, out PageImage? page))
        {
            byte[] bytes = new byte[PageFormat.PageSize];
            if (!TryRead(number, bytes))
            {
                throw new DamagedPageException(DamagedPage.Of(number, bytes));
            }

            page = PageImage.Of(number, bytes);
            _open.Add(number, page);
        }

        return page;
    }

    /// <summary>Opens a page to change it; one that is damaged is left as it is, and its table is not used any more.</summary>
    private PageImage? TryOpen(LabTable table, int number)
    {
        try
        {
            return Open(number);
        }
        catch (DamagedPageException e)
        {
            Spoil(table, e.Page);
            return null;
        }
    }

    private void Spoil(LabTable table, DamagedPage page)
    {
        page = page with { ObjectId = table.Def.ObjectId };
        table.Damage ??= page;
        table.Pages.Leave(page.Number);
        _damaged.Add(page);

        // A row may now be on it and elsewhere: the next start looks for itself.
        database.OpenFile().Index.Forget();
    }

    /// <summary>Opens a page of the table with room for a row, taking a new one when a look at a few does not find any.</summary>
    private PageImage FindRoom(LabTable table, int size)
    {
        TablePages pages = table.Pages;
        if (pages.Filling != 0 && Use(pages.Filling).Used + size <= PageFormat.Capacity && TryOpen(table, pages.Filling) is { } filling)
        {
            return filling;
        }

        // A look at a few is enough: a page more costs less than a long search.
        foreach (int number in pages.Roomy.Take(8).ToArray())
        {
            int used = Use(number).Used;
            if (used + size <= PageFormat.Capacity)
            {
                if (TryOpen(table, number) is { } roomy)
                {
                    return roomy;
                }

                continue;
            }

            if (used > PageFormat.Capacity / 2)
            {
                pages.Roomy.Remove(number);
            }
        }

        PageImage page = PageImage.New(_space.Allocate(table.Def.FileGroupId), table.Def.ObjectId);
        _open.Add(page.Number, page);
        _freed.Remove(page.Number);
        _uses[page.Number] = new PageUse(page.ObjectId, 0);
        pages.Add(page.Number);
        return page;
    }

    /// <summary>Says how a page is used; one being changed knows best itself.</summary>
    private PageUse Use(int number) =>
        _open.TryGetValue(number, out PageImage? page) ? new PageUse(page.ObjectId, page.Used) : _uses[number];

    /// <summary>A row has left the page: it is freed when it was the last, and otherwise may take another.</summary>
    private void Leave(LabTable table, PageImage? page)
    {
        if (page is null)
        {
            return;
        }

        if (page.Rows == 0)
        {
            table.Pages.Remove(page.Number);
            Free(page.Number);
        }
        else if (page.Used < PageFormat.Capacity / 2)
        {
            table.Pages.Roomy.Add(page.Number);
        }
    }

    private void Free(int number)
    {
        _open.Remove(number);
        _overflowImages.Remove(number);
        _uses.Remove(number);
        Forget(number);
        _freed.Add(number);
        _space.Free(number);
    }

    private void FreeOverflow(LabTable table, int first)
    {
        byte[] buffer = new byte[PageFormat.PageSize];
        while (first != 0)
        {
            if (!_overflowImages.TryGetValue(first, out byte[]? image))
            {
                if (!TryRead(first, buffer))
                {
                    // Where the rest of the row is nobody can tell: it stays in use.
                    Spoil(table, DamagedPage.Of(first, buffer));
                    return;
                }

                image = buffer;
            }

            int next = PageFormat.NextOf(image);
            Free(first);
            first = next;
        }
    }

    private int WriteOverflow(LabTable table, ReadOnlySpan<byte> values)
    {
        int[] pages = new int[(values.Length + PageFormat.Capacity - 1) / PageFormat.Capacity];
        for (int i = 0; i < pages.Length; i++)
        {
            pages[i] = _space.Allocate(table.Def.FileGroupId);
        }

        for (int i = 0; i < pages.Length; i++)
        {
            byte[] image = new byte[PageFormat.PageSize];
            ReadOnlySpan<byte> part = values[(i * PageFormat.Capacity)..Math.Min((i + 1) * PageFormat.Capacity, values.Length)];
            part.CopyTo(image.AsSpan(PageFormat.HeaderSize));
            PageFormat.Seal(image, PageType.Overflow, pages[i], table.Def.ObjectId, 1, part.Length, i + 1 < pages.Length ? pages[i + 1] : 0);
            _overflowImages[pages[i]] = image;
            _freed.Remove(pages[i]);
            _uses[pages[i]] = new PageUse(table.Def.ObjectId, PageFormat.Capacity);
        }

        return pages[0];
    }

    /// <summary>Tells which table each page belongs to.</summary>
    public Dictionary<int, int> Owners() => _uses.ToDictionary(u => u.Key, u => u.Value.ObjectId);

    private readonly record struct PageUse(int ObjectId, int Used);
}
