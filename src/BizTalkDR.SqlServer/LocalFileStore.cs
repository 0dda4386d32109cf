using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Ports;

namespace BizTalkDR.SqlServer;

/// <summary>Sees files from this computer.</summary>
public sealed class LocalFileStore : IFileStore
{
    /// <inheritdoc/>
    public IReadOnlyList<FolderEntry>? ListFiles(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).GetFiles()
                .OrderBy(f => f.Name, StringComparer.OrdinalIgnoreCase)
                .Select(f => new FolderEntry(f.Name, f.FullName, f.Length))
                .ToList();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public byte[]? Read(string path, int mostBytes)
    {
        try
        {
            return SizeOf(path) <= mostBytes ? File.ReadAllBytes(path) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public long? SizeOf(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Exists ? file.Length : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
