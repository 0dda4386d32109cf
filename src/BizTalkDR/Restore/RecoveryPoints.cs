using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Finds the points to which a whole group can be restored.</summary>
public static class RecoveryPoints
{
    /// <summary>Lists every mark of the catalogue, and every full set that is proven quiesced.</summary>
    /// <returns>The points, newest first (by the log where it can tell, else by the stamp); those that some member cannot reach too, with the reasons.</returns>
    public static IReadOnlyList<RecoveryPoint> From(BackupCatalogue catalogue) =>
        NewestFirst(catalogue).Select(s => Of(catalogue, s)).ToList();

    /// <summary>Builds a point again when more is known of its marks.</summary>
    public static RecoveryPoint Again(BackupCatalogue catalogue, RecoveryPoint point) => point.Kind == RecoveryPointKind.Quiesced
        ? point
        : Build(catalogue, point.Mark, point.MarkTimeUtc, point.Chains.Select(c => c.Member).Concat(point.Faults.Select(f => f.Member)));

    /// <summary>Gives the points to try, in order: the one asked for, or every one from the newest on; those that some member cannot reach by what is known yet too.</summary>
    /// <param name="catalogue">The files.</param>
    /// <param name="choice">What was asked for.</param>
    /// <param name="folders">Where the files are; named when there is no point.</param>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.LogMarkNotFound"/>: there is none.</exception>
    internal static IEnumerable<RecoveryPoint> Candidates(BackupCatalogue catalogue, PointChoice choice, string? folders = null)
    {
        if (choice.Mark is not null)
        {
            return [PointOf(catalogue, choice.Mark)];
        }

        List<BackupSet> sets = NewestFirst(catalogue).ToList();
        if (sets.Count == 0)
        {
            throw new RecoveryException(RecoveryError.LogMarkNotFound, folders, "The folder holds no log backup with a mark, and no full set whose manifest proves that processing was stopped; any other full set alone cannot be restored consistently.");
        }

        List<BackupSet> fitting = choice.BeforeUtc is { } before ? sets.FindAll(s => s.MarkTimeUtc < before) : sets;
        return fitting.Count > 0
            ? fitting.Take(choice.Latest ? 1 : fitting.Count).Select(s => Of(catalogue, s))
            : throw new RecoveryException(
                RecoveryError.LogMarkNotFound, folders, FormattableString.Invariant($"No mark was placed before {choice.BeforeUtc:yyyy-MM-dd HH:mm:ss} UTC; the oldest is '{sets[sets.Count - 1].Point}'."));
    }

    /// <summary>Gives the point of one mark, also when no file is named for it, or of the full set of that name that is proven quiesced.</summary>
    public static RecoveryPoint PointOf(BackupCatalogue catalogue, string mark)
    {
        if (SetOf(catalogue, mark) is { } set)
        {
            return Of(catalogue, set);
        }

        LogMark? parts = LogMark.TryParse(mark);
        BackupSet? before = parts is null ? null : catalogue.Sets.LastOrDefault(s => string.CompareOrdinal(s.Stamp, parts.Stamp) <= 0);
        return Build(catalogue, mark, parts is null ? default : DateTime.SpecifyKind(parts.Time, DateTimeKind.Utc), before?.Members ?? catalogue.MemberKeys);
    }

    /// <summary>Makes the error for a point that some member cannot reach.</summary>
    public static RecoveryException Unreachable(RecoveryPoint point)
    {
        ChainFault? worst = point.Faults.FirstOrDefault(f => f.Code == RecoveryError.MemberMissing) ?? (point.Faults.Count > 0 ? point.Faults[0] : null);
        if (worst is null)
        {
            return new RecoveryException(RecoveryError.MemberMissing, point.Mark, $"No member reaches the {WordFor(point)} '{point.Mark}'.");
        }

        string others = point.Faults.Count > 1 ? $" ({point.Faults.Count - 1} more: {string.Join("; ", point.Faults.Where(f => !ReferenceEquals(f, worst)))})" : string.Empty;
        return new RecoveryException(worst.Code, worst.Member, $"The {WordFor(point)} '{point.Mark}' cannot be reached by {worst}{others}.");
    }

    /// <summary>The set that makes a point; null when none does. A mark comes before a full set of the same name.</summary>
    internal static BackupSet? SetOf(BackupCatalogue catalogue, string point) =>
        catalogue.Sets.FirstOrDefault(s => string.Equals(s.Mark, point, StringComparison.Ordinal)) ?? catalogue.Sets.FirstOrDefault(s => string.Equals(s.Point, point, StringComparison.Ordinal));

    private static IEnumerable<BackupSet> NewestFirst(BackupCatalogue catalogue) => catalogue.Sets.Where(s => s.Point is not null).Reverse();

    private static string WordFor(RecoveryPoint point) => point.Kind == RecoveryPointKind.Mark ? "mark" : "quiesced point";

    private static RecoveryPoint Of(BackupCatalogue catalogue, BackupSet set) =>
        set.Mark is { } mark ? Build(catalogue, mark, set.MarkTimeUtc ?? default, set.Members) : QuiescedPoint.Of(catalogue, set);

    private static RecoveryPoint Build(BackupCatalogue catalogue, string mark, DateTime timeUtc, IEnumerable<MemberKey> members)
    {
        var chains = new List<MemberChain>();
        var faults = new List<ChainFault>();
        foreach (MemberKey member in members.OrderBy(m => m.Database, StringComparer.OrdinalIgnoreCase).ThenBy(m => m.Server, StringComparer.OrdinalIgnoreCase))
        {
            if (ChainBuilder.Build(catalogue, member, mark, null, out ChainFault? fault) is { } chain)
            {
                chains.Add(chain);
            }
            else
            {
                faults.Add(fault!);
            }
        }

        return new RecoveryPoint(mark, timeUtc, OneOfEachDatabase(chains), faults);
    }

    /// <summary>Two names that lead to the very same log are one database, renamed or moved: it goes by the name it had in that log.</summary>
    private static List<MemberChain> OneOfEachDatabase(List<MemberChain> chains)
    {
        HashSet<MediaBackup> own = new(chains.Where(c => c.Member.Equals(c.Last.Member)).Select(c => c.Last), ReferenceComparer.Instance);
        var seen = new HashSet<MediaBackup>(ReferenceComparer.Instance);
        return chains.Where(c => (c.Member.Equals(c.Last.Member) || !own.Contains(c.Last)) && seen.Add(c.Last)).ToList();
    }
}
