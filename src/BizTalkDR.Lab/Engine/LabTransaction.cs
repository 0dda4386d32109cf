using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>A transaction over any number of databases of one instance, and through participants over other instances.</summary>
public sealed class LabTransaction
{
    public long Id => throw new NotImplementedException();

    public string? Name { get; init; }

    public TransactionState State => throw new NotImplementedException();

    /// <summary>Set by BEGIN TRAN name WITH MARK 'description'; only the first call counts (the caller raises 3920 for later ones).</summary>
    public string? MarkName { get; set; }

    public string? MarkDescription { get; set; }

    /// <summary>Whether the transaction is a branch of one another instance coordinates, or has remote participants.</summary>
    public bool IsDistributed => throw new NotImplementedException();

    /// <summary>Global id; assigned on first use.</summary>
    public Guid GlobalId => throw new NotImplementedException();

    public IReadOnlyCollection<LabDatabase> Databases => throw new NotImplementedException();

    public IList<IRemoteParticipant> Participants { get; } = new List<IRemoteParticipant>();

    /// <summary>Whether anything was written.</summary>
    public bool HasWrites => throw new NotImplementedException();

    /// <summary>Longest wait for a row lock; infinite by default. Beyond it: error 1222.</summary>
    public TimeSpan LockTimeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Cancels lock waits (attention).</summary>
    public System.Threading.CancellationToken Cancellation { get; set; }

    public object CreateSavepoint() => throw new NotImplementedException();

    public void RollbackTo(object savepoint) => throw new NotImplementedException();
}
