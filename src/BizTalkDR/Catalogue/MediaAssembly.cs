using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Reports;

namespace BizTalkDR.Catalogue;

/// <summary>Makes one backup of the files that hold it: copies count once, stripes belong together.</summary>
internal static class MediaAssembly
{
    /// <summary>Brings the files of each backup set together.</summary>
    /// <param name="files">What was read, file by file.</param>
    /// <param name="notes">Takes what is to be said about copies.</param>
    /// <returns>One backup for each backup set, by path and position: of copies the first that can be used.</returns>
    public static IReadOnlyList<MediaBackup> Assemble(IEnumerable<MediaBackup> files, List<Finding> notes)
    {
        var kept = new List<MediaBackup>();
        var order = files.OrderBy(b => b.Path, StringComparer.OrdinalIgnoreCase).ThenBy(b => b.Path, StringComparer.Ordinal).ThenBy(b => b.Header.Position);
        foreach (IGrouping<(Guid Set, string Place), MediaBackup> set in order.GroupBy(KeyOf))
        {
            List<MediaBackup> own = [.. set];
            kept.Add(own.Count == 1 && own[0].Label is null or { FamilyCount: 1 } ? own[0] : Join(own, notes));
        }

        return kept;
    }

    private static (Guid Set, string Place) KeyOf(MediaBackup backup) =>
        backup.Header.BackupSetGuid == Guid.Empty ? (Guid.Empty, backup.ToString()) : (backup.Header.BackupSetGuid, string.Empty);

    private static MediaBackup Join(List<MediaBackup> own, List<Finding> notes)
    {
        MediaBackup? best = null;

        // A medium may hold a set that a copy of it holds too: copies of one medium share its id and may lend each other stripes, others may not.
        foreach (IGrouping<Guid, MediaBackup> medium in own.GroupBy(b => b.Label?.MediaSetGuid ?? Guid.Empty))
        {
            foreach (IGrouping<int, MediaBackup> position in medium.GroupBy(b => b.Header.Position))
            {
                MediaBackup whole = JoinStripes([.. position], notes);
                best = best is null || (!best.IsUsable && whole.IsUsable) ? whole : best;
            }
        }

        foreach (MediaBackup copy in own.Where(b => !best!.Paths.Contains(b.Path, StringComparer.Ordinal)))
        {
            notes.Add(new Finding(FindingLevel.Information, copy.ToString(), $"This is a copy of {best}."));
        }

        return best!;
    }

    private static MediaBackup JoinStripes(List<MediaBackup> files, List<Finding> notes)
    {
        int count = files.Max(f => f.Label?.FamilyCount ?? 1);
        var chosen = new List<MediaBackup>();
        var missing = new List<int>();
        for (int stripe = 1; stripe <= count; stripe++)
        {
            List<MediaBackup> copies = files.Where(f => (f.Label?.FamilyNumber ?? 1) == stripe).ToList();
            if ((copies.Find(c => c.IsUsable) ?? copies.FirstOrDefault()) is { } copy)
            {
                chosen.Add(copy);
                Note(copies, copy, notes);
            }
            else
            {
                missing.Add(stripe);
            }
        }

        MediaBackup first = chosen[0];
        MediaBackup? bad = chosen.Find(c => !c.IsUsable);
        return first with
        {
            Stripes = [.. chosen.Skip(1).Select(c => c.Path)],
            SizeBytes = chosen.Sum(c => c.SizeBytes),
            Condition = bad?.Condition ?? (missing.Count > 0 ? BackupCondition.StripeMissing : BackupCondition.Usable),
            ConditionText = bad?.ConditionText ?? (missing.Count > 0 ? $"of its {count} stripes, number {string.Join(", ", missing)} is missing" : null),
        };
    }

    private static void Note(List<MediaBackup> copies, MediaBackup chosen, List<Finding> notes)
    {
        foreach (MediaBackup bad in copies.Where(c => !c.IsUsable && chosen.IsUsable))
        {
            notes.Add(new Finding(FindingLevel.Warning, bad.ToString(), $"This file cannot be used ({bad.ConditionText ?? "damaged"}); its copy {chosen} is."));
        }
    }
}
