using System;
using System.Collections.Generic;
using System.Data;
using System.Globalization;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.SqlServer;

internal sealed partial class SmoSqlInstance
{
    /// <inheritdoc/>
    public GroupRecords ReadGroup(string managementDatabase, CancellationToken cancellationToken = default)
    {
        int found = Exists(managementDatabase, "admv_BackupDatabases", cancellationToken);
        if (found < 2)
        {
            return new GroupRecords(found > 0, false);
        }

        return InDatabase(managementDatabase, () =>
        {
            List<GroupRecords> groups = Query("Reading the group", SqlText.Group, r => new GroupRecords(true, true)
            {
                GroupName = Text(r, 0),
                GroupId = Id(r, 1),
                SsoServer = NullWhenEmpty(Text(r, 2)),
                Tracking = ConfiguredDatabase(r, 3),
                BamPrimaryImport = ConfiguredDatabase(r, 5),
                RuleEngine = ConfiguredDatabase(r, 7),
            }, cancellationToken);
            GroupRecords group = groups.Count > 0 ? groups[0] : new GroupRecords(true, true);
            return group with
            {
                BackupDatabases = Query("Reading the group's databases", SqlText.BackupDatabases, r => new DatabaseAddress(Text(r, 0), Text(r, 1)), cancellationToken),
                MessageBoxes = Query("Reading the MessageBoxes", SqlText.MessageBoxes, r => new MessageBoxRecord(Text(r, 0), Text(r, 1), !r.IsDBNull(2) && Convert.ToInt32(r.GetValue(2), CultureInfo.InvariantCulture) != 0), cancellationToken),
                Others = Query("Reading the enlisted databases", SqlText.OtherDatabases, r => new OtherDatabaseRecord(Text(r, 0), Text(r, 1), Text(r, 2)), cancellationToken),
            };
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public string? ResolveServerName(string managementDatabase, string configuredServer, string database, CancellationToken cancellationToken = default) =>
        InDatabase(managementDatabase, () =>
        {
            using SqlCommand command = Command("dbo.sp_GetRemoteServerName", ("@ServerName", configuredServer), ("@DatabaseName", database));
            command.CommandType = CommandType.StoredProcedure;
            command.CommandTimeout = QueryTimeoutSeconds;
            SqlParameter name = command.Parameters.Add("@RemoteServerName", SqlDbType.NVarChar, 128);
            name.Direction = ParameterDirection.Output;
            try
            {
                Guarded("Asking for the real name of a server", command, command.ExecuteNonQuery, cancellationToken);
            }
            catch (RecoveryException error) when (error.Code is not (RecoveryError.ConnectionLost or RecoveryError.OperationCancelled))
            {
                // The server behind the name does not answer: that is an answer here.
                return null;
            }

            return name.Value is string server && server.Length > 0 ? server : null;
        }, cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<HistoryRow> ReadBackupHistory(string managementDatabase, long afterSetId, CancellationToken cancellationToken = default) =>
        InDatabase(managementDatabase, () => Query(
            "Reading the backup history",
            SqlText.BackupHistory,
            HistoryRowFrom,
            cancellationToken,
            ("@after", afterSetId)), cancellationToken);

    /// <inheritdoc/>
    public StatementOutcome RunProcedure(GroupProcedureCall call, Action<ServerMessage>? onMessage, CancellationToken cancellationToken = default) =>
        InDatabase(call.ManagementDatabase, () =>
        {
            string text = SqlText.Call(call.Procedure);
            StatementOutcome outcome = call.Procedure switch
            {
                GroupProcedure.SetBackupCompression => Execute(text, onMessage, cancellationToken, ("@bCompression", call.Compression)),
                GroupProcedure.ForceFullBackup => Execute(text, onMessage, cancellationToken),
                _ => Execute(text, onMessage, cancellationToken, ("@MarkName", call.MarkName), ("@BackupPath", call.Path), ("@UseLocalTime", call.UseLocalTime)),
            };
            Execute(SqlText.EndTransaction, null, CancellationToken.None);
            return outcome;
        }, cancellationToken);

    /// <inheritdoc/>
    public MarkLogFacts ReadMarkLog(string database, string markName, CancellationToken cancellationToken = default)
    {
        if (Exists(database, "MarkLog", cancellationToken) < 2)
        {
            return new MarkLogFacts(false, 0, null);
        }

        List<int> count = Query("Counting the mark", SqlText.CountMark(database), r => r.GetInt32(0), cancellationToken, ("@mark", markName));
        List<string> newest = Query("Reading the newest mark", SqlText.NewestMark(database), r => r.GetString(0), cancellationToken);
        return new MarkLogFacts(true, count[0], newest.Count > 0 ? newest[0] : null);
    }

    /// <inheritdoc/>
    public MarkHistoryRow? ReadMarkHistory(string database, string markName, CancellationToken cancellationToken = default)
    {
        List<MarkHistoryRow> rows = Query(
            "Reading the history of marks",
            SqlText.MarkHistory,
            r => new MarkHistoryRow(Text(r, 0), Text(r, 1), new LogPosition(r.IsDBNull(2) ? 0 : r.GetDecimal(2)), r.GetDateTime(3)),
            cancellationToken,
            ("@database", database),
            ("@mark", markName));
        return rows.Count > 0 ? rows[0] : null;
    }

    private static HistoryRow HistoryRowFrom(SqlDataReader r) => new(
        r.GetInt64(0),
        r.IsDBNull(1) ? null : r.GetString(1),
        Text(r, 2),
        Text(r, 3),
        Text(r, 4),
        Text(r, 5),
        string.Equals(Text(r, 6).Trim(), "lg", StringComparison.OrdinalIgnoreCase),
        r.GetDateTime(7),
        r.GetBoolean(8));

    private static string? NullWhenEmpty(string text) => text.Length == 0 ? null : text;

    // Not configured = empty strings, never NULL; only the server name decides (facts: biztalk-databases.md §3).
    private static DatabaseAddress? ConfiguredDatabase(SqlDataReader reader, int column) =>
        Text(reader, column).Length == 0 ? null : new DatabaseAddress(Text(reader, column), Text(reader, column + 1));

    /// <summary>0 = no such database, 1 = no such object in it, 2 = both are there.</summary>
    private int Exists(string database, string objectName, CancellationToken cancellationToken) => Query(
        "Looking for a database",
        SqlText.ObjectExists,
        r => r.GetInt32(0),
        cancellationToken,
        ("@database", database),
        ("@object", SqlText.Name(database) + ".dbo." + SqlText.Name(objectName)))[0];

    /// <summary>Works in a database and goes back to master: a session left in it would stand in the way of a restore (3102).</summary>
    private T InDatabase<T>(string database, Func<T> work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            throw SqlErrors.Cancelled(Address, $"Using {database}", null);
        }

        ChangeTo(database);
        try
        {
            return work();
        }
        finally
        {
            if (_connection.State == ConnectionState.Open)
            {
                ChangeTo("master");
            }
        }
    }

    private void ChangeTo(string database)
    {
        if (string.Equals(_connection.Database, database, StringComparison.Ordinal))
        {
            return;
        }

        try
        {
            _connection.ChangeDatabase(database);
        }
        catch (SqlException error)
        {
            throw SqlErrors.WhileAsking(Address, $"Using {database}", error, _connection.State == ConnectionState.Open);
        }
        catch (InvalidOperationException error)
        {
            throw SqlErrors.Lost(Address, $"Using {database}", error);
        }
    }
}
