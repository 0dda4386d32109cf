using System;
using System.Collections.Generic;
using System.Threading;

namespace BizTalkDR.Ports;

/// <summary>Tells what is at work in databases.</summary>
public interface IGroupActivity
{
    /// <summary>Looks at databases of this instance, once; nothing is waited for.</summary>
    /// <returns>What was seen; null when this login may not see it (VIEW SERVER STATE and VIEW ANY DEFINITION).</returns>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.PermissionDenied"/>: it may not read the marks of one; nothing was seen then.</exception>
    InstanceActivity? ReadActivity(IReadOnlyCollection<string> databases, CancellationToken cancellationToken = default);
}

/// <summary>What is at work in databases of one instance at one moment.</summary>
/// <param name="Started">sqlserver_start_time of sys.dm_os_sys_info: every count begins there.</param>
/// <param name="Databases">Those of the databases asked for that are online.</param>
public sealed record InstanceActivity(DateTime Started, IReadOnlyList<DatabaseActivity> Databases);

/// <summary>What is at work in a database.</summary>
/// <param name="Database">Its name.</param>
public sealed record DatabaseActivity(string Database)
{
    /// <summary>
    /// "Write Transactions/sec" of sys.dm_os_performance_counters, a running total: transactions that wrote to the database and committed; null when the instance has no such counter
    /// (facts: https://learn.microsoft.com/sql/relational-databases/performance-monitor/sql-server-databases-object).
    /// </summary>
    public long? WriteTransactions { get; init; }

    /// <summary>Open transactions with a record in its log (sys.dm_tran_database_transactions).</summary>
    public int OpenWriters { get; init; }

    /// <summary>user_updates of sys.dm_db_index_usage_stats by the table's name with its schema, over all its indexes; a table that was never changed has none.</summary>
    public IReadOnlyDictionary<string, long> Updates { get; init; } = new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>
    /// Every object by its name with its schema, as text: its id, when it was last altered, how many rows it has (sys.objects, sys.partitions). DDL and TRUNCATE TABLE show here, and in no count of updates.
    /// </summary>
    public IReadOnlyDictionary<string, string> Objects { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Programs of others with a session in it, as <c>program on computer</c>; sessions of linked servers not counted.</summary>
    public IReadOnlyList<string> Sessions { get; init; } = [];

    /// <summary>The newest mark in its MarkLog; null when it holds none.</summary>
    public string? NewestMark { get; init; }
}
