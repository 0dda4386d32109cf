using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>Holds a transaction of the log whose outcome has not been met.</summary>
internal sealed class PendingTransaction(long id, Lsn beginLsn)
{
    public long Id { get; } = id;

    /// <summary>LSN of its first record.</summary>
    public Lsn BeginLsn { get; } = beginLsn;

    /// <summary>Its row records, in order.</summary>
    public List<LogRecord> Rows { get; } = [];

    /// <summary>Its prepare record; null while it was not prepared.</summary>
    public LogRecord? Prepared { get; set; }
}

/// <summary>Reads the log forward: collects each transaction's records and makes them when its commit is met.</summary>
/// <remarks>Row locks are held to the end, so commit order is an order in which the transactions could have run one after the other.</remarks>
internal sealed class Redo(Lsn checkpointLsn, Action<LogRecord> apply)
{
    private readonly Dictionary<long, PendingTransaction> _pending = [];

    /// <summary>Transactions without an outcome so far, oldest first.</summary>
    public IReadOnlyList<PendingTransaction> Pending => [.. _pending.Values.OrderBy(p => p.BeginLsn)];

    /// <summary>Highest transaction id met.</summary>
    public long LastTransactionId { get; private set; }

    /// <summary>Takes the next record. What was committed before the checkpoint is in the pages already.</summary>
    public void Take(LogRecord record)
    {
        LastTransactionId = Math.Max(LastTransactionId, record.TransactionId);
        switch (record.Op)
        {
            case LogOp.BeginTransaction:
                Of(record);
                break;
            case LogOp.InsertRow or LogOp.UpdateRow or LogOp.DeleteRow when record.TransactionId == 0:
                if (record.Lsn >= checkpointLsn)
                {
                    apply(record);
                }

                break;
            case LogOp.InsertRow or LogOp.UpdateRow or LogOp.DeleteRow:
                Of(record).Rows.Add(record);
                break;
            case LogOp.Prepare:
                Of(record).Prepared = record;
                break;
            case LogOp.Commit:
                if (_pending.Remove(record.TransactionId, out PendingTransaction? committed) && record.Lsn >= checkpointLsn)
                {
                    committed.Rows.ForEach(apply);
                }

                break;
            case LogOp.Abort:
                _pending.Remove(record.TransactionId);
                break;
        }
    }

    /// <summary>Forgets transactions without an outcome: they end with the recovery fork they were open on.</summary>
    public void DropPending() => _pending.Clear();

    private PendingTransaction Of(LogRecord record)
    {
        if (!_pending.TryGetValue(record.TransactionId, out PendingTransaction? pending))
        {
            pending = new PendingTransaction(record.TransactionId, record.Lsn);
            _pending.Add(record.TransactionId, pending);
        }

        return pending;
    }
}
