-- Run in: every backed-up database. The table that proves which mark a database holds.
IF OBJECT_ID(N'dbo.MarkLog', N'U') IS NULL
    CREATE TABLE dbo.MarkLog
    (
        MarkName nvarchar(128) NULL
    );
GO
