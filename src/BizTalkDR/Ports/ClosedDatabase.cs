using System;

namespace BizTalkDR.Ports;

/// <summary>What a server remembers of how a database came to be RESTORING or in standby.</summary>
/// <remarks>
/// Two things leave a database so. After a restore it holds nothing that the restored backups do not. After a backup of its log WITH NORECOVERY or STANDBY ("BACKUP (Transact-SQL)")
/// it holds work that may be in that backup alone. Which of the two it was is documented in no column; what is documented is enough to prove a restore:
/// - every recovery begins a new recovery fork ("Recovery Paths"), so a database on the very fork that the newest restored backup ends on (last_recovery_fork_guid of msdb.dbo.backupset) was not opened since;
/// - it then stands no further than that backup reaches (redo_start_lsn of sys.master_files, last_lsn of msdb.dbo.backupset).
/// Where redo_start_lsn is NULL for every data file, "the on-disk state of the file is unknown, and the file must be restored from a full backup"
/// ("Planning a Piecemeal Restore Sequence for a File in the Restoring, Recovery-Pending, or Offline State").
/// </remarks>
public sealed record ClosedDatabase
{
    /// <summary>Whether nothing in it can be used any more: a full restore was cut short.</summary>
    public bool IsContentUnknown { get; init; }

    /// <summary>Where roll-forward stands in the file that is furthest; null when not known.</summary>
    public LogPosition? StandsAt { get; init; }

    /// <summary>The recovery fork that all its data files stand on; null when that is not known, or they differ.</summary>
    public Guid? ForkGuid { get; init; }

    /// <summary>The newest restore into it; null when msdb knows none.</summary>
    public RestoredBackup? Restored { get; init; }

    /// <summary>The newest backup of its log that closed it; null when msdb knows none.</summary>
    public ClosingBackup? ClosedBy { get; init; }

    /// <summary>Whether the newest restore is proven to be what left it as it is.</summary>
    public bool IsByRestore =>
        ForkGuid is { } fork
        && Restored is { ForkGuid: { } restored, LastLsn: { } last }
        && fork == restored
        && !(StandsAt > last)
        && !IsClosedSince;

    /// <summary>Whether it is proven that replacing it loses nothing that it alone holds. Where its content is unknown and a backup of its log cannot be read, somebody has to decide.</summary>
    public bool HoldsNothing => IsByRestore || (IsContentUnknown && !(IsClosedSince && ClosedBy is { IsThere: false }));

    /// <summary>Whether a backup of its log closed it after the newest restore.</summary>
    private bool IsClosedSince => ClosedBy is { } backup && !(backup.FinishedLocal <= Restored?.RestoredLocal);
}

/// <summary>What msdb.dbo.restorehistory and msdb.dbo.backupset say of the newest restore into a database; null is what they do not say.</summary>
public sealed record RestoredBackup
{
    /// <summary>Local time of the server when it was done.</summary>
    public DateTime? RestoredLocal { get; init; }

    /// <summary>last_lsn of the backup.</summary>
    public LogPosition? LastLsn { get; init; }

    /// <summary>last_recovery_fork_guid of the backup.</summary>
    public Guid? ForkGuid { get; init; }
}

/// <summary>A log backup WITH NORECOVERY (is_force_offline of msdb.dbo.backupset), which leaves the database RESTORING.</summary>
/// <param name="Path">Its first file.</param>
/// <param name="BackupSetGuid">Its identity.</param>
/// <param name="FinishedLocal">Local time of the server when it came to its end.</param>
public sealed record ClosingBackup(string Path, Guid BackupSetGuid, DateTime FinishedLocal)
{
    /// <summary>Whether the file still holds it, as far as its headers tell.</summary>
    public bool IsThere { get; init; }
}
