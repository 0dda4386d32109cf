using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace BizTalkDR.Lab.Engine;

public sealed partial class LabInstance
{
    private readonly object _markGate = new();
    private readonly List<(LabDatabase Database, string Name, string? Description, Lsn Lsn, DateTime Time)> _marksNotTold = [];
    private Action<LabDatabase, string, string?, Lsn, DateTime>? _marked;

    /// <summary>Raised on commit of a marked transaction, once per database it wrote, after the commit is durable (for msdb.dbo.logmarkhistory).</summary>
    /// <remarks>Marks whose commit was finished by start-up are told to the first who subscribes.</remarks>
    public event Action<LabDatabase, string, string?, Lsn, DateTime>? Marked
    {
        add
        {
            lock (_markGate)
            {
                _marked += value;
                foreach ((LabDatabase database, string name, string? description, Lsn lsn, DateTime time) in _marksNotTold)
                {
                    value?.Invoke(database, name, description, lsn, time);
                }

                _marksNotTold.Clear();
            }
        }

        remove
        {
            lock (_markGate)
            {
                _marked -= value;
            }
        }
    }

    public LabTransaction Begin(string? name = null) => new(this, Interlocked.Increment(ref _lastTransactionId)) { Name = name };

    /// <summary>Commits: one database, one log flush; several, prepare in each log, one synced decision, commit in each; with participants, theirs too.</summary>
    /// <exception cref="LabSqlException">1206 the transaction was cancelled before the decision, 3928 the mark could not be placed; it is rolled back then.</exception>
    public void Commit(LabTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        if (transaction.Coordinator is not null)
        {
            throw new InvalidOperationException("A branch of another instance's transaction is committed by its coordinator.");
        }

        if (!transaction.TryBeginEnd())
        {
            throw new LabSqlException(3902, 16, 1, "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.");
        }

        DatabaseBranch[] logged = [.. transaction.Branches.Where(b => !b.BeginLsn.IsZero)];
        bool isMarked = transaction.MarkName is not null;
        if (transaction.Participants.Count > 0)
        {
            CommitDistributed(transaction, logged);
        }
        else if (logged.Length > 1 || (isMarked && logged.Length > 0))
        {
            CommitBehindBarrier(transaction, logged);
        }
        else
        {
            CommitHere(transaction, logged);
        }

        TellMark(transaction, logged);
        foreach (DatabaseBranch branch in logged)
        {
            branch.Database.CheckpointWhenDue();
        }
    }

    /// <summary>Takes everything back. A transaction that has ended is left alone, and so is a prepared branch: only its coordinator may end it.</summary>
    public void Rollback(LabTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        if (transaction.State == TransactionState.Prepared || !transaction.TryBeginEnd())
        {
            return;
        }

        TellParticipants(transaction, p => p.Abort(transaction.GlobalId), confirm: false);
        RollbackHere(transaction);
        if (transaction.Coordinator is not null)
        {
            // The coordinator may have died between taking the barrier here and the call to prepare: nobody else would give it back.
            _barrier.Release(transaction.GlobalId);
        }
    }

    /// <summary>Commits what was written in at most one log.</summary>
    private void CommitHere(LabTransaction transaction, DatabaseBranch[] logged)
    {
        DateTime time = Now;
        foreach (DatabaseBranch branch in transaction.Branches)
        {
            branch.Database.AppendCommit(branch, time);
        }

        foreach (DatabaseBranch branch in logged)
        {
            branch.Database.Flush(branch.CommitLsn);
        }

        Finish(transaction, TransactionState.Committed);
    }

    private void CommitBehindBarrier(LabTransaction transaction, DatabaseBranch[] logged)
    {
        Guid id = transaction.GlobalId;
        try
        {
            TakeBarrier(transaction, id, null);
            if (logged.Length > 1)
            {
                ReserveDecision();
                PrepareHere(logged, id, Options.ServerName);
            }
        }
        catch
        {
            _barrier.Release(id);
            RollbackHere(transaction);
            throw;
        }

        if (logged.Length > 1)
        {
            _coordinator.Decide(id, []);
            CommitDecided(transaction, logged, id);
        }
        else
        {
            CommitHere(transaction, logged);
        }

        _barrier.Release(id);
    }

    /// <summary>Prepares every log and makes that durable.</summary>
    private static void PrepareHere(DatabaseBranch[] logged, Guid id, string coordinator)
    {
        Lsn[] prepared = [.. logged.Select(b => b.Database.AppendPrepare(b, id, coordinator))];
        for (int i = 0; i < logged.Length; i++)
        {
            logged[i].Database.Flush(prepared[i]);
        }
    }

    /// <summary>
    /// Writes the commit records of a decided transaction. They are not synced (but for a mark, whose LSN is told): should they be lost, start-up finds
    /// the decision and writes them again, so the decision is kept until they are durable.
    /// </summary>
    private void CommitDecided(LabTransaction transaction, DatabaseBranch[] logged, Guid id)
    {
        DateTime time = Now;
        foreach (DatabaseBranch branch in transaction.Branches)
        {
            branch.Database.AppendCommit(branch, time);
        }

        if (transaction.MarkName is not null)
        {
            foreach (DatabaseBranch branch in logged)
            {
                branch.Database.Flush(branch.CommitLsn);
            }
        }

        Finish(transaction, TransactionState.Committed);
        ForgetWhenDurable(id, logged);
    }

    private void RollbackHere(LabTransaction transaction)
    {
        bool wasPrepared = transaction.State == TransactionState.Prepared;
        transaction.SetOutcome(TransactionState.Aborted);
        foreach (DatabaseBranch branch in transaction.Branches)
        {
            Lsn aborted = branch.Database.Abort(branch);
            branch.Database.Flush(wasPrepared ? aborted : Lsn.Zero);
        }

        Forget(transaction);
        transaction.SetOver();
    }

    private void Finish(LabTransaction transaction, TransactionState outcome)
    {
        transaction.SetOutcome(outcome);
        foreach (DatabaseBranch branch in transaction.Branches)
        {
            branch.Database.Release(branch);
        }

        Forget(transaction);
        transaction.SetOver();
    }

    /// <summary>Tells of a mark, last of all: what a listener does or fails to do cannot touch the commit any more.</summary>
    private void TellMark(LabTransaction transaction, DatabaseBranch[] logged)
    {
        if (transaction.MarkName is { } name)
        {
            foreach (DatabaseBranch branch in logged)
            {
                TellMark(branch.Database, name, transaction.MarkDescription, branch.CommitLsn, branch.CommitTime);
            }
        }
    }

    private void TellMark(LabDatabase database, string name, string? description, Lsn lsn, DateTime time)
    {
        Action<LabDatabase, string, string?, Lsn, DateTime>? listeners;
        lock (_markGate)
        {
            listeners = _marked;
            if (listeners is null)
            {
                _marksNotTold.Add((database, name, description, lsn, time));
            }
        }

        listeners?.Invoke(database, name, description, lsn, time);
    }
}
