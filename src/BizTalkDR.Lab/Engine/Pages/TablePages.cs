using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>Knows where a table's next row may go.</summary>
internal sealed class TablePages
{
    /// <summary>The page that was added last; 0 = none.</summary>
    public int Filling { get; private set; }

    /// <summary>Pages the rows stand on.</summary>
    public int Count { get; private set; }

    /// <summary>Pages that rows have left.</summary>
    public HashSet<int> Roomy { get; } = [];

    /// <summary>Whether the table was dropped and its pages given back.</summary>
    public bool IsFreed { get; set; }

    public void Add(int page)
    {
        Count++;
        Filling = page;
    }

    public void Remove(int page)
    {
        Count--;
        Leave(page);
    }

    /// <summary>Nothing more is put on a page.</summary>
    public void Leave(int page)
    {
        Roomy.Remove(page);
        Filling = Filling == page ? 0 : Filling;
    }
}
