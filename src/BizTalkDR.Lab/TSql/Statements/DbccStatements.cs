using System;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// DBCC.
internal sealed partial class Interpreter
{
    private void Dbcc(DbccStatement dbcc, ExecutionFrame frame)
    {
        bool quiet = dbcc.Options.Any(o => o.OptionKind == DbccOptionKind.NoInfoMessages);
        switch (dbcc.Command)
        {
            case DbccCommand.CheckDB:
                CheckWhole(dbcc, frame, quiet);
                break;
            case DbccCommand.CheckTable:
                CheckTable(dbcc, frame, quiet);
                break;
            case DbccCommand.CheckAlloc or DbccCommand.CheckCatalog:
                RefuseCheckOptions(dbcc);
                CheckDatabase("CHECK" + (dbcc.Command == DbccCommand.CheckAlloc ? "ALLOC" : "CATALOG"), DbccDatabase(dbcc, frame), null, frame, quiet, repairs: false);
                break;
            case DbccCommand.CheckIdent:
                CheckIdentity(dbcc, frame, quiet);
                return;
            case DbccCommand.OpenTran:
                DbccDatabase(dbcc, frame);
                _session.Send(frame, new SqlMessage(0, 0, 1, "No active open transactions."));
                break;
            case DbccCommand.UserOptions:
                UserOptions(frame);
                break;
            case DbccCommand.TraceOn or DbccCommand.TraceOff or DbccCommand.FreeProcCache or DbccCommand.DropCleanBuffers:
                break;
            case DbccCommand.UpdateUsage:
                DbccDatabase(dbcc, frame);
                break;
            default:
                throw new LabSqlException(2526, 16, 1, $"Incorrect DBCC statement. Check the documentation for the correct DBCC syntax and options.");
        }

        if (!quiet)
        {
            _session.Send(frame, new SqlMessage(2528, 10, 1, "DBCC execution completed. If DBCC printed error messages, contact your system administrator.", frame.ProcedureName, dbcc.StartLine));
        }
    }

    private void CheckTable(DbccStatement dbcc, ExecutionFrame frame, bool quiet)
    {
        string name = dbcc.Literals.Count == 0 ? string.Empty : EvaluateArgument(dbcc.Literals[0].Value, frame).Value as string ?? string.Empty;
        LabTable table = (ScriptParser.ParseName(name) is { } parsed ? frame.FindTable(parsed) : null)
            ?? throw new LabSqlException(2501, 16, 45, $"Cannot find a table or object with the name \"{name}\". Check the system catalog.");
        RefuseCheckOptions(dbcc);
        CheckDatabase("CHECKTABLE", table.Database, table, frame, quiet, repairs: false);
    }

    private LabDatabase DbccDatabase(DbccStatement dbcc, ExecutionFrame frame)
    {
        if (dbcc.Literals.Count == 0)
        {
            return frame.Database;
        }

        (_, object? value) = EvaluateArgument(dbcc.Literals[0].Value, frame);
        LabDatabase? database = value is int id ? (id == 0 ? frame.Database : Instance.Databases.FirstOrDefault(d => d.Id == id)) : Instance.Find(value as string ?? string.Empty);
        if (database is null)
        {
            throw new LabSqlException(2520, 16, 5, $"Could not find database '{value}'. The database either does not exist, or was dropped before a statement tried to use it. Verify if the database exists by querying the sys.databases catalog view.");
        }

        frame.RequireUsable(database);
        return database;
    }

    private void CheckIdentity(DbccStatement dbcc, ExecutionFrame frame, bool quiet)
    {
        string name = EvaluateArgument(dbcc.Literals[0].Value, frame).Value as string ?? string.Empty;
        LabTable table = (ScriptParser.ParseName(name) is { } parsed ? frame.FindTable(parsed) : null)
            ?? throw new LabSqlException(2501, 16, 45, $"Cannot find a table or object with the name \"{name}\". Check the system catalog.");
        ColumnDef identity = table.Def.Columns.Find(c => c.IsIdentity) ?? throw new LabSqlException(7997, 16, 1, $"'{name}' does not contain an identity column.");
        string before = table.CurrentIdentity?.ToString(CultureInfo.InvariantCulture) ?? "NULL";
        string first = before;
        if (dbcc.Literals.Count > 2)
        {
            long value = Convert.ToInt64(EvaluateArgument(dbcc.Literals[2].Value, frame).Value, CultureInfo.InvariantCulture);
            table.SetIdentity(table.CurrentIdentity is null ? value - identity.IdentityIncrement : value);
            if (!quiet)
            {
                _session.Send(frame, new SqlMessage(7998, 10, 1, $"Checking identity information: current identity value '{before}'."));
            }
        }
        else if (!quiet)
        {
            _session.Send(frame, new SqlMessage(7998, 10, 1, $"Checking identity information: current identity value '{before}', current column value '{first}'."));
        }

        if (!quiet)
        {
            _session.Send(frame, new SqlMessage(2528, 10, 1, "DBCC execution completed. If DBCC printed error messages, contact your system administrator."));
        }
    }

    private void UserOptions(ExecutionFrame frame)
    {
        SessionSettings s = _session.Settings;
        object?[][] rows =
        [
            ["textsize", s.TextSize.ToString(CultureInfo.InvariantCulture)], ["language", s.Language], ["dateformat", s.DateFormat],
            ["datefirst", s.DateFirst.ToString(CultureInfo.InvariantCulture)], ["lock_timeout", s.LockTimeout.ToString(CultureInfo.InvariantCulture)],
            ["quoted_identifier", s.QuotedIdentifier ? "SET" : "NOT SET"], ["ansi_nulls", s.AnsiNulls ? "SET" : "NOT SET"], ["isolation level", "read committed"],
        ];
        SendTable(frame, [new("Set Option", SqlType.NVarChar(128)), new("Value", SqlType.NVarChar(128))], rows);
    }
}
