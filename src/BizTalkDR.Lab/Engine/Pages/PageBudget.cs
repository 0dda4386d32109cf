using System.Threading;

namespace BizTalkDR.Lab.Engine;

/// <summary>How many pages the databases of an instance keep in memory together, to read rows from.</summary>
internal sealed class PageBudget(int pages)
{
    private int _used;

    public bool IsExceeded => Volatile.Read(ref _used) > pages;

    public void Take() => Interlocked.Increment(ref _used);

    public void GiveBack(int count) => Interlocked.Add(ref _used, -count);
}
