using System;
using System.Collections.Generic;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// IF, WHILE, TRY … CATCH, RETURN, GOTO.
internal sealed partial class Interpreter
{
    private static int IndexOfLabel(IReadOnlyList<TSqlStatement> list, string label)
    {
        for (int i = 0; i < list.Count; i++)
        {
            if (HoldsLabel(list[i], label))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool HoldsLabel(TSqlStatement? statement, string label) => statement switch
    {
        LabelStatement here => string.Equals(BatchCheck.LabelName(here.Value), label, StringComparison.OrdinalIgnoreCase),
        BeginEndBlockStatement block => IndexOfLabel([.. block.StatementList.Statements], label) >= 0,
        IfStatement branch => HoldsLabel(branch.ThenStatement, label) || HoldsLabel(branch.ElseStatement, label),
        WhileStatement loop => HoldsLabel(loop.Statement, label),
        _ => false,
    };

    private Flow RunIf(IfStatement branch, ExecutionFrame frame, string? entry)
    {
        if (entry is not null)
        {
            return Run(HoldsLabel(branch.ThenStatement, entry) ? branch.ThenStatement : branch.ElseStatement, frame, entry);
        }

        bool? outcome = Test(branch.Predicate, frame);
        if (outcome is null)
        {
            return Flow.Next;
        }

        TSqlStatement? chosen = outcome.Value ? branch.ThenStatement : branch.ElseStatement;
        return chosen is null ? Flow.Next : Run(chosen, frame, null);
    }

    private Flow RunWhile(WhileStatement loop, ExecutionFrame frame, string? entry)
    {
        while (entry is not null || Test(loop.Predicate, frame) == true)
        {
            Flow flow = Run(loop.Statement, frame, entry);
            entry = null;
            switch (flow.Kind)
            {
                case FlowKind.Break:
                    return Flow.Next;
                case FlowKind.Return:
                    return flow;
                case FlowKind.Goto when HoldsLabel(loop.Statement, flow.Label!):
                    entry = flow.Label;
                    break;
                case FlowKind.Goto:
                    return flow;
                default:
                    break;
            }
        }

        return Flow.Next;
    }

    /// <summary>Evaluates a predicate as a statement of its own; null when it failed and the error was reported.</summary>
    private bool? Test(BooleanExpression predicate, ExecutionFrame frame)
    {
        bool outcome = false;
        bool done = Guard(predicate, frame, () => outcome = InStatement(frame, () => Condition(predicate, frame)));
        if (!done)
        {
            return null;
        }

        _session.LastError = 0;
        _session.LastRowCount = 0;
        return outcome;
    }

    /// <summary>Since SQL Server 2017 ERROR_PROCEDURE gives the schema too.</summary>
    private static string? ProcedureOf(LabSqlException error) =>
        error.Data[ErrorMarks.Scope] is ExecutionFrame { Module: { } module } && module.Name == error.Error.Procedure ? module.Schema + "." + module.Name : error.Error.Procedure;

    private Flow RunTry(TryCatchStatement guarded, ExecutionFrame frame)
    {
        int depth = _session.TryDepth;
        LabSqlException caught;
        try
        {
            _session.TryDepth = depth + 1;
            return RunList(guarded.TryStatements, frame);
        }
        catch (LabSqlException error) when (MayCatch(error, frame))
        {
            caught = error;
        }
        finally
        {
            _session.TryDepth = depth;
        }

        _session.Caught.Push(new CaughtError(caught.Error, ProcedureOf(caught)));
        _session.LastError = caught.Number;
        _session.LastRowCount = 0;
        try
        {
            return RunList(guarded.CatchStatements, frame);
        }
        finally
        {
            _session.Caught.Pop();
        }
    }

    /// <summary>Errors that end the connection are not caught, nor those of name resolution in the scope that holds the TRY.</summary>
    private static bool MayCatch(LabSqlException error, ExecutionFrame frame) => ErrorReaches.Of(error) switch
    {
        ErrorReach.Connection => false,
        ErrorReach.Scope => !ReferenceEquals(error.Data[ErrorMarks.Scope], frame),
        _ => true,
    };

    private Flow RunReturn(ReturnStatement back, ExecutionFrame frame)
    {
        if (back.Expression is not null)
        {
            Guard(back, frame, () =>
            {
                (SqlType type, object? value) = InStatement(frame, () => Queries.Evaluate(back.Expression, frame));
                if (frame.FunctionResult is { } result)
                {
                    frame.ReturnValue = Queries.Convert(value, type, result);
                }
                else
                {
                    frame.ReturnStatus = value is null ? 0 : (int)Queries.Convert(value, type, SqlType.Int)!;
                }
            });
        }

        return new Flow(FlowKind.Return);
    }

    /// <summary>Evaluates a condition; UPDATE(column) of triggers is known here only.</summary>
    private bool Condition(BooleanExpression condition, ExecutionFrame frame) => condition switch
    {
        UpdateCall update => frame.Trigger?.UpdatedColumns.Contains(update.Identifier.Value) == true,
        BooleanParenthesisExpression inner when frame.Trigger is not null => Condition(inner.Expression, frame),
        BooleanNotExpression { Expression: UpdateCall or BooleanParenthesisExpression } negation when frame.Trigger is not null => !Condition(negation.Expression, frame),
        BooleanBinaryExpression { BinaryExpressionType: BooleanBinaryExpressionType.And } both when frame.Trigger is not null =>
            Condition(both.FirstExpression, frame) && Condition(both.SecondExpression, frame),
        BooleanBinaryExpression { BinaryExpressionType: BooleanBinaryExpressionType.Or } either when frame.Trigger is not null =>
            Condition(either.FirstExpression, frame) || Condition(either.SecondExpression, frame),
        _ => Queries.EvaluateCondition(condition, frame),
    };
}
