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

    public static LabSqlException FamiliesMissing(int families, int given) => new(
        3132, 16, 1, $"The media set has {families} media families but only {given} are provided. All members must be provided.");

    public static LabSqlException OtherFamilyCount(string device, int families, int given) => new(
        3231, 16, 1, $"The media loaded on \"{device}\" is formatted to support {families} media families, but {given} media families are expected according to the backup device specification.");

    public static LabSqlException FamilyTwice(string device, int family, string other) => new(
        3227, 16, 1, $"The backup media on \"{device}\" is part of media family {family} which has already been processed on \"{other}\". Ensure that backup devices are correctly specified. For tape devices, ensure that the correct volumes are loaded.");

    public static LabSqlException OtherMedium(string device) => new(
        3258, 16, 1, $"The volume on the device \"{device}\" is not part of the media set that is currently being processed. Ensure that the backup devices are loaded with the correct media.");

    public static LabSqlException OtherSet(string device, int family) => new(
        3232, 16, 1, $"The volume mounted on \"{device}\" does not have the expected backup set identity. The volume may be obsolete due to a more recent overwrite of this media family. In that case, locate the correct volume with sequence number 1 of media family {family}.");

    public static LabSqlException OtherMediaName(BackupMedium medium, string wanted) => new(
        4037, 16, 1, $"The user-specified MEDIANAME \"{wanted}\" does not match the MEDIANAME \"{medium.Media.Name}\" of the device \"{medium.Device}\".");

    public static LabSqlException NoCertificate(byte[] thumbprint) => new(
        33111, 16, 3, $"Cannot find server certificate with thumbprint '0x{Convert.ToHexString(thumbprint)}'.");

    public static LabSqlException OtherEncryption() => new(
        3095, 16, 1, "The backup cannot be performed because 'ENCRYPTION' was requested after the media was formatted with an incompatible structure. To append to this media set, either omit 'ENCRYPTION' or create a new media set by using WITH FORMAT in your BACKUP statement. If you use WITH FORMAT on an existing media set, all its backup sets will be overwritten.");

    /// <summary>Plain and compressed sets cannot be on one medium.</summary>
    /// <param name="option">COMPRESSION or NO_COMPRESSION.</param>
    public static LabSqlException OtherContainer(string option)
    {
        string other = option == "COMPRESSION" ? "NO_COMPRESSION" : "COMPRESSION";
        return new(
            3098, 16, 2, $"The backup cannot be performed because '{option}' was requested after the media was formatted with an incompatible structure. To append to this media set, either omit '{option}' or specify '{other}'. Alternatively, you can create a new media set by using WITH FORMAT in your BACKUP statement. If you use WITH FORMAT on an existing media set, all its backup sets will be overwritten.");
    }

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
