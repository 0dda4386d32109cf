using System;
using System.Collections.Generic;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using Xunit;

namespace BizTalkDR.Tests.Restore;

public sealed class GateDecisionTests
{
    private const string Mark = "BTS_2026_05_06_14_15_00_000";
    private static readonly Guid Fork = Guid.NewGuid();
    private static readonly Guid Family = Guid.NewGuid();

    [Theory]
    [InlineData(999, RecoveryError.MarkNotReached)]
    [InlineData(1000, null)]
    [InlineData(1001, null)]
    [InlineData(1002, RecoveryError.PastTheMark)]
    [InlineData(5000, RecoveryError.PastTheMark)]
    [InlineData(1, RecoveryError.MarkNotReached)]
    public void Stands_neither_before_the_mark_nor_past_the_record_behind_it(int redo, RecoveryError? code) => Expect(code, Evidence(redo));

    [Fact]
    public void Every_file_counts_not_the_first()
    {
        Expect(RecoveryError.PastTheMark, Evidence() with { Files = [File(1, 1001), File(3, 1500)] });
        Expect(RecoveryError.MarkNotReached, Evidence() with { Files = [File(1, 1001), File(3, 900)] });
    }

    [Fact]
    public void A_log_file_need_not_have_a_position_but_when_it_has_one_it_counts()
    {
        Expect(null, Evidence() with { Files = [File(1, 1001), new RedoFile(2, true, "log", "/l", "RESTORING", null, null)] });
        Expect(RecoveryError.PastTheMark, Evidence() with { Files = [File(1, 1001), new RedoFile(2, true, "log", "/l", "RESTORING", new LogPosition(1500), Fork)] });
    }

    [Fact]
    public void An_unknown_position_is_no_proof()
    {
        Expect(RecoveryError.RestoreFailed, Evidence() with { Files = [new RedoFile(1, false, "data", "/d", "RESTORING", null, null)] });
        Expect(RecoveryError.RestoreFailed, Evidence() with { Files = [] });
    }

    [Theory]
    [InlineData("ONLINE")]
    [InlineData("RECOVERING")]
    [InlineData("SUSPECT")]
    public void A_member_that_is_not_restoring_does_not_pass(string state) => Expect(RecoveryError.RestoreFailed, Evidence() with { Database = new DatabaseFacts("D", state) });

    [Fact]
    public void A_member_that_is_not_there_does_not_pass() => Expect(RecoveryError.RestoreFailed, Evidence() with { Database = null });

    [Fact]
    public void Another_or_an_unknown_fork_does_not_pass()
    {
        Expect(RecoveryError.ForkMismatch, Evidence() with { Forks = [Guid.NewGuid()] });
        Expect(RecoveryError.ForkMismatch, Evidence() with { Files = [File(1, 1001) with { RedoStartForkGuid = null }] });
        Expect(null, Evidence() with { Forks = [Guid.NewGuid(), Fork] });
    }

    [Theory]
    [InlineData(true, 1, Mark, null)]
    [InlineData(true, 0, null, RecoveryError.MarkNotReached)]
    [InlineData(true, 2, Mark, RecoveryError.ProofFailed)]
    [InlineData(true, 1, "BTS_2026_05_06_14_30_00_000", RecoveryError.PastTheMark)]
    [InlineData(true, 1, "ZZZ_2026_05_06_14_00_00_000", null)]
    [InlineData(false, 0, null, RecoveryError.MarkNotReached)]
    public void Looks_into_MarkLog_where_it_can(bool table, int count, string? newest, RecoveryError? code) =>
        Expect(code, Evidence() with { Look = new StandbyLook(new MarkLogFacts(table, count, newest), null) });

    [Theory]
    [InlineData("BTS_2026_05_06_14_45_00_000", null)]
    [InlineData("BTS_2026_05_06_15_00_00_000", RecoveryError.PastTheMark)]
    public void A_later_stamp_from_before_the_clock_was_set_back_is_no_newer_mark(string newest, RecoveryError? code) =>
        Expect(code, Evidence() with { NewestMark = "BTS_2026_05_06_14_45_00_000", Look = new StandbyLook(new MarkLogFacts(true, 1, newest), null) });

    [Fact]
    public void Says_when_it_could_not_look()
    {
        GateVerdict verdict = GateDecision.Decide(Evidence() with { Look = new StandbyLook(null, "newer version") });
        Assert.True(verdict.Passed);
        Assert.Contains("not looked at: newer version", verdict.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_database_under_the_same_name_does_not_pass() =>
        Expect(RecoveryError.BackupFileChanged, Evidence() with { Look = new StandbyLook(new MarkLogFacts(true, 1, Mark), null) { FamilyGuid = Guid.NewGuid() } });

    [Fact]
    public void The_verdict_says_how_sure_it_is()
    {
        GateVerdict verdict = GateDecision.Decide(Evidence());
        Assert.Contains("read from the log", verdict.Text, StringComparison.Ordinal);
        Assert.Equal(1001m, verdict.RedoLsn!.Value.Value);
    }

    private static GateEvidence Evidence(int redo = 1001) => new(
        Mark,
        new MarkPosition(new LogPosition(1000), new LogPosition(1001), MarkCertainty.Exact, "read from the log"),
        [Fork],
        new DatabaseFacts("D", "RESTORING"),
        [File(1, redo)])
    {
        ExpectedFamily = Family,
    };

    private static RedoFile File(int id, int redo) => new(id, false, "data" + id, "/d", "RESTORING", new LogPosition(redo), Fork);

    private static void Expect(RecoveryError? code, GateEvidence evidence)
    {
        GateVerdict verdict = GateDecision.Decide(evidence);
        Assert.Equal(code, verdict.Code);
        Assert.Equal(code is null, verdict.Passed);
    }
}
