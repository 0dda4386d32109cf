using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>Holds the rows of a table in row-id order: chunks of slots, found by binary search.</summary>
/// <remarks>Row ids grow, so nearly all inserts go to the end; a chunk costs little when rows leave at the front (queues).</remarks>
internal sealed class RowMap
{
    private const int ChunkSize = 256;
    private readonly List<List<RowSlot>> _chunks = [];

    public int Count { get; private set; }

    public void Add(RowSlot slot)
    {
        Count++;
        if (_chunks.Count == 0 || slot.Id > _chunks[^1][^1].Id)
        {
            if (_chunks.Count == 0 || _chunks[^1].Count >= ChunkSize)
            {
                _chunks.Add([]);
            }

            _chunks[^1].Add(slot);
            return;
        }

        int index = ChunkOf(slot.Id);
        List<RowSlot> chunk = _chunks[index];
        chunk.Insert(Position(chunk, slot.Id), slot);
        if (chunk.Count > 2 * ChunkSize)
        {
            _chunks.Insert(index + 1, chunk.GetRange(ChunkSize, chunk.Count - ChunkSize));
            chunk.RemoveRange(ChunkSize, chunk.Count - ChunkSize);
        }
    }

    public RowSlot? Find(long id)
    {
        if (_chunks.Count == 0)
        {
            return null;
        }

        List<RowSlot> chunk = _chunks[ChunkOf(id)];
        int position = Position(chunk, id);
        return position < chunk.Count && chunk[position].Id == id ? chunk[position] : null;
    }

    public void Remove(RowSlot slot)
    {
        if (_chunks.Count == 0)
        {
            return;
        }

        int index = ChunkOf(slot.Id);
        List<RowSlot> chunk = _chunks[index];
        int position = Position(chunk, slot.Id);
        if (position >= chunk.Count || !ReferenceEquals(chunk[position], slot))
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

    /// <summary>Walks the slots from a row id on. The map must not change meanwhile.</summary>
    public IEnumerable<RowSlot> From(long id)
    {
        if (_chunks.Count == 0)
        {
            yield break;
        }

        int index = ChunkOf(id);
        int position = Position(_chunks[index], id);
        for (; index < _chunks.Count; index++, position = 0)
        {
            List<RowSlot> chunk = _chunks[index];
            for (int i = position; i < chunk.Count; i++)
            {
                yield return chunk[i];
            }
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
            if (_chunks[middle][0].Id <= id)
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

    private static int Position(List<RowSlot> chunk, long id)
    {
        int low = 0;
        int high = chunk.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (chunk[middle].Id < id)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
