using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Backup;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Restore;

/// <summary>What lives can be kept under another name instead of being replaced.</summary>
public sealed class KeepTests : IDisposable
{
    private const string Kept = "SSODB";
    private readonly string _journal = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N") + ".jsonl");
    private FakeWorld _world = NewWorld();

    private FakeServer Server => _world.Servers["DST2"];

    private RestoreRequest Keeping => _world.RestoreTo("DST1", "DST2") with { KeepExisting = [Kept] };

    public void Dispose() => File.Delete(_journal);

    [Theory]
    [InlineData("ONLINE", false, false, null)]
    [InlineData("ONLINE", true, false, null)]
    [InlineData("ONLINE", false, true, "in standby")]
    [InlineData("RESTORING", false, false, "RESTORING")]
    [InlineData("SUSPECT", false, false, "SUSPECT")]
    [InlineData("OFFLINE", false, false, "OFFLINE")]
    public void Which_databases_can_be_kept(string state, bool simple, bool standby, string? reason)
    {
        Server.Databases[Kept] = new FakeDatabase { Name = Kept, State = state, IsSimple = simple, Standby = standby };
        if (reason is not null)
        {
            RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Prepare(Keeping));
            Assert.Equal((RecoveryError.KeepNotPossible, "SSODB on DST2"), (error.Code, error.Target));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
            return;
        }

        RestorePlan plan = _world.Prepare(Keeping);
        MemberPlan member = plan.Members.Single(m => m.Keeps is not null);
        string name = member.Keeps!.As;
        Assert.StartsWith("SSODB_kept_2026_", name, StringComparison.Ordinal);
        Assert.Equal([DatabaseAccess.SingleUser, null], member.TailSteps.Select(s => s.Access));
        Assert.Equal([null, name], member.TailSteps.Select(s => s.KeepAs));
        RestoreStatement full = member.Steps.Single(s => s.Statement?.Action == RestoreAction.Full).Statement!;
        Assert.False(full.Replace);
        Assert.All(full.Moves, m => Assert.Matches(@"/SSODB_2026_\w+\.[ml]df$", m.PhysicalName));
        Assert.Contains($"keeps the existing database as {name}", plan.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("keeping 1 that exist under other names", plan.Action, StringComparison.Ordinal);
        Assert.Contains(plan.Findings, f => f.Subject == member.ToString() && f.Text.Contains(name, StringComparison.Ordinal));
        Assert.Empty(RestorePlanCheck.Faults(plan));
        Assert.Equal(plan.ToString(), RestorePlanFile.FromJson(RestorePlanFile.ToJson(plan), "x").ToString());
    }

    [Fact]
    public void Names_that_are_in_nobodys_way_and_databases_that_nobody_named_are_refused()
    {
        RecoveryException unknown = Assert.Throws<RecoveryException>(() => _world.Prepare(Keeping with { KeepExisting = [Kept, "BizTalkDTADb"] }));
        Assert.Equal((RecoveryError.DatabaseNotFound, "BizTalkDTADb"), (unknown.Code, unknown.Target));
        Assert.Contains("-KeepExisting", unknown.Hint, StringComparison.Ordinal);
        _world.Servers["DST1"].Databases.Add("BizTalkMsgBoxDb", new FakeDatabase { Name = "BizTalkMsgBoxDb" });
        Assert.Equal(RecoveryError.DatabaseExists, Assert.Throws<RecoveryException>(() => _world.Prepare(Keeping)).Code);
        RestorePlan plan = _world.Prepare(Keeping with { Force = true });
        Assert.Equal(["BizTalkMsgBoxDb"], plan.Members.Where(m => m.Replaces is not null).Select(m => m.Database));
        Assert.Equal([Kept], plan.Members.Where(m => m.Keeps is not null).Select(m => m.Database));
        Assert.Equal(RecoveryError.DatabaseNotFound, Assert.Throws<RecoveryException>(() => _world.Prepare(Keeping with { Force = true, WithoutTail = [Kept] })).Code);
    }

    [Fact]
    public void A_name_as_long_as_names_may_be_is_cut_and_stays_one()
    {
        string name = new('x', 128);
        var kept = KeepPlanner.Of(name, new DatabaseFacts(name, "ONLINE"), new RestorePlanInput(null!, null!, Keeping with { KeepExisting = [name] }, [], null!, null!) { PlannedUtc = _world.UtcNow })!;
        Assert.Equal(128, kept.As.Length);
        Assert.StartsWith("xxx", kept.As, StringComparison.Ordinal);
        Assert.Contains("x_kept_2026_", kept.As, StringComparison.Ordinal);
    }

    [Fact]
    public void The_database_stands_under_its_other_name_as_it_was_and_the_member_in_its_place()
    {
        FakeDatabase existing = Server.Databases[Kept];
        RestorePlan plan = _world.Prepare(Keeping);
        Assert.Equal(BackupTestOutcome.Passed, DatabaseTest(plan).Outcome);
        RestoreResult result = _world.Restore(plan);
        MemberResult member = result.Members.Single(m => m.Name == Kept);
        Assert.True(result.IsSuccess);
        Assert.Same(existing, Server.Databases[member.KeptAs!]);
        Assert.Equal((member.KeptAs, "ONLINE", DatabaseAccess.MultiUser), (existing.Name, existing.State, existing.Access));
        Assert.NotSame(existing, Server.Databases[Kept]);
        Assert.All(result.Members.Where(m => m.Name != Kept), m => Assert.Null(m.KeptAs));
        Assert.DoesNotContain(_world.Calls, c => c.Contains("REPLACE", StringComparison.Ordinal) || c.Contains(": Tail ", StringComparison.Ordinal));
        Assert.InRange(_world.Calls.IndexOf("DST2: Rename SSODB"), 0, _world.Calls.FindIndex(c => c.Contains(": Full ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_restore_that_is_killed_anywhere_is_resumed_with_the_database_kept_once()
    {
        int lines = 1;
        for (int line = 1; line <= lines; line++)
        {
            foreach (bool afterWrite in new[] { false, true })
            {
                _world = NewWorld();
                FakeDatabase existing = Server.Databases[Kept];
                RestorePlan plan = _world.Prepare(Keeping);
                File.Delete(_journal);
                using (var file = new RestoreJournalFile(_journal, _world))
                {
                    var killer = new KillingJournal(_world, file, line, afterWrite);
                    Exception? end = Record.Exception(() => new RestoreRunner(_world.Ports) { Parallelism = 1 }.Run(plan, killer));
                    if (end is null)
                    {
                        Assert.True(lines > 20);
                        return;
                    }
                }

                lines = line + 1;
                _world.IsDead = false;
                _world.ReleaseLocks();
                if (line == 1 && !afterWrite)
                    continue;
                Assert.True(RestoreJournalRecord.Read(_journal).IsDone || Resume().IsSuccess);
                Assert.Same(existing, Server.Databases[plan.Members.Single(m => m.Keeps is not null).Keeps!.As]);
                Assert.Equal(("ONLINE", DatabaseAccess.MultiUser), (existing.State, existing.Access));
                Assert.Equal(2, Server.Databases.Keys.Count(k => k.StartsWith(Kept, StringComparison.Ordinal)));
                Assert.Single(_world.Calls, c => c == "DST2: Rename SSODB");
            }
        }

        Assert.Fail("The sweep ended before the restore did.");
    }

    [Theory]
    [InlineData("another", RecoveryError.DestinationChanged)]
    [InlineData("opened", RecoveryError.DestinationChanged)]
    [InlineData("gone", RecoveryError.DestinationChanged)]
    [InlineData("closed", RecoveryError.DestinationChanged)]
    [InlineData("taken", RecoveryError.NameConflict)]
    public void What_has_changed_since_the_plan_is_not_touched(string change, RecoveryError code)
    {
        RestorePlan plan = _world.Prepare(Keeping);
        FakeDatabase existing = Server.Databases[Kept];
        string name = plan.Members.Single(m => m.Keeps is not null).Keeps!.As;
        _ = change switch
        {
            "another" => existing.Id = Guid.NewGuid(),
            "opened" => existing.Fork = Guid.NewGuid(),
            "gone" => Server.Databases.Remove(Kept),
            "closed" => existing.State = "RESTORING",
            _ => (object)(Server.Databases[name] = new FakeDatabase { Name = name }),
        };
        Assert.Equal(code, DatabaseTest(plan).Code);
        _world.Calls.Clear();
        RecoveryException error = Fail(plan);
        Assert.Equal((code, "SSODB on DST2"), (error.Code, error.Target));
        Assert.Empty(_world.Calls);
    }

    [Fact]
    public void A_name_that_cannot_be_changed_leaves_the_database_open_and_the_restore_can_go_on()
    {
        _world.FailWith("Rename SSODB", 5030);
        RestorePlan plan = _world.Prepare(Keeping);
        RecoveryException error = Fail(plan);
        Assert.Equal("SSODB on DST2", error.Target);
        Assert.Contains("5030", error.Message, StringComparison.Ordinal);
        Assert.Equal(("ONLINE", DatabaseAccess.MultiUser), (Server.Databases[Kept].State, Server.Databases[Kept].Access));
        Assert.DoesNotContain(_world.Calls, c => c.Contains(": Full ", StringComparison.Ordinal));
        Assert.True(Resume().IsSuccess);
    }

    [Fact]
    public void A_renaming_that_is_not_seen_afterwards_is_not_believed()
    {
        _world.Say("Rename SSODB", new ServerMessage(5030, 10, 1, "The database name has been set."));
        RecoveryException error = Fail(_world.Prepare(Keeping));
        Assert.Contains("the server reported no error", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_world.Calls, c => c.Contains(": Full ", StringComparison.Ordinal));
    }

    [Fact]
    public void An_end_behind_the_renaming_says_how_to_put_the_database_back_or_go_on()
    {
        RestorePlan plan = _world.Prepare(Keeping);
        _world.FailWith($"Full {plan.Members.First(m => m.Keeps is null).Database}", 3203);
        MemberPlan kept = plan.Members.Single(m => m.Keeps is not null);
        plan = plan with { Members = [.. plan.Members.OrderBy(m => m.Keeps is null ? 0 : 1)] };
        RecoveryException error = Fail(plan);
        Assert.Contains($"Kept under another name: SSODB as {kept.Keeps!.As}.", error.StateLeftBehind, StringComparison.Ordinal);
        Assert.Contains($"(on DST2) ALTER DATABASE [{kept.Keeps.As}] MODIFY NAME = [SSODB];", error.Hint, StringComparison.Ordinal);
        Assert.Contains("-Resume", error.Hint, StringComparison.Ordinal);
        Assert.True(Resume().IsSuccess);
    }

    [Fact]
    public void A_kept_database_that_was_dropped_or_put_back_meanwhile_stops_the_restore()
    {
        RestorePlan plan = _world.Prepare(Keeping);
        plan = plan with { Members = [.. plan.Members.OrderBy(m => m.Keeps is null ? 0 : 1)] };
        _world.FailWith($"Full {plan.Members[0].Database}", 3203);
        Fail(plan);
        string name = plan.Members[^1].Keeps!.As;
        FakeDatabase kept = Server.Databases[name];
        Server.Databases.Remove(name);
        Assert.Equal((RecoveryError.DestinationChanged, "SSODB on DST2"), Of(Assert.Throws<RecoveryException>(() => Resume())));
        Server.Databases[Kept] = kept;
        kept.Name = Kept;
        Assert.True(Resume().IsSuccess);
        Assert.Same(kept, Server.Databases[name]);
    }

    [Theory]
    [InlineData("own", null, ResumeKind.Start)]
    [InlineData(null, "own", ResumeKind.Kept)]
    [InlineData("own", "other", ResumeKind.Refused)]
    [InlineData("other", "own", ResumeKind.Refused)]
    [InlineData("other", null, ResumeKind.Refused)]
    [InlineData(null, "other", ResumeKind.Refused)]
    [InlineData(null, null, ResumeKind.Refused)]
    public void How_a_restore_goes_on_before_anything_stands_in_its_place(string? there, string? under, ResumeKind kind)
    {
        MemberPlan member = _world.Prepare(Keeping).Members.Single(m => m.Keeps is not null);
        DatabaseFacts? Facts(string? which) => which switch { null => null, "own" => member.Keeps!.Database with { CreatedLocal = new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Unspecified) }, _ => member.Keeps!.Database with { DatabaseGuid = Guid.NewGuid() } };
        Assert.Equal(kind, ResumeDecision.Decide(new ResumeEvidence(member, "mark", Facts(there), [], []) { Kept = Facts(under) }).Kind);
    }

    [Fact]
    public void A_plan_that_was_put_together_otherwise_is_refused()
    {
        RestorePlan plan = _world.Prepare(Keeping);
        IReadOnlyList<string> With(Func<MemberPlan, MemberPlan> change) => RestorePlanCheck.Faults(plan with { Members = [.. plan.Members.Select(m => m.Keeps is null ? m : change(m))] });
        Assert.NotEmpty(With(m => m with { Keeps = null }));
        Assert.NotEmpty(With(m => m with { Keeps = m.Keeps! with { As = "other" } }));
        Assert.NotEmpty(With(m => m with { Replaces = m.Keeps!.Database }));
        Assert.NotEmpty(With(m => m with { Keeps = m.Keeps! with { Database = m.Keeps.Database with { DatabaseGuid = null } } }));
        Assert.NotEmpty(With(m => m with { Steps = [.. m.Steps.Where(s => s.KeepAs is null).Select((s, i) => s with { Number = i + 1 })] }));
        Assert.NotEmpty(With(m => m with { Steps = [.. m.Steps.OrderBy(s => s.KeepAs is null ? 0 : 1).Select((s, i) => s with { Number = i + 1 })] }));
        Assert.NotEmpty(With(m => m with { Keeps = m.Keeps! with { As = "BizTalkRuleEngineDb" }, Steps = [.. m.Steps.Select(s => s.KeepAs is null ? s : s with { KeepAs = plan.Members.First(o => o.DestinationServer == m.DestinationServer && o.Keeps is null).Database })] }));
        Assert.Empty(With(m => m));
    }

    private static FakeWorld NewWorld()
    {
        var world = new FakeWorld();
        world.BackUpFull();
        world.BackUpLog();
        world.Servers["DST2"].Databases[Kept] = new FakeDatabase { Name = Kept };
        return world;
    }

    private static (RecoveryError, object?) Of(RecoveryException error) => (error.Code, error.Target);

    private PlanTestResult DatabaseTest(RestorePlan plan) => new RestorePlanTester(_world.Ports).Test(plan).Single(r => r.Check == PlanCheck.Database && r.Subject == "SSODB on DST2");

    private RecoveryException Fail(RestorePlan plan)
    {
        using var journal = new RestoreJournalFile(_journal, _world);
        return Assert.Throws<RecoveryException>(() => new RestoreRunner(_world.Ports) { Parallelism = 1 }.Run(plan, journal, CancellationToken.None));
    }

    private RestoreResult Resume()
    {
        RestoreJournalRecord record = RestoreJournalRecord.Read(_journal);
        using RestoreJournalFile journal = RestoreJournalFile.Continue(_journal, _world);
        return new RestoreRunner(_world.Ports) { Parallelism = 1 }.Resume(record, journal);
    }
}
