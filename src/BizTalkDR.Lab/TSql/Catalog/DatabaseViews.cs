using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>sys.databases, files, recovery status.</summary>
internal static class DatabaseViews
{
    private const string FileColumns =
        "file_id int, file_guid uniqueidentifier, type tinyint, type_desc nvarchar(60), data_space_id int, name sysname, physical_name nvarchar(260), state tinyint=0, state_desc nvarchar(60)=ONLINE, " +
        "size int, max_size int=-1, growth int=8192, is_media_read_only bit=0, is_read_only bit=0, is_sparse bit=0, is_percent_growth bit=0, is_name_reserved bit=0, is_persistent_log_buffer bit=0, " +
        "create_lsn numeric(25,0), drop_lsn numeric(25,0), read_only_lsn numeric(25,0), read_write_lsn numeric(25,0), differential_base_lsn numeric(25,0), differential_base_guid uniqueidentifier, differential_base_time datetime, " +
        "redo_start_lsn numeric(25,0), redo_start_fork_guid uniqueidentifier, redo_target_lsn numeric(25,0), redo_target_fork_guid uniqueidentifier, backup_lsn numeric(25,0), credential_id int";

    public static IReadOnlyList<SystemView> All { get; } =
    [
        new SystemView("sys", "databases", DatabaseColumns(), (frame, _, shape) => frame.Instance.Databases.OrderBy(d => d.Id).Select(d => Database(frame, d, shape))),
        new SystemView("sys", "master_files", "database_id int, " + FileColumns, (frame, _, shape) => frame.Instance.Databases.OrderBy(d => d.Id).SelectMany(d => d.Files.OrderBy(f => f.FileId).Select(f => File(d, f, shape, true)))),
        new SystemView("sys", "database_files", FileColumns, (_, database, shape) => database.Files.OrderBy(f => f.FileId).Select(f => File(database, f, shape, false))),
        new SystemView(
            "sys", "database_recovery_status",
            "database_id int, database_guid uniqueidentifier, family_guid uniqueidentifier, last_log_backup_lsn numeric(25,0), recovery_fork_guid uniqueidentifier, first_recovery_fork_guid uniqueidentifier, fork_point_lsn numeric(25,0)",
            (frame, _, shape) => frame.Instance.Databases.Select(d => shape.Row(
                ("database_id", d.Id), ("database_guid", d.DatabaseGuid), ("family_guid", d.FamilyGuid), ("last_log_backup_lsn", Lsn(d.LastLogBackupLsn.IsZero ? d.LogChainStartLsn : d.LastLogBackupLsn)),
                ("recovery_fork_guid", d.RecoveryForkGuid), ("first_recovery_fork_guid", d.FirstRecoveryForkGuid == Guid.Empty ? null : d.FirstRecoveryForkGuid), ("fork_point_lsn", Lsn(d.ForkPointLsn))))),
        new SystemView(
            "sys", "filegroups", "name sysname, data_space_id int, type char(2), type_desc nvarchar(60), is_default bit, is_system bit=0, filegroup_guid uniqueidentifier, log_filegroup_id int, is_read_only bit, is_autogrow_all_files bit=0",
            (_, database, shape) => database.FileGroups.Select(g => shape.Row(("name", g.Name), ("data_space_id", g.Id), ("type", "FG"), ("type_desc", "ROWS_FILEGROUP"), ("is_default", g.IsDefault), ("filegroup_guid", g.Guid == Guid.Empty ? null : g.Guid), ("is_read_only", database.IsReadOnly)))),
        new SystemView(
            "sys", "data_spaces", "name sysname, data_space_id int, type char(2), type_desc nvarchar(60), is_default bit, is_system bit=0",
            (_, database, shape) => database.FileGroups.Select(g => shape.Row(("name", g.Name), ("data_space_id", g.Id), ("type", "FG"), ("type_desc", "ROWS_FILEGROUP"), ("is_default", g.IsDefault)))),
        new SystemView(
            "sys", "database_mirroring",
            "database_id int, mirroring_guid uniqueidentifier, mirroring_state tinyint, mirroring_state_desc nvarchar(60), mirroring_role tinyint, mirroring_partner_name nvarchar(128), mirroring_witness_name nvarchar(128)",
            (frame, _, shape) => frame.Instance.Databases.Select(d => shape.Row(("database_id", d.Id)))),
        new SystemView(
            "sys", "database_filestream_options", "database_id int, non_transacted_access tinyint=0, non_transacted_access_desc nvarchar(60)=OFF, directory_name nvarchar(255)",
            (frame, _, shape) => frame.Instance.Databases.Select(d => shape.Row(("database_id", d.Id)))),
        new SystemView("sys", "database_scoped_configurations", "configuration_id int, name nvarchar(60), value sql_variant, value_for_secondary sql_variant, is_value_default bit=1", Configurations),
        new SystemView(
            "sys", "database_query_store_options",
            "desired_state smallint=0, desired_state_desc nvarchar(60)=OFF, actual_state smallint=0, actual_state_desc nvarchar(60)=OFF, readonly_reason int=0, current_storage_size_mb bigint=0, flush_interval_seconds bigint=900, interval_length_minutes bigint=60, max_storage_size_mb bigint=1000, stale_query_threshold_days bigint=30, max_plans_per_query bigint=200, query_capture_mode smallint=2, query_capture_mode_desc nvarchar(60)=AUTO, capture_policy_execution_count int, capture_policy_total_compile_cpu_time_ms bigint, capture_policy_total_execution_cpu_time_ms bigint, capture_policy_stale_threshold_hours int, size_based_cleanup_mode smallint=1, size_based_cleanup_mode_desc nvarchar(60)=AUTO, wait_stats_capture_mode smallint=1, wait_stats_capture_mode_desc nvarchar(60)=ON",
            (_, _, shape) => [shape.Row()]),
    ];

    public static decimal? Lsn(Lsn? lsn) => lsn is null || lsn.Value.IsZero ? null : lsn.Value.ToDecimal();

    private static string DatabaseColumns() =>
        "name sysname, database_id int, source_database_id int, owner_sid varbinary(85), create_date datetime, compatibility_level tinyint, collation_name sysname, user_access tinyint, user_access_desc nvarchar(60), " +
        "is_read_only bit=0, is_auto_close_on bit=0, is_auto_shrink_on bit=0, state tinyint, state_desc nvarchar(60), is_in_standby bit=0, is_cleanly_shutdown bit=0, is_supplemental_logging_enabled bit=0, " +
        "snapshot_isolation_state tinyint=0, snapshot_isolation_state_desc nvarchar(60)=OFF, is_read_committed_snapshot_on bit=0, recovery_model tinyint, recovery_model_desc nvarchar(60), page_verify_option tinyint=2, page_verify_option_desc nvarchar(60)=CHECKSUM, " +
        "is_auto_create_stats_on bit=1, is_auto_create_stats_incremental_on bit=0, is_auto_update_stats_on bit=1, is_auto_update_stats_async_on bit=0, is_ansi_null_default_on bit=0, is_ansi_nulls_on bit=0, is_ansi_padding_on bit=0, is_ansi_warnings_on bit=0, " +
        "is_arithabort_on bit=0, is_concat_null_yields_null_on bit=0, is_numeric_roundabort_on bit=0, is_quoted_identifier_on bit=0, is_recursive_triggers_on bit=0, is_cursor_close_on_commit_on bit=0, is_local_cursor_default bit=0, is_fulltext_enabled bit=0, " +
        "is_trustworthy_on bit=0, is_db_chaining_on bit=0, is_parameterization_forced bit=0, is_master_key_encrypted_by_server bit=0, is_query_store_on bit=0, is_published bit=0, is_subscribed bit=0, is_merge_published bit=0, is_distributor bit=0, is_sync_with_backup bit=0, " +
        "service_broker_guid uniqueidentifier, is_broker_enabled bit=0, log_reuse_wait tinyint=0, log_reuse_wait_desc nvarchar(60)=NOTHING, is_date_correlation_on bit=0, is_cdc_enabled bit=0, is_encrypted bit=0, is_honor_broker_priority_on bit=0, " +
        "replica_id uniqueidentifier, group_database_id uniqueidentifier, resource_pool_id int, default_language_lcid smallint, default_language_name nvarchar(128), default_fulltext_language_lcid int, default_fulltext_language_name nvarchar(128), " +
        "is_nested_triggers_on bit, is_transform_noise_words_on bit, two_digit_year_cutoff smallint, containment tinyint=0, containment_desc nvarchar(60)=NONE, target_recovery_time_in_seconds int=60, delayed_durability int=0, delayed_durability_desc nvarchar(60)=DISABLED, " +
        "is_memory_optimized_elevate_to_snapshot_on bit=0, is_federation_member bit=0, is_remote_data_archive_enabled bit=0, is_mixed_page_allocation_on bit=0, is_temporal_history_retention_enabled bit=1, catalog_collation_type int=0, catalog_collation_type_desc nvarchar(60)=DATABASE_DEFAULT, " +
        "physical_database_name nvarchar(128), is_result_set_caching_on bit=0, is_accelerated_database_recovery_on bit=0, is_tempdb_spill_to_remote_store bit=0, is_stale_page_detection_on bit=0, is_memory_optimized_enabled bit=1, is_data_retention_enabled bit=0, is_ledger_on bit=0, is_change_feed_enabled bit=0";

    private static object?[] Database(ExecutionFrame frame, LabDatabase d, RowShape shape)
    {
        bool closed = d.State is DatabaseState.Offline or DatabaseState.Restoring or DatabaseState.RecoveryPending or DatabaseState.Suspect;
        int wait = d.RecoveryModel == RecoveryModel.Full && !d.LogChainStartLsn.IsZero ? 2 : 0;
        return shape.Row(
            ("name", d.Name), ("database_id", d.Id), ("owner_sid", frame.Session.Server.Logins.Find(d.Owner)?.Sid ?? [1]), ("create_date", d.CreateDate), ("compatibility_level", d.CompatibilityLevel),
            ("collation_name", closed ? null : d.Collation), ("user_access", (byte)d.UserAccess), ("user_access_desc", d.UserAccess switch { UserAccess.SingleUser => "SINGLE_USER", UserAccess.RestrictedUser => "RESTRICTED_USER", _ => "MULTI_USER" }),
            ("is_read_only", d.IsReadOnly), ("replica_id", AvailabilityViews.Of(frame, d).Replica), ("group_database_id", AvailabilityViews.Of(frame, d).Member), ("is_encrypted", d.Encryption is { IsOn: true }), ("is_master_key_encrypted_by_server", new CertificateStore(d).MasterKey is not null), ("state", (byte)(AvailabilityViews.IsCopy(frame, d) ? DatabaseState.Online : d.State)), ("state_desc", AvailabilityViews.IsCopy(frame, d) ? "ONLINE" : StateName(d.State)), ("is_in_standby", d.IsInStandby),
            ("recovery_model", (byte)d.RecoveryModel), ("recovery_model_desc", d.RecoveryModel switch { RecoveryModel.Full => "FULL", RecoveryModel.BulkLogged => "BULK_LOGGED", _ => "SIMPLE" }),
            ("service_broker_guid", d.DatabaseGuid), ("log_reuse_wait", wait), ("log_reuse_wait_desc", wait == 2 ? "LOG_BACKUP" : "NOTHING"), ("physical_database_name", d.Name));
    }

    public static string StateName(DatabaseState state) => state switch
    {
        DatabaseState.RecoveryPending => "RECOVERY_PENDING",
        _ => state.ToString().ToUpperInvariant(),
    };

    private static object?[] File(LabDatabase d, DatabaseFile f, RowShape shape, bool withDatabase)
    {
        var values = new List<(string, object?)>
        {
            ("file_id", f.FileId), ("file_guid", f.FileGuid), ("type", f.IsLog ? 1 : 0), ("type_desc", f.IsLog ? "LOG" : "ROWS"), ("data_space_id", f.IsLog ? 0 : f.FileGroupId), ("name", f.LogicalName), ("physical_name", f.PhysicalName),
            ("size", (int)(f.SizeBytes / 8192)), ("state", (byte)d.State), ("state_desc", StateName(d.State)), ("is_read_only", d.IsReadOnly),
            ("redo_start_lsn", Lsn(d.RedoStartLsn)), ("redo_start_fork_guid", d.RedoStartForkGuid), ("differential_base_lsn", f.IsLog ? null : Lsn(d.LastFullCheckpointLsn)),
            ("differential_base_guid", f.IsLog || d.LastFullBackupGuid == Guid.Empty ? null : d.LastFullBackupGuid), ("max_size", f.IsLog ? 268435456 : -1),
        };
        if (withDatabase)
        {
            values.Add(("database_id", d.Id));
        }

        return shape.Row([.. values]);
    }

    private static IEnumerable<object?[]> Configurations(ExecutionFrame frame, LabDatabase database, RowShape shape)
    {
        (int Id, string Name, int Value)[] all =
        [
            (1, "MAXDOP", 0), (2, "LEGACY_CARDINALITY_ESTIMATION", 0), (3, "PARAMETER_SNIFFING", 1), (4, "QUERY_OPTIMIZER_HOTFIXES", 0), (6, "IDENTITY_CACHE", 1), (11, "XTP_PROCEDURE_EXECUTION_STATISTICS", 0), (33, "LAST_QUERY_PLAN_STATS", 0),
        ];
        return all.Select(c => shape.Row(("configuration_id", c.Id), ("name", c.Name), ("value", c.Value)));
    }
}
