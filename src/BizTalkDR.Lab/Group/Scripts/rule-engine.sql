-- Run in: the Rule Engine database.
CREATE TABLE dbo.re_ruleset
(
    nRuleSetID int IDENTITY(1,1) NOT NULL CONSTRAINT PK_re_ruleset PRIMARY KEY,
    strName nvarchar(256) NOT NULL,
    nMajor int NOT NULL,
    nMinor int NOT NULL,
    nStatus int NOT NULL
);
GO

CREATE TABLE dbo.re_vocabulary
(
    nVocabularyID int IDENTITY(1,1) NOT NULL CONSTRAINT PK_re_vocabulary PRIMARY KEY,
    strName nvarchar(256) NOT NULL,
    nMajor int NOT NULL,
    nMinor int NOT NULL
);
GO

INSERT INTO dbo.re_ruleset (strName, nMajor, nMinor, nStatus) VALUES (N'OrderApproval', 1, 0, 1), (N'Discounts', 1, 2, 1);
GO
INSERT INTO dbo.re_vocabulary (strName, nMajor, nMinor) VALUES (N'Orders', 1, 0);
GO
