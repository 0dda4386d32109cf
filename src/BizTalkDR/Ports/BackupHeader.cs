using System;
using System.Collections.Generic;

namespace BizTalkDR.Ports;

/// <summary>Kind of a backup set, as HEADERONLY numbers it.</summary>
public enum MediaBackupKind
{
    Other = 0,
    Full = 1,
    Log = 2,
    Differential = 5,
}

/// <summary>One row of RESTORE HEADERONLY: a backup set in a file.</summary>
/// <param name="Position">Place in the file, from 1.</param>
/// <param name="Kind">Full, log, …</param>
/// <param name="ServerName">Instance that wrote it.</param>
/// <param name="DatabaseName">Database at that time.</param>
public sealed record BackupHeader(int Position, MediaBackupKind Kind, string ServerName, string DatabaseName)
{
    public string? Name { get; init; }

    public LogPosition FirstLsn { get; init; }

    /// <summary>The LSN <i>after</i> the last record in the backup.</summary>
    public LogPosition LastLsn { get; init; }

    public LogPosition CheckpointLsn { get; init; }

    public LogPosition DatabaseBackupLsn { get; init; }

    /// <summary>CheckpointLSN of the full that a differential builds on; zero for other kinds.</summary>
    public LogPosition DifferentialBaseLsn { get; init; }

    /// <summary>Set GUID of the full that a differential builds on; empty for other kinds.</summary>
    public Guid DifferentialBaseGuid { get; init; }

    /// <summary>Where the first fork was left for the other one; zero when the backup stays on one fork, or nobody can tell.</summary>
    public LogPosition ForkPointLsn { get; init; }

    public Guid BackupSetGuid { get; init; }

    public Guid FamilyGuid { get; init; }

    /// <summary>Fork at the end of the backup.</summary>
    public Guid RecoveryForkGuid { get; init; }

    /// <summary>Fork at its start; differs when the database was recovered in between.</summary>
    public Guid FirstRecoveryForkGuid { get; init; }

    public Guid BindingGuid { get; init; }

    /// <summary>Server local time.</summary>
    public DateTime StartedLocal { get; init; }

    /// <summary>Server local time.</summary>
    public DateTime FinishedLocal { get; init; }

    public long BackupSizeBytes { get; init; }

    public long? CompressedSizeBytes { get; init; }

    public Version SoftwareVersion { get; init; } = new(0, 0);

    public string RecoveryModel { get; init; } = string.Empty;

    public bool IsDamaged { get; init; }

    public bool HasBackupChecksums { get; init; }

    public bool IsCopyOnly { get; init; }

    public bool HasBulkLoggedData { get; init; }

    /// <summary>Collation of the database; null when not said.</summary>
    public string? Collation { get; init; }

    /// <summary>Thumbprint of the certificate or key the backup is encrypted with, as 0x and hexadecimal digits; null when it is not.</summary>
    public string? EncryptorThumbprint { get; init; }
}

/// <summary>What RESTORE LABELONLY says: which part of which medium a file is.</summary>
/// <param name="MediaSetGuid">The same in all stripes of a medium, and in copies of them.</param>
/// <param name="FamilyCount">How many stripes the medium has; a restore needs all of them.</param>
/// <param name="FamilyNumber">Which one this is, from 1.</param>
public sealed record MediaLabel(Guid MediaSetGuid, int FamilyCount, int FamilyNumber);

/// <summary>A row of RESTORE FILELISTONLY.</summary>
/// <param name="LogicalName">Name inside the database.</param>
/// <param name="PhysicalName">Path at the source.</param>
/// <param name="Type">D data, L log, F full text, S FILESTREAM or memory-optimised.</param>
/// <param name="SizeBytes">Size it will have.</param>
/// <param name="FileId">Number in the database.</param>
public sealed record BackupDataFile(string LogicalName, string PhysicalName, char Type, long SizeBytes, long FileId)
{
    /// <summary>Thumbprint of the certificate that encrypts the database (TDE), as 0x and hexadecimal digits; null when nothing does.</summary>
    public string? TdeThumbprint { get; init; }
}

/// <summary>A folder as a server sees it.</summary>
/// <param name="IsVisible">Whether the server can see it at all.</param>
/// <param name="Files">Its files by name.</param>
public sealed record ServerFolder(bool IsVisible, IReadOnlyList<FolderEntry> Files)
{
    /// <summary>Full paths of the folders in it, by name.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];
}
