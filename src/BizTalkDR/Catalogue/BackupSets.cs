using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Reports;

namespace BizTalkDR.Catalogue;

/// <summary>Groups backups into the sets that the group's procedures wrote.</summary>
public static class BackupSets
{
    /// <summary>Groups the files of a catalogue by kind and stamp.</summary>
    /// <returns>The sets, oldest first; files whose names do not follow the rule are in none.</returns>
    public static IReadOnlyList<BackupSet> From(BackupCatalogue catalogue)
    {
        var groups = catalogue.Backups
            .Where(b => b.Name is not null && b.Header.Kind is MediaBackupKind.Full or MediaBackupKind.Log)
            .GroupBy(b => (b.Name!.Stamp, Kind: b.Header.Kind == MediaBackupKind.Log ? BackupSetKind.Log : BackupSetKind.Full, b.Name.Mark))
            .OrderBy(g => g.Key.Stamp, StringComparer.Ordinal)
            .ThenBy(g => g.Key.Kind)
            .ToList();
        SetOrder.Correct(groups, g => g.ToList());
        var window = new MemberWindow(catalogue.AreOneDatabase);
        var sets = new List<BackupSet>();
        foreach (var group in groups)
        {
            List<MemberKey> own = group.Select(b => b.Member).Distinct().ToList();
            window.Add(group.Key.Kind, own);
            List<MemberKey> expected = (catalogue.ExpectedMembers?.Select(m => new MemberKey(m.Server ?? m.ConfiguredServer, m.Database)) ?? window.Members).ToList();
            sets.Add(SetFrom(catalogue, group.Key.Kind, group.Key.Stamp, group.Key.Mark, [.. group], expected, expected.Where(m => !own.Contains(m) && !own.Exists(o => !expected.Contains(o) && catalogue.AreOneDatabase(o, m)))));
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

    private static BackupSet SetFrom(
        BackupCatalogue catalogue, BackupSetKind kind, string stamp, string mark, IReadOnlyList<MediaBackup> backups, IReadOnlyList<MemberKey> expected, IEnumerable<MemberKey> missing)
    {
        List<Finding> findings = missing.Select(m => new Finding(FindingLevel.Error, m.ToString(), $"The set {mark} has no file of this member.")).ToList();
        List<BackupSetFile> files = backups.Select(b => new BackupSetFile(b.Header.DatabaseName, b.Header.ServerName, b.Path)
        {
            Role = catalogue.RoleOf(b.Member),
            SizeBytes = b.SizeBytes,
            Header = b.Header,
        }).ToList();
        return new BackupSet(kind, stamp, files, findings.Count == 0)
        {
            Mark = kind == BackupSetKind.Log ? mark : null,
            MarkTimeUtc = TimeOf(stamp),
            Members = expected,
            Findings = findings,
        };
    }

    private static DateTime? TimeOf(string stamp) => LogMark.TimeOf(stamp) is { } time ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : null;
}
