-- Run in: every backed-up database, custom ones included. May be run again: it replaces what is there.
IF DATABASE_PRINCIPAL_ID(N'BTS_BACKUP_USERS') IS NULL
    CREATE ROLE BTS_BACKUP_USERS;
GO

CREATE OR ALTER PROCEDURE dbo.sp_GetServerName
    @name sysname OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    SET @name = CAST(SERVERPROPERTY('servername') AS nvarchar(128));
    RETURN 0;
END
GO

CREATE OR ALTER PROCEDURE dbo.sp_GetServerVersion
    @version int OUTPUT
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @text nvarchar(128) = CAST(SERVERPROPERTY('productversion') AS nvarchar(128));
    SET @version = CAST(LEFT(@text, CHARINDEX(N'.', @text) - 1) AS int);
    RETURN 0;
END
GO

-- The transaction is already marked on this server: a nested one is enough.
CREATE OR ALTER PROCEDURE dbo.sp_SetMark
    @name nvarchar(128)
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @failed int;

    BEGIN TRANSACTION @name;
    INSERT INTO dbo.MarkLog (MarkName) VALUES (@name);
    SET @failed = @@ERROR;
    COMMIT TRANSACTION @name;
    RETURN @failed;
END
GO

-- The first database of a further server: its branch of the transaction gets the mark here.
CREATE OR ALTER PROCEDURE dbo.sp_SetMarkRemote
    @name nvarchar(128)
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @failed int;

    BEGIN TRANSACTION @name WITH MARK N'Mark of the group backup';
    INSERT INTO dbo.MarkLog (MarkName) VALUES (@name);
    SET @failed = @@ERROR;
    COMMIT TRANSACTION @name;
    RETURN @failed;
END
GO

-- A 3013 with compression on is tried again without; every other error that the first attempt catches is lost.
CREATE OR ALTER PROCEDURE dbo.sp_BackupBizTalk
    @DBName sysname,
    @BackupLocation nvarchar(4000),
    @bCompression bit,
    @BackupType nvarchar(20)
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @statement nvarchar(max), @device nvarchar(4), @plain bit = 1, @failed int = 0;

    SET @device = CASE WHEN @BackupLocation LIKE N'http%' THEN N'URL' ELSE N'DISK' END;
    SET @statement = N'BACKUP ' + @BackupType + N' ' + QUOTENAME(@DBName)
        + N' TO ' + @device + N' = N''' + REPLACE(@BackupLocation, N'''', N'''''') + N''' WITH ';

    IF @bCompression = 1
    BEGIN
        DECLARE @compressed nvarchar(max) = @statement + N'COMPRESSION';
        SET @plain = 0;
        BEGIN TRY
            EXEC (@compressed);
        END TRY
        BEGIN CATCH
            IF ERROR_NUMBER() = 3013
                SET @plain = 1;
        END CATCH
    END

    IF @plain = 1
    BEGIN
        SET @statement = @statement + N'NO_COMPRESSION';
        EXEC (@statement);
        SET @failed = @@ERROR;
    END

    RETURN @failed;
END
GO

CREATE OR ALTER PROCEDURE dbo.sp_BackupBizTalkFull
    @seq nvarchar(128),
    @path nvarchar(3000),
    @BackupLocation nvarchar(4000) OUTPUT,
    @bCompression bit = 0
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @server nvarchar(128), @database sysname = DB_NAME(), @folder nvarchar(3001) = @path, @failed int;

    -- The conversion names no length: 30 characters of the server's name get into the file name.
    SET @server = REPLACE(CAST(SERVERPROPERTY('servername') AS nvarchar), N'\', N'_');
    IF @folder LIKE N'http%'
        SET @folder = REPLACE(@folder, N'\', N'/');
    IF RIGHT(@folder, 1) NOT IN (N'\', N'/')
        SET @folder = @folder + CASE WHEN @folder LIKE N'http%' OR @folder LIKE N'/%' THEN N'/' ELSE N'\' END;

    SET @BackupLocation = @folder + @server + N'_' + @database + N'_Full_' + @seq + N'.bak';
    EXEC @failed = dbo.sp_BackupBizTalk @database, @BackupLocation, @bCompression, N'DATABASE';
    RETURN @failed;
END
GO

CREATE OR ALTER PROCEDURE dbo.sp_BackupBizTalkLog
    @seq nvarchar(128),
    @path nvarchar(3000),
    @BackupLocation nvarchar(4000) OUTPUT,
    @bCompression bit = 0
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @server nvarchar(128), @database sysname = DB_NAME(), @folder nvarchar(3001) = @path, @failed int;

    -- In a blob address the other slash is replaced, so a named instance keeps its backslash there (logs only).
    SET @server = REPLACE(CAST(SERVERPROPERTY('servername') AS nvarchar), CASE WHEN @folder LIKE N'http%' THEN N'/' ELSE N'\' END, N'_');
    IF @folder LIKE N'http%'
        SET @folder = REPLACE(@folder, N'\', N'/');
    IF RIGHT(@folder, 1) NOT IN (N'\', N'/')
        SET @folder = @folder + CASE WHEN @folder LIKE N'http%' OR @folder LIKE N'/%' THEN N'/' ELSE N'\' END;

    SET @BackupLocation = @folder + @server + N'_' + @database + N'_Log_' + @seq + N'.bak';
    EXEC @failed = dbo.sp_BackupBizTalk @database, @BackupLocation, @bCompression, N'LOG';
    RETURN @failed;
END
GO

-- Marks are compared as text: a changed mark name, or an hour that comes twice, confuses it.
CREATE OR ALTER PROCEDURE dbo.sp_CleanUpMarkLog
    @MarkName nvarchar(128)
AS
BEGIN
    SET NOCOUNT ON;
    DELETE FROM dbo.MarkLog WHERE MarkName <= @MarkName;
    RETURN @@ERROR;
END
GO

GRANT EXECUTE ON dbo.sp_GetServerName TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_GetServerVersion TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_SetMark TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_SetMarkRemote TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_BackupBizTalk TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_BackupBizTalkFull TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_BackupBizTalkLog TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_CleanUpMarkLog TO BTS_BACKUP_USERS;
GO
