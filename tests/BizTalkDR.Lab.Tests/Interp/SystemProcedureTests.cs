using System;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Lab.Tds;
using BizTalkDR.Lab.TSql;
using Xunit;

namespace BizTalkDR.Lab.Tests.Interp;

public sealed class SystemProcedureTests
{
    [Fact]
    public void Application_locks_exclude_other_sessions_until_released()
    {
        using var lab = new InterpLab();
        using ISqlSession other = lab.Open();
        const string take = "DECLARE @rc int; EXEC @rc = sp_getapplock @Resource = N'BTS_BackupJob_Lock', @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 0; SELECT @rc";
        Assert.Equal(0, lab.Scalar(take));
        Assert.Equal(-1, InterpLab.Run(other, take).Value);
        Assert.Equal("Exclusive", lab.Scalar("SELECT APPLOCK_MODE('public', 'BTS_BackupJob_Lock', 'Session')"));
        Assert.Equal(0, lab.Scalar("DECLARE @rc int; EXEC @rc = sp_releaseapplock N'BTS_BackupJob_Lock', 'Session'; SELECT @rc"));
        Assert.Equal(0, InterpLab.Run(other, take).Value);
        Assert.Equal([1223], lab.Run("EXEC sp_releaseapplock N'BTS_BackupJob_Lock', 'Session'").ErrorNumbers);
    }

    [Fact]
    public void Application_locks_of_a_session_end_with_it()
    {
        using var lab = new InterpLab();
        const string take = "DECLARE @rc int; EXEC @rc = sp_getapplock N'r', 'Exclusive', 'Session', 0; SELECT @rc";
        using (ISqlSession other = lab.Open())
        {
            InterpLab.Run(other, take);
        }

        Assert.Equal(0, lab.Scalar(take));
    }

    [Fact]
    public async Task A_waiting_application_lock_is_granted_when_the_holder_lets_go()
    {
        using var lab = new InterpLab();
        using ISqlSession other = lab.Open();
        lab.Do("EXEC sp_getapplock N'r', 'Exclusive', 'Session'");
        Task<Reply> waiting = Task.Run(() => InterpLab.Run(other, "DECLARE @rc int; EXEC @rc = sp_getapplock N'r', 'Exclusive', 'Session', 20000; SELECT @rc"));
        lab.Do("EXEC sp_releaseapplock N'r', 'Session'");
        Assert.InRange((int)(await waiting).Value!, 0, 1);
    }

    [Fact]
    public void Application_locks_of_a_transaction_end_with_it()
    {
        using var lab = new InterpLab();
        using ISqlSession other = lab.Open();
        const string take = "DECLARE @rc int; EXEC @rc = sp_getapplock N'r', 'Shared', 'Session', 0; SELECT @rc";
        lab.Do("BEGIN TRAN; EXEC sp_getapplock N'r', 'Exclusive'");
        Assert.Equal(-1, InterpLab.Run(other, take).Value);
        lab.Do("COMMIT");
        Assert.Equal(0, InterpLab.Run(other, take).Value);
        Assert.Single(lab.Run("EXEC sp_getapplock N'r', 'Exclusive'").ErrorNumbers);
    }

    [Fact]
    public void Configures_the_server()
    {
        using var lab = new InterpLab();
        Assert.Equal([15123], lab.Run("EXEC sp_configure 'max degree of parallelism', 1").ErrorNumbers);
        lab.Do("EXEC sp_configure 'show advanced options', 1; RECONFIGURE; EXEC sp_configure 'max degree of parallelism', 1; RECONFIGURE WITH OVERRIDE");
        Assert.Equal("1", Convert.ToString(lab.Scalar("SELECT value_in_use FROM sys.configurations WHERE name = 'max degree of parallelism'"), System.Globalization.CultureInfo.InvariantCulture));
        lab.Restart();
        Assert.Equal(1, lab.Do("EXEC sp_configure 'max degree of parallelism'").Results[0].Rows.Single()[4]);
    }

    [Fact]
    public void Keeps_linked_servers()
    {
        using var lab = new InterpLab();
        lab.Do("EXEC sp_addlinkedserver @server = N'OTHER', @srvproduct = N'SQL Server'; EXEC sp_serveroption N'OTHER', 'rpc out', 'true'; EXEC sp_addlinkedsrvlogin N'OTHER', 'false', NULL, N'remote', N'Secr3tWord'");
        Assert.Equal("OTHER,1,1,0", lab.Do("SELECT name, is_linked, is_rpc_out_enabled, is_remote_login_enabled FROM sys.servers WHERE server_id > 0").Text());
        Assert.Equal([15028], lab.Run("EXEC sp_addlinkedserver N'OTHER'").ErrorNumbers);
        Assert.Equal([7202], lab.Run("EXEC NOWHERE.master.dbo.p").ErrorNumbers);
        Assert.Equal([7202], lab.Run("SELECT * FROM NOWHERE.master.dbo.t").ErrorNumbers);
        Assert.Equal([7303], lab.Run("EXEC OTHER.master.dbo.p").ErrorNumbers);
        lab.Do("EXEC sp_serveroption N'OTHER', 'rpc out', 'false'");
        Assert.Equal([7411], lab.Run("EXEC OTHER.master.dbo.p").ErrorNumbers);
        lab.Do("EXEC sp_dropserver N'OTHER', 'droplogins'");
        Assert.Equal(0, lab.Scalar("SELECT COUNT(*) FROM sys.servers WHERE is_linked = 1"));
    }

    [Fact]
    public void Runs_a_job_by_the_actions_of_its_steps()
    {
        using var lab = new InterpLab();
        lab.Do("""
            DECLARE @job uniqueidentifier;
            EXEC msdb.dbo.sp_add_job @job_name = N'work', @enabled = 0, @category_name = N'Database Maintenance', @job_id = @job OUTPUT;
            EXEC msdb.dbo.sp_add_jobstep @job_id = @job, @step_name = N'one', @command = N'RAISERROR(''fails'', 16, 1)', @on_success_action = 3, @on_fail_action = 3;
            EXEC msdb.dbo.sp_add_jobstep @job_name = N'work', @step_name = N'two', @command = N'PRINT DB_NAME()', @database_name = N'msdb', @on_success_action = 4, @on_success_step_id = 4;
            EXEC msdb.dbo.sp_add_jobstep @job_name = N'work', @step_name = N'skipped', @command = N'PRINT 1';
            EXEC msdb.dbo.sp_add_jobstep @job_name = N'work', @step_name = N'four', @command = N'SELECT 1/0', @on_fail_action = 2;
            EXEC msdb.dbo.sp_add_jobschedule @job_name = N'work', @name = N'every', @freq_type = 4, @freq_interval = 1, @freq_subday_type = 4, @freq_subday_interval = 15, @active_start_date = 20031110;
            EXEC msdb.dbo.sp_add_jobserver @job_name = N'work';
            """);
        AgentJob job = lab.Server.Agent.Find(null, "work")!;
        AgentJobResult result = lab.Server.Agent.Run(job);
        Assert.False(result.Succeeded);
        Assert.Equal(["one", "two", "four"], result.Steps.Select(s => s.Name));
        Assert.Equal("1,0\n2,1\n4,0\n0,0", lab.Do("SELECT step_id, run_status FROM msdb.dbo.sysjobhistory ORDER BY instance_id").Text());
        lab.Do("EXEC msdb.dbo.sp_start_job N'work'");
        lab.Server.Agent.Wait(job);
        Assert.Equal(8, lab.Scalar("SELECT COUNT(*) FROM msdb.dbo.sysjobhistory"));
        Assert.Equal("work", lab.Do("EXEC msdb.dbo.sp_help_job @job_name = N'work'").Results[0].Rows.Single()[2]);
        Assert.Single(lab.Run("EXEC msdb.dbo.sp_start_job N'nothing'").ErrorNumbers);
        lab.Do("EXEC msdb.dbo.sp_delete_job @job_name = N'work'");
        Assert.Equal(0, lab.Scalar("SELECT COUNT(*) FROM msdb.dbo.sysjobsteps"));
    }

    [Fact]
    public void Sees_the_file_system()
    {
        using var lab = new InterpLab();
        Assert.Equal("0,1,1", lab.Do($"SELECT file_exists, file_is_a_directory, parent_directory_exists FROM sys.dm_os_file_exists(N'{lab.Folder}')").Text());
        Assert.Equal("instance", lab.Scalar($"SELECT file_or_directory_name FROM sys.dm_os_enumerate_filesystem(N'{lab.Folder}', N'*')"));
        Assert.Equal(0, lab.Scalar($"DECLARE @e int; EXEC master.dbo.xp_fileexist N'{lab.Folder}/none', @e OUTPUT; SELECT @e"));
    }

    [Fact]
    public void Waits_by_the_instances_clock_and_stops_at_an_attention()
    {
        using var lab = new InterpLab();
        lab.Do("WAITFOR DELAY '00:00:00.010'");
        using var attention = new System.Threading.CancellationTokenSource();
        attention.Cancel();
        var reply = new Reply();
        lab.Session.ExecuteBatch("WAITFOR DELAY '01:00:00'; PRINT 'never'", reply, attention.Token);
        Assert.Empty(reply.Prints);
        Assert.Equal(1, lab.Scalar("SELECT 1"));
    }
}
