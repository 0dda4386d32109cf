using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Repair;

/// <summary>The checks of a group, handed out one by one; after a fix the rest is what was found anew.</summary>
public sealed class RepairRun
{
    private readonly List<RepairResult> _handedOut = [];

    internal RepairRun(RepairRequest request, IReadOnlyList<RepairItem> items)
    {
        Request = request;
        Items = items;
    }

    /// <summary>What was asked for.</summary>
    public RepairRequest Request { get; }

    /// <summary>Every check as last found.</summary>
    public IReadOnlyList<RepairItem> Items { get; private set; }

    /// <summary>Gives the next check.</summary>
    /// <returns>The check; null when all were handed out.</returns>
    public RepairItem? Next()
    {
        RepairItem? next = Items.FirstOrDefault(i => !_handedOut.Exists(r => r.IsAbout(i.Result)));
        if (next is not null)
        {
            _handedOut.Add(next.Result);
        }

        return next;
    }

    internal void Refresh(IReadOnlyList<RepairItem> items) => Items = items;
}
