using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>The backup and restore history tables of msdb, columns and types as documented for SQL Server 2022.</summary>
internal static class HistoryTables
{
    public const string MediaSet = "backupmediaset";
    public const string MediaFamily = "backupmediafamily";
    public const string BackupSet = "backupset";
    public const string BackupFileGroup = "backupfilegroup";
    public const string BackupFile = "backupfile";
    public const string RestoreHistory = "restorehistory";
    public const string RestoreFile = "restorefile";
    public const string RestoreFileGroup = "restorefilegroup";
    public const string LogMarkHistory = "logmarkhistory";
    public const string SuspectPages = "suspect_pages";

    private static readonly SqlType _lsn = SqlType.LsnNumber;
    private static readonly SqlType _number10 = SqlType.Decimal(10, 0);
    private static readonly SqlType _number20 = SqlType.Decimal(20, 0);
    private static readonly SqlType _smallInt = new(SqlKind.SmallInt);
    private static readonly SqlType _name = SqlType.NVarChar(128);

    /// <summary>Creates those that are missing.</summary>
    public static void Ensure(LabInstance instance)
    {
        LabDatabase msdb = instance.Find("msdb") ?? throw new LabSqlException(911, 16, 1, "Database 'msdb' does not exist. Make sure that the name is entered correctly.");
        if (All().All(t => msdb.FindTable("dbo", t.Name) is not null))
        {
            return;
        }

        LabTransaction transaction = instance.Begin();
        try
        {
            foreach (TableDef table in All())
            {
                if (msdb.FindTable("dbo", table.Name) is null)
                {
                    table.ObjectId = msdb.NewObjectId();
                    table.CreateDate = table.ModifyDate = instance.Now;
                    foreach (IndexDef index in table.Indexes)
                    {
                        index.ObjectId = msdb.NewObjectId();
                    }

                    msdb.CreateTable(transaction, table);
                }
            }

            instance.Commit(transaction);
        }
        catch
        {
            instance.Rollback(transaction);
            throw;
        }
    }

    private static IEnumerable<TableDef> All() =>
    [
        MediaSetTable(), MediaFamilyTable(), BackupSetTable(), BackupFileGroupTable(), BackupFileTable(),
        RestoreHistoryTable(), RestoreFileTable(), RestoreFileGroupTable(), LogMarkHistoryTable(), SuspectPagesTable(),
    ];

    private static TableDef SuspectPagesTable() => Table(
        SuspectPages,
        null,
        [
            ("database_id", SqlType.Int, false), ("file_id", SqlType.Int, false), ("page_id", SqlType.BigInt, false),
            ("event_type", SqlType.Int, false), ("error_count", SqlType.Int, false), ("last_update_date", SqlType.DateTime, false),
        ]);

    private static TableDef MediaSetTable() => Table(
        MediaSet,
        "media_set_id",
        [
            ("media_set_id", SqlType.Int, false), ("media_uuid", SqlType.UniqueIdentifier, true), ("media_family_count", SqlType.TinyInt, true),
            ("name", _name, true), ("description", SqlType.NVarChar(255), true), ("software_name", _name, true),
            ("software_vendor_id", SqlType.Int, true), ("MTF_major_version", SqlType.TinyInt, true), ("mirror_count", SqlType.TinyInt, true),
            ("is_password_protected", SqlType.Bit, true), ("is_compressed", SqlType.Bit, true), ("is_encrypted", SqlType.Bit, true),
        ]);

    private static TableDef MediaFamilyTable() => Table(
        MediaFamily,
        null,
        [
            ("media_set_id", SqlType.Int, false), ("family_sequence_number", SqlType.TinyInt, false), ("media_family_id", SqlType.UniqueIdentifier, true),
            ("media_count", SqlType.Int, true), ("logical_device_name", _name, true), ("physical_device_name", SqlType.NVarChar(260), true),
            ("device_type", SqlType.TinyInt, true), ("physical_block_size", SqlType.Int, true), ("mirror", SqlType.TinyInt, false),
        ]);

    private static TableDef BackupSetTable() => Table(
        BackupSet,
        "backup_set_id",
        [
            ("backup_set_id", SqlType.Int, false), ("backup_set_uuid", SqlType.UniqueIdentifier, false), ("media_set_id", SqlType.Int, false),
            ("first_family_number", SqlType.TinyInt, true), ("first_media_number", _smallInt, true), ("last_family_number", SqlType.TinyInt, true),
            ("last_media_number", _smallInt, true), ("catalog_family_number", SqlType.TinyInt, true), ("catalog_media_number", _smallInt, true),
            ("position", SqlType.Int, true), ("expiration_date", SqlType.DateTime, true), ("software_vendor_id", SqlType.Int, true),
            ("name", _name, true), ("description", SqlType.NVarChar(255), true), ("user_name", _name, true),
            ("software_major_version", SqlType.TinyInt, true), ("software_minor_version", SqlType.TinyInt, true), ("software_build_version", _smallInt, true),
            ("time_zone", _smallInt, true), ("mtf_minor_version", SqlType.TinyInt, true), ("first_lsn", _lsn, true), ("last_lsn", _lsn, true),
            ("checkpoint_lsn", _lsn, true), ("database_backup_lsn", _lsn, true), ("database_creation_date", SqlType.DateTime, true),
            ("backup_start_date", SqlType.DateTime, true), ("backup_finish_date", SqlType.DateTime, true), ("type", new SqlType(SqlKind.Char, 1), true),
            ("sort_order", _smallInt, true), ("code_page", _smallInt, true), ("compatibility_level", SqlType.TinyInt, true),
            ("database_version", SqlType.Int, true), ("backup_size", _number20, true), ("database_name", _name, true), ("server_name", _name, true),
            ("machine_name", _name, true), ("flags", SqlType.Int, true), ("unicode_locale", SqlType.Int, true), ("unicode_compare_style", SqlType.Int, true),
            ("collation_name", _name, true), ("is_password_protected", SqlType.Bit, true), ("recovery_model", SqlType.NVarChar(60), true),
            ("has_bulk_logged_data", SqlType.Bit, true), ("is_snapshot", SqlType.Bit, true), ("is_readonly", SqlType.Bit, true),
            ("is_single_user", SqlType.Bit, true), ("has_backup_checksums", SqlType.Bit, true), ("is_damaged", SqlType.Bit, true),
            ("begins_log_chain", SqlType.Bit, true), ("has_incomplete_metadata", SqlType.Bit, true), ("is_force_offline", SqlType.Bit, true),
            ("is_copy_only", SqlType.Bit, true), ("first_recovery_fork_guid", SqlType.UniqueIdentifier, true),
            ("last_recovery_fork_guid", SqlType.UniqueIdentifier, true), ("fork_point_lsn", _lsn, true), ("database_guid", SqlType.UniqueIdentifier, true),
            ("family_guid", SqlType.UniqueIdentifier, true), ("differential_base_lsn", _lsn, true), ("differential_base_guid", SqlType.UniqueIdentifier, true),
            ("compressed_backup_size", _number20, true), ("key_algorithm", SqlType.NVarChar(32), true),
            ("encryptor_thumbprint", new SqlType(SqlKind.VarBinary, 20), true), ("encryptor_type", SqlType.NVarChar(32), true),
            ("last_valid_restore_time", SqlType.DateTime, true), ("compression_algorithm", SqlType.NVarChar(32), true),
        ]);

    private static TableDef BackupFileGroupTable() => Table(
        BackupFileGroup,
        null,
        [
            ("backup_set_id", SqlType.Int, false), ("name", SqlType.SysName, false), ("filegroup_id", SqlType.Int, false),
            ("filegroup_guid", SqlType.UniqueIdentifier, true), ("type", new SqlType(SqlKind.Char, 2), false), ("type_desc", SqlType.NVarChar(60), false),
            ("is_default", SqlType.Bit, false), ("is_readonly", SqlType.Bit, false), ("log_filegroup_guid", SqlType.UniqueIdentifier, true),
        ]);

    private static TableDef BackupFileTable() => Table(
        BackupFile,
        null,
        [
            ("backup_set_id", SqlType.Int, false), ("first_family_number", SqlType.TinyInt, true), ("first_media_number", _smallInt, true),
            ("filegroup_name", _name, true), ("page_size", SqlType.Int, true), ("file_number", _number10, false), ("backed_up_page_count", _number10, true),
            ("file_type", new SqlType(SqlKind.Char, 1), true), ("source_file_block_size", _number10, true), ("file_size", _number20, true),
            ("logical_name", _name, true), ("physical_drive", SqlType.NVarChar(260), true), ("physical_name", SqlType.NVarChar(260), true),
            ("state", SqlType.TinyInt, true), ("state_desc", SqlType.NVarChar(64), true), ("create_lsn", _lsn, true), ("drop_lsn", _lsn, true),
            ("file_guid", SqlType.UniqueIdentifier, true), ("read_only_lsn", _lsn, true), ("read_write_lsn", _lsn, true),
            ("differential_base_lsn", _lsn, true), ("differential_base_guid", SqlType.UniqueIdentifier, true), ("backup_size", _number20, true),
            ("filegroup_guid", SqlType.UniqueIdentifier, true), ("is_readonly", SqlType.Bit, true), ("is_present", SqlType.Bit, true),
        ]);

    private static TableDef RestoreHistoryTable() => Table(
        RestoreHistory,
        "restore_history_id",
        [
            ("restore_history_id", SqlType.Int, false), ("restore_date", SqlType.DateTime, true), ("destination_database_name", _name, true),
            ("user_name", _name, true), ("backup_set_id", SqlType.Int, false), ("restore_type", new SqlType(SqlKind.Char, 1), true),
            ("replace", SqlType.Bit, true), ("recovery", SqlType.Bit, true), ("restart", SqlType.Bit, true), ("stop_at", SqlType.DateTime, true),
            ("device_count", SqlType.TinyInt, true), ("stop_at_mark_name", _name, true), ("stop_before", SqlType.Bit, true),
        ]);

    private static TableDef RestoreFileTable() => Table(
        RestoreFile,
        null,
        [
            ("restore_history_id", SqlType.Int, false), ("file_number", _number10, true), ("destination_phys_drive", SqlType.NVarChar(260), true),
            ("destination_phys_name", SqlType.NVarChar(260), true),
        ]);

    private static TableDef RestoreFileGroupTable() => Table(
        RestoreFileGroup, null, [("restore_history_id", SqlType.Int, false), ("filegroup_name", _name, true)]);

    private static TableDef LogMarkHistoryTable() => Table(
        LogMarkHistory,
        null,
        [
            ("database_name", _name, false), ("mark_name", _name, false), ("description", SqlType.NVarChar(255), true), ("user_name", _name, true),
            ("lsn", _lsn, false), ("mark_time", SqlType.DateTime, false),
        ]);

    private static TableDef Table(string name, string? identity, IReadOnlyList<(string Name, SqlType Type, bool Nullable)> columns)
    {
        TableDef table = new() { Name = name };
        foreach ((string column, SqlType type, bool nullable) in columns)
        {
            table.Columns.Add(new ColumnDef
            {
                Name = column,
                Type = type,
                ColumnId = table.Columns.Count + 1,
                Nullable = nullable,
                IsIdentity = column == identity,
            });
        }

        if (identity is not null)
        {
            table.Indexes.Add(new IndexDef
            {
                Name = "PK__" + name,
                IndexId = 1,
                IsUnique = true,
                IsPrimaryKey = true,
                IsClustered = true,
                Columns = [(identity, false)],
            });
        }

        return table;
    }
}
