using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace BizTalkDR.Lab.Engine;

/// <summary>A transaction over any number of databases of one instance, and through participants over other instances.</summary>
public sealed class LabTransaction
{
    private readonly object _sync = new();
    private readonly List<DatabaseBranch> _branches = [];
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Guid _globalId;
    private bool _isEnding;

    internal LabTransaction(LabInstance instance, long id)
    {
        Instance = instance;
        Id = id;
        BeginTime = instance.Now;
    }

    public long Id { get; }

    /// <summary>Server time of its begin; of the start of the instance for one that start-up found in doubt.</summary>
    public DateTime BeginTime { get; }

    public string? Name { get; init; }

    public TransactionState State { get; private set; }

    /// <summary>Set by BEGIN TRAN name WITH MARK 'description'; only the first call counts (the caller raises 3920 for later ones).</summary>
    public string? MarkName { get; set; }

    public string? MarkDescription { get; set; }

    /// <summary>Whether the transaction is a branch of one another instance coordinates, or has remote participants.</summary>
    public bool IsDistributed => Coordinator is not null || Participants.Count > 0;

    /// <summary>Global id; assigned on first use.</summary>
    public Guid GlobalId
    {
        get
        {
            lock (_sync)
            {
                if (_globalId == Guid.Empty)
                {
                    _globalId = Guid.NewGuid();
                    Instance.Register(this, _globalId);
                }

                return _globalId;
            }
        }
    }

    /// <summary>Databases the transaction has written.</summary>
    public IReadOnlyCollection<LabDatabase> Databases => [.. Branches.Where(b => b.HasWrites).Select(b => b.Database)];

    public IList<IRemoteParticipant> Participants { get; } = new List<IRemoteParticipant>();

    /// <summary>Whether anything was written.</summary>
    public bool HasWrites => Branches.Any(b => b.HasWrites);

    /// <summary>Longest wait for a row lock; infinite by default. Beyond it: error 1222.</summary>
    public TimeSpan LockTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Cancels lock waits (attention).</summary>
    public CancellationToken Cancellation { get; set; }

    internal LabInstance Instance { get; }

    /// <summary>Network name of the instance that decides, for a branch of another instance's transaction; null for the instance's own.</summary>
    internal string? Coordinator { get; init; }

    /// <summary>The transaction this one waits for; kept by <see cref="LockWaits"/>.</summary>
    internal LabTransaction? WaitingFor { get; set; }

    internal bool IsOver => _over.Task.IsCompleted;

    internal bool HasGlobalId => _globalId != Guid.Empty;

    internal IReadOnlyList<DatabaseBranch> Branches
    {
        get
        {
            lock (_sync)
            {
                return [.. _branches];
            }
        }
    }

    public object CreateSavepoint() => new Savepoint(this, [.. Branches.Select(b => (b, b.UndoCount))]);

    /// <summary>Takes back what was changed since the savepoint. Locks stay.</summary>
    /// <exception cref="ArgumentException">The savepoint is another transaction's.</exception>
    public void RollbackTo(object savepoint)
    {
        if (savepoint is not Savepoint point || point.Transaction != this)
        {
            throw new ArgumentException("The savepoint does not belong to this transaction.", nameof(savepoint));
        }

        foreach (DatabaseBranch branch in Branches)
        {
            int count = point.Counts.FirstOrDefault(c => c.Branch == branch).UndoCount;
            branch.Database.UndoTo(branch, count, log: true);
        }
    }

    /// <summary>Gives the part of the transaction in a database, starting it when there is none.</summary>
    internal DatabaseBranch BranchIn(LabDatabase database)
    {
        lock (_sync)
        {
            ThrowIfOver();
            DatabaseBranch? branch = _branches.Find(b => b.Database == database);
            if (branch is null)
            {
                branch = new DatabaseBranch(this, database);
                _branches.Add(branch);
            }

            return branch;
        }
    }

    internal void SetGlobalId(Guid id) => _globalId = id;

    /// <summary>Claims the end of the transaction for one caller: commit, rollback and prepare exclude each other.</summary>
    internal bool TryBeginEnd()
    {
        lock (_sync)
        {
            if (_isEnding || State is TransactionState.Committed or TransactionState.Aborted)
            {
                return false;
            }

            _isEnding = true;
            return true;
        }
    }

    /// <summary>Goes to PREPARED, from where it can be ended again.</summary>
    internal void SetPrepared()
    {
        lock (_sync)
        {
            State = TransactionState.Prepared;
            _isEnding = false;
        }
    }

    /// <summary>Sets the outcome, before the changes are taken back or made visible: no further change can be added.</summary>
    internal void SetOutcome(TransactionState state)
    {
        lock (_sync)
        {
            State = state;
        }
    }

    /// <summary>Wakes those that wait for this transaction's rows.</summary>
    internal void SetOver() => _over.TrySetResult();

    internal bool WaitForEnd(TimeSpan timeout, CancellationToken cancellation) => _over.Task.Wait(timeout, cancellation);

    internal void ThrowIfOver()
    {
        if (State != TransactionState.Active || _isEnding)
        {
            throw new LabSqlException(3998, 16, 1, "The transaction has ended; nothing can be done in it any more.");
        }
    }

    private sealed record Savepoint(LabTransaction Transaction, (DatabaseBranch Branch, int UndoCount)[] Counts);
}
