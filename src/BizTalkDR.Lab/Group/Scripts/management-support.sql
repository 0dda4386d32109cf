-- Run in: the Management database. What the backup procedures are made of.
CREATE ROLE BTS_ADMIN_USERS;
GO
CREATE ROLE BTS_OPERATORS;
GO
CREATE ROLE BTS_READONLY_USERS;
GO

-- A member's procedure, as a name that can be called from here.
CREATE FUNCTION dbo.fn_MemberProcedure (@ServerName nvarchar(128), @DatabaseName nvarchar(128), @Procedure nvarchar(128))
RETURNS nvarchar(800)
AS
BEGIN
    RETURN CASE WHEN @ServerName = CAST(SERVERPROPERTY('servername') AS nvarchar(128)) THEN N'' ELSE QUOTENAME(@ServerName) + N'.' END
        + QUOTENAME(@DatabaseName) + N'.[dbo].' + QUOTENAME(@Procedure);
END
GO

CREATE FUNCTION dbo.sp_IsSSODB (@BackupServer sysname, @BackupDB sysname)
RETURNS int
AS
BEGIN
    IF EXISTS (SELECT 1 FROM dbo.adm_OtherBackupDatabases
               WHERE DefaultDatabaseName = N'SSO' AND ServerName = @BackupServer AND DatabaseName = @BackupDB)
        RETURN 1;
    RETURN 0;
END
GO

-- Product "SQL Server" and nothing more: RPC Out and the logins stay as the server makes them.
CREATE PROCEDURE dbo.bts_SafeAddLinkedServer
    @linkedServer sysname
AS
BEGIN
    SET NOCOUNT ON;
    IF @linkedServer = CAST(SERVERPROPERTY('servername') AS nvarchar(128))
        RETURN 0;
    IF NOT EXISTS (SELECT 1 FROM sys.servers WHERE name = @linkedServer)
        EXEC sp_addlinkedserver @server = @linkedServer, @srvproduct = N'SQL Server';
    RETURN 0;
END
GO

CREATE PROCEDURE dbo.sp_GetRemoteServerName
    @ServerName nvarchar(256),
    @DatabaseName sysname,
    @RemoteServerName sysname OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @procedure nvarchar(800), @code int, @failed int;

    SET @RemoteServerName = NULL;
    SET @procedure = dbo.fn_MemberProcedure(@ServerName, @DatabaseName, N'sp_GetServerName');
    EXEC @code = @procedure @RemoteServerName OUTPUT;
    SET @failed = @@ERROR;
    IF @failed <> 0 OR @RemoteServerName IS NULL
        RETURN 1;
    RETURN 0;
END
GO

-- Seconds that a call to the server may take; 0 = for ever.
CREATE PROCEDURE dbo.sp_GetLinkedServerQTimeout
    @server sysname
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @seconds int;

    SELECT @seconds = query_timeout FROM sys.servers WHERE name = @server;
    IF ISNULL(@seconds, 0) = 0
        SELECT @seconds = CAST(value_in_use AS int) FROM sys.configurations WHERE name = N'remote query timeout (s)';
    RETURN ISNULL(@seconds, 0);
END
GO

CREATE PROCEDURE dbo.sp_GetFileNameFromFilePath
    @FilePath nvarchar(4000),
    @FileName nvarchar(500) OUTPUT,
    @FileLocation nvarchar(3000) OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @separator nchar(1), @length int;

    SET @separator = CASE WHEN @FilePath LIKE N'http%' OR @FilePath LIKE N'/%' THEN N'/' ELSE N'\' END;
    SET @length = CHARINDEX(@separator, REVERSE(@FilePath)) - 1;
    IF @length < 0
        SET @length = LEN(@FilePath);
    SET @FileName = RIGHT(@FilePath, @length);
    SET @FileLocation = LEFT(@FilePath, LEN(@FilePath) - @length);
    RETURN 0;
END
GO

-- Only letters and digits are safe in the name: "]", "?", "=" and the backtick pass through.
CREATE PROCEDURE dbo.sp_BuildFullMarkName
    @MarkName nvarchar(8),
    @TimeStamp datetime = NULL,
    @UseLocalTime bit = 0,
    @FullMarkName nvarchar(32) OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @text nvarchar(64), @replaced nvarchar(64), @at int = 1;

    IF @TimeStamp IS NULL
        SET @TimeStamp = CASE WHEN @UseLocalTime = 1 THEN GETDATE() ELSE GETUTCDATE() END;

    SET @text = @MarkName + N'_' + CONVERT(nvarchar(23), @TimeStamp, 121);
    SET @text = REPLACE(REPLACE(@text, N'''', N''), N'"', N'');
    SET @replaced = N' -:.,;!@#%^&*()+{}[|\/<>~' + NCHAR(36);
    WHILE @at <= LEN(@replaced)
    BEGIN
        SET @text = REPLACE(@text, SUBSTRING(@replaced, @at, 1), N'_');
        SET @at = @at + 1;
    END

    SET @FullMarkName = @text;
    RETURN 0;
END
GO

CREATE PROCEDURE dbo.sp_GetNextBackupSetId
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @next bigint;

    BEGIN TRANSACTION;
    SELECT @next = NextBackupSetId FROM dbo.adm_BackupSetId WITH (UPDLOCK, HOLDLOCK);
    UPDATE dbo.adm_BackupSetId SET NextBackupSetId = @next + 1;
    COMMIT TRANSACTION;
    RETURN @next;
END
GO

CREATE PROCEDURE dbo.sp_AcquireBackupWriterLock
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @code int;
    EXEC @code = sp_getapplock @Resource = N'BTS_BackupJob_Lock', @LockMode = N'Exclusive', @LockOwner = N'Session';
    RETURN @code;
END
GO

CREATE PROCEDURE dbo.sp_ReleaseBackupWriterLock
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @code int;
    EXEC @code = sp_releaseapplock @Resource = N'BTS_BackupJob_Lock', @LockOwner = N'Session';
    RETURN @code;
END
GO

CREATE PROCEDURE dbo.sp_GetBackupDatabasesForServer
    @ServerName sysname = NULL
AS
BEGIN
    SET NOCOUNT ON;
    SELECT ServerName, DatabaseName FROM dbo.admv_BackupDatabases WHERE @ServerName IS NULL OR ServerName = @ServerName;
    RETURN 0;
END
GO

CREATE PROCEDURE dbo.sp_GetBackupDatabaseLocation
    @DefaultDatabaseName nvarchar(128)
AS
BEGIN
    SET NOCOUNT ON;
    SELECT ServerName, DatabaseName FROM dbo.adm_OtherBackupDatabases WHERE DefaultDatabaseName = @DefaultDatabaseName;
    RETURN 0;
END
GO

CREATE PROCEDURE dbo.trk_UpdateOtherBackupDatabases
    @DatabaseName nvarchar(128),
    @ServerName nvarchar(80),
    @DefaultDatabaseName nvarchar(128)
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE dbo.adm_OtherBackupDatabases
    SET DatabaseName = @DatabaseName, ServerName = @ServerName, BTSServerName = @ServerName
    WHERE DefaultDatabaseName = @DefaultDatabaseName;
    RETURN 0;
END
GO

CREATE PROCEDURE dbo.sp_ForceFullBackup
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE dbo.adm_BackupSettings SET ForceFull = 1;
    RETURN 0;
END
GO

CREATE PROCEDURE dbo.sp_SetBackupCompression
    @bCompression bit
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE dbo.adm_BackupSettings SET UseCompression = @bCompression;
    RETURN 0;
END
GO
