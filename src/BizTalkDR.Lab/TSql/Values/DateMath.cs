using System;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Rounds dates and times to what their type can hold.</summary>
internal static class DateMath
{
    public static readonly DateTime Base = new(1900, 1, 1);

    public static readonly DateTime DateTimeMin = new(1753, 1, 1);

    private static readonly DateTime SmallMax = new(2079, 6, 6, 23, 59, 59);

    /// <summary>Rounds to 1/300 s; the value shows as .000, .003 or .007, as clients see it.</summary>
    public static DateTime RoundDateTime(DateTime value)
    {
        long units = Units(value.TimeOfDay);
        return value.Date.AddMilliseconds(((units * 10) + 1) / 3);
    }

    /// <summary>Gives the time of day in 1/300 s.</summary>
    public static long Units(TimeSpan time) => ((time.Ticks * 300) + (TimeSpan.TicksPerSecond / 2)) / TimeSpan.TicksPerSecond;

    /// <summary>Gives the exact moment a datetime stands for (.003 is .0033333).</summary>
    public static DateTime Exact(DateTime value)
    {
        long units = Units(value.TimeOfDay);
        return value.Date.AddTicks(((units * TimeSpan.TicksPerSecond) + 150) / 300);
    }

    /// <summary>Rounds to a minute: 29.998 s and less go down.</summary>
    public static DateTime RoundSmall(DateTime value) => value.Date.AddMinutes(Math.Floor((value.TimeOfDay.TotalMilliseconds + 30001) / 60000));

    public static long RoundTicks(long ticks, byte scale)
    {
        if (scale >= 7)
        {
            return ticks;
        }

        long unit = (long)Math.Pow(10, 7 - scale);
        return (ticks + (unit / 2)) / unit * unit;
    }

    /// <summary>Makes a value of a date type from a moment; throws 242 when the type cannot hold it.</summary>
    public static object Fit(DateTime moment, TimeSpan? offset, SqlType from, SqlType to)
    {
        switch (to.Kind)
        {
            case SqlKind.Date:
                return moment.Date;
            case SqlKind.Time:
                return TimeSpan.FromTicks(RoundTicks(moment.TimeOfDay.Ticks, to.Scale) % TimeSpan.TicksPerDay);
            case SqlKind.SmallDateTime:
                return moment < Base || moment > SmallMax ? throw SqlErrors.DateOutOfRange(from, to) : RoundSmall(moment);
            case SqlKind.DateTime:
                return moment < DateTimeMin ? throw SqlErrors.DateOutOfRange(from, to) : RoundDateTime(moment);
            case SqlKind.DateTime2:
                return new DateTime(RoundTicks(moment.Ticks, to.Scale));
            default:
                return new DateTimeOffset(RoundTicks(moment.Ticks, to.Scale), offset ?? TimeSpan.Zero);
        }
    }
}
