using System;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// USE, WAITFOR, KILL, CHECKPOINT, RECONFIGURE.
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
        frame.RequireSysAdmin();
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
}
