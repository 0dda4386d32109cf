using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.Chains;
using BizTalkDR.Catalogue.History;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Says why no chain leads to a log, and which file would close the gap.</summary>
internal static class ChainGap
{
    /// <summary>Explains.</summary>
    public static ChainFault Explain(ChainIndex index, ChainLink target, MemberKey member, HistoryEvidence history)
    {
        ChainLink broken = index.BreakOf(target);
        MediaBackup log = broken.Log;
        List<MediaBackup> fulls = index.Backups.Where(b => b.Header.Kind == MediaBackupKind.Full).ToList();
        if (fulls.Count == 0)
        {
            return new ChainFault(RecoveryError.MemberMissing, member, "there is no full backup of this member");
        }

        if (ChainIndex.Needs(broken).Any(need => OtherFork(index, broken, need.Fork)))
        {
            MediaBackup? before = index.HighestBelow(new LogPosition(broken.Limit.Value + 1), log)?.By;
            return new ChainFault(RecoveryError.ForkMismatch, member, $"the files after {before ?? fulls[0]} belong to another recovery fork");
        }

        if (index.HighestBelow(log.Header.FirstLsn, log) is not { } reached)
        {
            return new ChainFault(RecoveryError.LogChainBroken, member, $"no full backup of the same database ends before the mark in {target.Log}{Unusable(fulls.Where(f => f.Header.LastLsn <= target.Limit && f.IsOfFamilyOf(log)))}");
        }

        IEnumerable<MediaBackup> closing = index.Backups.Where(b =>
            b.Header.Kind == MediaBackupKind.Log && b.Header.FirstLsn <= reached.Reached && b.Header.LastLsn >= log.Header.FirstLsn && b.IsOfFamilyOf(log));
        string known = history.Closing(log.Member, reached.Reached, log.Header.FirstLsn) is { } lost ? $"; {lost.Source} knows it as '{lost.Path}'" : string.Empty;
        return new ChainFault(
            RecoveryError.LogChainBroken, member, $"a log backup is missing between LSN {reached.Reached} and LSN {log.Header.FirstLsn}, after {reached.By}{Unusable(closing)}{known}");
    }

    /// <summary>Whether something would lead on here if it were not on another fork.</summary>
    private static bool OtherFork(ChainIndex index, ChainLink broken, Guid fork) => index.Backups.Any(b =>
        b.IsUsable
        && b.IsOfFamilyOf(broken.Log)
        && !ReferenceEquals(b, broken.Log)
        && b.Header.RecoveryForkGuid != fork
        && b.Header.Kind is MediaBackupKind.Full or MediaBackupKind.Log
        && b.Header.LastLsn >= broken.Log.Header.FirstLsn
        && b.Header.LastLsn <= broken.Limit);

    private static string Unusable(IEnumerable<MediaBackup> backups)
    {
        List<string> texts = backups.Where(b => !b.IsUsable).Select(b => $"{b} would do, but {b.ConditionText ?? "it is damaged"}").ToList();
        return texts.Count == 0 ? string.Empty : $" ({string.Join("; ", texts)})";
    }
}
