using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

public sealed partial class LabTable
{
    /// <summary>Inserts a complete row (one value per column in order, of the column's CLR type). Throws 2601/2627 on duplicates, 515 on NULL in a NOT NULL column.</summary>
    /// <remarks>The array belongs to the table from then on.</remarks>
    public long Insert(LabTransaction transaction, object?[] values)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(values);
        CheckNulls(values, "INSERT");
        RowSlot? slot = null;
        Retry(transaction, () =>
        {
            LabTransaction? blocker = FindDuplicate(transaction, values, null, null);
            if (blocker is null)
            {
                slot = new RowSlot(_nextRowId++);
                _rows.Add(slot);
                ChangeNew(transaction, slot, values);
            }

            return blocker;
        });
        return slot!.Id;
    }

    /// <summary>Replaces a row's values.</summary>
    /// <returns>False when the row no longer exists.</returns>
    public bool Update(LabTransaction transaction, long rowId, object?[] values)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(values);
        CheckNulls(values, "UPDATE");
        return ChangeRow(transaction, rowId, values);
    }

    /// <summary>Replaces several rows as one statement: keys may move from row to row (SET Id = Id + 1), duplicates are judged by the result.</summary>
    /// <returns>Number of rows that still existed.</returns>
    public int UpdateAll(LabTransaction transaction, IReadOnlyList<LabRow> rows)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(rows);
        object savepoint = transaction.CreateSavepoint();
        try
        {
            List<(LabRow Row, object?[] Final)> existing = [];
            foreach (LabRow row in rows)
            {
                CheckNulls(row.Values, "UPDATE");
                if (LockRow(transaction, row.RowId) is not null)
                {
                    existing.Add((row, row.Values));
                }
            }

            if (existing.Count > 1 && MovesKeys(existing.Select(e => e.Row)))
            {
                MoveKeys(transaction, existing.Select(e => e.Row).ToList());
            }
            else
            {
                existing.ForEach(e => ChangeRow(transaction, e.Row.RowId, e.Final));
            }

            return existing.Count;
        }
        catch (LabSqlException e) when (e.Number != 1205)
        {
            transaction.RollbackTo(savepoint);
            throw;
        }
    }

    /// <summary>Deletes a row.</summary>
    /// <returns>False when the row no longer exists.</returns>
    public bool Delete(LabTransaction transaction, long rowId)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return ChangeRow(transaction, rowId, null);
    }

    /// <summary>Inserts a row under a row id of the caller's (catalogue tables: the object id).</summary>
    internal void InsertAs(LabTransaction transaction, long rowId, object?[] values) => Retry(transaction, () =>
    {
        RowSlot? slot = _rows.Find(rowId);
        if (slot?.Change is { } change && change.Owner != transaction)
        {
            return change.Owner;
        }

        if (slot is null)
        {
            ChangeNew(transaction, SlotFor(rowId), values);
        }
        else
        {
            Database.Change(transaction, this, slot, values);
        }

        return null;
    });

    /// <summary>Makes the first change of a new row, which goes away again when that is refused.</summary>
    private void ChangeNew(LabTransaction transaction, RowSlot slot, object?[] values)
    {
        try
        {
            Database.Change(transaction, this, slot, values);
        }
        catch (LabSqlException)
        {
            _rows.Remove(slot);
            throw;
        }
    }

    /// <summary>Runs a step under the gate; while it names a transaction, waits for its end and runs the step again.</summary>
    internal void Retry(LabTransaction transaction, Func<LabTransaction?> step)
    {
        Database.RetryWhenFull();
        while (true)
        {
            LabTransaction? blocker;
            lock (Database.Gate)
            {
                Database.ThrowIfUnwritable();
                transaction.ThrowIfOver();
                blocker = Blocker(transaction) ?? step();
                if (blocker is null)
                {
                    return;
                }
            }

            Database.Instance.Waits.Wait(transaction, blocker);
        }
    }

    /// <summary>Keeps the indexes in step with one change of a row.</summary>
    internal void Reindex(RowSlot slot, object?[]? before, object?[]? after)
    {
        RowCount += (after is null ? 0 : 1) - (before is null ? 0 : 1);
        if (_indexes is not null)
        {
            object?[]? committed = CommittedKey(slot);
            foreach (HashIndex index in _indexes)
            {
                index.Replace(slot, committed, before, after);
            }
        }
    }

    /// <summary>Takes the old key of a committed change out of the indexes and the row, when deleted, out of the table.</summary>
    internal void Settle(RowSlot slot, RowChange change)
    {
        if (change.IsPromoted && _indexes is not null && RedefinedBy is null && change.Previous is { } previous)
        {
            foreach (HashIndex index in _indexes)
            {
                if (slot.Committed is null || !index.SameKey(previous, slot.Committed))
                {
                    index.Remove(previous, slot);
                }
            }
        }

        slot.Change = null;
        if (!slot.IsCommitted)
        {
            _rows.Remove(slot);
        }
        else
        {
            _rows.Forget(slot);
        }
    }

    /// <summary>Sets a committed row (load and redo): no lock, no log.</summary>
    internal RowSlot? SetCommitted(long rowId, object?[]? values)
    {
        if (values is null && _rows.Find(rowId) is null)
        {
            return null;
        }

        RowSlot slot = SlotFor(rowId);
        RowCount += (values is null ? 0 : 1) - (slot.IsCommitted ? 1 : 0);
        slot.Committed = values;
        _indexes = null;
        if (values is null)
        {
            _rows.Remove(slot);
        }
        else
        {
            _rows.Keep(slot);
        }

        return slot;
    }

    /// <summary>Finds a row, making an empty one when there is none.</summary>
    internal RowSlot SlotFor(long rowId)
    {
        RowSlot? slot = _rows.Find(rowId);
        if (slot is null)
        {
            slot = new RowSlot(rowId);
            _rows.Add(slot);
            _nextRowId = Math.Max(_nextRowId, rowId + 1);
        }

        return slot;
    }

    /// <summary>Takes over the rows of the data file.</summary>
    internal void Load(RowMap rows)
    {
        _rows = rows;
        _nextRowId = Math.Max(_nextRowId, rows.LastId + 1);
        RowCount = rows.Count;
    }

    private bool ChangeRow(LabTransaction transaction, long rowId, object?[]? values)
    {
        bool exists = false;
        Retry(transaction, () =>
        {
            RowSlot? slot = _rows.Find(rowId);
            if (slot?.Change is { } change && change.Owner != transaction)
            {
                return change.Owner;
            }

            exists = slot?.Newest is not null;
            if (!exists)
            {
                return null;
            }

            LabTransaction? blocker = values is null ? null : FindDuplicate(transaction, values, slot, slot!.Newest);
            if (blocker is null)
            {
                Database.Change(transaction, this, slot!, values);
            }

            return blocker;
        });
        return exists;
    }

    private void CheckNulls(object?[] values, string statement)
    {
        if (values.Length != Def.Columns.Count)
        {
            throw new ArgumentException($"The table {Def.Name} has {Def.Columns.Count} columns, the row {values.Length} values.", nameof(values));
        }

        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is null && !Def.Columns[i].Nullable)
            {
                throw new LabSqlException(
                    515,
                    16,
                    2,
                    $"Cannot insert the value NULL into column '{Def.Columns[i].Name}', table '{Database.Name}.{Def.Schema}.{Def.Name}'; column does not allow nulls. {statement} fails.");
            }
        }
    }
}
