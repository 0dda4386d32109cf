using System;
using System.IO;
using System.Security;
using System.Threading;
using BizTalkDR.BackupFiles;
using BizTalkDR.Errors;

namespace BizTalkDR.Files;

/// <summary>Translates what can be wrong with a backup file, read without a server, into the catalogue.</summary>
public static class FileErrors
{
    private const int LongestShown = 300;

    /// <summary>Gives the catalogue's name for why nothing can be told from a file.</summary>
    public static RecoveryError CodeOf(BackupFileError error) => error switch
    {
        BackupFileError.NotFound => RecoveryError.BackupFileNotFound,
        BackupFileError.AccessDenied => RecoveryError.BackupFileAccessDenied,
        BackupFileError.InUse or BackupFileError.Changed => RecoveryError.BackupFileInUse,
        BackupFileError.IsDirectory or BackupFileError.InvalidPath or BackupFileError.LinkLoop or BackupFileError.NotAFile => RecoveryError.BackupPathInvalid,
        BackupFileError.Empty => RecoveryError.BackupFileEmpty,
        BackupFileError.TooShort => RecoveryError.BackupFileTruncated,
        BackupFileError.UnknownFormat => RecoveryError.BackupFormatUnknown,
        BackupFileError.UnreadableCompression => RecoveryError.BackupFormatUnreadable,
        _ => RecoveryError.BackupMediaUnreadable,
    };

    /// <summary>Makes the error for a file.</summary>
    public static RecoveryException From(BackupFileException error, string path) =>
        new(CodeOf(error.Error), Shown(path), error.Message, error.Error == BackupFileError.ReadFailed ? "Try the file from another place or another copy of it: the disk, the share or the network failed." : null, error);

    /// <summary>Gives the error of a blob as it is; a reading that was stopped ends as that of a file does.</summary>
    internal static RecoveryException OfBlob(RecoveryException error, CancellationToken cancellationToken) =>
        error.Code == RecoveryError.OperationCancelled ? throw new OperationCanceledException(error.Message, error, cancellationToken) : error;

    /// <summary>Makes the error for a backup of which not even one set's header could be read.</summary>
    internal static RecoveryException NothingToTell(BackupFile file, string why) =>
        new(RecoveryError.BackupFileTruncated, file.Name, $"'{file.Name}' begins like a backup, but no backup set in it can be read: {why}");

    /// <summary>Makes the error for whatever else a file made the reader do: the other files are still wanted.</summary>
    internal static RecoveryException Unexpected(string path, Exception cause) =>
        new(RecoveryError.BackupMediaUnreadable, Shown(path), $"'{Shown(path)}' could not be read: {cause.GetType().Name}, {cause.Message}", "Use another copy of the file, and report this one: the reader should have had a name for what is wrong with it.", cause);

    /// <summary>Makes the error for a folder that cannot be listed.</summary>
    internal static RecoveryException OfFolder(string folder, Exception cause)
    {
        string shown = Shown(folder);
        return cause switch
        {
            UnauthorizedAccessException or SecurityException =>
                new(RecoveryError.BackupFileAccessDenied, shown, $"The folder '{shown}' may not be read by this user.", cause: cause),
            DirectoryNotFoundException => new(RecoveryError.BackupFileNotFound, shown, $"The folder '{shown}' is not there any more.", cause: cause),
            PathTooLongException or ArgumentException => new(RecoveryError.BackupPathInvalid, shown, $"The folder '{shown}' has a path that cannot be opened: {cause.Message}", cause: cause),
            _ => new(RecoveryError.BackupMediaUnreadable, shown, $"The folder '{shown}' could not be listed: {cause.Message}", "Try again; if it fails again, see to the disk, the share or the network.", cause),
        };
    }

    /// <summary>Gives a path for a message: one of thousands of characters would hide the message.</summary>
    public static string Shown(string path) => path.Length > LongestShown ? path.Substring(0, LongestShown) + "…" : path;
}
