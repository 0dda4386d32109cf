using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>A log that holds a mark, or should.</summary>
/// <param name="Log">The log.</param>
/// <param name="Position">Where the mark stands; null when that is not known.</param>
/// <param name="Source">Who says so.</param>
internal sealed record MarkCandidate(MediaBackup Log, MarkPosition? Position, MarkSource Source);

/// <summary>Finds the logs in which a mark may be, by what is known of their marks, and by their names where nothing better is known.</summary>
internal static class MarkCandidates
{
    /// <summary>Lists the logs of a member for a mark.</summary>
    /// <returns>Those that are known to hold it; if there are none, those whose names say so and that were not read.</returns>
    public static IReadOnlyList<MarkCandidate> Of(BackupCatalogue catalogue, MemberKey member, string mark)
    {
        var known = new List<MarkCandidate>();
        var named = new List<MarkCandidate>();
        foreach (MediaBackup log in catalogue.LogsFor(member, mark))
        {
            MarkKnowledge knowledge = catalogue.MarksOf(log);
            List<KnownMark> found = knowledge.Marks.Where(m => string.Equals(m.Name, mark, StringComparison.Ordinal)).ToList();
            known.AddRange(found.Select(m => new MarkCandidate(log, m.Position, m.Source)));
            if (found.Count == 0 && !knowledge.IsComplete && string.Equals(log.Mark, mark, StringComparison.Ordinal))
            {
                named.Add(new MarkCandidate(log, null, MarkSource.FileName));
            }
        }

        return known.Count > 0 ? known : named;
    }

    /// <summary>Finds two different transactions of one name.</summary>
    /// <returns>Two candidates; null when all hold the same transaction, as overlapping logs do.</returns>
    /// <remarks>Names repeat only when local time is used and the clock is set back (facts: restore.md §4). Behind both, MarkLog shows the mark twice and no proof is possible.</remarks>
    public static (MarkCandidate First, MarkCandidate Second)? Ambiguity(IReadOnlyList<MarkCandidate> candidates)
    {
        MarkCandidate? first = candidates.FirstOrDefault(c => c.Position is not null);
        MarkCandidate? second = first is null ? null : candidates.FirstOrDefault(c => c.Position is { } p && p.Lsn != first.Position!.Lsn);
        return second is null ? null : (first!, second);
    }
}
