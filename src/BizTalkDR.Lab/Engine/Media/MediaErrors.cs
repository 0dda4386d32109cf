using System;
using System.IO;

namespace BizTalkDR.Lab.Engine;

/// <summary>Errors of backup devices, numbers and texts as in sys.messages.</summary>
internal static class MediaErrors
{
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsSharing = unchecked((int)0x80070020);
    private const int UnixNoSpace = 28;

    public static LabSqlException CannotOpen(string device, Exception cause, bool forRestore) =>
        new(3201, 16, (byte)(forRestore ? 2 : 1), $"Cannot open backup device '{device}'. Operating system error {SystemError(cause)}.");

    public static LabSqlException WriteFailed(string device, Exception cause) =>
        new(3202, 16, 1, $"Write on \"{device}\" failed: {SystemError(cause)}");

    public static LabSqlException ReadFailed(string device, Exception cause) =>
        new(3203, 16, 1, $"Read on \"{device}\" failed: {SystemError(cause)}");

    public static LabSqlException EndOfFile(string device) =>
        new(3203, 16, 1, $"Read on \"{device}\" failed: 38(Reached the end of the file.)");

    public static LabSqlException Malformed(string device) =>
        new(3241, 16, 0, $"The media family on device '{device}' is incorrectly formed. SQL Server cannot process this media family.");

    public static LabSqlException NoBackupSet(string device) =>
        new(3242, 16, 1, $"The file on device '{device}' is not a valid Microsoft Tape Format backup set.");

    public static LabSqlException Empty(string device) => new(3254, 16, 1, $"The volume on device '{device}' is empty.");

    public static LabSqlException Incomplete(string device) => new(
        3256, 16, 1, $"The backup set on device '{device}' was terminated while it was being created and is incomplete. RESTORE sequence is terminated abnormally.");

    public static LabSqlException Damaged() => new(3189, 16, 1, "Damage to the backup set was detected.");

    public static LabSqlException NoSuchSet(string device, int file) => new(4038, 16, 1, $"Cannot find file ID {file} on device '{device}'.");

    public static LabSqlException BadEnd(string device) => new(
        3266, 16, 1, $"The backup data at the end of \"{device}\" is incorrectly formatted. Backup sets on the media might be damaged and unusable. To determine the backup sets on the media, use RESTORE HEADERONLY. To determine the usability of the backup sets, run RESTORE VERIFYONLY. If all of the backup sets are incomplete, reformat the media using BACKUP WITH FORMAT, which destroys all the backup sets.");

    /// <summary>Words an operating system error as SQL Server does: number and text of Windows, on every system.</summary>
    private static string SystemError(Exception cause) => cause switch
    {
        FileNotFoundException => "2(The system cannot find the file specified.)",
        DirectoryNotFoundException => "3(The system cannot find the path specified.)",
        UnauthorizedAccessException => "5(Access is denied.)",
        PathTooLongException => "206(The filename or extension is too long.)",
        IOException { HResult: WindowsDiskFull or UnixNoSpace } => "112(There is not enough space on the disk.)",
        IOException { HResult: WindowsSharing } => "32(The process cannot access the file because it is being used by another process.)",
        _ => "1117(The request could not be performed because of an I/O device error.)",
    };
}
