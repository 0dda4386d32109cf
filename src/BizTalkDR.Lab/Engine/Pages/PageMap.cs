using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>Knows which pages of one data file are in use, and makes the PFS pages that say so.</summary>
internal sealed class PageMap
{
    private readonly int _fileId;
    private readonly List<bool> _used = [];
    private readonly SortedSet<int> _free = [];
    private readonly HashSet<int> _dirty = [];

    public PageMap(int fileId)
    {
        _fileId = fileId;
        Clear();
    }

    /// <summary>Pages of the file; whole extents of eight.</summary>
    public int PageCount => (_used.Count + 7) / 8 * 8;

    public void Clear()
    {
        _used.Clear();
        _free.Clear();
        _dirty.Clear();
        for (int page = 0; page < PageFormat.FirstFreePage; page++)
        {
            _used.Add(page is 0 or 1 || (page == PageFormat.BootPage && _fileId == 1));
        }

        _dirty.Add(1);
    }

    /// <summary>Takes a page into use.</summary>
    /// <returns>Its number, which names the file too.</returns>
    public int Allocate()
    {
        int page;
        if (_free.Count > 0)
        {
            page = _free.Min;
            _free.Remove(page);
        }
        else
        {
            while (PageFormat.IsMap(_used.Count))
            {
                _dirty.Add(_used.Count);
                _used.Add(true);
            }

            page = _used.Count;
            _used.Add(false);
        }

        Mark(page, used: true);
        return PageFormat.Number(_fileId, page);
    }

    public void Free(int page)
    {
        Mark(page, used: false);
        _free.Add(page);
    }

    /// <summary>Takes over what a PFS page of the file says.</summary>
    public void Load(ReadOnlySpan<byte> map, int number, int pagesInFile)
    {
        int first = number == 1 ? 0 : number;
        int last = Math.Min(first + PageFormat.MapInterval, pagesInFile);
        for (int page = first; page < last; page++)
        {
            bool used = (map[PageFormat.MapOffset + (page % PageFormat.MapInterval)] & PageFormat.Allocated) != 0;
            while (_used.Count <= page)
            {
                _used.Add(false);
            }

            _used[page] = used;
            if (!used && page >= PageFormat.FirstFreePage)
            {
                _free.Add(page);
            }
        }
    }

    public bool IsUsed(int page) => page < _used.Count && _used[page];

    /// <summary>Gives the changed PFS pages.</summary>
    public IEnumerable<(int Number, byte[] Page)> TakeDirty()
    {
        List<(int, byte[])> pages = [];
        foreach (int number in _dirty)
        {
            byte[] page = new byte[PageFormat.PageSize];
            int first = number == 1 ? 0 : number;
            for (int i = first; i < Math.Min(first + PageFormat.MapInterval, _used.Count); i++)
            {
                page[PageFormat.MapOffset + (i % PageFormat.MapInterval)] = _used[i] ? PageFormat.Allocated : (byte)0;
            }

            PageFormat.Seal(page, PageType.Map, PageFormat.Number(_fileId, number));
            pages.Add((PageFormat.Number(_fileId, number), page));
        }

        _dirty.Clear();
        return pages;
    }

    /// <summary>Makes every PFS page one to be written: those that were taken did not get into the file.</summary>
    public void Touch()
    {
        for (int page = 1; page < _used.Count; page++)
        {
            if (PageFormat.IsMap(page))
            {
                _dirty.Add(page);
            }
        }
    }

    private void Mark(int page, bool used)
    {
        _used[page] = used;
        _dirty.Add(PageFormat.MapOf(page));
    }
}
