using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer;

/// <summary>A folder of this machine's file system, or a share, that holds backups of computers.</summary>
public sealed class BackupFolder(string path) : IBackupFolder
{
    /// <inheritdoc/>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <inheritdoc/>
    public bool Exists(string name) => File.Exists(Place(name));

    /// <inheritdoc/>
    public IReadOnlyList<string> FoldersWith(string name) => !Directory.Exists(Path) ? []
        : Directory.GetDirectories(Path).Where(d => File.Exists(System.IO.Path.Combine(d, name))).Select(d => System.IO.Path.GetFileName(d)).OrderBy(n => n, StringComparer.OrdinalIgnoreCase).ToList();

    /// <inheritdoc/>
    public Stream Read(string name) => new FileStream(Place(name), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);

    /// <inheritdoc/>
    public void Write(string name, Action<Stream> content) => SafeFile.Write(Place(name), FileProtection.OwnerOnly, content);

    /// <inheritdoc/>
    public IBackupFolder Below(string name) => new BackupFolder(Place(name));

    private string Place(string name)
    {
        string[] names = name.Split('/');
        if (names.Any(n => n.Length == 0 || n is "." or ".." || n.IndexOfAny(['\\', ':']) >= 0))
            throw new RecoveryException(RecoveryError.BackupPathInvalid, name, $"'{name}' is no name of a file in the backup folder {Path}.");
        return names.Aggregate(Path, System.IO.Path.Combine);
    }
}
