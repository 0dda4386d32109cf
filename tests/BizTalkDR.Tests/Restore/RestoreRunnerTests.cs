using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Restore;

public sealed class RestoreRunnerTests
{
    private readonly FakeWorld _world = new();
    private readonly string _mark;

    public RestoreRunnerTests()
    {
        _world.BackUpFull();
        _world.BackUpLog();
        _mark = _world.BackUpLog();
    }

    public static TheoryData<int> Steps => [.. Enumerable.Range(0, 12)];

    [Fact]
    public void Restores_every_member_to_the_mark_and_opens_them_last()
    {
        RestoreResult result = _world.Restore();
        Assert.True(result.IsSuccess);
        Assert.Equal(_mark, result.Mark);
        Assert.All(result.Members, m => Assert.Equal((_mark, true, "ONLINE"), (m.NewestMark, m.ReachedMark, m.State)));
        Assert.All(result.Members, m => Assert.True(m.RedoLsn > m.MarkLsn));
        Assert.Equal(
            [(FakeWorld.ManagementDatabase, MemberRole.Management), ("BizTalkDTADb", MemberRole.Tracking), ("BizTalkMsgBoxDb", MemberRole.MessageBox), ("SSODB", MemberRole.Sso)],
            result.Members.Select(m => (m.Name, m.Role)).OrderBy(m => m.Name == FakeWorld.ManagementDatabase ? 0 : 1).ThenBy(m => m.Name, StringComparer.Ordinal));
        Assert.True(result.RtoSeconds > 0);
        Assert.All(_world.Servers.Where(s => s.Key.StartsWith("DST", StringComparison.Ordinal)).SelectMany(s => s.Value.Databases.Values), d => Assert.Equal(DatabaseAccess.MultiUser, d.Access));
    }

    [Fact]
    public void Says_the_same_conversation_every_time()
    {
        _world.Restore();
        string[] kinds = [.. _world.Calls.Select(c => c.Split(' ')[1])];
        Assert.Equal(
            "Full,Log,Log,Full,Log,Log,Full,Log,Log,Full,Log,Log,Standby,Resume,Standby,Resume,Standby,Resume,Standby,Resume,Recover,Recover,Recover,Recover,MultiUser,MultiUser,MultiUser,MultiUser",
            string.Join(',', kinds));
        Assert.All(_world.Calls.Where(c => c.Contains(": Log ", StringComparison.Ordinal)), c => Assert.EndsWith(" to " + _mark, c, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void A_failure_at_any_step_before_the_gate_recovers_nobody(int step)
    {
        RestorePlan plan = _world.Prepare();
        string line = plan.Members.SelectMany(m => m.Steps.Select(s => $"{s.Statement!.Action} {m.Database} from {s.Backup!.Path[8..]}")).ElementAt(step);
        _world.FailWith(line, 3203, 3013);
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Restore(plan));
        Assert.Equal(RecoveryError.BackupMediaUnreadable, error.Code);
        NobodyIsOnline();
        Assert.DoesNotContain(_world.Calls, c => c.Contains(": Recover", StringComparison.Ordinal));
        Assert.Contains("Members:", error.StateLeftBehind, StringComparison.Ordinal);
        Assert.False(Assert.IsType<RestoreResult>(error.PartialResult).IsSuccess);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void A_lost_connection_at_any_step_is_an_interrupted_restore(int step)
    {
        RestorePlan plan = _world.Prepare();
        string line = plan.Members.SelectMany(m => m.Steps.Select(s => $"{s.Statement!.Action} {m.Database} from {s.Backup!.Path[8..]}")).ElementAt(step);
        _world.Throw(line, new RecoveryException(RecoveryError.ConnectionLost, "DST1", "Gone."));
        Assert.Equal(RecoveryError.RestoreInterrupted, Assert.Throws<RecoveryException>(() => _world.Restore(plan)).Code);
        NobodyIsOnline();
    }

    [Fact]
    public void A_member_that_is_not_open_at_the_end_is_no_success()
    {
        _world.Say("MultiUser SSODB");
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Restore());
        Assert.Equal(RecoveryError.RestoreFailed, error.Code);
        Assert.Contains("SSODB: ONLINE (restricted user)", error.StateLeftBehind, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unexpected_fault_says_how_the_members_were_left_too()
    {
        RestorePlan plan = _world.Prepare();
        _world.Throw("Full " + plan.Members[0].Database, new InvalidCastException("Odd."));
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Restore(plan));
        Assert.Equal(RecoveryError.RestoreFailed, error.Code);
        Assert.IsType<InvalidCastException>(error.InnerException);
        Assert.Contains("Members:", error.StateLeftBehind, StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_that_appears_while_its_turn_has_not_come_is_not_touched()
    {
        RestorePlan plan = _world.Prepare();
        MemberPlan later = plan.Members[^1];
        _world.Tamper = s =>
        {
            _world.Servers[later.DestinationServer].Databases.TryAdd(later.Database, new FakeDatabase { Name = later.Database });
            return s;
        };
        Assert.Equal(RecoveryError.DestinationChanged, Assert.Throws<RecoveryException>(() => _world.Restore(plan)).Code);
        Assert.DoesNotContain(_world.Calls, c => c.Contains(later.Database, StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_new_is_started_after_a_failure()
    {
        RestorePlan plan = _world.Prepare();
        _world.FailWith("Full " + plan.Members[0].Database, 3201, 3013);
        Assert.Throws<RecoveryException>(() => _world.Restore(plan));
        Assert.Single(_world.Calls);
    }

    [Fact]
    public void The_gate_catches_a_member_whose_last_log_had_no_stop_clause()
    {
        _world.Tamper = s => s.Database == "SSODB" && s.Path?.Contains(_mark, StringComparison.Ordinal) == true ? s with { StopAtMark = null } : s;
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Restore());
        Assert.Equal(RecoveryError.PastTheMark, error.Code);
        Assert.Contains("SSODB", error.Message, StringComparison.Ordinal);
        NobodyIsOnline();
        RestoreResult partial = Assert.IsType<RestoreResult>(error.PartialResult);
        Assert.Contains("past the record behind the mark", partial.Members.Single(m => m.Name == "SSODB").Gate, StringComparison.Ordinal);
    }

    [Fact]
    public void The_gate_catches_it_where_it_cannot_look_into_MarkLog()
    {
        _world.NoStandby = true;
        _world.Tamper = s => s.Database == "SSODB" && s.Action == RestoreAction.Log ? s with { StopAtMark = null } : s;
        Assert.Equal(RecoveryError.PastTheMark, Assert.Throws<RecoveryException>(() => _world.Restore()).Code);
    }

    [Fact]
    public void Restores_where_it_cannot_look_into_MarkLog_and_says_so()
    {
        _world.NoStandby = true;
        RestoreResult result = _world.Restore();
        Assert.All(result.Members, m => Assert.Contains("3180", m.Gate, StringComparison.Ordinal));
    }

    [Fact]
    public void Another_members_file_in_the_place_of_one_is_caught_before_it_is_restored()
    {
        RestorePlan plan = _world.Prepare();
        FakeFile one = _world.Files[0];
        FakeFile other = _world.Files[1];
        (one.Header, other.Header) = (other.Header, one.Header);
        Assert.Equal(RecoveryError.BackupFileChanged, Assert.Throws<RecoveryException>(() => _world.Restore(plan)).Code);
        NobodyIsOnline();
    }

    [Fact]
    public void Another_members_file_sent_behind_our_back_is_caught_by_the_gate()
    {
        FakeFile wrong = _world.Files.First(f => f.Path.Contains("BizTalkMsgBoxDb_Full", StringComparison.Ordinal));
        _world.Tamper = s => s.Database == FakeWorld.ManagementDatabase && s.Action == RestoreAction.Full ? s with { Path = wrong.Path } : s;
        Assert.Throws<RecoveryException>(() => _world.Restore());
        NobodyIsOnline();
    }

    [Fact]
    public void A_log_left_out_behind_our_back_is_caught()
    {
        int logs = 0;
        _world.Tamper = s => s.Database == "SSODB" && s.Action == RestoreAction.Log && logs++ == 0 ? s with { Path = _world.Files[^1].Path } : s;
        Assert.Equal(RecoveryError.LogChainBroken, Assert.Throws<RecoveryException>(() => _world.Restore()).Code);
        NobodyIsOnline();
    }

    [Fact]
    public void A_last_log_that_does_not_meet_the_mark_is_not_a_success()
    {
        _world.Say("Log SSODB from SRC2_SSODB_Log_" + _mark, new ServerMessage(4329, 10, 1, "Not reached."), new ServerMessage(3014, 0, 1, "Done."));
        Assert.Equal(RecoveryError.MarkNotReached, Assert.Throws<RecoveryException>(() => _world.Restore()).Code);
        NobodyIsOnline();
    }

    [Fact]
    public void A_group_that_lists_a_member_nobody_restored_does_not_pass_the_gate()
    {
        _world.Servers["SRC1"].Databases[FakeWorld.ManagementDatabase].Group = null;
        RestorePlan plan = _world.Prepare();
        var records = (List<DatabaseAddress>)[.. _world.Records.BackupDatabases, new DatabaseAddress("SRC2", "Orders")];
        var world = new Func<RestoreStatement, RestoreStatement?>(s =>
        {
            if (s.Action == RestoreAction.Standby && s.Database == FakeWorld.ManagementDatabase)
            {
                _world.Servers["DST1"].Databases[s.Database].Group = _world.Records with { BackupDatabases = records };
            }

            return s;
        });
        _world.Tamper = world;
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Restore(plan));
        Assert.Equal(RecoveryError.MemberMissing, error.Code);
        Assert.Contains("Orders", error.Message, StringComparison.Ordinal);
        NobodyIsOnline();
    }

    [Fact]
    public void A_destination_that_changed_since_planning_is_not_touched()
    {
        RestorePlan plan = _world.Prepare();
        _world.Servers["DST2"].Databases.Add("SSODB", new FakeDatabase { Name = "SSODB" });
        Assert.Equal(RecoveryError.DestinationChanged, Assert.Throws<RecoveryException>(() => _world.Restore(plan)).Code);
        Assert.Empty(_world.Calls);
    }

    [Fact]
    public void The_database_to_be_replaced_must_be_the_one_that_was_planned()
    {
        _world.Servers["DST2"].Databases.Add("SSODB", new FakeDatabase { Name = "SSODB" });
        RestorePlan plan = _world.Prepare(_world.RestoreTo("DST1", "DST2") with { Force = true });
        _world.Servers["DST2"].Databases["SSODB"].Fork = Guid.NewGuid();
        Assert.Equal(RecoveryError.DestinationChanged, Assert.Throws<RecoveryException>(() => _world.Restore(plan)).Code);
        Assert.Empty(_world.Calls);
    }

    [Fact]
    public void Force_replaces_an_existing_group()
    {
        _world.Restore();
        _world.Calls.Clear();
        RestoreResult again = _world.Restore(_world.Prepare(_world.RestoreTo("DST1", "DST2") with { Force = true }));
        Assert.True(again.IsSuccess);
        Assert.Equal(4, _world.Calls.Count(c => c.Contains(": SingleUser", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_member_that_cannot_be_recovered_keeps_the_group_closed()
    {
        _world.FailWith("Recover SSODB", 3456);
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Restore());
        Assert.Equal(RecoveryError.RestoreFailed, error.Code);
        Assert.DoesNotContain(_world.Calls, c => c.Contains(": MultiUser", StringComparison.Ordinal));
        Assert.Contains("SSODB: RESTORING", error.StateLeftBehind, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_proof_keeps_the_group_closed()
    {
        _world.Tamper = s =>
        {
            if (s.Action == RestoreAction.Recover)
            {
                foreach (FakeDatabase database in _world.Servers["DST2"].Databases.Values)
                {
                    database.Restores.Clear();
                }
            }

            return s;
        };
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Restore());
        Assert.Equal(RecoveryError.ProofFailed, error.Code);
        Assert.DoesNotContain(_world.Calls, c => c.Contains(": MultiUser", StringComparison.Ordinal));
        Assert.All(_world.Servers["DST1"].Databases.Values, d => Assert.Equal(DatabaseAccess.RestrictedUser, d.Access));
    }

    [Fact]
    public void A_cancel_leaves_every_member_restoring()
    {
        using var cancel = new CancellationTokenSource();
        int statements = 0;
        _world.Tamper = s =>
        {
            if (++statements == 5)
            {
                cancel.Cancel();
            }

            return s;
        };
        RestorePlan plan = _world.Prepare();
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Restore(plan, cancel.Token));
        Assert.Equal(RecoveryError.OperationCancelled, error.Code);
        NobodyIsOnline();
    }

    [Fact]
    public void Members_are_restored_at_the_same_time_when_asked()
    {
        RestoreResult result = new RestoreRunner(_world.Ports) { Parallelism = 4 }.Run(_world.Prepare(), new MemoryJournal());
        Assert.True(result.IsSuccess);
        int gate = _world.Calls.FindIndex(c => c.Contains(": Standby", StringComparison.Ordinal));
        Assert.Equal(12, gate);
        Assert.True(_world.Calls.FindIndex(c => c.Contains(": Recover", StringComparison.Ordinal)) > _world.Calls.FindLastIndex(c => c.Contains(": Resume", StringComparison.Ordinal)));
    }

    [Fact]
    public void Progress_stays_between_0_and_100_and_ends()
    {
        _world.Restore();
        List<OperationProgress> progress = [.. _world.Said.Select(s => s.Progress).OfType<OperationProgress>()];
        Assert.All(progress, p => Assert.InRange(p.Percent, 0, 100));
        Assert.Contains(progress, p => p is { Member: null, IsCompleted: true });
        Assert.Contains(progress, p => p is { Member: "SSODB", IsCompleted: true });
    }

    [Fact]
    public void Progress_tells_the_time_left_of_statement_member_and_group_once_it_is_measured()
    {
        _world.HalfAStatement = TimeSpan.FromSeconds(10);
        _world.Restore();
        List<OperationProgress> all = [.. _world.Said.Select(s => s.Progress).OfType<OperationProgress>().Where(p => !p.IsCompleted)];

        // Twelve statements of 20 s, one after the other; the first log is over with the second of them.
        OperationProgress half = all.First(p => p.Member is not null && p.Status.Contains("50 %", StringComparison.Ordinal));
        Assert.EndsWith(": 50 %, about 11 s left", half.Status, StringComparison.Ordinal);
        Assert.Null(half.Left);
        Assert.All(all.TakeWhile(p => !p.Status.Contains("up to the mark", StringComparison.Ordinal)), p => Assert.Null(p.Left));
        string last = half.Member!;
        Assert.Equal([21, 11], all.Where(p => p.Member == last && p.Status.Contains("up to the mark", StringComparison.Ordinal)).Select(p => (int)p.Left!.Value.TotalSeconds));
        List<OperationProgress> group = [.. all.Where(p => p.Member is null && p.Status.Contains("rolled forward", StringComparison.Ordinal))];
        Assert.InRange(group.First(p => p.Left is not null).Left!.Value.TotalSeconds, 190, 210);
        Assert.Equal((TimeSpan.Zero, 80), (group[^1].Left, group[^1].Percent));
        Assert.StartsWith("4 of 4 members rolled forward, 11.9 KB of 11.9 KB", group[^1].Status, StringComparison.Ordinal);
        Assert.Equal(group.Select(p => p.Percent).Order(), group.Select(p => p.Percent));
    }

    [Fact]
    public void Whoever_waits_for_an_error_does_not_wait_for_a_dead_instance_twice()
    {
        RestorePlan plan = _world.Prepare();
        _world.Throw("Full " + plan.Members[0].Database, new RecoveryException(RecoveryError.ConnectionLost, "DST1", "Gone."));
        _world.Opened.Clear();
        Assert.Throws<RecoveryException>(() => _world.Restore(plan));
        Assert.Equal([5, 5, 5, 5], _world.Opened.TakeLast(4).Select(a => a.ConnectTimeoutSeconds));
    }

    [Fact]
    public void The_journal_is_lines_of_json_in_the_order_of_what_was_done()
    {
        string path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N") + ".jsonl");
        try
        {
            using (var journal = new RestoreJournalFile(path, _world))
            {
                new RestoreRunner(_world.Ports) { Parallelism = 1 }.Run(_world.Prepare(), journal);
            }

            List<JsonElement> lines = [.. File.ReadAllLines(path).Select(l => JsonDocument.Parse(l).RootElement)];
            Assert.Equal("run-start", lines[0].GetProperty("event").GetString());
            Assert.Equal("run-done", lines[^1].GetProperty("event").GetString());
            Assert.All(lines, l => Assert.Equal(1, l.GetProperty("schemaVersion").GetInt32()));
            Assert.All(lines, l => Assert.EndsWith("Z", l.GetProperty("timeUtc").GetString(), StringComparison.Ordinal));
            int gate = lines.FindIndex(l => l.GetProperty("event").GetString() == "gate-passed");
            Assert.True(lines.FindIndex(l => l.TryGetProperty("step", out JsonElement s) && s.GetString() == "Recover in restricted access") > gate);
            RecoveryException again = Assert.Throws<RecoveryException>(() => new RestoreJournalFile(path, _world));
            Assert.Equal(RecoveryError.JournalNotWritable, again.Code);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private void NobodyIsOnline() =>
        Assert.All(_world.Servers.Where(s => s.Key.StartsWith("DST", StringComparison.Ordinal)).SelectMany(s => s.Value.Databases.Values), d => Assert.Equal(("RESTORING", false), (d.State, d.Standby)));
}
