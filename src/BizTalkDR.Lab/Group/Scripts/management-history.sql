-- Run in: the Management database. Reading and trimming the history; who may run what.

CREATE PROCEDURE dbo.sp_GetBackupHistory
    @LastBackupSetId bigint = NULL
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @code int;

    -- The writer's lock, so that half a set is never read.
    EXEC @code = dbo.sp_AcquireBackupWriterLock;
    IF @code < 0
    BEGIN
        RAISERROR(N'Failed taking the lock of the backup history.', 16, 1);
        RETURN @code;
    END
    SELECT BackupId, BackupSetId, MarkName, DatabaseName, ServerName, BackupFileName, BackupFileLocation, BackupType, BackupDateTime, SetComplete
    FROM dbo.adm_BackupHistory
    WHERE BackupSetId > ISNULL(@LastBackupSetId, 0)
    ORDER BY BackupSetId;
    EXEC @code = dbo.sp_ReleaseBackupWriterLock;
    RETURN @code;
END
GO

-- Forgets old sets, whole ones only; a full is kept until there is a newer one. Files are never touched.
CREATE PROCEDURE dbo.sp_DeleteBackupHistory
    @DaysToKeep smallint = NULL,
    @UseLocalTime bit = 0
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @members TABLE
    (
        Position int IDENTITY(1,1) PRIMARY KEY,
        ServerName nvarchar(128) NOT NULL,
        DatabaseName nvarchar(128) NOT NULL
    );
    DECLARE @limit datetime, @mark nvarchar(32), @newestFull bigint, @at int = 1, @count int, @code int;
    DECLARE @server nvarchar(128), @database nvarchar(128), @procedure nvarchar(800);

    IF @DaysToKeep IS NULL OR @DaysToKeep <= 0
        RETURN 0;

    SET @limit = DATEADD(day, -@DaysToKeep, CASE WHEN @UseLocalTime = 1 THEN GETDATE() ELSE GETUTCDATE() END);
    SELECT @mark = MAX(MarkName) FROM dbo.adm_BackupHistory WHERE BackupType = 'lg' AND BackupDateTime < @limit;
    SELECT @newestFull = MAX(BackupSetId) FROM dbo.adm_BackupHistory WHERE BackupType = 'db';

    DELETE FROM dbo.adm_BackupHistory WHERE BackupType = 'lg' AND BackupDateTime < @limit;
    DELETE FROM dbo.adm_BackupHistory WHERE BackupType = 'db' AND BackupDateTime < @limit AND BackupSetId < @newestFull;

    IF @mark IS NULL
        RETURN 0;

    INSERT INTO @members (ServerName, DatabaseName) SELECT ServerName, DatabaseName FROM dbo.admv_BackupDatabases;
    SELECT @count = COUNT(*) FROM @members;
    WHILE @at <= @count
    BEGIN
        SELECT @server = ServerName, @database = DatabaseName FROM @members WHERE Position = @at;
        SET @procedure = dbo.fn_MemberProcedure(@server, @database, N'sp_CleanUpMarkLog');
        SET @code = NULL;
        EXEC @code = @procedure @mark;
        IF @@ERROR <> 0 OR ISNULL(@code, 1) <> 0
        BEGIN
            RAISERROR(N'Failed trimming the marks of %s.%s.', 16, 1, @server, @database);
            RETURN 1;
        END
        SET @at = @at + 1;
    END
    RETURN 0;
END
GO

GRANT EXECUTE ON dbo.sp_BackupAllFull_Schedule TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_BackupAllFull TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_MarkAll TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_BuildFullMarkName TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_ForceFullBackup TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_SetBackupCompression TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_DeleteBackupHistory TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_GetBackupHistory TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_GetBackupDatabasesForServer TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_GetNextBackupSetId TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_AcquireBackupWriterLock TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_ReleaseBackupWriterLock TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_GetRemoteServerName TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_GetLinkedServerQTimeout TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_GetFileNameFromFilePath TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_IsSSODB TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.fn_MemberProcedure TO BTS_BACKUP_USERS;
GRANT EXECUTE ON dbo.sp_GetBackupDatabaseLocation TO BTS_OPERATORS;
GRANT EXECUTE ON dbo.sp_GetBackupDatabaseLocation TO BTS_ADMIN_USERS;
GRANT EXECUTE ON dbo.sp_GetBackupDatabaseLocation TO BTS_READONLY_USERS;
GRANT EXECUTE ON dbo.trk_UpdateOtherBackupDatabases TO BTS_ADMIN_USERS;
GO
