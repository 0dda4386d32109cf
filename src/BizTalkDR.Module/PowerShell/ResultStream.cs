using System;
using System.Collections.Generic;
using System.Runtime.ExceptionServices;
using System.Threading;
using BizTalkDR.Ports;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Hands results and log entries of a worker thread to the pipeline thread, in the order they came.</summary>
/// <remarks>Holds nothing to dispose: a worker that was left behind may still speak to it, and is not heard.</remarks>
internal sealed class ResultStream<T> : IRecoveryLog
{
    private const int MostWaiting = 1024;

    private readonly Queue<object> _waiting = new();
    private readonly CancellationToken _stop;
    private bool _isComplete;
    private ExceptionDispatchInfo? _error;

    public ResultStream(CancellationToken stop)
    {
        _stop = stop;
        stop.Register(() =>
        {
            lock (_waiting)
            {
                Monitor.PulseAll(_waiting);
            }
        });
    }

    /// <summary>Takes an entry; entries are never held back, results are while the pipeline is behind.</summary>
    public void Write(RecoveryLogEntry entry) => Add(entry, int.MaxValue);

    /// <summary>Runs the operation to its end, on the worker thread.</summary>
    public void Fill(Func<IRecoveryLog, IEnumerable<T>> operation)
    {
        try
        {
            foreach (T result in operation(this))
            {
                Add(new[] { result }, MostWaiting);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _error = ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            lock (_waiting)
            {
                _isComplete = true;
                Monitor.PulseAll(_waiting);
            }
        }
    }

    /// <summary>Waits for the next result and passes on what was said before it.</summary>
    /// <returns>One result; null when there are no more.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public T[]? Next(Action<RecoveryLogEntry> say)
    {
        while (Take() is { } item)
        {
            if (item is T[] result)
            {
                return result;
            }

            say((RecoveryLogEntry)item);
        }

        _error?.Throw();
        return null;
    }

    private void Add(object item, int most)
    {
        lock (_waiting)
        {
            while (_waiting.Count >= most && !_stop.IsCancellationRequested)
            {
                Monitor.Wait(_waiting);
            }

            _waiting.Enqueue(item);
            Monitor.PulseAll(_waiting);
        }
    }

    private object? Take()
    {
        lock (_waiting)
        {
            while (_waiting.Count == 0 && !_isComplete && !_stop.IsCancellationRequested)
            {
                Monitor.Wait(_waiting);
            }

            _stop.ThrowIfCancellationRequested();
            if (_waiting.Count == 0)
            {
                return null;
            }

            Monitor.PulseAll(_waiting);
            return _waiting.Dequeue();
        }
    }
}
