using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Reports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Restore;

/// <summary>What lives is saved before it is replaced.</summary>
public sealed class TailTests : IDisposable
{
    private readonly FakeWorld _world = new();
    private readonly string _journal = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N") + ".jsonl");

    public TailTests()
    {
        _world.BackUpFull();
        _world.BackUpLog();
        _world.BackUpLog();
    }

    private RestoreRequest Over => _world.RestoreTo("DST1", "DST2") with { Force = true };

    public void Dispose() => File.Delete(_journal);

    [Theory]
    [InlineData("ONLINE", false, false, "saved")]
    [InlineData("ONLINE", true, false, "refused")]
    [InlineData("ONLINE", false, true, "refused")]
    [InlineData("SUSPECT", false, false, "salvaged")]
    [InlineData("RECOVERY_PENDING", false, false, "salvaged")]
    [InlineData("RESTORING", false, false, "refused")]
    [InlineData("OFFLINE", false, false, "refused")]
    [InlineData("EMERGENCY", false, false, "refused")]
    [InlineData("RECOVERING", false, false, "refused")]
    public void Which_tails_are_backed_up(string state, bool simple, bool standby, string expected)
    {
        Live("DST1", "BizTalkMsgBoxDb", state, simple, standby);
        RestoreRequest without = Over with { WithoutTail = ["biztalkmsgboxdb"] };
        if (expected == "refused")
        {
            RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Prepare(Over));
            Assert.Equal((RecoveryError.TailNotPossible, "BizTalkMsgBoxDb on DST1"), (error.Code, error.Target));
            Assert.Contains("-WithoutTail BizTalkMsgBoxDb", error.Hint, StringComparison.Ordinal);
        }
        else
        {
            MemberPlan member = Replaced(_world.Prepare(Over));
            Assert.Equal(expected, member.Tail switch { null => "missing", { IsDamaged: true } => "salvaged", _ => "saved" });
            Assert.All(member.TailSteps, s => Assert.True(s.Number < member.Steps.Single(f => f.Statement?.Action == RestoreAction.Full).Number));
            Assert.Equal(1, _world.Prepare(Over).Findings.Count(f => f.Level == FindingLevel.Warning && f.Subject == member.ToString()));
        }

        MemberPlan given = Replaced(_world.Prepare(without));
        Assert.Equal((true, (TailStatement?)null), (given.WithoutTail, given.Tail));
        Assert.Empty(RestorePlanCheck.Faults(_world.Prepare(without)));
    }

    [Fact]
    public void Every_database_whose_tail_cannot_be_backed_up_is_named_at_once()
    {
        Live("DST1", "BizTalkMsgBoxDb", simple: true);
        Live("DST2", "SSODB", "OFFLINE");
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Prepare(Over with { WithoutTail = [] }));
        Assert.Contains("BizTalkMsgBoxDb on DST1: its recovery model is SIMPLE", error.Message, StringComparison.Ordinal);
        Assert.Contains("SSODB on DST2: it is OFFLINE", error.Message, StringComparison.Ordinal);
        Assert.Contains("-WithoutTail BizTalkMsgBoxDb, SSODB", error.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("-KeepExisting", error.Hint, StringComparison.Ordinal);
        Assert.EndsWith("with -KeepExisting BizTalkMsgBoxDb.", Assert.Throws<RecoveryException>(() => _world.Prepare(Over with { WithoutTail = ["SSODB"] })).Hint, StringComparison.Ordinal);
        Assert.Equal(RecoveryError.TailNotPossible, Assert.Throws<RecoveryException>(() => _world.Prepare(Over with { WithoutTail = ["SSODB"] })).Code);
        Assert.Equal(2, _world.Prepare(Over with { WithoutTail = ["SSODB", "BizTalkMsgBoxDb"] }).Members.Count(m => m.WithoutTail));
        RecoveryException unknown = Assert.Throws<RecoveryException>(() => _world.Prepare(Over with { WithoutTail = ["SSODB", "BizTalkMsgBoxDb", "BizTalkDTADb"] }));
        Assert.Equal((RecoveryError.DatabaseNotFound, "BizTalkDTADb"), (unknown.Code, unknown.Target));
    }

    [Fact]
    public void Tails_go_to_the_folder_that_was_named_or_the_instances_own()
    {
        Live("DST1", "BizTalkMsgBoxDb");
        Assert.StartsWith("/bak/DST1/DST1_BizTalkMsgBoxDb_Tail_", Replaced(_world.Prepare(Over)).Tail!.Path, StringComparison.Ordinal);
        Assert.StartsWith(FakeWorld.Folder + "/DST1_BizTalkMsgBoxDb_Tail_", Replaced(_world.Prepare(Over with { TailFolder = FakeWorld.Folder })).Tail!.Path, StringComparison.Ordinal);
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Prepare(Over with { TailFolder = "/nowhere" }));
        Assert.Equal((RecoveryError.FolderNotVisibleToServer, "/nowhere"), (error.Code, error.Target));
        Assert.Contains("-TailFolder", error.Hint, StringComparison.Ordinal);
        _world.Servers["DST1"].HasNoBackupPath = true;
        Assert.Equal(RecoveryError.DestinationInvalid, Assert.Throws<RecoveryException>(() => _world.Prepare(Over)).Code);
    }

    [Fact]
    public void All_tails_are_saved_before_anything_is_restored()
    {
        _world.Restore();
        _world.Calls.Clear();
        RestoreResult again = _world.Restore(_world.Prepare(Over));
        Assert.True(again.IsSuccess);
        Assert.Equal(4, _world.Calls.Count(c => c.Contains(": Tail ", StringComparison.Ordinal)));
        Assert.InRange(_world.Calls.FindLastIndex(c => c.Contains("VERIFYONLY", StringComparison.Ordinal)), 0, _world.Calls.FindIndex(c => c.Contains(": Full ", StringComparison.Ordinal)));
        Assert.All(again.Members, m => Assert.Contains(_world.Tails, t => t.Path == Assert.Single(m.Tails).Path && t.Header.BackupSetGuid == m.Tails[0].BackupSetGuid));
        Assert.Equal(4, _world.Tails.Count);
    }

    [Theory]
    [InlineData("Tail SSODB", 3202)]
    [InlineData("VERIFYONLY /bak/DST2/DST2_SSODB", 3189)]
    public void A_tail_that_fails_opens_its_database_again_and_the_restore_can_go_on(string call, int number)
    {
        _world.Restore();
        RestorePlan plan = _world.Prepare(Over);
        _world.Calls.Clear();
        _world.FailWith(call, number);
        RecoveryException error = Fail(plan);
        Assert.Equal((RecoveryError.TailBackupFailed, "SSODB on DST2"), (error.Code, error.Target));
        Assert.Contains($"{number}", error.Message, StringComparison.Ordinal);
        Assert.Contains("-Resume", error.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain(_world.Calls, c => c.Contains(": Full ", StringComparison.Ordinal));
        Assert.Equal(("ONLINE", DatabaseAccess.MultiUser), (_world.Servers["DST2"].Databases["SSODB"].State, _world.Servers["DST2"].Databases["SSODB"].Access));
        RestoreResult result = Resume();
        Assert.True(result.IsSuccess);
        Assert.All(result.Members.Where(m => m.Name != "SSODB"), m => Assert.Single(m.Tails));
        IReadOnlyList<TailResult> tails = result.Members.Single(m => m.Name == "SSODB").Tails;
        Assert.EndsWith("_2.trn", tails[^1].Path, StringComparison.Ordinal);

        // What the first attempt wrote before its file was found unreadable is in no later one.
        Assert.Equal(number == 3189 ? 2 : 1, tails.Count);
        Assert.Equal((new LogPosition(1), tails[^1].FirstLsn), (tails[0].FirstLsn, tails.Count == 2 ? tails[0].LastLsn : tails[0].FirstLsn));
        Assert.Equal(number == 3189, error.Hint.Contains("COPY_ONLY", StringComparison.Ordinal));
    }

    [Fact]
    public void A_later_attempt_is_not_taken_for_the_tail_when_the_file_of_an_earlier_one_cannot_be_read()
    {
        Live("DST2", "SSODB");
        FakeDatabase database = _world.Servers["DST2"].Databases["SSODB"];
        RestorePlan plan = _world.Prepare(Over);
        database.LastLogBackupLsn = 40;
        _world.FailWith("VERIFYONLY /bak/DST2/DST2_SSODB", 3189);
        Assert.Contains("in no other file", Fail(plan).Message, StringComparison.Ordinal);
        _world.Tails[0].UnreadableWith = 3189;
        RecoveryException error = FailResume();
        Assert.Equal((RecoveryError.TailBackupFailed, "SSODB on DST2"), (error.Code, error.Target));
        Assert.Contains("it begins at LSN 41; the log from LSN 40 on was written by an earlier attempt", error.Message, StringComparison.Ordinal);
        Assert.Contains("BACKUP DATABASE … WITH COPY_ONLY", error.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain(_world.Calls, c => c.Contains(": Full ", StringComparison.Ordinal));
        Assert.Equal(("ONLINE", DatabaseAccess.MultiUser), (database.State, database.Access));
        Assert.Equal(RecoveryError.TailBackupFailed, FailResume().Code);

        _world.Tails[0].UnreadableWith = 0;
        RestoreResult result = Resume();
        Assert.True(result.IsSuccess);
        Assert.Equal([40, 41, 42, 43], result.Members.Single(m => m.Name == "SSODB").Tails.Select(t => t.FirstLsn.Value).Order());
    }

    [Fact]
    public void A_restore_that_ends_behind_the_tails_says_how_to_open_what_only_they_have_closed()
    {
        _world.Restore();
        RestorePlan plan = _world.Prepare(Over);
        MemberPlan first = plan.Members[0];
        _world.FailWith($"Full {first.Database}", 3203);
        RecoveryException error = Fail(plan);
        foreach (MemberPlan member in plan.Members)
        {
            Assert.Equal(member != first, error.Hint.Contains($"(on {member.DestinationServer}) RESTORE DATABASE [{member.Database}] WITH RECOVERY; ALTER DATABASE [{member.Database}] SET MULTI_USER;", StringComparison.Ordinal));
            Assert.Contains(member.Tail!.Path, error.StateLeftBehind, StringComparison.Ordinal);
        }

        Assert.Contains("put the tails among the group's backup files, or take a new full backup of the group", error.Hint, StringComparison.Ordinal);

        _world.Calls.Clear();
        RestoreResult result = Resume();
        Assert.True(result.IsSuccess);
        Assert.All(result.Members, m => Assert.Single(m.Tails));
        Assert.DoesNotContain(_world.Calls, c => c.Contains(": Tail ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_tail_that_was_cut_off_is_taken_again_into_a_file_of_its_own()
    {
        Live("DST2", "SSODB");
        RestorePlan plan = _world.Prepare(Over);
        _world.Throw("Tail SSODB", new RecoveryException(RecoveryError.ConnectionLost, "DST2", "Gone."));
        Fail(plan);

        // The server had closed the database by then, and written nothing.
        _world.Servers["DST2"].Databases["SSODB"].State = "RESTORING";
        _world.Calls.Clear();
        RestoreResult result = Resume();
        Assert.True(result.IsSuccess);
        Assert.Contains("DST2: BringBack SSODB", _world.Calls);
        Assert.EndsWith("_2.trn", Assert.Single(_world.Tails).Path, StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_that_was_opened_again_behind_its_tail_is_saved_once_more()
    {
        Live("DST2", "SSODB");
        RestorePlan plan = _world.Prepare(Over);
        _world.FailWith($"Full {plan.Members[0].Database}", 3203);
        Fail(plan);
        FakeDatabase database = _world.Servers["DST2"].Databases["SSODB"];
        database.State = "ONLINE";
        database.Fork = Guid.NewGuid();
        RestoreResult result = Resume();
        Assert.True(result.IsSuccess);
        Assert.Equal(2, result.Members.Single(m => m.Name == "SSODB").Tails.Count);
        Assert.Equal(2, _world.Tails.Count);
    }

    [Fact]
    public void A_database_that_was_opened_while_others_were_saved_is_not_replaced()
    {
        _world.Restore();
        RestorePlan plan = _world.Prepare(Over);
        FakeDatabase opened = _world.Servers[plan.Members[^1].DestinationServer].Databases[plan.Members[^1].Database];
        _world.Tamper = s =>
        {
            opened.State = s.Action == RestoreAction.Full && opened.State == "RESTORING" ? "ONLINE" : opened.State;
            return s;
        };
        RecoveryException error = Fail(plan);
        Assert.Equal((RecoveryError.DestinationChanged, plan.Members[^1].ToString()), (error.Code, error.Target));
        Assert.DoesNotContain(_world.Calls, c => c.EndsWith($"Full {opened.Name} REPLACE", StringComparison.Ordinal));
    }

    [Fact]
    public void What_can_be_read_of_a_damaged_log_is_saved_and_its_state_left_alone()
    {
        Live("DST2", "SSODB", "SUSPECT");
        RestoreResult result = _world.Restore(_world.Prepare(Over));
        Assert.True(result.IsSuccess);
        Assert.Contains("DST2: Tail SSODB NO_TRUNCATE", _world.Calls);
        Assert.DoesNotContain(_world.Calls, c => c.Contains("SingleUser", StringComparison.Ordinal));
        Assert.Single(result.Members.Single(m => m.Name == "SSODB").Tails);
    }

    [Fact]
    public void A_cancel_while_a_tail_is_written_opens_its_database_again()
    {
        Live("DST2", "SSODB");
        RestorePlan plan = _world.Prepare(Over);
        _world.Throw("Tail SSODB", new RecoveryException(RecoveryError.OperationCancelled, "SSODB", "Cancelled."));
        Assert.Equal(RecoveryError.OperationCancelled, Fail(plan).Code);
        Assert.Equal(DatabaseAccess.MultiUser, _world.Servers["DST2"].Databases["SSODB"].Access);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_database_that_was_closed_for_its_tail_is_opened_again_when_the_run_ends_before_it(bool cancelled)
    {
        Live("DST2", "SSODB");
        MemberPlan plan = Replaced(_world.Prepare(Over));
        using var cancel = new CancellationTokenSource();
        int asked = 0;
        bool Stop()
        {
            if (++asked == 2 && cancelled)
                cancel.Cancel();
            return asked == 2 && !cancelled;
        }

        var run = new MemberRun(_world.Ports, new MemoryJournal(), plan, "mark");
        RecoveryError? code = (Record.Exception(() => run.TakeTail(new RestoreProgress(_world.Ports, "x", [plan], RestoreLimits.Default, 1), Stop, cancel.Token)) as RecoveryException)?.Code;
        Assert.Equal(cancelled ? RecoveryError.OperationCancelled : null, code);
        Assert.Equal(["DST2: SingleUser SSODB", "DST2: MultiUser SSODB"], _world.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_database_that_was_closed_only_is_named_and_replaced_later_unless_it_was_written_to(bool written)
    {
        Live("DST2", "SSODB");
        RestorePlan plan = _world.Prepare(Over with { WithoutTail = ["SSODB"] });
        FakeFile full = _world.Files.Single(f => f.Path == Replaced(plan).Chain.Full.Path);
        BackupHeader header = full.Header;
        full.Header = header with { BackupSetGuid = Guid.NewGuid() };
        RecoveryException error = Fail(plan);
        Assert.Equal(RecoveryError.BackupFileChanged, error.Code);
        Assert.EndsWith("nothing restored over it; to open instead: (on DST2) ALTER DATABASE [SSODB] SET MULTI_USER;", error.Hint, StringComparison.Ordinal);

        full.Header = header;
        FakeDatabase database = _world.Servers["DST2"].Databases["SSODB"];
        Assert.Equal(DatabaseAccess.SingleUser, database.Access);
        if (written)
        {
            database.LogEnd = "00000001:00000009:0001";
            Assert.Equal((RecoveryError.DestinationChanged, "ONLINE"), (FailResume().Code, database.State));
            Assert.DoesNotContain(_world.Calls, c => c.Contains("Full SSODB", StringComparison.Ordinal));
            return;
        }

        Assert.True(Resume().IsSuccess);
    }

    [Theory]
    [InlineData(true, "00000001:00000001:0001", true)]
    [InlineData(true, "00000001:00000002:0001", false)]
    [InlineData(true, null, true)]
    [InlineData(false, "00000001:00000002:0001", true)]
    public void Work_that_came_after_the_plan_is_noticed_where_no_tail_is_taken(bool without, string? now, bool runs)
    {
        Live("DST2", "SSODB");
        RestorePlan plan = _world.Prepare(without ? Over with { WithoutTail = ["SSODB"] } : Over);
        _world.Servers["DST2"].Databases["SSODB"].LogEnd = now;
        PlanTestResult tested = new RestorePlanTester(_world.Ports).Test(plan).Single(r => r.Check == PlanCheck.Database && r.Subject == "SSODB on DST2");
        Assert.Equal(runs ? BizTalkDR.Backup.BackupTestOutcome.Passed : BizTalkDR.Backup.BackupTestOutcome.Failed, tested.Outcome);
        if (runs)
        {
            Assert.True(_world.Restore(plan).IsSuccess);
            return;
        }

        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Restore(plan));
        Assert.Equal((RecoveryError.DestinationChanged, "SSODB on DST2"), (error.Code, error.Target));
        Assert.Contains("written to", error.Message, StringComparison.Ordinal);
        Assert.Empty(_world.Calls);
    }

    [Fact]
    public void A_plan_is_tested_for_the_folder_of_its_tails()
    {
        Live("DST2", "SSODB");
        RestorePlan plan = _world.Prepare(Over);
        PlanTestResult Tested() => new RestorePlanTester(_world.Ports).Test(plan).Single(r => r.Check == PlanCheck.Tail);
        Assert.Equal((BizTalkDR.Backup.BackupTestOutcome.Passed, plan.Members.Single(m => m.Tail is not null).Tail!.Path), (Tested().Outcome, Tested().Subject));
        _world.Servers["DST2"].HasNoBackupPath = true;
        Assert.Equal((BizTalkDR.Backup.BackupTestOutcome.Failed, RecoveryError.FolderNotVisibleToServer), (Tested().Outcome, Tested().Code!.Value));
    }

    [Fact]
    public void A_server_that_does_not_say_where_a_log_ends_is_warned_of()
    {
        Live("DST2", "SSODB");
        _world.Servers["DST2"].Databases["SSODB"].LogEnd = null;
        Assert.Contains(_world.Prepare(Over with { WithoutTail = ["SSODB"] }).Findings, f => f.Text.Contains("cannot be seen", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ONLINE", 1, false)]
    [InlineData("RESTORING", 1, false)]
    [InlineData("RESTORING", 2, false)]
    [InlineData(null, 1, true)]
    [InlineData(null, 2, true)]
    public void A_plan_of_an_older_version_is_read_unless_it_would_lose_work(string? state, int version, bool read)
    {
        if (state is not null)
            Live("DST2", "SSODB", state);
        RestorePlan plan = _world.Prepare(state == "RESTORING" ? Over with { WithoutTail = ["SSODB"] } : Over);
        plan = plan with
        {
            Members = [.. plan.Members.Select(m => m with
            {
                WithoutTail = false,
                Replaces = m.Replaces is null ? null : m.Replaces with { Closed = null },
                Steps = [.. m.Steps.Where(s => s.Tail is null).Select((s, i) => s with { Number = i + 1 })],
            })],
        };
        string old = RestorePlanFile.ToJson(plan).Replace($"\"schemaVersion\": {RestorePlanFile.SchemaVersion}", $"\"schemaVersion\": {version}", StringComparison.Ordinal);
        Assert.Contains($"\"schemaVersion\": {version}", old, StringComparison.Ordinal);
        if (read)
        {
            Assert.Equal(4, RestorePlanFile.FromJson(old, "x").Members.Count);
            return;
        }

        RecoveryException error = Assert.Throws<RecoveryException>(() => RestorePlanFile.FromJson(old, "x"));
        Assert.Equal(RecoveryError.PlanInvalid, error.Code);
        Assert.Contains($"that is {state} without a backup of the tail", error.Message, StringComparison.Ordinal);
    }

    private static MemberPlan Replaced(RestorePlan plan) => plan.Members.Single(m => m.Replaces is not null);

    private void Live(string server, string database, string state = "ONLINE", bool simple = false, bool standby = false) =>
        _world.Servers[server].Databases.Add(database, new FakeDatabase { Name = database, State = state, IsSimple = simple, Standby = standby });

    private RecoveryException Fail(RestorePlan plan)
    {
        using var journal = new RestoreJournalFile(_journal, _world);
        return Assert.Throws<RecoveryException>(() => new RestoreRunner(_world.Ports) { Parallelism = 1 }.Run(plan, journal, CancellationToken.None));
    }

    private RecoveryException FailResume() => Assert.Throws<RecoveryException>(() => Resume());

    private RestoreResult Resume()
    {
        RestoreJournalRecord record = RestoreJournalRecord.Read(_journal);
        using RestoreJournalFile journal = RestoreJournalFile.Continue(_journal, _world);
        return new RestoreRunner(_world.Ports) { Parallelism = 1 }.Resume(record, journal);
    }
}
