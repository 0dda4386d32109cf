using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.TSql;
using Xunit;

namespace BizTalkDR.Lab.Tests.Agent;

/// <summary>When a schedule is due, by the frequency types of page "sp_add_schedule (Transact-SQL)".</summary>
public sealed class ScheduleTests
{
    // 21 November 2026 is a Saturday.
    [Theory]
    [InlineData("1 once", 1, 0, 1, 0, 0, 0, 20261124, 93000, 235959, "2026-11-24 09:30:00 -")]
    [InlineData("1 once, past", 1, 0, 1, 0, 0, 0, 20201124, 93000, 235959, "-")]
    [InlineData("4 daily at 2", 4, 1, 1, 0, 0, 0, 20200101, 20000, 235959, "2026-11-22 02:00:00 2026-11-23 02:00:00")]
    [InlineData("4 every 3 days", 4, 3, 1, 0, 0, 0, 20261120, 20000, 235959, "2026-11-23 02:00:00 2026-11-26 02:00:00")]
    [InlineData("4 every 15 minutes", 4, 1, 4, 15, 0, 0, 20031110, 0, 235959, "2026-11-21 10:15:00 2026-11-21 10:30:00")]
    [InlineData("4 every 20 seconds in the morning", 4, 1, 2, 20, 0, 0, 20200101, 80000, 100000, "2026-11-22 08:00:00 2026-11-22 08:00:20")]
    [InlineData("4 every 2 hours over midnight", 4, 1, 8, 2, 0, 0, 20200101, 220000, 30000, "2026-11-21 22:00:00 2026-11-22 00:00:00 2026-11-22 02:00:00 2026-11-22 22:00:00")]
    [InlineData("8 Monday and Friday", 8, 34, 1, 0, 0, 1, 20200101, 60000, 235959, "2026-11-23 06:00:00 2026-11-27 06:00:00 2026-11-30 06:00:00")]
    [InlineData("8 Saturdays every 2 weeks", 8, 64, 1, 0, 0, 2, 20261121, 60000, 235959, "2026-12-05 06:00:00 2026-12-19 06:00:00")]
    [InlineData("16 on the 31st", 16, 31, 1, 0, 0, 1, 20200101, 0, 235959, "2026-12-31 00:00:00 2027-01-31 00:00:00 2027-03-31 00:00:00")]
    [InlineData("16 every 6 months", 16, 15, 1, 0, 0, 6, 20260115, 0, 235959, "2027-01-15 00:00:00 2027-07-15 00:00:00")]
    [InlineData("32 second Tuesday", 32, 3, 1, 0, 2, 1, 20200101, 30000, 235959, "2026-12-08 03:00:00 2027-01-12 03:00:00")]
    [InlineData("32 last weekday", 32, 9, 1, 0, 16, 1, 20200101, 30000, 235959, "2026-11-30 03:00:00 2026-12-31 03:00:00")]
    [InlineData("32 first weekend day", 32, 10, 1, 0, 1, 1, 20200101, 30000, 235959, "2026-12-05 03:00:00 2027-01-02 03:00:00")]
    [InlineData("64 when the Agent starts", 64, 0, 1, 0, 0, 0, 20200101, 0, 235959, "-")]
    [InlineData("128 when the CPU is idle", 128, 0, 1, 0, 0, 0, 20200101, 0, 235959, "-")]
    public void Is_due_as_documented(string name, int type, int interval, int subday, int subdayInterval, int relative, int factor, int startDate, int startTime, int endTime, string expected)
    {
        AgentSchedule schedule = new(1, name, type, interval, subday, subdayInterval, relative, factor, startDate, 99991231, startTime, endTime);
        int wanted = expected.Split(' ').Length / 2 + (expected.EndsWith('-') ? 1 : 0);
        List<string> due = [];
        DateTime? at = new DateTime(2026, 11, 21, 10, 5, 0);
        for (int i = 0; i < Math.Max(1, wanted) && at is not null; i++)
        {
            at = schedule.Next(at.Value);
            due.Add(at?.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "-");
        }

        Assert.Equal(expected, string.Join(' ', due));
    }

    [Fact]
    public void Ends_with_its_end_date()
    {
        AgentSchedule schedule = new(1, "ends", 4, 1, 1, 0, 0, 0, 20200101, 20261122, 20000, 235959);
        Assert.Equal(new DateTime(2026, 11, 22, 2, 0, 0), schedule.Next(new DateTime(2026, 11, 21, 10, 0, 0)));
        Assert.Null(schedule.Next(new DateTime(2026, 11, 22, 2, 0, 0)));
    }
}
