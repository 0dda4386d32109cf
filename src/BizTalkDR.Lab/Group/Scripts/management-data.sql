-- Run in: the Management database. One group, one BizTalk computer, one host.
INSERT INTO dbo.adm_Group
    (Name, BizTalkAdminGroup, TrackingDBServerName, TrackingDBName, SubscriptionDBServerName, SubscriptionDBName,
     TrackAnalysisServerName, TrackAnalysisDBName, BamDBServerName, BamDBName, RuleEngineDBServerName, RuleEngineDBName,
     SSOServerName, GlobalTrackingOption, SignCertName, SignCertThumbprint, ConfigurationCacheRefreshInterval,
     LMSFragmentSize, LMSThreshold, BizTalkOperatorGroup, GroupPropertyIdentifier, BizTalkB2BOperatorGroup, UUID, BizTalkReadOnlyUserGroup)
VALUES
    (N'$(GroupName)', N'LAB\BizTalk Server Administrators', N'$(TrackingServer)', N'$(TrackingDatabase)', N'$(MasterServer)', N'$(MasterDatabase)',
     N'', N'', N'$(BamServer)', N'$(BamDatabase)', N'$(RuleEngineServer)', N'$(RuleEngineDatabase)',
     N'$(BizTalkComputer)', 1, N'', N'', 60,
     102400, 1048576, N'LAB\BizTalk Server Operators', NEWID(), N'LAB\BizTalk Server B2B Operators', NEWID(), N'LAB\BizTalk Server Readers');
GO

INSERT INTO dbo.adm_Server (Name) VALUES (N'$(BizTalkComputer)');
GO
INSERT INTO dbo.adm_Host (GroupId, Name, HostTracking) VALUES (1, N'BizTalkServerApplication', 1);
GO
INSERT INTO dbo.adm_Server2HostMapping (ServerId, HostId, IsMapped) VALUES (1, 1, 1);
GO
INSERT INTO dbo.adm_HostInstance (Svr2HostMappingId, Name, LoginName, DisableHostInstance, ConfigurationState, UniqueId, InstallationContext)
VALUES (1, N'Microsoft BizTalk Server BizTalkServerApplication $(BizTalkComputer)', N'LAB\BizTalkHost', 0, 1, NEWID(), N'');
GO

INSERT INTO dbo.TDDS_Destinations (DestinationID, DestinationName, ConnectionString)
VALUES (NEWID(), N'Tracking', N'Provider=MSOLEDBSQL;Data Source=$(TrackingServer);Initial Catalog=$(TrackingDatabase);Integrated Security=SSPI');
GO
INSERT INTO dbo.TDDS_Sources (SourceID, DestinationID, SourceName, ConnectionString, StreamType, AcceptableLatency, Enabled)
SELECT NEWID(), DestinationID, N'Master MessageBox',
       N'Provider=MSOLEDBSQL;Data Source=$(MasterServer);Initial Catalog=$(MasterDatabase);Integrated Security=SSPI', 0, 0, 1
FROM dbo.TDDS_Destinations;
GO
INSERT INTO dbo.TDDS_Services (ServiceID, ServerName) VALUES (NEWID(), N'$(BizTalkComputer)');
GO

INSERT INTO dbo.edi_DbConfig VALUES (N'$(TrackingServer)', N'$(TrackingDatabase)', 1, 1, 1, 1, 1, 1, NULL);
GO
INSERT INTO dbo.bas_Properties (PropertyName, PropertyValue) VALUES (N'BasSiteUrl', N'http://$(BizTalkComputer)/');
GO
INSERT INTO dbo.adm_BackupSetId (NextBackupSetId) VALUES (1);
GO
INSERT INTO dbo.adm_BackupSettings (UseCompression, ForceFull) VALUES (0, 0);
GO
