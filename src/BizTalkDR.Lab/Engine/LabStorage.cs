using System;
using System.IO;
using System.Threading;

namespace BizTalkDR.Lab.Engine;

/// <summary>All changes of files an instance makes go through here, so that syncs can be counted, the process ended between two of them, and faults put in.</summary>
public sealed class LabStorage
{
    private readonly object _diskGate = new();
    private long _syncCount;

    /// <summary>Number of syncs so far in this process.</summary>
    public long SyncCount => Interlocked.Read(ref _syncCount);

    /// <summary>Called after each sync with its number; the kill tests end the process here.</summary>
    public Action<long>? AfterSync { get; set; }

    /// <summary>Called with file and number of bytes before each write, outside of any lock: a volume of a fixed rate lets the writer wait here.</summary>
    internal Action<string, int>? BeforeWrite { get; set; }

    /// <summary>What stands between the instance and its files; null = nothing.</summary>
    internal IDisk? Disk { get; set; }

    /// <summary>Opens a file for unbuffered positioned access.</summary>
    /// <param name="path">Full path of the file.</param>
    /// <param name="mode">A new file's folder entry is synced at once, so that the file is still there after a crash.</param>
    /// <param name="access">What the caller does with it; other handles may always read.</param>
    public DurableFile Open(string path, FileMode mode, FileAccess access = FileAccess.ReadWrite)
    {
        bool isNew = mode is FileMode.Create or FileMode.CreateNew or FileMode.OpenOrCreate && !File.Exists(path);
        FileShare share = access == FileAccess.Read ? FileShare.ReadWrite | FileShare.Delete : FileShare.Read | FileShare.Delete;
        DurableFile file = access == FileAccess.Read ? new(this, path, File.OpenHandle(path, mode, access, share)) : Make(path, mode, share);
        if (isNew)
        {
            try
            {
                SyncFolder(path);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }

        return file;
    }

    /// <summary>Writes a small file atomically: temporary name, sync, rename, sync of the folder.</summary>
    public void ReplaceFile(string path, ReadOnlySpan<byte> content)
    {
        string temporary = path + ".new";
        using (DurableFile file = Make(temporary, FileMode.Create, FileShare.Read))
        {
            file.Write(0, content);
            file.Sync();
        }

        Rename(temporary, path);
    }

    /// <summary>Deletes a file that may be there.</summary>
    internal void Delete(string path)
    {
        if (File.Exists(path))
        {
            Do(disk => disk.Delete(path), () => File.Delete(path));
        }
    }

    /// <summary>Gives a finished file its final name, replacing what is there, and syncs the folder.</summary>
    internal void Rename(string temporary, string path)
    {
        Do(disk => disk.Rename(temporary, path), () => File.Move(temporary, path, overwrite: true));
        SyncFolder(path);
    }

    /// <summary>Makes a change of a file, if the disk lets it pass.</summary>
    internal void Do(Action<IDisk> ask, Action change)
    {
        if (Disk is not { } disk)
        {
            change();
            return;
        }

        lock (_diskGate)
        {
            ask(disk);
            change();
        }
    }

    internal void CountSync()
    {
        long number = Interlocked.Increment(ref _syncCount);
        AfterSync?.Invoke(number);
    }

    private DurableFile Make(string path, FileMode mode, FileShare share)
    {
        DurableFile? file = null;
        Do(
            disk => disk.Open(path, File.Exists(path), mode is FileMode.Create or FileMode.Truncate),
            () => file = new DurableFile(this, path, File.OpenHandle(path, mode, FileAccess.ReadWrite, share)));
        return file!;
    }

    /// <summary>Makes a new name durable. Windows keeps folder entries in its own journal; there is nothing to call.</summary>
    private void SyncFolder(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        if (Disk is not null)
        {
            Do(disk => disk.SyncFolder(folder), () => { });
        }

        if (OperatingSystem.IsWindows())
        {
            return;
        }

        if (Disk is not { IsReal: false })
        {
            UnixFolder.Sync(folder);
        }

        CountSync();
    }
}
