using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

public sealed partial class LabTable
{
    private const int LargestBatch = 256;

    /// <summary>Committed and own rows, in row-id order. Safe against changes during the scan.</summary>
    /// <remarks>Rows inserted after the scan began are not shown, so that a statement cannot meet its own work.</remarks>
    public IEnumerable<LabRow> Scan(LabTransaction? transaction, ReadMode mode = ReadMode.Committed)
    {
        List<LabRow> batch = [];
        long next = 0;
        long end = -1;

        // Rows are locked or judged when they are read, so only as many as the caller asks for; plain reads go ahead in growing steps.
        int size = 1;
        bool grows = mode is ReadMode.Committed or ReadMode.Uncommitted;
        bool done = false;
        while (!done)
        {
            LabTransaction? blocker;
            lock (Database.Gate)
            {
                blocker = Blocker(transaction);
                if (blocker is null)
                {
                    end = end < 0 ? _nextRowId : end;
                    done = !Fill(batch, size, ref next, end, transaction, mode, out blocker);
                }
            }

            foreach (LabRow row in batch)
            {
                yield return row;
            }

            batch.Clear();
            size = grows ? Math.Min(size * 2, LargestBatch) : 1;
            if (blocker is not null)
            {
                Database.Instance.Waits.Wait(transaction, blocker);
            }
        }
    }

    /// <summary>Rows whose values in these columns equal the key. Null when no index over all or the leading of these columns can serve.</summary>
    /// <remarks>Compares as the collation does; a NULL in the key finds nothing.</remarks>
    public IEnumerable<LabRow>? Seek(LabTransaction? transaction, IReadOnlyList<string> columns, object?[] key, ReadMode mode = ReadMode.Committed)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(key);
        int[] ordinals = [.. columns.Select(OrdinalOf)];
        object?[] values = new object?[key.Length];
        for (int i = 0; i < key.Length; i++)
        {
            if (ordinals[i] < 0 || !KeyValue.TryConvert(key[i], Def.Columns[ordinals[i]].Type.Kind, out values[i]))
            {
                return null;
            }

            if (values[i] is null)
            {
                return [];
            }
        }

        return CanSeek(ordinals) ? SeekRows(transaction, ordinals, values, mode) : null;
    }

    /// <summary>Locks one row until the transaction ends and gives it as it is then; null when it is gone.</summary>
    /// <remarks>For UPDATE and DELETE that first look without locking: read, test, lock, test again. Rows that do not qualify stay unlocked.</remarks>
    public LabRow? LockRow(LabTransaction transaction, long rowId)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        while (true)
        {
            LabTransaction? blocker;
            lock (Database.Gate)
            {
                blocker = Blocker(transaction);
                if (blocker is null)
                {
                    RowSlot? slot = _rows.Find(rowId);
                    object?[]? values = slot is null ? null : See(slot, transaction, ReadMode.Update, out blocker);
                    if (blocker is null)
                    {
                        return values is null ? null : new LabRow(rowId, values);
                    }
                }
            }

            Database.Instance.Waits.Wait(transaction, blocker);
        }
    }

    /// <summary>Collects visible rows; false when the scan is through.</summary>
    private bool Fill(List<LabRow> batch, int size, ref long next, long end, LabTransaction? transaction, ReadMode mode, out LabTransaction? blocker)
    {
        blocker = null;
        foreach (RowSlot slot in _rows.From(next))
        {
            if (slot.Id >= end)
            {
                return false;
            }

            if (batch.Count >= size)
            {
                return true;
            }

            object?[]? values = See(slot, transaction, mode, out blocker);
            if (blocker is not null)
            {
                next = slot.Id;
                return true;
            }

            next = slot.Id + 1;
            if (values is not null)
            {
                batch.Add(new LabRow(slot.Id, values));
            }
        }

        return false;
    }

    /// <summary>Gives the values a reader may see, null when the row does not exist for it, or the transaction to wait for.</summary>
    private object?[]? See(RowSlot slot, LabTransaction? transaction, ReadMode mode, out LabTransaction? blocker)
    {
        blocker = null;
        RowChange? change = slot.Change;
        bool isOthers = change is not null && change.Owner != transaction;
        switch (mode)
        {
            case ReadMode.Uncommitted:
                return slot.Newest;
            case ReadMode.SkipLocked when isOthers:
                return null;
            case ReadMode.Update when isOthers:
                blocker = change!.Owner;
                return null;
            case ReadMode.Update when transaction is not null && slot.Newest is { } values:
                Database.Lock(transaction, this, slot);
                return values;
            default:
                blocker = isOthers && change!.IsWritten ? change.Owner : null;
                return blocker is null ? slot.Newest : null;
        }
    }

    private bool CanSeek(int[] ordinals)
    {
        lock (Database.Gate)
        {
            return FindIndex(ordinals) is not null;
        }
    }

    /// <summary>
    /// Finds an index whose columns are all given, the longest first; else makes one over the given columns when they lead a declared index.
    /// </summary>
    private HashIndex? FindIndex(int[] ordinals)
    {
        HashIndex? best = Indexes.Where(i => i.Ordinals.All(ordinals.Contains)).OrderByDescending(i => i.IsUnique).ThenByDescending(i => i.Ordinals.Length).FirstOrDefault();
        if (best is not null)
        {
            return best;
        }

        HashIndex? wider = Indexes.Find(i => i.Ordinals.Length > ordinals.Length && i.Ordinals.Take(ordinals.Length).All(ordinals.Contains));
        if (wider is null)
        {
            return null;
        }

        HashIndex leading = new(wider.Ordinals[..ordinals.Length], KeyComparer.Of(Database.Collation), null);
        FillIndex(leading);
        Indexes.Add(leading);
        return leading;
    }

    private IEnumerable<LabRow> SeekRows(LabTransaction? transaction, int[] ordinals, object?[] key, ReadMode mode)
    {
        List<LabRow> batch = [];
        long next = 0;
        int size = 1;
        bool grows = mode is ReadMode.Committed or ReadMode.Uncommitted;
        bool done = false;
        while (!done)
        {
            LabTransaction? blocker;
            lock (Database.Gate)
            {
                blocker = Blocker(transaction);
                if (blocker is null)
                {
                    done = !FillMatches(batch, size, transaction, ordinals, key, mode, ref next, out blocker);
                }
            }

            foreach (LabRow row in batch)
            {
                yield return row;
            }

            batch.Clear();
            size = grows ? Math.Min(size * 4, LargestBatch) : 1;
            if (blocker is not null)
            {
                Database.Instance.Waits.Wait(transaction, blocker);
            }
        }
    }

    /// <summary>Collects visible rows with the key; false when there are no more.</summary>
    private bool FillMatches(
        List<LabRow> batch, int size, LabTransaction? transaction, int[] ordinals, object?[] key, ReadMode mode, ref long next, out LabTransaction? blocker)
    {
        blocker = null;
        KeyComparer comparer = KeyComparer.Of(Database.Collation);
        HashIndex? index = FindIndex(ordinals);
        IEnumerable<RowSlot> candidates = index is null ? _rows.From(next) : Found(index.Find(ordinals, key), next);
        foreach (RowSlot slot in candidates)
        {
            // A changed row is registered under both keys: only a row that matches, or may match once its owner has ended, is locked or waited for.
            if (slot.Id < next || !MayMatch(slot, transaction, ordinals, key, comparer))
            {
                continue;
            }

            if (batch.Count >= size)
            {
                return true;
            }

            object?[]? values = See(slot, transaction, mode, out blocker);
            if (blocker is not null)
            {
                next = slot.Id;
                return true;
            }

            next = slot.Id + 1;
            if (values is not null && Matches(values, ordinals, key, comparer))
            {
                batch.Add(new LabRow(slot.Id, values));
            }
        }

        return false;
    }

    private IEnumerable<RowSlot> Found(IReadOnlyList<long> ids, long from)
    {
        foreach (long id in ids)
        {
            if (id >= from && _rows.Find(id) is { } slot)
            {
                yield return slot;
            }
        }
    }

    private static bool MayMatch(RowSlot slot, LabTransaction? transaction, int[] ordinals, object?[] key, KeyComparer comparer)
    {
        if (slot.Newest is { } newest && Matches(newest, ordinals, key, comparer))
        {
            return true;
        }

        return slot.Change is { } change && change.Owner != transaction
            && (change.IsPromoted ? change.Previous : slot.Committed) is { } committed && Matches(committed, ordinals, key, comparer);
    }

    private static bool Matches(object?[] values, int[] ordinals, object?[] key, KeyComparer comparer)
    {
        for (int i = 0; i < ordinals.Length; i++)
        {
            if (!comparer.Equals(values[ordinals[i]], key[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Tells whom to wait for before the table may be used; throws when it cannot be used at all.</summary>
    private LabTransaction? Blocker(LabTransaction? transaction)
    {
        Database.ThrowIfUnreadable();
        LabTransaction? owner = RedefinedBy;
        if (owner is not null && owner != transaction)
        {
            return owner;
        }

        if (Damage is { } page)
        {
            throw PageErrors.Inconsistent(Database, page);
        }

        return IsDropped ? throw new LabSqlException(208, 16, 1, $"Invalid object name '{Def.Schema}.{Def.Name}'.") : null;
    }
}
