-- Run in: the SSO database. Only what a recovery has to look at; no real secret is ever in here.
CREATE TABLE dbo.SSOX_GlobalInfo
(
    gi_install_timestamp datetime NOT NULL,
    gi_update_timestamp datetime NOT NULL,
    gi_flags int NOT NULL,
    gi_audit_deleted_max int NOT NULL,
    gi_audit_mapping_max int NOT NULL,
    gi_audit_ntp_max int NOT NULL,
    gi_audit_xp_max int NOT NULL,
    gi_ticket_timeout int NOT NULL,
    gi_cred_cache_timeout int NOT NULL,
    gi_SecretServer nvarchar(256) NOT NULL,
    gi_SSOAdminGroup nvarchar(1024) NOT NULL,
    gi_AffiliateAppMgrGroup nvarchar(1024) NOT NULL,
    gi_audit_id int NOT NULL
);
GO

INSERT INTO dbo.SSOX_GlobalInfo
VALUES (GETUTCDATE(), GETUTCDATE(), 0, 1000, 1000, 1000, 1000, 2, 60, N'$(SecretServer)', N'LAB\SSO Administrators', N'-----', 1);
GO

CREATE TABLE dbo.SSOX_Servers
(
    srv_server_name nvarchar(260) NOT NULL CONSTRAINT PK_SSOX_Servers PRIMARY KEY,
    srv_expire_timestamp datetime NOT NULL,
    srv_audit_id int NOT NULL
);
GO

INSERT INTO dbo.SSOX_Servers (srv_server_name, srv_expire_timestamp, srv_audit_id)
VALUES (LOWER(N'$(BizTalkComputer)'), DATEADD(day, 10, GETUTCDATE()), 1);
GO

CREATE TABLE dbo.SSOX_ApplicationInfo
(
    ai_app_name nvarchar(256) NOT NULL CONSTRAINT PK_SSOX_ApplicationInfo PRIMARY KEY,
    ai_description nvarchar(256) NULL,
    ai_flags int NOT NULL,
    ai_audit_id int NOT NULL
);
GO

CREATE TABLE dbo.SSOX_FieldInfo
(
    fi_app_name nvarchar(256) NOT NULL,
    fi_ordinal int NOT NULL,
    fi_label nvarchar(128) NOT NULL,
    fi_flags int NOT NULL,
    CONSTRAINT PK_SSOX_FieldInfo PRIMARY KEY (fi_app_name, fi_ordinal)
);
GO

CREATE TABLE dbo.SSOX_ExternalCredentials
(
    ec_app_name nvarchar(256) NOT NULL CONSTRAINT PK_SSOX_ExternalCredentials PRIMARY KEY,
    ec_secret_id uniqueidentifier NOT NULL,
    ec_credentials varbinary(4000) NULL
);
GO

CREATE TABLE dbo.SSOX_WindowsPassword
(
    wp_user nvarchar(256) NOT NULL CONSTRAINT PK_SSOX_WindowsPassword PRIMARY KEY,
    wp_secret_id uniqueidentifier NOT NULL,
    wp_password varbinary(1000) NULL
);
GO

CREATE TABLE dbo.SSOX_AuditTable
(
    au_id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_SSOX_AuditTable PRIMARY KEY,
    au_timestamp datetime NOT NULL CONSTRAINT DF_SSOX_AuditTable_au_timestamp DEFAULT (GETUTCDATE()),
    au_text nvarchar(1024) NOT NULL
);
GO

INSERT INTO dbo.SSOX_ApplicationInfo (ai_app_name, ai_description, ai_flags, ai_audit_id)
VALUES (N'FILE_TL_BizTalkServerApplication', N'Transmit locations of the practice host', 0, 1),
       (N'FILE_RL_BizTalkServerApplication', N'Receive locations of the practice host', 0, 1);
GO
