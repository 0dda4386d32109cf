using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace BizTalkDR.Lab.Engine;

/// <remarks>This part is the side of a participant, called by the linked-server layer of the coordinator.</remarks>
public sealed partial class LabInstance
{
    /// <summary>How long a barrier is held for another coordinator's transaction that does not go on to prepare.</summary>
    public TimeSpan BarrierKeepAlive { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Prepared transactions of other coordinators, whose outcome is not known here.</summary>
    public IReadOnlyList<(Guid GlobalId, string Coordinator)> InDoubt => [.. InDoubtTransactions.Select(t => (t.GlobalId, t.Coordinator!))];

    /// <summary>The same, as transactions.</summary>
    internal IReadOnlyList<LabTransaction> InDoubtTransactions
    {
        get
        {
            lock (_transactionGate)
            {
                return [.. _global.Values.Where(t => t.Coordinator is not null && t.State == TransactionState.Prepared)];
            }
        }
    }

    /// <summary>Starts the local branch of a transaction another instance coordinates.</summary>
    public LabTransaction BeginBranch(Guid globalId, string coordinator)
    {
        LabTransaction branch = new(this, Interlocked.Increment(ref _lastTransactionId)) { Coordinator = coordinator, Name = "DTCXact" };
        branch.SetGlobalId(globalId);
        Register(branch, globalId);
        return branch;
    }

    /// <summary>Takes the commit barrier for another coordinator's transaction.</summary>
    /// <param name="globalId">The transaction.</param>
    /// <param name="exclusive">For a mark.</param>
    /// <param name="timeout">Longest wait.</param>
    /// <param name="cancellation">Ends the wait when the coordinator is gone.</param>
    /// <exception cref="LabSqlException">3928 or 1206 when the time ran out.</exception>
    public void AcquireBarrier(Guid globalId, bool exclusive, TimeSpan timeout, CancellationToken cancellation = default)
    {
        if (!_barrier.Acquire(globalId, exclusive, timeout, BarrierKeepAlive, cancellation))
        {
            throw exclusive ? MarkTimeout(globalId.ToString()) : Cancelled();
        }
    }

    public void ReleaseBarrier(Guid globalId) => _barrier.Release(globalId);

    /// <summary>Prepares a branch: durable, its rows locked, until the coordinator's word.</summary>
    /// <exception cref="LabSqlException">1206: the branch cannot commit and is rolled back.</exception>
    public void Prepare(LabTransaction branch)
    {
        ArgumentNullException.ThrowIfNull(branch);
        if (branch.State == TransactionState.Prepared)
        {
            return;
        }

        if (branch.Coordinator is null || !branch.TryBeginEnd())
        {
            throw Cancelled();
        }

        Guid id = branch.GlobalId;
        try
        {
            // Usually held already. A hold that was dropped for want of a sign of life is taken again: no mark can have gone
            // half past this transaction meanwhile, because its coordinator holds its own barrier to the end.
            bool isMarked = branch.MarkName is not null;
            if (!_barrier.IsHeld(id, isMarked) && !_barrier.Acquire(id, isMarked, BarrierTimeout, BarrierKeepAlive))
            {
                throw isMarked ? MarkTimeout(branch.MarkName!) : Cancelled();
            }

            _barrier.Keep(id);
            PrepareHere([.. branch.Branches.Where(b => !b.BeginLsn.IsZero)], id, branch.Coordinator);
        }
        catch
        {
            _barrier.Release(id);
            RollbackHere(branch);
            throw;
        }

        branch.SetPrepared();
    }

    /// <summary>Commits a prepared branch. One that is not known here was committed before: nothing is done.</summary>
    /// <exception cref="InvalidOperationException">The branch is known and was not prepared.</exception>
    public void CommitPrepared(Guid globalId)
    {
        LabTransaction? branch = FindBranch(globalId);
        if (branch?.State == TransactionState.Active)
        {
            throw new InvalidOperationException($"The transaction {globalId} is not prepared.");
        }

        if (branch is null || !Claim(branch))
        {
            _barrier.Release(globalId);
            return;
        }

        DatabaseBranch[] logged = [.. branch.Branches.Where(b => !b.BeginLsn.IsZero)];
        CommitHere(branch, logged);
        _barrier.Release(globalId);
        TellMark(branch, logged);
    }

    /// <summary>Rolls a branch back, prepared or not. One that is not known here is gone already: nothing is done.</summary>
    public void AbortPrepared(Guid globalId)
    {
        if (FindBranch(globalId) is { } branch && Claim(branch))
        {
            RollbackHere(branch);
        }

        _barrier.Release(globalId);
    }

    /// <summary>Waits for whoever is preparing or ending the branch at the moment; false when it has ended meanwhile.</summary>
    private static bool Claim(LabTransaction branch)
    {
        bool claimed = false;
        SpinWait.SpinUntil(() => (claimed = branch.TryBeginEnd()) || branch.IsOver);
        return claimed;
    }

    private LabTransaction? FindBranch(Guid globalId)
    {
        lock (_transactionGate)
        {
            return _global.TryGetValue(globalId, out LabTransaction? found) && found.Coordinator is not null ? found : null;
        }
    }
}
