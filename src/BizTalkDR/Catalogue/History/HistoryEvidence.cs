using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;
using BizTalkDR.Reports;

namespace BizTalkDR.Catalogue.History;

/// <summary>What histories say, held against the files: by the identity of the backup set, and by name, mark and database where that is all a history keeps.</summary>
internal sealed class HistoryEvidence
{
    private readonly BackupRecords _records;

    public HistoryEvidence(BackupRecords records) => _records = records;

    /// <summary>What was read.</summary>
    public BackupRecords Records => _records;

    /// <summary>Compares, and gives the marks that msdb places in logs.</summary>
    /// <param name="backups">The files' backups.</param>
    /// <param name="notes">Takes what does not agree, and what no file holds.</param>
    public IReadOnlyList<(MediaBackup Log, KnownMark Mark)> Check(IReadOnlyList<MediaBackup> backups, ICollection<Finding> notes)
    {
        Dictionary<Guid, MediaBackup> bySet = backups.Where(b => b.Header.BackupSetGuid != Guid.Empty).GroupBy(b => b.Header.BackupSetGuid).ToDictionary(g => g.Key, g => g.First());
        Dictionary<string, MediaBackup> byName = new(StringComparer.OrdinalIgnoreCase);
        foreach (MediaBackup backup in backups)
        {
            byName[NameKey(backup.Path, backup.Header.DatabaseName)] = backup;
        }

        Dictionary<MemberKey, LogPosition> oldestOf = backups.GroupBy(b => b.Member).ToDictionary(g => g.Key, g => g.Min(b => b.Header.FirstLsn));
        var missing = new List<RecordedBackup>();
        foreach (RecordedBackup record in _records.Backups.Where(r => r.BackupSetGuid != Guid.Empty))
        {
            if (bySet.TryGetValue(record.BackupSetGuid, out MediaBackup? found))
            {
                Compare(record, found, notes);
            }
            else if (oldestOf.TryGetValue(record.Member, out LogPosition lowest) && record.LastLsn > lowest)
            {
                // Of the time of which there are files; older ones were cleaned up.
                missing.Add(record);
            }
        }

        HashSet<string> identified = new(_records.Backups.Where(r => r.BackupSetGuid != Guid.Empty).Select(r => NameKey(r.Path, r.Database)), StringComparer.OrdinalIgnoreCase);
        string? oldest = backups.Select(b => b.Name?.Stamp).Where(s => s is not null).Min();
        foreach (RecordedBackup record in _records.Backups.Where(r => r.BackupSetGuid == Guid.Empty))
        {
            if (byName.TryGetValue(NameKey(record.Path, record.Database), out MediaBackup? found))
            {
                CompareByName(record, found, notes);
            }
            else if (!identified.Contains(NameKey(record.Path, record.Database))
                && BackupFileName.TryParse(ServerPath.NameOf(record.Path)) is { } name && string.CompareOrdinal(name.Stamp, oldest) >= 0)
            {
                missing.Add(record);
            }
        }

        AddMissing(missing, notes);
        AddForeign(missing, bySet, notes);
        return PlaceMarks(backups, notes);
    }

    /// <summary>Gives the backup that would lead a member's log on from one place to another; null when no history knows one.</summary>
    public RecordedBackup? Closing(MemberKey member, LogPosition from, LogPosition to) => _records.Backups
        .Where(r => r.Kind == MediaBackupKind.Log && r.Member.Equals(member) && r.BackupSetGuid != Guid.Empty && r.FirstLsn <= from && r.LastLsn > from && r.FirstLsn < to)
        .OrderByDescending(r => r.LastLsn)
        .FirstOrDefault();

    private static string NameKey(string path, string database) => ServerPath.NameOf(path) + "\n" + database;

    private static void Compare(RecordedBackup record, MediaBackup found, ICollection<Finding> notes)
    {
        if (record.Kind != found.Header.Kind || record.FirstLsn != found.Header.FirstLsn || record.LastLsn != found.Header.LastLsn || !record.Member.Equals(found.Member))
        {
            notes.Add(new Finding(
                FindingLevel.Error,
                found.ToString(),
                $"{record.Source} knows this backup set as a {record.Kind} backup of {record.Member}, LSN {record.FirstLsn} to {record.LastLsn}; the file says {found.Header.Kind} of {found.Member}, LSN {found.Header.FirstLsn} to {found.Header.LastLsn}. The file counts."));
        }
    }

    private static void CompareByName(RecordedBackup record, MediaBackup found, ICollection<Finding> notes)
    {
        if (record.Kind != found.Header.Kind || (record.Mark is { } mark && !string.Equals(found.Mark, mark, StringComparison.Ordinal)))
        {
            notes.Add(new Finding(
                FindingLevel.Error,
                found.ToString(),
                $"{record.Source} knows a file of this name as a {record.Kind} backup with {(record.Mark is null ? "no mark" : $"the mark {record.Mark}")}; the file is a {found.Header.Kind} backup named for {found.Mark ?? "no mark"}. The file counts."));
        }
    }

    private static void AddMissing(List<RecordedBackup> missing, ICollection<Finding> notes)
    {
        foreach (IGrouping<(string Source, string Member), RecordedBackup> group in missing.GroupBy(r => (r.Source, Member: r.BackupSetGuid == Guid.Empty ? r.Database : r.Member.ToString())).OrderBy(g => g.Key))
        {
            RecordedBackup newest = group.OrderBy(r => r.LastLsn).ThenBy(r => ServerPath.NameOf(r.Path), StringComparer.OrdinalIgnoreCase).Last();
            string more = group.Count() == 1 ? string.Empty : $", and {group.Count() - 1} more";
            string sure = newest.BackupSetGuid == Guid.Empty ? "; by their names, which is all this history keeps" : $", LSN {newest.FirstLsn} to {newest.LastLsn}";
            notes.Add(new Finding(FindingLevel.Warning, group.Key.Member, $"{group.Key.Source} knows a {newest.Kind} backup that no file here holds: '{newest.Path}'{more}{sure}."));
        }
    }

    /// <summary>A log backup that somebody else took holds log that no other file has.</summary>
    private void AddForeign(List<RecordedBackup> missing, Dictionary<Guid, MediaBackup> bySet, ICollection<Finding> notes)
    {
        HashSet<Guid> lost = [.. missing.Select(r => r.BackupSetGuid)];
        IEnumerable<RecordedBackup> foreign = _records.Backups.Where(r =>
            r.Kind == MediaBackupKind.Log && !r.IsCopyOnly && r.BackupSetGuid != Guid.Empty && BackupFileName.TryParse(ServerPath.NameOf(r.Path)) is null && (bySet.ContainsKey(r.BackupSetGuid) || lost.Contains(r.BackupSetGuid)));
        foreach (IGrouping<string, RecordedBackup> group in foreign.GroupBy(r => r.Member.ToString()).OrderBy(g => g.Key, StringComparer.OrdinalIgnoreCase))
        {
            notes.Add(new Finding(
                FindingLevel.Warning,
                group.Key,
                $"{group.Last().Source} knows {group.Count()} log backup(s) that the group's job did not take, the last in '{group.Last().Path}'. What they hold is in no other file: the chain needs them."));
        }
    }

    private List<(MediaBackup Log, KnownMark Mark)> PlaceMarks(IReadOnlyList<MediaBackup> backups, ICollection<Finding> notes)
    {
        var placed = new List<(MediaBackup, KnownMark)>();
        ILookup<MemberKey, MediaBackup> logs = backups.Where(b => b.Header.Kind == MediaBackupKind.Log).ToLookup(b => b.Member);
        foreach (RecordedMark mark in _records.Marks)
        {
            List<MediaBackup> holding = logs[mark.Member].Where(l => mark.Lsn >= l.Header.FirstLsn && mark.Lsn < l.Header.LastLsn).ToList();

            // After a restore the logs of two forks overlap, and msdb does not say in which of them the mark stands.
            if (holding.Select(l => l.Header.RecoveryForkGuid).Distinct().Count() == 1)
            {
                placed.AddRange(holding.Select(l => (l, new KnownMark(mark.Mark, null, MarkSource.History))));
            }

            if (holding.Count == 0 && logs[mark.Member].FirstOrDefault(l => string.Equals(l.Mark, mark.Mark, StringComparison.Ordinal)) is { } named)
            {
                notes.Add(new Finding(FindingLevel.Warning, named.ToString(), $"{mark.Source} places the mark {mark.Mark} at LSN {mark.Lsn}, outside this file that is named for it ({named.Header.FirstLsn} to {named.Header.LastLsn})."));
            }
        }

        return placed;
    }
}
