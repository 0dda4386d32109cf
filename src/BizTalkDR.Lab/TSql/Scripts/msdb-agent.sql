-- Tables and procedures of SQL Server Agent in msdb, as far as jobs with T-SQL steps and schedules need them.
-- Names, types and meanings as documented for dbo.sysjobs and its neighbours; the text is the lab's own.
CREATE TABLE dbo.syscategories (
    category_id int NOT NULL IDENTITY(100, 1) PRIMARY KEY, category_class int NOT NULL, category_type tinyint NOT NULL, name sysname NOT NULL);
CREATE TABLE dbo.sysjobs (
    job_id uniqueidentifier NOT NULL PRIMARY KEY, originating_server_id int NOT NULL, name sysname NOT NULL UNIQUE, enabled tinyint NOT NULL,
    description nvarchar(512) NULL, start_step_id int NOT NULL, category_id int NOT NULL, owner_sid varbinary(85) NOT NULL,
    notify_level_eventlog int NOT NULL, notify_level_email int NOT NULL, notify_level_netsend int NOT NULL, notify_level_page int NOT NULL,
    notify_email_operator_id int NOT NULL, notify_netsend_operator_id int NOT NULL, notify_page_operator_id int NOT NULL, delete_level int NOT NULL,
    date_created datetime NOT NULL, date_modified datetime NOT NULL, version_number int NOT NULL);
CREATE TABLE dbo.sysjobsteps (
    job_id uniqueidentifier NOT NULL, step_id int NOT NULL, step_name sysname NOT NULL, subsystem nvarchar(40) NOT NULL, command nvarchar(max) NULL,
    flags int NOT NULL, additional_parameters nvarchar(max) NULL, cmdexec_success_code int NOT NULL, on_success_action tinyint NOT NULL,
    on_success_step_id int NOT NULL, on_fail_action tinyint NOT NULL, on_fail_step_id int NOT NULL, server sysname NULL, database_name sysname NULL,
    database_user_name sysname NULL, retry_attempts int NOT NULL, retry_interval int NOT NULL, os_run_priority int NOT NULL,
    output_file_name nvarchar(200) NULL, last_run_outcome int NOT NULL, last_run_duration int NOT NULL, last_run_retries int NOT NULL,
    last_run_date int NOT NULL, last_run_time int NOT NULL, proxy_id int NULL, step_uid uniqueidentifier NULL, PRIMARY KEY (job_id, step_id));
CREATE TABLE dbo.sysschedules (
    schedule_id int NOT NULL IDENTITY(1, 1) PRIMARY KEY, schedule_uid uniqueidentifier NOT NULL, originating_server_id int NOT NULL, name sysname NOT NULL,
    owner_sid varbinary(85) NOT NULL, enabled int NOT NULL, freq_type int NOT NULL, freq_interval int NOT NULL, freq_subday_type int NOT NULL,
    freq_subday_interval int NOT NULL, freq_relative_interval int NOT NULL, freq_recurrence_factor int NOT NULL, active_start_date int NOT NULL,
    active_end_date int NOT NULL, active_start_time int NOT NULL, active_end_time int NOT NULL, date_created datetime NOT NULL,
    date_modified datetime NOT NULL, version_number int NOT NULL);
CREATE TABLE dbo.sysjobschedules (
    schedule_id int NOT NULL, job_id uniqueidentifier NOT NULL, next_run_date int NOT NULL, next_run_time int NOT NULL, PRIMARY KEY (schedule_id, job_id));
CREATE TABLE dbo.sysjobservers (
    job_id uniqueidentifier NOT NULL, server_id int NOT NULL, last_run_outcome tinyint NOT NULL, last_outcome_message nvarchar(4000) NULL,
    last_run_date int NOT NULL, last_run_time int NOT NULL, last_run_duration int NOT NULL, PRIMARY KEY (job_id, server_id));
CREATE TABLE dbo.sysjobhistory (
    instance_id int NOT NULL IDENTITY(1, 1) PRIMARY KEY, job_id uniqueidentifier NOT NULL, step_id int NOT NULL, step_name sysname NOT NULL,
    sql_message_id int NOT NULL, sql_severity int NOT NULL, message nvarchar(4000) NULL, run_status int NOT NULL, run_date int NOT NULL,
    run_time int NOT NULL, run_duration int NOT NULL, operator_id_emailed int NOT NULL, operator_id_netsent int NOT NULL,
    operator_id_paged int NOT NULL, retries_attempted int NOT NULL, server sysname NOT NULL);
GO
SET IDENTITY_INSERT dbo.syscategories ON;
INSERT INTO dbo.syscategories (category_id, category_class, category_type, name)
VALUES (0, 1, 1, N'[Uncategorized (Local)]'), (1, 1, 1, N'Jobs from MSX'), (2, 1, 2, N'[Uncategorized (Multi-Server)]'), (3, 1, 1, N'Database Maintenance');
SET IDENTITY_INSERT dbo.syscategories OFF;
GO
-- Finds a job by name or id: 14262 when there is none, 14294 when neither is given.
CREATE PROCEDURE dbo.sp_lab_find_job @job_name sysname, @job_id uniqueidentifier OUTPUT
AS
SET NOCOUNT ON;
DECLARE @text nvarchar(300);
IF @job_name IS NULL AND @job_id IS NULL
BEGIN
    RAISERROR(N'Supply either @job_id or @job_name to identify the job.', 16, 1);
    RETURN 1;
END;
IF @job_name IS NOT NULL
BEGIN
    SET @job_id = NULL;
    SELECT @job_id = job_id FROM msdb.dbo.sysjobs WHERE name = @job_name;
    IF @job_id IS NULL
    BEGIN
        RAISERROR(N'The specified %s (''%s'') does not exist.', 16, 1, N'@job_name', @job_name);
        RETURN 1;
    END;
    RETURN 0;
END;
IF NOT EXISTS (SELECT 1 FROM msdb.dbo.sysjobs WHERE job_id = @job_id)
BEGIN
    SET @text = CAST(@job_id AS nvarchar(36));
    RAISERROR(N'The specified %s (''%s'') does not exist.', 16, 1, N'@job_id', @text);
    RETURN 1;
END;
RETURN 0;
GO
CREATE PROCEDURE dbo.sp_add_category @class varchar(8) = 'JOB', @type varchar(12) = 'LOCAL', @name sysname
AS
SET NOCOUNT ON;
IF EXISTS (SELECT 1 FROM msdb.dbo.syscategories WHERE name = @name)
BEGIN
    RAISERROR(N'The specified %s (''%s'') already exists.', 16, 1, N'@name', @name);
    RETURN 1;
END;
INSERT INTO msdb.dbo.syscategories (category_class, category_type, name)
VALUES (CASE UPPER(@class) WHEN 'ALERT' THEN 2 WHEN 'OPERATOR' THEN 3 ELSE 1 END, CASE UPPER(@type) WHEN 'LOCAL' THEN 1 WHEN 'MULTI-SERVER' THEN 2 ELSE 3 END, @name);
RETURN 0;
GO
CREATE PROCEDURE dbo.sp_add_job
    @job_name sysname, @enabled tinyint = 1, @description nvarchar(512) = NULL, @start_step_id int = 1, @category_name sysname = NULL,
    @category_id int = NULL, @owner_login_name sysname = NULL, @notify_level_eventlog int = 2, @notify_level_email int = 0,
    @notify_level_netsend int = 0, @notify_level_page int = 0, @notify_email_operator_name sysname = NULL, @notify_netsend_operator_name sysname = NULL,
    @notify_page_operator_name sysname = NULL, @delete_level int = 0, @job_id uniqueidentifier = NULL OUTPUT, @originating_server sysname = NULL
AS
SET NOCOUNT ON;
DECLARE @owner varbinary(85);
IF EXISTS (SELECT 1 FROM msdb.dbo.sysjobs WHERE name = @job_name)
BEGIN
    RAISERROR(N'The specified %s (''%s'') already exists.', 16, 1, N'@job_name', @job_name);
    RETURN 1;
END;
IF @category_name IS NOT NULL
BEGIN
    SET @category_id = NULL;
    SELECT @category_id = category_id FROM msdb.dbo.syscategories WHERE name = @category_name AND category_class = 1;
    IF @category_id IS NULL
    BEGIN
        RAISERROR(N'The specified %s (''%s'') does not exist.', 16, 1, N'@category_name', @category_name);
        RETURN 1;
    END;
END;
SET @owner = SUSER_SID(ISNULL(@owner_login_name, SUSER_SNAME()));
IF @owner IS NULL
BEGIN
    RAISERROR(N'The specified %s (''%s'') does not exist.', 16, 1, N'@owner_login_name', @owner_login_name);
    RETURN 1;
END;
SET @job_id = ISNULL(@job_id, NEWID());
INSERT INTO msdb.dbo.sysjobs (job_id, originating_server_id, name, enabled, description, start_step_id, category_id, owner_sid, notify_level_eventlog,
    notify_level_email, notify_level_netsend, notify_level_page, notify_email_operator_id, notify_netsend_operator_id, notify_page_operator_id,
    delete_level, date_created, date_modified, version_number)
VALUES (@job_id, 0, @job_name, @enabled, ISNULL(@description, N'No description available.'), @start_step_id, ISNULL(@category_id, 0), @owner, @notify_level_eventlog,
    @notify_level_email, @notify_level_netsend, @notify_level_page, 0, 0, 0, @delete_level, GETDATE(), GETDATE(), 1);
RETURN 0;
GO
CREATE PROCEDURE dbo.sp_update_job
    @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @new_name sysname = NULL, @enabled tinyint = NULL, @description nvarchar(512) = NULL,
    @start_step_id int = NULL, @category_name sysname = NULL, @owner_login_name sysname = NULL, @notify_level_eventlog int = NULL
AS
SET NOCOUNT ON;
DECLARE @status int, @category int;
EXEC @status = msdb.dbo.sp_lab_find_job @job_name, @job_id OUTPUT;
IF @status <> 0 RETURN 1;
IF @category_name IS NOT NULL
BEGIN
    SELECT @category = category_id FROM msdb.dbo.syscategories WHERE name = @category_name AND category_class = 1;
    IF @category IS NULL
    BEGIN
        RAISERROR(N'The specified %s (''%s'') does not exist.', 16, 1, N'@category_name', @category_name);
        RETURN 1;
    END;
END;
UPDATE msdb.dbo.sysjobs
SET name = ISNULL(@new_name, name), enabled = ISNULL(@enabled, enabled), description = ISNULL(@description, description),
    start_step_id = ISNULL(@start_step_id, start_step_id), category_id = ISNULL(@category, category_id),
    owner_sid = ISNULL(SUSER_SID(@owner_login_name), owner_sid), notify_level_eventlog = ISNULL(@notify_level_eventlog, notify_level_eventlog),
    date_modified = GETDATE(), version_number = version_number + 1
WHERE job_id = @job_id;
RETURN 0;
GO
CREATE PROCEDURE dbo.sp_delete_job @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @delete_history bit = 1, @delete_unused_schedule bit = 1
AS
SET NOCOUNT ON;
DECLARE @status int;
EXEC @status = msdb.dbo.sp_lab_find_job @job_name, @job_id OUTPUT;
IF @status <> 0 RETURN 1;
IF @delete_unused_schedule = 1
    DELETE FROM msdb.dbo.sysschedules
    WHERE schedule_id IN (SELECT schedule_id FROM msdb.dbo.sysjobschedules WHERE job_id = @job_id)
      AND schedule_id NOT IN (SELECT schedule_id FROM msdb.dbo.sysjobschedules WHERE job_id <> @job_id);
DELETE FROM msdb.dbo.sysjobschedules WHERE job_id = @job_id;
DELETE FROM msdb.dbo.sysjobservers WHERE job_id = @job_id;
DELETE FROM msdb.dbo.sysjobsteps WHERE job_id = @job_id;
IF @delete_history = 1 DELETE FROM msdb.dbo.sysjobhistory WHERE job_id = @job_id;
DELETE FROM msdb.dbo.sysjobs WHERE job_id = @job_id;
RETURN 0;
GO
CREATE PROCEDURE dbo.sp_add_jobstep
    @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @step_id int = NULL, @step_name sysname, @subsystem nvarchar(40) = N'TSQL',
    @command nvarchar(max) = NULL, @additional_parameters nvarchar(max) = NULL, @cmdexec_success_code int = 0, @on_success_action tinyint = 1,
    @on_success_step_id int = 0, @on_fail_action tinyint = 2, @on_fail_step_id int = 0, @server sysname = NULL, @database_name sysname = NULL,
    @database_user_name sysname = NULL, @retry_attempts int = 0, @retry_interval int = 0, @os_run_priority int = 0, @output_file_name nvarchar(200) = NULL,
    @flags int = 0, @proxy_id int = NULL, @proxy_name sysname = NULL, @step_uid uniqueidentifier = NULL OUTPUT
AS
SET NOCOUNT ON;
DECLARE @status int, @last int;
EXEC @status = msdb.dbo.sp_lab_find_job @job_name, @job_id OUTPUT;
IF @status <> 0 RETURN 1;
SELECT @last = ISNULL(MAX(step_id), 0) FROM msdb.dbo.sysjobsteps WHERE job_id = @job_id;
IF @step_id IS NULL OR @step_id > @last + 1 SET @step_id = @last + 1;
IF EXISTS (SELECT 1 FROM msdb.dbo.sysjobsteps WHERE job_id = @job_id AND step_name = @step_name)
BEGIN
    RAISERROR(N'The specified %s (''%s'') already exists.', 16, 1, N'@step_name', @step_name);
    RETURN 1;
END;
UPDATE msdb.dbo.sysjobsteps SET step_id = step_id + 1 WHERE job_id = @job_id AND step_id >= @step_id;
SET @step_uid = NEWID();
INSERT INTO msdb.dbo.sysjobsteps (job_id, step_id, step_name, subsystem, command, flags, additional_parameters, cmdexec_success_code, on_success_action,
    on_success_step_id, on_fail_action, on_fail_step_id, server, database_name, database_user_name, retry_attempts, retry_interval, os_run_priority,
    output_file_name, last_run_outcome, last_run_duration, last_run_retries, last_run_date, last_run_time, proxy_id, step_uid)
VALUES (@job_id, @step_id, @step_name, @subsystem, @command, @flags, @additional_parameters, @cmdexec_success_code, @on_success_action,
    @on_success_step_id, @on_fail_action, @on_fail_step_id, @server, ISNULL(@database_name, N'master'), @database_user_name, @retry_attempts, @retry_interval, @os_run_priority,
    @output_file_name, 0, 0, 0, 0, 0, @proxy_id, @step_uid);
UPDATE msdb.dbo.sysjobs SET date_modified = GETDATE(), version_number = version_number + 1 WHERE job_id = @job_id;
RETURN 0;
GO
CREATE PROCEDURE dbo.sp_update_jobstep
    @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @step_id int, @step_name sysname = NULL, @subsystem nvarchar(40) = NULL,
    @command nvarchar(max) = NULL, @on_success_action tinyint = NULL, @on_success_step_id int = NULL, @on_fail_action tinyint = NULL,
    @on_fail_step_id int = NULL, @database_name sysname = NULL, @retry_attempts int = NULL, @retry_interval int = NULL
AS
SET NOCOUNT ON;
DECLARE @status int, @text nvarchar(20);
EXEC @status = msdb.dbo.sp_lab_find_job @job_name, @job_id OUTPUT;
IF @status <> 0 RETURN 1;
IF NOT EXISTS (SELECT 1 FROM msdb.dbo.sysjobsteps WHERE job_id = @job_id AND step_id = @step_id)
BEGIN
    SET @text = CAST(@step_id AS nvarchar(20));
    RAISERROR(N'The specified %s (''%s'') does not exist.', 16, 1, N'@step_id', @text);
    RETURN 1;
END;
UPDATE msdb.dbo.sysjobsteps
SET step_name = ISNULL(@step_name, step_name), subsystem = ISNULL(@subsystem, subsystem), command = ISNULL(@command, command),
    on_success_action = ISNULL(@on_success_action, on_success_action), on_success_step_id = ISNULL(@on_success_step_id, on_success_step_id),
    on_fail_action = ISNULL(@on_fail_action, on_fail_action), on_fail_step_id = ISNULL(@on_fail_step_id, on_fail_step_id),
    database_name = ISNULL(@database_name, database_name), retry_attempts = ISNULL(@retry_attempts, retry_attempts),
    retry_interval = ISNULL(@retry_interval, retry_interval)
WHERE job_id = @job_id AND step_id = @step_id;
UPDATE msdb.dbo.sysjobs SET date_modified = GETDATE(), version_number = version_number + 1 WHERE job_id = @job_id;
RETURN 0;
GO
CREATE PROCEDURE dbo.sp_delete_jobstep @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @step_id int
AS
SET NOCOUNT ON;
DECLARE @status int;
EXEC @status = msdb.dbo.sp_lab_find_job @job_name, @job_id OUTPUT;
IF @status <> 0 RETURN 1;
DELETE FROM msdb.dbo.sysjobsteps WHERE job_id = @job_id AND (step_id = @step_id OR @step_id = 0);
UPDATE msdb.dbo.sysjobsteps SET step_id = step_id - 1 WHERE job_id = @job_id AND step_id > @step_id AND @step_id > 0;
RETURN 0;
GO
CREATE PROCEDURE dbo.sp_add_schedule
    @schedule_name sysname, @enabled tinyint = 1, @freq_type int = 0, @freq_interval int = 0, @freq_subday_type int = 0, @freq_subday_interval int = 0,
    @freq_relative_interval int = 0, @freq_recurrence_factor int = 0, @active_start_date int = NULL, @active_end_date int = 99991231,
    @active_start_time int = 0, @active_end_time int = 235959, @owner_login_name sysname = NULL, @schedule_uid uniqueidentifier = NULL OUTPUT,
    @schedule_id int = NULL OUTPUT
AS
SET NOCOUNT ON;
SET @schedule_uid = NEWID();
INSERT INTO msdb.dbo.sysschedules (schedule_uid, originating_server_id, name, owner_sid, enabled, freq_type, freq_interval, freq_subday_type, freq_subday_interval,
    freq_relative_interval, freq_recurrence_factor, active_start_date, active_end_date, active_start_time, active_end_time, date_created, date_modified, version_number)
VALUES (@schedule_uid, 0, @schedule_name, SUSER_SID(ISNULL(@owner_login_name, SUSER_SNAME())), @enabled, @freq_type, @freq_interval, @freq_subday_type, @freq_subday_interval,
    @freq_relative_interval, @freq_recurrence_factor, ISNULL(@active_start_date, CAST(CONVERT(nchar(8), GETDATE(), 112) AS int)), @active_end_date,
    @active_start_time, @active_end_time, GETDATE(), GETDATE(), 1);
SET @schedule_id = SCOPE_IDENTITY();
RETURN 0;
GO
CREATE PROCEDURE dbo.sp_attach_schedule @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @schedule_id int = NULL, @schedule_name sysname = NULL
AS
SET NOCOUNT ON;
DECLARE @status int;
EXEC @status = msdb.dbo.sp_lab_find_job @job_name, @job_id OUTPUT;
IF @status <> 0 RETURN 1;
IF @schedule_id IS NULL SELECT @schedule_id = MIN(schedule_id) FROM msdb.dbo.sysschedules WHERE name = @schedule_name;
IF @schedule_id IS NULL OR NOT EXISTS (SELECT 1 FROM msdb.dbo.sysschedules WHERE schedule_id = @schedule_id)
BEGIN
    RAISERROR(N'The specified %s (''%s'') does not exist.', 16, 1, N'@schedule_name', @schedule_name);
    RETURN 1;
END;
IF NOT EXISTS (SELECT 1 FROM msdb.dbo.sysjobschedules WHERE schedule_id = @schedule_id AND job_id = @job_id)
    INSERT INTO msdb.dbo.sysjobschedules (schedule_id, job_id, next_run_date, next_run_time) VALUES (@schedule_id, @job_id, 0, 0);
RETURN 0;
GO
CREATE PROCEDURE dbo.sp_add_jobschedule
    @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @name sysname, @enabled tinyint = 1, @freq_type int = 1, @freq_interval int = 0,
    @freq_subday_type int = 0, @freq_subday_interval int = 0, @freq_relative_interval int = 0, @freq_recurrence_factor int = 0,
    @active_start_date int = NULL, @active_end_date int = 99991231, @active_start_time int = 0, @active_end_time int = 235959,
    @schedule_id int = NULL OUTPUT, @schedule_uid uniqueidentifier = NULL OUTPUT
AS
SET NOCOUNT ON;
DECLARE @status int;
EXEC @status = msdb.dbo.sp_lab_find_job @job_name, @job_id OUTPUT;
IF @status <> 0 RETURN 1;
EXEC msdb.dbo.sp_add_schedule @schedule_name = @name, @enabled = @enabled, @freq_type = @freq_type, @freq_interval = @freq_interval,
    @freq_subday_type = @freq_subday_type, @freq_subday_interval = @freq_subday_interval, @freq_relative_interval = @freq_relative_interval,
    @freq_recurrence_factor = @freq_recurrence_factor, @active_start_date = @active_start_date, @active_end_date = @active_end_date,
    @active_start_time = @active_start_time, @active_end_time = @active_end_time, @schedule_uid = @schedule_uid OUTPUT, @schedule_id = @schedule_id OUTPUT;
EXEC @status = msdb.dbo.sp_attach_schedule @job_id = @job_id, @schedule_id = @schedule_id;
RETURN @status;
GO
CREATE PROCEDURE dbo.sp_update_schedule @schedule_id int = NULL, @name sysname = NULL, @enabled tinyint = NULL, @freq_subday_interval int = NULL
AS
SET NOCOUNT ON;
UPDATE msdb.dbo.sysschedules
SET enabled = ISNULL(@enabled, enabled), freq_subday_interval = ISNULL(@freq_subday_interval, freq_subday_interval), date_modified = GETDATE(), version_number = version_number + 1
WHERE schedule_id = @schedule_id OR (@schedule_id IS NULL AND name = @name);
IF @@ROWCOUNT = 0
BEGIN
    RAISERROR(N'The specified %s (''%s'') does not exist.', 16, 1, N'@name', @name);
    RETURN 1;
END;
RETURN 0;
GO
CREATE PROCEDURE dbo.sp_add_jobserver @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @server_name sysname = NULL
AS
SET NOCOUNT ON;
DECLARE @status int;
EXEC @status = msdb.dbo.sp_lab_find_job @job_name, @job_id OUTPUT;
IF @status <> 0 RETURN 1;
IF ISNULL(@server_name, N'(local)') NOT IN (N'(local)', N'(LOCAL)') AND @server_name <> CAST(SERVERPROPERTY('ServerName') AS sysname)
BEGIN
    RAISERROR(N'The specified %s (''%s'') does not exist.', 16, 1, N'@server_name', @server_name);
    RETURN 1;
END;
IF NOT EXISTS (SELECT 1 FROM msdb.dbo.sysjobservers WHERE job_id = @job_id)
    INSERT INTO msdb.dbo.sysjobservers (job_id, server_id, last_run_outcome, last_outcome_message, last_run_date, last_run_time, last_run_duration)
    VALUES (@job_id, 0, 5, NULL, 0, 0, 0);
RETURN 0;
GO
CREATE PROCEDURE dbo.sp_help_job @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @job_aspect varchar(9) = NULL
AS
SET NOCOUNT ON;
DECLARE @status int;
IF @job_id IS NOT NULL OR @job_name IS NOT NULL
BEGIN
    EXEC @status = msdb.dbo.sp_lab_find_job @job_name, @job_id OUTPUT;
    IF @status <> 0 RETURN 1;
END;
SELECT j.job_id, CAST(SERVERPROPERTY('ServerName') AS nvarchar(30)) AS originating_server, j.name, j.enabled, j.description, j.start_step_id, c.name AS category,
    SUSER_SNAME(j.owner_sid) AS owner, j.notify_level_eventlog, j.date_created, j.date_modified, j.version_number,
    ISNULL(s.last_run_date, 0) AS last_run_date, ISNULL(s.last_run_time, 0) AS last_run_time, ISNULL(s.last_run_outcome, 5) AS last_run_outcome,
    (SELECT COUNT(*) FROM msdb.dbo.sysjobsteps AS t WHERE t.job_id = j.job_id) AS has_step,
    (SELECT COUNT(*) FROM msdb.dbo.sysjobschedules AS t WHERE t.job_id = j.job_id) AS has_schedule,
    ISNULL((SELECT COUNT(*) FROM msdb.dbo.sysjobservers AS t WHERE t.job_id = j.job_id), 0) AS has_target
FROM msdb.dbo.sysjobs AS j
LEFT JOIN msdb.dbo.syscategories AS c ON c.category_id = j.category_id
LEFT JOIN msdb.dbo.sysjobservers AS s ON s.job_id = j.job_id
WHERE @job_id IS NULL OR j.job_id = @job_id
ORDER BY j.name;
RETURN 0;
GO
CREATE PROCEDURE dbo.sp_help_jobstep @job_id uniqueidentifier = NULL, @job_name sysname = NULL, @step_id int = NULL
AS
SET NOCOUNT ON;
DECLARE @status int;
EXEC @status = msdb.dbo.sp_lab_find_job @job_name, @job_id OUTPUT;
IF @status <> 0 RETURN 1;
SELECT step_id, step_name, subsystem, command, flags, cmdexec_success_code, on_success_action, on_success_step_id, on_fail_action, on_fail_step_id,
    server, database_name, database_user_name, retry_attempts, retry_interval, last_run_outcome, last_run_duration, last_run_date, last_run_time
FROM msdb.dbo.sysjobsteps
WHERE job_id = @job_id AND (@step_id IS NULL OR step_id = @step_id)
ORDER BY step_id;
RETURN 0;
GO
CREATE PROCEDURE dbo.sp_help_jobhistory @job_id uniqueidentifier = NULL, @job_name sysname = NULL
AS
SET NOCOUNT ON;
DECLARE @status int;
IF @job_id IS NOT NULL OR @job_name IS NOT NULL
BEGIN
    EXEC @status = msdb.dbo.sp_lab_find_job @job_name, @job_id OUTPUT;
    IF @status <> 0 RETURN 1;
END;
SELECT h.instance_id, h.job_id, j.name AS job_name, h.step_id, h.step_name, h.sql_message_id, h.sql_severity, h.message, h.run_status, h.run_date, h.run_time, h.run_duration, h.server
FROM msdb.dbo.sysjobhistory AS h
INNER JOIN msdb.dbo.sysjobs AS j ON j.job_id = h.job_id
WHERE @job_id IS NULL OR h.job_id = @job_id
ORDER BY h.instance_id DESC;
RETURN 0;
GO
CREATE PROCEDURE dbo.sp_start_job @job_name sysname = NULL, @job_id uniqueidentifier = NULL, @error_flag int = 1, @server_name sysname = NULL, @step_name sysname = NULL, @output_flag int = 1
AS
SET NOCOUNT ON;
DECLARE @status int, @name sysname;
EXEC @status = msdb.dbo.sp_lab_find_job @job_name, @job_id OUTPUT;
IF @status <> 0 RETURN 1;
SELECT @name = name FROM msdb.dbo.sysjobs WHERE job_id = @job_id;
IF NOT EXISTS (SELECT 1 FROM msdb.dbo.sysjobservers WHERE job_id = @job_id)
BEGIN
    RAISERROR(N'Cannot start job "%s" (ID %s) because it does not have any job server or servers defined. Associate the job with a job server by calling sp_add_jobserver.', 16, 1, @name, @name);
    RETURN 1;
END;
EXEC @status = sys.sp_lab_start_job @job_id, @step_name;
IF @status = 0 AND @output_flag = 1 RAISERROR(N'Job ''%s'' started successfully.', 0, 1, @name);
RETURN @status;
GO
CREATE PROCEDURE dbo.sp_stop_job @job_name sysname = NULL, @job_id uniqueidentifier = NULL
AS
SET NOCOUNT ON;
DECLARE @status int;
EXEC @status = msdb.dbo.sp_lab_find_job @job_name, @job_id OUTPUT;
IF @status <> 0 RETURN 1;
EXEC @status = sys.sp_lab_stop_job @job_id;
RETURN @status;
GO
