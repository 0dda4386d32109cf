using System;

namespace BizTalkDR.Lab.Engine;

/// <summary>Whether a stop point can still be reached, looked at before anything is changed.</summary>
internal sealed class StopChecks(StopPlan stop, MediaContent content)
{
    /// <summary>For a full or differential backup: a mark's name is for logs only (4340), and the point must not lie before the backup's end (4338).</summary>
    public static void ForData(StopPlan? stop, BackupSetInfo set)
    {
        if (stop is { IsNamedMark: true })
        {
            throw RestoreErrors.MarkOnlyForLog();
        }

        if (stop is not null && set.RecoveryModel == RecoveryModel.Simple)
        {
            throw RestoreErrors.NoStopInSimple();
        }

        if (stop?.At < set.FinishDate || stop?.Target < set.LastLsn)
        {
            throw RestoreErrors.StopTooEarly();
        }
    }

    /// <summary>For a log: the point must not lie in what is applied already (4335), nor among changes that are logged only in part (4341).</summary>
    /// <param name="redo">Where roll-forward stands.</param>
    /// <param name="redoTime">Time of the last commit that is applied.</param>
    public void ForLog(Lsn redo, DateTime? redoTime)
    {
        if (stop.At < redoTime)
        {
            throw RestoreErrors.AlreadyBeyond();
        }

        if (stop.Target is { } target && target < redo)
        {
            throw RestoreErrors.AlreadyBeyond();
        }

        bool hasBulkChanges = (content.Info.Flags & BackupSetInfo.FlagBulkLogged) != 0;
        bool overlaps = content.Info.FirstLsn < redo && stop.Target is null;
        if (!hasBulkChanges && !overlaps)
        {
            return;
        }

        bool behind = false;
        foreach (LogRecord record in LabLog.Join(content.LogBlocks()))
        {
            bool isStop = stop.Decide(record) != StopDecision.GoOn;
            if (isStop && record.Lsn >= redo)
            {
                if (hasBulkChanges && !behind)
                {
                    throw RestoreErrors.BulkChanges();
                }

                if (!behind || stop.IsNamedMark)
                {
                    return;
                }
            }

            behind |= isStop && record.Lsn < redo;
        }

        if (behind)
        {
            throw RestoreErrors.AlreadyBeyond();
        }
    }
}
