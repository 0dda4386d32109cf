using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Reports;

namespace BizTalkDR.Backup;

/// <summary>Reads back what a backup wrote: the history, each file from the instance that wrote it, and the mark in every member.</summary>
internal sealed class BackupReadBack
{
    private readonly RecoveryPorts _ports;
    private readonly InstanceDirectory _directory;
    private readonly BackupPlan _plan;
    private readonly List<Finding> _findings = [];

    public BackupReadBack(RecoveryPorts ports, InstanceDirectory directory, BackupPlan plan)
    {
        _ports = ports;
        _directory = directory;
        _plan = plan;
    }

    /// <summary>Confirms the set written since a set id.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.BackupSetIncomplete"/>, <see cref="RecoveryError.BackupNotConfirmed"/>.</exception>
    public BackupSet Confirm(BackupSetKind kind, ISqlInstance management, long before, CancellationToken cancellationToken)
    {
        IReadOnlyList<HistoryRow> rows = NewRows(kind, management, before, cancellationToken);
        string? mark = MarkOf(kind, rows);
        LogMark? stamp = LogMark.TryParse(mark);
        var files = new List<BackupSetFile>();
        foreach (IGrouping<string, GroupMember> server in _plan.MembersByServer())
        {
            files.AddRange(ReadServer(server, rows, kind, mark, cancellationToken));
        }

        string stampText = stamp?.Stamp ?? rows.Select(r => BackupFileName.TryParse(r.FileName)?.Stamp).FirstOrDefault(s => s is not null) ?? string.Empty;
        DateTime? time = LogMark.TimeOf(stampText);
        var set = new BackupSet(kind, stampText, files, IsComplete: _findings.All(f => f.Level != FindingLevel.Error))
        {
            SetId = rows[0].SetId,
            Mark = mark,
            MarkTimeUtc = time is null ? null : DateTime.SpecifyKind(_plan.Request.UseLocalTime ? time.Value - management.Identity.ServerTimeUtcOffset : time.Value, DateTimeKind.Utc),
            Findings = _findings,
        };
        if (!set.IsComplete)
        {
            Finding first = _findings.First(f => f.Level == FindingLevel.Error);
            int more = _findings.Count(f => f.Level == FindingLevel.Error) - 1;
            throw new RecoveryException(RecoveryError.BackupNotConfirmed, set, $"Set {set.SetId} was written but not confirmed: {first.Subject}: {first.Text}{(more > 0 ? $" ({more} more)" : string.Empty)}")
            {
                StateLeftBehind = $"The files of set {set.SetId} are in '{_plan.Request.Destination}' and the history calls the set complete.",
                PartialResult = set,
            };
        }

        foreach (Finding finding in _findings.Where(f => f.Level == FindingLevel.Warning))
        {
            _ports.Log.Warning(finding);
        }

        return set;
    }

    private IReadOnlyList<HistoryRow> NewRows(BackupSetKind kind, ISqlInstance management, long before, CancellationToken cancellationToken)
    {
        List<HistoryRow> rows = management.ReadBackupHistory(_plan.Group.ManagementDatabase, before, cancellationToken)
            .Where(r => r.SetId > before && r.IsLog == (kind == BackupSetKind.Log) && ServerPath.SameFolder(r.Location, _plan.Request.Destination))
            .ToList();
        if (rows.Count == 0)
        {
            throw new RecoveryException(RecoveryError.BackupNotConfirmed, _plan.Group, $"The procedure ended without an error, but the backup history of '{_plan.Group.ManagementDatabase}' has no new {kind} set in '{_plan.Request.Destination}'.");
        }

        // The scheduled job may have run in between; the last set is the one whose procedure call just returned.
        long setId = rows.Max(r => r.SetId);
        if (rows.Any(r => r.SetId != setId))
        {
            _findings.Add(new Finding(FindingLevel.Information, $"set {setId}", "Another set of this kind was written in between, probably by the scheduled job."));
        }

        rows = rows.Where(r => r.SetId == setId).ToList();
        if (rows.Any(r => !r.SetComplete))
        {
            throw new RecoveryException(RecoveryError.BackupSetIncomplete, _plan.Group, $"Set {setId} holds {rows.Count} of {_plan.Group.Members.Count} files and the history does not call it complete.", "Find the error of the member that is missing, then run the backup again.")
            {
                StateLeftBehind = $"The files written so far are in '{_plan.Request.Destination}'; a log file among them is a link of its database's chain and must be kept.",
            };
        }

        return rows;
    }

    private string? MarkOf(BackupSetKind kind, IReadOnlyList<HistoryRow> rows)
    {
        if (kind == BackupSetKind.Full)
        {
            return null;
        }

        List<string?> marks = rows.Select(r => r.MarkName).Distinct(StringComparer.Ordinal).ToList();
        string subject = $"set {rows[0].SetId}";
        if (marks.Count != 1 || string.IsNullOrEmpty(marks[0]))
        {
            _findings.Add(new Finding(FindingLevel.Error, subject, $"The set carries {marks.Count(m => !string.IsNullOrEmpty(m))} marks; it must carry exactly one."));
            return marks.FirstOrDefault(m => !string.IsNullOrEmpty(m));
        }

        if (LogMark.TryParse(marks[0]) is not { } mark || !string.Equals(mark.Prefix, _plan.Request.MarkName, StringComparison.Ordinal))
        {
            _findings.Add(new Finding(FindingLevel.Error, subject, $"The mark '{marks[0]}' does not begin with the mark name '{_plan.Request.MarkName}' that was asked for."));
        }

        return marks[0];
    }

    private IEnumerable<BackupSetFile> ReadServer(
        IGrouping<string, GroupMember> members, IReadOnlyList<HistoryRow> rows, BackupSetKind kind, string? mark, CancellationToken cancellationToken)
    {
        ISqlInstance? instance = null;
        try
        {
            instance = _ports.Sql.Open(_directory.AddressOf(members.First()), cancellationToken);
        }
        catch (RecoveryException error) when (error.Code is not RecoveryError.OperationCancelled)
        {
            _findings.Add(new Finding(FindingLevel.Warning, members.Key, $"The files of this instance were not read back: {error.Message}"));
        }

        using (instance)
        {
            IReadOnlyList<FolderEntry> folder = instance?.ListFolder(_plan.Request.Destination, cancellationToken).Files ?? [];
            var files = new List<BackupSetFile>();
            foreach (GroupMember member in members)
            {
                if (RowOf(member, rows) is { } row)
                {
                    BackupSetFile file = ReadFile(member, row, kind, folder, instance, cancellationToken);
                    files.Add(mark is not null && instance is not null ? file with { MarkLsn = CheckMark(member, mark, instance, cancellationToken) } : file);
                }
            }

            return files;
        }
    }

    private HistoryRow? RowOf(GroupMember member, IReadOnlyList<HistoryRow> rows)
    {
        List<HistoryRow> own = rows
            .Where(r => string.Equals(r.Database, member.Database, StringComparison.OrdinalIgnoreCase) && string.Equals(r.Server, member.ConfiguredServer, StringComparison.OrdinalIgnoreCase))
            .ToList();
        if (own.Count != 1)
        {
            _findings.Add(new Finding(FindingLevel.Error, member.ToString(), own.Count == 0 ? "The set has no file of this member." : $"The set has {own.Count} files of this member."));
        }

        return own.FirstOrDefault();
    }

    private BackupSetFile ReadFile(
        GroupMember member, HistoryRow row, BackupSetKind kind, IReadOnlyList<FolderEntry> folder, ISqlInstance? instance, CancellationToken cancellationToken)
    {
        string path = ServerPath.Join(row.Location, row.FileName);
        long? size = folder.FirstOrDefault(f => string.Equals(f.Name, row.FileName, StringComparison.OrdinalIgnoreCase))?.SizeBytes ?? _ports.Files.SizeOf(path);
        BackupHeader? header = null;
        if (instance is not null)
        {
            header = ReadHeader(member, path, kind, instance, cancellationToken);
        }

        if (size == 0)
        {
            _findings.Add(new Finding(FindingLevel.Error, path, "The file is empty."));
        }

        return new BackupSetFile(member.Database, member.Server ?? row.Server, path) { Role = member.Role, SizeBytes = size, Header = header };
    }

    private BackupHeader? ReadHeader(GroupMember member, string path, BackupSetKind kind, ISqlInstance instance, CancellationToken cancellationToken)
    {
        IReadOnlyList<BackupHeader> headers;
        try
        {
            headers = instance.ReadHeaders(path, cancellationToken);
        }
        catch (RecoveryException error) when (error.Code is not RecoveryError.OperationCancelled)
        {
            _findings.Add(new Finding(FindingLevel.Error, path, $"The instance that wrote the file cannot read its header: {error.Message}"));
            return null;
        }

        // A file is appended to when its name is used again, so the last backup set in it is this run's.
        BackupHeader? header = headers.OrderBy(h => h.Position).LastOrDefault();
        MediaBackupKind expected = kind == BackupSetKind.Log ? MediaBackupKind.Log : MediaBackupKind.Full;
        string? fault = header switch
        {
            null => "The file holds no backup.",
            _ when header.Kind != expected => $"The file holds a {header.Kind} backup instead of a {expected} backup.",
            _ when !string.Equals(header.DatabaseName, member.Database, StringComparison.OrdinalIgnoreCase) => $"The file holds a backup of '{header.DatabaseName}' instead of '{member.Database}'.",
            _ when !string.Equals(header.ServerName, member.Server, StringComparison.OrdinalIgnoreCase) => $"The file was written by '{header.ServerName}' instead of '{member.Server}'.",
            _ when header.IsDamaged => "The server marked the backup as damaged when it wrote it.",
            _ => null,
        };
        if (fault is not null)
        {
            _findings.Add(new Finding(FindingLevel.Error, path, fault));
        }

        return header;
    }

    /// <summary>Gives where msdb saw the mark; null when it was not asked, or did not.</summary>
    private LogPosition? CheckMark(GroupMember member, string mark, ISqlInstance instance, CancellationToken cancellationToken)
    {
        try
        {
            MarkLogFacts log = instance.ReadMarkLog(member.Database, mark, cancellationToken);
            if (log.MarkCount != 1)
            {
                _findings.Add(new Finding(FindingLevel.Error, member.ToString(), log.TableExists ? $"MarkLog holds the mark '{mark}' {log.MarkCount} times instead of once." : "The database has no table MarkLog."));
            }
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.PermissionDenied)
        {
            _findings.Add(new Finding(FindingLevel.Information, member.ToString(), $"MarkLog was not checked: {error.Message}"));
        }

        try
        {
            if (instance.ReadMarkHistory(member.Database, mark, cancellationToken) is { } row)
            {
                return row.Lsn;
            }

            _findings.Add(new Finding(FindingLevel.Error, member.ToString(), $"msdb's history of marks does not hold '{mark}' for this database, so its log may not carry the mark."));
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.PermissionDenied)
        {
            _findings.Add(new Finding(FindingLevel.Information, member.ToString(), $"msdb's history of marks was not checked: {error.Message}"));
        }

        return null;
    }
}
