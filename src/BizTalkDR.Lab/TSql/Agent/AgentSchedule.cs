using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.TSql;

/// <summary>A row of msdb.dbo.sysschedules: when a job is due.</summary>
/// <param name="FrequencyType">1 once, 4 daily, 8 weekly, 16 monthly, 32 monthly relative; 64 (when the Agent starts) and 128 (when the CPU is idle) have no times.</param>
/// <param name="SubdayType">1 at the start time, 2 seconds, 4 minutes, 8 hours.</param>
/// <param name="StartDate">yyyyMMdd, like <paramref name="EndDate"/>.</param>
/// <param name="StartTime">HHmmss, like <paramref name="EndTime"/>.</param>
/// <remarks>Source: page "sp_add_schedule (Transact-SQL)".</remarks>
public sealed record AgentSchedule(
    int Id, string Name, int FrequencyType, int FrequencyInterval, int SubdayType, int SubdayInterval, int RelativeInterval, int RecurrenceFactor, int StartDate, int EndDate, int StartTime, int EndTime)
{
    // Far enough for any rule that can be met at all: 29 February of a leap year, every 99 months at most.
    private const int MostDays = 366 * 100;

    /// <summary>Gives the first time after a moment at which the schedule is due; null when there is none.</summary>
    public DateTime? Next(DateTime after)
    {
        DateTime first = DateOf(StartDate);
        if (FrequencyType == 1)
        {
            DateTime once = first + TimeOf(StartTime);
            return once > after ? once : null;
        }

        if (FrequencyType is not (4 or 8 or 16 or 32))
        {
            return null;
        }

        DateTime last = DateOf(EndDate);

        // A window that ends after midnight belongs to the day it begins on.
        DateTime day = after.Date.AddDays(-1) > first ? after.Date.AddDays(-1) : first;
        for (int i = 0; i < MostDays && day <= last; i++, day = day.AddDays(1))
        {
            if (IsDay(day, first) && InDay(day, after) is { } due)
            {
                return due;
            }

            if (day == DateTime.MaxValue.Date)
            {
                break;
            }
        }

        return null;
    }

    private bool IsDay(DateTime day, DateTime first) => FrequencyType switch
    {
        4 => (day - first).Days % Math.Max(1, FrequencyInterval) == 0,
        8 => (FrequencyInterval & (1 << (int)day.DayOfWeek)) != 0 && (Sunday(day) - Sunday(first)).Days / 7 % Math.Max(1, RecurrenceFactor) == 0,
        16 => IsMonth(day, first) && day.Day == FrequencyInterval,
        _ => IsMonth(day, first) && day == RelativeDay(day.Year, day.Month),
    };

    private bool IsMonth(DateTime day, DateTime first) => (((day.Year - first.Year) * 12) + day.Month - first.Month) % Math.Max(1, RecurrenceFactor) == 0;

    private DateTime? RelativeDay(int year, int month)
    {
        List<DateTime> days = [];
        for (DateTime day = new(year, month, 1); day.Month == month; day = day.AddDays(1))
        {
            bool weekend = day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
            bool matches = FrequencyInterval switch
            {
                8 => true,
                9 => !weekend,
                10 => weekend,
                _ => (int)day.DayOfWeek == FrequencyInterval - 1,
            };
            if (matches)
            {
                days.Add(day);
            }
        }

        int index = RelativeInterval switch
        {
            1 => 0,
            2 => 1,
            4 => 2,
            8 => 3,
            _ => days.Count - 1,
        };
        return index >= 0 && index < days.Count ? days[index] : null;
    }

    private DateTime? InDay(DateTime day, DateTime after)
    {
        DateTime start = day + TimeOf(StartTime);
        TimeSpan step = SubdayType switch
        {
            2 => TimeSpan.FromSeconds(SubdayInterval),
            4 => TimeSpan.FromMinutes(SubdayInterval),
            8 => TimeSpan.FromHours(SubdayInterval),
            _ => TimeSpan.Zero,
        };
        if (start > after)
        {
            return start;
        }

        if (step <= TimeSpan.Zero)
        {
            return null;
        }

        DateTime end = day + TimeOf(EndTime);
        end = end < start ? end.AddDays(1) : end;
        DateTime due = start + (step * (((after - start).Ticks / step.Ticks) + 1));
        return due <= end ? due : null;
    }

    private static DateTime Sunday(DateTime day) => day.AddDays(-(int)day.DayOfWeek);

    private static DateTime DateOf(int date)
    {
        int year = Math.Clamp(date / 10000, 1, 9999);
        int month = Math.Clamp(date / 100 % 100, 1, 12);
        return new DateTime(year, month, Math.Clamp(date % 100, 1, DateTime.DaysInMonth(year, month)));
    }

    private static TimeSpan TimeOf(int time) => new(time / 10000, time / 100 % 100, time % 100);
}
