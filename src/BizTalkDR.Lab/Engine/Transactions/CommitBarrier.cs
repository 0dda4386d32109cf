using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace BizTalkDR.Lab.Engine;

/// <summary>Keeps marks and commits over several databases apart: such a commit holds the barrier shared, a mark holds it exclusively.</summary>
/// <remarks>
/// While a mark is placed, no transaction is committed in one log and not yet in another. A mark that waits holds off new commits, so that
/// it is not starved. All who take barriers of several instances do so in the order of the server names, hence no deadlock.
/// </remarks>
internal sealed class CommitBarrier
{
    private readonly object _gate = new();
    private readonly Dictionary<Guid, Holder> _holders = [];
    private int _waitingMarks;

    /// <summary>Takes the barrier, or turns a shared hold into an exclusive one.</summary>
    /// <param name="id">Global id of the transaction.</param>
    /// <param name="exclusive">For a mark.</param>
    /// <param name="timeout">Longest wait.</param>
    /// <param name="dropAfter">How long the barrier is held for an absent coordinator; null = until released. See <see cref="Keep"/>.</param>
    /// <param name="cancellation">Ends the wait: whoever asked is gone.</param>
    /// <returns>False when the time ran out.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled; nothing is held.</exception>
    public bool Acquire(Guid id, bool exclusive, TimeSpan timeout, TimeSpan? dropAfter, CancellationToken cancellation = default)
    {
        using CancellationTokenRegistration wake = cancellation.Register(Wake);
        long deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        lock (_gate)
        {
            _waitingMarks += exclusive ? 1 : 0;
            try
            {
                while (!IsFree(id, exclusive))
                {
                    cancellation.ThrowIfCancellationRequested();
                    long left = Math.Min(deadline, NextDrop()) - Environment.TickCount64;
                    if (Environment.TickCount64 >= deadline)
                    {
                        return false;
                    }

                    Monitor.Wait(_gate, (int)Math.Clamp(left, 1, int.MaxValue));
                }
            }
            finally
            {
                _waitingMarks -= exclusive ? 1 : 0;
                Monitor.PulseAll(_gate);
            }

            bool was = _holders.TryGetValue(id, out Holder? held) && held.IsExclusive;
            long dropAt = dropAfter is { } span ? Environment.TickCount64 + (long)span.TotalMilliseconds : long.MaxValue;
            _holders[id] = new Holder(exclusive || was) { DropAt = dropAt };
            return true;
        }
    }

    /// <summary>Takes the barrier back for a transaction that was prepared before a restart: it held it then, so nobody who is against it can hold it now.</summary>
    public void Adopt(Guid id, bool exclusive)
    {
        lock (_gate)
        {
            _holders[id] = new Holder(exclusive) { DropAt = long.MaxValue };
        }
    }

    /// <summary>Makes a hold last until it is released: the transaction is prepared, so its outcome is not ours to presume.</summary>
    public void Keep(Guid id)
    {
        lock (_gate)
        {
            if (_holders.TryGetValue(id, out Holder? holder))
            {
                holder.DropAt = long.MaxValue;
            }
        }
    }

    public bool IsHeld(Guid id, bool exclusive)
    {
        lock (_gate)
        {
            DropExpired();
            return _holders.TryGetValue(id, out Holder? holder) && (holder.IsExclusive || !exclusive);
        }
    }

    public void Release(Guid id)
    {
        lock (_gate)
        {
            if (_holders.Remove(id))
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    private void Wake()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }

    private bool IsFree(Guid id, bool exclusive)
    {
        DropExpired();
        if (exclusive)
        {
            return _holders.Keys.All(h => h == id);
        }

        return _holders.ContainsKey(id) || (_waitingMarks == 0 && !_holders.Values.Any(h => h.IsExclusive));
    }

    private void DropExpired()
    {
        long now = Environment.TickCount64;
        foreach (Guid id in _holders.Where(h => h.Value.DropAt <= now).Select(h => h.Key).ToArray())
        {
            _holders.Remove(id);
        }
    }

    private long NextDrop() => _holders.Count == 0 ? long.MaxValue : _holders.Values.Min(h => h.DropAt);

    private sealed class Holder(bool isExclusive)
    {
        public bool IsExclusive { get; } = isExclusive;

        public long DropAt { get; set; }
    }
}
