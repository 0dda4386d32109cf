-- Operators, alerts and proxies of the Agent. The lab sends nothing and raises no alert: they are kept and shown.
CREATE PROCEDURE dbo.sp_add_operator
    @name sysname, @enabled tinyint = 1, @email_address nvarchar(100) = NULL, @pager_address nvarchar(100) = NULL, @weekday_pager_start_time int = 90000, @weekday_pager_end_time int = 180000,
    @saturday_pager_start_time int = 90000, @saturday_pager_end_time int = 180000, @sunday_pager_start_time int = 90000, @sunday_pager_end_time int = 180000, @pager_days tinyint = 0,
    @netsend_address nvarchar(100) = NULL, @category_name sysname = NULL AS
BEGIN
    DECLARE @category int = 99;
    IF EXISTS (SELECT 1 FROM dbo.sysoperators WHERE name = @name)
    BEGIN
        RAISERROR(14261, -1, -1, N'@name', @name);
        RETURN 1;
    END
    IF @category_name IS NOT NULL
    BEGIN
        SET @category = NULL;
        SELECT @category = category_id FROM dbo.syscategories WHERE name = @category_name AND category_class = 3;
        IF @category IS NULL
        BEGIN
            RAISERROR(14262, -1, -1, N'@category_name', @category_name);
            RETURN 1;
        END
    END
    INSERT INTO dbo.sysoperators (name, enabled, email_address, pager_address, weekday_pager_start_time, weekday_pager_end_time, saturday_pager_start_time, saturday_pager_end_time, sunday_pager_start_time,
            sunday_pager_end_time, pager_days, netsend_address, category_id)
        VALUES (@name, @enabled, @email_address, @pager_address, @weekday_pager_start_time, @weekday_pager_end_time, @saturday_pager_start_time, @saturday_pager_end_time, @sunday_pager_start_time,
            @sunday_pager_end_time, @pager_days, @netsend_address, @category);
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_delete_operator @name sysname, @reassign_to_operator sysname = NULL AS
BEGIN
    DECLARE @id int;
    SELECT @id = id FROM dbo.sysoperators WHERE name = @name;
    IF @id IS NULL
    BEGIN
        RAISERROR(14262, -1, -1, N'@name', @name);
        RETURN 1;
    END
    UPDATE dbo.sysjobs SET notify_email_operator_id = 0, notify_level_email = 0 WHERE notify_email_operator_id = @id;
    DELETE FROM dbo.sysnotifications WHERE operator_id = @id;
    DELETE FROM dbo.sysoperators WHERE id = @id;
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_add_alert
    @name sysname, @message_id int = 0, @severity int = 0, @enabled tinyint = 1, @delay_between_responses int = 0, @notification_message nvarchar(512) = NULL, @include_event_description_in tinyint = 5,
    @database_name sysname = NULL, @event_description_keyword nvarchar(100) = NULL, @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @raise_snmp_trap tinyint = 0,
    @performance_condition nvarchar(512) = NULL, @category_name sysname = NULL, @wmi_namespace sysname = NULL, @wmi_query nvarchar(512) = NULL AS
BEGIN
    DECLARE @rc int;
    IF EXISTS (SELECT 1 FROM dbo.sysalerts WHERE name = @name)
    BEGIN
        RAISERROR(14261, -1, -1, N'@name', @name);
        RETURN 1;
    END
    IF @job_id IS NOT NULL AND @job_id <> '00000000-0000-0000-0000-000000000000' OR @job_name IS NOT NULL
    BEGIN
        EXEC @rc = dbo.lab_find_job @job_id OUTPUT, @job_name;
        IF @rc <> 0 RETURN 1;
    END
    INSERT INTO dbo.sysalerts (name, event_source, message_id, severity, enabled, delay_between_responses, notification_message, include_event_description, database_name, event_description_keyword, job_id, performance_condition)
        VALUES (@name, N'MSSQLSERVER', @message_id, @severity, @enabled, @delay_between_responses, @notification_message, @include_event_description_in, @database_name, @event_description_keyword,
            ISNULL(@job_id, '00000000-0000-0000-0000-000000000000'), @performance_condition);
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_delete_alert @name sysname AS
BEGIN
    IF NOT EXISTS (SELECT 1 FROM dbo.sysalerts WHERE name = @name)
    BEGIN
        RAISERROR(14262, -1, -1, N'@name', @name);
        RETURN 1;
    END
    DELETE FROM dbo.sysnotifications WHERE alert_id IN (SELECT id FROM dbo.sysalerts WHERE name = @name);
    DELETE FROM dbo.sysalerts WHERE name = @name;
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_add_notification @alert_name sysname, @operator_name sysname, @notification_method tinyint AS
BEGIN
    DECLARE @alert int, @operator int;
    SELECT @alert = id FROM dbo.sysalerts WHERE name = @alert_name;
    SELECT @operator = id FROM dbo.sysoperators WHERE name = @operator_name;
    IF @alert IS NULL
    BEGIN
        RAISERROR(14262, -1, -1, N'@alert_name', @alert_name);
        RETURN 1;
    END
    IF @operator IS NULL
    BEGIN
        RAISERROR(14262, -1, -1, N'@operator_name', @operator_name);
        RETURN 1;
    END
    INSERT INTO dbo.sysnotifications VALUES (@alert, @operator, @notification_method);
    UPDATE dbo.sysalerts SET has_notification = has_notification | @notification_method WHERE id = @alert;
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_add_proxy @proxy_name sysname, @enabled tinyint = 1, @description nvarchar(512) = NULL, @credential_name sysname = NULL, @credential_id int = NULL, @proxy_id int = NULL OUTPUT AS
BEGIN
    IF EXISTS (SELECT 1 FROM dbo.sysproxies WHERE name = @proxy_name)
    BEGIN
        RAISERROR(14261, -1, -1, N'@name', @proxy_name);
        RETURN 1;
    END
    IF @credential_name IS NOT NULL
        SELECT @credential_id = credential_id FROM sys.credentials WHERE name = @credential_name;
    IF NOT EXISTS (SELECT 1 FROM sys.credentials WHERE credential_id = @credential_id)
    BEGIN
        RAISERROR(14262, -1, -1, N'@credential_name', @credential_name);
        RETURN 1;
    END
    INSERT INTO dbo.sysproxies (name, credential_id, enabled, description, user_sid, credential_date_created) SELECT @proxy_name, credential_id, @enabled, @description, 0x, create_date FROM sys.credentials WHERE credential_id = @credential_id;
    SET @proxy_id = CONVERT(int, SCOPE_IDENTITY());
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_grant_proxy_to_subsystem @proxy_id int = NULL, @proxy_name sysname = NULL, @subsystem_id int = NULL, @subsystem_name sysname = NULL AS
BEGIN
    IF @proxy_id IS NULL
        SELECT @proxy_id = proxy_id FROM dbo.sysproxies WHERE name = @proxy_name;
    IF @subsystem_id IS NULL
        SELECT @subsystem_id = subsystem_id FROM dbo.syssubsystems WHERE subsystem = @subsystem_name;
    IF NOT EXISTS (SELECT 1 FROM dbo.sysproxies WHERE proxy_id = @proxy_id)
    BEGIN
        RAISERROR(14262, -1, -1, N'@proxy_name', @proxy_name);
        RETURN 1;
    END
    IF @subsystem_id IS NULL
    BEGIN
        RAISERROR(14262, -1, -1, N'@subsystem_name', @subsystem_name);
        RETURN 1;
    END
    INSERT INTO dbo.sysproxysubsystem VALUES (@subsystem_id, @proxy_id);
    RETURN 0;
END
GO
