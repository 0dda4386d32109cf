-- Run in: the Management database, after its other tables. Applications, their assemblies, ports and parties.
CREATE TABLE dbo.bts_application
(
    nID int IDENTITY(1,1) NOT NULL CONSTRAINT bts_application_unique_key PRIMARY KEY,
    nvcName nvarchar(256) NOT NULL CONSTRAINT bts_application_unique_name UNIQUE,
    isDefault bit NOT NULL,
    isSystem bit NOT NULL,
    nvcDescription nvarchar(1024) NULL,
    DateModified datetime NOT NULL
);
GO

CREATE TABLE dbo.bts_application_reference
(
    nID int IDENTITY(1,1) NOT NULL CONSTRAINT bts_applicationreference_unique_key PRIMARY KEY,
    nApplicationID int NULL,
    nReferencedApplicationID int NULL,
    CONSTRAINT bts_application_reference_unique UNIQUE (nApplicationID, nReferencedApplicationID)
);
GO

CREATE TABLE dbo.bts_assembly
(
    nID int IDENTITY(1,1) NOT NULL CONSTRAINT bts_assembly_unique_key PRIMARY KEY,
    nvcName nvarchar(256) NOT NULL,
    nvcVersion nvarchar(256) NOT NULL,
    nvcCulture nvarchar(256) NULL,
    nvcPublicKeyToken nvarchar(256) NULL,
    nvcFullName nvarchar(256) NOT NULL,
    dtDateModified datetime NOT NULL,
    nSystemAssembly int NOT NULL,
    nApplicationID int NOT NULL
);
GO

CREATE TABLE dbo.adpl_sat
(
    id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_adpl_sat PRIMARY KEY,
    applicationId int NOT NULL,
    sdmType nvarchar(256) NULL,
    luid nvarchar(440) NULL
);
GO

CREATE TABLE dbo.bts_sendport
(
    nID int IDENTITY(1,1) NOT NULL CONSTRAINT bts_sendport_unique_key PRIMARY KEY,
    nvcName nvarchar(256) NOT NULL CONSTRAINT bts_sendport_unique_name UNIQUE,
    nvcEncryptionCert ntext NULL,
    nvcEncryptionCertHash nvarchar(256) NULL,
    bDynamic bit NOT NULL,
    bTwoWay bit NOT NULL,
    nPortStatus int NOT NULL,
    DateModified datetime NOT NULL,
    nApplicationID int NOT NULL
);
GO

CREATE TABLE dbo.bts_sendport_transport
(
    nID int IDENTITY(1,1) NOT NULL CONSTRAINT bts_sendport_transport_unique_key PRIMARY KEY,
    nvcAddress nvarchar(256) NOT NULL,
    nvcTransportTypeData ntext NULL,
    bIsPrimary bit NOT NULL,
    nSendPortID int NOT NULL
);
GO

CREATE TABLE dbo.bts_receiveport
(
    nID int IDENTITY(1,1) NOT NULL CONSTRAINT bts_receiveport_unique_key PRIMARY KEY,
    nvcName nvarchar(256) NOT NULL CONSTRAINT bts_receiveport_unique_name UNIQUE,
    bTwoWay bit NOT NULL,
    DateModified datetime NOT NULL,
    nApplicationID int NOT NULL
);
GO

CREATE TABLE dbo.adm_ReceiveLocation
(
    Id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_adm_ReceiveLocation PRIMARY KEY,
    Name nvarchar(256) NOT NULL CONSTRAINT UQ_adm_ReceiveLocation_Name UNIQUE,
    InboundTransportURL nvarchar(1024) NOT NULL,
    Disabled int NOT NULL,
    CustomCfg ntext NULL,
    ReceivePortId int NOT NULL
);
GO

CREATE TABLE dbo.bts_party
(
    nID int IDENTITY(1,1) NOT NULL CONSTRAINT bts_party_unique_key PRIMARY KEY,
    nvcName nvarchar(256) NOT NULL CONSTRAINT bts_party_unique_name UNIQUE,
    nvcSignatureCert ntext NULL,
    nvcSignatureCertHash nvarchar(256) NULL,
    nvcSID nvarchar(256) NOT NULL,
    DateModified datetime NOT NULL
);
GO

-- Three applications beside BizTalk's own; Orders needs Common.
INSERT INTO dbo.bts_application (nvcName, isDefault, isSystem, nvcDescription, DateModified)
VALUES (N'BizTalk.System', 0, 1, N'', GETUTCDATE()), (N'BizTalk Application 1', 1, 0, N'', GETUTCDATE()), (N'Orders', 0, 0, N'Order processing', GETUTCDATE()),
       (N'Common', 0, 0, N'Schemas in common', GETUTCDATE());
GO
INSERT INTO dbo.bts_application_reference (nApplicationID, nReferencedApplicationID)
SELECT a.nID, s.nID FROM dbo.bts_application AS a CROSS JOIN dbo.bts_application AS s WHERE a.isSystem = 0 AND s.isSystem = 1;
GO
INSERT INTO dbo.bts_application_reference (nApplicationID, nReferencedApplicationID)
SELECT a.nID, s.nID FROM dbo.bts_application AS a CROSS JOIN dbo.bts_application AS s WHERE a.nvcName = N'Orders' AND s.nvcName = N'Common';
GO
INSERT INTO dbo.bts_assembly (nvcName, nvcVersion, nvcCulture, nvcPublicKeyToken, nvcFullName, dtDateModified, nSystemAssembly, nApplicationID)
VALUES
    (N'Microsoft.BizTalk.GlobalPropertySchemas', N'3.0.1.0', N'neutral', N'31bf3856ad364e35', N'Microsoft.BizTalk.GlobalPropertySchemas, Version=3.0.1.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35', GETUTCDATE(), 1, 1),
    (N'Lab.Orders.Orchestrations', N'1.2.0.0', N'neutral', N'5f1c2d3e4a5b6c7d', N'Lab.Orders.Orchestrations, Version=1.2.0.0, Culture=neutral, PublicKeyToken=5f1c2d3e4a5b6c7d', GETUTCDATE(), 0, 3),
    (N'Lab.Common.Schemas', N'1.0.0.0', N'neutral', N'5f1c2d3e4a5b6c7d', N'Lab.Common.Schemas, Version=1.0.0.0, Culture=neutral, PublicKeyToken=5f1c2d3e4a5b6c7d', GETUTCDATE(), 0, 4);
GO
INSERT INTO dbo.adpl_sat (applicationId, sdmType, luid)
VALUES
    (3, N'System.BizTalk:BizTalkAssembly', N'Lab.Orders.Orchestrations, Version=1.2.0.0, Culture=neutral, PublicKeyToken=5f1c2d3e4a5b6c7d'),
    (3, N'System.BizTalk:Rules', N'OrderApproval/1.0'),
    (4, N'System.BizTalk:BizTalkAssembly', N'Lab.Common.Schemas, Version=1.0.0.0, Culture=neutral, PublicKeyToken=5f1c2d3e4a5b6c7d');
GO
INSERT INTO dbo.bts_sendport (nvcName, bDynamic, bTwoWay, nPortStatus, DateModified, nApplicationID)
VALUES (N'OrdersToWarehouse', 0, 0, 3, GETUTCDATE(), 3), (N'OrdersToPartner', 0, 0, 3, GETUTCDATE(), 3);
GO
INSERT INTO dbo.bts_sendport_transport (nvcAddress, nvcTransportTypeData, bIsPrimary, nSendPortID)
VALUES
    (N'ftp://warehouse.lab:21/%MessageID%.xml', N'<CustomProps><UserName vt="8">warehouse</UserName><Password vt="8">******</Password></CustomProps>', 1, 1),
    (N'\\LABFILES\partner\%MessageID%.p7m', N'<CustomProps><CopyMode vt="19">1</CopyMode></CustomProps>', 1, 2);
GO
INSERT INTO dbo.bts_receiveport (nvcName, bTwoWay, DateModified, nApplicationID) VALUES (N'OrdersIn', 0, GETUTCDATE(), 3);
GO
INSERT INTO dbo.adm_ReceiveLocation (Name, InboundTransportURL, Disabled, CustomCfg, ReceivePortId)
VALUES (N'OrdersInFile', N'\\LABFILES\orders\*.xml', 0, N'<CustomProps><BatchSize vt="19">20</BatchSize></CustomProps>', 1);
GO
INSERT INTO dbo.bts_party (nvcName, nvcSID, DateModified) VALUES (N'Partner', N's-8-7d0f9a6b-1', GETUTCDATE());
GO
