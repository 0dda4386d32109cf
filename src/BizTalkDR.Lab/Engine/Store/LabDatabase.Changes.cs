using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

public sealed partial class LabDatabase
{
    /// <summary>Transactions with a begin record and without an outcome in the log.</summary>
    private readonly HashSet<DatabaseBranch> _active = [];
    private long _writeTransactions;

    /// <summary>Transactions that wrote to it and were committed since the instance started; tempdb, which is not logged, counts none.</summary>
    public long WriteTransactions
    {
        get
        {
            lock (Gate)
            {
                return _writeTransactions;
            }
        }
    }

    /// <summary>What transactions without an outcome did in it: those that have log records, those in doubt included.</summary>
    internal IReadOnlyList<DatabaseBranch> OpenBranches
    {
        get
        {
            lock (Gate)
            {
                return [.. _active.OrderBy(b => b.BeginLsn)];
            }
        }
    }

    /// <summary>Rows whose committed values the data file does not have yet.</summary>
    private readonly Dictionary<RowSlot, LabTable> _dirty = [];
    private long _loggedBytes;

    /// <summary>Takes a row's lock, which the caller has found free or its own.</summary>
    internal RowChange Lock(LabTransaction transaction, LabTable table, RowSlot slot)
    {
        if (slot.Change is { } held)
        {
            return held;
        }

        DatabaseBranch branch = transaction.BranchIn(this);
        RowChange change = new(transaction, slot.Committed);
        slot.Change = change;
        table.Rows.Keep(slot);
        branch.Locked.Add((table, slot));
        if (branch.Tables.Add(table))
        {
            table.Users.Add(transaction);
        }

        return change;
    }

    /// <summary>Logs and makes one change of a row; the caller holds the gate and has found the row free or its own.</summary>
    internal void Change(LabTransaction transaction, LabTable table, RowSlot slot, object?[]? values, bool log = true)
    {
        DatabaseBranch branch = transaction.BranchIn(this);
        object?[]? before = slot.Newest;
        if (log && !IsTemp)
        {
            if (values is not null)
            {
                RequireRoom(table);
            }

            LogBegin(branch);
            LogRow(branch, table, slot.Id, before, values);
        }

        RowChange change = Lock(transaction, table, slot);
        branch.Undo.Add(new UndoEntry(table, slot, change.IsWritten, before));
        change.IsWritten = true;
        Set(branch, table, slot, values);
    }

    /// <summary>Takes changes back, the newest first, until so many are left.</summary>
    internal void UndoTo(DatabaseBranch branch, int count, bool log)
    {
        lock (Gate)
        {
            for (int i = branch.Undo.Count - 1; i >= count; i--)
            {
                UndoEntry entry = branch.Undo[i];
                if (log && !IsTemp)
                {
                    LogRow(branch, entry.Table, entry.Slot.Id, entry.Slot.Newest, entry.Before, isUndo: true);
                }

                entry.Slot.Change!.IsWritten = entry.WasWritten;
                Set(branch, entry.Table, entry.Slot, entry.Before);
            }

            if (branch.Undo.Count > count)
            {
                branch.Undo.RemoveRange(count, branch.Undo.Count - count);
            }
        }
    }

    /// <summary>Logs that the branch is prepared: from here on its outcome is the coordinator's.</summary>
    internal Lsn AppendPrepare(DatabaseBranch branch, Guid globalId, string coordinator)
    {
        lock (Gate)
        {
            LabTransaction transaction = branch.Transaction;
            return Append(new LogRecord
            {
                Op = LogOp.Prepare,
                TransactionId = transaction.Id,
                GlobalId = globalId,
                Coordinator = coordinator,
                BeginLsn = branch.BeginLsn,
                Time = Instance.Now,
                Payload = RowCodec.Encode([transaction.MarkName, transaction.MarkDescription]),
            });
        }
    }

    /// <summary>Logs the commit and makes the new values the committed ones. The locks stay until <see cref="Release"/>, so nobody sees them before they are durable.</summary>
    internal Lsn AppendCommit(DatabaseBranch branch, DateTime time)
    {
        lock (Gate)
        {
            if (!branch.BeginLsn.IsZero)
            {
                branch.CommitTime = time;
                branch.CommitLsn = Append(CommitRecord(branch.Transaction.Id, branch.BeginLsn, branch.Transaction.MarkName, branch.Transaction.MarkDescription, time));
                _active.Remove(branch);
                _writeTransactions++;
            }

            foreach ((LabTable table, RowSlot slot) in branch.Locked)
            {
                if (slot.Change is { IsWritten: true, IsPromoted: false } change)
                {
                    change.Previous = slot.Committed;
                    change.IsPromoted = true;
                    slot.Committed = change.Values;
                    MarkDirty(slot, table);
                }
            }

            foreach (LabTable table in branch.Redefined.Where(t => t.IsDropped))
            {
                FreeTable(table);
            }

            return branch.CommitLsn;
        }
    }

    /// <summary>Takes everything back, logs the abort, gives up the locks.</summary>
    /// <returns>LSN of the abort record. It need not be durable unless the branch was prepared: without an outcome it is an abort too.</returns>
    internal Lsn Abort(DatabaseBranch branch)
    {
        UndoTo(branch, 0, log: false);
        lock (Gate)
        {
            Lsn lsn = Lsn.Zero;
            if (!branch.BeginLsn.IsZero && State == DatabaseState.Online)
            {
                lsn = Append(new LogRecord { Op = LogOp.Abort, TransactionId = branch.Transaction.Id, BeginLsn = branch.BeginLsn, Time = Instance.Now });
            }

            _active.Remove(branch);
            Release(branch);
            return lsn;
        }
    }

    /// <summary>Gives up the locks of a branch that has ended.</summary>
    internal void Release(DatabaseBranch branch)
    {
        lock (Gate)
        {
            foreach ((LabTable table, RowSlot slot) in branch.Locked)
            {
                if (slot.Change is { } change && change.Owner == branch.Transaction)
                {
                    table.Settle(slot, change);
                }
            }

            foreach (LabTable table in branch.Tables)
            {
                table.Users.Remove(branch.Transaction);
            }

            foreach (LabTable table in branch.Redefined)
            {
                table.RedefinedBy = null;
                table.DropIndexes();
                if (table.IsDropped)
                {
                    _detached.Remove(table.Def.ObjectId);
                }
            }

            branch.Locked.Clear();
            branch.Undo.Clear();
        }
    }

    /// <summary>Logs a counter's new value outside of any transaction.</summary>
    internal void LogIdentity(int objectId, long value)
    {
        if (!IsTemp && State == DatabaseState.Online && !IsReadOnly)
        {
            Append(new LogRecord { Op = LogOp.UpdateRow, ObjectId = CatalogueTables.Counters, RowId = objectId, Payload = RowCodec.Encode([value]) });
        }
    }

    internal static LogRecord CommitRecord(long transactionId, Lsn begin, string? mark, string? description, DateTime time) => new()
    {
        Op = LogOp.Commit,
        TransactionId = transactionId,
        BeginLsn = begin,
        Time = time,
        IsMarked = mark is not null,
        Name = mark,
        Description = mark is null ? null : description,
    };

    private void LogBegin(DatabaseBranch branch)
    {
        if (!branch.BeginLsn.IsZero)
        {
            return;
        }

        LabTransaction transaction = branch.Transaction;
        branch.BeginTime = Instance.Now;
        branch.BeginLsn = Append(new LogRecord
        {
            Op = LogOp.BeginTransaction,
            TransactionId = transaction.Id,
            Name = transaction.Name ?? "user_transaction",
            IsMarked = transaction.MarkName is not null,
            Time = branch.BeginTime,
        });
        _active.Add(branch);
    }

    private void LogRow(DatabaseBranch branch, LabTable table, long rowId, object?[]? before, object?[]? after, bool isUndo = false)
    {
        if (before is null && after is null)
        {
            return;
        }

        Append(new LogRecord
        {
            Op = before is null ? LogOp.InsertRow : after is null ? LogOp.DeleteRow : LogOp.UpdateRow,
            TransactionId = branch.Transaction.Id,
            ObjectId = table.Def.ObjectId,
            RowId = rowId,
            Payload = after is null ? default(ReadOnlyMemory<byte>) : RowCodec.Encode(after),
            IsUndo = isUndo,
        });
    }

    private void Set(DatabaseBranch branch, LabTable table, RowSlot slot, object?[]? values)
    {
        object?[]? before = slot.Change!.Values;
        slot.Change.Values = values;
        table.Reindex(slot, before, values);
        if (table.IsCatalogue)
        {
            CatalogueChanged(table, slot.Id, values, branch);
        }
    }

    /// <summary>What keeps the log from being used again, as sys.databases words it.</summary>
    private string LogReuseWait =>
        RecoveryModel != RecoveryModel.Simple && !LogChainStartLsn.IsZero ? "LOG_BACKUP" : _active.Count > 0 ? "ACTIVE_TRANSACTION" : "NOTHING";

    private Lsn Append(LogRecord record)
    {
        try
        {
            Lsn lsn = Log.Append(record);
            _loggedBytes += record.Payload.Length + 128;
            return lsn;
        }
        catch (LogFullException)
        {
            throw new LabSqlException(9002, 17, 4, $"The transaction log for database '{Name}' is full due to '{LogReuseWait}'.");
        }
        catch (System.IO.IOException e)
        {
            Fail(e);
            throw new LabSqlException(9001, 21, 1, $"The log for database '{Name}' is not available. {e.Message}");
        }
    }

    /// <summary>Makes a record durable. When that fails, nobody knows what is on the disk: the database is out of use until it is opened again.</summary>
    internal void Flush(Lsn lsn)
    {
        if (lsn.IsZero)
        {
            return;
        }

        try
        {
            Log.Flush(lsn);
        }
        catch (Exception e) when (e is System.IO.IOException or ObjectDisposedException)
        {
            Fail(e);
            throw new LabSqlException(9001, 21, 1, $"The log for database '{Name}' is not available. {e.Message}");
        }
    }

    /// <summary>Notes a row the next checkpoint must write; tempdb has none.</summary>
    private void MarkDirty(RowSlot slot, LabTable table)
    {
        if (!IsTemp)
        {
            slot.IsDirty = true;
            _dirty[slot] = table;
        }
    }

    private void FreeTable(LabTable table)
    {
        _pages.Free(table);
        foreach (RowSlot slot in table.Rows.Kept())
        {
            _dirty.Remove(slot);
        }

        if (_catalogue[CatalogueTables.Counters].SetCommitted(table.Def.ObjectId, null) is { } counter)
        {
            MarkDirty(counter, _catalogue[CatalogueTables.Counters]);
        }
    }
}
