using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Notices that the clock was set back around a mark: then a second transaction may bear the mark's name, and an earlier one may bear a later stamp.</summary>
internal static class RepeatedHour
{
    /// <summary>A clock that is set back repeats at most an hour; within it stamps say nothing about order.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(61);

    /// <summary>Whether stamps go back near a mark while the log goes on.</summary>
    public static bool Contains(IReadOnlyList<MediaBackup> backups, string mark)
    {
        if (LogMark.TryParse(mark) is not { } wanted)
        {
            return false;
        }

        foreach (IGrouping<Guid, MediaBackup> fork in backups.Where(b => b.Header.Kind == MediaBackupKind.Log && b.Mark is not null).GroupBy(b => b.Header.RecoveryForkGuid))
        {
            MediaBackup? before = null;
            foreach (MediaBackup log in fork)
            {
                if (before is not null
                    && string.CompareOrdinal(log.Name!.Stamp, before.Name!.Stamp) <= 0
                    && LogMark.TimeOf(log.Name.Stamp) is { } low
                    && LogMark.TimeOf(before.Name.Stamp) is { } high
                    && wanted.Time >= low - Margin
                    && wanted.Time <= high + Margin)
                {
                    return true;
                }

                before = log;
            }
        }

        return false;
    }

    /// <summary>Finds, of all marks that stand before a mark by their LSNs, the one with the latest stamp.</summary>
    /// <param name="chain">The chain that leads to the mark.</param>
    /// <param name="position">Where the mark stands.</param>
    /// <param name="mark">The mark.</param>
    /// <param name="catalogue">All logs of the member, also those that the chain passes over: a full or a differential may hold what they hold.</param>
    /// <returns>That mark when its stamp is later than the mark's own; else null.</returns>
    public static string? LaterStamp(MemberChain chain, LogPosition position, string mark, BackupCatalogue catalogue)
    {
        HashSet<Guid> forks = [.. chain.Backups.SelectMany(b => new[] { b.StartFork, b.Header.RecoveryForkGuid })];
        Dictionary<Guid, LogPosition> left = chain.Turns.Where(t => t.Value.Position is not null).GroupBy(t => t.Key.Header.RecoveryForkGuid).ToDictionary(g => g.Key, g => g.Max(t => t.Value.Position!.NextLsn));
        string? latest = null;
        foreach (MediaBackup log in catalogue.LineageOf(chain.Member).Where(b => b.Header.Kind == MediaBackupKind.Log && forks.Contains(b.Header.RecoveryForkGuid) && b.IsOfFamilyOf(chain.Last)))
        {
            LogPosition limit = left.TryGetValue(log.Header.RecoveryForkGuid, out LogPosition turn) && turn < position ? turn : position;
            latest = MarksBefore(log, limit, catalogue.MarksOf(log)).Aggregate(latest, (newest, other) => LogMark.IsNewer(other, newest ?? mark) ? other : newest);
        }

        return latest;
    }

    /// <summary>What a log that was read shows; else the mark that it was written for, which stands before its end.</summary>
    private static IEnumerable<string> MarksBefore(MediaBackup log, LogPosition limit, MarkKnowledge known)
    {
        IEnumerable<string> seen = known.Marks.Where(m => m.Position is { } at && at.Lsn < limit).Select(m => m.Name);
        return log.Mark is { } named && !known.WasRead && log.Header.LastLsn <= limit ? seen.Append(named) : seen;
    }
}
