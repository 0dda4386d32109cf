using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Group;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Lab.Tests.Group;

/// <summary>One full and one log pass over the usual group, by the group's own procedures (backup-job.md §3, §7).</summary>
public sealed class BackupRunTests
{
    private static readonly Regex Stamp = new(@"^BTS_\d{4}_\d{2}_\d{2}_\d{2}_\d{2}_\d{2}_\d{3}$", RegexOptions.None, TimeSpan.FromSeconds(1));

    [Fact]
    public async Task A_full_and_a_log_pass_leave_history_files_and_one_mark_everywhere()
    {
        await using PracticeLab lab = await PracticeLab.StartAsync(GroupDefinition.Default("LABSQL1", "LABSQL2", 40_000));
        SqlConnection management = lab.OpenManagement();

        Assert.Empty(lab.Full(management).Errors);
        Assert.Empty(lab.Log(management).Errors);

        List<object?[]> history = PracticeLab.Rows(management, "SELECT BackupSetId, MarkName, DatabaseName, ServerName, BackupFileName, BackupFileLocation, BackupType, SetComplete FROM dbo.adm_BackupHistory ORDER BY BackupId;");
        Assert.Equal(16, history.Count);
        List<object?[]> fulls = history.Where(row => (string?)row[6] == "db").ToList();
        List<object?[]> logs = history.Where(row => (string?)row[6] == "lg").ToList();
        Assert.Equal(8, fulls.Count);
        Assert.All(fulls, row => Assert.Null(row[1]));
        Assert.All(history, row => Assert.Equal((lab.Backups, true), ((string)row[5]!, (bool)row[7]!)));
        Assert.Equal([1L], fulls.Select(row => (long)row[0]!).Distinct());
        Assert.Equal([2L], logs.Select(row => (long)row[0]!).Distinct());
        string mark = Assert.Single(logs.Select(row => (string)row[1]!).Distinct());
        Assert.Matches(Stamp, mark);

        foreach (object?[] row in history)
        {
            string kind = (string?)row[6] == "db" ? "Full" : "Log";
            Assert.StartsWith($"{row[3]}_{row[2]}_{kind}_BTS_", (string)row[4]!, StringComparison.Ordinal);
            Assert.True(new FileInfo(Path.Combine(lab.Backups, (string)row[4]!)).Length > 0);
        }

        foreach (MemberDefinition member in lab.Group.Members)
        {
            SqlConnection connection = lab.Open(member.Server, member.Database);
            Assert.Equal([mark], PracticeLab.Rows(connection, "SELECT MarkName FROM dbo.MarkLog;").Select(row => (string?)row[0]));
        }

        foreach (string server in lab.Group.Servers)
        {
            string[] marked = PracticeLab.Rows(lab.Open(server, "msdb"), $"SELECT database_name FROM dbo.logmarkhistory WHERE mark_name = N'{mark}' ORDER BY database_name;").Select(row => (string)row[0]!).ToArray();
            Assert.Equal(lab.Group.Members.Where(member => member.Server == server).Select(member => member.Database).Order(StringComparer.OrdinalIgnoreCase), marked, StringComparer.OrdinalIgnoreCase);
        }

        Assert.Empty(lab.Faults);
    }

    [Fact]
    public async Task Discovery_finds_what_the_definition_said()
    {
        GroupDefinition group = GroupDefinition.Default("LABSQL1", "LABSQL2", 0);
        await using PracticeLab lab = await PracticeLab.StartAsync(group);
        SqlConnection management = lab.OpenManagement();
        IEnumerable<string> listed = PracticeLab.Rows(management, "SELECT ServerName, DatabaseName FROM dbo.admv_BackupDatabases;").Select(row => $"{row[0]}/{row[1]}");
        Assert.Equal(group.Members.Select(member => member.Key).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
        Assert.Equal(1, PracticeLab.Scalar<int>(management, "SELECT COUNT(*) FROM dbo.adm_MessageBox WHERE IsMasterMsgBox = 1;"));
        Assert.Equal("SSODB", PracticeLab.Scalar<string>(management, "SELECT DatabaseName FROM dbo.adm_OtherBackupDatabases WHERE DefaultDatabaseName = N'SSO';"));
        Assert.Equal("Management DB", PracticeLab.Scalar<string>(management, "SELECT BizTalkDBName FROM dbo.BizTalkDBVersion;"));
        foreach (MemberDefinition member in group.Members)
            Assert.Equal("FULL", PracticeLab.Scalar<string>(lab.Open(member.Server, "master"), $"SELECT recovery_model_desc FROM sys.databases WHERE name = N'{member.Database}';"));
        foreach (string server in group.Servers)
        {
            Assert.Equal(
                1,
                PracticeLab.Scalar<int>(lab.Open(server, "master"), $"SELECT COUNT(*) FROM sys.servers WHERE is_linked = 1 AND is_rpc_out_enabled = 1 AND name = N'{group.Servers.Single(other => other != server)}';"));
        }
    }

    /// <summary>backup-job.md §1, §2: created disabled, four steps, every 15 minutes, the destination left to be configured.</summary>
    [Fact]
    public async Task The_job_is_as_configuration_leaves_it()
    {
        await using PracticeLab lab = await PracticeLab.StartAsync(PracticeLab.Small());
        SqlConnection msdb = lab.Open("LABSQL1", "msdb");
        object?[] job = Assert.Single(PracticeLab.Rows(msdb, "SELECT j.enabled, c.name, j.notify_level_eventlog FROM dbo.sysjobs AS j INNER JOIN dbo.syscategories AS c ON c.category_id = j.category_id WHERE j.name = N'Backup BizTalk Server (BizTalkMgmtDb)';"));
        Assert.Equal((0, "Database Maintenance", 2), (Convert.ToInt32(job[0], null), (string?)job[1], Convert.ToInt32(job[2], null)));

        List<object?[]> steps = PracticeLab.Rows(msdb, "SELECT s.step_id, s.step_name, s.command, s.database_name, s.on_success_action, s.on_fail_action FROM dbo.sysjobsteps AS s INNER JOIN dbo.sysjobs AS j ON j.job_id = s.job_id ORDER BY s.step_id;");
        Assert.Equal(["Set Compression Option", "BackupFull", "MarkAndBackupLog", "Clear Backup History"], steps.Select(row => (string?)row[1]));
        Assert.All(steps, row => Assert.Equal("BizTalkMgmtDb", (string?)row[3]));
        Assert.Equal([(3, 3), (3, 2), (3, 2), (1, 2)], steps.Select(row => (Convert.ToInt32(row[4], null), Convert.ToInt32(row[5], null))));
        Assert.Contains("'<destination path>'", (string)steps[1][2]!, StringComparison.Ordinal);
        Assert.Contains("'<destination path>'", (string)steps[2][2]!, StringComparison.Ordinal);

        object?[] schedule = Assert.Single(PracticeLab.Rows(msdb, "SELECT name, freq_type, freq_interval, freq_subday_type, freq_subday_interval, active_start_date FROM dbo.sysschedules;"));
        Assert.Equal(["MarkAndBackupLogSched", "4", "1", "4", "15", "20031110"], schedule.Select(value => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Business_runs_around_a_mark_and_the_ledger_agrees_with_every_member()
    {
        await using PracticeLab lab = await PracticeLab.StartAsync(GroupDefinition.Default("LABSQL1", "LABSQL2", 0));
        SqlConnection management = lab.OpenManagement();
        Assert.Empty(lab.Full(management).Errors);
        using Ledger ledger = new(Path.Combine(lab.Folder.FullPath, "ledger.jsonl"), TimeProvider.System);
        Workload workload = new(lab.Group, lab.Environment.ConnectionStrings, ledger, new WorkloadOptions { Seed = 11 }, TimeProvider.System);

        WorkloadResult before = await workload.RunAsync(20, CancellationToken.None);
        Assert.Equal(20, before.Acknowledged);
        using CancellationTokenSource stop = new();
        Task<WorkloadResult> around = workload.RunAsync(1_000_000, stop.Token);
        for (int i = 0; i < 3; i++)
        {
            int number = ledger.MarkBegins();
            Assert.Empty(lab.Log(management).Errors);
            ledger.MarkReturned(number, PracticeLab.Scalar<string>(management, "SELECT MAX(MarkName) FROM dbo.adm_BackupHistory;"));
        }

        await stop.CancelAsync();
        Assert.Equal(0, (await around).Failed);
        Dictionary<string, IReadOnlySet<long>> found = [];
        foreach (MemberDefinition member in lab.Group.Members)
            found[member.Key] = await LedgerCheck.ReadAsync(lab.Environment.ConnectionStrings[member.Server], member.Database);
        LedgerReport report = LedgerCheck.AtEnd(Ledger.Read(ledger.Path), found);
        Assert.True(report.Ok);
        Assert.Equal(0, report.Undecided);
        Assert.Empty(lab.Faults);
    }
}
