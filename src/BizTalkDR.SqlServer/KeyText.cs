namespace BizTalkDR.SqlServer;

/// <summary>The query and the statement for certificates that encrypt databases and backups.</summary>
public static class KeyText
{
    /// <summary>Thumbprint, database, whether it is a backup (sys.dm_database_encryption_keys, backupset.encryptor_thumbprint).</summary>
    public const string Uses =
        "SELECT CONVERT(nvarchar(200), k.encryptor_thumbprint, 1) AS thumbprint, DB_NAME(k.database_id) AS name, 0 AS is_backup FROM sys.dm_database_encryption_keys AS k "
        + "WHERE k.encryptor_thumbprint IS NOT NULL AND DB_NAME(k.database_id) IS NOT NULL UNION SELECT CONVERT(nvarchar(200), b.encryptor_thumbprint, 1), b.database_name, 1 FROM msdb.dbo.backupset AS b "
        + "WHERE b.encryptor_thumbprint IS NOT NULL AND b.database_name IS NOT NULL;";

    /// <summary>BACKUP CERTIFICATE takes no parameters: its text is put together on the server.</summary>
    public const string BackUp =
        "DECLARE @text nvarchar(max) = N'BACKUP CERTIFICATE ' + QUOTENAME(@name) + N' TO FILE = N''' + REPLACE(@path, N'''', N'''''') + N''' WITH PRIVATE KEY (FILE = N''' + REPLACE(@key, N'''', N'''''') "
        + "+ N''', ENCRYPTION BY PASSWORD = N''' + REPLACE(@password, N'''', N'''''') + N''')'; EXEC (@text);";
}
