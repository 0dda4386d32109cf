using System;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// USE, WAITFOR, KILL, CHECKPOINT, DBCC, RECONFIGURE.
internal sealed partial class Interpreter
{
    private void Use(UseStatement use, ExecutionFrame frame)
    {
        if (frame.Module is not null)
        {
            throw new LabSqlException(154, 15, 1, "a USE database statement is not allowed in a procedure, function or trigger.");
        }

        LabDatabase database = Instance.Find(use.DatabaseName.Value) ?? throw ServerErrors.UnknownDatabase(use.DatabaseName.Value);
        frame.RequireUsable(database);
        string old = frame.Database.Name;
        frame.Database = database;
        if (frame.Caller is null)
        {
            _session.CurrentDatabase = database;
            frame.Sink.DatabaseChanged(database.Name, old);
            _session.Send(frame, new SqlMessage(5701, 10, 2, $"Changed database context to '{database.Name}'.", null, use.StartLine));
        }

        _session.LastRowCount = 0;
    }

    private void WaitFor(WaitForStatement wait, ExecutionFrame frame)
    {
        if (wait.WaitForOption == WaitForOption.Statement)
        {
            throw ServerErrors.NotSupported("WAITFOR (statement)");
        }

        (SqlType type, object? value) = EvaluateArgument(wait.Parameter, frame);
        TimeSpan span = value switch
        {
            DateTime moment => moment.TimeOfDay,
            TimeSpan time => time,
            string text when TryTime(text, out TimeSpan parsed) => parsed,
            _ => throw new LabSqlException(148, 15, 1, $"Incorrect time syntax in time string '{Queries.Convert(value, type, SqlType.NVarChar(4000))}' used with WAITFOR."),
        };
        if (wait.WaitForOption == WaitForOption.Time)
        {
            TimeSpan now = Instance.Now.TimeOfDay;
            span = span >= now ? span - now : span - now + TimeSpan.FromDays(1);
        }

        _session.Cancellation.ThrowIfCancellationRequested();
        if (span > TimeSpan.Zero)
        {
            Pause(span);
        }

        _session.LastRowCount = 0;
    }

    private void Pause(TimeSpan span)
    {
        using var done = new ManualResetEventSlim();
        using ITimer timer = Instance.Options.Clock.CreateTimer(_ => done.Set(), null, span, Timeout.InfiniteTimeSpan);
        done.Wait(_session.Cancellation);
    }

    private static bool TryTime(string text, out TimeSpan time)
    {
        bool known = TimeSpan.TryParseExact(text, [@"h\:m", @"h\:m\:s", @"h\:m\:s\.FFFFFFF", @"hh\:mm\:ss\:fff"], CultureInfo.InvariantCulture, out time);
        return known && time < TimeSpan.FromDays(1);
    }

    private void Kill(KillStatement kill, ExecutionFrame frame)
    {
        if (!frame.HasServerRole("processadmin"))
        {
            throw new LabSqlException(6102, 14, 1, "User does not have permission to use the KILL statement.");
        }

        int id = Scalar<int>(kill.Parameter, SqlType.Int, frame);
        if (id == _session.SessionId)
        {
            throw new LabSqlException(6104, 16, 1, "Cannot use KILL to kill your own process.");
        }

        if (id is > 0 and <= 50)
        {
            throw new LabSqlException(6107, 14, 1, "Only user processes can be killed.");
        }

        SqlSession session = Server.FindSession(id) ?? throw new LabSqlException(6106, 16, 2, $"Process ID {id} is not an active process ID.");
        if (kill.WithStatusOnly)
        {
            throw new LabSqlException(6120, 16, 1, $"Status report cannot be obtained. Rollback operation for Process ID {id} is not in progress.");
        }

        session.Kill();
    }

    private void Checkpoint(ExecutionFrame frame)
    {
        frame.RequireOwner(frame.Database, "CHECKPOINT");
        frame.Database.Checkpoint();
    }

    private void Reconfigure(ExecutionFrame frame)
    {
        frame.RequireSysAdmin();
        Server.Configuration.Apply();
    }

    private void Dbcc(DbccStatement dbcc, ExecutionFrame frame)
    {
        bool quiet = dbcc.Options.Any(o => o.OptionKind == DbccOptionKind.NoInfoMessages);
        switch (dbcc.Command)
        {
            case DbccCommand.CheckDB:
                LabDatabase target = DbccDatabase(dbcc, frame);
                if (dbcc.Literals.Count > 1 && !string.Equals((dbcc.Literals[1].Value as Literal)?.Value, "NOINDEX", StringComparison.OrdinalIgnoreCase) && target.UserAccess != UserAccess.SingleUser)
                {
                    throw new LabSqlException(7919, 16, 3, "Repair statement not processed. Database needs to be in single user mode.");
                }

                CheckDatabase(target, frame, quiet);
                break;
            case DbccCommand.CheckTable:
                CheckTable(dbcc, frame, quiet);
                break;
            case DbccCommand.CheckAlloc or DbccCommand.CheckCatalog:
                CheckDatabase(frame.Database, frame, quiet);
                break;
            case DbccCommand.CheckIdent:
                CheckIdentity(dbcc, frame, quiet);
                return;
            case DbccCommand.OpenTran:
                OpenTransactions(dbcc, frame);
                break;
            case DbccCommand.SqlPerf:
                SqlPerf(dbcc, frame);
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
        CheckDatabase(table.Database, frame, quiet);
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

    /// <summary>Reads every row of every table: what the lab can check is that its pages and rows can be read.</summary>
    private void CheckDatabase(LabDatabase database, ExecutionFrame frame, bool quiet)
    {
        long errors = 0;
        foreach (LabTable table in database.Tables)
        {
            long rows = 0;
            InStatement(frame, () =>
            {
                foreach (LabRow row in table.Scan(frame.Transaction, ReadMode.Uncommitted))
                {
                    rows++;
                    if (row.Values.Length != table.Def.Columns.Count)
                    {
                        errors++;
                    }
                }
            });
            if (!quiet && !table.Def.IsSystem)
            {
                _session.Send(frame, new SqlMessage(2593, 10, 1, $"There are {rows} rows in 1 pages for object \"{table.Def.Name}\"."));
            }
        }

        if (errors > 0)
        {
            throw new LabSqlException(8928, 16, 1, $"Database '{database.Name}' holds {errors} rows whose width does not match their table.");
        }

        if (!quiet)
        {
            _session.Send(frame, new SqlMessage(8989, 10, 1, $"CHECKDB found 0 allocation errors and 0 consistency errors in database '{database.Name}'."));
        }
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
