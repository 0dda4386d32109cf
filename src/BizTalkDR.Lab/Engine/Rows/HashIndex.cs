using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>Finds rows by equality on some columns. A row is registered under its committed key and, while changed, under its new one too.</summary>
internal sealed class HashIndex(int[] ordinals, KeyComparer comparer, IndexDef? definition)
{
    private readonly Dictionary<object, object> _slots = new(comparer);

    /// <summary>Places of the key columns in a row.</summary>
    public int[] Ordinals { get; } = ordinals;

    /// <summary>The index it enforces; null for one made only to seek by leading columns.</summary>
    public IndexDef? Definition { get; } = definition;

    public bool IsUnique => Definition?.IsUnique == true;

    public object KeyOf(object?[] values)
    {
        if (Ordinals.Length == 1)
        {
            return values[Ordinals[0]] ?? DBNull.Value;
        }

        object?[] key = new object?[Ordinals.Length];
        for (int i = 0; i < key.Length; i++)
        {
            key[i] = values[Ordinals[i]];
        }

        return key;
    }

    public bool SameKey(object?[] left, object?[] right)
    {
        foreach (int ordinal in Ordinals)
        {
            if (!comparer.Equals(left[ordinal], right[ordinal]))
            {
                return false;
            }
        }

        return true;
    }

    public void Add(object?[] values, RowSlot slot)
    {
        object key = KeyOf(values);
        if (!_slots.TryGetValue(key, out object? found))
        {
            _slots.Add(key, slot);
        }
        else if (found is List<RowSlot> list)
        {
            list.Add(slot);
        }
        else
        {
            _slots[key] = new List<RowSlot>(2) { (RowSlot)found, slot };
        }
    }

    public void Remove(object?[] values, RowSlot slot)
    {
        object key = KeyOf(values);
        if (!_slots.TryGetValue(key, out object? found))
        {
            return;
        }

        if (ReferenceEquals(found, slot))
        {
            _slots.Remove(key);
        }
        else if (found is List<RowSlot> list && list.Remove(slot) && list.Count == 1)
        {
            _slots[key] = list[0];
        }
    }

    /// <summary>Moves the registration of a changed row from the values it had to the ones it has now; the committed key stays.</summary>
    public void Replace(RowSlot slot, object?[]? committed, object?[]? before, object?[]? after)
    {
        if (before is not null && (committed is null || !SameKey(before, committed)))
        {
            Remove(before, slot);
        }

        if (after is not null && (committed is null || !SameKey(after, committed)))
        {
            Add(after, slot);
        }
    }

    /// <summary>Gives the rows registered under a key, in row-id order.</summary>
    public IReadOnlyList<RowSlot> Find(object key)
    {
        if (!_slots.TryGetValue(key, out object? found))
        {
            return [];
        }

        if (found is RowSlot slot)
        {
            return [slot];
        }

        RowSlot[] slots = [.. (List<RowSlot>)found];
        Array.Sort(slots, static (x, y) => x.Id.CompareTo(y.Id));
        return slots;
    }
}
