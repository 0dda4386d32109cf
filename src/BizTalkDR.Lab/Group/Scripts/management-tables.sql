-- Run in: the Management database. The tables a backup or a recovery reads.
CREATE TABLE dbo.adm_Group
(
    Id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_adm_Group PRIMARY KEY,
    Name nvarchar(256) NOT NULL CONSTRAINT UQ_adm_Group_Name UNIQUE,
    DateModified datetime NOT NULL CONSTRAINT DF_adm_Group_DateModified DEFAULT (GETUTCDATE()),
    BizTalkAdminGroup nvarchar(128) NOT NULL,
    TrackingDBServerName nvarchar(80) NOT NULL,
    TrackingDBName nvarchar(128) NOT NULL,
    SubscriptionDBServerName nvarchar(80) NOT NULL,
    SubscriptionDBName nvarchar(128) NOT NULL,
    TrackAnalysisServerName nvarchar(80) NOT NULL,
    TrackAnalysisDBName nvarchar(128) NOT NULL,
    BamDBServerName nvarchar(80) NOT NULL,
    BamDBName nvarchar(128) NOT NULL,
    RuleEngineDBServerName nvarchar(80) NOT NULL,
    RuleEngineDBName nvarchar(128) NOT NULL,
    SSOServerName nvarchar(80) NOT NULL,
    GlobalTrackingOption int NOT NULL,
    SignCertName nvarchar(256) NOT NULL,
    SignCertThumbprint nvarchar(80) NOT NULL,
    ConfigurationCacheRefreshInterval int NOT NULL,
    TrackingConfiguration image NULL,
    LMSFragmentSize int NOT NULL,
    LMSThreshold int NOT NULL,
    DefaultHostId int NULL,
    BizTalkOperatorGroup nvarchar(128) NOT NULL,
    GroupPropertyIdentifier uniqueidentifier NOT NULL,
    BizTalkB2BOperatorGroup nvarchar(128) NOT NULL,
    UUID uniqueidentifier NOT NULL,
    BizTalkReadOnlyUserGroup nvarchar(128) NOT NULL
);
GO

CREATE TABLE dbo.adm_MessageBox
(
    Id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_adm_MessageBox PRIMARY KEY,
    GroupId int NOT NULL CONSTRAINT FK_adm_MessageBox_adm_Group REFERENCES dbo.adm_Group (Id),
    DateModified datetime NOT NULL CONSTRAINT DF_adm_MessageBox_DateModified DEFAULT (GETUTCDATE()),
    DBServerName nvarchar(80) NOT NULL,
    DBName nvarchar(128) NOT NULL,
    DisableNewMsgPublication int NOT NULL,
    ConfigurationState int NOT NULL,
    UniqueId uniqueidentifier NOT NULL,
    IsMasterMsgBox int NOT NULL,
    nvcDescription nvarchar(256) NULL,
    CONSTRAINT UQ_adm_MessageBox UNIQUE (DBServerName, DBName)
);
GO

CREATE TABLE dbo.adm_OtherBackupDatabases
(
    DefaultDatabaseName nvarchar(128) NOT NULL,
    DatabaseName nvarchar(128) NOT NULL,
    ServerName nvarchar(80) NOT NULL,
    BTSServerName nvarchar(80) NOT NULL,
    CONSTRAINT PK_adm_OtherBackupDatabases PRIMARY KEY (DefaultDatabaseName, BTSServerName)
);
GO

CREATE TABLE dbo.adm_OtherDatabases
(
    DefaultDatabaseName nvarchar(128) NOT NULL,
    DatabaseName nvarchar(128) NOT NULL,
    ServerName nvarchar(80) NOT NULL,
    BTSServerName nvarchar(80) NOT NULL,
    CONSTRAINT PK_adm_OtherDatabases PRIMARY KEY (DefaultDatabaseName, BTSServerName)
);
GO

CREATE TABLE dbo.adm_BackupHistory
(
    BackupId bigint IDENTITY(1,1) NOT NULL CONSTRAINT pk_adm_BackupHistory_BackupId PRIMARY KEY,
    BackupSetId bigint NOT NULL,
    MarkName nvarchar(32) NULL,
    DatabaseName nvarchar(128) NOT NULL,
    BackupFileName nvarchar(500) NOT NULL,
    BackupFileLocation nvarchar(3000) NOT NULL,
    BackupType char(2) NOT NULL,
    BackupDateTime datetime NOT NULL CONSTRAINT DF_adm_BackupHistory_BackupDateTime DEFAULT (GETDATE()),
    SetComplete bit NOT NULL CONSTRAINT DF_adm_BackupHistory_SetComplete DEFAULT (0),
    ServerName nvarchar(128) NULL
);
GO
CREATE UNIQUE INDEX IX_BackupHistory ON dbo.adm_BackupHistory (BackupSetId, DatabaseName, ServerName);
GO

CREATE TABLE dbo.adm_BackupSetId
(
    NextBackupSetId bigint NULL
);
GO

-- One row, and never a number that a set already has.
CREATE TRIGGER dbo.tr_adm_BackupSetId ON dbo.adm_BackupSetId AFTER INSERT, UPDATE
AS
BEGIN
    SET NOCOUNT ON;
    IF (SELECT COUNT(*) FROM dbo.adm_BackupSetId) > 1
    BEGIN
        ROLLBACK TRANSACTION;
        RAISERROR(N'The table adm_BackupSetId holds exactly one row.', 16, 1);
        RETURN;
    END
    IF EXISTS (SELECT 1 FROM inserted AS i INNER JOIN dbo.adm_BackupHistory AS h ON h.BackupSetId = i.NextBackupSetId)
    BEGIN
        ROLLBACK TRANSACTION;
        RAISERROR(N'The backup history already uses this set number.', 16, 1);
        RETURN;
    END
END
GO

CREATE TABLE dbo.adm_BackupSettings
(
    UseCompression bit NOT NULL,
    ForceFull bit NOT NULL
);
GO

CREATE TABLE dbo.adm_Server
(
    Id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_adm_Server PRIMARY KEY,
    Name nvarchar(63) NOT NULL CONSTRAINT UQ_adm_Server_Name UNIQUE,
    DateModified datetime NOT NULL CONSTRAINT DF_adm_Server_DateModified DEFAULT (GETUTCDATE())
);
GO

CREATE TABLE dbo.adm_Host
(
    Id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_adm_Host PRIMARY KEY,
    GroupId int NOT NULL,
    Name nvarchar(80) NOT NULL CONSTRAINT UQ_adm_Host_Name UNIQUE,
    HostTracking int NOT NULL,
    DecryptCertThumbprint nvarchar(80) NOT NULL CONSTRAINT DF_adm_Host_DecryptCertThumbprint DEFAULT (N''),
    DateModified datetime NOT NULL CONSTRAINT DF_adm_Host_DateModified DEFAULT (GETUTCDATE())
);
GO

CREATE TABLE dbo.adm_Server2HostMapping
(
    Id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_adm_Server2HostMapping PRIMARY KEY,
    ServerId int NOT NULL,
    HostId int NOT NULL,
    IsMapped int NOT NULL
);
GO

CREATE TABLE dbo.adm_HostInstance
(
    Id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_adm_HostInstance PRIMARY KEY,
    Svr2HostMappingId int NOT NULL,
    Name nvarchar(256) NOT NULL,
    LoginName nvarchar(128) NOT NULL,
    DisableHostInstance int NOT NULL,
    ConfigurationState int NOT NULL,
    UniqueId uniqueidentifier NOT NULL,
    InstallationContext nvarchar(256) NOT NULL
);
GO

CREATE TABLE dbo.TDDS_Destinations
(
    DestinationID uniqueidentifier NOT NULL CONSTRAINT PK_TDDS_Destinations PRIMARY KEY,
    DestinationName nvarchar(256) NOT NULL,
    ConnectionString nvarchar(1024) NOT NULL
);
GO

CREATE TABLE dbo.TDDS_Sources
(
    SourceID uniqueidentifier NOT NULL CONSTRAINT PK_TDDS_Sources PRIMARY KEY,
    DestinationID uniqueidentifier NOT NULL,
    SourceName nvarchar(256) NOT NULL,
    ConnectionString nvarchar(1024) NOT NULL,
    StreamType int NOT NULL,
    AcceptableLatency int NOT NULL,
    Enabled int NOT NULL
);
GO

CREATE TABLE dbo.TDDS_Services
(
    ServiceID uniqueidentifier NOT NULL CONSTRAINT PK_TDDS_Services PRIMARY KEY,
    ServerName nvarchar(32) NOT NULL
);
GO

CREATE TABLE dbo.edi_DbConfig
(
    EdiRuntimeDbServerName nvarchar(80) NOT NULL,
    EdiRuntimeDbName nvarchar(128) NOT NULL,
    EdiEnabled bit NOT NULL,
    AS2Enabled bit NOT NULL,
    ReportingEnabled bit NOT NULL,
    EdiConfigured bit NOT NULL,
    AS2Configured bit NOT NULL,
    ReportingConfigured bit NOT NULL,
    SsoApplicationName nvarchar(256) NULL
);
GO

CREATE TABLE dbo.bas_Properties
(
    PropertyName nvarchar(256) NOT NULL CONSTRAINT PK_bas_Properties PRIMARY KEY,
    PropertyValue nvarchar(1024) NULL
);
GO

-- What has to be in every backup set. Only the server's name decides whether a pair is in use.
CREATE VIEW dbo.admv_BackupDatabases
AS
SELECT CAST(SERVERPROPERTY('servername') AS nvarchar(128)) AS ServerName, CAST(DB_NAME() AS nvarchar(128)) AS DatabaseName
UNION
SELECT TrackingDBServerName, TrackingDBName FROM dbo.adm_Group WHERE TrackingDBServerName <> N''
UNION
SELECT BamDBServerName, BamDBName FROM dbo.adm_Group WHERE BamDBServerName <> N''
UNION
SELECT RuleEngineDBServerName, RuleEngineDBName FROM dbo.adm_Group WHERE RuleEngineDBServerName <> N''
UNION
SELECT DBServerName, DBName FROM dbo.adm_MessageBox
UNION
SELECT ServerName, DatabaseName FROM dbo.adm_OtherBackupDatabases WHERE ServerName <> N'';
GO
