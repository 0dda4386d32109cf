using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Errors;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Integration.Tests.Resume;

/// <summary>Restores that are disturbed from outside, and what comes after them.</summary>
[Collection("flows")]
public sealed class InterruptionTests(BackedUpGroup shared)
{
    private static readonly SemaphoreSlim _once = new(1);
    private static IReadOnlyList<string>? _reference;

    [Fact]
    public async Task An_instance_that_is_killed_in_the_middle()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups, new LabEnvironmentOptions { SeparateProcesses = true });
        RecoveryException error = await DisturbAsync(
            lab,
            e => e.Text.StartsWith("SSODB on DR2: Restore the log", StringComparison.Ordinal),
            () => lab.Destination.Environment.Child("DR2").KillAsync().GetAwaiter().GetResult(),
            async () => await lab.Destination.Environment.StartInstanceAsync("DR2"),
            patienceSeconds: 6);
        Assert.True(error.Code is RecoveryError.RestoreInterrupted or RecoveryError.InstanceUnreachable, $"{error.Code}: {error.Message}");
    }

    [Fact]
    public async Task An_instance_that_is_killed_while_members_are_recovered()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups, new LabEnvironmentOptions { SeparateProcesses = true });
        RecoveryException error = await DisturbAsync(
            lab,
            e => e.Text.StartsWith("All 4 members stand at the mark", StringComparison.Ordinal),
            () => lab.Destination.Environment.Child("DR1").KillAsync().GetAwaiter().GetResult(),
            async () => await lab.Destination.Environment.StartInstanceAsync("DR1"),
            patienceSeconds: 6);
        Assert.True(error.Code is RecoveryError.RestoreInterrupted or RecoveryError.InstanceUnreachable, $"{error.Code}: {error.Message}");
    }

    [Fact]
    public async Task A_connection_that_is_dropped_in_the_middle_of_a_statement()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        RecoveryException error = await DisturbAsync(
            lab,
            e => e.Progress is { Member: "BizTalkDTADb", Percent: > 30, IsCompleted: false },
            () => KillSessions(lab, "DR2", "SELECT session_id FROM sys.dm_exec_sessions WHERE program_name = N'BizTalkDR';"));
        Assert.Equal(RecoveryError.RestoreInterrupted, error.Code);
    }

    [Fact]
    public async Task A_lock_that_is_lost_before_the_recovery()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        RecoveryException error = await DisturbAsync(
            lab,
            e => e.Text.StartsWith("Gate: ", StringComparison.Ordinal) && e.Text.Contains("MarkLog holds", StringComparison.Ordinal),
            () => KillSessions(lab, "DR1", "SELECT DISTINCT request_session_id FROM sys.dm_tran_locks WHERE resource_type = N'APPLICATION' AND resource_description LIKE N'%BizTalkDR restore%';"));
        Assert.Equal(RecoveryError.RestoreInterrupted, error.Code);
        Assert.Contains("lock", error.Message, StringComparison.Ordinal);
        Assert.Contains("4 RESTORING", error.StateLeftBehind, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_is_damaged_or_swapped_meanwhile(bool swapped)
    {
        using var scratch = new ScratchFolder();
        foreach (string file in Directory.EnumerateFiles(shared.Lab.Backups))
            File.Copy(file, scratch[Path.GetFileName(file)]);
        await using SweepLab lab = await SweepLab.StartAsync(scratch.Path);
        string[] logs = [.. Directory.EnumerateFiles(scratch.Path, "*_SSODB_Log_*").Order(StringComparer.Ordinal)];
        byte[] good = await File.ReadAllBytesAsync(logs[^1]);
        RecoveryException error = await DisturbAsync(
            lab,
            e => e.Text.StartsWith("SSODB on DR2: Restore the full", StringComparison.Ordinal),
            () => File.WriteAllBytes(logs[^1], swapped ? File.ReadAllBytes(logs[0]) : Damaged(good)),
            () => File.WriteAllBytesAsync(logs[^1], good));
        Assert.True(
            swapped ? error.Code is RecoveryError.BackupFileChanged : error.Code is RecoveryError.BackupMediaUnreadable or RecoveryError.ChecksumMismatch,
            $"{error.Code}: {error.Message}");
    }

    [Theory]
    [InlineData("BizTalkDTADb on DR2: Restore the full")]
    [InlineData("BizTalkDTADb on DR2: Restore the log")]
    public async Task A_destination_whose_disk_is_full(string step)
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups, new LabEnvironmentOptions { SeparateProcesses = true });
        Task LimitAsync(long bytesLeft) => lab.Destination.Environment.Child("DR2").LimitDiskAsync(bytesLeft, default);
        RecoveryException error = await DisturbAsync(
            lab,
            e => e.Text.StartsWith(step, StringComparison.Ordinal),
            () => LimitAsync(0).GetAwaiter().GetResult(),
            () => LimitAsync(long.MaxValue));
        Assert.True(error.Code == RecoveryError.NotEnoughSpace, $"{error.Code}: {error.Message}");
        Assert.DoesNotContain("ONLINE", error.StateLeftBehind, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancel_while_a_whole_group_is_replaced()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        lab.Run(lab.Plan(), lab.NewFile("jsonl"));
        using var cancel = new CancellationTokenSource();
        RestorePlan plan = lab.Plan(r => r with { Force = true });
        string journal = lab.NewFile("jsonl");
        var log = new Interrupter(e => e.Text.StartsWith("BizTalkMsgBoxDb on DR1: Restore the log", StringComparison.Ordinal), cancel.Cancel);
        RecoveryException error = Refused.With(RecoveryError.OperationCancelled, () => lab.Run(plan, journal, log, cancel.Token));
        Assert.Contains("-Resume", error.Hint, StringComparison.Ordinal);
        lab.GoOn(plan, journal);
        Assert.Equal(await ReferenceAsync(), GroupState.Read(lab.Destination, plan));
    }

    [Fact]
    public async Task A_second_restore_on_the_same_databases_is_refused_and_disturbs_nothing()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        RestorePlan plan = lab.Plan();
        RecoveryException? second = null;
        string journal = lab.NewFile("jsonl");
        var log = new Interrupter(
            e => e.Text.StartsWith("BizTalkDTADb on DR2: Restore the log", StringComparison.Ordinal),
            () => second = Assert.Throws<RecoveryException>(() => lab.Run(plan, lab.NewFile("jsonl"))));
        Assert.True(lab.Run(plan, journal, log).IsSuccess);
        Assert.Equal(RecoveryError.RestoreInProgress, second!.Code);
        Assert.Equal(await ReferenceAsync(), GroupState.Read(lab.Destination, plan));
    }

    [Fact]
    public async Task A_journal_whose_disk_is_full()
    {
        if (!OperatingSystem.IsLinux())
            return;
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        RestorePlan plan = lab.Plan();
        int first = RestorePlanFile.ToJson(plan, indented: false).Length;
        string journal = lab.NewFile("jsonl");
        RestoreEnd end = await RestoreChild.RunAsync(lab.Destination["."], lab.Order(plan, journal), lab.Destination.Environment.Password, fileBlocks: (first * 5 / 4 / 1024) + 6);
        Assert.StartsWith("3 JournalNotWritable", $"{end.ExitCode} {end.Said}", StringComparison.Ordinal);
        Assert.All(lab.Destination.States().Values, s => Assert.StartsWith("RESTORING", s, StringComparison.Ordinal));
        lab.GoOn(plan, journal);
        Assert.Equal(await ReferenceAsync(), GroupState.Read(lab.Destination, plan));
    }

    [Fact]
    public async Task Jobs_of_the_group_are_off_while_it_is_restored_and_on_again_when_a_resumed_run_ends()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        using SqlConnection msdb = lab.Destination.Open("DR1", "msdb");
        foreach ((string job, string database, int enabled) in new[] { ("Backup", "BizTalkMgmtDb", 1), ("Off before", "BizTalkMgmtDb", 0), ("Of others", "master", 1) })
            PracticeLab.Execute(msdb, $"EXEC dbo.sp_add_job @job_name = N'{job}', @enabled = {enabled}; EXEC dbo.sp_add_jobstep @job_name = N'{job}', @step_id = 1, @step_name = N'S', @subsystem = N'TSQL', @command = N'SELECT 1', @database_name = N'{database}';");
        string Jobs() => string.Join(", ", PracticeLab.Rows(msdb, "SELECT name, enabled FROM dbo.sysjobs ORDER BY name;").Select(r => $"{r[0]} {r[1]}"));
        string before = Jobs();
        string? during = null;
        using var cancel = new CancellationTokenSource();
        await DisturbAsync(
            lab,
            e => e.Text.StartsWith("BizTalkMsgBoxDb on DR1: Restore the log", StringComparison.Ordinal),
            () =>
            {
                during = Jobs();
                cancel.Cancel();
            },
            cancellation: cancel.Token);
        Assert.Equal("Backup 0, Of others 1, Off before 0", during);
        Assert.Equal(before, Jobs());
    }

    private static byte[] Damaged(byte[] good)
    {
        byte[] bad = [.. good];
        for (int i = bad.Length / 2; i < bad.Length; i++)
            bad[i] ^= 0x5A;
        return bad;
    }

    private static void KillSessions(SweepLab lab, string server, string which)
    {
        using SqlConnection master = lab.Destination.Open(server, "master");
        int own = PracticeLab.Scalar<short>(master, "SELECT @@SPID;");
        foreach (object?[] row in PracticeLab.Rows(master, which))
        {
            int session = Convert.ToInt32(row[0], System.Globalization.CultureInfo.InvariantCulture);
            if (session != own)
                PracticeLab.Execute(master, $"KILL {session};");
        }
    }

    /// <summary>Disturbs a restore, sees it fail, puts right what was disturbed, resumes it, and compares.</summary>
    private async Task<RecoveryException> DisturbAsync(SweepLab lab, Func<RecoveryLogEntry, bool> when, Action act, Func<Task>? repair = null, int patienceSeconds = 20, CancellationToken cancellation = default)
    {
        // Connecting to an instance that is gone goes on trying for the whole time, again and again.
        RestorePlan plan = lab.Plan(r => r with { Destinations = [.. r.Destinations.Select(d => d with { ConnectTimeoutSeconds = patienceSeconds })] });
        string journal = lab.NewFile("jsonl");
        RecoveryException error;
        await using (MarkWatcher watcher = new(plan))
        {
            error = Assert.Throws<RecoveryException>(() => lab.Run(plan, journal, new Interrupter(when, act), cancellation));
            if (repair is not null)
                await repair();
            lab.GoOn(plan.At(m => m.Destination with { ConnectTimeoutSeconds = 60 }), journal);
            Assert.True(watcher.Looks > 0);
            Assert.Empty(watcher.Seen);
        }

        Assert.Equal(await ReferenceAsync(), GroupState.Read(lab.Destination, plan));
        return error;
    }

    /// <summary>What a restore that nobody disturbs gives; made once.</summary>
    private async Task<IReadOnlyList<string>> ReferenceAsync()
    {
        await _once.WaitAsync();
        try
        {
            if (_reference is null)
            {
                await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
                RestorePlan plan = lab.Plan();
                lab.Run(plan, lab.NewFile("jsonl"));
                _reference = GroupState.Read(lab.Destination, plan);
            }

            return _reference;
        }
        finally
        {
            _once.Release();
        }
    }
}
