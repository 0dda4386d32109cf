using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;

namespace BizTalkDR.Catalogue.Chains;

/// <summary>Finds, for every log of one database, the best way to it: by LSN and recovery fork, never by time or set id.</summary>
/// <remarks>
/// A log can be put on where roll-forward stands at or behind its FirstLSN and before its LastLSN, on its own fork (facts: backup-job.md
/// §14; messages 4305, 4326, 4330). One that changes forks can be put on its first fork up to ForkPointLSN, or on its last fork from there.
/// Every way to a log comes from states with lower LSNs, so one pass in the order of LSNs finds the best way to all of them.
/// </remarks>
internal sealed class ChainIndex
{
    private readonly Func<MediaBackup, MarkKnowledge> _marksOf;
    private readonly Dictionary<Guid, List<ChainStart>> _starts;
    private readonly Dictionary<Guid, List<ChainNode>> _ways = [];
    private readonly Dictionary<Guid, List<(LogPosition Reached, ChainLink Break)>> _broken = [];
    private readonly Dictionary<string, List<MediaBackup>> _named = new(StringComparer.Ordinal);
    private readonly HashSet<MediaBackup> _own;

    public ChainIndex(IReadOnlyList<MediaBackup> backups, Func<MediaBackup, MarkKnowledge> marksOf)
    {
        _marksOf = marksOf;
        Backups = backups;
        _own = new HashSet<MediaBackup>(backups, ReferenceComparer.Instance);
        foreach (MediaBackup log in backups.Where(b => b.Mark is not null))
        {
            AddTo(_named, log.Mark!, log);
        }

        List<MediaBackup> logs = backups.Where(b => b.Header.Kind == MediaBackupKind.Log && b.IsUsable && (b.Header.LastLsn > b.Header.FirstLsn || ChangesFork(b))).ToList();
        DependsOnMarks = logs.Exists(ChangesFork);
        _starts = StartsOf(backups).GroupBy(s => s.Fork).ToDictionary(g => g.Key, g => g.OrderBy(s => s.Reached).ToList());
        var empty = new List<ChainLink>();
        foreach (ChainLink link in logs.Select(ToEnd).Concat(DependsOnMarks ? Turns(logs) : []).OrderBy(l => l.Reached).ThenBy(l => l.Log.Header.FirstLsn))
        {
            if (WayTo(link) is { } way)
            {
                AddTo(_ways, link.Fork, way);
                TakeEmpty(empty);
            }
            else if (link.Log.Header.FirstLsn == link.Reached)
            {
                empty.Add(link);
            }
            else if (link.Stop is null)
            {
                AddTo(_broken, link.Fork, (link.Reached, BreakOf(link)));
            }
        }
    }

    /// <summary>What it was made of.</summary>
    public IReadOnlyList<MediaBackup> Backups { get; }

    /// <summary>Whether knowing more about marks could change a chain: forks are left at marks.</summary>
    public bool DependsOnMarks { get; }

    /// <summary>The logs whose names say that they were written for a mark.</summary>
    public IReadOnlyList<MediaBackup> NamedFor(string mark) => _named.TryGetValue(mark, out List<MediaBackup>? logs) ? logs : [];

    /// <summary>Whether a backup is one of this database.</summary>
    public bool Contains(MediaBackup backup) => _own.Contains(backup);

    /// <summary>Whether a log begins on one fork and ends on another.</summary>
    public static bool ChangesFork(MediaBackup log) => log.StartFork != log.Header.RecoveryForkGuid;

    /// <summary>Gives the states on which a log can be put: a fork, and the lowest and highest point reached.</summary>
    public static IEnumerable<(Guid Fork, LogPosition Low, LogPosition High)> Needs(ChainLink link)
    {
        BackupHeader header = link.Log.Header;
        if (!ChangesFork(link.Log))
        {
            yield return (header.RecoveryForkGuid, header.FirstLsn, link.Limit);
            yield break;
        }

        // A fork point that nobody names does not bound anything.
        bool known = header.ForkPointLsn > LogPosition.Zero;
        yield return (header.RecoveryForkGuid, known && header.ForkPointLsn > header.FirstLsn ? header.ForkPointLsn : header.FirstLsn, link.Limit);
        yield return (link.Log.StartFork, header.FirstLsn, known && header.ForkPointLsn < link.Limit ? header.ForkPointLsn : link.Limit);
    }

    /// <summary>Makes the link of a log that holds a mark.</summary>
    /// <param name="log">The log.</param>
    /// <param name="mark">The mark's position; null when it is not known: then it may be anywhere in the log.</param>
    public static ChainLink ToMark(MediaBackup log, LogPosition? mark) => ToEnd(log) with { Limit = mark ?? Before(log.Header.LastLsn) };

    /// <summary>Finds the best way to a link.</summary>
    /// <returns>The chain with the newest start; null when there is none.</returns>
    public ChainNode? WayTo(ChainLink link)
    {
        ChainStart? start = null;
        ChainNode? before = null;
        foreach ((Guid fork, LogPosition low, LogPosition high) in Needs(link))
        {
            start = Better(start, NewestStart(fork, low, high, link.Log));
            before = Better(before, BestWay(fork, low, high, link.Log));
        }

        // A start that fits needs no log before it, and none that leads here began later.
        return start is not null && (before is null || start.Reached >= before.Start.Reached) ? new ChainNode(link, start, null)
            : before is not null ? new ChainNode(link, before.Start, before) : null;
    }

    /// <summary>Goes back from a log that no chain leads to, as far as logs touch: there the chain is broken.</summary>
    public ChainLink BreakOf(ChainLink link)
    {
        foreach ((Guid fork, LogPosition low, LogPosition high) in Needs(link))
        {
            if (!_broken.TryGetValue(fork, out List<(LogPosition Reached, ChainLink Break)>? broken))
            {
                continue;
            }

            for (int i = FirstAbove(broken, high, b => b.Reached) - 1; i >= 0 && broken[i].Reached >= low; i--)
            {
                if (broken[i].Break.Log.IsOfFamilyOf(link.Log))
                {
                    return broken[i].Break;
                }
            }
        }

        return link;
    }

    /// <summary>The farthest state below a point that can be reached on any fork; null when there is none.</summary>
    public (LogPosition Reached, MediaBackup By)? HighestBelow(LogPosition limit, MediaBackup of)
    {
        IEnumerable<(LogPosition Reached, MediaBackup By)> starts = _starts.Values.SelectMany(s => s).Where(s => s.Full.IsOfFamilyOf(of)).Select(s => (s.Reached, s.Differential ?? s.Full));
        IEnumerable<(LogPosition Reached, MediaBackup By)> ways = _ways.Values.SelectMany(w => w).Where(w => w.Link.Log.IsOfFamilyOf(of)).Select(w => (w.Link.Reached, w.Link.Log));
        return starts.Concat(ways).Where(s => s.Reached < limit).OrderByDescending(s => s.Reached).Cast<(LogPosition, MediaBackup)?>().FirstOrDefault();
    }

    /// <summary>Empty logs reach no further than what they follow, so their order does not say which follows which: each is tried again when another way is found.</summary>
    private void TakeEmpty(List<ChainLink> empty)
    {
        while (empty.Find(l => WayTo(l) is not null) is { } next)
        {
            empty.Remove(next);
            AddTo(_ways, next.Fork, WayTo(next)!);
        }
    }

    private static void AddTo<TKey, T>(Dictionary<TKey, List<T>> lists, TKey key, T item)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out List<T>? list))
        {
            lists.Add(key, list = []);
        }

        list.Add(item);
    }

    private static LogPosition Before(LogPosition position) => new(position.Value - 1);

    // An empty log that ends where roll-forward stands is applied, and is worth it where it changes forks.
    private static ChainLink ToEnd(MediaBackup log) =>
        new(log, null, log.Header.LastLsn, log.Header.RecoveryForkGuid, log.Header.FirstLsn == log.Header.LastLsn ? log.Header.LastLsn : Before(log.Header.LastLsn));

    private static IEnumerable<ChainStart> StartsOf(IReadOnlyList<MediaBackup> backups)
    {
        List<MediaBackup> fulls = backups.Where(b => b.Header.Kind == MediaBackupKind.Full && b.IsUsable).ToList();
        foreach (MediaBackup full in fulls)
        {
            yield return new ChainStart(full, null);
        }

        foreach (MediaBackup differential in backups.Where(b => b.Header.Kind == MediaBackupKind.Differential && b.IsUsable))
        {
            // A copy-only full is nobody's base, whatever its LSNs.
            MediaBackup? full = fulls.Find(f => IsBase(f, differential));
            if (full is not null)
            {
                yield return new ChainStart(full, differential);
            }
        }
    }

    /// <summary>Whether a differential goes on a full (facts: backup-file-format.md §10; message 3136). One whose base lies on an earlier fork is not used.</summary>
    private static bool IsBase(MediaBackup full, MediaBackup differential)
    {
        BackupHeader header = differential.Header;
        return full.Header.LastLsn < header.LastLsn
            && full.Header.BackupSetGuid == header.DifferentialBaseGuid
            && full.Header.CheckpointLsn == header.DifferentialBaseLsn
            && !full.Header.IsCopyOnly
            && full.Header.RecoveryForkGuid == header.RecoveryForkGuid
            && differential.StartFork == header.RecoveryForkGuid
            && full.IsOfFamilyOf(differential);
    }

    private static ChainStart? Better(ChainStart? left, ChainStart? right) =>
        left is null ? right : right is null || left.Reached >= right.Reached ? left : right;

    private static ChainNode? Better(ChainNode? left, ChainNode? right)
    {
        if (left is null || right is null)
        {
            return left ?? right;
        }

        int newer = left.Start.Reached.CompareTo(right.Start.Reached);
        return newer > 0 || (newer == 0 && left.Count <= right.Count) ? left : right;
    }

    /// <summary>The logs of an abandoned fork that must be stopped at a mark, because it was recovered there and went on from there.</summary>
    private IEnumerable<ChainLink> Turns(List<MediaBackup> logs)
    {
        foreach (MediaBackup crossing in logs.Where(ChangesFork))
        {
            LogPosition point = crossing.Header.ForkPointLsn;
            foreach (MediaBackup log in logs.Where(l => l.Header.RecoveryForkGuid == crossing.StartFork && !l.Header.HasBulkLoggedData && l.IsOfFamilyOf(crossing)))
            {
                if (log.Header.FirstLsn >= point || log.Header.LastLsn <= point)
                {
                    continue;
                }

                // Of several marks of one name in a log, a restore stops at the first or not at all (4335).
                MarkKnowledge known = _marksOf(log);
                bool isFound = false;
                foreach (KnownMark mark in known.Marks.GroupBy(m => m.Name, StringComparer.Ordinal).Select(g => g.First()).Where(m => m.Position is { } p && p.Lsn < point && p.NextLsn >= crossing.Header.FirstLsn && p.NextLsn >= log.Header.ForkPointLsn))
                {
                    // Between the mark and the record behind it there is nothing: a fork point there is where roll-forward stands.
                    LogPosition next = mark.Position!.NextLsn;
                    isFound |= next >= point;
                    yield return new ChainLink(log, mark, next < point ? next : point, log.Header.RecoveryForkGuid, mark.Position.Lsn);
                }

                if (!isFound && !known.IsComplete && log.Mark is { } named && !known.Marks.Any(m => m.Name == named && m.Position is not null))
                {
                    // The group is recovered at the mark of a set: where none was seen at the fork point yet, the log's own mark is the likeliest.
                    yield return new ChainLink(log, new KnownMark(named, null, MarkSource.FileName), point, log.Header.RecoveryForkGuid, Before(point));
                }
            }
        }
    }

    private ChainStart? NewestStart(Guid fork, LogPosition low, LogPosition high, MediaBackup of)
    {
        if (!_starts.TryGetValue(fork, out List<ChainStart>? starts))
        {
            return null;
        }

        for (int i = FirstAbove(starts, high, s => s.Reached) - 1; i >= 0 && starts[i].Reached >= low; i--)
        {
            if (starts[i].Full.IsOfFamilyOf(of))
            {
                return starts[i];
            }
        }

        return null;
    }

    private ChainNode? BestWay(Guid fork, LogPosition low, LogPosition high, MediaBackup of)
    {
        ChainNode? best = null;
        if (_ways.TryGetValue(fork, out List<ChainNode>? ways))
        {
            for (int i = FirstAbove(ways, high, w => w.Link.Reached) - 1; i >= 0 && ways[i].Link.Reached >= low; i--)
            {
                best = ways[i].Link.Log.IsOfFamilyOf(of) ? Better(best, ways[i]) : best;
            }
        }

        return best;
    }

    /// <summary>Index of the first item above a position, in a list ordered by it.</summary>
    private static int FirstAbove<T>(List<T> items, LogPosition position, Func<T, LogPosition> of)
    {
        int low = 0;
        int high = items.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (of(items[middle]) > position)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
