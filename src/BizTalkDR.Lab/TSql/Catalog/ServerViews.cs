using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Sessions, locks, configuration, linked servers, host: what concerns the whole instance.</summary>
internal static class ServerViews
{
    public static IReadOnlyList<SystemView> All { get; } =
    [
        new SystemView("sys", "servers", "server_id int, name sysname, product sysname, provider sysname, data_source nvarchar(4000), location nvarchar(4000), provider_string nvarchar(4000), catalog sysname, connect_timeout int=0, query_timeout int=0, is_linked bit, is_remote_login_enabled bit=0, is_rpc_out_enabled bit, is_data_access_enabled bit, is_collation_compatible bit=0, uses_remote_collation bit=1, collation_name sysname, lazy_schema_validation bit=0, is_system bit=0, is_publisher bit=0, is_subscriber bit=0, is_distributor bit=0, is_nonsql_subscriber bit=0, is_remote_proc_transaction_promotion_enabled bit=1, modify_date datetime, is_rda_server bit=0", Servers),
        new SystemView("sys", "linked_logins", "server_id int, local_principal_id int, uses_self_credential bit, remote_name sysname, modify_date datetime", (frame, _, shape) => frame.Session.Server.LinkedServers.Logins.Select(l => shape.Row(("server_id", l.ServerId), ("local_principal_id", l.LocalLogin is null ? 0 : frame.Session.Server.Logins.Find(l.LocalLogin)?.Id), ("uses_self_credential", l.UseSelf), ("remote_name", l.RemoteUser), ("modify_date", frame.Session.Server.StartTime)))),
        new SystemView("sys", "configurations", "configuration_id int, name nvarchar(35), value sql_variant, minimum sql_variant, maximum sql_variant, value_in_use sql_variant, description nvarchar(255), is_dynamic bit, is_advanced bit", (frame, _, shape) => frame.Session.Server.Configuration.All.Select(c => shape.Row(("configuration_id", c.Id), ("name", c.Name), ("value", c.Value), ("minimum", c.Minimum), ("maximum", c.Maximum), ("value_in_use", c.InUse), ("description", c.Name), ("is_dynamic", true), ("is_advanced", c.IsAdvanced)))),
        new SystemView("sys", "dm_exec_sessions", "session_id smallint, login_time datetime, host_name nvarchar(128), program_name nvarchar(128), host_process_id int, client_version int=7, client_interface_name nvarchar(32)=.Net SqlClient, security_id varbinary(85), login_name nvarchar(128), nt_domain nvarchar(128), nt_user_name nvarchar(128), status nvarchar(30), context_info varbinary(128), cpu_time int=0, memory_usage int=0, total_scheduled_time int=0, total_elapsed_time int=0, endpoint_id int=4, last_request_start_time datetime, last_request_end_time datetime, reads bigint=0, writes bigint=0, logical_reads bigint=0, is_user_process bit=1, text_size int, language nvarchar(128)=us_english, date_format nvarchar(3)=mdy, date_first smallint=7, quoted_identifier bit, arithabort bit, ansi_null_dflt_on bit=1, ansi_defaults bit=0, ansi_warnings bit, ansi_padding bit, ansi_nulls bit, concat_null_yields_null bit, transaction_isolation_level smallint, lock_timeout int, deadlock_priority int=0, row_count bigint, prev_error int, original_security_id varbinary(85), original_login_name nvarchar(128), last_successful_logon datetime, group_id int=2, database_id smallint, authenticating_database_id int=1, open_transaction_count int, page_server_reads bigint=0", Sessions),
        new SystemView("sys", "dm_exec_connections", "session_id int, most_recent_session_id int, connect_time datetime, net_transport nvarchar(40)=TCP, protocol_type nvarchar(40)=TSQL, protocol_version int=1946157060, endpoint_id int=4, encrypt_option nvarchar(40)=TRUE, auth_scheme nvarchar(40)=SQL, node_affinity smallint=0, num_reads int=0, num_writes int=0, last_read datetime, last_write datetime, net_packet_size int=8000, client_net_address varchar(48)=127.0.0.1, client_tcp_port int, local_net_address varchar(48)=127.0.0.1, local_tcp_port int, connection_id uniqueidentifier, parent_connection_id uniqueidentifier", (frame, _, shape) => frame.Session.Server.Sessions.Select(s => shape.Row(("session_id", s.SessionId), ("most_recent_session_id", s.SessionId), ("connect_time", s.LoginTime), ("last_read", s.LastRequestTime), ("last_write", s.LastRequestTime)))),
        new SystemView("sys", "dm_exec_requests", "session_id smallint, request_id int=0, start_time datetime, status nvarchar(30), command nvarchar(32), sql_handle varbinary(64), statement_start_offset int, statement_end_offset int, database_id smallint, user_id int=1, connection_id uniqueidentifier, blocking_session_id smallint=0, wait_type nvarchar(60), wait_time int=0, last_wait_type nvarchar(60), wait_resource nvarchar(256), open_transaction_count int, percent_complete real, estimated_completion_time bigint=0, cpu_time int=0, total_elapsed_time int=0, reads bigint=0, writes bigint=0, logical_reads bigint=0", (frame, _, shape) => frame.Session.Server.Sessions.Where(s => s.IsRunning).Select(s => shape.Row(("session_id", s.SessionId), ("start_time", s.LastRequestTime), ("status", "running"), ("command", Command(s.LastText)), ("database_id", s.CurrentDatabase.Id), ("open_transaction_count", s.Transaction.Count), ("percent_complete", s.PercentComplete), ("blocking_session_id", s.BlockedBy), ("wait_type", s.BlockedBy == 0 ? null : "LCK_M_X")))),
        new SystemView("sys", "dm_tran_locks", "resource_type nvarchar(60), resource_subtype nvarchar(60), resource_database_id int, resource_description nvarchar(256), resource_associated_entity_id bigint=0, resource_lock_partition int=0, request_mode nvarchar(60), request_type nvarchar(60)=LOCK, request_status nvarchar(60)=GRANT, request_reference_count smallint=1, request_lifetime int=0, request_session_id int, request_exec_context_id int=0, request_request_id int=0, request_owner_type nvarchar(60), request_owner_id bigint=0, request_owner_guid uniqueidentifier, lock_owner_address varbinary(8)", Locks),
        new SystemView("sys", "dm_os_host_info", "host_platform nvarchar(256), host_distribution nvarchar(256), host_release nvarchar(256), host_service_pack_level nvarchar(256), host_sku int, os_language_version int=0, host_architecture nvarchar(256)=X64", (_, _, shape) => [shape.Row(("host_platform", OperatingSystem.IsWindows() ? "Windows" : "Linux"), ("host_distribution", OperatingSystem.IsWindows() ? "Windows" : "BizTalkDR Lab"), ("host_release", Environment.OSVersion.Version.ToString(2)), ("host_service_pack_level", string.Empty), ("host_sku", OperatingSystem.IsWindows() ? 7 : null))]),
        new SystemView("sys", "dm_os_sys_memory", "total_physical_memory_kb bigint, available_physical_memory_kb bigint, total_page_file_kb bigint, available_page_file_kb bigint, system_cache_kb bigint=0, kernel_paged_pool_kb bigint=0, kernel_nonpaged_pool_kb bigint=0, system_high_memory_signal_state bit=1, system_low_memory_signal_state bit=0, system_memory_state_desc nvarchar(256)=Available physical memory is high", (_, _, shape) => [MemoryRow(shape)]),
        new SystemView("sys", "dm_os_sys_info", "cpu_count int, hyperthread_ratio int=1, physical_memory_kb bigint, sqlserver_start_time datetime, virtual_machine_type int=1, container_type int=0, scheduler_count int, max_workers_count int=512", (frame, _, shape) => [shape.Row(("cpu_count", Environment.ProcessorCount), ("physical_memory_kb", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1024), ("sqlserver_start_time", frame.Session.Server.StartTime), ("scheduler_count", Environment.ProcessorCount))]),
        new SystemView("sys", "dm_server_services", "servicename nvarchar(256), startup_type int=2, startup_type_desc nvarchar(256)=Automatic, status int=4, status_desc nvarchar(256)=Running, process_id int, last_startup_time datetimeoffset, service_account nvarchar(256), filename nvarchar(256), is_clustered nvarchar(1)=N, cluster_nodename nvarchar(256), instant_file_initialization_enabled nvarchar(1)=N", Services),
        new SystemView("sys", "messages", "message_id int, language_id smallint=1033, severity tinyint, is_event_logged bit, text nvarchar(2048)", (_, _, shape) => SystemMessages.All.OrderBy(m => m.Number).Select(m => shape.Row(("message_id", m.Number), ("severity", m.Severity), ("is_event_logged", m.IsLogged), ("text", m.Text)))),
        new SystemView("sys", "syslanguages", "langid smallint, dateformat nchar(3), datefirst tinyint, upgrade int=0, name sysname, alias sysname, months nvarchar(372), shortmonths nvarchar(132), days nvarchar(217), lcid int, msglangid smallint", (_, _, shape) => [shape.Row(("langid", 0), ("dateformat", "mdy"), ("datefirst", 7), ("name", "us_english"), ("alias", "English"), ("months", "January,February,March,April,May,June,July,August,September,October,November,December"), ("shortmonths", "Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec"), ("days", "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday"), ("lcid", 1033), ("msglangid", 1033))]),
        new SystemView("sys", "fulltext_languages", "lcid int, name sysname", (_, _, shape) => [shape.Row(("lcid", 1033), ("name", "English"))]),
        new SystemView("sys", "time_zone_info", "name sysname, current_utc_offset nvarchar(6), is_currently_dst bit=0", (_, _, shape) => [shape.Row(("name", "UTC"), ("current_utc_offset", "+00:00"))]),
        new SystemView("sys", "dm_exec_sql_text_sessions", "session_id int, text nvarchar(max)", (frame, _, shape) => frame.Session.Server.Sessions.Select(s => shape.Row(("session_id", s.SessionId), ("text", s.LastText)))),
    ];

    private static object?[] MemoryRow(RowShape shape)
    {
        GCMemoryInfo memory = GC.GetGCMemoryInfo();
        long free = Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes) / 1024;
        return shape.Row(("total_physical_memory_kb", memory.TotalAvailableMemoryBytes / 1024), ("available_physical_memory_kb", free), ("total_page_file_kb", memory.TotalAvailableMemoryBytes / 1024), ("available_page_file_kb", free));
    }

    internal static string Command(string text)
    {
        string word = text.TrimStart().Split([' ', '\n', '\r', '\t', '('], 2)[0].ToUpperInvariant();
        return word is "BACKUP" or "RESTORE" ? word + " DATABASE" : word.Length is > 0 and <= 32 ? word : "EXECUTE";
    }

    private static IEnumerable<object?[]> Servers(ExecutionFrame frame, LabDatabase database, RowShape shape)
    {
        LabSqlServer server = frame.Session.Server;
        yield return shape.Row(("server_id", 0), ("name", server.ServerName), ("product", "SQL Server"), ("provider", "SQLNCLI"), ("data_source", server.ServerName), ("is_linked", false), ("is_remote_login_enabled", true), ("is_rpc_out_enabled", true), ("is_data_access_enabled", false), ("modify_date", server.StartTime));
        foreach (LinkedServer linked in server.LinkedServers.All)
        {
            yield return shape.Row(
                ("server_id", linked.Id), ("name", linked.Name), ("product", linked.Product), ("provider", linked.Provider), ("data_source", linked.DataSource), ("catalog", linked.Catalog), ("connect_timeout", linked.ConnectTimeout), ("query_timeout", linked.QueryTimeout),
                ("is_linked", true), ("is_remote_login_enabled", linked.Rpc), ("is_rpc_out_enabled", linked.RpcOut), ("is_data_access_enabled", linked.DataAccess), ("is_remote_proc_transaction_promotion_enabled", linked.PromotesTransactions), ("modify_date", server.StartTime));
        }
    }

    // Everybody sees his own session; those of others take VIEW SERVER STATE (page sys.dm_exec_sessions).
    private static IEnumerable<object?[]> Sessions(ExecutionFrame frame, LabDatabase database, RowShape shape) => frame.Session.Server.Sessions.Where(s => s == frame.Session || frame.HasServerPermission("VIEW SERVER STATE")).Select(s => shape.Row(
        ("session_id", s.SessionId), ("login_time", s.LoginTime), ("host_name", s.HostName), ("program_name", s.ApplicationName), ("host_process_id", s.ClientProcessId), ("security_id", s.Login.Sid), ("login_name", s.Login.Name),
        ("nt_domain", string.Empty), ("nt_user_name", string.Empty), ("status", s.IsRunning ? "running" : "sleeping"), ("context_info", s.Settings.ContextInfo), ("last_request_start_time", s.LastRequestTime), ("last_request_end_time", s.LastRequestTime),
        ("text_size", s.Settings.TextSize), ("quoted_identifier", s.Settings.QuotedIdentifier), ("arithabort", s.Settings.ArithAbort), ("ansi_warnings", s.Settings.AnsiWarnings), ("ansi_padding", s.Settings.AnsiPadding), ("ansi_nulls", s.Settings.AnsiNulls),
        ("concat_null_yields_null", s.Settings.ConcatNullYieldsNull), ("transaction_isolation_level", (int)s.Settings.Isolation), ("lock_timeout", s.Settings.LockTimeout), ("row_count", s.LastRowCount), ("prev_error", s.LastError),
        ("original_security_id", s.OriginalLogin.Sid), ("original_login_name", s.OriginalLogin.Name), ("database_id", s.CurrentDatabase.Id), ("open_transaction_count", s.Transaction.Count)));

    private static IEnumerable<object?[]> Locks(ExecutionFrame frame, LabDatabase database, RowShape shape)
    {
        foreach (SqlSession session in frame.Session.Server.Sessions)
        {
            foreach (LabDatabase used in session.UsedDatabases().Where(d => d.Id > 2))
            {
                yield return shape.Row(("resource_type", "DATABASE"), ("resource_subtype", string.Empty), ("resource_database_id", used.Id), ("resource_description", string.Empty), ("request_mode", "S"), ("request_session_id", session.SessionId), ("request_owner_type", "SHARED_TRANSACTION_WORKSPACE"));
            }
        }

        foreach (ApplicationLock held in frame.Session.Server.Locks.Held)
        {
            yield return shape.Row(("resource_type", "APPLICATION"), ("resource_subtype", string.Empty), ("resource_database_id", held.DatabaseId), ("resource_description", $"0:[{(held.Resource.Length > 32 ? held.Resource[..32] : held.Resource)}]"), ("request_mode", ApplicationLocks.ShortMode(held.Mode)), ("request_session_id", held.Session.SessionId), ("request_owner_type", held.OfTransaction ? "TRANSACTION" : "SESSION"));
        }
    }

    private static IEnumerable<object?[]> Services(ExecutionFrame frame, LabDatabase database, RowShape shape)
    {
        string name = frame.ServiceName;
        string binary = typeof(ServerViews).Assembly.Location;
        yield return shape.Row(("servicename", $"SQL Server ({name})"), ("process_id", Environment.ProcessId), ("last_startup_time", new DateTimeOffset(frame.Session.Server.StartTime, frame.Instance.Options.UtcOffset)), ("service_account", "BizTalkDR Lab"), ("filename", binary.Length > 256 ? Path.GetFileName(binary) : binary));
        yield return shape.Row(("servicename", $"SQL Server Agent ({name})"), ("process_id", Environment.ProcessId), ("last_startup_time", new DateTimeOffset(frame.Session.Server.StartTime, frame.Instance.Options.UtcOffset)), ("service_account", "BizTalkDR Lab"), ("filename", RuntimeInformation.FrameworkDescription));
    }
}
