using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.ExceptionServices;
using System.Threading;
using System.Threading.Tasks;

namespace BizTalkDR.Restore;

/// <summary>Works on several members at once, in the order given.</summary>
internal static class MemberPool
{
    /// <summary>Runs the work for each item; waits for all of them, then throws the first error in the items' order.</summary>
    public static void Run<T>(IReadOnlyList<T> items, int parallelism, Action<T, int> work)
    {
        var errors = new Exception?[items.Count];
        int next = -1;
        void Loop()
        {
            for (int i = Interlocked.Increment(ref next); i < items.Count; i = Interlocked.Increment(ref next))
            {
                try
                {
                    work(items[i], i);
                }
#pragma warning disable CA1031 // Kept for the caller: every member must come to its end before one error is thrown.
                catch (Exception error)
#pragma warning restore CA1031
                {
                    errors[i] = error;
                }
            }
        }

        int workers = Math.Max(1, Math.Min(parallelism, items.Count));
        Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Factory.StartNew(Loop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))).GetAwaiter().GetResult();
        if (errors.FirstOrDefault(e => e is not null) is { } first)
        {
            ExceptionDispatchInfo.Capture(first).Throw();
        }
    }
}
