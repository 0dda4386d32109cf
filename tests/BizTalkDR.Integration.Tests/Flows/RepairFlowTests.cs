using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Errors;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Repair;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Integration.Tests.Flows;

/// <summary>What is done after a restore.</summary>
[Collection("flows")]
public sealed class RepairFlowTests(BackedUpGroup shared)
{
    private const string Job = "Backup BizTalk Server (BizTalkMgmtDb)";

    [Fact]
    public async Task A_restored_group_is_mended_by_consent_and_by_nothing_else()
    {
        await using Destination lab = await Destination.StartAsync("DR1", "DR2");
        Assert.True(lab.Restore(lab.Request(shared.Lab.Backups)).IsSuccess);
        Spoil(lab);
        string folder = Directory.CreateDirectory(lab["backup"]).FullName;
        var request = new RepairRequest("BizTalkMgmtDb", [FlowLab.At(lab.Environment.ConnectionStrings["DR1"]), FlowLab.At(lab.Environment.ConnectionStrings["DR2"])]) { BackupPath = folder, BackupUser = "agent" };

        string before = lab.State();
        List<string> found = Run(request, consent: false);
        Assert.Contains("Failed Users: app in SSODB on DR2", found);
        Assert.Contains("Failed Users: gone in SSODB on DR2", found);
        Assert.Contains("Failed Reference: SSODB on DR2", found);
        Assert.Contains("Failed LinkedServer: DR2 from DR1", found);
        Assert.Contains($"Failed BackupJob: {Job} on DR1: folder", found);
        Assert.Contains($"Failed BackupJob: {Job} on DR1: schedule", found);
        Assert.Contains("Failed FullBackup: BizTalk Group", found);
        Assert.Contains("Passed Owner: SSODB on DR2", found);
        Assert.Contains("Failed BackupRole: SSODB on DR2", found);
        Assert.Contains("Failed Jobs: BizTalkMsgBoxDb on DR1", found);
        Assert.Contains("Failed Jobs: PurgeSubscriptionsJob_BizTalkMsgBoxDb on DR1", found);
        Assert.Contains("NotChecked Jobs: Nightly report on DR2", found);
        Assert.Contains("NotChecked Computers: BizTalk Group", found);
        Assert.Equal(found, Run(request, consent: false));
        Assert.Equal(before, lab.State());

        List<string> mended = Run(request, consent: true);
        Assert.Contains("Repaired Users: app in SSODB on DR2", mended);
        Assert.Contains("Failed Users: gone in SSODB on DR2", mended);
        Assert.Contains("Repaired LinkedServer: DR2 from DR1", mended);
        Assert.Contains($"Repaired BackupJob: {Job} on DR1: folder", mended);
        Assert.Contains($"Repaired BackupJob: {Job} on DR1: schedule", mended);
        Assert.Contains("Repaired FullBackup: BizTalk Group", mended);
        Assert.Contains("Repaired BackupRole: SSODB on DR2", mended);
        Assert.Contains("Failed BackupRole: BizTalkMgmtDb on DR1", mended);
        Assert.Contains("Repaired Jobs: PurgeSubscriptionsJob_BizTalkMsgBoxDb on DR1", mended);
        Assert.Equal(
            [
                "Failed BackupRole: BizTalkMgmtDb on DR1", "Failed BackupRole: BizTalkMsgBoxDb on DR1", "Failed Jobs: BizTalkMgmtDb on DR1", "Failed Jobs: BizTalkMsgBoxDb on DR1",
                "Failed Reference: BizTalkDTADb on DR2", "Failed Reference: BizTalkMsgBoxDb on DR1", "Failed Reference: SSODB on DR2", "Failed Users: gone in SSODB on DR2",
            ],
            Run(request, consent: true).Where(l => l.StartsWith("Failed", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

        using (SqlConnection sso = lab.Open("DR2", "SSODB"))
            Assert.Equal(1, PracticeLab.Scalar<int>(sso, "SELECT COUNT(*) FROM sys.database_role_members AS m WHERE USER_NAME(m.role_principal_id) = N'BTS_BACKUP_USERS' AND USER_NAME(m.member_principal_id) = N'agent';"));
        using (SqlConnection msdb = lab.Open("DR1", "msdb"))
            Assert.Equal(1, PracticeLab.Scalar<int>(msdb, "SELECT CAST(enabled AS int) FROM dbo.sysjobs WHERE name = N'PurgeSubscriptionsJob_BizTalkMsgBoxDb';"));
        using (SqlConnection app = lab.Open("DR2", "SSODB"))
            Assert.Equal(1, PracticeLab.Scalar<int>(app, "SELECT COUNT(*) FROM sys.database_principals AS u JOIN sys.server_principals AS l ON l.sid = u.sid WHERE u.name = N'app';"));
        using (SqlConnection msdb = lab.Open("DR1", "msdb"))
        {
            Assert.Equal(1, PracticeLab.Scalar<int>(msdb, $"SELECT CAST(enabled AS int) FROM dbo.sysjobs WHERE name = N'{Job}';"));
            Assert.Equal($"exec dbo.sp_MarkAll 'BTS' /* mark name */, '{folder}' /* where */", PracticeLab.Scalar<string>(msdb, "SELECT command FROM dbo.sysjobsteps WHERE step_id = 1 AND database_name = N'BizTalkMgmtDb';"));
        }
    }

    [Fact]
    public async Task A_member_on_an_instance_that_was_not_given_is_said_to_be_missing()
    {
        await using Destination lab = await Destination.StartAsync("DR1", "DR2");
        Assert.True(lab.Restore(lab.Request(shared.Lab.Backups)).IsSuccess);
        List<string> found = Run(new RepairRequest("BizTalkMgmtDb", [FlowLab.At(lab.Environment.ConnectionStrings["DR1"])]), consent: false);
        Assert.Contains("Failed State: SSODB", found);
        RecoveryException error = Refused.With(RecoveryError.NotAManagementDatabase, () => Run(new RepairRequest("BizTalkMgmtDb", [FlowLab.At(lab.Environment.ConnectionStrings["DR2"])]), consent: true));
        Assert.Equal("BizTalkMgmtDb", error.Target);
    }

    private static List<string> Run(RepairRequest request, bool consent)
    {
        var repairer = new GroupRepairer(FlowLab.Ports());
        RepairRun run = repairer.Start(request);
        var lines = new List<string>();
        while (run.Next() is { } item)
        {
            RepairResult result = consent && item.Fix is not null ? repairer.Mend(run, item) : item.Result;
            lines.Add($"{result.Outcome} {result.Check}: {result.Subject}");
        }

        return lines;
    }

    /// <summary>One user whose login came back with another SID, one whose login did not, and the job as its script makes it: disabled, writing nowhere.</summary>
    private static void Spoil(Destination lab)
    {
        using SqlConnection sso = lab.Open("DR2", "SSODB");
        PracticeLab.Execute(sso, """
            CREATE LOGIN app WITH PASSWORD = 'Practice-1'; CREATE USER app FOR LOGIN app; DROP LOGIN app; CREATE LOGIN app WITH PASSWORD = 'Practice-2';
            CREATE LOGIN agent WITH PASSWORD = 'Practice-4';
            CREATE LOGIN gone WITH PASSWORD = 'Practice-3'; CREATE USER gone FOR LOGIN gone; DROP LOGIN gone;
            """);
        using SqlConnection other = lab.Open("DR2", "msdb");
        PracticeLab.Execute(other, "EXEC dbo.sp_add_job @job_name = N'Nightly report', @enabled = 0; EXEC dbo.sp_add_jobstep @job_name = N'Nightly report', @step_id = 1, @step_name = N'1', @subsystem = N'TSQL', @database_name = N'SSODB', @command = N'SELECT 1';");
        using SqlConnection msdb = lab.Open("DR1", "msdb");
        PracticeLab.Execute(msdb, $"""
            EXEC dbo.sp_add_job @job_name = N'PurgeSubscriptionsJob_BizTalkMsgBoxDb', @enabled = 0;
            EXEC dbo.sp_add_jobstep @job_name = N'PurgeSubscriptionsJob_BizTalkMsgBoxDb', @step_id = 1, @step_name = N'1', @subsystem = N'TSQL', @database_name = N'BizTalkMsgBoxDb', @command = N'SELECT 1';
            EXEC dbo.sp_add_job @job_name = N'{Job}', @enabled = 0;
            EXEC dbo.sp_add_jobstep @job_name = N'{Job}', @step_id = 1, @step_name = N'MarkAndBackupLog', @subsystem = N'TSQL', @database_name = N'BizTalkMgmtDb',
                @command = N'exec dbo.sp_MarkAll ''BTS'' /* mark name */, ''<destination path>'' /* where */';
            """);
    }
}
