using System;

namespace BizTalkDR.BackupFiles;

/// <summary>Why nothing at all can be told from a file.</summary>
public enum BackupFileError
{
    /// <summary>There is no such file.</summary>
    NotFound,

    /// <summary>The file may not be read by this user.</summary>
    AccessDenied,

    /// <summary>Another process holds the file, for example the server that still writes it.</summary>
    InUse,

    /// <summary>The path names a directory.</summary>
    IsDirectory,

    /// <summary>The path leads to a pipe or a device, which is never opened: reading one may wait forever.</summary>
    NotAFile,

    /// <summary>The path cannot be a path: empty, too long or with characters that no path has.</summary>
    InvalidPath,

    /// <summary>The path leads through links that lead back to themselves.</summary>
    LinkLoop,

    /// <summary>The stream cannot seek.</summary>
    NotSeekable,

    /// <summary>The operating system failed to read.</summary>
    ReadFailed,

    /// <summary>The file has no bytes.</summary>
    Empty,

    /// <summary>The file is too short to hold even the first block of a backup.</summary>
    TooShort,

    /// <summary>The file is not a SQL Server backup, an encrypted one, or one of another product: its first bytes say neither TAPE nor MSSQLBAK.</summary>
    UnknownFormat,

    /// <summary>A compressed backup in a record form that this reader has no sample of.</summary>
    UnreadableCompression,

    /// <summary>The file is another than when it was opened.</summary>
    Changed,
}

/// <summary>Says that a file cannot be read as a backup, and why.</summary>
public sealed class BackupFileException : Exception
{
    internal BackupFileException(BackupFileError error, string file, string message, Exception? cause = null)
        : base(message, cause)
    {
        Error = error;
        File = file;
    }

    /// <summary>What is wrong.</summary>
    public BackupFileError Error { get; }

    /// <summary>The path or name the file was opened by.</summary>
    public string File { get; }
}
