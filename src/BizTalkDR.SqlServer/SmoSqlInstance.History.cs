using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using BizTalkDR.Ports;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.SqlServer;

internal sealed partial class SmoSqlInstance
{
    /// <inheritdoc/>
    public IReadOnlyList<RecordedSet> ReadRecordedBackups(CancellationToken cancellationToken = default) => Query(
        "Reading msdb's backup sets",
        SqlText.RecordedBackups,
        r => new RecordedSet(Text(r, 8), new BackupHeader(Convert.ToInt32(r.GetValue(7), CultureInfo.InvariantCulture), KindOf(Text(r, 3)), Text(r, 1), Text(r, 2))
        {
            BackupSetGuid = Id(r, 0) ?? Guid.Empty,
            FirstLsn = Lsn(r, 4),
            LastLsn = Lsn(r, 5),
            IsCopyOnly = !r.IsDBNull(6) && r.GetBoolean(6),
        }),
        cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<MarkHistoryRow> ReadRecordedMarks(CancellationToken cancellationToken = default) => Query(
        "Reading the history of marks",
        SqlText.RecordedMarks,
        r => new MarkHistoryRow(Text(r, 0), Text(r, 1), Lsn(r, 2), r.GetDateTime(3)),
        cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<HistoryRow> ReadShippedHistory(CancellationToken cancellationToken = default) =>
        Exists("master", "bts_LogShippingHistory", cancellationToken) < 2 ? [] : Query("Reading log shipping's history", SqlText.ShippedHistory, HistoryRowFrom, cancellationToken);

    private static LogPosition Lsn(SqlDataReader reader, int column) => new(reader.IsDBNull(column) ? 0 : reader.GetDecimal(column));

    // backupset.type: D database, I differential, L log.
    private static MediaBackupKind KindOf(string type) => type.Trim() switch
    {
        "D" => MediaBackupKind.Full,
        "I" => MediaBackupKind.Differential,
        "L" => MediaBackupKind.Log,
        _ => MediaBackupKind.Other,
    };
}
