using System;
using System.Globalization;
using System.IO;

namespace BizTalkDR.Lab.Engine;

/// <summary>Errors of RESTORE, numbers and texts as in sys.messages.</summary>
internal static class RestoreErrors
{
    public static LabSqlException NoDatabase(string name) => new(
        3118, 16, 1, $"The database \"{name}\" does not exist. RESTORE can only create a database when restoring either a full backup or a file backup of the primary file.");

    public static LabSqlException NotReadyToRollForward() => new(
        3117, 16, 1, "The log or differential backup cannot be restored because no files are ready to rollforward.");

    public static LabSqlException OtherDatabase(string name) => new(
        3154, 16, 4, $"The backup set holds a backup of a database other than the existing '{name}' database.");

    public static LabSqlException WrongKind(string device, char type) => new(
        3135, 16, 1, $"The backup set in file '{device}' was created by {(type == 'L' ? "BACKUP LOG" : "BACKUP DATABASE")} and cannot be used for this restore operation.");

    public static LabSqlException TooRecent(Lsn first, Lsn redo) => new(
        4305, 16, 1, $"The log in this backup set begins at LSN {Number(first)}, which is too recent to apply to the database. An earlier log backup that includes LSN {Number(redo)} can be restored.");

    public static LabSqlException TooEarly(Lsn last, Lsn redo) => new(
        4326, 16, 1, $"The log in this backup set terminates at LSN {Number(last)}, which is too early to apply to the database. A more recent log backup that includes LSN {Number(redo)} can be restored.");

    public static LabSqlException OtherPath() => new(
        4330, 16, 1, "This backup set cannot be applied because it is on a recovery path that is inconsistent with the database. The recovery path is the sequence of data and log backups that have brought the database to a particular recovery point. Find a compatible backup to restore, or restore the rest of the database to match a recovery point within this backup set, which will restore the database to a different point in time. For more information about recovery paths, see SQL Server Books Online.");

    public static LabSqlException AlreadyBeyond() => new(
        4335, 16, 1, "The specified STOPAT time is too early. All or part of the database is already rolled forward beyond that point.");

    public static LabSqlException StopTooEarly() => new(
        4338, 16, 1, "The STOPAT clause specifies a point too early to allow this backup set to be restored. Choose a different stop point or use RESTORE DATABASE WITH RECOVERY to recover at the current point.");

    public static LabSqlException MarkOnlyForLog() => new(
        4340, 16, 1, "The point-in-time clause of this RESTORE statement is restricted for use by RESTORE LOG statements only. Omit the clause or use a clause that includes a timestamp.");

    public static LabSqlException TailNotBackedUp(string name) => new(
        3159, 16, 1, $"The tail of the log for the database \"{name}\" has not been backed up. Use BACKUP LOG WITH NORECOVERY to backup the log if it contains work you do not want to lose. Use the WITH REPLACE or WITH STOPAT clause of the RESTORE statement to just overwrite the contents of the log.");

    public static LabSqlException NewerVersion(BackupSetInfo set) => new(
        3169, 16, 1, string.Create(CultureInfo.InvariantCulture, $"The database was backed up on a server running version {set.SoftwareMajor}.{set.SoftwareMinor:D2}.{set.SoftwareBuild:D4}. That version is incompatible with this server, which is running version 16.00.4135. Either restore the database on a server that supports the backup, or use a backup that is compatible with this server."));

    public static LabSqlException UpgradeNeeded() => new(
        3180, 16, 2, "This backup cannot be restored using WITH STANDBY because a database upgrade is needed. Reissue the RESTORE without WITH STANDBY.");

    public static LabSqlException WrongBase() => new(
        3136, 16, 1, "This differential backup cannot be restored because the database has not been restored to the correct earlier state.");

    public static LabSqlException AlreadyRestored() => new(
        3120, 16, 1, "This backup set will not be restored because all data has already been restored to a point beyond the time covered by this backup set.");

    public static LabSqlException InAvailabilityGroup(string name) => new(
        3104, 16, 1, $"RESTORE cannot operate on database '{name}' because it is configured for database mirroring or has joined an availability group. If you intend to restore the database, use ALTER DATABASE to remove mirroring or to remove the database from its availability group.");

    public static LabSqlException NoStopInSimple() => new(
        3145, 16, 1, "The STOPAT option is not supported for databases that use the SIMPLE recovery model.");

    public static LabSqlException BulkChanges() => new(
        4341, 16, 1, "This log backup contains bulk-logged changes. It cannot be used to stop at an arbitrary point in time.");

    public static LabSqlException DamagedPage(int page, string database) => new(
        3183, 16, 1, $"RESTORE detected an error on page {PageFormat.NameOf(page)} in database \"{database}\" as read from the backup set.");

    public static SqlMessage NothingToRestart(string file) => new(
        3018, 10, 1, $"The restart-checkpoint file '{file}' was not found. The RESTORE command will continue from the beginning as if RESTART had not been specified.");

    public static LabSqlException TailNeeded(string name) => new(
        3173, 16, 1, $"The STOPAT clause provided with this RESTORE statement indicates that the tail of the log contains changes that must be backed up to reach the target point in time. The tail of the log for the database \"{name}\" has not been backed up. Use BACKUP LOG WITH NORECOVERY to back up the log, or use the WITH REPLACE clause in your RESTORE statement to overwrite the tail of the log.");

    public static LabSqlException DamagedSet() => new(
        3182, 16, 1, "The backup set cannot be restored because the database was damaged when the backup occurred. Salvage attempts may exploit WITH CONTINUE_AFTER_ERROR.");

    public static SqlMessage WrittenDamaged() => new(
        3188, 10, 1, "The backup set was written with damaged data by a BACKUP WITH CONTINUE_AFTER_ERROR.");

    public static SqlMessage DamageAccepted() => new(
        3184, 10, 1, "RESTORE WITH CONTINUE_AFTER_ERROR was successful but some damage was encountered. Inconsistencies in the database are possible.");

    /// <exception cref="LabSqlException">4323 when an earlier step went on after an error and this one would not.</exception>
    public static void RequireContinueAfterError(RestoreRequest request, LabDatabase database)
    {
        if (database.HasAcceptedDamage && !request.ContinueAfterError)
        {
            throw new LabSqlException(
                4323, 16, 1, "A previous RESTORE WITH CONTINUE_AFTER_ERROR operation left the database in a potentially damaged state. To continue this RESTORE sequence, all further steps must include the CONTINUE_AFTER_ERROR option.");
        }
    }

    public static SqlMessage PlanFailed() => new(3119, 16, 1, "Problems were identified while planning for the RESTORE statement. Previous messages provide details.");

    /// <summary>Asks whether sessions are in the way, just before it matters.</summary>
    /// <exception cref="LabSqlException">3101 for other sessions, 3102 for the session itself.</exception>
    public static void RequireExclusive(RestoreRequest request, LabDatabase database)
    {
        switch (request.InUseError?.Invoke(database) ?? 0)
        {
            case 0:
                return;
            case 3102:
                throw new LabSqlException(
                    3102, 16, 1, $"RESTORE cannot process database '{database.Name}' because it is in use by this session. It is recommended that the master database be used when performing this operation.");
            default:
                throw new LabSqlException(3101, 16, 1, "Exclusive access could not be obtained because the database is in use.");
        }
    }

    /// <summary>Full path of the standby file.</summary>
    /// <exception cref="LabSqlException">3170: no name, or its folder does not exist.</exception>
    public static string StandbyPath(RestoreRequest request, LabInstance instance)
    {
        string? path = string.IsNullOrWhiteSpace(request.StandbyFile) ? null : Path.GetFullPath(request.StandbyFile, instance.BackupFolder);
        return path is not null && Directory.Exists(Path.GetDirectoryName(path))
            ? path
            : throw new LabSqlException(3170, 16, 1, "The STANDBY filename is invalid.");
    }

    private static string Number(Lsn lsn) => lsn.ToDecimal().ToString(CultureInfo.InvariantCulture);
}
