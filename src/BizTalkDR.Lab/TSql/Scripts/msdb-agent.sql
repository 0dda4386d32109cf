-- Tables and procedures of the Agent, made once in msdb when an instance is created.
CREATE TABLE dbo.syscategories (category_id int NOT NULL PRIMARY KEY, category_class int NOT NULL, category_type tinyint NOT NULL, name sysname NOT NULL);
CREATE TABLE dbo.sysjobs (
    job_id uniqueidentifier NOT NULL PRIMARY KEY, originating_server_id int NOT NULL DEFAULT 0, name sysname NOT NULL, enabled tinyint NOT NULL, description nvarchar(512) NULL,
    start_step_id int NOT NULL, category_id int NOT NULL, owner_sid varbinary(85) NOT NULL, notify_level_eventlog int NOT NULL, notify_level_email int NOT NULL,
    notify_level_netsend int NOT NULL, notify_level_page int NOT NULL, notify_email_operator_id int NOT NULL DEFAULT 0, notify_netsend_operator_id int NOT NULL DEFAULT 0,
    notify_page_operator_id int NOT NULL DEFAULT 0, delete_level int NOT NULL, date_created datetime NOT NULL, date_modified datetime NOT NULL, version_number int NOT NULL);
CREATE TABLE dbo.sysjobsteps (
    job_id uniqueidentifier NOT NULL, step_id int NOT NULL, step_name sysname NOT NULL, subsystem nvarchar(40) NOT NULL, command nvarchar(max) NULL, flags int NOT NULL,
    additional_parameters nvarchar(max) NULL, cmdexec_success_code int NOT NULL, on_success_action tinyint NOT NULL, on_success_step_id int NOT NULL, on_fail_action tinyint NOT NULL,
    on_fail_step_id int NOT NULL, server sysname NULL, database_name sysname NULL, database_user_name sysname NULL, retry_attempts int NOT NULL, retry_interval int NOT NULL,
    os_run_priority int NOT NULL, output_file_name nvarchar(200) NULL, last_run_outcome int NOT NULL, last_run_duration int NOT NULL, last_run_retries int NOT NULL,
    last_run_date int NOT NULL, last_run_time int NOT NULL, proxy_id int NULL, step_uid uniqueidentifier NULL, PRIMARY KEY (job_id, step_id));
CREATE TABLE dbo.sysschedules (
    schedule_id int IDENTITY(1, 1) NOT NULL PRIMARY KEY, schedule_uid uniqueidentifier NOT NULL, originating_server_id int NOT NULL DEFAULT 0, name sysname NOT NULL, owner_sid varbinary(85) NOT NULL,
    enabled int NOT NULL, freq_type int NOT NULL, freq_interval int NOT NULL, freq_subday_type int NOT NULL, freq_subday_interval int NOT NULL, freq_relative_interval int NOT NULL,
    freq_recurrence_factor int NOT NULL, active_start_date int NOT NULL, active_end_date int NOT NULL, active_start_time int NOT NULL, active_end_time int NOT NULL,
    date_created datetime NOT NULL, date_modified datetime NOT NULL, version_number int NOT NULL);
CREATE TABLE dbo.sysjobschedules (schedule_id int NULL, job_id uniqueidentifier NULL, next_run_date int NOT NULL, next_run_time int NOT NULL);
CREATE TABLE dbo.sysjobservers (
    job_id uniqueidentifier NOT NULL, server_id int NOT NULL, last_run_outcome tinyint NOT NULL, last_outcome_message nvarchar(4000) NULL,
    last_run_date int NOT NULL, last_run_time int NOT NULL, last_run_duration int NOT NULL);
CREATE TABLE dbo.sysjobhistory (
    instance_id int IDENTITY(1, 1) NOT NULL PRIMARY KEY, job_id uniqueidentifier NOT NULL, step_id int NOT NULL, step_name sysname NOT NULL, sql_message_id int NOT NULL, sql_severity int NOT NULL,
    message nvarchar(4000) NULL, run_status int NOT NULL, run_date int NOT NULL, run_time int NOT NULL, run_duration int NOT NULL, operator_id_emailed int NOT NULL DEFAULT 0,
    operator_id_netsent int NOT NULL DEFAULT 0, operator_id_paged int NOT NULL DEFAULT 0, retries_attempted int NOT NULL, server sysname NOT NULL);
CREATE TABLE dbo.sysjobactivity (
    session_id int NOT NULL, job_id uniqueidentifier NOT NULL, run_requested_date datetime NULL, run_requested_source sysname NULL, queued_date datetime NULL, start_execution_date datetime NULL,
    last_executed_step_id int NULL, last_executed_step_date datetime NULL, stop_execution_date datetime NULL, job_history_id int NULL, next_scheduled_run_date datetime NULL);
CREATE TABLE dbo.syssessions (session_id int IDENTITY(1, 1) NOT NULL PRIMARY KEY, agent_start_date datetime NOT NULL);
INSERT INTO dbo.syssessions (agent_start_date) VALUES (GETDATE());
CREATE TABLE dbo.sysoperators (
    id int IDENTITY(1, 1) NOT NULL PRIMARY KEY, name sysname NOT NULL, enabled tinyint NOT NULL, email_address nvarchar(100) NULL, last_email_date int NOT NULL DEFAULT 0, last_email_time int NOT NULL DEFAULT 0,
    pager_address nvarchar(100) NULL, last_pager_date int NOT NULL DEFAULT 0, last_pager_time int NOT NULL DEFAULT 0, weekday_pager_start_time int NOT NULL, weekday_pager_end_time int NOT NULL,
    saturday_pager_start_time int NOT NULL, saturday_pager_end_time int NOT NULL, sunday_pager_start_time int NOT NULL, sunday_pager_end_time int NOT NULL, pager_days tinyint NOT NULL,
    netsend_address nvarchar(100) NULL, last_netsend_date int NOT NULL DEFAULT 0, last_netsend_time int NOT NULL DEFAULT 0, category_id int NOT NULL);
CREATE TABLE dbo.sysproxies (proxy_id int IDENTITY(1, 1) NOT NULL PRIMARY KEY, name sysname NOT NULL, credential_id int NOT NULL, enabled tinyint NOT NULL, description nvarchar(512) NULL, user_sid varbinary(85) NOT NULL, credential_date_created datetime NOT NULL);
CREATE TABLE dbo.sysproxysubsystem (subsystem_id int NOT NULL, proxy_id int NOT NULL, PRIMARY KEY (subsystem_id, proxy_id));
CREATE TABLE dbo.syssubsystems (subsystem_id int NOT NULL PRIMARY KEY, subsystem nvarchar(40) NOT NULL);
INSERT INTO dbo.syssubsystems VALUES (1, N'TSQL'), (2, N'ActiveScripting'), (3, N'CmdExec'), (4, N'Snapshot'), (5, N'LogReader'), (6, N'Distribution'), (7, N'Merge'), (8, N'QueueReader'), (9, N'ANALYSISQUERY'), (10, N'ANALYSISCOMMAND'), (11, N'SSIS'), (12, N'PowerShell');
CREATE TABLE dbo.sysalerts (
    id int IDENTITY(1, 1) NOT NULL PRIMARY KEY, name sysname NOT NULL, event_source nvarchar(100) NOT NULL, event_category_id int NULL, event_id int NULL, message_id int NOT NULL, severity int NOT NULL,
    enabled tinyint NOT NULL, delay_between_responses int NOT NULL, last_occurrence_date int NOT NULL DEFAULT 0, last_occurrence_time int NOT NULL DEFAULT 0, last_response_date int NOT NULL DEFAULT 0,
    last_response_time int NOT NULL DEFAULT 0, notification_message nvarchar(512) NULL, include_event_description tinyint NOT NULL, database_name nvarchar(512) NULL, event_description_keyword nvarchar(100) NULL,
    occurrence_count int NOT NULL DEFAULT 0, count_reset_date int NOT NULL DEFAULT 0, count_reset_time int NOT NULL DEFAULT 0, job_id uniqueidentifier NOT NULL, has_notification int NOT NULL DEFAULT 0,
    flags int NOT NULL DEFAULT 0, performance_condition nvarchar(512) NULL, category_id int NOT NULL DEFAULT 0);
CREATE TABLE dbo.sysnotifications (alert_id int NOT NULL, operator_id int NOT NULL, notification_method tinyint NOT NULL, PRIMARY KEY (alert_id, operator_id));
CREATE TABLE dbo.syspolicy_system_health_state (health_state_id bigint NOT NULL, policy_id int NOT NULL, last_run_date datetime NOT NULL, target_query_expression_with_id nvarchar(400) NOT NULL, target_query_expression nvarchar(max) NULL, result bit NOT NULL);
INSERT INTO dbo.syscategories VALUES (0, 1, 1, N'[Uncategorized (Local)]'), (1, 1, 1, N'Jobs from MSX'), (2, 1, 2, N'[Uncategorized (Multi-Server)]'), (3, 1, 1, N'Database Maintenance'), (98, 2, 3, N'[Uncategorized]'), (99, 3, 3, N'[Uncategorized]');
GO
CREATE VIEW dbo.sysjobs_view AS SELECT job_id, originating_server_id, name, enabled, description, start_step_id, category_id, owner_sid, notify_level_eventlog, date_created, date_modified, version_number FROM dbo.sysjobs;
GO
CREATE FUNCTION dbo.fn_syspolicy_is_automation_enabled() RETURNS bit AS BEGIN RETURN 0; END
GO
CREATE FUNCTION dbo.agent_datetime(@date int, @time int) RETURNS datetime AS
BEGIN
    DECLARE @d nvarchar(8) = CONVERT(nvarchar(8), @date), @t nvarchar(6) = RIGHT(N'000000' + CONVERT(nvarchar(6), @time), 6);
    RETURN CONVERT(datetime, @d + N' ' + SUBSTRING(@t, 1, 2) + N':' + SUBSTRING(@t, 3, 2) + N':' + SUBSTRING(@t, 5, 2));
END
GO
-- Finds a job by id or name; says 14262 when there is none.
CREATE PROCEDURE dbo.lab_find_job @job_id uniqueidentifier OUTPUT, @job_name sysname AS
BEGIN
    DECLARE @found uniqueidentifier, @shown nvarchar(128);
    IF @job_id IS NULL AND @job_name IS NULL
    BEGIN
        RAISERROR(14294, -1, -1, N'@job_id', N'@job_name');
        RETURN 1;
    END
    SELECT @found = job_id FROM dbo.sysjobs WHERE (@job_id IS NOT NULL AND job_id = @job_id) OR (@job_id IS NULL AND name = @job_name);
    IF @found IS NULL
    BEGIN
        SET @shown = COALESCE(@job_name, CONVERT(nvarchar(36), @job_id), N'');
        RAISERROR(14262, -1, -1, N'@job_name', @shown);
        RETURN 1;
    END
    SET @job_id = @found;
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_add_category @class varchar(8) = 'JOB', @type varchar(12) = 'LOCAL', @name sysname AS
BEGIN
    DECLARE @id int;
    IF EXISTS (SELECT 1 FROM dbo.syscategories WHERE name = @name)
    BEGIN
        RAISERROR(14261, -1, -1, N'@name', @name);
        RETURN 1;
    END
    SELECT @id = MAX(category_id) + 1 FROM dbo.syscategories WHERE category_id >= 99;
    INSERT INTO dbo.syscategories VALUES (@id, CASE UPPER(@class) WHEN 'ALERT' THEN 2 WHEN 'OPERATOR' THEN 3 ELSE 1 END, CASE UPPER(@type) WHEN 'MULTI-SERVER' THEN 2 WHEN 'NONE' THEN 3 ELSE 1 END, @name);
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_delete_category @class varchar(8), @name sysname AS
BEGIN
    DELETE FROM dbo.syscategories WHERE name = @name AND category_id > 99;
    IF @@ROWCOUNT = 0
    BEGIN
        RAISERROR(14262, -1, -1, N'@name', @name);
        RETURN 1;
    END
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_add_job
    @job_name sysname, @enabled tinyint = 1, @description nvarchar(512) = NULL, @start_step_id int = 1, @category_name sysname = NULL, @category_id int = NULL, @owner_login_name sysname = NULL,
    @notify_level_eventlog int = 2, @notify_level_email int = 0, @notify_level_netsend int = 0, @notify_level_page int = 0, @notify_email_operator_name sysname = NULL,
    @notify_netsend_operator_name sysname = NULL, @notify_page_operator_name sysname = NULL, @delete_level int = 0, @job_id uniqueidentifier = NULL OUTPUT, @originating_server sysname = NULL AS
BEGIN
    DECLARE @sid varbinary(85), @category int = 0, @email int = 0;
    IF EXISTS (SELECT 1 FROM dbo.sysjobs WHERE name = @job_name)
    BEGIN
        RAISERROR(14261, -1, -1, N'@job_name', @job_name);
        RETURN 1;
    END
    IF @category_name IS NOT NULL
    BEGIN
        SET @category = NULL;
        SELECT @category = category_id FROM dbo.syscategories WHERE name = @category_name AND category_class = 1;
        IF @category IS NULL
        BEGIN
            RAISERROR(14262, -1, -1, N'@category_name', @category_name);
            RETURN 1;
        END
    END
    ELSE IF @category_id IS NOT NULL
        SET @category = @category_id;
    IF @owner_login_name IS NOT NULL AND SUSER_SID(@owner_login_name) IS NULL
    BEGIN
        RAISERROR(14262, -1, -1, N'@owner_login_name', @owner_login_name);
        RETURN 1;
    END
    IF @notify_email_operator_name IS NOT NULL
    BEGIN
        SET @email = NULL;
        SELECT @email = id FROM dbo.sysoperators WHERE name = @notify_email_operator_name;
        IF @email IS NULL
        BEGIN
            RAISERROR(14262, -1, -1, N'@notify_email_operator_name', @notify_email_operator_name);
            RETURN 1;
        END
    END
    SET @sid = ISNULL(SUSER_SID(ISNULL(@owner_login_name, SUSER_SNAME())), 0x01);
    SET @job_id = NEWID();
    INSERT INTO dbo.sysjobs (job_id, name, enabled, description, start_step_id, category_id, owner_sid, notify_level_eventlog, notify_level_email, notify_level_netsend, notify_level_page, notify_email_operator_id, delete_level, date_created, date_modified, version_number)
        VALUES (@job_id, @job_name, @enabled, ISNULL(@description, N'No description available.'), @start_step_id, @category, @sid, @notify_level_eventlog, @notify_level_email, @notify_level_netsend, @notify_level_page, @email, @delete_level, GETDATE(), GETDATE(), 1);
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_update_job
    @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @new_name sysname = NULL, @enabled tinyint = NULL, @description nvarchar(512) = NULL, @start_step_id int = NULL, @category_name sysname = NULL,
    @owner_login_name sysname = NULL, @notify_level_eventlog int = NULL, @notify_level_email int = NULL, @notify_level_netsend int = NULL, @notify_level_page int = NULL, @delete_level int = NULL AS
BEGIN
    DECLARE @rc int, @category int;
    EXEC @rc = dbo.lab_find_job @job_id OUTPUT, @job_name;
    IF @rc <> 0 RETURN 1;
    IF @category_name IS NOT NULL
        SELECT @category = category_id FROM dbo.syscategories WHERE name = @category_name AND category_class = 1;
    UPDATE dbo.sysjobs SET name = ISNULL(@new_name, name), enabled = ISNULL(@enabled, enabled), description = ISNULL(@description, description), start_step_id = ISNULL(@start_step_id, start_step_id),
        category_id = ISNULL(@category, category_id), owner_sid = ISNULL(SUSER_SID(@owner_login_name), owner_sid), notify_level_eventlog = ISNULL(@notify_level_eventlog, notify_level_eventlog),
        notify_level_email = ISNULL(@notify_level_email, notify_level_email), delete_level = ISNULL(@delete_level, delete_level), date_modified = GETDATE(), version_number = version_number + 1
        WHERE job_id = @job_id;
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_delete_job @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @originating_server sysname = NULL, @delete_history bit = 1, @delete_unused_schedule bit = 1 AS
BEGIN
    DECLARE @rc int;
    EXEC @rc = dbo.lab_find_job @job_id OUTPUT, @job_name;
    IF @rc <> 0 RETURN 1;
    IF @delete_unused_schedule = 1
        DELETE FROM dbo.sysschedules WHERE schedule_id IN (SELECT schedule_id FROM dbo.sysjobschedules WHERE job_id = @job_id)
            AND schedule_id NOT IN (SELECT schedule_id FROM dbo.sysjobschedules WHERE job_id <> @job_id);
    DELETE FROM dbo.sysjobschedules WHERE job_id = @job_id;
    DELETE FROM dbo.sysjobservers WHERE job_id = @job_id;
    DELETE FROM dbo.sysjobsteps WHERE job_id = @job_id;
    DELETE FROM dbo.sysjobactivity WHERE job_id = @job_id;
    IF @delete_history = 1
        DELETE FROM dbo.sysjobhistory WHERE job_id = @job_id;
    DELETE FROM dbo.sysjobs WHERE job_id = @job_id;
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_add_jobstep
    @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @step_id int = NULL, @step_name sysname, @subsystem nvarchar(40) = N'TSQL', @command nvarchar(max) = NULL, @additional_parameters nvarchar(max) = NULL,
    @cmdexec_success_code int = 0, @on_success_action tinyint = 1, @on_success_step_id int = 0, @on_fail_action tinyint = 2, @on_fail_step_id int = 0, @server sysname = NULL, @database_name sysname = NULL,
    @database_user_name sysname = NULL, @retry_attempts int = 0, @retry_interval int = 0, @os_run_priority int = 0, @output_file_name nvarchar(200) = NULL, @flags int = 0, @proxy_name sysname = NULL,
    @step_uid uniqueidentifier = NULL OUTPUT AS
BEGIN
    DECLARE @rc int, @proxy int;
    EXEC @rc = dbo.lab_find_job @job_id OUTPUT, @job_name;
    IF @rc <> 0 RETURN 1;
    IF @proxy_name IS NOT NULL
    BEGIN
        SELECT @proxy = proxy_id FROM dbo.sysproxies WHERE name = @proxy_name;
        IF @proxy IS NULL
        BEGIN
            RAISERROR(14262, -1, -1, N'@proxy_name', @proxy_name);
            RETURN 1;
        END
    END
    IF @step_id IS NULL
        SELECT @step_id = ISNULL(MAX(step_id), 0) + 1 FROM dbo.sysjobsteps WHERE job_id = @job_id;
    UPDATE dbo.sysjobsteps SET step_id = step_id + 1 WHERE job_id = @job_id AND step_id >= @step_id;
    SET @step_uid = NEWID();
    INSERT INTO dbo.sysjobsteps (job_id, step_id, step_name, subsystem, command, flags, additional_parameters, cmdexec_success_code, on_success_action, on_success_step_id, on_fail_action, on_fail_step_id, server,
            database_name, database_user_name, retry_attempts, retry_interval, os_run_priority, output_file_name, last_run_outcome, last_run_duration, last_run_retries, last_run_date, last_run_time, proxy_id, step_uid)
        VALUES (@job_id, @step_id, @step_name, @subsystem, @command, @flags, @additional_parameters, @cmdexec_success_code, @on_success_action, @on_success_step_id, @on_fail_action, @on_fail_step_id, @server,
            ISNULL(@database_name, N'master'), @database_user_name, @retry_attempts, @retry_interval, @os_run_priority, @output_file_name, 0, 0, 0, 0, 0, @proxy, @step_uid);
    UPDATE dbo.sysjobs SET version_number = version_number + 1, date_modified = GETDATE() WHERE job_id = @job_id;
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_update_jobstep
    @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @step_id int, @step_name sysname = NULL, @subsystem nvarchar(40) = NULL, @command nvarchar(max) = NULL, @additional_parameters nvarchar(max) = NULL,
    @cmdexec_success_code int = NULL, @on_success_action tinyint = NULL, @on_success_step_id int = NULL, @on_fail_action tinyint = NULL, @on_fail_step_id int = NULL, @server sysname = NULL,
    @database_name sysname = NULL, @database_user_name sysname = NULL, @retry_attempts int = NULL, @retry_interval int = NULL, @os_run_priority int = NULL, @output_file_name nvarchar(200) = NULL,
    @flags int = NULL, @proxy_name sysname = NULL AS
BEGIN
    DECLARE @rc int;
    EXEC @rc = dbo.lab_find_job @job_id OUTPUT, @job_name;
    IF @rc <> 0 RETURN 1;
    UPDATE dbo.sysjobsteps SET step_name = ISNULL(@step_name, step_name), subsystem = ISNULL(@subsystem, subsystem), command = ISNULL(@command, command),
        on_success_action = ISNULL(@on_success_action, on_success_action), on_success_step_id = ISNULL(@on_success_step_id, on_success_step_id), on_fail_action = ISNULL(@on_fail_action, on_fail_action),
        on_fail_step_id = ISNULL(@on_fail_step_id, on_fail_step_id), database_name = ISNULL(@database_name, database_name), retry_attempts = ISNULL(@retry_attempts, retry_attempts),
        retry_interval = ISNULL(@retry_interval, retry_interval), output_file_name = ISNULL(@output_file_name, output_file_name), flags = ISNULL(@flags, flags)
        WHERE job_id = @job_id AND step_id = @step_id;
    IF @@ROWCOUNT = 0
    BEGIN
        RAISERROR(N'The specified @step_id (''%d'') does not exist.', 16, 1, @step_id);
        RETURN 1;
    END
    UPDATE dbo.sysjobs SET version_number = version_number + 1, date_modified = GETDATE() WHERE job_id = @job_id;
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_delete_jobstep @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @step_id int AS
BEGIN
    DECLARE @rc int;
    EXEC @rc = dbo.lab_find_job @job_id OUTPUT, @job_name;
    IF @rc <> 0 RETURN 1;
    DELETE FROM dbo.sysjobsteps WHERE job_id = @job_id AND (@step_id = 0 OR step_id = @step_id);
    IF @step_id <> 0
        UPDATE dbo.sysjobsteps SET step_id = step_id - 1 WHERE job_id = @job_id AND step_id > @step_id;
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_add_schedule
    @schedule_name sysname, @enabled tinyint = 1, @freq_type int = 0, @freq_interval int = 0, @freq_subday_type int = 0, @freq_subday_interval int = 0, @freq_relative_interval int = 0,
    @freq_recurrence_factor int = 0, @active_start_date int = NULL, @active_end_date int = 99991231, @active_start_time int = 0, @active_end_time int = 235959, @owner_login_name sysname = NULL,
    @schedule_uid uniqueidentifier = NULL OUTPUT, @schedule_id int = NULL OUTPUT, @originating_server sysname = NULL AS
BEGIN
    IF @freq_type NOT IN (1, 4, 8, 16, 32, 64, 128)
    BEGIN
        RAISERROR(14266, -1, -1, N'@freq_type', N'1, 4, 8, 16, 32, 64, 128');
        RETURN 1;
    END
    IF @freq_type IN (4, 8, 16, 32) AND @freq_subday_type NOT IN (0, 1, 2, 4, 8)
    BEGIN
        RAISERROR(14266, -1, -1, N'@freq_subday_type', N'1, 2, 4, 8');
        RETURN 1;
    END
    IF @freq_type = 4 AND @freq_interval < 1 OR @freq_type = 8 AND (@freq_interval < 1 OR @freq_interval > 127) OR @freq_type = 16 AND (@freq_interval < 1 OR @freq_interval > 31) OR @freq_type = 32 AND (@freq_interval < 1 OR @freq_interval > 10)
    BEGIN
        RAISERROR(14266, -1, -1, N'@freq_interval', N'see the frequency type');
        RETURN 1;
    END
    SET @schedule_uid = NEWID();
    IF @active_start_date IS NULL
        SET @active_start_date = CONVERT(int, CONVERT(nvarchar(8), GETDATE(), 112));
    INSERT INTO dbo.sysschedules (schedule_uid, name, owner_sid, enabled, freq_type, freq_interval, freq_subday_type, freq_subday_interval, freq_relative_interval, freq_recurrence_factor, active_start_date,
            active_end_date, active_start_time, active_end_time, date_created, date_modified, version_number)
        VALUES (@schedule_uid, @schedule_name, ISNULL(SUSER_SID(ISNULL(@owner_login_name, SUSER_SNAME())), 0x01), @enabled, @freq_type, @freq_interval, @freq_subday_type, @freq_subday_interval,
            @freq_relative_interval, @freq_recurrence_factor, @active_start_date, @active_end_date, @active_start_time, @active_end_time, GETDATE(), GETDATE(), 1);
    SET @schedule_id = CONVERT(int, SCOPE_IDENTITY());
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_attach_schedule @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @schedule_id int = NULL, @schedule_name sysname = NULL, @automatic_post bit = 1 AS
BEGIN
    DECLARE @rc int;
    EXEC @rc = dbo.lab_find_job @job_id OUTPUT, @job_name;
    IF @rc <> 0 RETURN 1;
    IF @schedule_id IS NULL
        SELECT @schedule_id = MAX(schedule_id) FROM dbo.sysschedules WHERE name = @schedule_name;
    IF NOT EXISTS (SELECT 1 FROM dbo.sysschedules WHERE schedule_id = @schedule_id)
    BEGIN
        RAISERROR(14262, -1, -1, N'@schedule_name', @schedule_name);
        RETURN 1;
    END
    IF NOT EXISTS (SELECT 1 FROM dbo.sysjobschedules WHERE job_id = @job_id AND schedule_id = @schedule_id)
        INSERT INTO dbo.sysjobschedules VALUES (@schedule_id, @job_id, 0, 0);
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_add_jobschedule
    @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @name sysname, @enabled tinyint = 1, @freq_type int = 1, @freq_interval int = 0, @freq_subday_type int = 0, @freq_subday_interval int = 0,
    @freq_relative_interval int = 0, @freq_recurrence_factor int = 0, @active_start_date int = NULL, @active_end_date int = 99991231, @active_start_time int = 0, @active_end_time int = 235959,
    @schedule_id int = NULL OUTPUT, @automatic_post bit = 1, @schedule_uid uniqueidentifier = NULL OUTPUT AS
BEGIN
    DECLARE @rc int;
    EXEC @rc = dbo.lab_find_job @job_id OUTPUT, @job_name;
    IF @rc <> 0 RETURN 1;
    EXEC dbo.sp_add_schedule @schedule_name = @name, @enabled = @enabled, @freq_type = @freq_type, @freq_interval = @freq_interval, @freq_subday_type = @freq_subday_type, @freq_subday_interval = @freq_subday_interval,
        @freq_relative_interval = @freq_relative_interval, @freq_recurrence_factor = @freq_recurrence_factor, @active_start_date = @active_start_date, @active_end_date = @active_end_date,
        @active_start_time = @active_start_time, @active_end_time = @active_end_time, @schedule_uid = @schedule_uid OUTPUT, @schedule_id = @schedule_id OUTPUT;
    EXEC dbo.sp_attach_schedule @job_id = @job_id, @schedule_id = @schedule_id;
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_update_schedule
    @schedule_id int = NULL, @name sysname = NULL, @new_name sysname = NULL, @enabled tinyint = NULL, @freq_type int = NULL, @freq_interval int = NULL, @freq_subday_type int = NULL,
    @freq_subday_interval int = NULL, @freq_relative_interval int = NULL, @freq_recurrence_factor int = NULL, @active_start_date int = NULL, @active_end_date int = NULL, @active_start_time int = NULL,
    @active_end_time int = NULL, @owner_login_name sysname = NULL, @automatic_post bit = 1 AS
BEGIN
    UPDATE dbo.sysschedules SET name = ISNULL(@new_name, name), enabled = ISNULL(@enabled, enabled), freq_type = ISNULL(@freq_type, freq_type), freq_interval = ISNULL(@freq_interval, freq_interval),
        freq_subday_type = ISNULL(@freq_subday_type, freq_subday_type), freq_subday_interval = ISNULL(@freq_subday_interval, freq_subday_interval),
        freq_relative_interval = ISNULL(@freq_relative_interval, freq_relative_interval), freq_recurrence_factor = ISNULL(@freq_recurrence_factor, freq_recurrence_factor),
        active_start_date = ISNULL(@active_start_date, active_start_date), active_end_date = ISNULL(@active_end_date, active_end_date),
        active_start_time = ISNULL(@active_start_time, active_start_time), active_end_time = ISNULL(@active_end_time, active_end_time),
        owner_sid = ISNULL(SUSER_SID(@owner_login_name), owner_sid), date_modified = GETDATE(), version_number = version_number + 1
        WHERE (@schedule_id IS NOT NULL AND schedule_id = @schedule_id) OR (@schedule_id IS NULL AND name = @name);
    IF @@ROWCOUNT = 0
    BEGIN
        RAISERROR(14262, -1, -1, N'@schedule_name', @name);
        RETURN 1;
    END
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_add_jobserver @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @server_name sysname = N'(local)', @automatic_post bit = 1 AS
BEGIN
    DECLARE @rc int;
    EXEC @rc = dbo.lab_find_job @job_id OUTPUT, @job_name;
    IF @rc <> 0 RETURN 1;
    IF EXISTS (SELECT 1 FROM dbo.sysjobservers WHERE job_id = @job_id)
    BEGIN
        RAISERROR(14269, -1, -1, @job_name, @server_name);
        RETURN 1;
    END
    INSERT INTO dbo.sysjobservers VALUES (@job_id, 0, 5, NULL, 0, 0, 0);
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_help_job @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @job_aspect varchar(9) = NULL, @job_type varchar(12) = NULL, @owner_login_name sysname = NULL,
    @subsystem nvarchar(40) = NULL, @category_name sysname = NULL, @enabled tinyint = NULL, @execution_status int = NULL, @date_comparator char(1) = NULL, @date_created datetime = NULL,
    @date_last_modified datetime = NULL, @description nvarchar(512) = NULL AS
BEGIN
    DECLARE @rc int;
    IF @job_id IS NOT NULL OR @job_name IS NOT NULL
    BEGIN
        EXEC @rc = dbo.lab_find_job @job_id OUTPUT, @job_name;
        IF @rc <> 0 RETURN 1;
    END
    SELECT j.job_id, @@SERVERNAME AS originating_server, j.name, j.enabled, j.description, j.start_step_id, c.name AS category, SUSER_SNAME(j.owner_sid) AS owner, j.notify_level_eventlog, j.notify_level_email,
        j.notify_level_netsend, j.notify_level_page, CONVERT(nvarchar(128), N'(unknown)') AS notify_email_operator, CONVERT(nvarchar(128), N'(unknown)') AS notify_netsend_operator,
        CONVERT(nvarchar(128), N'(unknown)') AS notify_page_operator, j.delete_level, j.date_created, j.date_modified, j.version_number, ISNULL(s.last_run_date, 0) AS last_run_date,
        ISNULL(s.last_run_time, 0) AS last_run_time, ISNULL(CONVERT(int, s.last_run_outcome), 5) AS last_run_outcome, ISNULL(n.next_run_date, 0) AS next_run_date, ISNULL(n.next_run_time, 0) AS next_run_time,
        ISNULL(n.schedule_id, 0) AS next_run_schedule_id, CASE WHEN a.start_execution_date IS NOT NULL AND a.stop_execution_date IS NULL THEN 1 ELSE 4 END AS current_execution_status,
        CASE WHEN a.start_execution_date IS NOT NULL AND a.stop_execution_date IS NULL THEN CONVERT(nvarchar(10), ISNULL(a.last_executed_step_id, 0) + 1) ELSE N'0 (unknown)' END AS current_execution_step,
        0 AS current_retry_attempt, (SELECT COUNT(*) FROM dbo.sysjobsteps AS t WHERE t.job_id = j.job_id) AS has_step, (SELECT COUNT(*) FROM dbo.sysjobschedules AS t WHERE t.job_id = j.job_id) AS has_schedule,
        (SELECT COUNT(*) FROM dbo.sysjobservers AS t WHERE t.job_id = j.job_id) AS has_target, 1 AS type
        FROM dbo.sysjobs AS j LEFT JOIN dbo.syscategories AS c ON c.category_id = j.category_id LEFT JOIN dbo.sysjobservers AS s ON s.job_id = j.job_id LEFT JOIN dbo.sysjobactivity AS a ON a.job_id = j.job_id
        OUTER APPLY (SELECT TOP (1) js.next_run_date, js.next_run_time, js.schedule_id FROM dbo.sysjobschedules AS js WHERE js.job_id = j.job_id AND js.next_run_date > 0 ORDER BY js.next_run_date, js.next_run_time) AS n
        WHERE (@job_id IS NULL OR j.job_id = @job_id) AND (@enabled IS NULL OR j.enabled = @enabled) AND (@owner_login_name IS NULL OR SUSER_SNAME(j.owner_sid) = @owner_login_name)
            AND (@category_name IS NULL OR c.name = @category_name) ORDER BY j.name;
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_help_schedule @schedule_id int = NULL, @schedule_name sysname = NULL, @attached_schedules_only bit = NULL, @include_description bit = 0 AS
BEGIN
    SELECT s.schedule_id, s.schedule_uid, s.name AS schedule_name, s.enabled, s.freq_type, s.freq_interval, s.freq_subday_type, s.freq_subday_interval, s.freq_relative_interval, s.freq_recurrence_factor,
        s.active_start_date, s.active_end_date, s.active_start_time, s.active_end_time, s.date_created, N'(Description not requested.)' AS schedule_description,
        (SELECT COUNT(*) FROM dbo.sysjobschedules AS t WHERE t.schedule_id = s.schedule_id) AS job_count
        FROM dbo.sysschedules AS s WHERE (@schedule_id IS NULL OR s.schedule_id = @schedule_id) AND (@schedule_name IS NULL OR s.name = @schedule_name) ORDER BY s.schedule_id;
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_help_jobschedule @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @schedule_name sysname = NULL, @schedule_id int = NULL, @include_description bit = 0 AS
BEGIN
    DECLARE @rc int;
    EXEC @rc = dbo.lab_find_job @job_id OUTPUT, @job_name;
    IF @rc <> 0 RETURN 1;
    SELECT s.schedule_id, s.name AS schedule_name, s.enabled, s.freq_type, s.freq_interval, s.freq_subday_type, s.freq_subday_interval, s.freq_relative_interval, s.freq_recurrence_factor, s.active_start_date,
        s.active_end_date, s.active_start_time, s.active_end_time, s.date_created, N'(Description not requested.)' AS schedule_description, js.next_run_date, js.next_run_time, s.schedule_uid,
        (SELECT COUNT(*) FROM dbo.sysjobschedules AS t WHERE t.schedule_id = s.schedule_id) AS job_count
        FROM dbo.sysjobschedules AS js JOIN dbo.sysschedules AS s ON s.schedule_id = js.schedule_id
        WHERE js.job_id = @job_id AND (@schedule_id IS NULL OR s.schedule_id = @schedule_id) AND (@schedule_name IS NULL OR s.name = @schedule_name) ORDER BY s.schedule_id;
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_help_jobactivity @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @session_id int = NULL AS
BEGIN
    DECLARE @rc int;
    IF @job_id IS NOT NULL OR @job_name IS NOT NULL
    BEGIN
        EXEC @rc = dbo.lab_find_job @job_id OUTPUT, @job_name;
        IF @rc <> 0 RETURN 1;
    END
    SELECT a.session_id, a.job_id, j.name AS job_name, a.run_requested_date, a.run_requested_source, a.queued_date, a.start_execution_date, a.last_executed_step_id, a.last_executed_step_date AS last_exectued_step_date,
        a.stop_execution_date, a.next_scheduled_run_date, a.job_history_id, h.message, h.run_status, h.operator_id_emailed, h.operator_id_netsent, h.operator_id_paged
        FROM dbo.sysjobactivity AS a JOIN dbo.sysjobs AS j ON j.job_id = a.job_id LEFT JOIN dbo.sysjobhistory AS h ON h.instance_id = a.job_history_id
        WHERE @job_id IS NULL OR a.job_id = @job_id ORDER BY j.name;
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_detach_schedule @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @schedule_id int = NULL, @schedule_name sysname = NULL, @delete_unused_schedule bit = 0, @automatic_post bit = 1 AS
BEGIN
    DECLARE @rc int;
    EXEC @rc = dbo.lab_find_job @job_id OUTPUT, @job_name;
    IF @rc <> 0 RETURN 1;
    IF @schedule_id IS NULL
        SELECT @schedule_id = js.schedule_id FROM dbo.sysjobschedules AS js JOIN dbo.sysschedules AS s ON s.schedule_id = js.schedule_id WHERE js.job_id = @job_id AND s.name = @schedule_name;
    DELETE FROM dbo.sysjobschedules WHERE job_id = @job_id AND schedule_id = @schedule_id;
    IF @@ROWCOUNT = 0
    BEGIN
        RAISERROR(14262, -1, -1, N'@schedule_name', @schedule_name);
        RETURN 1;
    END
    IF @delete_unused_schedule = 1 AND NOT EXISTS (SELECT 1 FROM dbo.sysjobschedules WHERE schedule_id = @schedule_id)
        DELETE FROM dbo.sysschedules WHERE schedule_id = @schedule_id;
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_delete_schedule @schedule_id int = NULL, @schedule_name sysname = NULL, @force_delete bit = 0, @automatic_post bit = 1 AS
BEGIN
    IF @schedule_id IS NULL
        SELECT @schedule_id = MAX(schedule_id) FROM dbo.sysschedules WHERE name = @schedule_name;
    IF NOT EXISTS (SELECT 1 FROM dbo.sysschedules WHERE schedule_id = @schedule_id)
    BEGIN
        RAISERROR(14262, -1, -1, N'@schedule_name', @schedule_name);
        RETURN 1;
    END
    IF @force_delete = 0 AND EXISTS (SELECT 1 FROM dbo.sysjobschedules WHERE schedule_id = @schedule_id)
    BEGIN
        RAISERROR(14372, -1, -1);
        RETURN 1;
    END
    DELETE FROM dbo.sysjobschedules WHERE schedule_id = @schedule_id;
    DELETE FROM dbo.sysschedules WHERE schedule_id = @schedule_id;
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_help_jobstep @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @step_id int = NULL AS
BEGIN
    DECLARE @rc int;
    EXEC @rc = dbo.lab_find_job @job_id OUTPUT, @job_name;
    IF @rc <> 0 RETURN 1;
    SELECT step_id, step_name, subsystem, command, flags, cmdexec_success_code, on_success_action, on_success_step_id, on_fail_action, on_fail_step_id, server, database_name, database_user_name, retry_attempts,
        retry_interval, os_run_priority, output_file_name, last_run_outcome, last_run_duration, last_run_retries, last_run_date, last_run_time, proxy_id
        FROM dbo.sysjobsteps WHERE job_id = @job_id AND (@step_id IS NULL OR step_id = @step_id) ORDER BY step_id;
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_help_jobhistory @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @step_id int = NULL, @mode varchar(7) = NULL AS
BEGIN
    DECLARE @rc int;
    IF @job_id IS NOT NULL OR @job_name IS NOT NULL
    BEGIN
        EXEC @rc = dbo.lab_find_job @job_id OUTPUT, @job_name;
        IF @rc <> 0 RETURN 1;
    END
    SELECT h.instance_id, h.job_id, j.name AS job_name, h.step_id, h.step_name, h.sql_message_id, h.sql_severity, h.message, h.run_status, h.run_date, h.run_time, h.run_duration, h.retries_attempted, h.server
        FROM dbo.sysjobhistory AS h JOIN dbo.sysjobs AS j ON j.job_id = h.job_id
        WHERE (@job_id IS NULL OR h.job_id = @job_id) AND (@step_id IS NULL OR h.step_id = @step_id) ORDER BY h.instance_id DESC;
    RETURN 0;
END
GO
CREATE PROCEDURE dbo.sp_purge_jobhistory @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @oldest_date datetime = NULL AS
BEGIN
    DECLARE @rc int;
    IF @job_id IS NOT NULL OR @job_name IS NOT NULL
    BEGIN
        EXEC @rc = dbo.lab_find_job @job_id OUTPUT, @job_name;
        IF @rc <> 0 RETURN 1;
    END
    DELETE FROM dbo.sysjobhistory WHERE (@job_id IS NULL OR job_id = @job_id) AND (@oldest_date IS NULL OR dbo.agent_datetime(run_date, run_time) < @oldest_date);
    RETURN 0;
END
GO
