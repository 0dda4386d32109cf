using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>What transactions and statements do, and did since the instance started. All of it takes VIEW SERVER STATE.</summary>
internal static class ActivityViews
{
    /// <summary>cntr_type of a counter that is a running total (page sys.dm_os_performance_counters).</summary>
    private const int BulkCount = 272696576;

    public static IReadOnlyList<SystemView> All { get; } =
    [
        View("dm_os_performance_counters", "object_name nchar(128), counter_name nchar(128), instance_name nchar(128), cntr_value bigint, cntr_type int", Counters),
        View("dm_db_index_usage_stats", "database_id smallint, object_id int, index_id int, user_seeks bigint=0, user_scans bigint=0, user_lookups bigint=0, user_updates bigint, last_user_seek datetime, last_user_scan datetime, last_user_lookup datetime, last_user_update datetime, system_seeks bigint=0, system_scans bigint=0, system_lookups bigint=0, system_updates bigint=0, last_system_seek datetime, last_system_scan datetime, last_system_lookup datetime, last_system_update datetime", IndexUse),
        View("dm_tran_session_transactions", "session_id int, transaction_id bigint, transaction_descriptor binary(8), enlist_count int=0, is_user_transaction bit=1, is_local bit, is_enlisted bit, is_bound bit=0, open_transaction_count int", SessionTransactions),
        View("dm_tran_active_transactions", "transaction_id bigint, name nvarchar(32), transaction_begin_time datetime, transaction_type int=1, transaction_uow uniqueidentifier, transaction_state int, dtc_state int=0, transaction_status int=0, transaction_status2 int=0", ActiveTransactions),
        View("dm_tran_database_transactions", "transaction_id bigint, database_id int, database_transaction_begin_time datetime, database_transaction_type int, database_transaction_state int, database_transaction_status int=0, database_transaction_status2 int=0, database_transaction_log_record_count bigint, database_transaction_replicate_record_count int=0, database_transaction_log_bytes_used bigint, database_transaction_log_bytes_reserved bigint, database_transaction_log_bytes_used_system int, database_transaction_log_bytes_reserved_system int, database_transaction_begin_lsn numeric(25,0), database_transaction_last_lsn numeric(25,0), database_transaction_most_recent_savepoint_lsn numeric(25,0), database_transaction_commit_lsn numeric(25,0), database_transaction_last_rollback_lsn numeric(25,0), database_transaction_next_undo_lsn numeric(25,0)", DatabaseTransactions),
    ];

    private static SystemView View(string name, string columns, Func<ExecutionFrame, RowShape, IEnumerable<object?[]>> rows) =>
        new("sys", name, columns, (frame, _, shape) => frame.HasServerPermission("VIEW SERVER STATE") ? rows(frame, shape) : throw ServerErrors.NoServerState());

    private static IEnumerable<LabDatabase> Online(ExecutionFrame frame) => frame.Instance.Databases.Where(d => d.State == DatabaseState.Online);

    private static IEnumerable<object?[]> Counters(ExecutionFrame frame, RowShape shape)
    {
        string of = frame.ServiceName is var service && service == "MSSQLSERVER" ? "SQLServer:Databases" : $"MSSQL${service}:Databases";
        List<(string Name, long Count)> counts = [.. Online(frame).Select(d => (d.Name, d.WriteTransactions))];
        return counts.Append(("_Total", counts.Sum(c => c.Count)))
            .Select(c => shape.Row(("object_name", of), ("counter_name", "Write Transactions/sec"), ("instance_name", c.Item1), ("cntr_value", c.Item2), ("cntr_type", BulkCount)));
    }

    private static IEnumerable<object?[]> IndexUse(ExecutionFrame frame, RowShape shape) =>
        from database in Online(frame)
        from table in database.Tables
        where !table.Def.IsSystem
        from use in table.Use
        select shape.Row(("database_id", database.Id), ("object_id", table.Def.ObjectId), ("index_id", use.IndexId), ("user_updates", use.Updates), ("last_user_update", use.Last));

    private static IEnumerable<object?[]> SessionTransactions(ExecutionFrame frame, RowShape shape) =>
        frame.Session.Server.Sessions.Where(s => s.Transaction.Current is not null).Select(s => shape.Row(
            ("session_id", s.SessionId), ("transaction_id", s.Transaction.Descriptor), ("is_local", !s.Transaction.IsDistributed), ("is_enlisted", s.Transaction.IsBranch), ("open_transaction_count", s.Transaction.Count)));

    // State 2: active; 5: prepared, in doubt. Type 1: read/write; 4: distributed.
    private static IEnumerable<object?[]> ActiveTransactions(ExecutionFrame frame, RowShape shape)
    {
        foreach (SqlSession session in frame.Session.Server.Sessions)
        {
            if (session.Transaction.Current is { State: TransactionState.Active } open)
            {
                yield return shape.Row(("transaction_id", open.Id), ("name", open.Name ?? "user_transaction"), ("transaction_begin_time", open.BeginTime), ("transaction_type", session.Transaction.IsDistributed ? 4 : 1), ("transaction_uow", open.HasGlobalId ? open.GlobalId : null), ("transaction_state", 2));
            }
        }

        foreach (LabTransaction prepared in frame.Instance.InDoubtTransactions)
        {
            yield return shape.Row(("transaction_id", prepared.Id), ("name", "DTCXact"), ("transaction_begin_time", prepared.BeginTime), ("transaction_type", 4), ("transaction_uow", prepared.GlobalId), ("transaction_state", 5));
        }
    }

    // State 3: no log record yet; 4: has log records; 5: prepared.
    private static IEnumerable<object?[]> DatabaseTransactions(ExecutionFrame frame, RowShape shape)
    {
        foreach (LabDatabase database in Online(frame))
        {
            foreach (DatabaseBranch branch in database.OpenBranches)
            {
                yield return shape.Row(
                    ("transaction_id", branch.Transaction.Id), ("database_id", database.Id), ("database_transaction_begin_time", branch.BeginTime), ("database_transaction_type", 1),
                    ("database_transaction_state", branch.Transaction.State == TransactionState.Prepared ? 5 : 4), ("database_transaction_begin_lsn", branch.BeginLsn.ToDecimal()));
            }
        }

        foreach (LabTransaction open in frame.Session.Server.Sessions.Select(s => s.Transaction.Current).OfType<LabTransaction>())
        {
            foreach (DatabaseBranch branch in open.Branches.Where(b => b.BeginLsn.IsZero))
            {
                yield return shape.Row(("transaction_id", open.Id), ("database_id", branch.Database.Id), ("database_transaction_type", 2), ("database_transaction_state", 3));
            }
        }
    }
}
