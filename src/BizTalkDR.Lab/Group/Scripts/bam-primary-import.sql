-- Run in: the BAM Primary Import database.
CREATE TABLE dbo.bam_Metadata_Configuration
(
    ConfigurationXml ntext NOT NULL,
    LastUpdated datetime NOT NULL,
    LastUpdatedBy nvarchar(128) NOT NULL
);
GO

INSERT INTO dbo.bam_Metadata_Configuration (ConfigurationXml, LastUpdated, LastUpdatedBy)
VALUES (N'<BAMConfiguration>'
    + N'<DeploymentUnit Name="PrimaryImportDatabase"><Property Name="ServerName">$(BamServer)</Property><Property Name="DatabaseName">$(BamDatabase)</Property></DeploymentUnit>'
    + N'<DeploymentUnit Name="ArchivingDatabase"><Property Name="ServerName">$(BamServer)</Property><Property Name="DatabaseName">BAMArchive</Property></DeploymentUnit>'
    + N'<DeploymentUnit Name="StarSchemaDatabase"><Property Name="ServerName">$(BamServer)</Property><Property Name="DatabaseName">BAMStarSchema</Property></DeploymentUnit>'
    + N'<DeploymentUnit Name="AnalysisDatabase"><Property Name="ServerName">$(BamServer)</Property><Property Name="DatabaseName">BAMAnalysis</Property></DeploymentUnit>'
    + N'</BAMConfiguration>', GETUTCDATE(), N'LAB\Operator');
GO

CREATE TABLE dbo.bam_Metadata_ReferencedDatabases
(
    ServerName nvarchar(128) NOT NULL,
    DatabaseName nvarchar(128) NOT NULL,
    AddedBy nvarchar(128) NOT NULL,
    AddedTime datetime NOT NULL,
    CONSTRAINT PK_bam_Metadata_ReferencedDatabases PRIMARY KEY (ServerName, DatabaseName)
);
GO

CREATE TABLE dbo.bam_Metadata_RealTimeAggregations
(
    RtaName nvarchar(128) NOT NULL CONSTRAINT PK_bam_Metadata_RealTimeAggregations PRIMARY KEY,
    CubeName nvarchar(128) NOT NULL,
    ConnectionString nvarchar(3600) NOT NULL
);
GO

CREATE TABLE dbo.bam_Metadata_Properties
(
    Scope nvarchar(128) NOT NULL,
    PropertyName nvarchar(128) NOT NULL,
    PropertyValue ntext NULL,
    CONSTRAINT PK_bam_Metadata_Properties PRIMARY KEY (Scope, PropertyName)
);
GO

CREATE TABLE dbo.bam_Metadata_Activities
(
    ActivityName nvarchar(128) NOT NULL CONSTRAINT PK_bam_Metadata_Activities PRIMARY KEY,
    DefinitionXml ntext NOT NULL,
    OnlineWindowTimeUnit nvarchar(20) NOT NULL,
    OnlineWindowTimeLength int NOT NULL,
    Archive bit NOT NULL
);
GO

INSERT INTO dbo.bam_Metadata_Activities (ActivityName, DefinitionXml, OnlineWindowTimeUnit, OnlineWindowTimeLength, Archive)
VALUES (N'Order', N'<Activity Name="Order" />', N'Month', 6, 1);
GO

CREATE TABLE dbo.bam_Metadata_Views
(
    ViewName nvarchar(128) NOT NULL CONSTRAINT PK_bam_Metadata_Views PRIMARY KEY,
    DefinitionXml ntext NULL
);
GO

CREATE TABLE dbo.bam_Metadata_Cubes
(
    CubeName nvarchar(128) NOT NULL CONSTRAINT PK_bam_Metadata_Cubes PRIMARY KEY,
    ActivityViewName nvarchar(128) NOT NULL,
    CreateOlapCube bit NOT NULL
);
GO

CREATE TABLE dbo.bam_Metadata_Partitions
(
    PartitionName nvarchar(128) NOT NULL CONSTRAINT PK_bam_Metadata_Partitions PRIMARY KEY,
    ActivityName nvarchar(128) NOT NULL,
    CreationTime datetime NOT NULL,
    ArchivingInProgress bit NOT NULL,
    ArchivedTime datetime NULL
);
GO

CREATE TABLE dbo.bam_Metadata_DatabaseVersion
(
    Major int NOT NULL,
    Minor int NOT NULL
);
GO

INSERT INTO dbo.bam_Metadata_DatabaseVersion (Major, Minor) VALUES (3, 13);
GO

CREATE TABLE dbo.bam_Order_Active
(
    ActivityID nvarchar(128) NOT NULL CONSTRAINT PK_bam_Order_Active PRIMARY KEY,
    IsComplete bit NOT NULL,
    LastModified datetime NOT NULL
);
GO

CREATE TABLE dbo.bam_Order_Completed
(
    RecordID bigint IDENTITY(1,1) NOT NULL CONSTRAINT PK_bam_Order_Completed PRIMARY KEY,
    ActivityID nvarchar(128) NOT NULL,
    LastModified datetime NOT NULL
);
GO
