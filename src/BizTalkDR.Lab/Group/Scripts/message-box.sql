-- Run in: every MessageBox. A small model of work in flight.
CREATE TABLE dbo.Instances
(
    uidInstanceID uniqueidentifier NOT NULL CONSTRAINT PK_Instances PRIMARY KEY,
    nvcServiceName nvarchar(256) NOT NULL,
    nState int NOT NULL,
    dtCreated datetime NOT NULL CONSTRAINT DF_Instances_dtCreated DEFAULT (GETUTCDATE()),
    nvcErrorDescription nvarchar(2048) NULL
);
GO

CREATE TABLE dbo.Spool
(
    uidMessageID uniqueidentifier NOT NULL CONSTRAINT PK_Spool PRIMARY KEY,
    uidInstanceID uniqueidentifier NULL,
    nvcMessageType nvarchar(256) NOT NULL,
    dtTimeStamp datetime NOT NULL CONSTRAINT DF_Spool_dtTimeStamp DEFAULT (GETUTCDATE()),
    imgBody varbinary(max) NULL
);
GO

-- What "Resume" in the Administration console is to BizTalk: host instances try what is suspended again. 1 is ready to run, 4 suspended (resumable).
CREATE PROCEDURE dbo.LabResume
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE dbo.Instances SET nState = 1, nvcErrorDescription = NULL WHERE nState = 4;
    RETURN @@ERROR;
END
GO

CREATE TABLE dbo.Subscription
(
    uidSubID uniqueidentifier NOT NULL CONSTRAINT PK_Subscription PRIMARY KEY,
    nvcName nvarchar(256) NOT NULL,
    fEnabled int NOT NULL
);
GO

INSERT INTO dbo.Subscription (uidSubID, nvcName, fEnabled)
VALUES (NEWID(), N'Orders to fulfilment', 1), (NEWID(), N'Fulfilment to invoicing', 1), (NEWID(), N'Failed messages', 0);
GO
