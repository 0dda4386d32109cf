using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>Finds rows by equality on some columns. A row is registered under its committed key and, while changed, under its new one too.</summary>
/// <remarks>Holds hashes and row ids, no keys: whoever looks something up compares the rows it is given. Sixteen to forty bytes a row.</remarks>
internal sealed class HashIndex(int[] ordinals, KeyComparer comparer, IndexDef? definition)
{
    private const int None = -1;
    private int[] _buckets = NewBuckets(16);
    private Entry[] _entries = new Entry[16];
    private int _used;
    private int _free = None;

    /// <summary>Places of the key columns in a row.</summary>
    public int[] Ordinals { get; } = ordinals;

    /// <summary>The index it enforces; null for one made only to seek by leading columns.</summary>
    public IndexDef? Definition { get; } = definition;

    public bool IsUnique => Definition?.IsUnique == true;

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
        if (_free == None && _used == _entries.Length)
        {
            Grow();
        }

        int hash = HashOf(values);
        int at = _free == None ? _used++ : _free;
        _free = at == _free ? _entries[at].Next : _free;
        ref int bucket = ref _buckets[(uint)hash % (uint)_buckets.Length];
        _entries[at] = new Entry(slot.Id, hash, bucket);
        bucket = at;
    }

    public void Remove(object?[] values, RowSlot slot)
    {
        int hash = HashOf(values);
        ref int link = ref _buckets[(uint)hash % (uint)_buckets.Length];
        while (link != None)
        {
            int at = link;
            ref Entry entry = ref _entries[at];
            if (entry.Hash == hash && entry.RowId == slot.Id)
            {
                link = entry.Next;
                entry = new Entry(0, 0, _free);
                _free = at;
                return;
            }

            link = ref entry.NextLink();
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

    /// <summary>Gives the ids of the rows registered under the key of these values, in order; some may have another key.</summary>
    public IReadOnlyList<long> Find(object?[] values) => FindHash(HashOf(values));

    /// <summary>Gives the ids of the rows registered under a key, in order; some may have another key.</summary>
    /// <param name="columns">Columns of the key.</param>
    /// <param name="key">Their values.</param>
    public IReadOnlyList<long> Find(int[] columns, object?[] key)
    {
        HashCode hash = default;
        foreach (int ordinal in Ordinals)
        {
            hash.Add(HashOf(key[Array.IndexOf(columns, ordinal)]));
        }

        return FindHash(hash.ToHashCode());
    }

    private static int[] NewBuckets(int count)
    {
        int[] buckets = new int[count];
        Array.Fill(buckets, None);
        return buckets;
    }

    private int HashOf(object?[] values)
    {
        HashCode hash = default;
        foreach (int ordinal in Ordinals)
        {
            hash.Add(HashOf(values[ordinal]));
        }

        return hash.ToHashCode();
    }

    private int HashOf(object? value) => value is null ? 0 : comparer.GetHashCode(value);

    private IReadOnlyList<long> FindHash(int hash)
    {
        List<long>? found = null;
        for (int at = _buckets[(uint)hash % (uint)_buckets.Length]; at != None; at = _entries[at].Next)
        {
            if (_entries[at].Hash == hash)
            {
                (found ??= []).Add(_entries[at].RowId);
            }
        }

        if (found is null)
        {
            return [];
        }

        // A row can be here twice, with its committed and its new key.
        found.Sort();
        for (int i = found.Count - 1; i > 0; i--)
        {
            if (found[i] == found[i - 1])
            {
                found.RemoveAt(i);
            }
        }

        return found;
    }

    private void Grow()
    {
        Array.Resize(ref _entries, _entries.Length * 2);
        _buckets = NewBuckets(_entries.Length);
        for (int at = 0; at < _used; at++)
        {
            ref Entry entry = ref _entries[at];
            ref int bucket = ref _buckets[(uint)entry.Hash % (uint)_buckets.Length];
            entry = new Entry(entry.RowId, entry.Hash, bucket);
            bucket = at;
        }
    }

    private struct Entry(long rowId, int hash, int next)
    {
        private int _next = next;

        public long RowId { get; } = rowId;

        public int Hash { get; } = hash;

        public readonly int Next => _next;

        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public ref int NextLink() => ref _next;
    }
}
