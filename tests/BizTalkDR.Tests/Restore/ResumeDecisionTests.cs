using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Restore;

/// <summary>The state table of docs/design.md, row by row.</summary>
public sealed class ResumeDecisionTests
{
    private static readonly DatabaseFacts Old = new("SSODB", "ONLINE")
    {
        CreatedLocal = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Unspecified),
        DatabaseGuid = Guid.Parse("aaaaaaaa-0000-0000-0000-000000000001"),
        RecoveryForkGuid = Guid.Parse("aaaaaaaa-0000-0000-0000-000000000002"),
    };

    private static readonly DatabaseFacts Ours = new("SSODB", "RESTORING") { CreatedLocal = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Unspecified) };

    private readonly MemberPlan _member;
    private readonly string _mark;

    public ResumeDecisionTests()
    {
        var world = new FakeWorld();
        world.BackUpFull();
        world.BackUpLog();
        world.BackUpLog();
        _mark = world.BackUpLog();
        _member = world.Prepare().Members.Single(m => m.Database == "SSODB");
    }

    private LogPosition FullEnd => _member.Chain.Full.Header.LastLsn;

    [Theory]
    [InlineData(false, false, ResumeKind.Start)]
    [InlineData(false, true, ResumeKind.FromFull)]
    [InlineData(true, true, ResumeKind.FromFull)]
    public void Not_there(bool replaces, bool started, ResumeKind kind) => Assert.Equal(kind, Decide(null, replaces, started).Kind);

    [Fact]
    public void Gone_though_nothing_was_begun() => Refused(RecoveryError.DestinationChanged, Decide(null, replaces: true, started: false));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_database_to_be_replaced_is_untouched(bool started) => Assert.Equal(ResumeKind.Start, Decide(Old, replaces: true, started).Kind);

    [Fact]
    public void The_database_to_be_replaced_is_untouched_in_single_user() =>
        Assert.Equal(ResumeKind.Start, Decide(Old with { Access = DatabaseAccess.SingleUser }, replaces: true, started: false).Kind);

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Another_database_is_there(bool replaces, bool started) => Refused(RecoveryError.DestinationChanged, Decide(Old with { DatabaseGuid = Guid.NewGuid() }, replaces, started));

    [Fact]
    public void Restoring_with_an_unknown_point() => Assert.Equal(ResumeKind.FromFull, Decide(Ours, files: [File(null)]).Kind);

    [Fact]
    public void Restoring_without_files() => Assert.Equal(ResumeKind.FromFull, Decide(Ours, files: []).Kind);

    [Fact]
    public void Restoring_though_nothing_was_begun() => Refused(RecoveryError.DestinationChanged, Decide(Ours, started: false, files: [File(FullEnd)], history: [Full()]));

    [Fact]
    public void Restoring_from_another_full() =>
        Refused(RecoveryError.DestinationChanged, Decide(Ours, files: [File(Mid(0))], history: [new RestoreHistoryRow(9, "SSODB", 'D', null, false) { BackupSetGuid = Guid.NewGuid() }]));

    [Fact]
    public void Restoring_at_the_end_of_the_full() => Assert.Equal((ResumeKind.Continue, 1), On(Decide(Ours, files: [File(FullEnd)], history: [Full()])));

    [Fact]
    public void Restoring_at_the_end_of_the_full_whose_history_row_a_kill_swallowed() => Assert.Equal((ResumeKind.Continue, 1), On(Decide(Ours, files: [File(FullEnd)])));

    [Fact]
    public void Rolled_forward_from_a_full_whose_history_row_a_kill_swallowed()
    {
        RestoreHistoryRow other = new(9, "SSODB", 'D', null, false) { BackupSetGuid = Guid.NewGuid() };
        RedoFile[] files = [File(_member.Chain.Logs[0].Header.LastLsn)];
        Assert.Equal((ResumeKind.Continue, 2), On(Decide(Ours, files: files, history: [Log(0)])));
        Assert.Equal((ResumeKind.Continue, 2), On(Decide(Ours, files: files, history: [Log(0), other])));
        Refused(RecoveryError.DestinationChanged, Decide(Ours, files: files, history: [other, Log(0)]));
        Refused(RecoveryError.DestinationChanged, Decide(Ours, files: files, history: [new RestoreHistoryRow(9, "SSODB", 'L', null, false) { BackupSetGuid = Guid.NewGuid() }]));

        // A standby that is to be replaced has taken the same logs, and its full is too old for the rows that are read.
        Assert.Equal(ResumeKind.Start, Decide(Ours, files: files, history: [Log(0)], member: _member with { Replaces = Ours }).Kind);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 3)]
    public void Restoring_at_the_end_of_a_log_goes_on_with_the_next(int log, int step) =>
        Assert.Equal((ResumeKind.Continue, step), On(Decide(Ours, files: [File(_member.Chain.Logs[log].Header.LastLsn)], history: [Log(log), Full()])));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    public void Restoring_inside_a_log_goes_on_with_that_log(int log, int step) => Assert.Equal((ResumeKind.Continue, step), On(Decide(Ours, files: [File(Mid(log))], history: [Log(log), Full()])));

    [Fact]
    public void Restoring_behind_the_mark() => Assert.Equal(ResumeKind.AtMark, Decide(Ours, files: [File(_member.MarkPosition.NextLsn)], history: [Log(2), Full()]).Kind);

    [Fact]
    public void Exactly_at_the_mark_only_the_history_tells_whether_it_is_in()
    {
        Assert.Equal(ResumeKind.AtMark, Decide(Ours, files: [File(_member.MarkPosition.Lsn)], history: [Log(2), Full()]).Kind);
        Assert.Equal((ResumeKind.Continue, 3), On(Decide(Ours, files: [File(_member.MarkPosition.Lsn)], history: [Log(1), Full()])));
        Assert.Equal((ResumeKind.Continue, 3), On(Decide(Ours, files: [File(_member.MarkPosition.Lsn)], history: [Log(2) with { StopAtMark = null }, Full()])));
    }

    [Fact]
    public void Restoring_past_the_mark() =>
        Assert.Equal(ResumeKind.FromFull, Decide(Ours, files: [File(new LogPosition(_member.MarkPosition.NextLsn.Value + 1))], history: [Log(2), Full()]).Kind);

    [Fact]
    public void Restoring_before_the_full_ends() => Assert.Equal(ResumeKind.FromFull, Decide(Ours, files: [File(new LogPosition(1))], history: [Full()]).Kind);

    [Fact]
    public void Restoring_before_the_full_ends_without_a_row_in_the_history()
    {
        RestoreHistoryRow other = new(9, "SSODB", 'D', null, false) { BackupSetGuid = Guid.NewGuid() };
        RedoFile begun = File(_member.Chain.Full.Header.FirstLsn);
        Assert.Equal(ResumeKind.FromFull, Decide(Ours, files: [begun]).Kind);
        Assert.Equal(ResumeKind.FromFull, Decide(Ours, replaces: true, files: [begun], history: [other]).Kind);
        Refused(RecoveryError.DestinationChanged, Decide(Ours, files: [begun], history: [other]));
        Refused(RecoveryError.DestinationChanged, Decide(Ours, files: [begun with { RedoStartForkGuid = Guid.NewGuid() }]));
        Refused(RecoveryError.DestinationChanged, Decide(Ours, started: false, files: [begun]));
    }

    [Fact]
    public void Restoring_on_another_fork() => Assert.Equal(ResumeKind.FromFull, Decide(Ours, files: [File(Mid(1)) with { RedoStartForkGuid = Guid.NewGuid() }], history: [Log(1), Full()]).Kind);

    [Fact]
    public void Restoring_with_files_at_different_points() =>
        Assert.Equal(ResumeKind.FromFull, Decide(Ours, files: [File(Mid(0)), File(Mid(1)) with { FileId = 3 }], history: [Log(1), Full()]).Kind);

    [Fact]
    public void A_log_file_without_a_point_does_not_matter() =>
        Assert.Equal((ResumeKind.Continue, 2), On(Decide(Ours, files: [File(Mid(1)), File(null) with { IsLog = true }], history: [Log(1), Full()])));

    [Theory]
    [InlineData(true, ResumeKind.LeaveStandby)]
    [InlineData(null, ResumeKind.LeaveStandby)]
    [InlineData(false, ResumeKind.FromFull)]
    public void In_standby_by_a_look_that_was_cut_short(bool? undo, ResumeKind kind) =>
        Assert.Equal(kind, Decide(Standby(), history: [Log(2), Full()], undo: undo).Kind);

    [Fact]
    public void In_standby_and_not_ours() => Refused(RecoveryError.DestinationChanged, Decide(Standby(), started: false, history: []));

    [Fact]
    public void A_standby_that_is_to_be_replaced()
    {
        DatabaseFacts standby = Old with { IsInStandby = true };
        Assert.Equal(ResumeKind.Start, Decide(standby, started: false, member: _member with { Replaces = standby }).Kind);
    }

    [Theory]
    [InlineData(DatabaseAccess.RestrictedUser, ResumeKind.Recovered)]
    [InlineData(DatabaseAccess.SingleUser, ResumeKind.Recovered)]
    [InlineData(DatabaseAccess.MultiUser, ResumeKind.Opened)]
    public void Online_after_the_gate(DatabaseAccess access, ResumeKind kind) => Assert.Equal(kind, Decide(Online(access), history: [Log(2), Full()], gate: true).Kind);

    [Fact]
    public void Online_before_the_gate() => Refused(RecoveryError.DestinationChanged, Decide(Online(DatabaseAccess.RestrictedUser), history: [Log(2), Full()]));

    [Fact]
    public void Online_after_the_gate_from_something_else()
    {
        Refused(RecoveryError.DestinationChanged, Decide(Online(DatabaseAccess.MultiUser), history: [Log(1), Full()], gate: true));
        Refused(RecoveryError.DestinationChanged, Decide(Online(DatabaseAccess.MultiUser), history: [], gate: true));
        Refused(RecoveryError.DestinationChanged, Decide(Old, replaces: true, gate: true));
    }

    [Fact]
    public void Closed_by_the_backup_of_its_own_tail()
    {
        MemberPlan member = _member with { Replaces = Old, Steps = [new RestoreStep(1, "tail") { Tail = new TailStatement("SSODB", "/t.trn") }, .. _member.Steps] };
        DatabaseFacts closed = Old with { State = "RESTORING", DatabaseGuid = null, RecoveryForkGuid = null };
        Assert.Equal(ResumeKind.ByTail, Decide(closed, started: false, member: member, tail: true).Kind);
        Refused(RecoveryError.DestinationChanged, Decide(closed, started: false, member: member));
        Refused(RecoveryError.DestinationChanged, Decide(closed with { CreatedLocal = Old.CreatedLocal.AddDays(1) }, started: false, member: member, tail: true));
        Refused(RecoveryError.DestinationChanged, Decide(closed with { DatabaseGuid = Guid.NewGuid() }, started: false, member: member, tail: true));
        Assert.Equal(ResumeKind.FromFull, Decide(closed, member: member, tail: true, files: [File(new LogPosition(_member.MarkPosition.NextLsn.Value + 500))]).Kind);
    }

    [Fact]
    public void Opened_again_behind_the_backup_of_its_own_tail()
    {
        MemberPlan member = _member with { Replaces = Old, Steps = [new RestoreStep(1, "tail") { Tail = new TailStatement("SSODB", "/t.trn") }, .. _member.Steps] };
        DatabaseFacts opened = Old with { RecoveryForkGuid = Guid.NewGuid() };
        Assert.Equal(ResumeKind.Start, Decide(opened, started: false, member: member, tail: true).Kind);
        Refused(RecoveryError.DestinationChanged, Decide(opened, started: false, member: member));
        Refused(RecoveryError.DestinationChanged, Decide(opened, started: true, member: member, tail: true));
        Refused(RecoveryError.DestinationChanged, Decide(opened with { DatabaseGuid = Guid.NewGuid() }, started: false, member: member, tail: true));
    }

    [Theory]
    [InlineData("SUSPECT")]
    [InlineData("OFFLINE")]
    [InlineData("EMERGENCY")]
    public void The_database_to_be_replaced_is_untouched_in_the_state_it_was_planned_in(string state)
    {
        DatabaseFacts planned = Old with { State = state };
        Assert.Equal(ResumeKind.Start, Decide(planned, started: false, member: _member with { Replaces = planned }).Kind);
        Refused(RecoveryError.DestinationChanged, Decide(planned, started: false, member: _member with { Replaces = Old }));
    }

    [Theory]
    [InlineData("SUSPECT")]
    [InlineData("RECOVERY_PENDING")]
    public void Broken(string state)
    {
        Assert.Equal(ResumeKind.FromFull, Decide(Ours with { State = state }, replaces: true).Kind);
        ResumeVerdict refused = Decide(Ours with { State = state }, replaces: false);
        Refused(RecoveryError.RestoreFailed, refused);
        Assert.Contains("DROP DATABASE", refused.Hint, StringComparison.Ordinal);
        Refused(RecoveryError.DestinationChanged, Decide(Ours with { State = state }, replaces: true, started: false));
    }

    [Fact]
    public void Recovering() => Refused(RecoveryError.RestoreInterrupted, Decide(Ours with { State = "RECOVERING" }, gate: true));

    [Theory]
    [InlineData("OFFLINE")]
    [InlineData("EMERGENCY")]
    public void In_a_state_no_restore_leaves_behind(string state) => Refused(RecoveryError.DestinationChanged, Decide(Ours with { State = state }));

    [Fact]
    public void A_set_with_an_open_member_goes_on_only_when_all_are_recovered()
    {
        ResumeVerdict open = new(ResumeKind.Opened, "x");
        ResumeVerdict recovered = new(ResumeKind.Recovered, "x");
        Assert.Null(ResumeDecision.RefuseSet([open, recovered]));
        Assert.Equal(RecoveryError.ProofFailed, ResumeDecision.RefuseSet([open, recovered, new(ResumeKind.AtMark, "x")])!.Code);
        Assert.Null(ResumeDecision.RefuseSet([recovered, new(ResumeKind.FromFull, "x")]));
        ResumeVerdict refused = new(ResumeKind.Refused, "x") { Code = RecoveryError.DestinationChanged };
        Assert.Same(refused, ResumeDecision.RefuseSet([recovered, refused]));
    }

    private static (ResumeKind Kind, int Step) On(ResumeVerdict verdict) => (verdict.Kind, verdict.NextStep);

    private static void Refused(RecoveryError code, ResumeVerdict verdict) => Assert.Equal((ResumeKind.Refused, code), (verdict.Kind, verdict.Code));

    private static DatabaseFacts Standby() => Ours with { State = "ONLINE", IsInStandby = true };

    private static DatabaseFacts Online(DatabaseAccess access) => Ours with { State = "ONLINE", Access = access };

    private LogPosition Mid(int log) => new(_member.Chain.Logs[log].Header.FirstLsn.Value + 1);

    private RedoFile File(LogPosition? at) => new(1, false, "data", "/d", "RESTORING", at, _member.Chain.Full.Header.RecoveryForkGuid);

    private RestoreHistoryRow Full() => new(1, "SSODB", 'D', null, false) { BackupSetGuid = _member.Chain.Full.Header.BackupSetGuid };

    private RestoreHistoryRow Log(int log) => new(2 + log, "SSODB", 'L', _mark, false) { BackupSetGuid = _member.Chain.Logs[log].Header.BackupSetGuid };

    private ResumeVerdict Decide(
        DatabaseFacts? now,
        bool replaces = false,
        bool started = true,
        IReadOnlyList<RedoFile>? files = null,
        IReadOnlyList<RestoreHistoryRow>? history = null,
        bool gate = false,
        bool? undo = null,
        MemberPlan? member = null,
        bool tail = false) =>
        ResumeDecision.Decide(new ResumeEvidence(member ?? (_member with { Replaces = replaces ? Old : null }), _mark, now, files ?? [], history ?? [])
        {
            FullStarted = started,
            TailStarted = tail,
            GatePassed = gate,
            UndoFileThere = undo,
        });
}
