using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

public sealed partial class LabTable
{
    /// <summary>Checks the unique indexes of a new definition against the rows.</summary>
    /// <exception cref="LabSqlException">1505.</exception>
    internal void CheckUnique()
    {
        foreach (HashIndex index in Indexes.Where(i => i.IsUnique))
        {
            foreach (RowSlot slot in _rows.From(0))
            {
                if (slot.Newest is { } values && index.Find(values).Any(id => id != slot.Id && _rows.Find(id)?.Newest is { } other && index.SameKey(values, other)))
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

    /// <summary>Looks for another row with the same unique key: throws when there is one, names the transaction to wait for when it depends on that one's outcome.</summary>
    private LabTransaction? FindDuplicate(LabTransaction transaction, object?[] values, RowSlot? self, object?[]? before)
    {
        foreach (HashIndex index in Indexes)
        {
            if (!index.IsUnique || (before is not null && index.SameKey(before, values)))
            {
                continue;
            }

            foreach (long id in index.Find(values))
            {
                if (id == self?.Id || _rows.Find(id) is not { } slot)
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
}
