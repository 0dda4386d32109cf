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

-- What is tracked of service instances: a small model. The view has the columns that public queries of the real one name.
CREATE TABLE dbo.dta_Services
(
    uidServiceId uniqueidentifier NOT NULL CONSTRAINT PK_dta_Services PRIMARY KEY,
    strServiceName nvarchar(256) NOT NULL,
    strServiceType nvarchar(64) NOT NULL
);
GO

CREATE TABLE dbo.dta_Host
(
    nHostId int NOT NULL CONSTRAINT PK_dta_Host PRIMARY KEY,
    strHostName nvarchar(128) NOT NULL
);
GO

CREATE TABLE dbo.dta_ServiceState
(
    nServiceStateId int NOT NULL CONSTRAINT PK_dta_ServiceState PRIMARY KEY,
    strState nvarchar(64) NOT NULL
);
GO

CREATE TABLE dbo.dta_ServiceInstances
(
    uidServiceInstanceId uniqueidentifier NOT NULL CONSTRAINT PK_dta_ServiceInstances PRIMARY KEY,
    uidActivityId uniqueidentifier NULL,
    uidServiceId uniqueidentifier NOT NULL,
    nHostId int NOT NULL,
    nServiceStateId int NOT NULL,
    dtStartTime datetime NULL CONSTRAINT DF_dta_ServiceInstances_dtStartTime DEFAULT (GETUTCDATE()),
    dtEndTime datetime NULL
);
GO

INSERT INTO dbo.dta_Services (uidServiceId, strServiceName, strServiceType)
VALUES ('7d5f2c1e-0a43-4c27-9a55-3d6c1f0b8e01', N'Orders.Fulfilment', N'Orchestration'), ('7d5f2c1e-0a43-4c27-9a55-3d6c1f0b8e02', N'Orders.ReceivePipeline', N'Pipeline');
INSERT INTO dbo.dta_Host (nHostId, strHostName) VALUES (1, N'BizTalkServerApplication');
INSERT INTO dbo.dta_ServiceState (nServiceStateId, strState) VALUES (1, N'Started'), (2, N'Completed'), (3, N'Terminated');
GO

CREATE VIEW dbo.dtav_ServiceFacts
AS
SELECT i.uidServiceInstanceId AS [ServiceInstance/InstanceID],
    i.uidActivityId AS [ServiceInstance/ActivityID],
    s.strServiceName AS [Service/Name],
    s.strServiceType AS [Service/Type],
    h.strHostName AS [ServiceInstance/Host],
    t.strState AS [ServiceInstance/State],
    i.dtStartTime AS [ServiceInstance/StartTime],
    i.dtEndTime AS [ServiceInstance/EndTime]
FROM dbo.dta_ServiceInstances AS i
    INNER JOIN dbo.dta_Services AS s ON s.uidServiceId = i.uidServiceId
    INNER JOIN dbo.dta_Host AS h ON h.nHostId = i.nHostId
    INNER JOIN dbo.dta_ServiceState AS t ON t.nServiceStateId = i.nServiceStateId;
GO

-- One business process: starts, and ends when it is called again for the same instance.
CREATE PROCEDURE dbo.LabTrack
    @Instance uniqueidentifier
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE dbo.dta_ServiceInstances SET dtEndTime = GETUTCDATE(), nServiceStateId = 2 WHERE uidServiceInstanceId = @Instance;
    IF @@ROWCOUNT = 0
        INSERT INTO dbo.dta_ServiceInstances (uidServiceInstanceId, uidServiceId, nHostId, nServiceStateId) VALUES (@Instance, '7d5f2c1e-0a43-4c27-9a55-3d6c1f0b8e01', 1, 1);
    RETURN @@ERROR;
END
GO
