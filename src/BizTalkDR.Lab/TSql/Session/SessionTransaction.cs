using System;
using System.Collections.Generic;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;

namespace BizTalkDR.Lab.TSql;

/// <summary>Holds the transaction of a session: nesting, savepoints, mark, doomed state.</summary>
internal sealed class SessionTransaction
{
    private readonly LabInstance _instance;
    private readonly List<(string Name, object Point)> _savepoints = [];

    /// <summary>Temp tables made since it began: a rollback takes them away.</summary>
    public List<LabTable> MadeTables { get; } = [];

    public SessionTransaction(LabInstance instance) => _instance = instance;

    /// <summary>The running transaction; null in autocommit mode.</summary>
    public LabTransaction? Current { get; private set; }

    /// <summary>@@TRANCOUNT.</summary>
    public int Count { get; set; }

    /// <summary>Whether the transaction can only be rolled back (XACT_STATE() = -1).</summary>
    public bool Doomed { get; private set; }

    /// <summary>Whether BEGIN DISTRIBUTED TRANSACTION began it, or a remote server takes part.</summary>
    public bool IsDistributed { get; set; }

    /// <summary>Whether another instance coordinates it (the session is a branch).</summary>
    public bool IsBranch { get; private set; }

    /// <summary>Counts transactions begun, to see whether a procedure or trigger ended the one it was called in.</summary>
    public long Serial { get; private set; }

    public long Descriptor => Current?.Id ?? 0;

    public void Begin(string? name, IResultSink? sink)
    {
        if (Current is not null)
        {
            Count++;
            return;
        }

        Adopt(_instance.Begin(name), branch: false);
        sink?.TransactionChanged(TransactionChange.Begin, Descriptor);
    }

    /// <summary>Makes a transaction that began elsewhere the session's own.</summary>
    public void Adopt(LabTransaction transaction, bool branch)
    {
        Current = transaction;
        Count = 1;
        Doomed = false;
        IsBranch = branch;
        IsDistributed = branch;
        Serial++;
        _savepoints.Clear();
    }

    /// <summary>Forgets the transaction without ending it (its coordinator does, or it was the statement's own).</summary>
    public LabTransaction? Release()
    {
        LabTransaction? transaction = Current;
        Forget();
        return transaction;
    }

    public void Mark(string name, string? description, Action<SqlMessage> warn)
    {
        if (Current!.MarkName is not null)
        {
            warn(new SqlMessage(3920, 10, 1, "The WITH MARK option only applies to the first BEGIN TRAN WITH MARK statement. The option is ignored."));
            return;
        }

        Current.MarkName = name;
        Current.MarkDescription = description;
    }

    public void Commit(IResultSink? sink)
    {
        if (Current is null)
        {
            throw new LabSqlException(3902, 16, 1, "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.");
        }

        if (Doomed)
        {
            throw ServerErrors.Doomed();
        }

        if (Count > 1 || IsBranch)
        {
            // A branch is committed by its coordinator only; its own COMMIT never ends it.
            if (Count == 1)
            {
                throw new LabSqlException(3902, 16, 1, "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.");
            }

            Count--;
            return;
        }

        LabTransaction transaction = Current;
        long descriptor = Descriptor;
        try
        {
            _instance.Commit(transaction);
        }
        catch
        {
            if (transaction.State == TransactionState.Active)
            {
                _instance.Rollback(transaction);
            }

            Forget();
            sink?.TransactionChanged(TransactionChange.Rollback, descriptor);
            throw;
        }

        Forget();
        sink?.TransactionChanged(TransactionChange.Commit, descriptor);
    }

    public void Save(string name)
    {
        if (Current is null)
        {
            throw new LabSqlException(628, 16, 0, "Cannot issue SAVE TRANSACTION when there is no active transaction.");
        }

        if (Doomed)
        {
            throw ServerErrors.Doomed();
        }

        if (IsDistributed)
        {
            throw new LabSqlException(627, 16, 0, "Cannot use SAVE TRANSACTION within a distributed transaction.");
        }

        _savepoints.Add((name, Current.CreateSavepoint()));
    }

    public void Rollback(string? name, IResultSink? sink)
    {
        if (Current is null)
        {
            throw new LabSqlException(3903, 16, 1, "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.");
        }

        int saved = name is null ? -1 : _savepoints.FindLastIndex(s => string.Equals(s.Name, name, StringComparison.Ordinal));
        if (saved >= 0)
        {
            if (Doomed)
            {
                throw new LabSqlException(3931, 16, 1, "The current transaction cannot be committed and cannot be rolled back to a savepoint. Roll back the entire transaction.");
            }

            Current.RollbackTo(_savepoints[saved].Point);
            _savepoints.RemoveRange(saved + 1, _savepoints.Count - saved - 1);
            return;
        }

        if (name is not null && !string.Equals(name, Current.Name, StringComparison.OrdinalIgnoreCase))
        {
            throw new LabSqlException(6401, 16, 1, $"Cannot roll back {name}. No transaction or savepoint of that name was found.");
        }

        RollbackAll(sink);
    }

    /// <summary>Rolls the whole transaction back, if there is one.</summary>
    public void RollbackAll(IResultSink? sink)
    {
        if (Current is null)
        {
            return;
        }

        LabTransaction transaction = Current;
        long descriptor = Descriptor;
        Forget();

        // A prepared branch is its coordinator's: it stays in doubt here.
        if (transaction.State == TransactionState.Active)
        {
            _instance.Rollback(transaction);
        }

        sink?.TransactionChanged(TransactionChange.Rollback, descriptor);
    }

    public void Doom()
    {
        if (Current is not null)
        {
            Doomed = true;
        }
    }

    private void Forget()
    {
        Current = null;
        Count = 0;
        Doomed = false;
        IsDistributed = false;
        IsBranch = false;
        MadeTables.Clear();
        _savepoints.Clear();
    }
}
