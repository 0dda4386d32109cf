using System;
using System.Collections.Generic;
using System.IO;
using BizTalkDR.BackupFiles;
using BizTalkDR.Ports;
using Finding = BizTalkDR.Reports.Finding;

namespace BizTalkDR.Files;

/// <summary>How whole a backup in a file is, as far as its headers tell.</summary>
public enum FileBackupState
{
    /// <summary>It is there to its end. Whether its content is undamaged is for a test to say.</summary>
    Complete,

    /// <summary>Its end is missing: cut off, not finished, or still being written.</summary>
    Incomplete,

    /// <summary>The file grew or changed while it was read.</summary>
    Growing,

    /// <summary>Headers of it are damaged.</summary>
    Damaged,
}

/// <summary>One backup in a file, as the file itself tells. What the file does not tell is null, and <see cref="Unknown"/> says why.</summary>
/// <remarks>Named like a file (FullName, Name), so that it goes through a pipeline where a file does. Times are local times of the source server.</remarks>
public sealed record FileBackup(string FullName, int Position)
{
    /// <summary>Name of the file without its folder.</summary>
    public string Name => BackupPath.NameOf(FullName);

    /// <summary>The file's folder.</summary>
    public string? Folder => BackupPath.FolderOf(FullName);

    public string? Database { get; init; }

    public string? Server { get; init; }

    public MediaBackupKind? Type { get; init; }

    public FileBackupState State { get; init; }

    public DateTime? StartLocal { get; init; }

    public DateTime? FinishLocal { get; init; }

    /// <summary>Offset of the source server's local time from UTC.</summary>
    public TimeSpan? UtcOffset { get; init; }

    /// <summary>LSNs as SQL Server shows them: numeric(25,0).</summary>
    public decimal? FirstLsn { get; init; }

    /// <summary>LSN behind the last record.</summary>
    public decimal? LastLsn { get; init; }

    public decimal? CheckpointLsn { get; init; }

    public decimal? DatabaseBackupLsn { get; init; }

    public decimal? DifferentialBaseLsn { get; init; }

    public Guid? BackupSetGuid { get; init; }

    public Guid? DifferentialBaseGuid { get; init; }

    public Guid? RecoveryForkId { get; init; }

    public Guid? FamilyGuid { get; init; }

    public Guid? BindingId { get; init; }

    public BackupContainer Container { get; init; }

    /// <summary>Size of the file in bytes.</summary>
    public long FileSizeBytes { get; init; }

    /// <summary>Uncompressed size in bytes, over all stripes.</summary>
    public long? BackupSizeBytes { get; init; }

    public bool? HasBackupChecksums { get; init; }

    /// <summary>Whether the medium or the backup has a password.</summary>
    public bool? IsPasswordProtected { get; init; }

    public bool? IsCopyOnly { get; init; }

    public RecoveryModel? RecoveryModel { get; init; }

    public Version? SoftwareVersion { get; init; }

    public int? DatabaseVersion { get; init; }

    public string? MachineName { get; init; }

    public Guid? MediaSetId { get; init; }

    /// <summary>Stripes of the medium.</summary>
    public int? StripeCount { get; init; }

    /// <summary>Which of them this file is, from 1.</summary>
    public int? StripeNumber { get; init; }

    /// <summary>The database's files, log files last.</summary>
    public IReadOnlyList<DatabaseFile> Files { get; init; } = [];

    /// <summary>Mark that the file's name claims; null when the name is not one of BizTalk's log backups.</summary>
    public string? ClaimedMark { get; init; }

    /// <summary>Marks in the log, in its order, and the claimed one if it was not seen; null when they were not read.</summary>
    public IReadOnlyList<FileMark>? Marks { get; init; }

    /// <summary>How well reading this file's headers is established for the version that wrote it.</summary>
    public SupportLevel Support { get; init; }

    /// <summary>How well reading marks is established for it.</summary>
    public SupportLevel MarkSupport { get; init; }

    /// <summary>What is worth knowing: damage, a name that says something else than the header, a password, stripes.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Why each value that is null is not known.</summary>
    public IReadOnlyDictionary<string, string> Unknown { get; init; } = new Dictionary<string, string>();

    /// <summary>Values that are not final or not proven, and why.</summary>
    public IReadOnlyDictionary<string, string> Unproven { get; init; } = new Dictionary<string, string>();

    /// <summary>Every field of the header, each with how well it is established.</summary>
    public BackupFiles.BackupSet? Header { get; init; }

    /// <summary>Gives file, position and content in one line.</summary>
    public override string ToString() => $"{Name} ({Position}): {Type?.ToString() ?? "unknown"} of {Database ?? "unknown"}";
}
