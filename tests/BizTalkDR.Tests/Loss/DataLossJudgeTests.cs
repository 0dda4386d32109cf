using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Loss;
using BizTalkDR.Ports;
using Xunit;

namespace BizTalkDR.Tests.Loss;

/// <summary>Which database can tell what came after the mark, and what it tells: as a table.</summary>
public sealed class DataLossJudgeTests
{
    private const string Mark = "BTS_2026_05_06_14_15_01_327";
    private static readonly DateTime s_mark = new(2026, 5, 6, 14, 15, 1, 327, DateTimeKind.Utc);
    private static readonly DataLossRequest s_request = new(new SqlInstanceAddress("OLD"), "BizTalkDTADb") { Mark = Mark };
    private static readonly DataLossEvidence s_living = new(new DatabaseFacts("BizTalkDTADb", "ONLINE"), new MarkLogFacts(true, 1, "BTS_2026_05_06_14_30_01_327"), Placed(TimeSpan.Zero), null, TimeSpan.Zero);

    public static TheoryData<string, RecoveryError> CannotAnswer => new()
    {
        { "none", RecoveryError.DatabaseNotFound },
        { "restoring", RecoveryError.TrackingNotReadable },
        { "offline", RecoveryError.TrackingNotReadable },
        { "no mark", RecoveryError.InvalidName },
        { "restored to the mark", RecoveryError.TrackingNotAhead },
        { "restored to an older mark", RecoveryError.TrackingNotAhead },
        { "older", RecoveryError.TrackingNotAhead },
        { "mark cleaned up", RecoveryError.LogMarkNotFound },
        { "no MarkLog", RecoveryError.LogMarkNotFound },
        { "local stamp", RecoveryError.MarkTimeUncertain },
        { "stamp of another time", RecoveryError.MarkTimeUncertain },
    };

    [Theory]
    [MemberData(nameof(CannotAnswer))]
    public void What_cannot_answer_is_refused_by_name(string what, RecoveryError code)
    {
        DataLossRequest request = what == "no mark" ? s_request with { Mark = "yesterday" } : s_request;
        DataLossEvidence evidence = what switch
        {
            "none" => s_living with { Database = null },
            "restoring" => s_living with { Database = new DatabaseFacts("BizTalkDTADb", "RESTORING") },
            "offline" => s_living with { Database = new DatabaseFacts("BizTalkDTADb", "OFFLINE") },
            "restored to the mark" => s_living with { LastRestore = Restored(Mark) },
            "restored to an older mark" => s_living with { LastRestore = Restored("BTS_2026_05_06_14_00_01_327") },
            "older" => s_living with { MarkLog = new MarkLogFacts(true, 0, "BTS_2026_05_06_14_00_01_327") },
            "mark cleaned up" => s_living with { MarkLog = new MarkLogFacts(true, 0, "BTS_2026_05_06_14_30_01_327") },
            "no MarkLog" => s_living with { MarkLog = new MarkLogFacts(false, 0, null) },
            "local stamp" => s_living with { MarkHistory = Placed(TimeSpan.Zero), UtcOffset = TimeSpan.FromHours(2) },
            "stamp of another time" => s_living with { MarkHistory = Placed(TimeSpan.FromMinutes(37)) },
            _ => s_living,
        };
        RecoveryException error = Assert.Throws<RecoveryException>(() => DataLossJudge.From(request, evidence, out _));
        Assert.Equal(code, error.Code);
        Assert.NotNull(error.Target);
        Assert.NotEmpty(error.Hint);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(120, 120)]
    [InlineData(-480, -480)]
    [InlineData(330, 330)]
    [InlineData(60, 120)] // The mark was placed before a change of the clock.
    public void A_stamp_that_msdb_shows_to_be_UTC_is_taken_without_doubt(int placedMinutesAhead, int offsetMinutes)
    {
        DateTime from = DataLossJudge.From(s_request, s_living with { MarkHistory = Placed(TimeSpan.FromMinutes(placedMinutesAhead)), UtcOffset = TimeSpan.FromMinutes(offsetMinutes) }, out string? doubt);
        Assert.Equal((s_mark, DateTimeKind.Utc, null), (from, from.Kind, doubt));
    }

    [Fact]
    public void Where_msdb_does_not_tell_the_doubt_is_said()
    {
        Assert.Equal(s_mark, DataLossJudge.From(s_request, s_living with { MarkHistory = null }, out string? doubt));
        Assert.Contains("could not be checked", doubt, StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_needs_no_mark_but_no_database_that_was_restored_to_one_before_it()
    {
        DataLossRequest request = s_request with { Mark = null, AfterUtc = s_mark };
        DataLossEvidence evidence = s_living with { MarkLog = null, MarkHistory = null };
        Assert.Equal(s_mark, DataLossJudge.From(request, evidence, out string? doubt));
        Assert.Null(doubt);
        Assert.Equal(s_mark, DataLossJudge.From(request, evidence with { LastRestore = Restored("BTS_2026_05_06_14_15_01_330") }, out _));
        Assert.Equal(RecoveryError.TrackingNotAhead, Assert.Throws<RecoveryException>(() => DataLossJudge.From(request, evidence with { LastRestore = Restored(Mark) }, out _)).Code);
    }

    [Theory]
    [InlineData(-60, 5, LossKind.Completed)]
    [InlineData(null, 5, LossKind.Completed)]
    [InlineData(0, null, LossKind.Started)]
    [InlineData(5, null, LossKind.Started)]
    [InlineData(5, 6, LossKind.StartedAndCompleted)]
    public void What_happened_after_the_mark_is_told_by_start_and_end(int? started, int? ended, LossKind change)
    {
        var instance = new TrackedInstance(Guid.NewGuid(), null, "Orders.Process", "Orchestration") { StartedUtc = s_mark.AddSeconds(started ?? 0), EndedUtc = ended is { } e ? s_mark.AddSeconds(e) : null };
        instance = instance with { StartedUtc = started is null ? null : instance.StartedUtc };
        LostInstance lost = Assert.Single(DataLossJudge.Lost(s_request, s_mark, new TrackingFacts([]) { NewestUtc = s_mark.AddSeconds(6), Instances = [instance] }));
        Assert.Equal((instance.InstanceId, change, "BizTalkDTADb on OLD"), (lost.InstanceId, lost.Change, lost.Source));
        Assert.NotEmpty(lost.NextStep);
    }

    [Theory]
    [InlineData(true, RecoveryError.TrackingNotReadable)]
    [InlineData(false, RecoveryError.TrackingNotAhead)]
    public void Nothing_listed_is_never_an_answer(bool isOther, RecoveryError code)
    {
        var facts = new TrackingFacts(isOther ? ["Service/Name"] : []) { NewestUtc = s_mark.AddMinutes(-1) };
        Assert.Equal(code, Assert.Throws<RecoveryException>(() => DataLossJudge.Lost(s_request, s_mark, facts)).Code);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(60, 2)]
    public void It_is_said_how_far_the_answer_goes_and_when_its_times_cannot_be_UTC(int minutesAhead, int warnings)
    {
        List<string> said = [.. DataLossJudge.Limits(s_request, new TrackingFacts([]) { NewestUtc = s_mark.AddMinutes(minutesAhead) }, s_mark)];
        Assert.Equal(warnings, said.Count);
        Assert.Contains("is not listed", said[0], StringComparison.Ordinal);
    }

    private static MarkHistoryRow Placed(TimeSpan ahead) => new("BizTalkDTADb", Mark, default, DateTime.SpecifyKind(s_mark, DateTimeKind.Unspecified) + ahead);

    private static RestoreHistoryRow Restored(string mark) => new(1, "BizTalkDTADb", 'L', mark, true);
}
