using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace BizTalkDR.SqlServer;

/// <summary>The questions about what is at work in databases.</summary>
/// <remarks>
/// Facts: https://learn.microsoft.com/sql/relational-databases/system-dynamic-management-views/sys-dm-os-performance-counters-transact-sql and the pages of the other views there.
/// That the sessions of a linked server name themselves "Microsoft SQL Server" is not documented [inferred]: were it otherwise, they would count as others' and no set would be called quiesced.
/// </remarks>
public static class ActivityText
{
    /// <summary>Everything in one batch; no result at all without the right to see it.</summary>
    /// <remarks>
    /// The order matters. A change is counted when its statement runs, then its transaction is open, then its commit is counted: read in this order, one that goes on meanwhile is seen at
    /// least once, or was over before.
    /// </remarks>
    /// <param name="databases">How many databases; their names are the parameters @d0, @d1 and so on.</param>
    public static string Everything(int databases)
    {
        string ids = string.Join(", ", Parameters(databases).Select(p => $"DB_ID({p})"));
        return "IF HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE') = 1 AND HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW ANY DEFINITION') = 1 BEGIN "
            + "SELECT i.sqlserver_start_time FROM sys.dm_os_sys_info AS i; "
            + $"SELECT d.name FROM sys.databases AS d WHERE d.database_id IN ({ids}) AND d.state = 0; "
            + "SELECT DB_NAME(u.database_id), OBJECT_SCHEMA_NAME(u.object_id, u.database_id), OBJECT_NAME(u.object_id, u.database_id), u.object_id, SUM(u.user_updates) "
            + $"FROM sys.dm_db_index_usage_stats AS u WHERE u.database_id IN ({ids}) GROUP BY u.database_id, u.object_id HAVING SUM(u.user_updates) > 0; "
            + "SELECT DB_NAME(t.database_id), COUNT(*) FROM sys.dm_tran_database_transactions AS t "
            + $"WHERE t.database_id IN ({ids}) AND t.database_transaction_begin_time IS NOT NULL AND t.database_transaction_type <> 3 GROUP BY t.database_id; "
            + "SELECT RTRIM(c.instance_name), c.cntr_value FROM sys.dm_os_performance_counters AS c "
            + $"WHERE c.counter_name = N'Write Transactions/sec' AND c.object_name LIKE N'%:Databases%' AND c.instance_name IN ({string.Join(", ", Parameters(databases))}); "
            + "SELECT DB_NAME(s.database_id), s.program_name, s.host_name FROM sys.dm_exec_sessions AS s "
            + $"WHERE s.database_id IN ({ids}) AND s.is_user_process = 1 AND s.session_id <> @@SPID AND ISNULL(s.program_name, N'') <> N'Microsoft SQL Server'; END;";
    }

    /// <summary>Of each database its objects (six columns), and the newest mark where it has a MarkLog (two).</summary>
    public static string Contents(IReadOnlyList<string> databases) => string.Concat(databases.Select((name, i) => string.Format(
        CultureInfo.InvariantCulture,
        "SELECT @d{0}, s.name, o.name, o.object_id, o.modify_date, SUM(p.rows) FROM {1}.sys.objects AS o INNER JOIN {1}.sys.schemas AS s ON s.schema_id = o.schema_id "
            + "LEFT JOIN {1}.sys.partitions AS p ON p.object_id = o.object_id AND p.index_id IN (0, 1) WHERE o.is_ms_shipped = 0 GROUP BY s.name, o.name, o.object_id, o.modify_date; "
            + "IF OBJECT_ID(@t{0}, N'U') IS NOT NULL SELECT TOP (1) @d{0}, m.MarkName FROM {1}.dbo.MarkLog AS m WHERE m.MarkName IS NOT NULL ORDER BY RIGHT(m.MarkName, 23) DESC; ",
        i,
        SqlText.Name(name))));

    private static IEnumerable<string> Parameters(int count) => Enumerable.Range(0, count).Select(i => FormattableString.Invariant($"@d{i}"));
}
