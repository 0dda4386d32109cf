using System;

namespace BizTalkDR.BackupFiles;

/// <summary>Kind of a backup set; the numbers are those of <c>BackupType</c> in RESTORE HEADERONLY.</summary>
public enum BackupType
{
    /// <summary>Full database backup (D).</summary>
    Database = 1,

    /// <summary>Log backup (L).</summary>
    Log = 2,

    /// <summary>File or filegroup backup (F).</summary>
    File = 4,

    /// <summary>Differential database backup (I).</summary>
    Differential = 5,

    /// <summary>Differential file backup (G).</summary>
    DifferentialFile = 6,

    /// <summary>Partial backup (P).</summary>
    Partial = 7,

    /// <summary>Differential partial backup (Q).</summary>
    DifferentialPartial = 8,
}

/// <summary>Recovery model of the database when it was backed up.</summary>
public enum RecoveryModel
{
    /// <summary>Everything is logged in full and the log is kept until it is backed up.</summary>
    Full,

    /// <summary>Bulk operations are logged as the extents they touched.</summary>
    BulkLogged,

    /// <summary>The log is reused; no log backups.</summary>
    Simple,
}

/// <summary>Bits of the number that RESTORE HEADERONLY calls Flags (backup-file-format.md §6.1).</summary>
[Flags]
public enum BackupSetFlags : long
{
    None = 0,
    HasBulkLoggedData = 0x1,
    IsSnapshot = 0x2,
    IsReadOnly = 0x4,
    IsSingleUser = 0x8,
    HasBackupChecksums = 0x10,
    IsDamaged = 0x20,
    BeginsTailLog = 0x40,
    HasIncompleteMetadata = 0x80,
    WithNoRecovery = 0x100,
    AlwaysSet = 0x200,
    PerhapsCopyOnly = 0x400,
    IsDifferential = 0x800,
}

/// <summary>How the bytes of a backup lie in its file.</summary>
public enum BackupContainer
{
    /// <summary>The tape image itself (first bytes TAPE).</summary>
    Plain,

    /// <summary>The tape image in compressed records (first bytes MSSQLBAK).</summary>
    Compressed,
}

/// <summary>Kind of a database file.</summary>
public enum DatabaseFileType
{
    /// <summary>Data file (D).</summary>
    Data,

    /// <summary>Log file (L).</summary>
    Log,
}
