using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>Makes a database ready to take a full backup: checks, places for its files, identity.</summary>
internal sealed class FullRestore(LabInstance instance, RestoreRequest request, BackupSetInfo set, StopPlan? stop, IMessageSink messages)
{
    public LabDatabase Prepare()
    {
        StopChecks.ForData(stop, set);
        LabDatabase? existing = instance.Find(request.Database);
        if (existing is not null)
        {
            RequireReplaceable(existing);
        }

        List<DatabaseFile> files = new RestoreFiles(instance, request, messages).Place(set, existing);
        if (existing is not null)
        {
            RestoreErrors.RequireExclusive(request, existing);
        }

        RestoredIdentity identity = new(
            set.FamilyId,
            Guid.NewGuid(),
            set.RecoveryForkId,
            set.DatabaseCreationDate ?? instance.Now,
            set.RecoveryModel,
            set.Collation ?? instance.Options.Collation,
            set.CompatibilityLevel)
        {
            BaseCheckpointLsn = set.IsCopyOnly ? Lsn.Zero : set.CheckpointLsn,
            BaseSetGuid = set.IsCopyOnly ? Guid.Empty : set.SetGuid,
            FileGroups = set.FileGroups,
            Encryption = set.Encryption,
        };
        return instance.CreateForRestore(request.Database, files, identity);
    }

    private void RequireReplaceable(LabDatabase existing)
    {
        if (request.Replace)
        {
            return;
        }

        if (existing.FamilyGuid != set.FamilyId)
        {
            throw RestoreErrors.OtherDatabase(existing.Name);
        }

        bool keepsLog = existing.RecoveryModel != RecoveryModel.Simple && !existing.LogChainStartLsn.IsZero;
        if (existing.State == DatabaseState.Online && !existing.IsInStandby && keepsLog && existing.Log.EndLsn > existing.LastLogBackupLsn)
        {
            RequireTail(existing);
        }
    }

    /// <summary>Without a stop point the tail would be lost (3159); with one, only what lies before it matters (3173).</summary>
    private void RequireTail(LabDatabase existing)
    {
        if (stop is null)
        {
            throw RestoreErrors.TailNotBackedUp(existing.Name);
        }

        Lsn from = existing.LastLogBackupLsn > existing.LogChainStartLsn ? existing.LastLogBackupLsn : existing.LogChainStartLsn;
        Lsn start = from > existing.Log.StartLsn ? from : existing.Log.StartLsn;
        foreach (LogRecord record in existing.Log.Read(start))
        {
            if (record.Op == LogOp.Commit)
            {
                // The first commit of the tail decides: what comes later is still further from the stop point.
                if (stop.Decide(record) != StopDecision.StopBefore)
                {
                    throw RestoreErrors.TailNeeded(existing.Name);
                }

                return;
            }
        }
    }
}
