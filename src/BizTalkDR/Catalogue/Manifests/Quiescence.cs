using System;
using System.Collections.Generic;

namespace BizTalkDR.Catalogue.Manifests;

/// <summary>What was seen of a group right before the first backup of a full set began, and right after the last one ended.</summary>
/// <param name="BeforeUtc">When the look before began to be taken, in UTC.</param>
/// <param name="AfterUtc">When the look after was over, in UTC.</param>
/// <param name="Members">One for each member.</param>
public sealed record Quiescence(DateTime BeforeUtc, DateTime AfterUtc, IReadOnlyList<MemberQuiescence> Members);

/// <summary>What was seen of one member.</summary>
/// <param name="Server">Real name of its instance.</param>
/// <param name="Database">Its name.</param>
public sealed record MemberQuiescence(string Server, string Database)
{
    /// <summary>
    /// Transactions that wrote to it and committed between both looks: the counter "Write Transactions/sec" of sys.dm_os_performance_counters, a running total (facts:
    /// https://learn.microsoft.com/sql/relational-databases/performance-monitor/sql-server-databases-object). Null when it was not seen, or the instance was restarted between.
    /// </summary>
    /// <remarks>Whether a backup's own bookkeeping counts is not documented [inferred: it does not]. Where it does, no set is called quiesced.</remarks>
    public long? Commits { get; init; }

    /// <summary>Transactions that had written to it and were open at the look before; null when nobody could tell (sys.dm_tran_database_transactions).</summary>
    public int? OpenBefore { get; init; }

    /// <summary>Transactions that had written to it and were open at the look after; null when nobody could tell.</summary>
    public int? OpenAfter { get; init; }

    /// <summary>
    /// Tables that statements changed between both looks (user_updates of sys.dm_db_index_usage_stats: the number of operations, whether or not they changed a row), and objects that were made, dropped, altered
    /// or emptied (sys.objects, sys.partitions); null when nobody could tell.
    /// </summary>
    public IReadOnlyList<string>? ChangedTables { get; init; }

    /// <summary>Programs with a session in it at the look before, as <c>program on computer</c>; linked servers of the group's own procedures not counted.</summary>
    public IReadOnlyList<string> Sessions { get; init; } = [];

    /// <summary>The newest mark in its MarkLog; null when it holds none.</summary>
    public string? NewestMark { get; init; }

    /// <summary>Gives the member.</summary>
    public override string ToString() => $"{Database} on {Server}";
}
