using System;

namespace BizTalkDR.Lab.Engine;

/// <summary>RESTORE DATABASE … WITH RECOVERY, STANDBY or NORECOVERY without a backup.</summary>
internal sealed class RecoveryRun
{
    private readonly LabInstance _instance;
    private readonly RestoreRequest _request;

    public RecoveryRun(LabInstance instance, RestoreRequest request)
    {
        _instance = instance;
        _request = request;
    }

    public void Run()
    {
        LabDatabase database = _instance.Find(_request.Database) ?? throw RestoreErrors.NoDatabase(_request.Database);
        if (database.State == DatabaseState.Online && !database.IsInStandby)
        {
            throw new LabSqlException(3153, 16, 2, "The database is already fully recovered.");
        }

        if (database.State is not (DatabaseState.Restoring or DatabaseState.Online))
        {
            throw new LabSqlException(3148, 16, 1, "This RESTORE statement is invalid in the current context. The 'Recover Data Only' option is only defined for secondary filegroups when the database is in an online state. When the database is in an offline state filegroups cannot be specified.");
        }

        RestoreErrors.RequireExclusive(_request, database);
        if (database.RedoStartLsn is null)
        {
            throw new LabSqlException(4333, 16, 1, "The database cannot be recovered because the log was not restored.");
        }

        Finish(database, _request, _instance);
    }

    /// <summary>Ends a restore step as the recovery option says.</summary>
    /// <returns>Whether the database was recovered.</returns>
    public static bool Finish(LabDatabase database, RestoreRequest request, LabInstance instance)
    {
        switch (request.Recovery)
        {
            case RecoveryOption.Recovery:
                if (database.IsInStandby)
                {
                    database.Restore.LeaveStandby();
                }

                // Before it opens: an instance that is killed during recovery finishes it at its start, and must not let everybody in.
                if (request.RestrictedUser)
                {
                    instance.SetUserAccess(database, UserAccess.RestrictedUser);
                }

                database.Restore.Recover();

                return true;
            case RecoveryOption.Standby:
                if (!database.IsInStandby)
                {
                    database.Restore.EnterStandby(RestoreErrors.StandbyPath(request, instance));
                }

                return false;
            default:
                if (database.IsInStandby)
                {
                    database.Restore.LeaveStandby();
                }

                return false;
        }
    }
}
