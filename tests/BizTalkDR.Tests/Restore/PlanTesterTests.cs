using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Backup;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Restore;

public sealed class PlanTesterTests
{
    private readonly FakeWorld _world = new();
    private readonly RestorePlan _plan;

    public PlanTesterTests()
    {
        _world.BackUpFull();
        _world.BackUpLog();
        _world.BackUpLog();
        _world.Servers["DST2"].Databases.Add("SSODB", new FakeDatabase { Name = "SSODB" });
        _plan = _world.Prepare(_world.RestoreTo("DST1", "DST2") with { Force = true });
    }

    [Fact]
    public void A_plan_that_holds_passes_every_check_and_nothing_is_touched()
    {
        IReadOnlyList<PlanTestResult> results = Test();
        Assert.All(results, r => Assert.Equal(BackupTestOutcome.Passed, r.Outcome));
        Assert.Equal(Enum.GetValues<PlanCheck>(), results.Select(r => r.Check).Distinct().Order());
        new RestorePlanTester(_world.Ports).RefuseChanges(_plan);
        Assert.Empty(_world.Calls);
        Assert.All(_world.Servers.Values, s => Assert.Empty(s.Locks));
    }

    [Fact]
    public void A_database_that_appeared() => Fails(PlanCheck.Database, RecoveryError.DestinationChanged, () => _world.Servers["DST1"].Databases.Add("BizTalkMsgBoxDb", new FakeDatabase { Name = "BizTalkMsgBoxDb" }));

    [Fact]
    public void A_database_that_is_another_one() => Fails(PlanCheck.Database, RecoveryError.DestinationChanged, () => _world.Servers["DST2"].Databases["SSODB"].Id = Guid.NewGuid());

    [Fact]
    public void A_database_that_is_gone() => Fails(PlanCheck.Database, RecoveryError.DestinationChanged, () => _world.Servers["DST2"].Databases.Remove("SSODB"));

    [Fact]
    public void A_file_that_cannot_be_read() => Fails(PlanCheck.File, RecoveryError.BackupMediaUnreadable, () => _world.Files[0].UnreadableWith = 3241);

    [Fact]
    public void A_stripe_without_the_others() => Fails(
        PlanCheck.File,
        RecoveryError.BackupMediaUnreadable,
        () => _world.Files[0] = new FakeFile { Path = _world.Files[0].Path, Header = _world.Files[0].Header, Label = new MediaLabel(Guid.NewGuid(), 2, 1) });

    [Fact]
    public void A_file_that_was_swapped() => Fails(PlanCheck.File, RecoveryError.BackupFileChanged, () => (_world.Files[0].Header, _world.Files[1].Header) = (_world.Files[1].Header, _world.Files[0].Header));

    [Fact]
    public void A_log_without_the_mark() => Fails(PlanCheck.Mark, RecoveryError.BackupFileChanged, () => _world.Files[^1].Marks.Clear());

    [Fact]
    public void An_instance_that_does_not_answer() => Fails(PlanCheck.Destination, RecoveryError.InstanceUnreachable, () => _world.Servers["DST1"].RefusesConnections = RecoveryError.InstanceUnreachable);

    [Fact]
    public void A_restore_that_runs_there() => Fails(
        PlanCheck.Lock,
        RecoveryError.RestoreInProgress,
        () => _world.Open(new SqlInstanceAddress("DST1")).TakeLock("BizTalkDR restore " + FakeWorld.ManagementDatabase.ToUpperInvariant(), TimeSpan.Zero));

    [Fact]
    public void A_plan_for_another_group_under_the_same_address()
    {
        RestorePlan other = _plan.At(m => new SqlInstanceAddress(m.DestinationServer == "DST1" ? "SRC1" : "SRC2"));
        Assert.Equal(RecoveryError.DestinationChanged, Assert.Throws<RecoveryException>(() => new RestorePlanTester(_world.Ports).RefuseChanges(other)).Code);
        Assert.Empty(_world.Calls);
    }

    [Fact]
    public void A_mark_that_cannot_be_looked_for_is_not_checked()
    {
        IReadOnlyList<PlanTestResult> results = new RestorePlanTester(_world.Ports with { Marks = null }).Test(_plan);
        Assert.Equal(4, results.Count(r => r is { Check: PlanCheck.Mark, Outcome: BackupTestOutcome.NotChecked }));
    }

    [Theory]
    [InlineData("it is full", "Failed: Space: D: it is full. Make room.")]
    [InlineData("It is full.", "Failed: Space: D: It is full. Make room.")]
    public void A_result_reads_as_sentences(string reason, string text) =>
        Assert.Equal(text, new PlanTestResult(PlanCheck.Space, "D", BackupTestOutcome.Failed, reason) { Remedy = "Make room." }.ToString());

    private IReadOnlyList<PlanTestResult> Test() => new RestorePlanTester(_world.Ports).Test(_plan);

    private void Fails(PlanCheck check, RecoveryError code, Action change)
    {
        change();
        PlanTestResult failed = Test().First(r => r.Outcome == BackupTestOutcome.Failed);
        Assert.Equal((check, code), (failed.Check, failed.Code));
        Assert.NotEmpty(failed.Remedy);
        RecoveryException error = Assert.Throws<RecoveryException>(() => new RestorePlanTester(_world.Ports).RefuseChanges(_plan));
        Assert.Equal((code, failed.Subject), (error.Code, error.Target));
        Assert.Empty(_world.Calls);
    }
}
