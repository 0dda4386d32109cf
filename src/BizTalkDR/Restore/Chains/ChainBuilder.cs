using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.Chains;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Builds chains by LSN and recovery fork, never by time or set id (facts: backup-job.md §14, backup-file-format.md §10).</summary>
public static class ChainBuilder
{
    /// <summary>Builds the chain of one member to one mark.</summary>
    /// <param name="catalogue">The files.</param>
    /// <param name="member">Whose chain.</param>
    /// <param name="mark">The mark.</param>
    /// <param name="markLsn">Where the mark stands, when that is known: a full must end at or before it.</param>
    /// <param name="fault">Why there is none.</param>
    /// <returns>The chain from the newest full (or full and differential) that works, or null.</returns>
    public static MemberChain? Build(BackupCatalogue catalogue, MemberKey member, string mark, LogPosition? markLsn, out ChainFault? fault)
    {
        ChainIndex index = catalogue.ChainsOf(member);
        if (index.Backups.Count == 0)
        {
            string named = catalogue.Manifests.Naming(member) is { } manifest ? $", which {manifest} names" : string.Empty;
            fault = new ChainFault(RecoveryError.MemberMissing, member, $"there is no backup file of this member{named}");
            return null;
        }

        IReadOnlyList<MarkCandidate> candidates = MarkCandidates.Of(catalogue, member, mark);
        if (candidates.Count == 0)
        {
            fault = new ChainFault(RecoveryError.LogMarkNotFound, member, $"there is no log file with the mark {mark}");
            return null;
        }

        if (MarkCandidates.Ambiguity(candidates) is { } twice)
        {
            fault = new ChainFault(RecoveryError.MarkAmbiguous, member, $"two transactions bear the mark {mark}, in {twice.First.Log} and in {twice.Second.Log}; a restore cannot tell them apart by name");
            return null;
        }

        fault = null;
        MemberChain? best = null;
        foreach (MarkCandidate candidate in candidates)
        {
            if (Refusal(candidate.Log, member) is { } refusal)
            {
                fault ??= refusal;
                continue;
            }

            ChainLink last = ChainIndex.ToMark(candidate.Log, candidate.Position?.Lsn ?? markLsn);
            if (index.WayTo(last) is { } way)
            {
                MemberChain chain = MemberChain.From(member, way, candidate.Source);
                best = best is null || chain.Source > best.Source ? chain : best;
            }
            else
            {
                fault ??= ChainGap.Explain(index, last, member, catalogue.History);
            }
        }

        fault = best is null ? fault : null;
        return best;
    }

    private static ChainFault? Refusal(MediaBackup log, MemberKey member)
    {
        if (!log.IsUsable)
        {
            return new ChainFault(RecoveryError.BackupMediaUnreadable, member, log.Header.IsDamaged ? $"{log} is marked as damaged" : $"{log} cannot be used: {log.ConditionText ?? "it is damaged"}");
        }

        return log.Header.HasBulkLoggedData
            ? new ChainFault(RecoveryError.LogMarkNotFound, member, $"{log} holds bulk-logged changes, in which SQL Server cannot stop at a mark")
            : null;
    }
}
