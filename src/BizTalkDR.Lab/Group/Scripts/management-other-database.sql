-- Run in: the Management database, once for each database that only the list of others names: SSO and custom ones.
INSERT INTO dbo.adm_OtherDatabases (DefaultDatabaseName, DatabaseName, ServerName, BTSServerName)
VALUES (N'$(DefaultName)', N'$(MemberDatabase)', N'$(MemberServer)', N'$(BizTalkComputer)');
GO
INSERT INTO dbo.adm_OtherBackupDatabases (DefaultDatabaseName, DatabaseName, ServerName, BTSServerName)
VALUES (N'$(DefaultName)', N'$(MemberDatabase)', N'$(MemberServer)', N'$(BizTalkComputer)');
GO
