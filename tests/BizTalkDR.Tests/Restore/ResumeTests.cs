using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Restore;

/// <summary>A restore that ends anywhere goes on from there, and ends as if nothing had happened.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly FakeWorld _world = new();

    // Some ten thousand lines are synced to the disk here: in memory, where there is such a folder, that costs nothing.
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), "resume-" + Guid.NewGuid().ToString("N"))).FullName;
    private readonly string _mark;

    public ResumeTests()
    {
        _world.BackUpFull();
        _world.BackUpLog();
        _mark = _world.BackUpLog();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Killed_at_any_line_of_the_journal_it_ends_as_if_it_had_not_been(bool afterWrite, bool replacing)
    {
        int killed = 0;
        for (int line = 1; ; line++)
        {
            var world = new FakeWorld();
            world.BackUpFull();
            world.BackUpLog();
            string mark = world.BackUpLog();
            Prepare(world, replacing);
            RestorePlan plan = world.Prepare(world.RestoreTo("DST1", "DST2") with { Force = true });
            string path = Journal();
            var killer = new KillingJournal(world, new RestoreJournalFile(path, world), line, afterWrite);
            bool ended = EndsBy(killer, world, plan);
            ((IDisposable)Inner(killer)).Dispose();
            if (ended)
            {
                break;
            }

            killed++;
            NobodyIsOpenAlone(world, mark);
            world.IsDead = false;
            world.Calls.Clear();
            world.ReleaseLocks();
            if (line == 1 && !afterWrite)
            {
                Assert.Equal(RecoveryError.JournalInvalid, Assert.Throws<RecoveryException>(() => RestoreJournalRecord.Read(path)).Code);
                continue;
            }

            RestoreJournalRecord record = RestoreJournalRecord.Read(path);
            if (record.IsDone)
            {
                Assert.Equal(RecoveryError.NothingToResume, Assert.Throws<RecoveryException>(() => Resume(world, path)).Code);
            }
            else
            {
                AllIsWell(world, Resume(world, path), mark);
            }

            Assert.Equal(replacing, world.Tails.Count > 0);
        }

        Assert.InRange(killed, 40, 200);
    }

    [Fact]
    public void Nothing_that_was_done_is_repeated()
    {
        RestorePlan plan = _world.Prepare();
        MemberPlan third = plan.Members[2];
        _world.Throw($"Log {third.Database} from", new RecoveryException(RecoveryError.ConnectionLost, "DST", "Gone."));
        string path = Fail(plan);
        _world.Calls.Clear();
        AllIsWell(_world, Resume(_world, path), _mark);

        // The fourth member has the most left, and begins.
        Assert.Equal(
            ["Full", "Log", "Log", "Log", "Log"],
            _world.Calls.Select(c => c.Split(' ')[1]).TakeWhile(c => c != "Standby"));
        Assert.DoesNotContain(_world.Calls, c => c.Contains($"Full {third.Database}", StringComparison.Ordinal));
    }

    [Fact]
    public void A_full_that_was_cut_short_is_restored_again_over_what_is_there()
    {
        RestorePlan plan = _world.Prepare();
        MemberPlan first = plan.Members[0];
        _world.Tamper = s =>
        {
            if (s.Action == RestoreAction.Full)
            {
                _world.Servers[first.DestinationServer].Databases[first.Database] = new FakeDatabase { Name = first.Database, State = "RESTORING", RedoUnknown = true };
                throw new RecoveryException(RecoveryError.ConnectionLost, "DST", "Gone.");
            }

            return s;
        };
        string path = Fail(plan);
        _world.Tamper = null;
        AllIsWell(_world, Resume(_world, path), _mark);
        Assert.Contains(_world.Calls, c => c.Contains($"Full {first.Database}", StringComparison.Ordinal) && c.EndsWith("REPLACE", StringComparison.Ordinal));
    }

    [Fact]
    public void A_member_past_the_mark_starts_over()
    {
        _world.Tamper = s => s.Database == "SSODB" && s.Path?.Contains(_mark, StringComparison.Ordinal) == true ? s with { StopAtMark = null } : s;
        string path = Fail(_world.Prepare());
        _world.Tamper = null;
        _world.Calls.Clear();
        AllIsWell(_world, Resume(_world, path), _mark);
        Assert.Equal(["SSODB", "SSODB", "SSODB"], _world.Calls.TakeWhile(c => !c.Contains("Standby", StringComparison.Ordinal)).Select(c => c.Split(' ')[2]));
    }

    [Fact]
    public void A_gate_that_was_killed_leaves_a_standby_that_goes_back()
    {
        RestorePlan plan = _world.Prepare();
        _world.Throw("Resume " + plan.Members[1].Database, new RecoveryException(RecoveryError.ConnectionLost, "DST", "Gone."));
        string path = Fail(plan);
        Assert.Contains(_world.Servers.Values.SelectMany(s => s.Databases.Values), d => d.Standby);
        AllIsWell(_world, Resume(_world, path), _mark);
    }

    [Fact]
    public void A_standby_that_cannot_go_back_starts_over()
    {
        RestorePlan plan = _world.Prepare();
        MemberPlan second = plan.Members[1];
        _world.Throw("Resume " + second.Database, new RecoveryException(RecoveryError.ConnectionLost, "DST", "Gone."));
        string path = Fail(plan);
        _world.FailWith("Resume " + second.Database, 3441);
        _world.Calls.Clear();
        AllIsWell(_world, Resume(_world, path), _mark);
        Assert.Contains(_world.Calls, c => c.Contains("Full " + second.Database, StringComparison.Ordinal));
    }

    [Fact]
    public void When_some_are_recovered_the_others_pass_the_gate_before_they_follow()
    {
        RestorePlan plan = _world.Prepare();
        _world.FailWith("Recover " + plan.Members[2].Database, 3456);
        _world.FailWith("Recover " + plan.Members[3].Database, 3456);
        string path = Fail(plan);
        _world.Calls.Clear();
        AllIsWell(_world, Resume(_world, path), _mark);
        Assert.Equal(
            ["Standby", "Resume", "Standby", "Resume", "Recover", "Recover", "MultiUser", "MultiUser", "MultiUser", "MultiUser"],
            _world.Calls.Select(c => c.Split(' ')[1]));
    }

    [Fact]
    public void When_some_are_recovered_and_another_has_left_the_mark_it_is_brought_back_there_first()
    {
        RestorePlan plan = _world.Prepare();
        MemberPlan last = plan.Members[3];
        _world.FailWith("Recover " + last.Database, 3456);
        string path = Fail(plan);
        _world.Servers[last.DestinationServer].Databases[last.Database].RedoLsn += 40;
        _world.Calls.Clear();
        AllIsWell(_world, Resume(_world, path), _mark);
        Assert.StartsWith($"{last.DestinationServer}: Full {last.Database}", _world.Calls[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_recovered_member_that_does_not_prove_keeps_the_others_from_being_recovered()
    {
        RestorePlan plan = _world.Prepare();
        _world.FailWith("Recover " + plan.Members[3].Database, 3456);
        string path = Fail(plan);
        _world.Servers[plan.Members[0].DestinationServer].Databases[plan.Members[0].Database].Marks.Clear();
        _world.Calls.Clear();
        Assert.Equal(RecoveryError.ProofFailed, Assert.Throws<RecoveryException>(() => Resume(_world, path)).Code);
        Assert.Empty(_world.Calls);
    }

    [Fact]
    public void A_database_somebody_else_made_is_not_touched()
    {
        RestorePlan plan = _world.Prepare();
        _world.FailWith("Log " + plan.Members[0].Database, 3203);
        string path = Fail(plan);
        _world.Servers[plan.Members[1].DestinationServer].Databases[plan.Members[1].Database] = new FakeDatabase { Name = plan.Members[1].Database };
        _world.Calls.Clear();
        RecoveryException error = Assert.Throws<RecoveryException>(() => Resume(_world, path));
        Assert.Equal((RecoveryError.DestinationChanged, plan.Members[1].ToString()), (error.Code, error.Target));
        Assert.Empty(_world.Calls);
    }

    [Fact]
    public void A_restore_that_was_done_is_not_resumed()
    {
        string path = Journal();
        using (var journal = new RestoreJournalFile(path, _world))
        {
            Runner(_world).Run(_world.Prepare(), journal);
        }

        Assert.Equal(RecoveryError.NothingToResume, Assert.Throws<RecoveryException>(() => Resume(_world, path)).Code);
    }

    [Fact]
    public void Another_server_under_the_same_address_is_not_touched()
    {
        RestorePlan plan = _world.Prepare();
        _world.FailWith("Log " + plan.Members[0].Database, 3203);
        string path = Fail(plan);
        _world.Calls.Clear();
        RestoreJournalRecord record = RestoreJournalRecord.Read(path);
        record = record with { Plan = record.Plan.At(_ => new SqlInstanceAddress("SRC1")) };
        using RestoreJournalFile journal = RestoreJournalFile.Continue(path, _world);
        Assert.Equal(RecoveryError.DestinationChanged, Assert.Throws<RecoveryException>(() => Runner(_world).Resume(record, journal)).Code);
        Assert.Empty(_world.Calls);
    }

    [Fact]
    public void A_second_run_on_the_same_databases_is_refused()
    {
        RestorePlan plan = _world.Prepare();
        RecoveryException? second = null;
        _world.Tamper = s =>
        {
            if (s.Action == RestoreAction.Full && second is null)
            {
                second = Assert.Throws<RecoveryException>(() => Runner(_world).Run(plan, new MemoryJournal()));
            }

            return s;
        };
        Assert.True(_world.Restore(plan).IsSuccess);
        Assert.Equal(RecoveryError.RestoreInProgress, second!.Code);
        Assert.Equal(12, _world.Calls.Count(c => c.Contains(": Full", StringComparison.Ordinal) || c.Contains(": Log", StringComparison.Ordinal)));
        Assert.All(_world.Servers.Values, s => Assert.Empty(s.Locks));
    }

    [Fact]
    public void A_lock_that_was_lost_is_noticed_before_anything_is_recovered()
    {
        _world.Tamper = s =>
        {
            if (s.Action == RestoreAction.Resume)
            {
                _world.ReleaseLocks();
            }

            return s;
        };
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Restore());
        Assert.Equal(RecoveryError.RestoreInterrupted, error.Code);
        Assert.Contains("lock", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_world.Calls, c => c.Contains(": Recover", StringComparison.Ordinal));
    }

    [Fact]
    public void Jobs_of_the_members_are_off_until_the_second_proof_and_only_those_that_were_on()
    {
        Guid on = Jobs();
        AllIsWell(_world, _world.Restore(), _mark);
        Assert.Equal("DST1: JobOff Backup", _world.Calls[0]);
        int back = _world.Calls.IndexOf("DST1: JobOn Backup");
        Assert.InRange(back, _world.Calls.FindLastIndex(c => c.Contains(": Recover", StringComparison.Ordinal)), _world.Calls.FindIndex(c => c.Contains(": MultiUser", StringComparison.Ordinal)));
        Assert.Equal([true, false, true], _world.Servers["DST1"].Jobs.Select(j => j.Job.IsEnabled));
        Assert.Equal(2, _world.Calls.Count(c => c.Contains(": Job", StringComparison.Ordinal)));
        Assert.NotEqual(Guid.Empty, on);
    }

    [Fact]
    public void Jobs_that_a_killed_run_had_switched_off_are_switched_on_by_the_one_that_ends_well()
    {
        Jobs();
        RestorePlan plan = _world.Prepare();
        _world.FailWith("Log " + plan.Members[0].Database, 3203);
        string path = Fail(plan, out RecoveryException error);
        Assert.Contains("Jobs left disabled: Backup on DST1", error.StateLeftBehind, StringComparison.Ordinal);
        Assert.False(_world.Servers["DST1"].Jobs[0].Job.IsEnabled);
        Assert.Single(RestoreJournalRecord.Read(path).DisabledJobs);
        AllIsWell(_world, Resume(_world, path), _mark);
        Assert.Equal([true, false, true], _world.Servers["DST1"].Jobs.Select(j => j.Job.IsEnabled));
        Assert.Empty(RestoreJournalRecord.Read(path).DisabledJobs);
    }

    [Fact]
    public void The_newest_journal_is_of_the_restore_that_began_last()
    {
        Assert.Equal(RecoveryError.JournalInvalid, Assert.Throws<RecoveryException>(() => RestoreJournalRecord.Newest(_folder)).Code);
        RestorePlan plan = _world.Prepare();
        _world.FailWith("Log " + plan.Members[0].Database, 3203);
        string first = Fail(plan);
        File.WriteAllText(Path.Combine(_folder, "other.jsonl"), "{}\n");
        File.WriteAllText(Path.Combine(_folder, "empty.jsonl"), string.Empty);
        Assert.Equal(first, RestoreJournalRecord.Newest(_folder).Path);
        _world.FailWith("Full " + plan.Members[3].Database, 3203);
        Resume(_world, first, fails: true);
        Assert.Equal(first, RestoreJournalRecord.Newest(_folder).Path);
    }

    [Fact]
    public void A_journal_that_came_to_its_end_is_no_hindrance_when_its_plan_is_refused()
    {
        RestorePlan plan = _world.Prepare();
        _world.FailWith("Log " + plan.Members[0].Database, 3203);
        string ended = Fail(plan);
        string cut = File.ReadAllText(ended);
        string open = Journal();
        File.WriteAllText(open, cut);
        AllIsWell(_world, Resume(_world, ended), _mark);
        string Refused(string text) => text.Replace("_SSODB_Full_", "_SSODC_Full_", StringComparison.Ordinal);
        string Later(string text)
        {
            int year = text.IndexOf("\"timeUtc\":\"", StringComparison.Ordinal) + "\"timeUtc\":\"".Length;
            return text[..year] + "2099" + text[(year + 4)..];
        }

        string whole = File.ReadAllText(ended);

        // The one that did not come to its end is the newest: it is found past one that did.
        File.WriteAllText(open, Later(cut));
        File.WriteAllText(ended, Refused(whole));
        Assert.Equal(open, RestoreJournalRecord.Newest(_folder).Path);

        // The one that came to its end is the newest: nothing older is resumed.
        File.WriteAllText(open, cut);
        File.WriteAllText(ended, Refused(Later(whole)));
        Assert.Equal(RecoveryError.NothingToResume, Assert.Throws<RecoveryException>(() => RestoreJournalRecord.Newest(_folder)).Code);

        // One that did not come to its end is never skipped.
        File.WriteAllText(open, Refused(cut));
        Assert.Equal(RecoveryError.PlanInvalid, Assert.Throws<RecoveryException>(() => RestoreJournalRecord.Newest(_folder)).Code);
    }

    [Fact]
    public void A_line_cut_short_is_left_out_only_where_a_kill_could_have_cut_it()
    {
        RestorePlan plan = _world.Prepare();
        _world.FailWith("Log " + plan.Members[0].Database, 3203);
        string path = Fail(plan);
        string whole = File.ReadAllText(path);
        File.WriteAllText(path, whole + "{\"schemaVersion\":1,\"timeUtc\":\"2026-");
        Assert.Equal(whole.TrimEnd('\n').Split('\n').Length, RestoreJournalRecord.Read(path).Lines.Count);
        AllIsWell(_world, Resume(_world, path), _mark);
        Assert.True(RestoreJournalRecord.Read(path).IsDone);

        string[] lines = whole.TrimEnd('\n').Split('\n');
        lines[2] = lines[2][..20];
        File.WriteAllLines(path, lines);
        Assert.Equal(RecoveryError.JournalInvalid, Assert.Throws<RecoveryException>(() => RestoreJournalRecord.Read(path)).Code);
    }

    [Fact]
    public void A_plan_edited_in_the_journal_is_refused()
    {
        RestorePlan plan = _world.Prepare();
        _world.FailWith("Log " + plan.Members[0].Database, 3203);
        string path = Fail(plan);
        string text = File.ReadAllText(path, Encoding.UTF8);
        File.WriteAllText(path, text.Replace("_SSODB_Full_", "_SSODC_Full_", StringComparison.Ordinal));
        Assert.Equal(RecoveryError.PlanInvalid, Assert.Throws<RecoveryException>(() => RestoreJournalRecord.Read(path)).Code);
    }

    private static RestoreRunner Runner(FakeWorld world) => new(world.Ports) { Parallelism = 1 };

    private static void Prepare(FakeWorld world, bool replacing)
    {
        if (replacing)
        {
            world.Servers["DST1"].Databases.Add("BizTalkMsgBoxDb", new FakeDatabase { Name = "BizTalkMsgBoxDb" });
            world.Servers["DST2"].Databases.Add("SSODB", new FakeDatabase { Name = "SSODB", State = "RESTORING", RedoLsn = 77 }.LeftByRestore());
        }
    }

    private static IRestoreJournal Inner(KillingJournal journal) =>
        (IRestoreJournal)typeof(KillingJournal).GetFields(System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance).Single(f => f.FieldType == typeof(IRestoreJournal)).GetValue(journal)!;

    private static bool EndsBy(KillingJournal journal, FakeWorld world, RestorePlan plan)
    {
        try
        {
            Runner(world).Run(plan, journal);
            return true;
        }
        catch (Exception error) when (error is RecoveryException or KilledException)
        {
            Assert.True(world.IsDead, error.ToString());
            return false;
        }
    }

    private static RestoreResult Resume(FakeWorld world, string path)
    {
        RestoreJournalRecord record = RestoreJournalRecord.Read(path);
        using RestoreJournalFile journal = RestoreJournalFile.Continue(path, world);
        return Runner(world).Resume(record, journal);
    }

    private static void Resume(FakeWorld world, string path, bool fails)
    {
        Assert.True(fails);
        Assert.Throws<RecoveryException>(() => Resume(world, path));
    }

    private static void AllIsWell(FakeWorld world, RestoreResult result, string mark)
    {
        Assert.True(result.IsSuccess);
        Assert.All(result.Members, m => Assert.Equal((mark, true, "ONLINE"), (m.NewestMark, m.ReachedMark, m.State)));
        Assert.Equal(4, result.Members.Count);
        Assert.All(
            world.Servers.Where(s => s.Key.StartsWith("DST", StringComparison.Ordinal)).SelectMany(s => s.Value.Databases.Values),
            d => Assert.Equal((DatabaseAccess.MultiUser, "ONLINE", false), (d.Access, d.State, d.Standby)));
    }

    /// <summary>A recovered member tells that all others stand at the mark or are recovered too.</summary>
    private static void NobodyIsOpenAlone(FakeWorld world, string mark)
    {
        List<FakeDatabase> all = [.. world.Servers.Where(s => s.Key.StartsWith("DST", StringComparison.Ordinal)).SelectMany(s => s.Value.Databases.Values)];
        if (all.Exists(d => d is { State: "ONLINE", Standby: false } && d.Restores.Count > 0))
        {
            Assert.Equal(4, all.Count);
            Assert.All(all, d => Assert.Contains(d.VisibleMarks, m => m.Name == mark));
        }
    }

    private Guid Jobs()
    {
        var on = new MemberJob(Guid.NewGuid(), "Backup", true);
        _world.Servers["DST1"].Jobs.Add((FakeWorld.ManagementDatabase, on));
        _world.Servers["DST1"].Jobs.Add((FakeWorld.ManagementDatabase, new MemberJob(Guid.NewGuid(), "Off already", false)));
        _world.Servers["DST1"].Jobs.Add(("Unrelated", new MemberJob(Guid.NewGuid(), "Of others", true)));
        return on.Id;
    }

    private string Journal() => Path.Combine(_folder, Guid.NewGuid().ToString("N") + ".jsonl");

    private string Fail(RestorePlan plan) => Fail(plan, out _);

    private string Fail(RestorePlan plan, out RecoveryException error)
    {
        string path = Journal();
        using var journal = new RestoreJournalFile(path, _world);
        error = Assert.Throws<RecoveryException>(() => Runner(_world).Run(plan, journal));
        return path;
    }
}
