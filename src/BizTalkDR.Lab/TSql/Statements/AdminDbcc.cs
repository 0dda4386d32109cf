using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// DBCC SQLPERF and DBCC OPENTRAN.
internal sealed partial class Interpreter
{
    /// <summary>Size and use of every log (LOGSPACE); other arguments clear counters the lab does not keep.</summary>
    private void SqlPerf(DbccStatement dbcc, ExecutionFrame frame)
    {
        string what = dbcc.Literals.Count == 0 ? string.Empty : (dbcc.Literals[0].Value as IdentifierLiteral)?.Value ?? EvaluateArgument(dbcc.Literals[0].Value, frame).Value as string ?? string.Empty;
        if (!what.Equals("LOGSPACE", StringComparison.OrdinalIgnoreCase))
        {
            throw new LabSqlException(2526, 16, 3, "Incorrect DBCC statement. Check the documentation for the correct DBCC syntax and options.");
        }

        SendTable(
            frame,
            new RowShape("[Database Name] nvarchar(128), [Log Size (MB)] real, [Log Space Used (%)] real, Status int").Columns,
            Instance.Databases.Where(d => d.State == DatabaseState.Online).Select(d =>
            {
                long size = d.Files.Where(f => f.IsLog).Sum(f => f.SizeBytes);
                return new object?[] { d.Name, (float)(size / 1048576.0), size == 0 ? 0f : 100f, 0 };
            }));
    }

    /// <summary>The oldest transaction that has changed the database.</summary>
    private void OpenTransactions(DbccStatement dbcc, ExecutionFrame frame)
    {
        LabDatabase database = DbccDatabase(dbcc, frame);
        SqlSession? oldest = Server.Sessions.Where(s => s.Transaction.Current is { State: TransactionState.Active } t && t.Databases.Contains(database)).MinBy(s => s.Transaction.Current!.Id);
        bool asTable = dbcc.Options.Any(o => o.OptionKind == DbccOptionKind.TableResults);
        if (oldest is null)
        {
            if (asTable)
            {
                SendTable(frame, new RowShape("[Oldest Transaction] nvarchar(128), Value nvarchar(128)").Columns, []);
            }
            else
            {
                _session.Send(frame, new SqlMessage(7969, 0, 1, "No active open transactions.", frame.ProcedureName, dbcc.StartLine));
            }

            return;
        }

        LabTransaction transaction = oldest.Transaction.Current!;
        (string Label, string Value)[] facts =
        [
            ("OLDACT_SPID", oldest.SessionId.ToString(CultureInfo.InvariantCulture)),
            ("OLDACT_UID", "-1"),
            ("OLDACT_NAME", transaction.Name ?? "user_transaction"),
            ("OLDACT_STARTTIME", oldest.LastRequestTime.ToString("MMM dd yyyy hh:mm:ss:ffftt", CultureInfo.InvariantCulture)),
            ("OLDACT_SID", "0x" + Convert.ToHexString(oldest.Login.Sid)),
        ];
        if (asTable)
        {
            SendTable(frame, new RowShape("[Oldest Transaction] nvarchar(128), Value nvarchar(128)").Columns, facts.Select(f => new object?[] { f.Label, f.Value }));
            return;
        }

        List<string> lines = [$"Transaction information for database '{database.Name}'.", string.Empty, "Oldest active transaction:"];
        lines.AddRange([$"    SPID (server process ID): {facts[0].Value}", $"    UID (user ID) : {facts[1].Value}", $"    Name          : {facts[2].Value}", $"    Start time    : {facts[3].Value}", $"    SID           : {facts[4].Value.ToLowerInvariant()}"]);
        lines.ForEach(line => _session.Send(frame, new SqlMessage(7968, 0, 1, line.Length == 0 ? " " : line, frame.ProcedureName, dbcc.StartLine)));
    }
}
