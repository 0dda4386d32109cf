using System;
using System.Linq;
using BizTalkDR.Backup;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Reports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Restore;

/// <summary>A database that is RESTORING or in standby is replaced only when its server proves that a restore left it so, or its work was given up by name.</summary>
public sealed class ClosedDatabaseTests
{
    private static readonly Guid s_fork = new("11111111-1111-1111-1111-111111111111");
    private static readonly DateTime s_restored = new(2026, 5, 6, 14, 0, 0, DateTimeKind.Unspecified);

    private static readonly ClosedDatabase s_proven = new()
    {
        StandsAt = new LogPosition(500),
        ForkGuid = s_fork,
        Restored = new RestoredBackup { RestoredLocal = s_restored, LastLsn = new LogPosition(500), ForkGuid = s_fork },
    };

    private readonly FakeWorld _world = new();

    public ClosedDatabaseTests()
    {
        _world.BackUpFull();
        _world.BackUpLog();
    }

    private RestoreRequest Over => _world.RestoreTo("DST1", "DST2") with { Force = true };

    [Theory]
    [InlineData("at the end of the newest restored backup", true)]
    [InlineData("before its end, at a mark", true)]
    [InlineData("in standby, where the server tells no position", true)]
    [InlineData("closed by a tail before the restore", true)]
    [InlineData("closed by a tail in the very moment of the restore", true)]
    [InlineData("no file can be used", true)]
    [InlineData("no file can be used, and its tail cannot be read", false)]
    [InlineData("no file can be used, and a tail from before the restore cannot be read", true)]
    [InlineData("no restore in the history", false)]
    [InlineData("history without the fork", false)]
    [InlineData("history without the end", false)]
    [InlineData("fork not known", false)]
    [InlineData("opened since: another fork", false)]
    [InlineData("past the newest restored backup", false)]
    [InlineData("closed by a tail after the restore", false)]
    [InlineData("closed by a tail, and the restore has no time", false)]
    public void What_proves_that_a_restore_left_a_database_closed(string state, bool holdsNothing)
    {
        RestoredBackup restored = s_proven.Restored!;
        ClosingBackup At(int seconds) => new("/t.trn", Guid.NewGuid(), s_restored.AddSeconds(seconds));
        ClosedDatabase closed = state switch
        {
            "at the end of the newest restored backup" => s_proven,
            "before its end, at a mark" => s_proven with { StandsAt = new LogPosition(499) },
            "in standby, where the server tells no position" => s_proven with { StandsAt = null },
            "closed by a tail before the restore" => s_proven with { ClosedBy = At(-1) },
            "closed by a tail in the very moment of the restore" => s_proven with { ClosedBy = At(0) },
            "no file can be used" => new ClosedDatabase { IsContentUnknown = true, ClosedBy = At(0) with { IsThere = true } },
            "no file can be used, and its tail cannot be read" => new ClosedDatabase { IsContentUnknown = true, ClosedBy = At(0) },
            "no file can be used, and a tail from before the restore cannot be read" => new ClosedDatabase { IsContentUnknown = true, ClosedBy = At(-1), Restored = restored },
            "no restore in the history" => s_proven with { Restored = null },
            "history without the fork" => s_proven with { Restored = restored with { ForkGuid = null } },
            "history without the end" => s_proven with { Restored = restored with { LastLsn = null } },
            "fork not known" => s_proven with { ForkGuid = null },
            "opened since: another fork" => s_proven with { ForkGuid = Guid.NewGuid() },
            "past the newest restored backup" => s_proven with { StandsAt = new LogPosition(501) },
            "closed by a tail after the restore" => s_proven with { ClosedBy = At(1) },
            _ => s_proven with { ClosedBy = At(-1), Restored = restored with { RestoredLocal = null } },
        };
        Assert.Equal(holdsNothing, closed.HoldsNothing);
        MemberPlan member = _world.Prepare(_world.RestoreTo("DST1", "DST2")).Members[0] with { Replaces = new DatabaseFacts("D", "RESTORING") { Closed = closed } };
        Assert.Equal(!holdsNothing, TailPlanner.IsUnsaved(member));
        Assert.False(TailPlanner.IsUnsaved(member with { WithoutTail = true }));
    }

    [Fact]
    public void A_new_restore_over_a_database_that_a_tail_closed_is_refused_and_names_the_tail()
    {
        RestorePlan plan = Killed();
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Prepare(Over));
        Assert.Equal(RecoveryError.TailNotPossible, error.Code);
        Assert.Contains($"SSODB on DST2: it is RESTORING, and its server does not prove that a restore left it so; a backup of its log does that too, and then its newest work may be in that backup alone. The newest log backup that closed it is in {_world.Tails.Single(t => t.Header.DatabaseName == "SSODB").Path} (of ", error.Message, StringComparison.Ordinal);
        Assert.Contains("where its server can read it", error.Message, StringComparison.Ordinal);
        Assert.Contains("Restore-BizTalkDatabases -Resume", error.Hint, StringComparison.Ordinal);
        Assert.Contains("RESTORE DATABASE … WITH RECOVERY", error.Hint, StringComparison.Ordinal);
        Assert.Contains("or is safe in the backup that closed it, say so with -WithoutTail ", error.Hint, StringComparison.Ordinal);

        _world.Tails.Single(t => t.Header.DatabaseName == "SSODB").UnreadableWith = 3203;
        Assert.Contains("where its server CANNOT read it", Assert.Throws<RecoveryException>(() => _world.Prepare(Over)).Message, StringComparison.Ordinal);

        RestorePlan without = _world.Prepare(Over with { WithoutTail = [.. plan.Members.Select(m => m.Database)] });
        Assert.Contains(without.Findings, f => f.Level == FindingLevel.Warning && f.Subject == "SSODB on DST2" && f.Text.Contains("_SSODB_Tail_", StringComparison.Ordinal));
        Assert.True(_world.Restore(without).IsSuccess);
    }

    [Fact]
    public void What_a_server_may_not_be_asked_proves_nothing()
    {
        Killed();
        _world.NoPermission = true;
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Prepare(Over));
        Assert.Equal(RecoveryError.TailNotPossible, error.Code);
        Assert.DoesNotContain("The newest log backup that closed it", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_database_that_was_opened_between_plan_and_restore_is_not_replaced(bool provenWhenPlanned)
    {
        FakeDatabase database = new FakeDatabase { Name = "SSODB", State = "RESTORING", RedoLsn = 77 };
        _world.Servers["DST2"].Databases.Add("SSODB", provenWhenPlanned ? database.LeftByRestore() : database);
        RestorePlan plan = _world.Prepare(provenWhenPlanned ? Over : Over with { WithoutTail = ["SSODB"] });
        Assert.Empty(RestorePlanCheck.Faults(RestorePlanFile.FromJson(RestorePlanFile.ToJson(plan), "x")));
        PlanTestResult Tested() => new RestorePlanTester(_world.Ports).Test(plan).Single(r => r.Check == PlanCheck.Database && r.Subject == "SSODB on DST2");
        Assert.Equal(BackupTestOutcome.Passed, Tested().Outcome);

        // Opened, worked in, and closed again by a backup of its log: RESTORING as before.
        database.Fork = Guid.NewGuid();
        Assert.Equal((BackupTestOutcome.Failed, RecoveryError.DestinationChanged), (Tested().Outcome, Tested().Code!.Value));
        Assert.Equal(RecoveryError.DestinationChanged, Assert.Throws<RecoveryException>(() => _world.Restore(plan)).Code);
        Assert.Empty(_world.Calls);
    }

    /// <summary>A restore over databases that live ends behind their tails, before anything is restored.</summary>
    private RestorePlan Killed()
    {
        _world.Restore();
        RestorePlan plan = _world.Prepare(Over);
        _world.FailWith($"Full {plan.Members[0].Database}", 3203);
        Assert.Throws<RecoveryException>(() => new RestoreRunner(_world.Ports) { Parallelism = 1 }.Run(plan, new MemoryJournal()));
        Assert.Equal("RESTORING", _world.Servers["DST2"].Databases["SSODB"].State);
        return plan;
    }
}
