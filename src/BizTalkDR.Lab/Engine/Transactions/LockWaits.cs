using System;
using System.Threading;

namespace BizTalkDR.Lab.Engine;

/// <summary>Lets transactions wait for each other and finds deadlocks: each waits for one other at a time, so a cycle is found by following the chain.</summary>
/// <remarks>Spans all databases of an instance. Deadlocks over two instances end by lock timeout, as with SQL Server.</remarks>
internal sealed class LockWaits
{
    private readonly object _gate = new();

    /// <summary>Waits until <paramref name="owner"/> has ended.</summary>
    /// <exception cref="LabSqlException">1205 when the wait would close a cycle, 1222 beyond the waiter's lock timeout.</exception>
    /// <exception cref="OperationCanceledException">The waiter was cancelled.</exception>
    public void Wait(LabTransaction? waiter, LabTransaction owner)
    {
        if (waiter is null)
        {
            owner.WaitForEnd(Timeout.InfiniteTimeSpan, CancellationToken.None);
            return;
        }

        lock (_gate)
        {
            for (LabTransaction? next = owner; next is not null; next = next.WaitingFor)
            {
                if (next == waiter)
                {
                    throw new LabSqlException(
                        1205,
                        13,
                        51,
                        "Transaction (Process ID 0) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.");
                }
            }

            waiter.WaitingFor = owner;
        }

        try
        {
            if (!owner.WaitForEnd(waiter.LockTimeout, waiter.Cancellation))
            {
                throw new LabSqlException(1222, 16, 51, "Lock request time out period exceeded.");
            }
        }
        finally
        {
            lock (_gate)
            {
                waiter.WaitingFor = null;
            }
        }
    }
}
