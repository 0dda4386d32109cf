-- Run in: the Management database. The full pass, and when it is due.

-- Without @TimeStamp the files are made and every history row fails: the table wants a time.
CREATE PROCEDURE dbo.sp_BackupAllFull
    @MarkName nvarchar(8),
    @BackupPath nvarchar(128),
    @TimeStamp datetime = NULL,
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
    DECLARE @set bigint, @stamp nvarchar(32), @compress bit, @useCompression bit;
    DECLARE @at int = 1, @count int, @saved int = 0, @code int, @complete bit = 0;
    DECLARE @server nvarchar(128), @database nvarchar(128), @procedure nvarchar(800);
    DECLARE @file nvarchar(4000), @name nvarchar(500), @location nvarchar(3000);

    EXEC @set = dbo.sp_GetNextBackupSetId;
    EXEC dbo.sp_BuildFullMarkName @MarkName, @TimeStamp, @UseLocalTime, @stamp OUTPUT;

    EXEC @code = dbo.sp_AcquireBackupWriterLock;
    IF @code < 0
    BEGIN
        RAISERROR(N'Failed taking the lock of the backup history.', 16, 1);
        RETURN @code;
    END

    SELECT @useCompression = UseCompression FROM dbo.adm_BackupSettings;
    INSERT INTO @members (ServerName, DatabaseName) SELECT ServerName, DatabaseName FROM dbo.admv_BackupDatabases;
    SELECT @count = COUNT(*) FROM @members;

    WHILE @at <= @count
    BEGIN
        SELECT @server = ServerName, @database = DatabaseName FROM @members WHERE Position = @at;
        EXEC dbo.bts_SafeAddLinkedServer @server;
        SET @compress = CASE WHEN dbo.sp_IsSSODB(@server, @database) = 1 THEN 0 ELSE @useCompression END;
        SET @procedure = dbo.fn_MemberProcedure(@server, @database, N'sp_BackupBizTalkFull');
        SET @code = NULL;
        SET @file = NULL;
        IF @compress = 1
            EXEC @code = @procedure @stamp, @BackupPath, @file OUTPUT, @compress;
        ELSE
            EXEC @code = @procedure @stamp, @BackupPath, @file OUTPUT;
        IF @@ERROR <> 0 OR ISNULL(@code, 1) <> 0
        BEGIN
            -- The lock stays: it belongs to the session and ends with it.
            RAISERROR(N'Failed backing up %s.%s.', 16, 1, @server, @database);
            RETURN 1;
        END

        EXEC dbo.sp_GetFileNameFromFilePath @file, @name OUTPUT, @location OUTPUT;
        INSERT INTO dbo.adm_BackupHistory
            (BackupSetId, MarkName, DatabaseName, ServerName, BackupFileName, BackupFileLocation, BackupType, BackupDateTime)
        VALUES (@set, NULL, @database, @server, @name, @BackupPath, 'db', @TimeStamp);
        SET @saved = @saved + 1;
        SET @at = @at + 1;
    END

    BEGIN TRANSACTION;
    UPDATE dbo.adm_BackupHistory SET SetComplete = 1 WHERE BackupSetId = @set;
    IF @@ROWCOUNT = @saved
        SET @complete = 1;
    IF @complete = 1
        COMMIT TRANSACTION;
    ELSE
    BEGIN
        ROLLBACK TRANSACTION;
        RAISERROR(N'Failed backing up the databases.', 16, 1);
        RETURN 1;
    END

    EXEC @code = dbo.sp_ReleaseBackupWriterLock;
    RETURN @code;
END
GO

-- Whether a full is due is asked in this order; the return code is 0 in every case.
CREATE PROCEDURE dbo.sp_BackupAllFull_Schedule
    @Frequency nchar(1),
    @MarkName nvarchar(8),
    @BackupPath nvarchar(128),
    @ForceFullBackupAfterPartialSetFailure bit = 0,
    @BackupHour int = NULL,
    @UseLocalTime bit = 0
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @now datetime, @last datetime, @partial bigint, @forced bit, @due bit = 0, @same bit, @code int;

    IF @BackupHour < 0 OR @BackupHour > 23
        SET @BackupHour = 0;
    SET @Frequency = LOWER(@Frequency);
    SET @now = CASE WHEN @UseLocalTime = 1 THEN GETDATE() ELSE GETUTCDATE() END;
    SELECT @forced = ForceFull FROM dbo.adm_BackupSettings;
    SELECT @partial = MAX(BackupSetId) FROM dbo.adm_BackupHistory WHERE SetComplete = 0;
    -- An incomplete full counts too: it is why a failed one is not repeated before the next period.
    SELECT @last = MAX(BackupDateTime) FROM dbo.adm_BackupHistory WHERE BackupType = 'db';

    IF @forced = 1
        SET @due = 1;
    ELSE IF @ForceFullBackupAfterPartialSetFailure = 1 AND @partial IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM dbo.adm_BackupHistory WHERE BackupType = 'db' AND SetComplete = 1 AND BackupSetId > @partial)
        SET @due = 1;
    ELSE IF @last IS NULL
        SET @due = 1;
    ELSE
    BEGIN
        IF @Frequency NOT IN (N'h', N'd', N'w', N'm', N'y')
        BEGIN
            RAISERROR(N'Unknown frequency "%s": h, d, w, m or y is expected.', 16, 1, @Frequency);
            RETURN 0;
        END

        SET @same = 0;
        IF DATEPART(year, @last) = DATEPART(year, @now)
            AND (@Frequency = N'y'
                OR (DATEPART(month, @last) = DATEPART(month, @now)
                    AND (@Frequency = N'm'
                        OR (@Frequency = N'w' AND DATEPART(week, @last) = DATEPART(week, @now))
                        OR (DATEPART(day, @last) = DATEPART(day, @now)
                            AND (@Frequency = N'd'
                                OR (@Frequency = N'h' AND DATEPART(hour, @last) = DATEPART(hour, @now)))))))
            SET @same = 1;

        -- The hour is the server's local one, whatever @UseLocalTime says; once it has passed, the period's full is skipped.
        IF @same = 0 AND (@BackupHour IS NULL OR @Frequency = N'h' OR @BackupHour = DATEPART(hour, GETDATE()))
            SET @due = 1;
    END

    IF @due = 1
    BEGIN
        EXEC @code = dbo.sp_BackupAllFull @MarkName, @BackupPath, @now, @UseLocalTime;
        IF @code = 0
            UPDATE dbo.adm_BackupSettings SET ForceFull = 0;
    END
    RETURN 0;
END
GO
