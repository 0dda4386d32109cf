using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>Holds which rows stand on one data page.</summary>
internal sealed class RowPage(int number, int objectId)
{
    public int Number { get; } = number;

    public int ObjectId { get; } = objectId;

    public List<RowSlot> Rows { get; } = [];

    /// <summary>Bytes taken by rows.</summary>
    public int Used { get; set; }
}

/// <summary>Holds the data pages of a table and where there is room.</summary>
internal sealed class TablePages
{
    private RowPage? _filling;

    public Dictionary<int, RowPage> All { get; } = [];

    /// <summary>Pages that rows have left.</summary>
    public HashSet<RowPage> Roomy { get; } = [];

    /// <summary>Whether the table was dropped and its pages given back.</summary>
    public bool IsFreed { get; set; }

    public void Add(RowPage page)
    {
        All[page.Number] = page;
        _filling = page;
    }

    public void Remove(RowPage page)
    {
        All.Remove(page.Number);
        Roomy.Remove(page);
        _filling = _filling == page ? null : _filling;
    }

    /// <summary>Finds a page with room; null when a new one is needed.</summary>
    public RowPage? FindRoom(int size)
    {
        if (_filling is not null && _filling.Used + size <= PageFormat.Capacity)
        {
            return _filling;
        }

        // A look at a few is enough: a page more costs less than a long search.
        foreach (RowPage page in Roomy.Take(8))
        {
            if (page.Used + size <= PageFormat.Capacity)
            {
                return page;
            }
        }

        return null;
    }
}
