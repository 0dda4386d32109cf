-- Run in: every MessageBox. A small model of work in flight.
CREATE TABLE dbo.Instances
(
    uidInstanceID uniqueidentifier NOT NULL CONSTRAINT PK_Instances PRIMARY KEY,
    nvcServiceName nvarchar(256) NOT NULL,
    nState int NOT NULL,
    dtCreated datetime NOT NULL CONSTRAINT DF_Instances_dtCreated DEFAULT (GETUTCDATE())
);
GO

CREATE TABLE dbo.Spool
(
    uidMessageID uniqueidentifier NOT NULL CONSTRAINT PK_Spool PRIMARY KEY,
    uidInstanceID uniqueidentifier NULL,
    nvcMessageType nvarchar(256) NOT NULL,
    dtTimeStamp datetime NOT NULL CONSTRAINT DF_Spool_dtTimeStamp DEFAULT (GETUTCDATE())
);
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
