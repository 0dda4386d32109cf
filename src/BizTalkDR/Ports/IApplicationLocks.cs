using System;
using System.Collections.Generic;
using System.Threading;

namespace BizTalkDR.Ports;

/// <summary>Locks that programs agree on by name (sp_getapplock), in master, owned by this connection: they end with it.</summary>
public interface IApplicationLocks
{
    /// <summary>Takes a lock that nobody else can hold at the same time.</summary>
    /// <param name="resource">Name of the lock, at most 255 characters, compared letter by letter.</param>
    /// <param name="wait">How long to wait for one who holds it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when somebody else still holds it.</returns>
    bool TakeLock(string resource, TimeSpan wait, CancellationToken cancellationToken = default);

    /// <summary>Whether this connection holds all of these locks.</summary>
    bool HoldsLocks(IReadOnlyCollection<string> resources, CancellationToken cancellationToken = default);
}
