using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>Applies a differential backup to a database restored from its base.</summary>
internal sealed class DifferentialRestore(RestoreRequest request, BackupSetInfo set, StopPlan? stop)
{
    /// <summary>Sees that the database stands where the backup can be applied; changes nothing.</summary>
    /// <exception cref="LabSqlException">3117, 3154, 3136 for another base, 4330 for another recovery path, 3120 when the database is further already.</exception>
    public void Require(LabDatabase database)
    {
        StopChecks.ForData(stop, set);
        if ((database.State != DatabaseState.Restoring && !database.IsInStandby) || database.RedoStartLsn is not { } redo)
        {
            throw RestoreErrors.NotReadyToRollForward();
        }

        if (set.FamilyId != database.FamilyGuid)
        {
            throw RestoreErrors.OtherDatabase(database.Name);
        }

        if (set.DifferentialBaseGuid != database.LastFullBackupGuid || set.DifferentialBaseLsn != database.LastFullCheckpointLsn)
        {
            throw RestoreErrors.WrongBase();
        }

        Guid fork = database.RedoStartForkGuid ?? database.RecoveryForkGuid;
        if (set.RecoveryForkId != fork && redo > set.ForkPointLsn)
        {
            throw RestoreErrors.OtherPath();
        }

        if (redo > set.LastLsn)
        {
            throw RestoreErrors.AlreadyRestored();
        }

        RestoreErrors.RequireExclusive(request, database);
    }

    public void Apply(LabDatabase database, IReadOnlySet<int> numbers, IEnumerable<NumberedPage> pages)
    {
        if (database.IsInStandby)
        {
            database.Restore.LeaveStandby();
        }

        Dictionary<int, int> counts = set.DataFiles.ToDictionary(f => f.FileId, f => (int)(f.SizeBytes / PageFormat.PageSize));
        database.Restore.LoadDifferential(new DifferentialPages(
            numbers, pages, counts, set.DifferentialBaseLsn, set.FirstLsn, set.RecoveryForkId, request.ContinueAfterError));
    }
}
