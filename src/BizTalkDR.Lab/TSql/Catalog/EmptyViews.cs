using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.TSql;

/// <summary>Views about things the lab does not have: right columns, no rows.</summary>
internal static class EmptyViews
{
    public static IReadOnlyList<SystemView> All { get; } =
    [
        None("dm_hadr_cluster", "cluster_name nvarchar(128), quorum_type tinyint, quorum_type_desc nvarchar(60), quorum_state tinyint, quorum_state_desc nvarchar(60)"),
        None("availability_group_listeners", "group_id uniqueidentifier, listener_id nvarchar(36), dns_name nvarchar(63), port int, is_conformant bit, ip_configuration_string_from_cluster nvarchar(max)"),
        None("asymmetric_keys", "name sysname, principal_id int, asymmetric_key_id int, pvt_key_encryption_type char(2), pvt_key_encryption_type_desc nvarchar(60), thumbprint varbinary(32), algorithm char(2), algorithm_desc nvarchar(60), key_length int, sid varbinary(85), string_sid nvarchar(128), provider_type nvarchar(120)"),
        None("change_tracking_databases", "database_id int, is_auto_cleanup_on bit, retention_period int, retention_period_units tinyint, retention_period_units_desc nvarchar(60), max_cleanup_version bigint"),
        None("change_tracking_tables", "object_id int, is_track_columns_updated_on bit, min_valid_version bigint, begin_version bigint, cleanup_version bigint"),
        None("backup_devices", "name sysname, type tinyint, type_desc nvarchar(60), physical_name nvarchar(260)"),
        None("endpoints", "name sysname, endpoint_id int, principal_id int, protocol tinyint, protocol_desc nvarchar(60), type tinyint, type_desc nvarchar(60), state tinyint, state_desc nvarchar(60), is_admin_endpoint bit"),
        None("stats", "object_id int, name sysname, stats_id int, auto_created bit, user_created bit, no_recompute bit, has_filter bit, filter_definition nvarchar(max), is_temporary bit, is_incremental bit"),
        None("assemblies", "name sysname, principal_id int, assembly_id int, clr_name nvarchar(4000), permission_set tinyint, permission_set_desc nvarchar(60), is_visible bit, create_date datetime, modify_date datetime, is_user_defined bit"),
        None("sequences", "name sysname, object_id int, principal_id int, schema_id int, start_value sql_variant, increment sql_variant, minimum_value sql_variant, maximum_value sql_variant, is_cycling bit, is_cached bit, current_value sql_variant"),
        None("dm_exec_query_stats", "sql_handle varbinary(64), execution_count bigint, total_elapsed_time bigint"),
        None("dm_os_wait_stats", "wait_type nvarchar(60), waiting_tasks_count bigint, wait_time_ms bigint, max_wait_time_ms bigint, signal_wait_time_ms bigint"),
    ];

    private static SystemView None(string name, string columns) => new("sys", name, columns, (_, _, _) => Enumerable.Empty<object?[]>());
}
