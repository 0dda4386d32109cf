using System;
using BizTalkDR.Ports;

namespace BizTalkDR.SqlServer;

/// <summary>The statements that look after what a restore leaves behind.</summary>
public static class UpkeepText
{
    /// <summary>A database, its owner, and its newest restore and full backup on this instance.</summary>
    public const string Database =
        "SELECT d.recovery_model_desc, SUSER_SNAME(d.owner_sid) AS owner, "
        + "(SELECT MAX(r.restore_date) FROM msdb.dbo.restorehistory AS r WHERE r.destination_database_name = d.name) AS restored, "
        + "(SELECT MAX(b.backup_finish_date) FROM msdb.dbo.backupset AS b WHERE b.database_name = d.name AND b.type = 'D' AND b.is_copy_only = 0) AS backed_up "
        + "FROM sys.databases AS d WHERE d.name = @name;";

    /// <summary>Linked servers; the instance itself is in the view, too.</summary>
    public const string LinkedServers = "SELECT s.name, s.is_rpc_out_enabled FROM sys.servers AS s WHERE s.is_linked = 1 ORDER BY s.name;";

    /// <summary>Agent jobs.</summary>
    public const string Jobs = "SELECT j.name, j.enabled FROM msdb.dbo.sysjobs AS j ORDER BY j.name;";

    /// <summary>Steps of Agent jobs.</summary>
    public const string JobSteps =
        "SELECT j.name, s.step_id, s.command, s.database_name FROM msdb.dbo.sysjobsteps AS s JOIN msdb.dbo.sysjobs AS j ON j.job_id = s.job_id ORDER BY j.name, s.step_id;";

    /// <summary>Whether a full is forced, read in the Management database.</summary>
    public const string ForcedFull = "SELECT CAST(COUNT(*) AS int) FROM dbo.adm_BackupSettings WHERE ForceFull = 1;";

    /// <summary>Users whose SID no login has. Users without a login by intent have authentication type 0.</summary>
    public static string OrphanedUsers(string database) =>
        $"SELECT u.name, u.type, (SELECT COUNT(*) FROM sys.server_principals AS n WHERE n.name = u.name AND n.type = u.type) AS namesakes "
        + $"FROM {SqlText.Name(database)}.sys.database_principals AS u LEFT JOIN sys.server_principals AS l ON l.sid = u.sid "
        + "WHERE u.type IN ('S', 'U', 'G') AND u.authentication_type IN (1, 3) AND u.principal_id > 4 AND l.sid IS NULL ORDER BY u.name;";

    /// <summary>Whether dbo has the owner's SID; whether the backup role is there; its members.</summary>
    public static string Roles(string database) =>
        $"SELECT (SELECT COUNT(*) FROM sys.databases AS d JOIN {SqlText.Name(database)}.sys.database_principals AS o ON o.name = N'dbo' AND o.sid = d.owner_sid WHERE d.name = @name) AS fits, "
        + $"(SELECT COUNT(*) FROM {SqlText.Name(database)}.sys.database_principals AS r WHERE r.name = N'BTS_BACKUP_USERS' AND r.type = 'R') AS roles, "
        + $"(SELECT COUNT(*) FROM {SqlText.Name(database)}.sys.database_role_members AS m JOIN {SqlText.Name(database)}.sys.database_principals AS r ON r.principal_id = m.role_principal_id "
        + "WHERE r.name = N'BTS_BACKUP_USERS') AS members;";

    /// <summary>Users with logins, and whether each is in the backup role.</summary>
    public static string MappedUsers(string database) =>
        $"SELECT u.name, l.name, (SELECT COUNT(*) FROM {SqlText.Name(database)}.sys.database_role_members AS m JOIN {SqlText.Name(database)}.sys.database_principals AS r ON r.principal_id = m.role_principal_id "
        + "WHERE r.name = N'BTS_BACKUP_USERS' AND m.member_principal_id = u.principal_id) AS in_role "
        + $"FROM {SqlText.Name(database)}.sys.database_principals AS u JOIN sys.server_principals AS l ON l.sid = u.sid WHERE u.type IN ('S', 'U', 'G') ORDER BY u.name;";

    /// <summary>A statement that mends something. Values go in as parameters @name, @step and @text where T-SQL takes them.</summary>
    public static string Mend(UpkeepStatement statement) => statement.Action switch
    {
        UpkeepAction.MapUser => $"ALTER USER {SqlText.Name(statement.Name)} WITH LOGIN = {SqlText.Name(statement.Name)};",
        UpkeepAction.SetOwner => $"ALTER AUTHORIZATION ON DATABASE::{SqlText.Name(statement.Database ?? throw new ArgumentException("An owner owns a database.", nameof(statement)))} TO {SqlText.Name(statement.Name)};",
        UpkeepAction.CreateUser => $"CREATE USER {SqlText.Name(statement.Name)} FOR LOGIN {SqlText.Name(statement.Name)};",
        UpkeepAction.AddBackupUser => $"ALTER ROLE BTS_BACKUP_USERS ADD MEMBER {SqlText.Name(statement.Name)};",
        UpkeepAction.AddLinkedServer => "EXEC master.dbo.sp_addlinkedserver @server = @name, @srvproduct = N'SQL Server';",
        UpkeepAction.AllowRpcOut => "EXEC master.dbo.sp_serveroption @server = @name, @optname = 'rpc out', @optvalue = 'true';",
        UpkeepAction.SetJobStep => "EXEC msdb.dbo.sp_update_jobstep @job_name = @name, @step_id = @step, @command = @text;",
        UpkeepAction.EnableJob => "EXEC msdb.dbo.sp_update_job @job_name = @name, @enabled = 1;",
        _ => throw new ArgumentOutOfRangeException(nameof(statement)),
    };
}
