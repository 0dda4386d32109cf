using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
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

/// <summary>One instance of a group is lost, the other lives and is ahead of the mark: it goes back to the mark, and what it had since is kept.</summary>
[Collection("flows")]
public sealed class SurvivorTests(BackedUpGroup shared)
{
    private const string Work = "CREATE TABLE dbo.Newest (Id int NOT NULL); INSERT INTO dbo.Newest VALUES (1); INSERT INTO dbo.Newest VALUES (2);";

    [Fact]
    public async Task The_group_stands_at_the_mark_and_the_tail_holds_the_rows_that_came_after()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        IReadOnlyList<string> atMark = Survive(lab);
        RestorePlan plan = lab.Plan(r => r with { Force = true });
        Assert.Equal(2, plan.Members.Count(m => m.Tail is not null));
        RestoreResult result = lab.Run(plan, lab.NewFile("jsonl"));
        Assert.True(result.IsSuccess);
        Assert.Equal(atMark, GroupState.Read(lab.Destination, plan));
        foreach (MemberResult member in result.Members)
        {
            Assert.Equal(member.DestinationInstance == "DR1" ? 1 : 0, member.Tails.Count);
            if (member.Tails.Count > 0)
                Assert.Equal([1, 2], NewestOf(lab, member.Name, member.Tails[0].Path));
        }
    }

    [Theory]
    [InlineData(9, false)]
    [InlineData(11, true)]
    [InlineData(12, false)]
    public async Task A_restore_that_is_killed_while_or_after_tails_are_saved_is_resumed_and_keeps_them(int line, bool afterWrite)
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        IReadOnlyList<string> atMark = Survive(lab);
        RestorePlan plan = lab.Plan(r => r with { Force = true });
        string journal = lab.NewFile("jsonl");
        RestoreEnd end = await RestoreChild.RunAsync(lab.Destination["."], lab.Order(plan, journal) with { EndAtLine = line, AfterWrite = afterWrite }, lab.Destination.Environment.Password);
        Assert.True(end.WasKilled, end.Said);
        Assert.DoesNotContain("Restore the full", string.Join('\n', (await File.ReadAllLinesAsync(journal)).Skip(1)), StringComparison.Ordinal);

        // A new restore in place of the one that was killed must not replace what a tail has closed: the newest work of these databases is in their tails alone.
        List<MemberPlan> closed = [.. plan.Members.Where(m => m.Tail is not null && lab.Destination.States()[m.Database].StartsWith("RESTORING", StringComparison.Ordinal))];
        Assert.True(closed.Count > 0 || line == 9);
        if (closed.Count > 0)
        {
            string before = lab.Destination.State();
            RecoveryException refused = Refused.With(RecoveryError.TailNotPossible, () => lab.Plan(r => r with { Force = true }));
            Assert.All(closed, m => Assert.Contains($"{m}: it is RESTORING, and its server does not prove that a restore left it so", refused.Message, StringComparison.Ordinal));
            Assert.All(
                closed.SelectMany(m => RestoreJournalRecord.Read(journal).TailsOf(m)),
                t => Assert.Matches($"The newest log backup that closed it is in {Regex.Escape(t.Path)} \\(of [^)]+\\), where its server can read it", refused.Message));
            Assert.Contains("-Resume", refused.Hint, StringComparison.Ordinal);
            Assert.All(lab.Plan(r => r with { Force = true, WithoutTail = [.. closed.Select(m => m.Database)] }).Members.Where(m => m.WithoutTail), m => Assert.Null(m.Tail));
            Assert.Equal(before, lab.Destination.State());
        }

        lab.GoOn(plan, journal);
        Assert.Equal(atMark, GroupState.Read(lab.Destination, plan));
        RestoreJournalRecord record = RestoreJournalRecord.Read(journal);
        Assert.All(plan.Members.Where(m => m.Tail is not null), m => Assert.Equal([1, 2], NewestOf(lab, m.Database, [.. record.TailsOf(m).Select(t => t.Path)])));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(8, false)]
    [InlineData(10, true)]
    [InlineData(13, false)]
    public async Task What_lives_is_kept_under_another_name_and_the_group_stands_at_the_mark_also_after_a_kill(int line, bool afterWrite)
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        IReadOnlyList<string> atMark = Survive(lab);
        string[] alive = [.. lab.Plan(r => r with { Force = true }).Members.Where(m => m.Replaces is not null).Select(m => m.Database)];
        RestorePlan plan = lab.Plan(r => r with { KeepExisting = alive });
        string journal = lab.NewFile("jsonl");
        if (line == 0)
        {
            Assert.All(lab.Run(plan, journal).Members, m => Assert.Equal(m.DestinationInstance == "DR1", m.KeptAs is not null));
        }
        else
        {
            RestoreEnd end = await RestoreChild.RunAsync(lab.Destination["."], lab.Order(plan, journal) with { EndAtLine = line, AfterWrite = afterWrite }, lab.Destination.Environment.Password);
            Assert.True(end.WasKilled, end.Said);
            lab.GoOn(plan, journal);
        }

        Assert.Equal(atMark, GroupState.Read(lab.Destination, plan));
        foreach (MemberPlan member in plan.Members.Where(m => m.Keeps is not null))
        {
            Assert.Equal("ONLINE MULTI_USER", lab.Destination.States()[member.Keeps!.As]);
            Assert.Equal([1, 2], Newest(lab, member.Keeps.As));
        }
    }

    [Fact]
    public async Task A_tail_that_finds_the_disk_full_replaces_nothing_and_goes_on_when_there_is_room()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups, new LabEnvironmentOptions { SeparateProcesses = true });
        IReadOnlyList<string> atMark = Survive(lab);
        RestorePlan plan = lab.Plan(r => r with { Force = true });
        string journal = lab.NewFile("jsonl");
        int begun = 0;
        var full = new Interrupter(
            e => e.Text.Contains(": Back up the tail", StringComparison.Ordinal) && System.Threading.Interlocked.Increment(ref begun) == 2,
            () => lab.Destination.Environment.Child("DR1").LimitDiskAsync(0, default).GetAwaiter().GetResult());
        RecoveryException error = Refused.With(RecoveryError.TailBackupFailed, () => lab.Run(plan, journal, full));
        Assert.Contains("-Resume", error.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("Restore the full", string.Join('\n', (await File.ReadAllLinesAsync(journal)).Skip(1)), StringComparison.Ordinal);
        await lab.Destination.Environment.StartInstanceAsync("DR1");
        lab.GoOn(plan, journal);
        Assert.Equal(atMark, GroupState.Read(lab.Destination, plan));
        RestoreJournalRecord record = RestoreJournalRecord.Read(journal);
        Assert.All(plan.Members.Where(m => m.Tail is not null), m => Assert.Equal([1, 2], NewestOf(lab, m.Database, [.. record.TailsOf(m).Select(t => t.Path)])));
    }

    [Fact]
    public async Task A_survivor_is_open_again_as_the_error_of_a_cancelled_restore_says()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        Survive(lab);
        RestorePlan plan = lab.Plan(r => r with { Force = true });
        using var cancel = new System.Threading.CancellationTokenSource();
        int saved = 0;
        RecoveryException error = Refused.With(
            RecoveryError.OperationCancelled,
            () => lab.Run(plan, lab.NewFile("jsonl"), new Interrupter(e => e.Text.Contains("the tail of its log is in", StringComparison.Ordinal) && ++saved == 2, cancel.Cancel), cancel.Token));
        string[] back = [.. error.Hint.Split("(on DR1) ").Skip(1)];
        Assert.Equal(2, back.Length);
        using SqlConnection master = lab.Destination.Open("DR1", "master");
        foreach (string statements in back)
            PracticeLab.Execute(master, statements);
        Assert.All(plan.Members.Where(m => m.Tail is not null), m => Assert.Equal("ONLINE MULTI_USER", lab.Destination.States()[m.Database]));
        Assert.All(plan.Members.Where(m => m.Tail is not null), m => Assert.Equal([1, 2], Newest(lab, m.Database)));
    }

    [Fact]
    public async Task A_database_whose_log_cannot_be_backed_up_is_replaced_only_when_its_work_is_given_up_by_name()
    {
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        IReadOnlyList<string> atMark = Survive(lab);
        using (SqlConnection master = lab.Destination.Open("DR1", "master"))
            PracticeLab.Execute(master, "ALTER DATABASE BizTalkMsgBoxDb SET RECOVERY SIMPLE;");
        string before = lab.Destination.State();
        RecoveryException error = Refused.With(RecoveryError.TailNotPossible, () => lab.Plan(r => r with { Force = true }));
        Assert.Contains("SIMPLE", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, lab.Destination.State());
        RestorePlan plan = lab.Plan(r => r with { Force = true, WithoutTail = ["BizTalkMsgBoxDb"] });
        using (SqlConnection open = lab.Destination.Open("DR1", "BizTalkMsgBoxDb"))
            PracticeLab.Execute(open, "INSERT INTO dbo.Newest VALUES (3);");
        Refused.With(RecoveryError.DestinationChanged, () => lab.Run(plan, lab.NewFile("jsonl")));
        Assert.Equal(before, lab.Destination.State());
        plan = lab.Plan(r => r with { Force = true, WithoutTail = ["BizTalkMsgBoxDb"] });
        RestoreResult result = lab.Run(plan, lab.NewFile("jsonl"));
        Assert.Equal(1, result.Members.Sum(m => m.Tails.Count));
        Assert.Equal(atMark, GroupState.Read(lab.Destination, plan));
    }

    /// <summary>A restored group goes into production: fulls, work; then one of its instances is lost. Gives the group as it was at the mark.</summary>
    private static IReadOnlyList<string> Survive(SweepLab lab)
    {
        RestorePlan first = lab.Plan();
        lab.Run(first, lab.NewFile("jsonl"));
        IReadOnlyList<string> atMark = GroupState.Read(lab.Destination, first);
        foreach (MemberPlan member in first.Members)
        {
            using SqlConnection open = lab.Destination.Open(member.DestinationServer, member.DestinationServer == "DR1" ? member.Database : "master");
            PracticeLab.Execute(open, member.DestinationServer == "DR1"
                ? $"BACKUP DATABASE [{member.Database}] TO DISK = N'{FullOf(lab, member.Database)}'; {Work}"
                : $"ALTER DATABASE [{member.Database}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE [{member.Database}];");
        }

        SqlConnection.ClearAllPools();
        return atMark;
    }

    private static string FullOf(SweepLab lab, string database) => lab.Destination[$"{database}.full.bak"];

    /// <summary>The rows that a full and tails bring, restored side by side under another name.</summary>
    private static List<int> NewestOf(SweepLab lab, string database, params string[] tails)
    {
        using SqlConnection master = lab.Destination.Open("DR1", "master");
        string side = database + "_tail";
        string moves = string.Join(", ", PracticeLab.Rows(master, $"RESTORE FILELISTONLY FROM DISK = N'{FullOf(lab, database)}';").Select((f, i) => $"MOVE N'{f[0]}' TO N'{lab.Destination[$"{side}{i}.file"]}'"));
        PracticeLab.Execute(master, $"RESTORE DATABASE [{side}] FROM DISK = N'{FullOf(lab, database)}' WITH NORECOVERY, {moves};");
        foreach (string tail in tails)
            PracticeLab.Execute(master, $"RESTORE LOG [{side}] FROM DISK = N'{tail}' WITH NORECOVERY;");
        PracticeLab.Execute(master, $"RESTORE DATABASE [{side}] WITH RECOVERY;");
        List<int> rows = Newest(lab, side);
        PracticeLab.Execute(master, $"ALTER DATABASE [{side}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE [{side}];");
        return rows;
    }

    private static List<int> Newest(SweepLab lab, string database)
    {
        using SqlConnection open = lab.Destination.Open("DR1", database);
        return PracticeLab.Rows(open, "SELECT Id FROM dbo.Newest ORDER BY Id;").ConvertAll(r => (int)r[0]!);
    }
}
