using System;
using System.Collections.Generic;
using System.IO;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.Faults;

/// <summary>A disk with no room for more, or that may not be written at all, for as long as it is told so.</summary>
internal sealed class LimitedDisk : IDisk
{
    private readonly Dictionary<string, long> _lengths = new(StringComparer.Ordinal);

    public bool IsReal => true;

    public long? Room => Left == long.MaxValue ? null : Left;

    /// <summary>Bytes by which files may still grow; <see cref="long.MaxValue"/> = no limit.</summary>
    public long Left { get; set; } = long.MaxValue;

    /// <summary>Whether files may be neither made nor changed.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>How often it has refused something: a fault that was never met has shown nothing.</summary>
    public int Refusals { get; private set; }

    public void Open(string path, bool exists, bool truncates)
    {
        RequireWritable(path);
        if (exists && truncates)
        {
            Grow(path, 0);
        }
    }

    public void Write(string path, long offset, int length)
    {
        RequireWritable(path);
        Grow(path, Math.Max(offset + length, LengthOf(path)));
    }

    public void SetLength(string path, long length)
    {
        RequireWritable(path);
        Grow(path, length);
    }

    public void Sync(string path)
    {
        _lengths.Remove(path);
    }

    public void Rename(string from, string to)
    {
        RequireWritable(to);
        _lengths.Remove(from);
        _lengths.Remove(to);
    }

    public void Delete(string path)
    {
        RequireWritable(path);
        Grow(path, 0);
        _lengths.Remove(path);
    }

    public void SyncFolder(string folder)
    {
        // Names take no room.
    }

    private void RequireWritable(string path)
    {
        if (IsReadOnly)
        {
            Refusals++;
            throw new UnauthorizedAccessException($"Access to the path '{path}' is denied.");
        }
    }

    private long LengthOf(string path) => _lengths.TryGetValue(path, out long length) ? length : File.Exists(path) ? new FileInfo(path).Length : 0;

    private void Grow(string path, long length)
    {
        long more = length - LengthOf(path);
        if (Left != long.MaxValue)
        {
            if (more > Left)
            {
                Refusals++;
                throw DiskSpace.Full(path);
            }

            Left -= more;
        }

        _lengths[path] = length;
    }
}
