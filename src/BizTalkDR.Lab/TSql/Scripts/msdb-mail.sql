-- Database Mail: profiles and accounts are kept and shown; the lab sends no mail.
CREATE TABLE dbo.sysmail_profile (profile_id int IDENTITY(1, 1) NOT NULL PRIMARY KEY, name sysname NOT NULL CONSTRAINT SYSMAIL_PROFILE_NameMustBeUnique UNIQUE, description nvarchar(256) NULL, last_mod_datetime datetime NOT NULL DEFAULT GETDATE(), last_mod_user sysname NOT NULL DEFAULT SUSER_SNAME());
CREATE TABLE dbo.sysmail_account (account_id int IDENTITY(1, 1) NOT NULL PRIMARY KEY, name sysname NOT NULL CONSTRAINT SYSMAIL_ACCOUNT_NameMustBeUnique UNIQUE, description nvarchar(256) NULL, email_address nvarchar(128) NOT NULL, display_name nvarchar(128) NULL, replyto_address nvarchar(128) NULL, last_mod_datetime datetime NOT NULL DEFAULT GETDATE(), last_mod_user sysname NOT NULL DEFAULT SUSER_SNAME());
CREATE TABLE dbo.sysmail_server (
    account_id int NOT NULL, servertype sysname NOT NULL, servername sysname NOT NULL, port int NOT NULL, username nvarchar(128) NULL, credential_id int NULL, use_default_credentials bit NOT NULL,
    enable_ssl bit NOT NULL, flags int NOT NULL DEFAULT 0, timeout int NULL, last_mod_datetime datetime NOT NULL DEFAULT GETDATE(), last_mod_user sysname NOT NULL DEFAULT SUSER_SNAME(), PRIMARY KEY (account_id, servertype));
CREATE TABLE dbo.sysmail_profileaccount (profile_id int NOT NULL, account_id int NOT NULL, sequence_number int NULL, last_mod_datetime datetime NOT NULL DEFAULT GETDATE(), last_mod_user sysname NOT NULL DEFAULT SUSER_SNAME(), PRIMARY KEY (profile_id, account_id));
CREATE TABLE dbo.sysmail_principalprofile (profile_id int NOT NULL, principal_sid varbinary(85) NOT NULL, is_default bit NOT NULL, last_mod_datetime datetime NOT NULL DEFAULT GETDATE(), last_mod_user sysname NOT NULL DEFAULT SUSER_SNAME());
GO
CREATE PROCEDURE dbo.sysmail_add_profile_sp @profile_name sysname, @description nvarchar(256) = NULL, @profile_id int = NULL OUTPUT AS
BEGIN
    INSERT INTO dbo.sysmail_profile (name, description) VALUES (@profile_name, @description);
    SET @profile_id = CONVERT(int, SCOPE_IDENTITY());
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sysmail_add_account_sp
    @account_name sysname, @email_address nvarchar(128), @display_name nvarchar(128) = NULL, @replyto_address nvarchar(128) = NULL, @description nvarchar(256) = NULL, @mailserver_name sysname = NULL,
    @mailserver_type sysname = N'SMTP', @port int = 25, @username nvarchar(128) = NULL, @password nvarchar(128) = NULL, @use_default_credentials bit = 0, @enable_ssl bit = 0, @account_id int = NULL OUTPUT AS
BEGIN
    INSERT INTO dbo.sysmail_account (name, description, email_address, display_name, replyto_address) VALUES (@account_name, @description, @email_address, @display_name, @replyto_address);
    SET @account_id = CONVERT(int, SCOPE_IDENTITY());
    INSERT INTO dbo.sysmail_server (account_id, servertype, servername, port, username, use_default_credentials, enable_ssl) VALUES (@account_id, @mailserver_type, ISNULL(@mailserver_name, @@SERVERNAME), @port, @username, @use_default_credentials, @enable_ssl);
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sysmail_add_profileaccount_sp @profile_id int = NULL, @profile_name sysname = NULL, @account_id int = NULL, @account_name sysname = NULL, @sequence_number int AS
BEGIN
    IF @profile_id IS NULL
        SELECT @profile_id = profile_id FROM dbo.sysmail_profile WHERE name = @profile_name;
    IF @account_id IS NULL
        SELECT @account_id = account_id FROM dbo.sysmail_account WHERE name = @account_name;
    IF @profile_id IS NULL
    BEGIN
        RAISERROR(14607, -1, -1, N'profile');
        RETURN 1;
    END
    IF @account_id IS NULL
    BEGIN
        RAISERROR(14607, -1, -1, N'account');
        RETURN 2;
    END
    INSERT INTO dbo.sysmail_profileaccount (profile_id, account_id, sequence_number) VALUES (@profile_id, @account_id, @sequence_number);
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sysmail_add_principalprofile_sp @principal_id int = NULL, @principal_name sysname = NULL, @profile_id int = NULL, @profile_name sysname = NULL, @is_default bit AS
BEGIN
    DECLARE @sid varbinary(85) = 0x00;
    IF @profile_id IS NULL
        SELECT @profile_id = profile_id FROM dbo.sysmail_profile WHERE name = @profile_name;
    IF @profile_id IS NULL
    BEGIN
        RAISERROR(14607, -1, -1, N'profile');
        RETURN 1;
    END
    IF ISNULL(@principal_id, 1) <> 0 AND ISNULL(@principal_name, N'') <> N'public'
        SELECT @sid = sid FROM sys.database_principals WHERE principal_id = @principal_id OR name = @principal_name;
    INSERT INTO dbo.sysmail_principalprofile (profile_id, principal_sid, is_default) VALUES (@profile_id, @sid, @is_default);
    RETURN 0;
END
GO
