using System.Collections.Generic;

namespace BizTalkDR.Ports;

/// <summary>Sees backup files from where the product runs (not from where a SQL Server runs).</summary>
public interface IFileStore
{
    /// <summary>Lists the files of a folder, not of the folders in it.</summary>
    /// <returns>The files by name; null when the folder is not there or may not be read.</returns>
    IReadOnlyList<FolderEntry>? ListFiles(string folder);

    /// <summary>Gives the size of a file in bytes; null when it is not there.</summary>
    long? SizeOf(string path);

    /// <summary>Reads a small file whole; null when it is not there, cannot be read or is larger.</summary>
    byte[]? Read(string path, int mostBytes);
}

/// <summary>A file of a folder.</summary>
/// <param name="Name">File name without folder.</param>
/// <param name="Path">Full path, as the one who listed it sees it.</param>
/// <param name="SizeBytes">Size; null when the lister cannot tell.</param>
public sealed record FolderEntry(string Name, string Path, long? SizeBytes);
