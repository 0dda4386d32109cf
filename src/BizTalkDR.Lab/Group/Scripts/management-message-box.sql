-- Run in: the Management database, once for each MessageBox.
INSERT INTO dbo.adm_MessageBox (GroupId, DBServerName, DBName, DisableNewMsgPublication, ConfigurationState, UniqueId, IsMasterMsgBox, nvcDescription)
VALUES (1, N'$(MemberServer)', N'$(MemberDatabase)', 0, 3, NEWID(), $(IsMaster), NULL);
GO
