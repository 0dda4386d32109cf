using System;
using System.Globalization;
using System.Text;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.SqlServer;

/// <summary>Writes the statements that SMO lacks. Values go in as parameters wherever T-SQL takes them; the rest goes through the two quoting functions here.</summary>
public static class SqlText
{
    /// <summary>Identity of the instance, one row.</summary>
    public const string Identity =
        "SELECT CAST(SERVERPROPERTY('ServerName') AS nvarchar(256)) AS ServerName, CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS ProductVersion, "
        + "CAST(SERVERPROPERTY('Edition') AS nvarchar(128)) AS Edition, CAST(SERVERPROPERTY('InstanceDefaultDataPath') AS nvarchar(512)) AS DataPath, "
        + "CAST(SERVERPROPERTY('InstanceDefaultLogPath') AS nvarchar(512)) AS LogPath, CAST(SERVERPROPERTY('InstanceDefaultBackupPath') AS nvarchar(512)) AS BackupPath, "
        + "DATEDIFF(minute, GETUTCDATE(), GETDATE()) AS UtcOffsetMinutes, @@VERSION AS Product;";

    /// <summary>One database.</summary>
    public const string Database =
        "SELECT d.name, d.state_desc, d.is_in_standby, d.user_access, d.create_date, r.database_guid, r.family_guid, r.recovery_fork_guid, d.recovery_model_desc, r.last_log_backup_lsn, "
        + "CASE WHEN d.replica_id IS NOT NULL THEN ISNULL((SELECT g.name FROM sys.availability_groups AS g "
        + "JOIN sys.availability_databases_cluster AS c ON c.group_id = g.group_id WHERE c.group_database_id = d.group_database_id), N'" + DatabaseFacts.HiddenGroup + "') END AS availability_group "
        + "FROM sys.databases AS d LEFT JOIN sys.database_recovery_status AS r ON r.database_id = d.database_id WHERE d.name = @name;";

    /// <summary>Where the log of a database ends; SQL Server 2016 SP2 and later.</summary>
    public const string LogEnd = "SELECT l.log_end_lsn FROM sys.dm_db_log_stats(DB_ID(@name)) AS l;";

    /// <summary>Where roll-forward of a database's files stands.</summary>
    public const string RedoFiles =
        "SELECT f.file_id, f.type, f.name, f.physical_name, f.state_desc, f.redo_start_lsn, f.redo_start_fork_guid "
        + "FROM sys.master_files AS f WHERE f.database_id = DB_ID(@name) ORDER BY f.file_id;";

    /// <summary>A mark in msdb's history.</summary>
    public const string MarkHistory =
        "SELECT TOP (1) h.database_name, h.mark_name, h.lsn, h.mark_time FROM msdb.dbo.logmarkhistory AS h "
        + "WHERE h.database_name = @database AND h.mark_name = @mark ORDER BY h.mark_time DESC;";

    /// <summary>Whether there is such a database, and such an object.</summary>
    public const string ObjectExists = "SELECT CASE WHEN DB_ID(@database) IS NULL THEN 0 WHEN OBJECT_ID(@object) IS NULL THEN 1 ELSE 2 END;";

    /// <summary>The group, read in the Management database.</summary>
    public const string Group =
        "SELECT TOP (1) g.Name, g.UUID, g.SSOServerName, g.TrackingDBServerName, g.TrackingDBName, g.BamDBServerName, g.BamDBName, g.RuleEngineDBServerName, g.RuleEngineDBName "
        + "FROM dbo.adm_Group AS g ORDER BY g.Id;";

    /// <summary>What a complete set holds, read in the Management database: the view asks for the current database.</summary>
    public const string BackupDatabases = "SELECT v.ServerName, v.DatabaseName FROM dbo.admv_BackupDatabases AS v ORDER BY v.ServerName, v.DatabaseName;";

    /// <summary>The MessageBoxes.</summary>
    public const string MessageBoxes = "SELECT m.DBServerName, m.DBName, m.IsMasterMsgBox FROM dbo.adm_MessageBox AS m;";

    /// <summary>Enlisted databases.</summary>
    public const string OtherDatabases = "SELECT o.DefaultDatabaseName, o.DatabaseName, o.ServerName FROM dbo.adm_OtherBackupDatabases AS o;";

    /// <summary>Backup history, read in the Management database.</summary>
    public const string BackupHistory =
        "SELECT h.BackupSetId, h.MarkName, h.DatabaseName, h.ServerName, h.BackupFileName, h.BackupFileLocation, h.BackupType, h.BackupDateTime, h.SetComplete "
        + "FROM dbo.adm_BackupHistory AS h WHERE h.BackupSetId > @after ORDER BY h.BackupSetId, h.BackupId;";

    /// <summary>Backup sets in msdb, each with the first file of its medium.</summary>
    public const string RecordedBackups =
        "SELECT s.backup_set_uuid, s.server_name, s.database_name, s.type, s.first_lsn, s.last_lsn, s.is_copy_only, s.position, f.physical_device_name "
        + "FROM msdb.dbo.backupset AS s INNER JOIN msdb.dbo.backupmediafamily AS f ON f.media_set_id = s.media_set_id AND f.family_sequence_number = 1 AND f.mirror = 0 "
        + "WHERE s.type IN ('D', 'I', 'L') ORDER BY s.backup_set_id;";

    /// <summary>The newest log backup of a database that left it RESTORING, with the first file of its medium; backups of other servers come into msdb with a restore.</summary>
    public const string ClosingBackup =
        "SELECT TOP (1) f.physical_device_name, s.backup_set_uuid, s.backup_finish_date "
        + "FROM msdb.dbo.backupset AS s INNER JOIN msdb.dbo.backupmediafamily AS f ON f.media_set_id = s.media_set_id AND f.family_sequence_number = 1 AND f.mirror = 0 "
        + "WHERE s.type = 'L' AND s.is_force_offline = 1 AND s.database_name = @database AND s.server_name = CAST(SERVERPROPERTY('ServerName') AS nvarchar(128)) ORDER BY s.backup_set_id DESC;";

    /// <summary>Marks in msdb.</summary>
    public const string RecordedMarks = "SELECT h.database_name, h.mark_name, h.lsn, h.mark_time FROM msdb.dbo.logmarkhistory AS h ORDER BY h.mark_time;";

    /// <summary>What BizTalk's log shipping copied of the source's backup history.</summary>
    public const string ShippedHistory =
        "SELECT h.BackupSetId, h.MarkName, h.DatabaseName, h.ServerName, h.BackupFileName, h.BackupFileLocation, h.BackupType, h.BackupDateTime, h.SetComplete "
        + "FROM master.dbo.bts_LogShippingHistory AS h ORDER BY h.BackupSetId;";

    /// <summary>Ends a transaction that a procedure left open (sp_MarkBTSLogs does when it fails) and leaves its database, in one round trip.</summary>
    public const string EndTransaction = "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION; USE [master];";

    /// <summary>Whether a path is a folder that the server can see.</summary>
    public const string FolderExists = "EXEC master.dbo.xp_fileexist @folder;";

    /// <summary>Files, with sizes, and folders of a folder; SQL Server 2017 and later.</summary>
    public const string Folder =
        "SELECT e.file_or_directory_name, e.is_directory, e.size_in_bytes FROM sys.dm_os_enumerate_filesystem(@folder, N'*') AS e "
        + "WHERE e.level = 0;";

    /// <summary>Files, without sizes, and folders of a folder; every version.</summary>
    public const string FolderOld = "EXEC master.dbo.xp_dirtree @folder, 1, 1;";

    /// <summary>Takes an application lock for this session; gives sp_getapplock's return code (0 and 1: granted).</summary>
    public const string TakeLock =
        "DECLARE @code int; EXEC @code = sys.sp_getapplock @Resource = @resource, @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = @wait; SELECT @code;";

    /// <summary>In which mode this session holds an application lock.</summary>
    public const string LockMode = "SELECT APPLOCK_MODE('public', @resource, 'Session');";

    /// <summary>Jobs with a step in a database.</summary>
    public const string Jobs =
        "SELECT DISTINCT j.job_id, j.name, j.enabled FROM msdb.dbo.sysjobs AS j INNER JOIN msdb.dbo.sysjobsteps AS s ON s.job_id = j.job_id WHERE s.database_name = @database;";

    /// <summary>Enables or disables a job.</summary>
    public const string SetJobEnabled = "EXEC msdb.dbo.sp_update_job @job_id = @id, @enabled = @enabled;";

    /// <summary>Writes a name as a delimited identifier.</summary>
    public static string Name(string name) => SqlNames.Quote(name);

    /// <summary>Writes a text as a Unicode literal.</summary>
    public static string Literal(string text) => "N'" + text.Replace("'", "''") + "'";

    /// <summary>RESTORE VERIFYONLY with checksums, which SMO drops.</summary>
    public static string Verify(string path, int position, bool checksum) =>
        string.Format(CultureInfo.InvariantCulture, "RESTORE VERIFYONLY FROM {0} WITH FILE = {1}{2};", Device(path), position, checksum ? ", CHECKSUM" : string.Empty);

    /// <summary>The restore statements without a backup, and (for reading and tests) those with one.</summary>
    public static string Restore(RestoreStatement statement) => statement.Action switch
    {
        RestoreAction.Standby => $"RESTORE DATABASE {Name(statement.Database)} WITH STANDBY = {Literal(statement.StandbyFile ?? throw new ArgumentException("A standby needs an undo file.", nameof(statement)))};",
        RestoreAction.Resume => $"RESTORE DATABASE {Name(statement.Database)} WITH NORECOVERY;",
        RestoreAction.BringBack => $"RESTORE DATABASE {Name(statement.Database)} WITH RECOVERY;",
        RestoreAction.Recover => $"RESTORE DATABASE {Name(statement.Database)} WITH RECOVERY, RESTRICTED_USER;",
        _ => RestoreFrom(statement),
    };

    /// <summary>Backs up the tail of a log: never over a file that is there, and with checksums.</summary>
    public static string BackUpTail(TailStatement tail) => string.Format(
        CultureInfo.InvariantCulture,
        "BACKUP LOG {0} TO {1} WITH {2}, CHECKSUM, STATS = 5;",
        Name(tail.Database),
        Device(tail.Path),
        tail.IsDamaged ? "NO_TRUNCATE" : "NORECOVERY");

    /// <summary>Changes who may connect.</summary>
    public static string SetAccess(string database, DatabaseAccess access) => string.Format(
        CultureInfo.InvariantCulture,
        "ALTER DATABASE {0} SET {1} WITH ROLLBACK IMMEDIATE;",
        Name(database),
        access switch { DatabaseAccess.SingleUser => "SINGLE_USER", DatabaseAccess.RestrictedUser => "RESTRICTED_USER", _ => "MULTI_USER" });

    /// <summary>Puts a database under another name.</summary>
    public static string Rename(string database, string name) => $"ALTER DATABASE {Name(database)} MODIFY NAME = {Name(name)};";

    /// <summary>Counts a mark in MarkLog.</summary>
    public static string CountMark(string database) => $"SELECT COUNT(*) FROM {Name(database)}.dbo.MarkLog WHERE MarkName = @mark;";

    /// <summary>Finds the mark with the newest stamp: the last 23 characters, which sort as text.</summary>
    public static string NewestMark(string database) => $"SELECT TOP (1) MarkName FROM {Name(database)}.dbo.MarkLog WHERE MarkName IS NOT NULL ORDER BY RIGHT(MarkName, 23) DESC;";

    /// <summary>Reads the newest restores of a database.</summary>
    public static string RestoreHistory(int rows) => string.Format(
        CultureInfo.InvariantCulture,
        "SELECT TOP ({0}) r.restore_history_id, r.destination_database_name, r.restore_type, r.stop_at_mark_name, r.recovery, b.backup_set_uuid, r.restore_date, b.last_lsn, b.last_recovery_fork_guid "
        + "FROM msdb.dbo.restorehistory AS r LEFT JOIN msdb.dbo.backupset AS b ON b.backup_set_id = r.backup_set_id WHERE r.destination_database_name = @database ORDER BY r.restore_history_id DESC;",
        rows);

    /// <summary>Calls one of the group's procedures, with parameters named @MarkName, @BackupPath, @UseLocalTime, @bCompression.</summary>
    public static string Call(GroupProcedure procedure) => procedure switch
    {
        GroupProcedure.SetBackupCompression => "EXEC dbo.sp_SetBackupCompression @bCompression = @bCompression;",
        GroupProcedure.ForceFullBackup => "EXEC dbo.sp_ForceFullBackup;",
        GroupProcedure.BackupAllFull => "EXEC dbo.sp_BackupAllFull_Schedule @Frequency = N'd', @MarkName = @MarkName, @BackupPath = @BackupPath, @UseLocalTime = @UseLocalTime;",
        GroupProcedure.MarkAll => "EXEC dbo.sp_MarkAll @MarkName = @MarkName, @BackupPath = @BackupPath, @UseLocalTime = @UseLocalTime;",
        _ => throw new ArgumentOutOfRangeException(nameof(procedure)),
    };

    /// <summary>Whether the path is a URL for blob storage.</summary>
    public static bool IsUrl(string path) => path.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || path.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    private static string Device(string path) => (IsUrl(path) ? "URL = " : "DISK = ") + Literal(path);

    private static string RestoreFrom(RestoreStatement statement)
    {
        if (statement.Path is null)
        {
            throw new ArgumentException("This restore needs a backup file.", nameof(statement));
        }

        var text = new StringBuilder();
        text.Append("RESTORE ").Append(statement.Action == RestoreAction.Log ? "LOG " : "DATABASE ").Append(Name(statement.Database)).Append(" FROM ").Append(Device(statement.Path));
        foreach (string stripe in statement.Stripes)
        {
            text.Append(", ").Append(Device(stripe));
        }

        text.AppendFormat(CultureInfo.InvariantCulture, " WITH FILE = {0}, NORECOVERY", statement.Position);
        foreach (FileMove move in statement.Moves)
        {
            text.Append(", MOVE ").Append(Literal(move.LogicalName)).Append(" TO ").Append(Literal(move.PhysicalName));
        }

        if (statement.Replace)
        {
            text.Append(", REPLACE");
        }

        if (statement.StopAtMark is { } mark)
        {
            text.Append(", STOPATMARK = ").Append(Literal(mark));
        }

        if (statement.Checksum)
        {
            text.Append(", CHECKSUM");
        }

        if (statement.Transfer is { } transfer)
        {
            text.AppendFormat(CultureInfo.InvariantCulture, ", BUFFERCOUNT = {0}, MAXTRANSFERSIZE = {1}", transfer.BufferCount, transfer.MaxTransferBytes);
        }

        return text.Append(", STATS = 5;").ToString();
    }
}
