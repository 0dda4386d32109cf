using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;

namespace BizTalkDR.Lab.Engine;

// CONTRACT (owner: store helper). See the notes given to each helper; stubs to be replaced, names to be kept.

public enum DatabaseState : byte
{
    Online = 0, Restoring = 1, Recovering = 2, RecoveryPending = 3, Suspect = 4, Offline = 6,
}

public enum RecoveryModel : byte
{
    Full = 1, BulkLogged = 2, Simple = 3,
}

public enum UserAccess : byte
{
    MultiUser = 0, SingleUser = 1, RestrictedUser = 2,
}

public enum TransactionState : byte
{
    Active, Prepared, Committed, Aborted,
}

/// <summary>One row as seen by a reader. Values must not be changed.</summary>
public readonly record struct LabRow(long RowId, object?[] Values);

/// <summary>How a scan treats rows other transactions have changed and not committed.</summary>
public enum ReadMode : byte
{
    /// <summary>Waits for them (READ COMMITTED).</summary>
    Committed,

    /// <summary>Shows them (READ UNCOMMITTED, NOLOCK).</summary>
    Uncommitted,

    /// <summary>Skips them (READPAST).</summary>
    SkipLocked,

    /// <summary>Waits, and takes the row's lock until the transaction ends (UPDLOCK, and the read phase of UPDATE and DELETE).</summary>
    Update,
}

/// <summary>A remote instance enlisted in a distributed transaction (implemented by the linked-server layer).</summary>
public interface IRemoteParticipant
{
    /// <summary>Real network name of the instance.</summary>
    string Server { get; }

    /// <summary>Takes the remote instance's commit barrier for this transaction; exclusive for a mark.</summary>
    void AcquireBarrier(Guid globalId, bool exclusive, TimeSpan timeout);

    void Prepare(Guid globalId, string coordinator);

    void Commit(Guid globalId);

    void Abort(Guid globalId);
}
