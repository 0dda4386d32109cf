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
        int next = -1;
        Run(
            items,
            parallelism,
            () => Interlocked.Increment(ref next) is int i && i < items.Count ? i : null,
            _ => { },
            work);
    }

    /// <summary>Runs the work for each item as its instance and its volumes have room: the first in the order that may begin does.</summary>
    public static void Run<T>(IReadOnlyList<T> items, Func<T, MemberPlan> planOf, RestoreLimits limits, int parallelism, Action<T, int> work)
    {
        var lanes = new MemberLanes(limits, parallelism);
        List<int> waiting = Enumerable.Range(0, items.Count).ToList();
        object gate = new();
        int? Next()
        {
            lock (gate)
            {
                while (waiting.Count > 0)
                {
                    int at = waiting.FindIndex(i => lanes.TryEnter(planOf(items[i])));
                    if (at >= 0)
                    {
                        int found = waiting[at];
                        waiting.RemoveAt(at);
                        return found;
                    }

                    Monitor.Wait(gate);
                }

                return null;
            }
        }

        void Leave(int i)
        {
            lock (gate)
            {
                lanes.Leave(planOf(items[i]));
                Monitor.PulseAll(gate);
            }
        }

        Run(items, parallelism, Next, Leave, work);
    }

    private static void Run<T>(IReadOnlyList<T> items, int parallelism, Func<int?> next, Action<int> leave, Action<T, int> work)
    {
        var errors = new Exception?[items.Count];
        void Loop()
        {
            while (next() is { } i)
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
                finally
                {
                    leave(i);
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
