using System;
using System.Collections.Generic;

namespace BizTalkDR.Ports;

/// <summary>Who may connect.</summary>
public enum DatabaseAccess
{
    MultiUser = 0,
    SingleUser = 1,
    RestrictedUser = 2,
}

/// <summary>A database of an instance: sys.databases and what tells it apart from another of the same name.</summary>
/// <param name="Name">Name as the server writes it.</param>
/// <param name="State">state_desc: ONLINE, RESTORING, RECOVERING, SUSPECT, OFFLINE, …</param>
public sealed record DatabaseFacts(string Name, string State)
{
    /// <summary>Stands for the name of an availability group that the login may not see.</summary>
    public const string HiddenGroup = "(not visible to this login)";

    public bool IsInStandby { get; init; }

    public DatabaseAccess Access { get; init; }

    public DateTime CreatedLocal { get; init; }

    /// <summary>database_guid; null when the database cannot be opened.</summary>
    public Guid? DatabaseGuid { get; init; }

    public Guid? FamilyGuid { get; init; }

    public Guid? RecoveryForkGuid { get; init; }

    /// <summary>recovery_model_desc: FULL, BULK_LOGGED, SIMPLE.</summary>
    public string RecoveryModel { get; init; } = string.Empty;

    /// <summary>Where the next log backup begins (last_log_backup_lsn). Documented: NULL when no log backup can be taken, because of SIMPLE or because there is no full backup yet; also when the database cannot be opened.</summary>
    public LogPosition? NextLogBackupLsn { get; init; }

    /// <summary>End of its log (log_end_lsn of sys.dm_db_log_stats), which moves on with every change; null when it was not asked for, or nobody could tell.</summary>
    public string? LogEnd { get; init; }

    /// <summary>How it came to be RESTORING or in standby; null when it is neither, or was not asked for.</summary>
    public ClosedDatabase? Closed { get; init; }

    /// <summary>Availability group that it has joined here; null when it is in none.</summary>
    public string? AvailabilityGroup { get; init; }

    /// <summary>Whether it is ONLINE.</summary>
    public bool IsOnline => string.Equals(State, "ONLINE", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it is RESTORING.</summary>
    public bool IsRestoring => string.Equals(State, "RESTORING", StringComparison.OrdinalIgnoreCase);
}

/// <summary>A row of sys.master_files: where roll-forward of a file stands.</summary>
/// <param name="FileId">Number in the database.</param>
/// <param name="IsLog">Whether it is a log file.</param>
/// <param name="LogicalName">Name inside the database.</param>
/// <param name="PhysicalName">Path.</param>
/// <param name="State">state_desc.</param>
/// <param name="RedoStartLsn">Where the next roll-forward must start; null = not restoring, or unknown state on disk.</param>
/// <param name="RedoStartForkGuid">Recovery fork of that point.</param>
public sealed record RedoFile(
    int FileId, bool IsLog, string LogicalName, string PhysicalName, string State, LogPosition? RedoStartLsn, Guid? RedoStartForkGuid);

/// <summary>What MarkLog holds with regard to one mark.</summary>
/// <param name="TableExists">Whether the database has dbo.MarkLog.</param>
/// <param name="MarkCount">Rows with exactly this mark.</param>
/// <param name="NewestMark">The mark with the newest stamp; null when the table is empty.</param>
public sealed record MarkLogFacts(bool TableExists, int MarkCount, string? NewestMark);

/// <summary>A row of msdb.dbo.logmarkhistory.</summary>
public sealed record MarkHistoryRow(string Database, string MarkName, LogPosition Lsn, DateTime MarkedLocal);

/// <summary>A row of msdb.dbo.restorehistory. Its column stop_before is left out: name and documented values (0 = halted before the mark) contradict each other.</summary>
/// <param name="Id">restore_history_id.</param>
/// <param name="Database">destination_database_name.</param>
/// <param name="Kind">restore_type: D, L, …</param>
/// <param name="StopAtMark">stop_at_mark_name.</param>
/// <param name="Recovery">Whether it ended with recovery.</param>
public sealed record RestoreHistoryRow(long Id, string Database, char Kind, string? StopAtMark, bool Recovery)
{
    /// <summary>backup_set_uuid of the backup that was restored; null when msdb does not know it any more.</summary>
    public Guid? BackupSetGuid { get; init; }

    /// <summary>Local time of the server when it was done; null when msdb does not say.</summary>
    public DateTime? RestoredLocal { get; init; }

    /// <summary>last_lsn of that backup.</summary>
    public LogPosition? LastLsn { get; init; }

    /// <summary>last_recovery_fork_guid of that backup.</summary>
    public Guid? ForkGuid { get; init; }
}
