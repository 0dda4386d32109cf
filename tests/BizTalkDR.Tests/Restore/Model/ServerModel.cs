using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Tests.Restore.Model;

/// <summary>SQL Server's rules of restoring one database, rule by rule, written from the documentation and without a line of the planner.</summary>
/// <remarks>
/// Each rule names its message and where it is documented: "RESTORE arguments" is
/// https://learn.microsoft.com/sql/t-sql/statements/restore-statements-arguments-transact-sql, "errors" the list of database engine
/// errors, "recovery paths" https://learn.microsoft.com/sql/relational-databases/backup-restore/recovery-paths-sql-server,
/// "marks" https://learn.microsoft.com/sql/relational-databases/backup-restore/recovery-of-related-databases-that-contain-marked-transaction.
/// Facts: restore.md §4, backup-job.md §14, backup-file-format.md §10.
/// </remarks>
internal sealed class ServerModel
{
    private readonly Dictionary<string, ModelFile> _files;

    public ServerModel(IEnumerable<ModelFile> files) => _files = files.ToDictionary(f => f.Path, StringComparer.Ordinal);

    /// <summary>The set that a statement names, whether or not it can be read.</summary>
    public ModelSet SetOf(ModelStatement statement) => _files[statement.Paths[0]].Sets[statement.Position - 1];

    /// <summary>Answers a statement.</summary>
    public ModelAnswer Run(ModelDatabase? database, ModelStatement statement) => statement.Action switch
    {
        ModelAction.RestoreDatabase => FromMedia(database, statement, RestoreDatabase),
        ModelAction.RestoreLog => FromMedia(database, statement, RestoreLog),
        ModelAction.BackupTail => BackupTail(database),
        _ => Recover(database),
    };

    private static ModelAnswer Refuse(int error, ModelDatabase? database) => new(error, database);

    private ModelAnswer FromMedia(ModelDatabase? database, ModelStatement statement, Func<ModelDatabase?, ModelStatement, ModelSet, ModelAnswer> run)
    {
        var given = new List<ModelFile>();
        foreach (string path in statement.Paths)
        {
            // 3201: cannot open backup device (errors; facts restore.md §4).
            if (!_files.TryGetValue(path, out ModelFile? file))
            {
                return Refuse(3201, database);
            }

            // 3241: the media family on the device is incorrectly formed; 3203: read failed. One number stands for both here.
            if (!file.IsReadable)
            {
                return Refuse(3241, database);
            }

            given.Add(file);
        }

        // 3227: the backup media belongs to another media set; 3132: all members of the media set must be provided (RESTORE arguments, FROM <backup_device>).
        if (given.Any(f => f.MediaSet != given[0].MediaSet))
        {
            return Refuse(3227, database);
        }

        if (given.Select(f => f.Stripe).Distinct().Count() != given[0].Stripes || given.Count != given[0].Stripes)
        {
            return Refuse(3132, database);
        }

        // 3277 stands for "there is no such backup set on the medium" (RESTORE arguments, FILE).
        return statement.Position < 1 || statement.Position > given[0].Sets.Count
            ? Refuse(3277, database)
            : run(database, statement, given[0].Sets[statement.Position - 1]);
    }

    private static ModelAnswer RestoreDatabase(ModelDatabase? database, ModelStatement statement, ModelSet set)
    {
        // 3118/3135: RESTORE DATABASE takes a full or a differential backup, never a log.
        if (set.Kind == ModelKind.Log)
        {
            return Refuse(3135, database);
        }

        // 4340: a mark name is for RESTORE LOG only (facts restore.md §4; RESTORE arguments, STOPATMARK).
        if (statement.StopAtMark is not null)
        {
            return Refuse(4340, database);
        }

        return set.Kind == ModelKind.Full ? RestoreFull(database, statement, set) : RestoreDifferential(database, set);
    }

    private static ModelAnswer RestoreFull(ModelDatabase? database, ModelStatement statement, ModelSet set)
    {
        if (database is not null && !statement.Replace)
        {
            // 3154: the backup set holds a backup of a database other than the existing one; 3159: the tail has not been backed up (RESTORE arguments, REPLACE).
            if (database.Family != set.Family)
            {
                return Refuse(3154, database);
            }

            if (database is { State: ModelState.Online, HasTail: true })
            {
                return Refuse(3159, database);
            }
        }

        // The full brings its own log: the database is rolled forward to LastLSN, the first one it does not hold (backup-job.md §14).
        // A copy-only full cannot be the base of a differential (BACKUP arguments, COPY_ONLY).
        return new ModelAnswer(0, new ModelDatabase(ModelState.Restoring, set.Family, set.LastFork, set.LastLsn)
        {
            BaseId = set.IsCopyOnly ? Guid.Empty : set.SetId,
            BaseLsn = set.IsCopyOnly ? 0 : set.CheckpointLsn,
        });
    }

    private static ModelAnswer RestoreDifferential(ModelDatabase? database, ModelSet set)
    {
        // 3117: no files are ready to roll forward (errors).
        if (database is not { State: ModelState.Restoring })
        {
            return Refuse(3117, database);
        }

        // 3154: another database.
        if (database.Family != set.Family)
        {
            return Refuse(3154, database);
        }

        // 3136: cannot restore this differential backup because the database has not been restored to the correct earlier state:
        // its base is exactly one full, by DifferentialBaseGUID and DifferentialBaseLSN = CheckpointLSN (backup-file-format.md §10).
        // That a rolled-forward database is refused too is inferred; a differential reaches no state behind logs that it does not reach without them.
        if (database.IsRolledForward || set.BaseId != database.BaseId || set.BaseLsn != database.BaseLsn)
        {
            return Refuse(3136, database);
        }

        // 4330: another recovery path (recovery paths). Inferred for a differential whose base lies on the fork before: refused.
        if (set.FirstFork != database.Fork || set.LastFork != database.Fork)
        {
            return Refuse(4330, database);
        }

        // 4326's sense: it ends before the point already reached.
        return set.LastLsn <= database.Redo ? Refuse(4326, database) : new ModelAnswer(0, database with { Redo = set.LastLsn });
    }

    private static ModelAnswer RestoreLog(ModelDatabase? database, ModelStatement statement, ModelSet set)
    {
        // 3118: a log statement takes a log backup.
        if (set.Kind != ModelKind.Log)
        {
            return Refuse(3118, database);
        }

        // 3117: no files are ready to roll forward (the database was recovered, or is not there).
        if (database is not { State: ModelState.Restoring })
        {
            return Refuse(3117, database);
        }

        // 3154: another database.
        if (database.Family != set.Family)
        {
            return Refuse(3154, database);
        }

        // 4330: inconsistent recovery path. A set that changes forks begins on FirstRecoveryForkID, which it leaves at ForkPointLSN
        // (RESTORE HEADERONLY, columns FirstRecoveryForkID, RecoveryForkID, ForkPointLSN; recovery paths).
        if (!IsOnPath(database, set))
        {
            return Refuse(4330, database);
        }

        // 4326: the log terminates too early, it is contained already. LastLSN is the LSN behind the last record, and an equal one is legal ("FirstLSN <=
        // previous LastLSN <= its LastLSN", backup-job.md §14): an empty log (FirstLSN = LastLSN, backup-file-format.md §10) that ends where the database
        // stands is applied and changes nothing. That a log with records is refused there is inferred, and nothing rests on it: nobody needs it.
        if (set.LastLsn < database.Redo || (set.LastLsn == database.Redo && set.FirstLsn < set.LastLsn))
        {
            return Refuse(4326, database);
        }

        // 4305: the log begins too late; equality is the normal link (backup-job.md §14).
        return set.FirstLsn > database.Redo ? Refuse(4305, database) : RollForward(database, statement, set);
    }

    private static bool IsOnPath(ModelDatabase database, ModelSet set)
    {
        if (!set.ChangesFork)
        {
            return set.LastFork == database.Fork;
        }

        return (set.FirstFork == database.Fork && database.Redo <= set.ForkPoint) || (set.LastFork == database.Fork && database.Redo >= set.ForkPoint);
    }

    private static ModelAnswer RollForward(ModelDatabase database, ModelStatement statement, ModelSet set)
    {
        ModelMark? stop = null;
        if (statement.StopAtMark is { } name)
        {
            // 4341: a log with bulk-logged changes cannot be used to stop at a mark (errors; 4327 is its twin after the fact).
            if (set.IsBulkLogged)
            {
                return Refuse(4341, database);
            }

            // Without AFTER the first mark of that name counts (RESTORE arguments, STOPATMARK).
            ModelMark? first = set.Marks.FirstOrDefault(m => string.Equals(m.Name, name, StringComparison.Ordinal));

            // 4335: the stop point is too early, the database is already rolled forward beyond it.
            if (first is not null && first.Lsn < database.Redo)
            {
                return Refuse(4335, database);
            }

            stop = first;
        }

        // 4329 (severity 10) when the mark was not met: rolled forward to the end, restoring; no error (facts restore.md §4).
        long reached = stop?.NextLsn ?? set.LastLsn;
        Guid fork = set.ChangesFork && reached < set.ForkPoint ? set.FirstFork : set.LastFork;
        return new ModelAnswer(0, database with { Redo = reached, Fork = fork, IsRolledForward = true }, stop);
    }

    private static ModelAnswer BackupTail(ModelDatabase? database) => database is { State: ModelState.Online }

        // BACKUP … WITH NORECOVERY backs up the tail of the log and leaves the database in the RESTORING state (BACKUP arguments).
        ? new ModelAnswer(0, database with { State = ModelState.Restoring, HasTail = false })
        : Refuse(database is null ? 911 : 927, database);

    private static ModelAnswer Recover(ModelDatabase? database) => database is { State: ModelState.Restoring }

        // Recovery opens the database on a new recovery fork, whose point is where roll-forward stood (recovery paths).
        ? new ModelAnswer(0, database with { State = ModelState.Online, Fork = Guid.NewGuid() })
        : Refuse(3117, database);
}
