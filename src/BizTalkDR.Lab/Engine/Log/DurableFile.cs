using System;
using System.IO;
using Microsoft.Win32.SafeHandles;

namespace BizTalkDR.Lab.Engine;

/// <summary>A file with positioned reads and writes and an explicit sync.</summary>
public sealed class DurableFile : IDisposable
{
    private readonly LabStorage _storage;
    private readonly SafeFileHandle _handle;

    internal DurableFile(LabStorage storage, SafeFileHandle handle)
    {
        _storage = storage;
        _handle = handle;
    }

    /// <summary>Length in bytes.</summary>
    public long Length => RandomAccess.GetLength(_handle);

    public void Write(long offset, ReadOnlySpan<byte> data) => RandomAccess.Write(_handle, data, offset);

    /// <summary>Reads until the buffer is full or the file ends.</summary>
    /// <returns>Bytes read.</returns>
    public int Read(long offset, Span<byte> buffer)
    {
        int total = 0;
        while (total < buffer.Length)
        {
            int read = RandomAccess.Read(_handle, buffer[total..], offset + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    public void SetLength(long length) => RandomAccess.SetLength(_handle, length);

    /// <summary>Returns when everything written so far is on the disk.</summary>
    public void Sync()
    {
        RandomAccess.FlushToDisk(_handle);
        _storage.CountSync();
    }

    public void Dispose() => _handle.Dispose();
}
