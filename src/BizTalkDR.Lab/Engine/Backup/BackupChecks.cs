using System;

namespace BizTalkDR.Lab.Engine;

/// <summary>Whether a BACKUP statement is allowed.</summary>
internal static class BackupChecks
{
    /// <summary>Finds the database and refuses what is not possible now.</summary>
    public static LabDatabase Database(LabInstance instance, BackupRequest request)
    {
        if (string.Equals(request.Database, "tempdb", StringComparison.OrdinalIgnoreCase))
        {
            throw new LabSqlException(3147, 16, 3, "Backup and restore operations are not allowed on database tempdb.");
        }

        LabDatabase database = instance.Find(request.Database)
            ?? throw new LabSqlException(911, 16, 11, $"Database '{request.Database}' does not exist. Make sure that the name is entered correctly.");
        bool salvagesLog = request is { Kind: BackupKind.Log, NoTruncate: true } && database.State == DatabaseState.Suspect;
        if (!salvagesLog)
        {
            State(database);
        }

        if (request.Kind == BackupKind.Log)
        {
            Log(database);
        }
        else if (request.Kind == BackupKind.Differential)
        {
            Differential(database);
        }

        return database;
    }

    private static void State(LabDatabase database)
    {
        if (database.IsInStandby)
        {
            throw new LabSqlException(
                3036, 16, 1, $"The database \"{database.Name}\" is in warm-standby state (set by executing RESTORE WITH STANDBY) and cannot be backed up until the entire restore sequence is completed.");
        }

        switch (database.State)
        {
            case DatabaseState.Online:
                return;
            case DatabaseState.Offline:
                throw new LabSqlException(942, 14, 4, $"Database '{database.Name}' cannot be opened because it is offline.");
            case DatabaseState.Suspect:
                throw new LabSqlException(926, 14, 1, $"Database '{database.Name}' cannot be opened. It has been marked SUSPECT by recovery. See the SQL Server errorlog for more information.");
            case DatabaseState.Restoring:
                throw new LabSqlException(927, 14, 2, $"Database '{database.Name}' cannot be opened. It is in the middle of a restore.");
            default:
                throw new LabSqlException(922, 14, 1, $"Database '{database.Name}' is being recovered. Waiting until recovery is finished.");
        }
    }

    private static void Log(LabDatabase database)
    {
        if (string.Equals(database.Name, "master", StringComparison.OrdinalIgnoreCase))
        {
            throw new LabSqlException(4212, 16, 1, "Cannot back up the log of the master database. Use BACKUP DATABASE instead.");
        }

        if (database.RecoveryModel == RecoveryModel.Simple)
        {
            throw new LabSqlException(
                4208, 16, 1, "The statement BACKUP LOG is not allowed while the recovery model is SIMPLE. Use BACKUP DATABASE or change the recovery model using ALTER DATABASE.");
        }

        if (database.LogChainStartLsn.IsZero)
        {
            throw new LabSqlException(4214, 16, 1, "BACKUP LOG cannot be performed because there is no current database backup.");
        }
    }

    private static void Differential(LabDatabase database)
    {
        if (string.Equals(database.Name, "master", StringComparison.OrdinalIgnoreCase))
        {
            throw new LabSqlException(3024, 16, 1, "You can only perform a full backup of the master database. Use BACKUP DATABASE to back up the entire master database.");
        }

        if (database.LastFullCheckpointLsn.IsZero)
        {
            throw new LabSqlException(
                3035, 16, 1, $"Cannot perform a differential backup for database \"{database.Name}\", because a current database backup does not exist. Perform a full database backup by reissuing BACKUP DATABASE, omitting the WITH DIFFERENTIAL option.");
        }
    }
}
