using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Finds the marks to which a whole group can be restored.</summary>
public static class RecoveryPoints
{
    /// <summary>Lists every mark of the catalogue.</summary>
    /// <returns>The points, newest first; those that some member cannot reach too, with the reasons.</returns>
    public static IReadOnlyList<RecoveryPoint> From(BackupCatalogue catalogue) =>
        catalogue.Sets
            .Where(s => s.Kind == BackupSetKind.Log && s.Mark is not null)
            .OrderByDescending(s => s.Stamp, StringComparer.Ordinal)
            .Select(s => PointOf(catalogue, s))
            .ToList();

    /// <summary>Builds a point again when the marks' positions are known.</summary>
    public static RecoveryPoint WithPositions(BackupCatalogue catalogue, RecoveryPoint point, IReadOnlyDictionary<MemberKey, MarkPosition> positions) =>
        Build(catalogue, point.Mark, point.MarkTimeUtc, point.Chains.Select(c => c.Member).Concat(point.Faults.Select(f => f.Member)), positions);

    /// <summary>Gives the points to try, in order: the one asked for, or every reachable one from the newest on.</summary>
    /// <param name="points">All points, newest first.</param>
    /// <param name="mark">The mark asked for; null for the newest that every member can reach.</param>
    /// <param name="folders">Where the points come from; named when there is none.</param>
    /// <exception cref="RecoveryException">
    /// <see cref="RecoveryError.LogMarkNotFound"/>, or what keeps the newest (or the chosen) point from being reached:
    /// <see cref="RecoveryError.MemberMissing"/>, <see cref="RecoveryError.LogChainBroken"/>, <see cref="RecoveryError.ForkMismatch"/>, …
    /// </exception>
    public static IReadOnlyList<RecoveryPoint> Candidates(IReadOnlyList<RecoveryPoint> points, string? mark, string? folders = null)
    {
        if (points.Count == 0)
        {
            throw new RecoveryException(RecoveryError.LogMarkNotFound, mark ?? folders, "The folder holds no log backup with a mark; a full set alone cannot be restored consistently.");
        }

        if (mark is not null)
        {
            RecoveryPoint chosen = points.FirstOrDefault(p => string.Equals(p.Mark, mark, StringComparison.Ordinal))
                ?? throw new RecoveryException(RecoveryError.LogMarkNotFound, mark, $"No log backup carries the mark '{mark}'; the newest is '{points[0].Mark}'.");
            return chosen.IsReachable ? [chosen] : throw Unreachable(chosen);
        }

        List<RecoveryPoint> reachable = points.Where(p => p.IsReachable).ToList();
        return reachable.Count > 0 ? reachable : throw Unreachable(points[0]);
    }

    /// <summary>Makes the error for a point that some member cannot reach.</summary>
    public static RecoveryException Unreachable(RecoveryPoint point)
    {
        ChainFault? worst = point.Faults.FirstOrDefault(f => f.Code == RecoveryError.MemberMissing) ?? (point.Faults.Count > 0 ? point.Faults[0] : null);
        if (worst is null)
        {
            return new RecoveryException(RecoveryError.MemberMissing, point.Mark, $"No member reaches the mark '{point.Mark}'.");
        }

        string others = point.Faults.Count > 1 ? $" ({point.Faults.Count - 1} more: {string.Join("; ", point.Faults.Where(f => !ReferenceEquals(f, worst)))})" : string.Empty;
        return new RecoveryException(worst.Code, worst.Member, $"The mark '{point.Mark}' cannot be reached by {worst}{others}.");
    }

    private static RecoveryPoint PointOf(BackupCatalogue catalogue, BackupSet set) =>
        Build(catalogue, set.Mark!, set.MarkTimeUtc ?? default, set.Members, new Dictionary<MemberKey, MarkPosition>());

    private static RecoveryPoint Build(
        BackupCatalogue catalogue, string mark, DateTime timeUtc, IEnumerable<MemberKey> members, IReadOnlyDictionary<MemberKey, MarkPosition> positions)
    {
        var chains = new List<MemberChain>();
        var faults = new List<ChainFault>();
        foreach (MemberKey member in members.OrderBy(m => m.Database, StringComparer.OrdinalIgnoreCase).ThenBy(m => m.Server, StringComparer.OrdinalIgnoreCase))
        {
            LogPosition? lsn = positions.TryGetValue(member, out MarkPosition? position) ? position.Lsn : null;
            if (ChainBuilder.Build(catalogue, member, mark, lsn, out ChainFault? fault) is { } chain)
            {
                chains.Add(chain);
            }
            else
            {
                faults.Add(fault!);
            }
        }

        return new RecoveryPoint(mark, timeUtc, chains, faults);
    }
}
