using System;
using System.IO;
using Microsoft.Win32.SafeHandles;

namespace BizTalkDR.Lab.Engine;

/// <summary>A file with positioned reads and writes and an explicit sync.</summary>
public sealed class DurableFile : IDisposable
{
    private readonly LabStorage _storage;
    private readonly string _path;
    private readonly SafeFileHandle _handle;

    internal DurableFile(LabStorage storage, string path, SafeFileHandle handle)
    {
        _storage = storage;
        _path = path;
        _handle = handle;
    }

    /// <summary>Length in bytes.</summary>
    public long Length => RandomAccess.GetLength(_handle);

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        _storage.BeforeWrite?.Invoke(_path, data.Length);
        if (_storage.Disk is null)
        {
            RandomAccess.Write(_handle, data, offset);
            return;
        }

        byte[] copy = data.ToArray();
        _storage.Do(disk => disk.Write(_path, offset, copy.Length), () => RandomAccess.Write(_handle, copy, offset));
    }

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

    public void SetLength(long length) => _storage.Do(disk => disk.SetLength(_path, length), () => RandomAccess.SetLength(_handle, length));

    /// <summary>Makes the file at least as long as that, with room on the disk for every byte.</summary>
    /// <exception cref="IOException">The disk is full; nothing has changed.</exception>
    public void Reserve(long length)
    {
        if (length > Length)
        {
            _storage.Do(disk => disk.SetLength(_path, length), () => DiskSpace.Take(_handle, _path, length));
        }
    }

    /// <summary>Returns when everything written so far is on the disk.</summary>
    public void Sync()
    {
        _storage.Do(disk => disk.Sync(_path), Flush);
        _storage.CountSync();
    }

    public void Dispose() => _handle.Dispose();

    private void Flush()
    {
        if (_storage.Disk is not { IsReal: false })
        {
            RandomAccess.FlushToDisk(_handle);
        }
    }
}
