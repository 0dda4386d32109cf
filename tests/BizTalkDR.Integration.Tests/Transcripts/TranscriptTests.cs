using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Errors;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Integration.Tests.Resume;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.SqlServer;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Integration.Tests.Transcripts;

/// <summary>The main scenarios of a restore, word by word as they were approved: plan, statements, judgements, warnings, errors and what is left behind.</summary>
[Collection("flows")]
public sealed class TranscriptTests(BackedUpGroup shared)
{
    [Fact]
    public async Task A_group_on_two_new_instances()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        Transcript transcript = new();
        Run(lab, Plan(lab, transcript), transcript);
        Approve(lab, transcript);
    }

    [Fact]
    public async Task The_scripts_of_two_new_instances()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        Transcript transcript = new();
        foreach (RestoreScriptFile file in RestoreScript.Write(Plan(lab, transcript)))
        {
            transcript.Title(file.Name);
            transcript.Say(file.Text);
        }

        Approve(lab, transcript);
    }

    [Fact]
    public async Task A_full_set_that_was_written_while_nothing_worked()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        Transcript transcript = new();
        RestorePlan plan = Plan(lab, transcript, r => r with { Mark = shared.Sets[0].Point });
        foreach (RestoreScriptFile file in RestoreScript.Write(plan))
        {
            transcript.Title(file.Name);
            transcript.Say(file.Text);
        }

        Run(lab, plan, transcript);
        Approve(lab, transcript);
    }

    [Fact]
    public async Task A_member_that_lacks_the_newest_log()
    {
        using ScratchFolder scratch = Copy();
        File.Delete(Directory.EnumerateFiles(scratch.Path, "*_SSODB_Log_*").Order(StringComparer.Ordinal).Last());
        await using SweepLab lab = await SweepLab.StartAsync(scratch.Path);
        Transcript transcript = new();
        Run(lab, Plan(lab, transcript), transcript);
        transcript.Title("The newest mark by name");
        transcript.Error(Assert.Throws<RecoveryException>(() => lab.Plan(r => Lone(r) with { Mark = shared.Sets[^1].Mark })));
        Approve(lab, transcript, (scratch.Path, "backups"));
    }

    [Fact]
    public async Task A_group_that_stands_where_it_is_to_go()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        lab.Run(lab.Plan(), lab.NewFile("jsonl"));
        Transcript transcript = new();
        transcript.Title("Without -Force");
        transcript.Error(Assert.Throws<RecoveryException>(() => lab.Plan(Lone)));
        foreach (string name in (string[])["BizTalkMgmtDb", "BizTalkMsgBoxDb"])
            PracticeLab.Execute(lab.Destination.Open("DR1", name), $"BACKUP DATABASE [{name}] TO DISK = N'{lab.Destination[name + ".full.bak"]}';");
        foreach (string name in (string[])["SSODB", "BizTalkDTADb"])
            PracticeLab.Execute(lab.Destination.Open("DR2", "master"), $"ALTER DATABASE [{name}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE [{name}];");
        SqlConnection.ClearAllPools();
        transcript.Title("With -Force, one instance lost, the other ahead");
        Run(lab, Plan(lab, transcript, r => r with { Force = true }), transcript);
        Approve(lab, transcript);
    }

    [Fact]
    public async Task A_database_that_is_kept_under_another_name()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups, new LabEnvironmentOptions(), "DR1");
        lab.Run(lab.Plan(), lab.NewFile("jsonl"));
        foreach (string name in lab.Destination.States().Keys.Where(n => n != "SSODB"))
            PracticeLab.Execute(lab.Destination.Open("DR1", "master"), $"ALTER DATABASE [{name}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE [{name}];");
        SqlConnection.ClearAllPools();
        Transcript transcript = new();
        Run(lab, Plan(lab, transcript, r => r with { KeepExisting = ["SSODB"] }), transcript);
        Approve(lab, transcript);
    }

    [Fact]
    public async Task A_log_that_is_damaged_meanwhile_and_the_resumed_run()
    {
        using ScratchFolder scratch = Copy();
        await using SweepLab lab = await SweepLab.StartAsync(scratch.Path, new LabEnvironmentOptions(), "DR1");
        string log = Directory.EnumerateFiles(scratch.Path, "*_SSODB_Log_*").Order(StringComparer.Ordinal).Last();
        byte[] good = await File.ReadAllBytesAsync(log);
        await StopAndResumeAsync(
            lab, e => e.Text.StartsWith("SSODB on DR1: Restore the full", StringComparison.Ordinal), () => File.WriteAllBytes(log, good[..(good.Length / 2)]), () => File.WriteAllBytesAsync(log, good), (scratch.Path, "backups"));
    }

    [Fact]
    public async Task A_cancelled_run_and_the_resumed_one()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups, new LabEnvironmentOptions(), "DR1");
        using CancellationTokenSource cancel = new();
        await StopAndResumeAsync(lab, e => e.Text.StartsWith("Gate: ", StringComparison.Ordinal), cancel.Cancel, () => Task.CompletedTask, null, cancel.Token);
    }

    private async Task StopAndResumeAsync(
        SweepLab lab, Func<RecoveryLogEntry, bool> when, Action disturb, Func<Task> repair, (string Folder, string Word)? folder, CancellationToken cancellation = default, [System.Runtime.CompilerServices.CallerMemberName] string name = "")
    {
        Transcript transcript = new();
        RestorePlan plan = lab.Plan(Lone);
        string journal = lab.NewFile("jsonl");
        transcript.Title("Run");
        transcript.Error(Assert.Throws<RecoveryException>(() => lab.Run(plan, journal, new Both(transcript, new Interrupter(when, disturb)), cancellation)));
        await repair();
        transcript.Title("Resume");
        lab.GoOn(plan, journal, transcript);
        transcript.Title("Databases");
        foreach ((string database, string state) in lab.Destination.States().OrderBy(s => s.Key, StringComparer.Ordinal))
            transcript.Say($"{database}: {state}");
        Approve(lab, transcript, folder, name);
    }

    /// <summary>One member after the other on an instance.</summary>
    private static RestoreRequest Lone(RestoreRequest request) => request with { Limits = new RestoreLimits { PerInstance = 1, PerVolume = 1 } };

    private static RestorePlan Plan(SweepLab lab, Transcript transcript, Func<RestoreRequest, RestoreRequest>? change = null)
    {
        RestorePlan plan = lab.Plan(r => Lone(change?.Invoke(r) ?? r));
        transcript.Title("Plan");
        transcript.Say(plan.ToString());
        return plan;
    }

    private static void Run(SweepLab lab, RestorePlan plan, Transcript transcript)
    {
        transcript.Title("Run");
        transcript.Result(lab.Run(plan, lab.NewFile("jsonl"), transcript));
    }

    private void Approve(SweepLab lab, Transcript transcript, (string Folder, string Word)? folder = null, [System.Runtime.CompilerServices.CallerMemberName] string name = "") =>
        transcript.IsApproved([folder ?? (shared.Lab.Backups, "backups"), (lab.Destination["."].TrimEnd('.'), "lab")], name);

    private ScratchFolder Copy()
    {
        ScratchFolder scratch = new();
        foreach (string file in Directory.EnumerateFiles(shared.Lab.Backups))
            File.Copy(file, scratch[Path.GetFileName(file)]);
        return scratch;
    }

    private sealed class Both(IRecoveryLog first, IRecoveryLog second) : IRecoveryLog
    {
        public void Write(RecoveryLogEntry entry)
        {
            first.Write(entry);
            second.Write(entry);
        }
    }
}
