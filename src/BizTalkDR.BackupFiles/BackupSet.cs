using System;
using System.Collections.Generic;
using System.Threading;
using BizTalkDR.BackupFiles.Log;

namespace BizTalkDR.BackupFiles;

/// <summary>One backup on a medium, in the words of RESTORE HEADERONLY; what the file does not tell is unknown.</summary>
public sealed class BackupSet
{
    internal BackupSet(BackupFile file, int position)
    {
        File = file;
        Position = position;
    }

    /// <summary>The file this set was read from.</summary>
    public BackupFile File { get; }

    /// <summary>Number of the set on its medium, from 1.</summary>
    public int Position { get; internal set; }

    /// <summary>True when the set's closing header, set map and end marks are all there.</summary>
    public bool IsComplete { get; internal set; }

    public string BackupName { get; internal set; } = string.Empty;

    public string BackupDescription { get; internal set; } = string.Empty;

    public string UserName { get; internal set; } = string.Empty;

    public Known<string> MachineName { get; internal set; }

    public Known<Guid> BackupSetGuid { get; internal set; }

    public Known<bool> IsPasswordProtected { get; internal set; }

    /// <summary>Offset of the server's local time from UTC.</summary>
    public Known<TimeSpan> UtcOffset { get; internal set; }

    public Known<BackupType> Type { get; internal set; }

    public Known<string> DatabaseName { get; internal set; }

    public Known<string> ServerName { get; internal set; }

    /// <summary>Version of the server that wrote the backup: major, minor, build.</summary>
    public Known<Version> SoftwareVersion { get; internal set; }

    public Known<int> DatabaseVersion { get; internal set; }

    public Known<int> CompatibilityLevel { get; internal set; }

    /// <summary>In the server's local time.</summary>
    public Known<DateTime> DatabaseCreationDateLocal { get; internal set; }

    /// <summary>In the server's local time, to the second.</summary>
    public Known<DateTime> StartLocal { get; internal set; }

    /// <summary>In the server's local time, to the second.</summary>
    public Known<DateTime> FinishLocal { get; internal set; }

    public Known<Lsn> FirstLsn { get; internal set; }

    /// <summary>LSN right behind the last log record of the set.</summary>
    public Known<Lsn> LastLsn { get; internal set; }

    public Known<Lsn> CheckpointLsn { get; internal set; }

    /// <summary>CheckpointLSN of the full backup before this set.</summary>
    public Known<Lsn> DatabaseBackupLsn { get; internal set; }

    /// <summary>Zero when the set is no differential.</summary>
    public Known<Lsn> DifferentialBaseLsn { get; internal set; }

    public Known<Guid> DifferentialBaseGuid { get; internal set; }

    /// <summary>Set GUID of the full backup that <see cref="DatabaseBackupLsn"/> belongs to.</summary>
    public Known<Guid> LastFullBackupSetGuid { get; internal set; }

    /// <summary>Constant for one database on one server.</summary>
    public Known<Guid> BindingId { get; internal set; }

    /// <summary>Changes with every restore of the database.</summary>
    public Known<Guid> RecoveryForkId { get; internal set; }

    public Known<Guid> FamilyGuid { get; internal set; }

    /// <summary>Where the current fork began; zero if the database was never restored.</summary>
    public Known<Lsn> ForkPointLsn { get; internal set; }

    /// <summary>Where the log chain begins; zero in the SIMPLE recovery model.</summary>
    public Known<Lsn> LogChainStartLsn { get; internal set; }

    public Known<bool> BeginsLogChain { get; internal set; }

    public Known<BackupSetFlags> Flags { get; internal set; }

    /// <summary>True when the backup was taken WITH CHECKSUM.</summary>
    public Known<bool> HasBackupChecksums { get; internal set; }

    /// <summary>Status bits of the database, as in sysdatabases.status.</summary>
    public Known<int> DatabaseStatus { get; internal set; }

    public Known<RecoveryModel> RecoveryModel { get; internal set; }

    /// <summary>Uncompressed size in bytes of the set over all stripes.</summary>
    public Known<long> BackupSizeBytes { get; internal set; }

    /// <summary>Size in bytes as written, over all stripes; near the file size, not exact.</summary>
    public Known<long> CompressedBackupSizeBytes { get; internal set; }

    public Known<int> SortOrder { get; internal set; }

    public Known<int> UnicodeLocaleId { get; internal set; }

    public Known<long> UnicodeComparisonStyle { get; internal set; }

    /// <summary>Not told by the file: no sample shows where it is written.</summary>
    public Known<bool> IsCopyOnly { get; internal set; }

    /// <summary>Not told by the file: its place is unknown.</summary>
    public Known<DateTime> ExpirationDate { get; } = Known.Unknown<DateTime>("its place in the file is unknown");

    /// <summary>Not told by the file: its place is unknown.</summary>
    public Known<Guid> FirstRecoveryForkId { get; } = Known.Unknown<Guid>("its place in the file is unknown");

    /// <summary>The database's files, log files last.</summary>
    public IReadOnlyList<DatabaseFile> Files { get; internal set; } = Array.Empty<DatabaseFile>();

    /// <summary>Number of checksum streams in this file's part of the set.</summary>
    public int ChecksumStreams { get; internal set; }

    /// <summary>Where the set begins in the tape image.</summary>
    internal long ImageOffset { get; set; }

    /// <summary>Where the set begins in the file.</summary>
    internal long FileOffset { get; set; }

    internal int BlockCount { get; set; }

    internal uint SetAttributes { get; set; }

    /// <summary>Reads the transaction marks in the set's log, in log order, while the caller takes them.</summary>
    public LogMarkReading ReadMarks(CancellationToken cancellation = default) => new(this, cancellation);

    public override string ToString() => $"{Position}: {Type} {DatabaseName} {FirstLsn}..{LastLsn}";
}
