using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.SqlObjects;
using BizTalkDR.Errors;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Ports;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Integration.Tests.Computers;

/// <summary>What instances hold outside their databases leaves one instance and arrives on a new, empty one.</summary>
[Collection("computers' parts")]
public sealed class SqlObjectPartTests(ComputersLab lab) : IAsyncLifetime
{
    private const string Password = "cAnary-Old-Pass-1", Key = "cAnary-Key-2", InCommand = "cAnary-In-Command-3";
    private static readonly SqlObjectPart s_part = new();
    private readonly ScratchFolder _scratch = new();
    private LabEnvironment _other = null!;

    public async Task InitializeAsync()
    {
        _other = await LabEnvironment.StartAsync(LabFolder.Create(_scratch["other"], ["NEWSQL"], 9, null), new LabEnvironmentOptions());
        lab.Fill();
        Forget("LABSQL1");
        Forget("LABSQL2");
        lab.Sql("LABSQL1", $"""
            CREATE LOGIN btsapp WITH PASSWORD = '{Password}', CHECK_POLICY = OFF;
            CREATE LOGIN stranger WITH PASSWORD = '{Password}', CHECK_POLICY = OFF;
            CREATE LOGIN [LAB\BizTalk Application Users] FROM WINDOWS;
            ALTER SERVER ROLE processadmin ADD MEMBER btsapp;
            ALTER LOGIN btsapp DISABLE;
            ALTER LOGIN btsapp ENABLE;
            USE BizTalkRuleEngineDb;
            CREATE USER btsapp FOR LOGIN btsapp;
            CREATE USER [LAB\BizTalk Application Users] FOR LOGIN [LAB\BizTalk Application Users];
            EXEC sp_configure 'show advanced options', 1; RECONFIGURE;
            EXEC sp_configure 'max degree of parallelism', 1; RECONFIGURE;
            EXEC msdb.dbo.sp_add_operator @name = N'Night shift', @email_address = N'night@lab.local';
            CREATE CREDENTIAL runner WITH IDENTITY = N'LAB\Runner', SECRET = 'cAnary-Secret-4';
            EXEC msdb.dbo.sp_add_proxy @proxy_name = N'Runner', @credential_name = N'runner';
            EXEC msdb.dbo.sp_grant_proxy_to_subsystem @proxy_name = N'Runner', @subsystem_name = N'CmdExec';
            EXEC msdb.dbo.sysmail_add_account_sp @account_name = N'BAM', @email_address = N'bam@lab.local', @mailserver_name = N'mail.lab.local';
            EXEC msdb.dbo.sysmail_add_profile_sp @profile_name = N'BAM alerts';
            EXEC msdb.dbo.sysmail_add_profileaccount_sp @profile_name = N'BAM alerts', @account_name = N'BAM', @sequence_number = 1;
            EXEC msdb.dbo.sysmail_add_principalprofile_sp @principal_name = N'public', @profile_name = N'BAM alerts', @is_default = 1;
            EXEC msdb.dbo.sp_add_job @job_name = N'Purge orders', @owner_login_name = N'btsapp', @notify_level_email = 2, @notify_email_operator_name = N'Night shift', @category_name = N'Database Maintenance';
            EXEC msdb.dbo.sp_add_jobstep @job_name = N'Purge orders', @step_name = N'Purge', @database_name = N'BizTalkRuleEngineDb', @command = N'SELECT 1', @on_success_action = 3;
            EXEC msdb.dbo.sp_add_jobstep @job_name = N'Purge orders', @step_name = N'Send', @subsystem = N'CmdExec', @command = N'send.exe password={InCommand}', @proxy_name = N'Runner';
            EXEC msdb.dbo.sp_add_jobschedule @job_name = N'Purge orders', @name = N'Nightly', @freq_type = 4, @freq_interval = 1, @active_start_date = 20200101, @active_start_time = 13000;
            EXEC msdb.dbo.sp_add_jobserver @job_name = N'Purge orders';
            EXEC msdb.dbo.sp_add_job @job_name = N'Nothing of the group';
            EXEC msdb.dbo.sp_add_alert @name = N'Orders full', @message_id = 0, @severity = 17, @database_name = N'BizTalkRuleEngineDb', @job_name = N'Purge orders';
            EXEC msdb.dbo.sp_add_notification @alert_name = N'Orders full', @operator_name = N'Night shift', @notification_method = 1;
            """);
    }

    public async Task DisposeAsync()
    {
        Forget("LABSQL1");
        Forget("LABSQL2");
        SqlConnection.ClearAllPools();
        await _other.DisposeAsync();
        _scratch.Dispose();
    }

    [Fact]
    public void A_new_instance_gets_what_the_old_one_held()
    {
        PartContext context = Context("moved");
        PartManifest kept = ComputersLab.BackUp(s_part, context);
        Assert.Equal("Purge orders;Orders full", kept.Facts["enabled"]);
        Assert.Equal(["LABSQL1: the secret of the credential runner. Keep it yourself."], kept.LeftOut);
        foreach (string secret in (string[])[Password, Key, InCommand, "cAnary", Hash("LABSQL1"), Convert.ToBase64String(Convert.FromHexString(Hash("LABSQL1")[2..]))])
            Assert.False(lab.BackupHolds("moved", secret), secret);

        // The secret of the credential is in nobody's backup: the run stops there and says what to type.
        ConfigurationRun stopped = lab.Restore([s_part], context, confirmsManualSteps: false);
        Assert.Equal((RecoveryError.ManualStepOpen, "SqlObject/LABSQL1/Credential/runner"), (stopped.Error!.Code, stopped.Error.Target));
        Assert.Contains(@"CREATE CREDENTIAL [runner] WITH IDENTITY = N'LAB\Runner'", stopped.Error.Message, StringComparison.Ordinal);
        At(@"CREATE CREDENTIAL runner WITH IDENTITY = N'LAB\Runner', SECRET = 'cAnary-Secret-4'");
        ConfigurationRun run = lab.Restore([s_part], context, confirmsManualSteps: false);
        Assert.True(run.Error is null, run.Error?.ToString());

        // The old password opens the new instance, and users of a restored database are not orphaned.
        Assert.Equal("btsapp", Scalar<string>("SELECT SUSER_SNAME()", "btsapp", Password));
        Assert.Equal(1, Scalar<int>("SELECT IS_SRVROLEMEMBER('processadmin')", "btsapp", Password));
        string file = Path.Combine(_scratch["files"], "rules.bak");
        Directory.CreateDirectory(_scratch["files"]);
        lab.Sql("LABSQL1", $"BACKUP DATABASE BizTalkRuleEngineDb TO DISK = N'{file}' WITH COPY_ONLY");
        At($"RESTORE DATABASE BizTalkRuleEngineDb FROM DISK = N'{file}' WITH MOVE 'BizTalkRuleEngineDb' TO N'{_scratch["files"]}/r.mdf', MOVE 'BizTalkRuleEngineDb_log' TO N'{_scratch["files"]}/r.ldf'");
        using (ISqlInstance instance = context.Ports.Sql.Open(FlowLab.At(_other.ConnectionStrings["NEWSQL"])))
        {
            DatabaseUpkeep upkeep = instance.ReadDatabaseUpkeep("BizTalkRuleEngineDb")!;
            Assert.Empty(upkeep.OrphanedUsers);
            Assert.Equal(["btsapp", @"LAB\BizTalk Application Users"], upkeep.Users.Select(u => u.Login).Intersect(["btsapp", @"LAB\BizTalk Application Users"]).Order(StringComparer.OrdinalIgnoreCase));
        }

        // Jobs wait, alerts that start one too; linked servers lead to where the group is, with RPC Out; strangers stayed behind.
        Assert.Equal("0", Scalar<string>("SELECT CAST(SUM(CAST(enabled AS int)) AS nvarchar(10)) FROM msdb.dbo.sysjobs"));
        Assert.Equal(0, Scalar<int>("SELECT CAST(enabled AS int) FROM msdb.dbo.sysalerts WHERE name = N'Orders full'"));
        Assert.Equal("send.exe password=" + InCommand, Scalar<string>("SELECT command FROM msdb.dbo.sysjobsteps WHERE step_name = N'Send' AND proxy_id IS NOT NULL"));
        Assert.Equal("btsapp", Scalar<string>("SELECT SUSER_SNAME(owner_sid) FROM msdb.dbo.sysjobs WHERE name = N'Purge orders'"));
        Assert.True(Scalar<bool>("SELECT is_rpc_out_enabled FROM sys.servers WHERE name = N'LABSQL2' AND is_linked = 1"));
        Assert.Equal(1, Scalar<int>("SELECT CAST(value_in_use AS int) FROM sys.configurations WHERE name = N'max degree of parallelism'"));
        Assert.Equal(0, Scalar<int>("SELECT CAST(value AS int) FROM sys.configurations WHERE name = N'show advanced options'"));
        Assert.Equal("BAM", Scalar<string>("SELECT a.name FROM msdb.dbo.sysmail_account AS a JOIN msdb.dbo.sysmail_profileaccount AS p ON p.account_id = a.account_id"));
        Assert.Equal(0, Scalar<int>("SELECT COUNT(*) FROM sys.server_principals WHERE name = N'stranger'"));
        Assert.Equal(0, Scalar<int>("SELECT COUNT(*) FROM msdb.dbo.sysjobs WHERE name = N'Nothing of the group'"));
        Assert.Contains("Enabled when they were kept, disabled now: Job Purge orders; Alert Orders full", run.Steps.First(s => s.Step.Id == "LABSQL1/check").Text, StringComparison.Ordinal);

        // Once more: nothing is made; no password is asked for.
        ConfigurationRun again = lab.Restore([s_part], context with { Options = context.Options with { CertificatePassword = null } }, confirmsManualSteps: false);
        Assert.Null(again.Error);
        Assert.Equal(["LABSQL1/check", "LABSQL2/check"], again.Steps.Select(s => s.Step.Id));
    }

    [Fact]
    public void What_stands_in_the_way_has_a_name_and_nothing_is_changed()
    {
        PartContext context = Context("conflict");
        ComputersLab.BackUp(s_part, context);
        At($"CREATE LOGIN btsapp WITH PASSWORD = '{Password}'; CREATE LOGIN [LAB\\BizTalk Application Users] FROM WINDOWS; ALTER LOGIN [LAB\\BizTalk Application Users] WITH NAME = [LAB\\Renamed]");
        RecoveryException refused = Assert.Throws<RecoveryException>(() => lab.Restore(s_part, context));
        Assert.Equal(RecoveryError.SqlObjectConflict, refused.Code);
        Assert.Contains("the login btsapp is on NEWSQL with another SID", refused.Message, StringComparison.Ordinal);
        Assert.Contains(@"belongs to LAB\Renamed", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, Scalar<int>("SELECT COUNT(*) FROM msdb.dbo.sysjobs"));

        // What is left out is no conflict; the job that the login owns goes to sa's place no more than it would silently: it fails by name.
        context = context with { Options = context.Options with { ExcludedObjects = ["btsapp", @"LAB\BizTalk Application Users", "runner", "Runner", "Purge orders", "Orders full"] } };
        Assert.Null(lab.Restore(s_part, context).Error);

        // What is there and differs is said, and left.
        At("EXEC msdb.dbo.sp_delete_operator @name = N'Night shift'; EXEC msdb.dbo.sp_add_operator @name = N'Night shift', @email_address = N'day@lab.local'");
        Assert.Contains("Operator Night shift (email_address)", lab.Restore(s_part, context).Steps.First(s => s.Step.Id == "LABSQL1/check").Text, StringComparison.Ordinal);
        Assert.Equal("day@lab.local", Scalar<string>("SELECT email_address FROM msdb.dbo.sysoperators"));
    }

    [Fact]
    public void Without_protection_no_secret_is_kept_and_people_are_told_what_to_do()
    {
        PartContext context = Context("bare");
        context = context with { Options = context.Options with { CertificatePassword = null } };
        PartManifest kept = ComputersLab.BackUp(s_part, context);
        Assert.DoesNotContain(kept.Files, f => f.Name.EndsWith(SqlObjectInventory.SecretsName, StringComparison.Ordinal));
        Assert.False(lab.BackupHolds("bare", "cAnary"));
        Assert.False(lab.BackupHolds("bare", Hash("LABSQL1")));
        Assert.Contains(kept.LeftOut, l => l.StartsWith("LABSQL1: the hash of the password of btsapp", StringComparison.Ordinal));
        Assert.Contains(kept.LeftOut, l => l.Contains("the Job Purge orders (JobStep 2: command)", StringComparison.Ordinal));
        ConfigurationPlan plan = ConfigurationPlan.Of([s_part], context, ComputerManifestStore.Find(context.Folder)!);
        Assert.Contains(plan.Steps.OfType<MakeObjectStep>(), s => s.ByHand?.Contains("CREATE LOGIN [btsapp] WITH PASSWORD = '...', SID = 0x", StringComparison.Ordinal) == true);
        Assert.Contains(plan.Steps.OfType<MakeObjectStep>(), s => s.ByHand?.StartsWith("The job Purge orders holds a secret", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void A_test_says_what_has_changed_since_and_whether_the_protected_file_opens()
    {
        PartContext context = Context("tested") with { };
        PartManifest kept = ComputersLab.BackUp(s_part, context);
        Assert.All(s_part.Test(context, kept), c => Assert.True(c.Outcome == CheckOutcome.Passed, $"{c.Subject}: {c.Text}"));
        PartCheck unkept = Assert.Single(s_part.Test(context, null));
        Assert.Equal((CheckOutcome.Failed, RecoveryError.PartNotKept), (unkept.Outcome, unkept.Error));

        lab.Sql("LABSQL1", $"ALTER LOGIN btsapp WITH PASSWORD = 'Another-1'; USE BizTalkRuleEngineDb; CREATE USER stranger FOR LOGIN stranger");
        List<PartCheck> failed = s_part.Test(context, kept).Where(c => c.Outcome != CheckOutcome.Passed).ToList();
        Assert.Equal([("Login btsapp", RecoveryError.SqlObjectDiffers), ("Login stranger", RecoveryError.PartNotKept)], failed.Select(c => (c.Subject, c.Error!.Value)));
        Assert.Contains(SqlObject.PasswordHash, failed[0].Text, StringComparison.Ordinal);

        PartCheck Secrets(string? password) => s_part.Test(context with { Options = context.Options with { CertificatePassword = password is null ? null : ComputersLab.Secret(password) } }, kept).First(c => c.Check == "Secrets");
        Assert.Equal((CheckOutcome.NotChecked, RecoveryError.CertificatePasswordMissing), (Secrets(null).Outcome, Secrets(null).Error));
        Assert.Equal((CheckOutcome.Failed, RecoveryError.PasswordWrong), (Secrets("wrong").Outcome, Secrets("wrong").Error));
    }

    private PartContext Context(string backup)
    {
        PartContext context = lab.Context("LABBTS1", backup, new PartOptions
        {
            CertificatePassword = ComputersLab.Secret(Key),
            InstanceMap = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["LABSQL1"] = "NEWSQL" },
        });
        Dictionary<string, SqlInstanceAddress> instances = context.Options.Instances.ToDictionary(i => i.Key, i => i.Value, StringComparer.OrdinalIgnoreCase);
        instances["NEWSQL"] = FlowLab.At(_other.ConnectionStrings["NEWSQL"]);
        return context with { Options = context.Options with { Instances = instances } };
    }

    private string Hash(string server) => (string)lab.Scalar(server, "SELECT CONVERT(nvarchar(600), password_hash, 1) FROM sys.sql_logins WHERE name = N'btsapp'")!;

    private void At(string text)
    {
        using SqlConnection connection = Open(null, null);
        using SqlCommand command = new(text, connection);
        command.ExecuteNonQuery();
    }

    private T Scalar<T>(string text, string? login = null, string? password = null)
    {
        using SqlConnection connection = Open(login, password);
        using SqlCommand command = new(text, connection);
        return (T)command.ExecuteScalar();
    }

    private SqlConnection Open(string? login, string? password)
    {
        SqlConnectionStringBuilder builder = new(_other.ConnectionStrings["NEWSQL"]) { Pooling = false };
        if (login is not null)
            (builder.UserID, builder.Password) = (login, password);
        SqlConnection connection = new(builder.ConnectionString);
        connection.Open();
        return connection;
    }

    /// <summary>Takes everything away that these tests make on the shared lab.</summary>
    private void Forget(string server) => lab.Sql(server, """
        IF EXISTS (SELECT 1 FROM sys.servers WHERE name = N'NEWSQL') EXEC sp_dropserver N'NEWSQL', 'droplogins';
        IF DB_ID('BizTalkRuleEngineDb') IS NOT NULL EXEC('USE BizTalkRuleEngineDb; DROP USER IF EXISTS btsapp; DROP USER IF EXISTS stranger; DROP USER IF EXISTS [LAB\BizTalk Application Users]');
        IF EXISTS (SELECT 1 FROM msdb.dbo.sysalerts WHERE name = N'Orders full') EXEC msdb.dbo.sp_delete_alert N'Orders full';
        IF EXISTS (SELECT 1 FROM msdb.dbo.sysjobs WHERE name = N'Purge orders') EXEC msdb.dbo.sp_delete_job @job_name = N'Purge orders';
        IF EXISTS (SELECT 1 FROM msdb.dbo.sysjobs WHERE name = N'Nothing of the group') EXEC msdb.dbo.sp_delete_job @job_name = N'Nothing of the group';
        IF EXISTS (SELECT 1 FROM msdb.dbo.sysoperators WHERE name = N'Night shift') EXEC msdb.dbo.sp_delete_operator N'Night shift';
        DELETE FROM msdb.dbo.sysproxysubsystem; DELETE FROM msdb.dbo.sysproxies;
        DELETE FROM msdb.dbo.sysmail_principalprofile; DELETE FROM msdb.dbo.sysmail_profileaccount; DELETE FROM msdb.dbo.sysmail_server; DELETE FROM msdb.dbo.sysmail_account; DELETE FROM msdb.dbo.sysmail_profile;
        IF EXISTS (SELECT 1 FROM sys.credentials WHERE name = N'runner') DROP CREDENTIAL runner;
        IF SUSER_ID('btsapp') IS NOT NULL DROP LOGIN btsapp;
        IF SUSER_ID('stranger') IS NOT NULL DROP LOGIN stranger;
        IF SUSER_ID('LAB\BizTalk Application Users') IS NOT NULL DROP LOGIN [LAB\BizTalk Application Users];
        """);
}
