using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace BizTalkDR.Files;

/// <summary>Works on several items at once and gives the results in the order of the items.</summary>
internal static class OrderedWork
{
    /// <summary>How far the work may run ahead of the one who takes the results, in items for each worker.</summary>
    private const int Ahead = 16;

    /// <summary>Runs the work; results come while later items are still worked on.</summary>
    /// <param name="items">The items.</param>
    /// <param name="work">What is done with each. An exception ends everything when its turn comes.</param>
    /// <param name="parallelism">Items worked on at once, from 1.</param>
    /// <param name="cancellationToken">Stops at once.</param>
    /// <remarks>
    /// Who leaves early does not wait for work that has begun: a read from a dead share may never end. Such work sees its token, and its result is dropped.
    /// </remarks>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IEnumerable<TResult> Run<TItem, TResult>(
        IReadOnlyList<TItem> items, Func<TItem, CancellationToken, TResult> work, int parallelism, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        CancellationToken token = stop.Token;
        TaskCompletionSource<TResult>[] results = items.Select(_ => new TaskCompletionSource<TResult>()).ToArray();
        int workers = Math.Max(1, Math.Min(parallelism, items.Count));
        var ahead = new SemaphoreSlim(workers * Ahead);
        int next = -1;
        void Work()
        {
            while (!token.IsCancellationRequested && ahead.Wait(Timeout.Infinite, token))
            {
                int i = Interlocked.Increment(ref next);
                if (i >= items.Count)
                {
                    return;
                }

                Settle(results[i], () => work(items[i], token));
            }
        }

        try
        {
            for (int i = 0; i < workers; i++)
            {
                _ = Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }

            foreach (TaskCompletionSource<TResult> result in results)
            {
                token.ThrowIfCancellationRequested();

                // Through a task that does not fail, so that what went wrong is thrown as it was.
                Task.WhenAny(result.Task).Wait(token);
                ahead.Release();
                yield return result.Task.GetAwaiter().GetResult();
            }
        }
        finally
        {
            stop.Cancel();
        }
    }

    private static void Settle<TResult>(TaskCompletionSource<TResult> result, Func<TResult> work)
    {
        try
        {
            result.SetResult(work());
        }
        catch (OperationCanceledException)
        {
            result.SetCanceled();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            result.SetException(e);
        }
    }
}
