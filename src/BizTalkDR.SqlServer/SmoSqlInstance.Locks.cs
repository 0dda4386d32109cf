using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using BizTalkDR.Ports;

namespace BizTalkDR.SqlServer;

internal sealed partial class SmoSqlInstance
{
    /// <inheritdoc/>
    public bool TakeLock(string resource, TimeSpan wait, CancellationToken cancellationToken = default) =>
        Query("Taking a lock", SqlText.TakeLock, r => r.GetInt32(0), cancellationToken, ("@resource", resource), ("@wait", (int)wait.TotalMilliseconds))[0] >= 0;

    /// <inheritdoc/>
    public bool HoldsLocks(IReadOnlyCollection<string> resources, CancellationToken cancellationToken = default) =>
        resources.All(resource => string.Equals(Query("Looking at a lock", SqlText.LockMode, r => Text(r, 0), cancellationToken, ("@resource", resource))[0], "Exclusive", StringComparison.OrdinalIgnoreCase));

    /// <inheritdoc/>
    public IReadOnlyList<MemberJob> ReadJobs(IReadOnlyCollection<string> databases, CancellationToken cancellationToken = default) => databases
        .SelectMany(database => Query(
            "Reading the jobs of SQL Server Agent",
            SqlText.Jobs,
            r => new MemberJob(r.GetGuid(0), Text(r, 1), Convert.ToInt32(r.GetValue(2), CultureInfo.InvariantCulture) != 0),
            cancellationToken,
            ("@database", database)))
        .GroupBy(job => job.Id)
        .Select(same => same.First())
        .OrderBy(job => job.Name, StringComparer.OrdinalIgnoreCase)
        .ToList();

    /// <inheritdoc/>
    public StatementOutcome SetJobEnabled(Guid id, bool enabled, CancellationToken cancellationToken = default) =>
        Execute(SqlText.SetJobEnabled, null, cancellationToken, ("@id", id), ("@enabled", enabled));
}
