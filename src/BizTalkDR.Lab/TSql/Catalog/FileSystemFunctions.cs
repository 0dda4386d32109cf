using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Table-valued system functions: files and volumes as the server sees them, text of requests.</summary>
internal static class FileSystemFunctions
{
    private static readonly RowShape s_exists = new("file_exists bit, file_is_a_directory bit, parent_directory_exists bit");
    private static readonly RowShape s_entries = new("full_filesystem_path nvarchar(512), parent_directory nvarchar(512), file_or_directory_name nvarchar(512), level int, is_directory bit, is_read_only bit, is_system bit=0, is_hidden bit, has_integrity_stream bit=0, is_temporary bit=0, is_sparse bit=0, creation_time datetime2, last_access_time datetime2, last_write_time datetime2, size_in_bytes bigint");
    private static readonly RowShape s_volume = new("database_id int, file_id int, volume_mount_point nvarchar(512), volume_id nvarchar(512), logical_volume_name nvarchar(512), file_system_type nvarchar(512), total_bytes bigint, available_bytes bigint, supports_compression tinyint=0, supports_alternate_streams tinyint=0, supports_sparse_files tinyint=1, is_read_only tinyint=0, is_compressed tinyint=0");
    private static readonly RowShape s_log = new("database_id int, recovery_model nvarchar(60), log_min_lsn nvarchar(24), log_end_lsn nvarchar(24), current_vlf_sequence_number bigint, current_vlf_size_mb float, total_vlf_count bigint, total_log_size_mb float, active_vlf_count bigint, active_log_size_mb float, log_truncation_holdup_reason nvarchar(60), log_backup_time datetime, log_backup_lsn nvarchar(24), log_since_last_log_backup_mb float, log_checkpoint_lsn nvarchar(24), log_since_last_checkpoint_mb float, log_recovery_lsn nvarchar(24), log_recovery_size_mb float, recovery_vlf_count bigint");
    private static readonly RowShape s_text = new("dbid smallint, objectid int, number smallint, encrypted bit=0, text nvarchar(max)");

    public static void Register(Dictionary<string, SystemTableFunction> functions)
    {
        functions["dm_os_file_exists"] = (frame, _, arguments) => Exists(Text(frame, arguments, 0));
        functions["dm_os_enumerate_filesystem"] = (frame, _, arguments) => Entries(Text(frame, arguments, 0), Text(frame, arguments, 1));
        functions["dm_os_volume_stats"] = (frame, _, arguments) => Volume(frame, Number(arguments, 0), Number(arguments, 1));
        functions["dm_db_log_stats"] = (frame, _, arguments) => LogStats(frame, Number(arguments, 0));
        functions["dm_exec_sql_text"] = (frame, _, _) => new VirtualRows(s_text.Columns, () => [s_text.Row(("dbid", frame.Database.Id), ("text", frame.Session.LastText))]);
        functions["dm_exec_input_buffer"] = (frame, _, arguments) => new VirtualRows(new RowShape("event_type nvarchar(256), parameters smallint, event_info nvarchar(max)").Columns, () => frame.Session.Server.FindSession((int)Number(arguments, 0)) is { } s ? [["Language Event", (short)0, s.LastText]] : []);
        functions["fn_helpcollations"] = (_, _, _) => new VirtualRows(new RowShape("name sysname, description nvarchar(1000)").Columns, () => [["SQL_Latin1_General_CP1_CI_AS", "Latin1-General, case-insensitive, accent-sensitive, kanatype-insensitive, width-insensitive for Unicode Data, SQL Server Sort Order 52 on Code Page 1252 for non-Unicode Data"]]);
        functions["fn_listextendedproperty"] = (_, _, _) => new VirtualRows(new RowShape("objtype sysname, objname sysname, name sysname, value sql_variant").Columns, () => []);
        functions["fn_my_permissions"] = (frame, database, _) => new VirtualRows(new RowShape("entity_name nvarchar(128), subentity_name nvarchar(128), permission_name nvarchar(60)").Columns, () => frame.IsOwner(database) ? [["database", string.Empty, "CONTROL"], ["database", string.Empty, "BACKUP DATABASE"], ["database", string.Empty, "BACKUP LOG"]] : []);
        functions["dm_io_virtual_file_stats"] = (frame, _, _) => new VirtualRows(new RowShape("database_id smallint, file_id smallint, num_of_reads bigint, num_of_writes bigint").Columns, () => frame.Instance.Databases.SelectMany(d => d.Files.Select(f => new object?[] { (short)d.Id, (short)f.FileId, 0L, 0L })));
    }

    private static string Text(ExecutionFrame frame, IReadOnlyList<(SqlType Type, object? Value)> arguments, int index) =>
        index < arguments.Count ? (string?)frame.Session.Server.Queries.Convert(arguments[index].Value, arguments[index].Type, SqlType.NVarChar(4000)) ?? string.Empty
            : throw new LabSqlException(313, 16, 3, "An insufficient number of arguments were supplied for the procedure or function.");

    private static long Number(IReadOnlyList<(SqlType Type, object? Value)> arguments, int index) =>
        index < arguments.Count && arguments[index].Value is { } value ? System.Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture) : 0;

    private static VirtualRows Exists(string path)
    {
        bool directory = Directory.Exists(path);
        bool parent = Path.GetDirectoryName(path) is { Length: > 0 } folder && Directory.Exists(folder);
        return new VirtualRows(s_exists.Columns, () => [s_exists.Row(("file_exists", File.Exists(path)), ("file_is_a_directory", directory), ("parent_directory_exists", parent || directory))]);
    }

    private static VirtualRows Entries(string path, string pattern) => new(s_entries.Columns, () =>
    {
        if (!Directory.Exists(path))
        {
            return [];
        }

        return new DirectoryInfo(path).EnumerateFileSystemInfos(pattern.Length == 0 ? "*" : pattern).OrderBy(e => e.Name, StringComparer.Ordinal).Select(e => s_entries.Row(
            ("full_filesystem_path", e.FullName), ("parent_directory", path), ("file_or_directory_name", e.Name), ("level", 0), ("is_directory", e is DirectoryInfo), ("is_read_only", e.Attributes.HasFlag(FileAttributes.ReadOnly)),
            ("is_hidden", e.Attributes.HasFlag(FileAttributes.Hidden)), ("creation_time", e.CreationTimeUtc), ("last_access_time", e.LastAccessTimeUtc), ("last_write_time", e.LastWriteTimeUtc), ("size_in_bytes", (e as FileInfo)?.Length ?? 0L)));
    });

    /// <summary>sys.dm_db_log_stats: of an open database where its log ends, as eight, eight and four hexadecimal digits; what the lab does not count is NULL.</summary>
    private static VirtualRows LogStats(ExecutionFrame frame, long databaseId) => new(s_log.Columns, () =>
    {
        LabDatabase? database = frame.Instance.Databases.FirstOrDefault(d => d.Id == databaseId);
        if (database is not { State: DatabaseState.Online })
        {
            return [];
        }

        Lsn end = database.Log.EndLsn;
        return [s_log.Row(("database_id", database.Id), ("recovery_model", database.RecoveryModel switch { RecoveryModel.Full => "FULL", RecoveryModel.BulkLogged => "BULK_LOGGED", _ => "SIMPLE" }), ("log_end_lsn", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{end.Vlf:x8}:{end.Block:x8}:{end.Slot:x4}")))];
    });

    private static VirtualRows Volume(ExecutionFrame frame, long databaseId, long fileId) => new(s_volume.Columns, () =>
    {
        DatabaseFile? file = frame.Instance.Databases.FirstOrDefault(d => d.Id == databaseId)?.Files.FirstOrDefault(f => f.FileId == fileId);
        if (file is null)
        {
            return [];
        }

        string folder = Path.GetDirectoryName(file.PhysicalName) ?? "/";
        var drive = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder);
        return [s_volume.Row(("database_id", (int)databaseId), ("file_id", (int)fileId), ("volume_mount_point", drive.Name), ("volume_id", drive.Name), ("logical_volume_name", string.Empty), ("file_system_type", drive.DriveFormat), ("total_bytes", drive.TotalSize), ("available_bytes", drive.AvailableFreeSpace))];
    });
}
