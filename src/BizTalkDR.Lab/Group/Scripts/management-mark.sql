-- Run in: the Management database. Placing the mark, and the log pass.

-- Keeps the event bus from writing until the marked transaction ends.
CREATE PROCEDURE dbo.sp_BlockTDDS
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @server nvarchar(128), @database nvarchar(128), @procedure nvarchar(800), @code int, @failed int;

    SELECT @server = TrackingDBServerName, @database = TrackingDBName FROM dbo.adm_Group;
    IF ISNULL(@server, N'') = N''
        RETURN 0;
    SET @procedure = dbo.fn_MemberProcedure(@server, @database, N'TDDS_BlockTDDS');
    EXEC @code = @procedure;
    SET @failed = @@ERROR;
    IF @failed <> 0 OR ISNULL(@code, 1) <> 0
        RETURN 1;
    RETURN 0;
END
GO

-- Raises an error and leaves the transaction open when it fails: whoever calls it must look at @@TRANCOUNT.
CREATE PROCEDURE dbo.sp_MarkBTSLogs
    @MarkName nvarchar(32)
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @members TABLE
    (
        Position int IDENTITY(1,1) PRIMARY KEY,
        ServerName nvarchar(128) NOT NULL,
        DatabaseName nvarchar(128) NOT NULL,
        RealServer nvarchar(128) NULL
    );
    DECLARE @at int = 1, @count int, @code int, @failed int;
    DECLARE @server nvarchar(128), @database nvarchar(128), @real nvarchar(128), @local nvarchar(128), @procedure nvarchar(800);

    SET @local = CAST(SERVERPROPERTY('servername') AS nvarchar(128));
    INSERT INTO @members (ServerName, DatabaseName) SELECT ServerName, DatabaseName FROM dbo.admv_BackupDatabases;
    SELECT @count = COUNT(*) FROM @members;

    -- Names in the list may be aliases: each database is asked where it really lives.
    WHILE @at <= @count
    BEGIN
        SELECT @server = ServerName, @database = DatabaseName FROM @members WHERE Position = @at;
        EXEC dbo.bts_SafeAddLinkedServer @server;
        SET @code = NULL;
        EXEC @code = dbo.sp_GetRemoteServerName @server, @database, @real OUTPUT;
        IF ISNULL(@code, 1) <> 0
        BEGIN
            RAISERROR(N'Failed asking %s.%s for the name of its server.', 16, 1, @server, @database);
            RETURN 1;
        END
        UPDATE @members SET RealServer = @real WHERE Position = @at;
        SET @at = @at + 1;
    END

    BEGIN TRANSACTION @MarkName WITH MARK N'Mark of the group backup';

    SET @code = NULL;
    EXEC @code = dbo.sp_BlockTDDS;
    IF ISNULL(@code, 1) <> 0
    BEGIN
        RAISERROR(N'Failed blocking the event bus.', 16, 1);
        RETURN 1;
    END

    SET @at = 1;
    WHILE @at <= @count
    BEGIN
        SELECT @server = ServerName, @database = DatabaseName, @real = RealServer FROM @members WHERE Position = @at;
        -- WITH MARK once for each further server: the second time would only earn a warning (3920).
        IF @real = @local OR EXISTS (SELECT 1 FROM @members WHERE RealServer = @real AND Position < @at)
            SET @procedure = dbo.fn_MemberProcedure(@server, @database, N'sp_SetMark');
        ELSE
            SET @procedure = dbo.fn_MemberProcedure(@server, @database, N'sp_SetMarkRemote');

        SET @code = NULL;
        EXEC @code = @procedure @MarkName;
        SET @failed = @@ERROR;
        IF @failed <> 0 OR ISNULL(@code, 1) <> 0
        BEGIN
            RAISERROR(N'Failed running the marking proc on %s.%s.', 16, 1, @server, @database);
            RETURN 1;
        END
        SET @at = @at + 1;
    END

    COMMIT TRANSACTION @MarkName;
    IF @@ERROR <> 0
        RETURN 1;
    RETURN 0;
END
GO

-- The return code is that of releasing the lock, whatever happened before: only the raised errors tell.
CREATE PROCEDURE dbo.sp_MarkAll
    @MarkName nvarchar(8),
    @BackupPath nvarchar(128),
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
    DECLARE @set bigint, @now datetime, @mark nvarchar(32), @compress bit, @useCompression bit;
    DECLARE @at int = 1, @count int, @saved int = 0, @code int, @failed int = 0, @seconds int, @started datetime;
    DECLARE @server nvarchar(128), @database nvarchar(128), @procedure nvarchar(800);
    DECLARE @file nvarchar(4000), @name nvarchar(500), @location nvarchar(3000);

    EXEC @set = dbo.sp_GetNextBackupSetId;
    SET @now = CASE WHEN @UseLocalTime = 1 THEN GETDATE() ELSE GETUTCDATE() END;
    EXEC dbo.sp_BuildFullMarkName @MarkName, @now, @UseLocalTime, @mark OUTPUT;

    EXEC @code = dbo.sp_AcquireBackupWriterLock;
    IF @code < 0
    BEGIN
        RAISERROR(N'Failed taking the lock of the backup history.', 16, 1);
        RETURN @code;
    END

    SET @code = NULL;
    EXEC @code = dbo.sp_MarkBTSLogs @mark;
    IF ISNULL(@code, 1) <> 0
    BEGIN
        RAISERROR(N'Failed setting the mark; no log was backed up.', 16, 1);
        SET @failed = 1;
    END

    SELECT @useCompression = UseCompression FROM dbo.adm_BackupSettings;
    INSERT INTO @members (ServerName, DatabaseName) SELECT ServerName, DatabaseName FROM dbo.admv_BackupDatabases;
    SELECT @count = COUNT(*) FROM @members;

    WHILE @failed = 0 AND @at <= @count
    BEGIN
        SELECT @server = ServerName, @database = DatabaseName FROM @members WHERE Position = @at;
        SET @compress = CASE WHEN dbo.sp_IsSSODB(@server, @database) = 1 THEN 0 ELSE @useCompression END;
        SET @procedure = dbo.fn_MemberProcedure(@server, @database, N'sp_BackupBizTalkLog');
        SET @code = NULL;
        SET @file = NULL;
        SET @started = GETUTCDATE();

        -- An older copy of the procedure, in a custom database, does not know the last parameter.
        IF @compress = 1
            EXEC @code = @procedure @mark, @BackupPath, @file OUTPUT, @compress;
        ELSE
            EXEC @code = @procedure @mark, @BackupPath, @file OUTPUT;
        IF @@ERROR <> 0 OR ISNULL(@code, 1) <> 0
            SET @failed = 1;

        IF @failed = 0
        BEGIN
            EXEC dbo.sp_GetFileNameFromFilePath @file, @name OUTPUT, @location OUTPUT;
            INSERT INTO dbo.adm_BackupHistory
                (BackupSetId, MarkName, DatabaseName, ServerName, BackupFileName, BackupFileLocation, BackupType, BackupDateTime)
            VALUES (@set, @mark, @database, @server, @name, @BackupPath, 'lg', @now);
            SET @saved = @saved + 1;
        END
        ELSE
        BEGIN
            EXEC @seconds = dbo.sp_GetLinkedServerQTimeout @server;
            IF @seconds > 0 AND DATEDIFF(second, @started, GETUTCDATE()) >= @seconds
                PRINT N'Warning: A Remote Query Timeout may have occurred.';
            RAISERROR(N'Failed backing up the log of %s.%s.', 16, 1, @server, @database);
        END
        SET @at = @at + 1;
    END

    IF @failed = 0
    BEGIN
        BEGIN TRANSACTION;
        UPDATE dbo.adm_BackupHistory SET SetComplete = 1 WHERE BackupSetId = @set;
        IF @@ROWCOUNT = @saved
            COMMIT TRANSACTION;
        ELSE
        BEGIN
            ROLLBACK TRANSACTION;
            RAISERROR(N'Failed backing up the databases.', 16, 1);
        END
    END

    EXEC @code = dbo.sp_ReleaseBackupWriterLock;
    RETURN @code;
END
GO
