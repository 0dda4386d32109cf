using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>The files that lead one member to a mark: a full, then logs in LSN order; the last one holds the mark.</summary>
/// <param name="Member">Whose files.</param>
/// <param name="Full">Where it starts.</param>
/// <param name="Logs">At least one; ordered.</param>
public sealed record MemberChain(MemberKey Member, MediaBackup Full, IReadOnlyList<MediaBackup> Logs)
{
    /// <summary>The log that holds the mark.</summary>
    public MediaBackup LastLog => Logs[Logs.Count - 1];

    /// <summary>Bytes to restore, as far as sizes are known.</summary>
    public long SizeBytes => Full.Header.BackupSizeBytes + Logs.Sum(l => l.Header.BackupSizeBytes);
}

/// <summary>Why a member cannot reach a mark.</summary>
/// <param name="Code">The error it would be.</param>
/// <param name="Member">Which member.</param>
/// <param name="Text">What is missing.</param>
public sealed record ChainFault(RecoveryError Code, MemberKey Member, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Member}: {Text}";
}

/// <summary>Builds chains by LSN and recovery fork, never by time or set id (facts: backup-job.md §14, backup-file-format.md §10).</summary>
public static class ChainBuilder
{
    /// <summary>Builds the chain of one member to one mark.</summary>
    /// <param name="catalogue">The files.</param>
    /// <param name="member">Whose chain.</param>
    /// <param name="mark">The mark.</param>
    /// <param name="markLsn">Where the mark stands, when that is known: a full must end at or before it.</param>
    /// <param name="fault">Why there is none.</param>
    /// <returns>The chain from the newest full that works, or null.</returns>
    public static MemberChain? Build(BackupCatalogue catalogue, MemberKey member, string mark, LogPosition? markLsn, out ChainFault? fault)
    {
        IReadOnlyList<MediaBackup> own = catalogue.Of(member);
        List<MediaBackup> candidates = own.Where(b => string.Equals(b.Mark, mark, StringComparison.Ordinal)).ToList();
        if (own.Count == 0)
        {
            fault = new ChainFault(RecoveryError.MemberMissing, member, "there is no backup file of this member");
            return null;
        }

        if (candidates.Count == 0)
        {
            fault = new ChainFault(RecoveryError.LogMarkNotFound, member, $"there is no log file with the mark {mark}");
            return null;
        }

        fault = null;
        foreach (MediaBackup last in candidates)
        {
            if (last.Header.IsDamaged)
            {
                fault = new ChainFault(RecoveryError.BackupMediaUnreadable, member, $"{last} is marked as damaged");
                continue;
            }

            if (last.Header.HasBulkLoggedData)
            {
                fault = new ChainFault(RecoveryError.LogMarkNotFound, member, $"{last} holds bulk-logged changes, in which SQL Server cannot stop at a mark");
                continue;
            }

            if (FromAnyFull(own, member, last, markLsn, ref fault) is { } chain)
            {
                fault = null;
                return chain;
            }
        }

        return null;
    }

    private static MemberChain? FromAnyFull(IReadOnlyList<MediaBackup> own, MemberKey member, MediaBackup last, LogPosition? markLsn, ref ChainFault? fault)
    {
        LogPosition limit = markLsn ?? last.Header.LastLsn;
        List<MediaBackup> fulls = own
            .Where(b => b.Header.Kind == MediaBackupKind.Full && !b.Header.IsDamaged && b.Header.LastLsn <= limit && SameFamily(b, last))
            .OrderByDescending(b => b.Header.LastLsn)
            .ToList();
        if (fulls.Count == 0)
        {
            fault ??= own.Any(b => b.Header.Kind == MediaBackupKind.Full)
                ? new ChainFault(RecoveryError.LogChainBroken, member, $"no full backup of the same database ends before the mark in {last}")
                : new ChainFault(RecoveryError.MemberMissing, member, "there is no full backup of this member");
            return null;
        }

        foreach (MediaBackup full in fulls)
        {
            if (Logs(own, full, last, markLsn, out string gap, out bool fork) is { } logs)
            {
                return new MemberChain(member, full, logs);
            }

            // The gap after the newest full is the one worth repairing.
            fault ??= new ChainFault(fork ? RecoveryError.ForkMismatch : RecoveryError.LogChainBroken, member, gap);
        }

        return null;
    }

    private static List<MediaBackup>? Logs(
        IReadOnlyList<MediaBackup> own, MediaBackup full, MediaBackup last, LogPosition? markLsn, out string gap, out bool fork)
    {
        var chain = new List<MediaBackup>();
        LogPosition reached = full.Header.LastLsn;
        Guid currentFork = full.Header.RecoveryForkGuid;
        LogPosition before = markLsn ?? last.Header.FirstLsn;
        List<MediaBackup> logs = own
            .Where(b => b.Header.Kind == MediaBackupKind.Log && !b.Header.IsDamaged && b.Header.LastLsn > reached && SameFamily(b, full) && !ReferenceEquals(b, last) && b.Header.LastLsn <= before)
            .OrderBy(b => b.Header.FirstLsn)
            .ThenByDescending(b => b.Header.LastLsn)
            .ToList();
        int next = 0;
        fork = false;
        while (last.Header.FirstLsn > reached || !Continues(last, currentFork))
        {
            // Of the logs that begin at or before the point reached, the one that leads furthest.
            MediaBackup? best = null;
            while (next < logs.Count && logs[next].Header.FirstLsn <= reached)
            {
                MediaBackup log = logs[next++];
                if (!Continues(log, currentFork))
                {
                    fork = true;
                }
                else if (log.Header.LastLsn > reached && (best is null || log.Header.LastLsn > best.Header.LastLsn))
                {
                    best = log;
                }
            }

            if (best is null)
            {
                fork |= last.Header.FirstLsn <= reached;
                gap = fork
                    ? $"the files after {(chain.Count == 0 ? full : chain[chain.Count - 1])} belong to another recovery fork"
                    : $"a log backup is missing between LSN {reached} and LSN {(next < logs.Count ? logs[next] : last).Header.FirstLsn}, after {(chain.Count == 0 ? full : chain[chain.Count - 1])}";
                return null;
            }

            chain.Add(best);
            reached = best.Header.LastLsn;
            currentFork = best.Header.RecoveryForkGuid;
        }

        gap = string.Empty;
        chain.Add(last);
        return chain;
    }

    /// <summary>Whether a log that begins at or before a point on a fork goes on from there.</summary>
    /// <remarks>The first log after a recovery begins on the fork before it and ends on the new one, on which a full taken after the recovery stands.</remarks>
    private static bool Continues(MediaBackup log, Guid fork) => log.StartFork == fork || log.Header.RecoveryForkGuid == fork;

    private static bool SameFamily(MediaBackup left, MediaBackup right) =>
        left.Header.FamilyGuid == Guid.Empty || right.Header.FamilyGuid == Guid.Empty || left.Header.FamilyGuid == right.Header.FamilyGuid;
}
