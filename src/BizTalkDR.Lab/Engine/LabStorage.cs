using System;
using System.IO;

namespace BizTalkDR.Lab.Engine;

/// <summary>All durable writes of an instance go through here, so that a test can count syncs and end the process between two of them.</summary>
public sealed class LabStorage
{
    /// <summary>Number of syncs so far in this process.</summary>
    public long SyncCount => throw new NotImplementedException();

    /// <summary>Called after each sync with its number; the kill tests end the process here.</summary>
    public Action<long>? AfterSync { get; set; }

    /// <summary>Opens a file for unbuffered positioned access.</summary>
    public DurableFile Open(string path, FileMode mode, FileAccess access = FileAccess.ReadWrite) => throw new NotImplementedException();

    /// <summary>Writes a small file atomically: temporary name, sync, rename, sync of the folder.</summary>
    public void ReplaceFile(string path, ReadOnlySpan<byte> content) => throw new NotImplementedException();
}

/// <summary>A file with positioned reads and writes and an explicit sync.</summary>
public sealed class DurableFile : IDisposable
{
    public long Length => throw new NotImplementedException();

    public void Write(long offset, ReadOnlySpan<byte> data) => throw new NotImplementedException();

    public int Read(long offset, Span<byte> buffer) => throw new NotImplementedException();

    public void SetLength(long length) => throw new NotImplementedException();

    public void Sync() => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
