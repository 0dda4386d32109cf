-- Run in: every BizTalk database. The level of the schema, to be compared with the level of the programs.
CREATE TABLE dbo.BizTalkDBVersion
(
    BizTalkDBName nvarchar(64) NOT NULL,
    DatabaseMajor int NOT NULL,
    DatabaseMinor int NOT NULL,
    DatabaseBuildNumber int NOT NULL,
    DatabaseRevision int NOT NULL,
    ProductMajor int NOT NULL,
    ProductMinor int NOT NULL,
    ProductBuildNumber int NOT NULL,
    ProductRevision int NOT NULL,
    ProductLanguage nvarchar(256) NOT NULL,
    Description nvarchar(256) NOT NULL,
    Modified datetime NOT NULL CONSTRAINT DF_BizTalkDBVersion_Modified DEFAULT (GETUTCDATE())
);
GO

INSERT INTO dbo.BizTalkDBVersion
    (BizTalkDBName, DatabaseMajor, DatabaseMinor, DatabaseBuildNumber, DatabaseRevision,
     ProductMajor, ProductMinor, ProductBuildNumber, ProductRevision, ProductLanguage, Description)
VALUES
    (N'$(VersionName)', 3, 13, 717, 0, 3, 13, 717, 0, N'ENU', N'Practice database');
GO
