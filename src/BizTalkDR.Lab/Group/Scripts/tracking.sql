-- Run in: the Tracking database.
CREATE TABLE dbo.TDDS_BlockState
(
    Id int NOT NULL CONSTRAINT PK_TDDS_BlockState PRIMARY KEY,
    BlockedAt datetime NULL
);
GO

INSERT INTO dbo.TDDS_BlockState (Id, BlockedAt) VALUES (1, NULL);
GO

-- Whoever calls it inside a transaction keeps the event bus out until that transaction ends.
CREATE PROCEDURE dbo.TDDS_BlockTDDS
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE dbo.TDDS_BlockState SET BlockedAt = GETUTCDATE() WHERE Id = 1;
    RETURN @@ERROR;
END
GO

CREATE TABLE dbo.TDDS_StreamStatus
(
    destPartitionId tinyint NOT NULL CONSTRAINT PK_TDDS_StreamStatus PRIMARY KEY,
    lastSeqNum bigint NOT NULL
);
GO

INSERT INTO dbo.TDDS_StreamStatus (destPartitionId, lastSeqNum) VALUES (0, 0), (1, 0);
GO

CREATE TABLE dbo.TDDS_FailedTrackingData
(
    Id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_TDDS_FailedTrackingData PRIMARY KEY,
    ErrMessage nvarchar(2048) NULL,
    dtLogTime datetime NOT NULL CONSTRAINT DF_TDDS_FailedTrackingData_dtLogTime DEFAULT (GETUTCDATE())
);
GO

CREATE TABLE dbo.dta_ArchiveHistory
(
    nID bigint IDENTITY(1,1) NOT NULL CONSTRAINT PK_dta_ArchiveHistory PRIMARY KEY,
    dtTimeStamp datetime NOT NULL,
    dtLastFailure datetime NULL,
    nFailureCount int NOT NULL CONSTRAINT DF_dta_ArchiveHistory_nFailureCount DEFAULT (0),
    nSuccess int NOT NULL,
    nvcBackupLocation nvarchar(1024) NOT NULL
);
GO
