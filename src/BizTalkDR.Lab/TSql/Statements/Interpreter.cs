using System;
using System.Collections.Generic;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>Runs the statements of one session; each family of statements is a file of its own.</summary>
internal sealed partial class Interpreter
{
    /// <summary>Deepest nesting of procedures, functions, triggers and dynamic SQL (217 beyond it).</summary>
    public const int MaxNestLevel = 32;

    private readonly SqlSession _session;

    public Interpreter(SqlSession session) => _session = session;

    private LabSqlServer Server => _session.Server;

    private LabInstance Instance => _session.Server.Instance;

    private IQueryEngine Queries => _session.Server.Queries;

    /// <summary>Runs a batch in its frame.</summary>
    public void RunBatch(ParsedBatch batch, ExecutionFrame frame)
    {
        frame.BatchText = batch.Text;
        RunList(batch.Statements, frame, null);
    }

    /// <summary>Runs one action as a statement does: locates its error, then reports, catches or passes it on.</summary>
    /// <returns>Whether it succeeded.</returns>
    public bool Guard(TSqlFragment? at, ExecutionFrame frame, Action action)
    {
        _session.Cancellation.ThrowIfCancellationRequested();
        _session.StatementTime = Instance.Now;
        if (_session.Transaction.Current is { } transaction)
        {
            transaction.LockTimeout = _session.Settings.LockWait;
            transaction.Cancellation = _session.Cancellation;
        }

        try
        {
            action();
            return true;
        }
        catch (LabSqlException error)
        {
            Locate(error, at, frame);
            if (!Handle(error, frame))
            {
                throw;
            }

            return false;
        }
    }

    /// <summary>Closes what lives only as long as the frame: local cursors, table variables, temp tables.</summary>
    public void CloseScope(ExecutionFrame frame, bool keepTempTables)
    {
        frame.Cursors.Clear();
        frame.CursorVariables.Clear();
        foreach (LabTable table in frame.TableVariables.Values)
        {
            _session.DropTempTable(table);
        }

        frame.TableVariables.Clear();
        if (!keepTempTables)
        {
            foreach (LabTable table in frame.TempTables.Values)
            {
                _session.DropTempTable(table);
            }

            frame.TempTables.Clear();
        }
    }

    private static void Locate(LabSqlException error, TSqlFragment? at, ExecutionFrame frame)
    {
        if (ErrorMarks.IsLocated(error))
        {
            return;
        }

        error.Data[ErrorMarks.Located] = true;
        if (!error.Data.Contains(ErrorMarks.Scope))
        {
            error.Data[ErrorMarks.Scope] = frame;
        }

        error.Error = error.Error with
        {
            Line = at?.StartLine > 0 ? at.StartLine : error.Error.Line,
            Procedure = error.Error.Procedure ?? frame.ProcedureName,
        };
    }

    /// <summary>Decides what an error does here. False = it must go on to the TRY around it, or to the statement that called the function.</summary>
    private bool Handle(LabSqlException error, ExecutionFrame frame)
    {
        ErrorReach reach = ErrorReaches.Of(error);
        if (reach == ErrorReach.Scope && !ReferenceEquals(error.Data[ErrorMarks.Scope], frame))
        {
            reach = ErrorReach.Statement;
        }

        bool aborts = reach is ErrorReach.Batch or ErrorReach.Connection || (_session.Settings.XactAbort && !error.Data.Contains(RaisedByUser));
        if (frame.InFunction)
        {
            return false;
        }

        if (_session.TryDepth > 0)
        {
            if (aborts)
            {
                _session.Transaction.Doom();
            }

            return false;
        }

        _session.Send(frame, error);
        _session.LastError = error.Number;
        _session.LastRowCount = 0;
        if (aborts)
        {
            EndTransactionAfterError(frame);
            throw new BatchEndedException();
        }

        return reach switch
        {
            ErrorReach.BatchOnly => throw new BatchEndedException(),
            ErrorReach.Scope => throw new ScopeEndedException(),
            _ => true,
        };
    }

    private void EndTransactionAfterError(ExecutionFrame frame)
    {
        if (_session.Transaction.IsBranch)
        {
            // The coordinator decides; the branch can only be doomed here.
            _session.Transaction.Doom();
            return;
        }

        KeepingTableVariables(frame, () => _session.Transaction.RollbackAll(frame.Sink));
        ForgetLostTempTables(frame);
    }

    private Flow RunList(IReadOnlyList<TSqlStatement> list, ExecutionFrame frame, string? entry)
    {
        int index = entry is null ? 0 : IndexOfLabel(list, entry);
        while (index < list.Count)
        {
            Flow flow = Run(list[index], frame, entry);
            entry = null;
            if (flow.Kind == FlowKind.Goto)
            {
                int target = IndexOfLabel(list, flow.Label!);
                if (target < 0)
                {
                    return flow;
                }

                index = target;
                entry = list[target] is LabelStatement ? null : flow.Label;
                continue;
            }

            if (flow.Kind != FlowKind.Next)
            {
                return flow;
            }

            index++;
        }

        return Flow.Next;
    }

    private Flow RunList(StatementList? list, ExecutionFrame frame, string? entry = null) =>
        list is null ? Flow.Next : RunList((IReadOnlyList<TSqlStatement>)[.. list.Statements], frame, entry);

    private Flow Run(TSqlStatement statement, ExecutionFrame frame, string? entry)
    {
        switch (statement)
        {
            case BeginEndBlockStatement block:
                return RunList(block.StatementList, frame, entry);
            case IfStatement branch:
                return RunIf(branch, frame, entry);
            case WhileStatement loop:
                return RunWhile(loop, frame, entry);
            case TryCatchStatement guarded:
                return RunTry(guarded, frame);
            case BreakStatement:
                return new Flow(FlowKind.Break);
            case ContinueStatement:
                return new Flow(FlowKind.Continue);
            case GoToStatement jump:
                return new Flow(FlowKind.Goto, BatchCheck.LabelName(jump.LabelName.Value));
            case LabelStatement or LineNoStatement:
                return Flow.Next;
            case ReturnStatement back:
                return RunReturn(back, frame);
            default:
                RunLeaf(statement, frame);
                return Flow.Next;
        }
    }

    private void RunLeaf(TSqlStatement statement, ExecutionFrame frame)
    {
        if (_session.Settings.NoExec && statement is not PredicateSetStatement)
        {
            return;
        }

        bool done = Guard(statement, frame, () => Execute(statement, frame));
        if (done && !KeepsError(statement))
        {
            _session.LastError = 0;
        }
    }

    private static bool KeepsError(TSqlStatement statement) =>
        statement is ExecuteStatement or DeclareTableVariableStatement or RaiseErrorStatement
        || (statement is DeclareVariableStatement declare && AllWithoutValue(declare));

    private static bool AllWithoutValue(DeclareVariableStatement declare)
    {
        foreach (DeclareVariableElement element in declare.Declarations)
        {
            if (element.Value is not null)
            {
                return false;
            }
        }

        return true;
    }
}

internal enum FlowKind
{
    Next, Break, Continue, Return, Goto,
}

/// <summary>Says where a statement sends the flow of control.</summary>
internal readonly record struct Flow(FlowKind Kind, string? Label = null)
{
    public static Flow Next => new(FlowKind.Next);
}
