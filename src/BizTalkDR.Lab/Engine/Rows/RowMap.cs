using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>Knows the rows of a table in row-id order: which page has each, and the slots of those that are more than their page says.</summary>
/// <remarks>
/// Twelve bytes a row, whatever the row is. Row ids grow, so nearly all inserts go to the end; a chunk costs little when rows leave at the
/// front (queues).
/// </remarks>
internal sealed class RowMap(PageStore pages)
{
    private const int ChunkSize = 256;
    private readonly List<Chunk> _chunks = [];

    public int Count { get; private set; }

    /// <summary>Highest row id there is; 0 when there is none.</summary>
    public long LastId => _chunks.Count == 0 ? 0 : _chunks[^1].LastId;

    /// <summary>Adds a row no page has.</summary>
    public void Add(RowSlot slot) => Insert(slot.Id, slot.Page, slot);

    /// <summary>Adds a row that is on a page.</summary>
    public void AddStored(long id, int page) => Insert(id, page, null);

    public RowSlot? Find(long id)
    {
        if (_chunks.Count == 0)
        {
            return null;
        }

        Chunk chunk = _chunks[ChunkOf(id)];
        int position = chunk.Position(id);
        return position < chunk.Count && chunk.IdAt(position) == id ? SlotAt(chunk, position) : null;
    }

    /// <summary>Keeps the slot of a row: from now on it, not the page, says what the row is.</summary>
    public void Keep(RowSlot slot)
    {
        Chunk? chunk = _chunks.Count == 0 ? null : _chunks[ChunkOf(slot.Id)];
        int position = chunk?.Position(slot.Id) ?? 0;
        if (chunk is null || position >= chunk.Count || chunk.IdAt(position) != slot.Id)
        {
            Add(slot);
            return;
        }

        chunk.Set(position, slot.Page, slot);
    }

    /// <summary>Forgets the slot of a row when its page has the row.</summary>
    public void Forget(RowSlot slot)
    {
        if (!slot.CanBeForgotten || _chunks.Count == 0)
        {
            return;
        }

        Chunk chunk = _chunks[ChunkOf(slot.Id)];
        int position = chunk.Position(slot.Id);
        if (position < chunk.Count && ReferenceEquals(chunk.SlotAt(position), slot))
        {
            chunk.Set(position, slot.Page, null);
        }
    }

    public void Remove(RowSlot slot)
    {
        if (_chunks.Count == 0)
        {
            return;
        }

        int index = ChunkOf(slot.Id);
        Chunk chunk = _chunks[index];
        int position = chunk.Position(slot.Id);
        if (position >= chunk.Count || chunk.IdAt(position) != slot.Id || (chunk.SlotAt(position) is { } kept && kept != slot))
        {
            return;
        }

        Count--;
        chunk.RemoveAt(position);
        if (chunk.Count == 0)
        {
            _chunks.RemoveAt(index);
        }
    }

    /// <summary>Walks the slots from a row id on. The map must not change meanwhile, but for slots that are kept.</summary>
    public IEnumerable<RowSlot> From(long id)
    {
        if (_chunks.Count == 0)
        {
            yield break;
        }

        int index = ChunkOf(id);
        int position = _chunks[index].Position(id);
        for (; index < _chunks.Count; index++, position = 0)
        {
            Chunk chunk = _chunks[index];
            for (int i = position; i < chunk.Count; i++)
            {
                yield return SlotAt(chunk, i);
            }
        }
    }

    /// <summary>Walks the slots that are kept.</summary>
    public IEnumerable<RowSlot> Kept()
    {
        foreach (Chunk chunk in _chunks)
        {
            for (int i = 0; chunk.HasSlots && i < chunk.Count; i++)
            {
                if (chunk.SlotAt(i) is { } slot)
                {
                    yield return slot;
                }
            }
        }
    }

    private RowSlot SlotAt(Chunk chunk, int position) =>
        chunk.SlotAt(position) ?? new RowSlot(chunk.IdAt(position), chunk.PageAt(position), pages);

    private void Insert(long id, int page, RowSlot? slot)
    {
        Count++;
        if (_chunks.Count == 0 || id > _chunks[^1].LastId)
        {
            if (_chunks.Count == 0 || _chunks[^1].Count >= ChunkSize)
            {
                _chunks.Add(new Chunk());
            }

            _chunks[^1].Insert(_chunks[^1].Count, id, page, slot);
            return;
        }

        int index = ChunkOf(id);
        Chunk chunk = _chunks[index];
        chunk.Insert(chunk.Position(id), id, page, slot);
        if (chunk.Count > 2 * ChunkSize)
        {
            _chunks.Insert(index + 1, chunk.Split(ChunkSize));
        }
    }

    /// <summary>Finds the last chunk that begins at or before the id.</summary>
    private int ChunkOf(long id)
    {
        int low = 0;
        int high = _chunks.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_chunks[middle].IdAt(0) <= id)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    /// <summary>Some hundred rows: ids, pages, and slots where there are any.</summary>
    private sealed class Chunk
    {
        private long[] _ids = new long[4];
        private int[] _pages = new int[4];
        private RowSlot?[]? _slots;
        private int _kept;

        public int Count { get; private set; }

        public long LastId => _ids[Count - 1];

        public bool HasSlots => _kept > 0;

        public long IdAt(int position) => _ids[position];

        public int PageAt(int position) => _pages[position];

        public RowSlot? SlotAt(int position) => _slots?[position];

        public int Position(long id)
        {
            int found = Array.BinarySearch(_ids, 0, Count, id);
            return found < 0 ? ~found : found;
        }

        public void Insert(int position, long id, int page, RowSlot? slot)
        {
            if (Count == _ids.Length)
            {
                Resize(Count * 2);
            }

            int behind = Count - position;
            Array.Copy(_ids, position, _ids, position + 1, behind);
            Array.Copy(_pages, position, _pages, position + 1, behind);
            if (_slots is not null)
            {
                Array.Copy(_slots, position, _slots, position + 1, behind);
                _slots[position] = null;
            }

            Count++;
            _ids[position] = id;
            Set(position, page, slot);
        }

        public void Set(int position, int page, RowSlot? slot)
        {
            _pages[position] = page;
            if (slot is not null)
            {
                _slots ??= new RowSlot?[_ids.Length];
            }

            if (_slots is not null)
            {
                _kept += (slot is null ? 0 : 1) - (_slots[position] is null ? 0 : 1);
                _slots[position] = slot;
                _slots = _kept == 0 ? null : _slots;
            }
        }

        public void RemoveAt(int position)
        {
            Set(position, 0, null);
            int behind = Count - position - 1;
            Array.Copy(_ids, position + 1, _ids, position, behind);
            Array.Copy(_pages, position + 1, _pages, position, behind);
            if (_slots is not null)
            {
                Array.Copy(_slots, position + 1, _slots, position, behind);
                _slots[Count - 1] = null;
            }

            Count--;
        }

        /// <summary>Gives what is behind the first rows to a new chunk.</summary>
        public Chunk Split(int first)
        {
            Chunk second = new();
            for (int i = first; i < Count; i++)
            {
                second.Insert(i - first, _ids[i], _pages[i], SlotAt(i));
                if (_slots is not null)
                {
                    _kept -= _slots[i] is null ? 0 : 1;
                    _slots[i] = null;
                }
            }

            Count = first;
            _slots = _kept == 0 ? null : _slots;
            return second;
        }

        private void Resize(int size)
        {
            Array.Resize(ref _ids, size);
            Array.Resize(ref _pages, size);
            if (_slots is not null)
            {
                Array.Resize(ref _slots, size);
            }
        }
    }
}
