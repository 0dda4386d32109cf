using System;
using System.IO;
using System.Threading;

namespace BizTalkDR.Lab.Engine;

/// <summary>All durable writes of an instance go through here, so that a test can count syncs and end the process between two of them.</summary>
public sealed class LabStorage
{
    private long _syncCount;

    /// <summary>Number of syncs so far in this process.</summary>
    public long SyncCount => Interlocked.Read(ref _syncCount);

    /// <summary>Called after each sync with its number; the kill tests end the process here.</summary>
    public Action<long>? AfterSync { get; set; }

    /// <summary>Opens a file for unbuffered positioned access.</summary>
    /// <param name="path">Full path of the file.</param>
    /// <param name="mode">A new file's folder entry is synced at once, so that the file is still there after a crash.</param>
    /// <param name="access">What the caller does with it; other handles may always read.</param>
    public DurableFile Open(string path, FileMode mode, FileAccess access = FileAccess.ReadWrite)
    {
        bool isNew = mode is FileMode.Create or FileMode.CreateNew or FileMode.OpenOrCreate && !File.Exists(path);
        FileShare share = access == FileAccess.Read ? FileShare.ReadWrite | FileShare.Delete : FileShare.Read | FileShare.Delete;
        DurableFile file = new(this, File.OpenHandle(path, mode, access, share));
        if (isNew)
        {
            SyncFolder(path);
        }

        return file;
    }

    /// <summary>Writes a small file atomically: temporary name, sync, rename, sync of the folder.</summary>
    public void ReplaceFile(string path, ReadOnlySpan<byte> content)
    {
        string temporary = path + ".new";
        using (DurableFile file = new(this, File.OpenHandle(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.Read)))
        {
            file.Write(0, content);
            file.Sync();
        }

        Rename(temporary, path);
    }

    /// <summary>Gives a finished file its final name, replacing what is there, and syncs the folder.</summary>
    internal void Rename(string temporary, string path)
    {
        File.Move(temporary, path, overwrite: true);
        SyncFolder(path);
    }

    internal void CountSync()
    {
        long number = Interlocked.Increment(ref _syncCount);
        AfterSync?.Invoke(number);
    }

    /// <summary>Makes a new name durable. Windows keeps folder entries in its own journal; there is nothing to call.</summary>
    private void SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        UnixFolder.Sync(folder);
        CountSync();
    }
}
