using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>One file in the file list of a backup set (facts: backup-file-format.md §6.3).</summary>
internal sealed record BackupFileInfo
{
    public int FileId { get; init; }

    public bool IsLog { get; init; }

    /// <summary>0 for the log.</summary>
    public int FileGroupId { get; init; } = FileGroupEntry.Primary;

    public string LogicalName { get; init; } = string.Empty;

    public string PhysicalName { get; init; } = string.Empty;

    public Guid UniqueId { get; init; }

    public long SizeBytes { get; init; }

    /// <summary>Usual "unlimited" of SQL Server: 16 TB for data, 2 TB for log.</summary>
    public long MaxSizeBytes { get; init; }

    public long BackupSizeBytes { get; init; }

    /// <summary>Pages of this file in the set; 0 in log backups.</summary>
    public int PagesInBackup { get; init; }

    public int SourceBlockSize { get; init; } = 512;

    public Lsn DifferentialBaseLsn { get; init; }

    public Guid DifferentialBaseGuid { get; init; }
}

/// <summary>The header of a backup set (facts: backup-file-format.md §3.3 and §6).</summary>
internal sealed record BackupSetInfo
{
    public const int FlagReadOnly = 0x4;
    public const int FlagSingleUser = 0x8;
    public const int FlagChecksums = 0x10;
    public const int FlagDamaged = 0x20;
    public const int FlagTailLog = 0x40;
    public const int FlagIncompleteMetadata = 0x80;
    public const int FlagNoRecovery = 0x100;
    public const int FlagAlways = 0x200;
    public const int FlagCopyOnly = 0x400;
    public const int FlagBulkLogged = 0x1;
    public const int FlagDifferential = 0x800;

    public int Position { get; init; } = 1;

    public string? Name { get; init; }

    public string? Description { get; init; }

    public string? UserName { get; init; }

    /// <summary>D full, I differential, L log.</summary>
    public char Type { get; init; } = 'D';

    public int Flags { get; init; } = FlagAlways;

    public Guid SetGuid { get; init; }

    public DateTime StartDate { get; init; }

    public DateTime? FinishDate { get; init; }

    /// <summary>Server time zone in quarter hours from UTC.</summary>
    public sbyte TimeZoneQuarters { get; init; }

    public Lsn FirstLsn { get; init; }

    public Lsn LastLsn { get; init; }

    public Lsn CheckpointLsn { get; init; }

    public Lsn DatabaseBackupLsn { get; init; }

    public Guid LastFullSetGuid { get; init; }

    public DateTime? DatabaseCreationDate { get; init; }

    public string DatabaseName { get; init; } = string.Empty;

    public string ServerName { get; init; } = string.Empty;

    public string MachineName { get; init; } = string.Empty;

    public string? Collation { get; init; }

    public byte SortOrder { get; init; } = 52;

    public int DatabaseId { get; init; }

    public int DatabaseVersion { get; init; } = 957;

    public byte CompatibilityLevel { get; init; } = 160;

    public byte SoftwareMajor { get; init; } = 16;

    public byte SoftwareMinor { get; init; }

    public int SoftwareBuild { get; init; } = 4135;

    public int UnicodeLocale { get; init; } = 1033;

    public int UnicodeComparisonStyle { get; init; } = 196609;

    public long BackupSize { get; init; }

    public long CompressedBackupSize { get; init; }

    public Guid BindingId { get; init; }

    public Guid RecoveryForkId { get; init; }

    /// <summary>Fork the backup begins on; differs from <see cref="RecoveryForkId"/> when the fork point lies in a log backup.</summary>
    public Guid FirstRecoveryForkId { get; init; }

    public Lsn ForkPointLsn { get; init; }

    /// <summary>Fork before the current one; empty when never restored.</summary>
    public Guid ParentForkId { get; init; }

    public Guid FamilyId { get; init; }

    public RecoveryModel RecoveryModel { get; init; } = RecoveryModel.Full;

    public Lsn LogChainStartLsn { get; init; }

    public Lsn DifferentialBaseLsn { get; init; }

    public Guid DifferentialBaseGuid { get; init; }

    public IReadOnlyList<BackupFileInfo> Files { get; init; } = [];

    public IReadOnlyList<FileGroupEntry> FileGroups { get; init; } = [FileGroupEntry.PrimaryGroup];

    public DateTime? ExpirationDate { get; init; }

    /// <summary>Transparent encryption of the database; null when there is none.</summary>
    public DatabaseEncryption? Encryption { get; init; }

    public bool HasChecksums => (Flags & FlagChecksums) != 0;

    public bool IsCopyOnly => (Flags & FlagCopyOnly) != 0;

    public bool BeginsLogChain => Type == 'L' && FirstLsn == LogChainStartLsn && !FirstLsn.IsZero;

    /// <summary>BackupType of RESTORE HEADERONLY.</summary>
    public short TypeNumber => Type switch { 'D' => 1, 'L' => 2, 'F' => 4, 'I' => 5, 'G' => 6, 'P' => 7, 'Q' => 8, _ => 0 };

    public string TypeDescription => Type switch
    {
        'D' => "Database",
        'L' => "Transaction Log",
        'F' => "File or Filegroup",
        'I' => "Database Differential",
        'G' => "File Differential",
        'P' => "Partial",
        'Q' => "Partial Differential",
        _ => string.Empty,
    };

    public bool IsDamaged => (Flags & FlagDamaged) != 0;

    public IEnumerable<BackupFileInfo> DataFiles => Files.Where(f => !f.IsLog);

    public string? GroupNameOf(BackupFileInfo file) => FileGroups.FirstOrDefault(g => g.Id == file.FileGroupId)?.Name;
}

/// <summary>The label of a medium (facts: backup-file-format.md §3.2).</summary>
internal sealed record MediaInfo
{
    public Guid MediaSetId { get; init; }

    public uint MediaFamilyId { get; init; }

    public int FamilyCount { get; init; } = 1;

    public int FamilyNumber { get; init; } = 1;

    public int MirrorCount { get; init; } = 1;

    public string? Name { get; init; }

    public string? Description { get; init; }

    public string SoftwareName { get; init; } = "Microsoft SQL Server";

    public int VendorId { get; init; } = 0x1200;

    public DateTime Date { get; init; }

    /// <summary>Whether the files are compressed containers.</summary>
    public bool IsCompressed { get; init; }

    /// <summary>Algorithm of an encrypted medium, as RESTORE HEADERONLY names it; null when it is not encrypted.</summary>
    public string? KeyAlgorithm { get; init; }

    public byte[]? EncryptorThumbprint { get; init; }

    /// <summary>Bytes of a soft filemark: the sector size of the medium.</summary>
    public int FilemarkSize { get; init; } = 512;
}
