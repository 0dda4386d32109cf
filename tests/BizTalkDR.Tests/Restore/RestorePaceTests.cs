using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Restore;

/// <summary>What is said of the time left, statement by statement, at times that the test names.</summary>
public sealed class RestorePaceTests
{
    private static readonly DateTime s_start = new(2026, 5, 6, 15, 0, 0, DateTimeKind.Utc);
    private readonly IReadOnlyList<MemberPlan> _members;

    public RestorePaceTests()
    {
        var world = new FakeWorld();
        world.BackUpFull();
        world.BackUpLog();
        world.BackUpLog();

        // Each a full of 1000 bytes and two logs of 100.
        _members = [.. world.Prepare().Members.Take(2).Select(Sized)];
    }

    private MemberPlan First => _members[0];

    private MemberPlan Second => _members[1];

    [Fact]
    public void Nothing_is_said_before_anything_was_measured()
    {
        RestorePace pace = Pace();
        pace.Begin(First, First.Steps);
        pace.Step(First, First.Steps[0], 0, At(0));
        Assert.Equal((0L, 1000L, null), Parts(pace.ReadStep(First, At(30))));
        Assert.Equal((0L, 1200L, null), Parts(pace.Read(First, At(30))));
        Assert.Equal((0L, 2400L, null), Parts(pace.ReadAll(At(30))));
    }

    [Fact]
    public void A_statement_tells_its_own_time_left_while_that_of_the_logs_is_not_known()
    {
        RestorePace pace = Pace();
        pace.Begin(First, First.Steps);
        pace.Step(First, First.Steps[0], 0, At(0));
        pace.Step(First, First.Steps[0], 25, At(10));
        Assert.Equal((250L, 1000L, 30), Parts(pace.ReadStep(First, At(10))));
        Assert.Equal((250L, 1200L, null), Parts(pace.Read(First, At(10))));
        Assert.Null(pace.ReadAll(At(10)).Left);
    }

    [Fact]
    public void What_was_measured_in_less_than_a_second_says_nothing()
    {
        RestorePace pace = Pace();
        pace.Begin(First, First.Steps);
        pace.Step(First, First.Steps[0], 50, At(0));
        Assert.Null(pace.ReadStep(First, At(0.9)).Left);
        Assert.NotNull(pace.ReadStep(First, At(1)).Left);
    }

    [Theory]
    [InlineData(1, 8 + 40 + 16)]
    [InlineData(2, 40 + 16)]
    public void The_group_goes_on_as_members_are_restored_one_after_the_other_or_at_once(int atOnce, int left)
    {
        RestorePace pace = Pace(atOnce);
        RunFirst(pace);

        // The full took 40 s, the log 8 s: the log left takes as long, the other member as long as both and one more log.
        Assert.Equal((1100L, 1200L, 8), Parts(pace.Read(First, At(48))));
        Assert.Equal((1100L, 2400L, left), Parts(pace.ReadAll(At(48))));
    }

    [Fact]
    public void Limits_of_an_instance_hold_in_what_is_predicted_too()
    {
        List<MemberPlan> same = [.. _members.Select(m => m with { DestinationServer = "ONE" })];
        RestorePace pace = new(same, new RestoreLimits { PerInstance = 1 }, 16);
        Assert.Null(pace.ReadAll(At(0)).Left);
        pace.Begin(same[0], same[0].Steps);
        pace.Step(same[0], same[0].Steps[0], 0, At(0));
        pace.StepDone(same[0], same[0].Steps[0], At(40));
        pace.Step(same[0], same[0].Steps[1], 0, At(40));
        pace.StepDone(same[0], same[0].Steps[1], At(48));
        Assert.Equal(8 + 40 + 16, pace.ReadAll(At(48)).Left!.Value.TotalSeconds);
    }

    [Fact]
    public void A_log_whose_bytes_need_more_than_the_time_of_a_log_is_predicted_by_its_bytes()
    {
        MemberPlan big = First with { Steps = [First.Steps[0], First.Steps[1], First.Steps[2] with { Backup = First.Steps[2].Backup! with { Header = First.Steps[2].Backup!.Header with { BackupSizeBytes = 500 } } }] };
        RestorePace pace = new([big], RestoreLimits.Default, 4);
        pace.Begin(big, big.Steps);
        pace.Step(big, big.Steps[0], 0, At(0));
        pace.StepDone(big, big.Steps[0], At(40));
        pace.Step(big, big.Steps[1], 0, At(40));
        pace.StepDone(big, big.Steps[1], At(48));
        Assert.Equal(20, pace.Read(big, At(48)).Left!.Value.TotalSeconds);
    }

    [Fact]
    public void A_resumed_member_counts_what_lies_behind_it_and_not_how_fast_that_was()
    {
        RestorePace pace = Pace();
        pace.Begin(First, First.Steps.Skip(2));
        Assert.Equal((1100L, 1200L, null), Parts(pace.Read(First, At(0))));
    }

    [Fact]
    public void A_member_at_the_mark_has_nothing_left()
    {
        RestorePace pace = Pace();
        RunFirst(pace);
        pace.End(First);
        Assert.Equal((1200L, 1200L, 0), Parts(pace.Read(First, At(60))));
        Assert.Equal(1, pace.MembersDone);
        Assert.Equal(40 + 16, pace.ReadAll(At(60)).Left!.Value.TotalSeconds);
    }

    [Theory]
    [InlineData(59, "59 s")]
    [InlineData(119, "119 s")]
    [InlineData(120, "2 min")]
    [InlineData(7140, "119 min")]
    [InlineData(7260, "2 h 1 min")]
    public void Time_is_said_as_people_say_it(int seconds, string text) => Assert.Equal(text, TimeText.Of(TimeSpan.FromSeconds(seconds)));

    private static MemberPlan Sized(MemberPlan member) => member with
    {
        Steps = [.. member.Steps.Select(s => s with { Backup = s.Backup! with { Header = s.Backup.Header with { BackupSizeBytes = s.Statement!.Action == RestoreAction.Full ? 1000 : 100 } } })],
    };

    private static DateTime At(double seconds) => s_start.AddSeconds(seconds);

    private static (long Done, long Total, int? Left) Parts(PaceReading reading) => (reading.DoneBytes, reading.TotalBytes, (int?)reading.Left?.TotalSeconds);

    private RestorePace Pace(int atOnce = 4) => new(_members, RestoreLimits.Default, atOnce);

    private void RunFirst(RestorePace pace)
    {
        pace.Begin(First, First.Steps);
        pace.Step(First, First.Steps[0], 0, At(0));
        pace.StepDone(First, First.Steps[0], At(40));
        pace.Step(First, First.Steps[1], 0, At(40));
        pace.StepDone(First, First.Steps[1], At(48));
    }
}
