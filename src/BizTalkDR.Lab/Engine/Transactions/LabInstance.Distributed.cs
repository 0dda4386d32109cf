using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

public sealed partial class LabInstance
{
    private readonly object _transactionGate = new();
    private readonly CommitBarrier _barrier = new();

    /// <summary>Transactions with a global id that have no outcome yet, those of other coordinators included.</summary>
    private readonly Dictionary<Guid, LabTransaction> _global = [];

    /// <summary>Decisions whose commit records may not be durable yet.</summary>
    private readonly List<(Guid Id, (LabDatabase Database, LabLog Log, Lsn Lsn)[] Commits)> _unflushed = [];

    /// <summary>Decisions whose participants are being told for the first time.</summary>
    private readonly HashSet<Guid> _telling = [];

    /// <summary>Longest wait for the commit barrier; beyond it a mark fails with 3928, another commit with 1206.</summary>
    public TimeSpan BarrierTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Committed transactions a participant has not confirmed, with that participant's server name.</summary>
    public IReadOnlyList<(Guid GlobalId, string Server)> Unconfirmed => [.. _coordinator.Decisions.SelectMany(d => d.Servers.Select(s => (d.GlobalId, s)))];

    /// <summary>Answers a participant that restarted.</summary>
    public TransactionOutcome QueryOutcome(Guid globalId)
    {
        // The decision is looked up last: a transaction leaves the list of active ones only after its decision can be found.
        bool isActive;
        lock (_transactionGate)
        {
            isActive = _global.ContainsKey(globalId);
        }

        return _coordinator.IsCommitted(globalId) ? TransactionOutcome.Committed : isActive ? TransactionOutcome.Active : TransactionOutcome.Aborted;
    }

    /// <summary>Tells participants that have not confirmed a commit once more; those that cannot be reached stay on the list.</summary>
    /// <param name="connect">Gives the participant of a server name; null while it is out of reach.</param>
    /// <returns>Number of confirmations received.</returns>
    public int RetryUnconfirmed(Func<string, IRemoteParticipant?> connect)
    {
        ArgumentNullException.ThrowIfNull(connect);
        int confirmed = 0;
        foreach ((Guid id, string server) in Unconfirmed)
        {
            if (!IsTelling(id) && connect(server) is { } participant && Attempt(() => participant.Commit(id)) is null)
            {
                _coordinator.Confirm(id, server);
                confirmed++;
            }
        }

        ForgetDurable();
        return confirmed;
    }

    internal void Register(LabTransaction transaction, Guid id)
    {
        lock (_transactionGate)
        {
            _global[id] = transaction;
        }
    }

    private void CommitDistributed(LabTransaction transaction, DatabaseBranch[] logged)
    {
        Guid id = transaction.GlobalId;
        IRemoteParticipant[] participants = DistinctParticipants(transaction);
        try
        {
            ReserveDecision();
            foreach (IRemoteParticipant? place in participants.Append(null).OrderBy(p => BarrierOrder(p?.Server ?? Options.ServerName), StringComparer.Ordinal))
            {
                TakeBarrier(transaction, id, place);
            }

            foreach (IRemoteParticipant participant in participants)
            {
                participant.Prepare(id, Options.ServerName);
            }

            PrepareHere(logged, id, Options.ServerName);
        }
        catch (Exception e)
        {
            TellParticipants(transaction, p => p.Abort(id), confirm: false);
            _barrier.Release(id);
            RollbackHere(transaction);
            throw Translate(e, transaction);
        }

        SetTelling(id, true);
        try
        {
            _coordinator.Decide(id, [.. participants.Select(p => p.Server)]);
            CommitDecided(transaction, logged, id);
            TellParticipants(transaction, p => p.Commit(id), confirm: true);
        }
        finally
        {
            SetTelling(id, false);
        }

        _barrier.Release(id);
        ForgetDurable();
    }

    /// <summary>Sees to it that a decision can be written, before anybody is prepared.</summary>
    private void ReserveDecision()
    {
        try
        {
            _coordinator.Reserve();
        }
        catch (System.IO.IOException e) when (DiskSpace.IsFull(e))
        {
            throw new LabSqlException(9002, 17, 4, "The transaction log for database 'master' is full due to 'NOTHING'.");
        }
    }

    /// <summary>Takes the barrier of one instance; of this one when no participant is given.</summary>
    private void TakeBarrier(LabTransaction transaction, Guid id, IRemoteParticipant? participant)
    {
        bool isMarked = transaction.MarkName is not null;
        if (participant is not null)
        {
            participant.AcquireBarrier(id, isMarked, BarrierTimeout);
        }
        else if (!_barrier.Acquire(id, isMarked, BarrierTimeout, null))
        {
            throw isMarked ? MarkTimeout(transaction.MarkName!) : Cancelled();
        }
    }

    /// <summary>Tells every participant the outcome. One that fails learns it later: a commit stays on the list, an abort is what it presumes.</summary>
    private void TellParticipants(LabTransaction transaction, Action<IRemoteParticipant> tell, bool confirm)
    {
        foreach (IRemoteParticipant participant in DistinctParticipants(transaction))
        {
            if (Attempt(() => tell(participant)) is null && confirm)
            {
                _coordinator.Confirm(transaction.GlobalId, participant.Server);
            }
        }
    }

    private static IRemoteParticipant[] DistinctParticipants(LabTransaction transaction) =>
        [.. transaction.Participants.DistinctBy(p => p.Server, StringComparer.OrdinalIgnoreCase)];

    /// <summary>Runs a call to another instance and gives its failure, whatever its kind: the outcome stands and does not depend on it.</summary>
    private static Exception? Attempt(Action call)
    {
        try
        {
            call();
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return e;
        }
    }

    /// <summary>Gives the name instances are ordered by: the same order on every instance, whatever the case a name is written in.</summary>
    private static string BarrierOrder(string server) => server.ToUpperInvariant();

    private static Exception Translate(Exception e, LabTransaction transaction) => e switch
    {
        LabSqlException { Number: 3928 } => MarkTimeout(transaction.MarkName ?? string.Empty),
        LabSqlException { Number: 1206 or 9001 } => e,
        OperationCanceledException => e,
        _ => new LabSqlException(Cancelled().Error with { Text = $"{Cancelled().Message} {e.Message}" }),
    };

    private static LabSqlException Cancelled() => new(
        1206, 18, 118, "The Microsoft Distributed Transaction Coordinator (MS DTC) has cancelled the distributed transaction.");

    private static LabSqlException MarkTimeout(string mark) => new(
        3928,
        16,
        1,
        $"The marked transaction \"{mark}\" failed. A timeout occurred while attempting to place a mark in the log by committing the marked transaction. This can be caused by contention with distributed transactions or other local marked transactions that have prepared, but not committed or aborted. Retry the operation.");

    private bool IsTelling(Guid id)
    {
        lock (_transactionGate)
        {
            return _telling.Contains(id);
        }
    }

    private void SetTelling(Guid id, bool telling)
    {
        lock (_transactionGate)
        {
            _ = telling ? _telling.Add(id) : _telling.Remove(id);
        }
    }

    private void Forget(LabTransaction transaction)
    {
        if (transaction.HasGlobalId)
        {
            Guid id = transaction.GlobalId;
            lock (_transactionGate)
            {
                _global.Remove(id);
            }
        }
    }

    private void ForgetWhenDurable(Guid id, DatabaseBranch[] logged)
    {
        lock (_transactionGate)
        {
            _unflushed.Add((id, [.. logged.Select(b => (b.Database, b.Database.Log, b.CommitLsn))]));
        }

        ForgetDurable();
    }

    /// <summary>Ends decisions nobody can ask for any more.</summary>
    private void ForgetDurable()
    {
        lock (_transactionGate)
        {
            _unflushed.RemoveAll(u => u.Commits.All(IsDurable) && _coordinator.TryForget(u.Id));
        }
    }

    /// <summary>A database without its log of then has been closed (which makes the log durable), replaced or dropped.</summary>
    private static bool IsDurable((LabDatabase Database, LabLog Log, Lsn Lsn) commit) =>
        commit.Database.Failure is null && (!commit.Database.HasLog(commit.Log) || commit.Log.FlushedLsn > commit.Lsn);
}
