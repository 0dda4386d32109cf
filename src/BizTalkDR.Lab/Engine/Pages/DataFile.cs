using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>The data files on disk: pages by number, written at checkpoints only, each checkpoint whole or not at all.</summary>
/// <remarks>
/// A checkpoint's pages go to a second file first (name of the primary file + ".checkpoint") and are synced there; then they are written in
/// place. A crash in between is made good by copying that file's pages again when the database is opened.
/// </remarks>
internal sealed class DataFile : IDisposable
{
    private readonly SortedDictionary<int, DurableFile> _files;
    private readonly CheckpointCopy _copy;
    private readonly PageIndex _index;

    /// <summary>The last checkpoint, when its pages are not all in place.</summary>
    private (IReadOnlyList<(int Number, byte[] Page)> Pages, IReadOnlyDictionary<int, int> PageCounts)? _unfinished;

    /// <summary>Keeps a reader from a page that is half written.</summary>
    private readonly object _pageGate = new();

    private DataFile(SortedDictionary<int, DurableFile> files, CheckpointCopy copy, PageIndex index)
    {
        _files = files;
        _copy = copy;
        _index = index;
    }

    /// <summary>Ids of the files, 1 first.</summary>
    public IReadOnlyCollection<int> FileIds => _files.Keys;

    /// <summary>What is on the pages, so that a start need not read them.</summary>
    public PageIndex Index => _index;

    /// <summary>Files that stand beside the primary data file and go with it.</summary>
    public static string[] PathsBeside(string path) => [path + ".checkpoint", PageIndex.PathOf(path)];

    public static DataFile Create(IEnumerable<DatabaseFile> files, LabStorage storage) => Make(files, storage, FileMode.Create);

    public static DataFile Open(IEnumerable<DatabaseFile> files, LabStorage storage)
    {
        DataFile opened = Make(files, storage, FileMode.Open);
        if (opened._copy.Read() is { } last)
        {
            opened.WriteInPlace(last.Pages, last.PageCounts);
        }

        return opened;
    }

    public int PageCount(int fileId) => (int)(_files[fileId].Length / PageFormat.PageSize);

    public void Read(int page, Span<byte> buffer)
    {
        lock (_pageGate)
        {
            if (_files.TryGetValue(PageFormat.FileOf(page), out DurableFile? file)
                && file.Read((long)PageFormat.PageOf(page) * PageFormat.PageSize, buffer) == buffer.Length)
            {
                return;
            }
        }

        throw new InvalidDataException($"The data file ends before page {PageFormat.NameOf(page)}.");
    }

    /// <summary>Writes the pages of a checkpoint.</summary>
    /// <param name="pages">The pages.</param>
    /// <param name="pageCounts">Pages each file has from then on, by file id.</param>
    /// <param name="stamp">Stamp of the boot page among them.</param>
    /// <param name="freed">Pages that are free from then on.</param>
    public void Write(IReadOnlyList<(int Number, byte[] Page)> pages, IReadOnlyDictionary<int, int> pageCounts, ulong stamp, IReadOnlyCollection<int> freed)
    {
        if (_unfinished is { } before)
        {
            // Its copy is all that makes a half written checkpoint whole: not to be written over before it is in place.
            WriteInPlace(before.Pages, before.PageCounts);
        }

        // Room first: once the copy is complete, nothing may stand in the way of the pages.
        Grow(pageCounts);
        _index.Add(stamp, EntriesOf(pages, freed));
        try
        {
            _copy.Write(pages, pageCounts);
        }
        catch
        {
            _index.TakeBack();
            throw;
        }

        _unfinished = (pages, pageCounts);
        WriteInPlace(pages, pageCounts);
    }

    /// <summary>Replaces the whole content. Not atomic: the caller has noted that the content is unknown.</summary>
    public void Replace(IEnumerable<NumberedPage> pages)
    {
        Unknown();
        foreach (DurableFile file in _files.Values)
        {
            file.SetLength(0);
        }

        Overwrite(pages);
    }

    /// <summary>Overwrites pages. Not atomic: the caller has noted that the content is unknown.</summary>
    /// <param name="pages">The pages.</param>
    /// <param name="pageCounts">Pages each file has at least from then on.</param>
    public void Replace(IEnumerable<NumberedPage> pages, IReadOnlyDictionary<int, int> pageCounts)
    {
        Unknown();
        Grow(pageCounts);
        Overwrite(pages);
    }

    public void Dispose()
    {
        foreach (DurableFile file in _files.Values)
        {
            file.Dispose();
        }

        _copy.Dispose();
        _index.Dispose();
    }

    private static PageEntryWriter EntriesOf(IEnumerable<(int Number, byte[] Page)> pages, IEnumerable<int> freed)
    {
        PageEntryWriter entries = new();
        foreach (int number in freed)
        {
            entries.AddFreed(number);
        }

        foreach ((int number, byte[] page) in pages)
        {
            entries.Add(number, page);
        }

        return entries;
    }

    /// <summary>What is known of the content is no longer true.</summary>
    private void Unknown()
    {
        _copy.Forget();
        _index.Forget();
    }

    private static DataFile Make(IEnumerable<DatabaseFile> files, LabStorage storage, FileMode mode)
    {
        SortedDictionary<int, DurableFile> opened = [];
        try
        {
            string primary = string.Empty;
            foreach (DatabaseFile file in files.Where(f => !f.IsLog))
            {
                primary = file.FileId == 1 ? file.PhysicalName : primary;
                opened.Add(file.FileId, storage.Open(file.PhysicalName, mode));
            }

            FileMode copy = mode == FileMode.Create ? FileMode.Create : FileMode.OpenOrCreate;
            string[] beside = PathsBeside(primary);
            CheckpointCopy pages = new(storage.Open(beside[0], copy));
            return new DataFile(opened, pages, mode == FileMode.Create ? PageIndex.Create(storage, beside[1]) : PageIndex.Open(storage, beside[1]));
        }
        catch
        {
            foreach (DurableFile file in opened.Values)
            {
                file.Dispose();
            }

            throw;
        }
    }

    private void Overwrite(IEnumerable<NumberedPage> pages)
    {
        foreach (NumberedPage page in pages)
        {
            if (page.Bytes.Length != PageFormat.PageSize || !_files.TryGetValue(PageFormat.FileOf(page.Number), out DurableFile? file))
            {
                throw new InvalidDataException($"Page {PageFormat.NameOf(page.Number)} has {page.Bytes.Length} bytes, or no file.");
            }

            file.Write((long)PageFormat.PageOf(page.Number) * PageFormat.PageSize, page.Bytes.Span);
        }

        Sync();
    }

    private void WriteInPlace(IReadOnlyList<(int Number, byte[] Page)> pages, IReadOnlyDictionary<int, int> pageCounts)
    {
        foreach ((int number, byte[] page) in pages)
        {
            lock (_pageGate)
            {
                _files[PageFormat.FileOf(number)].Write((long)PageFormat.PageOf(number) * PageFormat.PageSize, page);
            }
        }

        Grow(pageCounts);
        Sync();
        _unfinished = null;
    }

    private void Grow(IReadOnlyDictionary<int, int> pageCounts)
    {
        foreach ((int id, int count) in pageCounts)
        {
            long length = (long)count * PageFormat.PageSize;
            if (_files.TryGetValue(id, out DurableFile? file) && file.Length < length)
            {
                file.Reserve(length);
            }
        }
    }

    private void Sync()
    {
        foreach (DurableFile file in _files.Values)
        {
            file.Sync();
        }
    }
}
