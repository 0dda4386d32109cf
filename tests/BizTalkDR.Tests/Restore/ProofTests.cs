using System;
using System.Collections.Generic;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using Xunit;

namespace BizTalkDR.Tests.Restore;

public sealed class ProofTests
{
    private const string Mark = "BTS_2026_05_06_14_15_00_000";
    private static readonly Guid Family = Guid.NewGuid();

    private static ProofEvidence Good => new(
        Mark, new DatabaseFacts("D", "ONLINE") { FamilyGuid = Family }, new MarkLogFacts(true, 1, Mark), [new RestoreHistoryRow(3, "D", 'D', null, true), new RestoreHistoryRow(2, "D", 'L', Mark, false)])
    {
        ExpectedFamily = Family,
    };

    public static TheoryData<string, string> Faults => new()
    {
        { "gone", "not there" },
        { "suspect", "SUSPECT instead of ONLINE" },
        { "standby", "standby" },
        { "other", "family GUID" },
        { "no mark", "0 times" },
        { "twice", "2 times" },
        { "newer", "newer mark" },
        { "no table", "could not be read" },
        { "no history", "no log restore" },
        { "to the end", "its end" },
        { "other mark", "mark 'X'" },
    };

    [Theory]
    [InlineData("A nonrecoverable I/O error occurred on file \"D:\\x.mdf:\" 112(There is not enough space on the disk.).", RecoveryError.NotEnoughSpace)]
    [InlineData("A nonrecoverable I/O error occurred on file \"D:\\x.bak:\" 23(Data error (cyclic redundancy check).).", RecoveryError.BackupMediaUnreadable)]
    public void A_failure_to_read_or_write_is_told_by_the_error_of_the_operating_system(string text, RecoveryError code) => Assert.Equal(code, SqlErrorMap.From(3271, text));

    [Fact]
    public void A_later_stamp_from_before_the_clock_was_set_back_is_no_newer_mark()
    {
        ProofEvidence setBack = Good with { NewestMark = "BTS_2026_05_06_14_45_00_000" };
        Assert.Empty(RecoveryProof.Faults(setBack with { MarkLog = new MarkLogFacts(true, 1, "BTS_2026_05_06_14_45_00_000") }));
        Assert.Single(RecoveryProof.Faults(setBack with { MarkLog = new MarkLogFacts(true, 1, "BTS_2026_05_06_15_00_00_000") }));
    }

    [Fact]
    public void A_member_at_the_mark_has_no_fault() => Assert.Empty(RecoveryProof.Faults(Good));

    [Theory]
    [MemberData(nameof(Faults))]
    public void Names_what_does_not_hold(string fault, string words)
    {
        ProofEvidence evidence = fault switch
        {
            "gone" => Good with { Database = null },
            "suspect" => Good with { Database = new DatabaseFacts("D", "SUSPECT") },
            "standby" => Good with { Database = new DatabaseFacts("D", "ONLINE") { IsInStandby = true } },
            "other" => Good with { ExpectedFamily = Guid.NewGuid() },
            "no mark" => Good with { MarkLog = new MarkLogFacts(true, 0, null) },
            "twice" => Good with { MarkLog = new MarkLogFacts(true, 2, Mark) },
            "newer" => Good with { MarkLog = new MarkLogFacts(true, 1, "BTS_2026_05_06_14_30_00_000") },
            "no table" => Good with { MarkLog = null },
            "no history" => Good with { History = [] },
            "to the end" => Good with { History = [new RestoreHistoryRow(1, "D", 'L', null, false)] },
            _ => Good with { History = [new RestoreHistoryRow(1, "D", 'L', "X", false)] },
        };
        Assert.Contains(words, Assert.Single(RecoveryProof.Faults(evidence)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, new[] { 3014 }, StepOutcome.Done, null)]
    [InlineData(false, new[] { 4329, 3014 }, StepOutcome.Done, null)]
    [InlineData(true, new[] { 3014 }, StepOutcome.Done, null)]
    [InlineData(true, new[] { 4329, 3014 }, StepOutcome.Failed, RecoveryError.MarkNotReached)]
    [InlineData(true, new[] { 4322, 3014 }, StepOutcome.Failed, RecoveryError.MarkNotReached)]
    [InlineData(false, new int[0], StepOutcome.Failed, RecoveryError.RestoreFailed)]
    [InlineData(false, new[] { 3014, 3203, 3013 }, StepOutcome.Failed, RecoveryError.BackupMediaUnreadable)]
    [InlineData(false, new[] { 4326, 3013 }, StepOutcome.Skipped, null)]
    [InlineData(true, new[] { 4326, 3013 }, StepOutcome.Failed, RecoveryError.PastTheMark)]
    [InlineData(false, new[] { 4305, 3013 }, StepOutcome.Failed, RecoveryError.LogChainBroken)]
    [InlineData(true, new[] { 4335, 3013 }, StepOutcome.Failed, RecoveryError.PastTheMark)]
    [InlineData(true, new[] { 4327, 3014 }, StepOutcome.Failed, RecoveryError.PastTheMark)]
    [InlineData(false, new[] { 3013 }, StepOutcome.Failed, RecoveryError.RestoreFailed)]
    [InlineData(false, new[] { 3169, 3013 }, StepOutcome.Failed, RecoveryError.DestinationTooOld)]
    public void A_step_is_judged_by_what_the_server_said(bool last, int[] numbers, StepOutcome outcome, RecoveryError? code)
    {
        var step = new RestoreStep(1, "x") { Statement = new RestoreStatement(RestoreAction.Log, "D"), HoldsMark = last };
        var messages = new List<ServerMessage>();
        foreach (int number in numbers)
        {
            messages.Add(new ServerMessage(number, number is 3014 or 4329 or 4322 or 4327 ? 10 : 16, 1, "x"));
        }

        StepVerdict verdict = RestoreJudge.Judge(step, new StatementOutcome("x", messages, TimeSpan.Zero));
        Assert.Equal((outcome, code), (verdict.Outcome, verdict.Code));
    }
}
