using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// BEGIN, COMMIT, ROLLBACK TRANSACTION.
internal sealed partial class Interpreter
{
    /// <summary>Longest transaction name; longer values of variables are cut.</summary>
    private const int MaxTransactionName = 32;

    private string? TransactionName(IdentifierOrValueExpression? name, ExecutionFrame frame)
    {
        if (name is null)
        {
            return null;
        }

        string? text = name.Identifier is not null
            ? name.Identifier.Value
            : Scalar<string>(name.ValueExpression, SqlType.NVarChar(4000), frame);
        return text is { Length: > MaxTransactionName } ? text[..MaxTransactionName] : text;
    }

    private void BeginTransaction(BeginTransactionStatement begin, ExecutionFrame frame)
    {
        string? name = TransactionName(begin.Name, frame);
        string? description = begin.MarkDescription is null ? null : Scalar<string>(begin.MarkDescription, SqlType.NVarChar(255), frame);
        _session.Transaction.Begin(name, frame.Sink);
        if (begin.Distributed)
        {
            _session.Transaction.IsDistributed = true;
        }

        if (begin.MarkDefined && name is not null)
        {
            _session.Transaction.Mark(name, description, m => frame.Inform(m with { Line = begin.StartLine }));
        }

        _session.LastRowCount = 0;
    }

    private void CommitTransaction(ExecutionFrame frame)
    {
        if (_session.CapturingExec && _session.Transaction.Count == 1)
        {
            throw new LabSqlException(3916, 16, 0, "Cannot use the COMMIT statement within an INSERT-EXEC statement unless BEGIN TRANSACTION is used first.");
        }

        _session.Transaction.Commit(frame.Sink);
        _session.LastRowCount = 0;
    }

    /// <summary>ROLLBACK, whole or to a savepoint.</summary>
    public void RollbackNamed(ExecutionFrame frame, string? name)
    {
        if (_session.CapturingExec)
        {
            throw new LabSqlException(3915, 16, 0, "Cannot use the ROLLBACK statement within an INSERT-EXEC statement.");
        }

        KeepingTableVariables(frame, () => _session.Transaction.Rollback(name, frame.Sink));
        ForgetLostTempTables(frame);
        _session.LastRowCount = 0;
    }

    /// <summary>Rolls back, but not what table variables hold: they are no part of a transaction.</summary>
    private void KeepingTableVariables(ExecutionFrame frame, Action rollback)
    {
        LabTransaction? ending = _session.Transaction.Current;
        List<(LabTable Table, List<object?[]> Rows)> kept = [];
        for (ExecutionFrame? scope = frame; scope is not null && ending is { State: TransactionState.Active }; scope = scope.Caller)
        {
            kept.AddRange(scope.TableVariables.Values.Select(t => (t, t.Scan(ending, ReadMode.Committed).Select(r => r.Values).ToList())));
        }

        List<LabTable> made = [.. _session.Transaction.MadeTables];
        rollback();
        if (_session.Transaction.Current is null)
        {
            made.ForEach(_session.DropTempTable);
            foreach (string name in Server.GlobalTempTables.Where(g => made.Contains(g.Value)).Select(g => g.Key).ToList())
            {
                Server.GlobalTempTables.TryRemove(name, out _);
            }
        }

        foreach ((LabTable table, List<object?[]> rows) in kept)
        {
            Restore(table, rows);
        }
    }

    private void Restore(LabTable table, List<object?[]> rows)
    {
        bool outer = _session.Transaction.Current is not null;
        LabTransaction transaction = _session.Transaction.Current ?? Instance.Begin();
        foreach (LabRow row in table.Scan(transaction, ReadMode.Update).ToList())
        {
            table.Delete(transaction, row.RowId);
        }

        rows.ForEach(values => table.Insert(transaction, values));
        if (!outer)
        {
            Instance.Commit(transaction);
        }
    }

    /// <summary>Temp tables made in a transaction that was rolled back are gone.</summary>
    private void ForgetLostTempTables(ExecutionFrame frame)
    {
        LabDatabase? tempdb = Instance.Find("tempdb");
        for (ExecutionFrame? scope = frame; scope is not null && tempdb is not null; scope = scope.Caller)
        {
            foreach (string lost in scope.TempTables.Where(t => tempdb.FindTable(t.Value.Def.Schema, t.Value.Def.Name) is null).Select(t => t.Key).ToList())
            {
                scope.TempTables.Remove(lost);
            }
        }

        foreach (string lost in _session.TempTables.Where(t => tempdb?.FindTable(t.Value.Def.Schema, t.Value.Def.Name) is null).Select(t => t.Key).ToList())
        {
            _session.TempTables.Remove(lost);
        }
    }
}
