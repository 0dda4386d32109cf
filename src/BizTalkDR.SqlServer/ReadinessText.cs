namespace BizTalkDR.SqlServer;

/// <summary>The questions that a preflight asks an instance.</summary>
public static class ReadinessText
{
    /// <summary>Computer, collation, and what the login may do; one row.</summary>
    /// <remarks>RESTORE needs CREATE DATABASE, or the role dbcreator for a database that exists; views of the server show all their rows with VIEW SERVER STATE and VIEW ANY DEFINITION.</remarks>
    public const string Login =
        "SELECT CAST(SERVERPROPERTY('ComputerNamePhysicalNetBIOS') AS nvarchar(128)) AS computer, CAST(SERVERPROPERTY('Collation') AS nvarchar(128)) AS collation, "
        + "IS_SRVROLEMEMBER('sysadmin') AS is_sysadmin, IS_SRVROLEMEMBER('dbcreator') AS is_dbcreator, HAS_PERMS_BY_NAME(NULL, NULL, 'CREATE ANY DATABASE') AS may_create, "
        + "HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE') AS may_see_state, HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW ANY DEFINITION') AS may_see_definitions;";

    /// <summary>Files of every database; sizes are in pages of 8 KB.</summary>
    public const string Files = "SELECT DB_NAME(f.database_id), f.physical_name, CAST(f.size AS bigint) * 8192 FROM sys.master_files AS f;";

    /// <summary>Volumes that hold files of databases.</summary>
    public const string Volumes =
        "SELECT v.volume_mount_point, v.volume_id, MIN(v.available_bytes) FROM sys.master_files AS f "
        + "CROSS APPLY sys.dm_os_volume_stats(f.database_id, f.file_id) AS v GROUP BY v.volume_mount_point, v.volume_id;";

    /// <summary>Name of the computer, and whether the login may ask for its volumes and memory.</summary>
    public const string Computer = "SELECT CAST(SERVERPROPERTY('ComputerNamePhysicalNetBIOS') AS nvarchar(128)) AS computer, HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE') AS may_see_state;";

    /// <summary>Memory that is free on the computer.</summary>
    public const string Memory = "SELECT m.available_physical_memory_kb * 1024, m.system_low_memory_signal_state FROM sys.dm_os_sys_memory AS m;";

    /// <summary>What in master can decrypt a database or a backup. pvt_key_encryption_type NA: without its private key.</summary>
    public const string Keys =
        "SELECT c.name, c.thumbprint, c.pvt_key_encryption_type FROM master.sys.certificates AS c WHERE c.thumbprint IS NOT NULL "
        + "UNION ALL SELECT a.name, a.thumbprint, a.pvt_key_encryption_type FROM master.sys.asymmetric_keys AS a WHERE a.thumbprint IS NOT NULL;";

    /// <summary>Credentials that hold a shared access signature: their names are the containers' URLs.</summary>
    public const string SharedAccessCredentials = "SELECT c.name FROM sys.credentials AS c WHERE c.credential_identity = N'SHARED ACCESS SIGNATURE';";

    /// <summary>Users' sessions in databases, without this one.</summary>
    public const string Sessions =
        "SELECT DB_NAME(s.database_id), s.login_name, s.host_name, s.program_name FROM sys.dm_exec_sessions AS s "
        + "WHERE s.is_user_process = 1 AND s.session_id <> @@SPID AND s.database_id > 4;";

    /// <summary>Whether there is a file, a folder, and the folder above it.</summary>
    public const string Path = "EXEC master.dbo.xp_fileexist @path;";
}
