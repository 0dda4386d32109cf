using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using BizTalkDR.Restore;

namespace BizTalkDR.RestoreProcess;

/// <summary>Counts what happens and ends this process, as SIGKILL does, at the moment that was ordered.</summary>
internal sealed class SuddenEnd(RestoreOrder order)
{
    private int _lines;
    private int _percents;
    private volatile bool _counts = order.Counted.Length == 0;

    public int Lines => _lines;

    public int Percents => _percents;

    public void OnPercent()
    {
        if (_counts && Interlocked.Increment(ref _percents) == order.EndAtPercent)
        {
            End();
        }
    }

    /// <summary>A journal that ends the process at a line.</summary>
    public IRestoreJournal Around(IRestoreJournal journal) => new Journal(this, journal, order);

    private static void End()
    {
        using Process self = Process.GetCurrentProcess();
        self.Kill();

        // SIGKILL is on its way; nothing of what follows may happen.
        Thread.Sleep(Timeout.Infinite);
    }

    private sealed class Journal(SuddenEnd end, IRestoreJournal journal, RestoreOrder order) : IRestoreJournal
    {
        private readonly Lock _gate = new();

        public string? Path => journal.Path;

        public void Write(string what, IReadOnlyDictionary<string, string?> details)
        {
            lock (_gate)
            {
                end._counts = what.StartsWith(order.Counted, StringComparison.Ordinal);
                bool last = end._counts && ++end._lines == order.EndAtLine;
                if (last && !order.AfterWrite)
                {
                    End();
                }

                journal.Write(what, details);
                if (last)
                {
                    End();
                }
            }
        }
    }
}
