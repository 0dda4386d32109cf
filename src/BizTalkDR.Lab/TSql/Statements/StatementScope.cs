using System;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>The transaction of one statement in autocommit mode; begun only when something asks for it.</summary>
internal sealed class StatementScope
{
    private readonly SqlSession _session;

    public StatementScope(SqlSession session) => _session = session;

    public LabTransaction? Transaction { get; private set; }

    public LabTransaction Open()
    {
        if (Transaction is null)
        {
            Transaction = _session.Server.Instance.Begin();
            Transaction.LockTimeout = _session.Settings.LockWait;
            Transaction.Cancellation = _session.Cancellation;
        }

        return Transaction;
    }
}

internal sealed partial class Interpreter
{
    /// <summary>Gives the statement a transaction when the session has none; undoes the statement alone when it fails.</summary>
    private T InStatement<T>(ExecutionFrame frame, Func<T> body, bool writes = false)
    {
        if (writes && _session.Transaction.Doomed)
        {
            throw ServerErrors.Doomed();
        }

        if (writes && _session.Settings.ImplicitTransactions)
        {
            BeginImplicitly(frame);
        }

        LabTransaction? outer = _session.Transaction.Current ?? _session.Statement?.Open();
        return outer is null ? InOwnTransaction(body) : InOuterTransaction(outer, body, writes);
    }

    /// <summary>Begins the transaction SET IMPLICIT_TRANSACTIONS asks for, when there is none.</summary>
    private void BeginImplicitly(ExecutionFrame frame)
    {
        if (_session.Transaction.Current is null && _session.Statement is null)
        {
            _session.Transaction.Begin(null, frame.Sink);
        }
    }

    private void InStatement(ExecutionFrame frame, Action body, bool writes = false) => InStatement<object?>(
        frame,
        () =>
        {
            body();
            return null;
        },
        writes);

    private static T InOuterTransaction<T>(LabTransaction outer, Func<T> body, bool writes)
    {
        if (!writes)
        {
            return body();
        }

        object point = outer.CreateSavepoint();
        try
        {
            return body();
        }
        catch (LabSqlException)
        {
            if (outer.State == TransactionState.Active)
            {
                outer.RollbackTo(point);
            }

            throw;
        }
    }

    private T InOwnTransaction<T>(Func<T> body)
    {
        var scope = new StatementScope(_session);
        _session.Statement = scope;
        bool done = false;
        try
        {
            T result = body();
            done = true;
            _session.Statement = null;
            if (scope.Transaction is { State: TransactionState.Active } own)
            {
                Instance.Commit(own);
            }

            return result;
        }
        finally
        {
            _session.Statement = null;
            if (!done && scope.Transaction is { State: TransactionState.Active } own)
            {
                Instance.Rollback(own);
            }
        }
    }

    /// <summary>Makes the statement's own transaction the session's while nested code (a trigger, INSERT … EXEC) runs, so that @@TRANCOUNT is 1 there.</summary>
    private void WithNestedCode(ExecutionFrame frame, Action body)
    {
        if (_session.Transaction.Current is not null)
        {
            body();
            return;
        }

        StatementScope scope = _session.Statement!;
        LabTransaction own = scope.Open();
        _session.Transaction.Adopt(own, branch: false);
        long serial = _session.Transaction.Serial;
        try
        {
            body();
        }
        finally
        {
            if (_session.Transaction.Serial == serial && ReferenceEquals(_session.Transaction.Current, own))
            {
                _session.Transaction.Release();
            }
        }
    }
}
