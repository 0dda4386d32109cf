-- Run in: msdb of the instance that holds the Management database. The job as configuration leaves it: disabled.
DECLARE @job nvarchar(128) = N'Backup BizTalk Server ($(ManagementDatabase))', @command nvarchar(max), @path nvarchar(300), @mark nvarchar(40);

SET @path = N'''' + REPLACE(N'$(BackupPath)', N'''', N'''''') + N'''';
SET @mark = N'''' + REPLACE(N'$(MarkName)', N'''', N'''''') + N'''';

IF NOT EXISTS (SELECT 1 FROM msdb.dbo.syscategories WHERE name = N'Database Maintenance' AND category_class = 1)
    EXEC msdb.dbo.sp_add_category @class = N'JOB', @type = N'LOCAL', @name = N'Database Maintenance';

EXEC msdb.dbo.sp_add_job @job_name = @job, @enabled = 0, @notify_level_eventlog = 2, @category_name = N'Database Maintenance',
    @description = N'Backs up all databases of the group to one mark.';

SET @command = N'exec [dbo].[sp_SetBackupCompression] @bCompression = 0 /* 0 - no compression, 1 - compression */';
EXEC msdb.dbo.sp_add_jobstep @job_name = @job, @step_id = 1, @step_name = N'Set Compression Option', @subsystem = N'TSQL',
    @command = @command, @database_name = N'$(ManagementDatabase)', @on_success_action = 3, @on_fail_action = 3;

SET @command = N'exec [dbo].[sp_BackupAllFull_Schedule] ''d'' /* frequency */, ' + @mark + N' /* mark name */, ' + @path + N' /* location of backup files */';
EXEC msdb.dbo.sp_add_jobstep @job_name = @job, @step_id = 2, @step_name = N'BackupFull', @subsystem = N'TSQL',
    @command = @command, @database_name = N'$(ManagementDatabase)', @on_success_action = 3, @on_fail_action = 2;

SET @command = N'exec [dbo].[sp_MarkAll] ' + @mark + N' /* mark name */, ' + @path + N' /* location of backup files */';
EXEC msdb.dbo.sp_add_jobstep @job_name = @job, @step_id = 3, @step_name = N'MarkAndBackupLog', @subsystem = N'TSQL',
    @command = @command, @database_name = N'$(ManagementDatabase)', @on_success_action = 3, @on_fail_action = 2;

SET @command = N'exec [dbo].[sp_DeleteBackupHistory] @DaysToKeep=14';
EXEC msdb.dbo.sp_add_jobstep @job_name = @job, @step_id = 4, @step_name = N'Clear Backup History', @subsystem = N'TSQL',
    @command = @command, @database_name = N'$(ManagementDatabase)', @on_success_action = 1, @on_fail_action = 2;

EXEC msdb.dbo.sp_add_jobschedule @job_name = @job, @name = N'MarkAndBackupLogSched', @enabled = 1, @freq_type = 4, @freq_interval = 1,
    @freq_subday_type = 4, @freq_subday_interval = 15, @active_start_date = 20031110;

EXEC msdb.dbo.sp_add_jobserver @job_name = @job, @server_name = N'(local)';
GO
