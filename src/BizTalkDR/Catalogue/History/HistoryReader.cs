using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Reports;

namespace BizTalkDR.Catalogue.History;

/// <summary>Reads what an instance remembers of backups: msdb, the history of a Management database, and the tables of BizTalk's log shipping, where they are.</summary>
/// <remarks>The columns of log shipping's history are those of adm_BackupHistory, whose rows it copies (facts: log-shipping.md §5).</remarks>
public static class HistoryReader
{
    /// <summary>Reads instances and holds what they remember against the files of a catalogue.</summary>
    /// <param name="catalogue">The files.</param>
    /// <param name="instances">The instances.</param>
    /// <param name="managementDatabase">Name of the group's Management database.</param>
    /// <param name="sql">Opens connections.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static BackupCatalogue Apply(BackupCatalogue catalogue, IReadOnlyList<SqlInstanceAddress> instances, string managementDatabase, ISqlInstanceFactory sql, CancellationToken cancellationToken = default)
    {
        BackupRecords records = BackupRecords.None;
        var findings = new List<Finding>();
        foreach (SqlInstanceAddress address in instances)
        {
            using ISqlInstance instance = sql.Open(address, cancellationToken);
            records = records.And(Read(instance, managementDatabase, findings, cancellationToken));
        }

        return catalogue.With(records, findings);
    }

    /// <summary>Reads one instance.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="managementDatabase">Name of the group's Management database, which this instance need not have.</param>
    /// <param name="findings">Takes what could not be read.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static BackupRecords Read(ISqlInstance instance, string managementDatabase, ICollection<Finding> findings, CancellationToken cancellationToken = default)
    {
        string server = instance.Identity.ServerName;
        var backups = new List<RecordedBackup>();
        var marks = new List<RecordedMark>();
        Try($"msdb of {server}", findings, source =>
        {
            backups.AddRange(instance.ReadRecordedBackups(cancellationToken).Select(r => new RecordedBackup(source, r.Header.ServerName, r.Header.DatabaseName, r.Header.Kind, r.Path)
            {
                BackupSetGuid = r.Header.BackupSetGuid,
                FirstLsn = r.Header.FirstLsn,
                LastLsn = r.Header.LastLsn,
                IsCopyOnly = r.Header.IsCopyOnly,
            }));
            marks.AddRange(instance.ReadRecordedMarks(cancellationToken).Select(m => new RecordedMark(source, new MemberKey(server, m.Database), m.MarkName, m.Lsn)));
        });
        Try($"the backup history of {managementDatabase} on {server}", findings, source =>
        {
            if (instance.ReadGroup(managementDatabase, cancellationToken).HasBackupView)
            {
                backups.AddRange(instance.ReadBackupHistory(managementDatabase, 0, cancellationToken).Select(r => From(source, r)));
            }
        });
        Try($"the log shipping on {server}", findings, source => backups.AddRange(instance.ReadShippedHistory(cancellationToken).Select(r => From(source, r))));
        return new BackupRecords(backups, marks);
    }

    private static RecordedBackup From(string source, HistoryRow row) =>
        new(source, row.Server, row.Database, row.IsLog ? MediaBackupKind.Log : MediaBackupKind.Full, ServerPath.Join(row.Location, row.FileName)) { Mark = row.IsLog ? row.MarkName : null };

    private static void Try(string source, ICollection<Finding> findings, System.Action<string> read)
    {
        try
        {
            read(source);
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.PermissionDenied)
        {
            findings.Add(new Finding(FindingLevel.Warning, source, $"It was not read, so what it knows was not held against the files: {error.Message}"));
        }
    }
}
