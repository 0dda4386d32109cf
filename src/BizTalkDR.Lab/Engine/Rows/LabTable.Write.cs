using System;
using System.Collections.Generic;
using System.Globalization;
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
                Database.Change(transaction, this, slot, values);
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

        Database.Change(transaction, this, slot ?? SlotFor(rowId), values);
        return null;
    });

    /// <summary>Runs a step under the gate; while it names a transaction, waits for its end and runs the step again.</summary>
    internal void Retry(LabTransaction transaction, Func<LabTransaction?> step)
    {
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
        if (slot.Committed is null)
        {
            _rows.Remove(slot);
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
        RowCount += (values is null ? 0 : 1) - (slot.Committed is null ? 0 : 1);
        slot.Committed = values;
        _indexes = null;
        if (values is null)
        {
            _rows.Remove(slot);
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

    /// <summary>Takes over a row read from the data file.</summary>
    internal void Load(RowSlot slot)
    {
        _rows.Add(slot);
        _nextRowId = Math.Max(_nextRowId, slot.Id + 1);
        RowCount++;
    }

    /// <summary>Checks the unique indexes of a new definition against the rows.</summary>
    /// <exception cref="LabSqlException">1505.</exception>
    internal void CheckUnique()
    {
        foreach (HashIndex index in Indexes.Where(i => i.IsUnique))
        {
            foreach (RowSlot slot in _rows.From(0))
            {
                if (slot.Newest is { } values && index.Find(index.KeyOf(values)).Any(s => s != slot && s.Newest is { } other && index.SameKey(values, other)))
                {
                    throw new LabSqlException(
                        1505,
                        16,
                        1,
                        $"The CREATE UNIQUE INDEX statement terminated because a duplicate key was found for the object name '{Def.Schema}.{Def.Name}' and the index name '{index.Definition!.Name}'. The duplicate key value is {KeyText(index, values)}.");
                }
            }
        }
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

    /// <summary>Looks for another row with the same unique key: throws when there is one, names the transaction to wait for when it depends on that one's outcome.</summary>
    private LabTransaction? FindDuplicate(LabTransaction transaction, object?[] values, RowSlot? self, object?[]? before)
    {
        foreach (HashIndex index in Indexes)
        {
            if (!index.IsUnique || (before is not null && index.SameKey(before, values)))
            {
                continue;
            }

            foreach (RowSlot slot in index.Find(index.KeyOf(values)))
            {
                if (slot == self)
                {
                    continue;
                }

                if (slot.Change is { IsWritten: true } change && change.Owner != transaction)
                {
                    return change.Owner;
                }

                if (slot.Newest is { } other && index.SameKey(other, values))
                {
                    throw Duplicate(index, values);
                }
            }
        }

        return null;
    }

    private bool MovesKeys(IEnumerable<LabRow> rows)
    {
        lock (Database.Gate)
        {
            HashIndex[] unique = [.. Indexes.Where(i => i.IsUnique)];
            return unique.Length > 0 && rows.Any(r => _rows.Find(r.RowId)?.Newest is { } now && unique.Any(i => !i.SameKey(now, r.Values)));
        }
    }

    /// <summary>Takes all rows out of the unique keys first, then puts them back with their new values.</summary>
    private void MoveKeys(LabTransaction transaction, List<LabRow> rows)
    {
        foreach (LabRow row in rows)
        {
            ChangeRow(transaction, row.RowId, null);
        }

        foreach (LabRow row in rows)
        {
            Retry(transaction, () =>
            {
                RowSlot slot = _rows.Find(row.RowId)!;
                LabTransaction? blocker = FindDuplicate(transaction, row.Values, slot, null);
                if (blocker is null)
                {
                    Database.Change(transaction, this, slot, row.Values);
                }

                return blocker;
            });
        }
    }

    private LabSqlException Duplicate(HashIndex index, object?[] values)
    {
        IndexDef definition = index.Definition!;
        string table = $"{Def.Schema}.{Def.Name}";
        string key = KeyText(index, values);
        if (!definition.IsPrimaryKey && !definition.IsUniqueConstraint)
        {
            return new LabSqlException(
                2601, 14, 1, $"Cannot insert duplicate key row in object '{table}' with unique index '{definition.Name}'. The duplicate key value is {key}.");
        }

        string kind = definition.IsPrimaryKey ? "PRIMARY KEY" : "UNIQUE KEY";
        return new LabSqlException(
            2627, 14, 1, $"Violation of {kind} constraint '{definition.Name}'. Cannot insert duplicate key in object '{table}'. The duplicate key value is {key}.");
    }

    private static string KeyText(HashIndex index, object?[] values)
    {
        IEnumerable<string> parts = index.Ordinals.Select(o => values[o] switch
        {
            null => "<NULL>",
            byte[] bytes => "0x" + System.Convert.ToHexString(bytes).ToLowerInvariant(),
            DateTime time => time.ToString("MMM d yyyy h:mmtt", CultureInfo.InvariantCulture),
            bool bit => bit ? "1" : "0",
            object other => System.Convert.ToString(other, CultureInfo.InvariantCulture) ?? string.Empty,
        });
        return $"({string.Join(", ", parts)})";
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
