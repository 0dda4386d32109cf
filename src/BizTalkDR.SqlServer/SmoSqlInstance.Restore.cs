using System;
using System.Collections.Generic;
using System.Data;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using Microsoft.Data.SqlClient;
using Microsoft.SqlServer.Management.Common;
using Smo = Microsoft.SqlServer.Management.Smo;

namespace BizTalkDR.SqlServer;

internal sealed partial class SmoSqlInstance
{
    /// <inheritdoc/>
    public IReadOnlyList<DatabaseFacts> ReadDatabases(IReadOnlyCollection<string> names, CancellationToken cancellationToken = default) =>
        names.SelectMany(name => Query(
            "Reading a database's state",
            SqlText.Database,
            r => new DatabaseFacts(Text(r, 0), Text(r, 1))
            {
                IsInStandby = !r.IsDBNull(2) && r.GetBoolean(2),
                Access = (DatabaseAccess)Convert.ToInt32(r.GetValue(3), System.Globalization.CultureInfo.InvariantCulture),
                CreatedLocal = r.GetDateTime(4),
                DatabaseGuid = Id(r, 5),
                FamilyGuid = Id(r, 6),
                RecoveryForkGuid = Id(r, 7),
                RecoveryModel = Text(r, 8),
                NextLogBackupLsn = r.IsDBNull(9) ? null : new LogPosition(r.GetDecimal(9)),
                AvailabilityGroup = r.IsDBNull(10) ? null : r.GetString(10),
            },
            cancellationToken,
            ("@name", name))).ToList();

    /// <inheritdoc/>
    public string? ReadLogEnd(string database, CancellationToken cancellationToken = default)
    {
        try
        {
            return Query("Reading where the log ends", SqlText.LogEnd, r => r.IsDBNull(0) ? null : r.GetString(0), cancellationToken, ("@name", database)).FirstOrDefault();
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.PermissionDenied or RecoveryError.StatementFailed)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<RedoFile> ReadRedoFiles(string database, CancellationToken cancellationToken = default) => Query(
        "Reading where roll-forward stands",
        SqlText.RedoFiles,
        r => new RedoFile(
            r.GetInt32(0),
            Convert.ToInt32(r.GetValue(1), System.Globalization.CultureInfo.InvariantCulture) == 1,
            Text(r, 2),
            Text(r, 3),
            Text(r, 4),
            r.IsDBNull(5) ? null : new LogPosition(r.GetDecimal(5)),
            Id(r, 6)),
        cancellationToken,
        ("@name", database));

    /// <inheritdoc/>
    public StatementOutcome Restore(RestoreStatement statement, Action<int>? onPercent, CancellationToken cancellationToken = default) =>
        statement.Action is RestoreAction.Full or RestoreAction.Differential or RestoreAction.Log
            ? RestoreBySmo(statement, onPercent, cancellationToken)
            : Execute(SqlText.Restore(statement), null, cancellationToken);

    /// <inheritdoc/>
    public StatementOutcome BackUpTail(TailStatement statement, Action<int>? onPercent, CancellationToken cancellationToken = default) => Execute(
        SqlText.BackUpTail(statement),
        message =>
        {
            // "%d percent processed.", in the language of the login.
            if (message.Number == 3211 && int.TryParse(new string(message.Text.Where(char.IsDigit).ToArray()), out int percent))
            {
                onPercent?.Invoke(percent);
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public StatementOutcome SetAccess(string database, DatabaseAccess access, CancellationToken cancellationToken = default) =>
        Execute(SqlText.SetAccess(database, access), null, cancellationToken);

    /// <inheritdoc/>
    public StatementOutcome Rename(string database, string name, CancellationToken cancellationToken = default) => Execute(SqlText.Rename(database, name), null, cancellationToken);

    /// <inheritdoc/>
    public IReadOnlyList<RestoreHistoryRow> ReadRestoreHistory(string database, int rows, CancellationToken cancellationToken = default) => Query(
        "Reading the restore history",
        SqlText.RestoreHistory(rows),
        r => new RestoreHistoryRow(
            Convert.ToInt64(r.GetValue(0), System.Globalization.CultureInfo.InvariantCulture),
            Text(r, 1),
            Text(r, 2).Trim() is { Length: > 0 } kind ? kind[0] : ' ',
            r.IsDBNull(3) ? null : r.GetString(3),
            !r.IsDBNull(4) && r.GetBoolean(4))
        {
            BackupSetGuid = Id(r, 5),
            RestoredLocal = r.IsDBNull(6) ? null : r.GetDateTime(6),
            LastLsn = r.IsDBNull(7) ? null : new LogPosition(r.GetDecimal(7)),
            ForkGuid = Id(r, 8),
        },
        cancellationToken,
        ("@database", database));

    /// <inheritdoc/>
    public ClosingBackup? ReadClosingBackup(string database, CancellationToken cancellationToken = default) => Query(
        "Reading which backup closed the database",
        SqlText.ClosingBackup,
        r => new ClosingBackup(Text(r, 0), Id(r, 1) ?? Guid.Empty, r.IsDBNull(2) ? DateTime.MaxValue : r.GetDateTime(2)),
        cancellationToken,
        ("@database", database)).FirstOrDefault();

    internal static Smo.Restore SmoRestoreOf(RestoreStatement statement)
    {
        var restore = new Smo.Restore
        {
            Action = statement.Action == RestoreAction.Log ? Smo.RestoreActionType.Log : Smo.RestoreActionType.Database,
            Database = statement.Database,
            FileNumber = statement.Position,
            NoRecovery = true,
            ReplaceDatabase = statement.Replace,
            Checksum = statement.Checksum,
            PercentCompleteNotification = 5,

            // SMO would send the statement again after a dropped connection (facts: smo-and-tds.md §3.4).
            RetryFailedQueries = false,
        };
        foreach (string path in statement.Stripes.Prepend(statement.Path!))
        {
            restore.Devices.AddDevice(path, SqlText.IsUrl(path) ? Smo.DeviceType.Url : Smo.DeviceType.File);
        }

        foreach (FileMove move in statement.Moves)
        {
            restore.RelocateFiles.Add(new Smo.RelocateFile(move.LogicalName, move.PhysicalName));
        }

        if (statement.StopAtMark is { } mark)
        {
            restore.StopAtMarkName = mark;
        }

        if (statement.Transfer is { } transfer)
        {
            restore.BufferCount = transfer.BufferCount;
            restore.MaxTransferSize = transfer.MaxTransferBytes;
        }

        return restore;
    }

    private StatementOutcome RestoreBySmo(RestoreStatement statement, Action<int>? onPercent, CancellationToken cancellationToken)
    {
        string what = $"RESTORE {(statement.Action == RestoreAction.Log ? "LOG" : "DATABASE")} {SqlText.Name(statement.Database)}";
        if (cancellationToken.IsCancellationRequested)
        {
            throw SqlErrors.Cancelled(Address, what, null);
        }

        Smo.Restore restore = SmoRestoreOf(statement);
        var messages = new List<ServerMessage>();
        restore.PercentComplete += (_, e) => onPercent?.Invoke(e.Percent);

        // With any event hooked the exception holds only text: the numbers are in these events alone, and 3014 in its own.
        restore.Information += (_, e) => Add(messages, e.Error);
        restore.Complete += (_, e) => Add(messages, e.Error);
        Stopwatch watch = Stopwatch.StartNew();
        string text = SqlText.Restore(statement);
        using (cancellationToken.Register(restore.Abort))
        {
            try
            {
                restore.SqlRestore(Server);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                Explain(what, error, messages, cancellationToken);
            }
        }

        if (_connection.State != ConnectionState.Open)
        {
            throw SqlErrors.Lost(Address, what, new InvalidOperationException("The connection is closed."));
        }

        return new StatementOutcome(text, messages, watch.Elapsed);
    }

    /// <summary>Finds out what an exception of SMO means: a cancel, a lost connection, or errors that are messages already.</summary>
    private void Explain(string what, Exception error, List<ServerMessage> messages, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            throw SqlErrors.Cancelled(Address, what, error);
        }

        SqlException? sql = Find<SqlException>(error);
        RefuseLost(what, sql, error);
        if (sql is not null)
        {
            // Up to severity 16 errors come as messages; those above (9002 and 1105 of a full disk have 17) in the exception alone, whatever came as a message beside them.
            messages.AddRange(sql.Errors.Cast<SqlError>().Where(e => e.Class > 10 && !messages.Exists(m => m.Number == e.Number)).Select(SqlErrors.MessageOf));
        }

        if (!messages.Exists(m => m.IsError))
        {
            // No number was given: SMO itself refused. Its innermost words are the cause.
            messages.Add(new ServerMessage(0, 16, 0, Innermost(error).Message));
        }
    }

    /// <summary>A connection that breaks between two of SMO's own statements may show as any exception (a result without tables, for one), and as an open connection: what carries no number is settled by asking.</summary>
    private void RefuseLost(string what, SqlException? sql, Exception error)
    {
        if (_connection.State != ConnectionState.Open || (sql is not null && SqlErrors.IsLost(sql, true)))
        {
            throw SqlErrors.Lost(Address, what, (Exception?)sql ?? error);
        }

        if (sql is null)
        {
            _ = Query(what, "SELECT 1", r => r.GetInt32(0), CancellationToken.None);
        }
    }

    private static void Add(List<ServerMessage> messages, SqlError? error)
    {
        if (error is not null)
        {
            messages.Add(SqlErrors.MessageOf(error));
        }
    }

    private static T? Find<T>(Exception error)
        where T : Exception
    {
        for (Exception? inner = error; inner is not null; inner = inner.InnerException)
        {
            if (inner is T found)
            {
                return found;
            }
        }

        return null;
    }

    private static Exception Innermost(Exception error)
    {
        Exception inner = error;
        while (inner.InnerException is { } next)
        {
            inner = next;
        }

        return inner;
    }
}
