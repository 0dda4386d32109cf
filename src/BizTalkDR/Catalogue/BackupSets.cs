using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Reports;

namespace BizTalkDR.Catalogue;

/// <summary>Groups backups into the sets that the group's procedures wrote.</summary>
public static class BackupSets
{
    /// <summary>Groups the files of a catalogue by kind and stamp.</summary>
    /// <returns>
    /// The sets, oldest first, with those of which only the manifest is left, unless they are older than every file there is: those were cleaned up.
    /// Files whose names do not follow the rule are in none.
    /// </returns>
    public static IReadOnlyList<BackupSet> From(BackupCatalogue catalogue)
    {
        List<Draft> drafts = catalogue.Backups
            .Where(b => b.Name is not null && b.Header.Kind is MediaBackupKind.Full or MediaBackupKind.Log)
            .GroupBy(b => (b.Name!.Stamp, Kind: b.Header.Kind == MediaBackupKind.Log ? BackupSetKind.Log : BackupSetKind.Full, b.Name.Mark))
            .Select(g => new Draft(g.Key.Kind, g.Key.Stamp, g.Key.Mark, [.. g], catalogue.Manifests.Of(g.Key.Kind, g.Key.Stamp, g.Key.Mark)))
            .ToList();
        string? oldest = drafts.Min(d => d.Stamp);
        HashSet<FoundManifest> with = [.. drafts.Select(d => d.Manifest).OfType<FoundManifest>()];
        drafts.AddRange(catalogue.Manifests.OfSets
            .Where(m => oldest is not null && !with.Contains(m) && string.CompareOrdinal(m.Content.Set.Stamp, oldest) >= 0)
            .Select(m => new Draft(m.Content.Set.Kind, m.Content.Set.Stamp, m.Content.Set.Mark ?? m.Content.Set.Stamp, [], m)));
        drafts = [.. drafts.OrderBy(d => d.Stamp, StringComparer.Ordinal).ThenBy(d => d.Kind)];
        SetOrder.Correct(drafts, d => d.Backups);
        var window = new MemberWindow(catalogue.AreOneDatabase, catalogue.Manifests.All.Take(1).SelectMany(m => m.Content.MemberKeys()).Where(m => catalogue.Of(m).Count == 0));
        var sets = new List<BackupSet>();
        foreach (Draft draft in drafts)
        {
            List<MemberKey> own = draft.Backups.Select(b => b.Member).Distinct().ToList();
            window.Add(draft.Kind, own, draft.Manifest?.Content.MemberKeys());
            List<MemberKey> expected = (catalogue.ExpectedMembers?.Select(m => new MemberKey(m.Server ?? m.ConfiguredServer, m.Database)) ?? window.Members).ToList();
            sets.Add(SetFrom(catalogue, draft, expected, [.. expected.Where(m => !own.Contains(m) && !own.Exists(o => !expected.Contains(o) && catalogue.AreOneDatabase(o, m)))]));
        }

        return sets;
    }

    /// <summary>Groups rows of the history.</summary>
    /// <param name="rows">Rows of adm_BackupHistory.</param>
    /// <param name="group">The group they belong to.</param>
    /// <returns>The sets, oldest first.</returns>
    public static IReadOnlyList<BackupSet> FromHistory(IEnumerable<HistoryRow> rows, BizTalkGroup group)
    {
        var sets = new List<BackupSet>();
        foreach (IGrouping<long, HistoryRow> set in rows.GroupBy(r => r.SetId).OrderBy(g => g.Key))
        {
            HistoryRow first = set.First();
            var findings = new List<Finding>();
            foreach (GroupMember member in group.Members.Where(m => !set.Any(r => IsOf(r, m))))
            {
                findings.Add(new Finding(FindingLevel.Error, member.ToString(), "The set has no file of this member."));
            }

            if (set.Any(r => !r.SetComplete))
            {
                findings.Add(new Finding(FindingLevel.Error, $"set {set.Key}", "The history does not call this set complete."));
            }

            string? mark = first.IsLog ? first.MarkName : null;
            string stamp = BackupFileName.TryParse(first.FileName)?.Stamp ?? LogMark.TryParse(mark)?.Stamp ?? string.Empty;
            List<BackupSetFile> files = set.Select(r =>
            {
                GroupMember? member = group.Members.FirstOrDefault(m => IsOf(r, m));
                return new BackupSetFile(r.Database, member?.Server ?? r.Server, ServerPath.Join(r.Location, r.FileName)) { Role = member?.Role ?? MemberRole.Unknown };
            }).ToList();
            sets.Add(new BackupSet(first.IsLog ? BackupSetKind.Log : BackupSetKind.Full, stamp, files, findings.Count == 0)
            {
                SetId = set.Key,
                Mark = mark,
                MarkTimeUtc = TimeOf(stamp),
                Findings = findings,
            });
        }

        return sets;
    }

    private static bool IsOf(HistoryRow row, GroupMember member) =>
        string.Equals(row.Database, member.Database, StringComparison.OrdinalIgnoreCase) && string.Equals(row.Server, member.ConfiguredServer, StringComparison.OrdinalIgnoreCase);

    private static BackupSet SetFrom(BackupCatalogue catalogue, Draft draft, IReadOnlyList<MemberKey> expected, IReadOnlyList<MemberKey> missing)
    {
        List<Finding> findings = missing.Select(m => new Finding(FindingLevel.Error, m.ToString(), $"The set {draft.Mark} has no file of this member{NamedBy(draft.Manifest, m)}.")).ToList();
        findings.AddRange(draft.Backups
            .Where(b => !b.IsUsable)
            .Select(b => new Finding(FindingLevel.Error, b.ToString(), $"This file of the set {draft.Mark} cannot be used: {b.ConditionText ?? "it is damaged"}.")));
        List<BackupSetFile> files = draft.Backups.Select(b => new BackupSetFile(b.Header.DatabaseName, b.Header.ServerName, b.Path)
        {
            Role = catalogue.RoleOf(b.Member),
            SizeBytes = b.SizeBytes,
            Header = b.Header,
            Condition = b.Condition,
        }).ToList();
        return new BackupSet(draft.Kind, draft.Stamp, files, findings.Count == 0)
        {
            SetId = draft.Manifest?.Content.Set.Id,
            Mark = draft.Kind == BackupSetKind.Log ? draft.Mark : null,
            Point = draft is { Kind: BackupSetKind.Full, Manifest: { } by } && QuiescenceJudge.WhyNot(by.Content) is null ? draft.Mark : null,
            MarkTimeUtc = draft.Manifest?.Content.Set.MarkTimeUtc ?? TimeOf(draft.Stamp),
            Members = expected,
            Missing = missing,
            ManifestPath = draft.Manifest?.Path,
            Findings = findings,
        };
    }

    private static string NamedBy(FoundManifest? manifest, MemberKey member) =>
        manifest?.Content.Files.FirstOrDefault(f => string.Equals(f.Database, member.Database, StringComparison.OrdinalIgnoreCase) && string.Equals(f.Server, member.Server, StringComparison.OrdinalIgnoreCase)) is { } file
            ? $": {file.Name}, of which {manifest} knows, is not there"
            : string.Empty;

    private static DateTime? TimeOf(string stamp) => LogMark.TimeOf(stamp) is { } time ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : null;

    /// <summary>A set before it is looked at.</summary>
    private sealed record Draft(BackupSetKind Kind, string Stamp, string Mark, IReadOnlyList<MediaBackup> Backups, FoundManifest? Manifest);
}
