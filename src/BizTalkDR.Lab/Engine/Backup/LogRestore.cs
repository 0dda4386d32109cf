using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>Applies a log backup.</summary>
internal sealed class LogRestore(RestoreRequest request, MediaContent content, StopPlan? stop)
{
    private BackupSetInfo Set => content.Info;

    /// <summary>Sees that the log follows what the database has, and that the stop point is not behind it; changes nothing.</summary>
    public void Require(LabDatabase database)
    {
        if ((database.State != DatabaseState.Restoring && !database.IsInStandby) || database.RedoStartLsn is not { } redo)
        {
            throw RestoreErrors.NotReadyToRollForward();
        }

        if (Set.FamilyId != database.FamilyGuid)
        {
            throw RestoreErrors.OtherDatabase(database.Name);
        }

        RequireSamePath(database, redo);
        RequireContinuation(redo);
        if (stop is not null)
        {
            new StopChecks(stop, content).ForLog(redo, database.RedoTime);
        }

        RestoreErrors.RequireExclusive(request, database);
    }

    /// <returns>Whether the stop point was reached.</returns>
    public bool Apply(LabDatabase database, IEnumerable<RawLogBlock> blocks)
    {
        if (database.IsInStandby)
        {
            database.Restore.LeaveStandby();
        }

        if (Set.FirstRecoveryForkId != Set.RecoveryForkId && database.RedoStartLsn == Set.ForkPointLsn)
        {
            database.Restore.EnterFork(Set.RecoveryForkId);
        }

        return database.Restore.RollForward(blocks, stop is null ? null : stop.Decide, Set.LastLsn).StopReached;
    }

    /// <summary>The set must lie on the database's fork, or begin on it, and the database must not be past the point where the set's own fork left it.</summary>
    private void RequireSamePath(LabDatabase database, Lsn redo)
    {
        Guid fork = database.RedoStartForkGuid ?? database.RecoveryForkGuid;
        bool same = Set.RecoveryForkId == fork
            ? Set.FirstRecoveryForkId == fork || redo >= Set.ForkPointLsn
            : Set.FirstRecoveryForkId == fork && redo <= Set.ForkPointLsn;
        if (!same)
        {
            throw RestoreErrors.OtherPath();
        }
    }

    private void RequireContinuation(Lsn redo)
    {
        bool isEmpty = Set.FirstLsn == Set.LastLsn;
        if (Set.LastLsn < redo || (Set.LastLsn == redo && !isEmpty))
        {
            throw RestoreErrors.TooEarly(Set.LastLsn, redo);
        }

        if (Set.FirstLsn > redo)
        {
            throw RestoreErrors.TooRecent(Set.FirstLsn, redo);
        }
    }
}
