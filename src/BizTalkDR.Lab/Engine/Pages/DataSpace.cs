using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>The data files as a space to take pages from: which pages are in use, and which checkpoint wrote each.</summary>
internal sealed class DataSpace
{
    private const int PagesPerExtent = 8;
    private readonly SortedDictionary<int, (PageMap Map, int FileGroup)> _files = new() { [1] = (new PageMap(1), FileGroupEntry.Primary) };
    private readonly Dictionary<int, List<Lsn>> _written = [];

    public IReadOnlyCollection<int> FileIds => _files.Keys;

    public IReadOnlyDictionary<int, int> PageCounts => _files.ToDictionary(f => f.Key, f => f.Value.Map.PageCount);

    /// <summary>Makes the files known; those that are keep what they hold.</summary>
    public void Use(IEnumerable<DatabaseFile> files)
    {
        foreach (DatabaseFile file in files.Where(f => !f.IsLog))
        {
            PageMap map = _files.TryGetValue(file.FileId, out (PageMap Map, int FileGroup) known) ? known.Map : new PageMap(file.FileId);
            _files[file.FileId] = (map, file.FileGroupId);
        }
    }

    public PageMap MapOf(int fileId) => _files[fileId].Map;

    /// <summary>Takes a page of a file group, from its shortest file; of the primary one when the group has no file.</summary>
    public int Allocate(int fileGroup)
    {
        PageMap? shortest = null;
        foreach ((PageMap map, int group) in _files.Values)
        {
            if (group == fileGroup && (shortest is null || map.PageCount < shortest.PageCount))
            {
                shortest = map;
            }
        }

        return (shortest ?? _files[1].Map).Allocate();
    }

    public void Free(int page) => _files[PageFormat.FileOf(page)].Map.Free(PageFormat.PageOf(page));

    public bool IsUsed(int page) => _files.TryGetValue(PageFormat.FileOf(page), out (PageMap Map, int FileGroup) file) && file.Map.IsUsed(PageFormat.PageOf(page));

    public IEnumerable<(int Number, byte[] Page)> TakeDirty() => _files.Values.SelectMany(f => f.Map.TakeDirty());

    /// <summary>Makes the PFS pages of all files ones to be written.</summary>
    public void Touch()
    {
        foreach ((PageMap map, _) in _files.Values)
        {
            map.Touch();
        }
    }

    /// <summary>Notes the checkpoint that wrote a page.</summary>
    public void Written(int page, Lsn lsn)
    {
        int file = PageFormat.FileOf(page);
        if (!_written.TryGetValue(file, out List<Lsn>? pages))
        {
            _written.Add(file, pages = []);
        }

        int number = PageFormat.PageOf(page);
        while (pages.Count <= number)
        {
            pages.Add(Lsn.Zero);
        }

        pages[number] = lsn;
    }

    /// <summary>Lists the pages in use that were written after a checkpoint.</summary>
    public IEnumerable<int> ChangedSince(Lsn checkpoint)
    {
        foreach ((int file, List<Lsn> pages) in _written)
        {
            for (int page = 0; page < pages.Count; page++)
            {
                if (pages[page] > checkpoint)
                {
                    yield return PageFormat.Number(file, page);
                }
            }
        }
    }

    /// <summary>First pages of the extents of a file a differential backup must hold: those with a page in use written after the checkpoint.</summary>
    public IReadOnlyList<int> ChangedExtents(int fileId, Lsn checkpoint)
    {
        List<int> extents = [];
        List<Lsn> pages = _written.GetValueOrDefault(fileId) ?? [];
        for (int first = 0; first < pages.Count; first += PagesPerExtent)
        {
            for (int page = first; page < Math.Min(first + PagesPerExtent, pages.Count); page++)
            {
                if (pages[page] > checkpoint)
                {
                    extents.Add(first);
                    break;
                }
            }
        }

        return extents;
    }
}
