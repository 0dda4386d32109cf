using System;
using System.Globalization;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Date and time functions. The week starts as SET DATEFIRST says: on Sunday for us_english.</summary>
internal static class DateFunctions
{
    private static readonly SqlType Offset7 = new(SqlKind.DateTimeOffset, Scale: 7);

    public static void Register(FunctionRegistry registry)
    {
        registry.Add("GETDATE", 0, 0, _ => SqlType.DateTime, (_, c) => DateMath.RoundDateTime(c.StatementTime));
        registry.Add("GETUTCDATE", 0, 0, _ => SqlType.DateTime, (_, c) => DateMath.RoundDateTime(c.StatementTime - c.Instance.Options.UtcOffset));
        registry.Add("SYSDATETIME", 0, 0, _ => SqlType.DateTime2, (_, c) => Unspecified(c.StatementTime));
        registry.Add("SYSUTCDATETIME", 0, 0, _ => SqlType.DateTime2, (_, c) => Unspecified(c.StatementTime - c.Instance.Options.UtcOffset));
        registry.Add("SYSDATETIMEOFFSET", 0, 0, _ => Offset7, (_, c) => new DateTimeOffset(Unspecified(c.StatementTime), c.Instance.Options.UtcOffset));
        registry.AddStrict("DATEADD", 3, 3, t => t[2].IsDateTime ? t[2] : SqlType.DateTime, (a, _) => Add(a));
        registry.AddStrict("DATEDIFF", 3, SqlType.Int, (a, _) => Difference(a) is >= int.MinValue and <= int.MaxValue and var d
            ? (int)d
            : throw SqlErrors.Make(535, 16, 0, "The datediff function resulted in an overflow. The number of dateparts separating two date/time instances is too large. Try to use datediff with a less precise datepart."));
        registry.AddStrict("DATEDIFF_BIG", 3, SqlType.BigInt, (a, _) => Difference(a));
        registry.AddStrict("DATEPART", 2, SqlType.Int, (a, _) => Part(DateParts.Parse(a.Text(0)!, "datepart"), a.Date(1)!));
        registry.AddStrict("DATENAME", 2, SqlType.NVarChar(30), (a, _) => Name(DateParts.Parse(a.Text(0)!, "datename"), a.Date(1)!));
        registry.AddStrict("YEAR", 1, SqlType.Int, (a, _) => Moment(a.Date(0)!).Year);
        registry.AddStrict("MONTH", 1, SqlType.Int, (a, _) => Moment(a.Date(0)!).Month);
        registry.AddStrict("DAY", 1, SqlType.Int, (a, _) => Moment(a.Date(0)!).Day);
        registry.AddStrict("EOMONTH", 1, 2, _ => SqlType.Date, (a, _) => EndOfMonth(Moment(a.Date(0)!).AddMonths(a.Count > 1 ? a.Int(1)!.Value : 0)));
        registry.AddStrict("DATEFROMPARTS", 3, SqlType.Date, (a, _) => FromParts("date", a));
        registry.AddStrict("DATETIMEFROMPARTS", 7, SqlType.DateTime, (a, _) => DateMath.RoundDateTime(FromParts("datetime", a)));
        registry.AddStrict("DATETIME2FROMPARTS", 8, SqlType.DateTime2, (a, _) => FromParts("datetime2", a));
        registry.AddStrict("TIMEFROMPARTS", 5, new SqlType(SqlKind.Time, Scale: 7), (a, _) => new TimeSpan(a.Int(0)!.Value, a.Int(1)!.Value, a.Int(2)!.Value) + Fraction(a, 3));
        registry.AddStrict("SWITCHOFFSET", 2, 2, WithOffset, (a, _) => AsOffset(a, 0).ToOffset(Zone(a, "switchoffset")));
        registry.AddStrict("TODATETIMEOFFSET", 2, 2, WithOffset, (a, _) => new DateTimeOffset(Moment(a.Date(0)!), Zone(a, "todatetimeoffset")));
        registry.Add("ISDATE", 1, 1, _ => SqlType.Int, (a, _) => a[0] is not null && SqlConversion.TryConvert(a.Text(0), SqlType.NVarCharMax, SqlType.DateTime, 0) is not null ? 1 : 0);
    }

    private static SqlType WithOffset(System.Collections.Generic.IReadOnlyList<SqlType> types) =>
        types[0].Kind is SqlKind.DateTimeOffset or SqlKind.DateTime2 or SqlKind.Time ? Offset7 with { Scale = types[0].Scale } : Offset7;

    private static DateTime Unspecified(DateTime value) => DateTime.SpecifyKind(value, DateTimeKind.Unspecified);

    private static DateTime EndOfMonth(DateTime value) => new(value.Year, value.Month, DateTime.DaysInMonth(value.Year, value.Month));

    private static DateTime Moment(object value) => value switch
    {
        DateTime d => d,
        TimeSpan t => DateMath.Base + t,
        _ => ((DateTimeOffset)value).DateTime,
    };

    private static DateTimeOffset AsOffset(FunctionArgs args, int index) =>
        args.Date(index) is DateTimeOffset offset ? offset : new DateTimeOffset(Moment(args.Date(index)!), TimeSpan.Zero);

    /// <summary>Minutes, or ±hh:mm; 14 hours at most either way.</summary>
    private static TimeSpan Zone(FunctionArgs args, string function)
    {
        TimeSpan zone = TimeSpan.MaxValue; // no zone at all
        if (args.Type(1).IsInteger)
        {
            zone = TimeSpan.FromMinutes((long)args.Int(1)!.Value);
        }
        else if (args.Text(1) is { Length: 6 } text && TimeSpan.TryParseExact(text[1..], "hh\\:mm", CultureInfo.InvariantCulture, out TimeSpan time))
        {
            zone = text[0] == '-' ? -time : time;
        }

        return zone.Duration() <= TimeSpan.FromHours(14) ? zone : throw SqlErrors.Make(9812, 16, 0, $"The timezone provided to builtin function {function} is invalid.");
    }

    private static object Add(FunctionArgs args)
    {
        DatePart part = DateParts.Parse(args.Text(0)!, "dateadd");
        long count = args.Type(1).Kind == SqlKind.BigInt ? args.Long(1)!.Value : args.Int(1)!.Value;
        object value = args.Date(2)!;
        SqlType type = args.Type(2).IsDateTime ? args.Type(2) : SqlType.DateTime;
        DateTime moment = Moment(value);
        try
        {
            DateTime moved = Move(moment, part, count, type);
            return type.Kind switch
            {
                SqlKind.Time => TimeSpan.FromTicks((moved - DateTime.MinValue).Ticks % TimeSpan.TicksPerDay),
                SqlKind.DateTimeOffset => new DateTimeOffset(moved, ((DateTimeOffset)value).Offset),
                _ => DateMath.Fit(moved, null, type, type),
            };
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException or LabSqlException { Number: 242 })
        {
            throw SqlErrors.Make(517, 16, 1, $"Adding a value to a '{TypeRules.Name(type)}' column caused an overflow.");
        }
    }

    private static DateTime Move(DateTime moment, DatePart part, long count, SqlType type)
    {
        // The ticks of datetime are 1/300 s: adding milliseconds starts from the exact moment.
        bool fine = part is DatePart.Millisecond or DatePart.Microsecond or DatePart.Nanosecond;
        DateTime start = fine && type.Kind == SqlKind.DateTime ? DateMath.Exact(moment) : moment;
        return part switch
        {
            DatePart.Year => start.AddYears((int)count),
            DatePart.Quarter => start.AddMonths(checked((int)count * 3)),
            DatePart.Month => start.AddMonths((int)count),
            DatePart.Week or DatePart.IsoWeek => start.AddDays(count * 7.0),
            DatePart.Day or DatePart.DayOfYear or DatePart.Weekday => start.AddTicks(checked(count * TimeSpan.TicksPerDay)),
            DatePart.Hour => start.AddTicks(checked(count * TimeSpan.TicksPerHour)),
            DatePart.Minute => start.AddTicks(checked(count * TimeSpan.TicksPerMinute)),
            DatePart.Second => start.AddTicks(checked(count * TimeSpan.TicksPerSecond)),
            DatePart.Millisecond => start.AddTicks(checked(count * TimeSpan.TicksPerMillisecond)),
            DatePart.Microsecond => start.AddTicks(checked(count * 10)),
            DatePart.Nanosecond => start.AddTicks(count / 100),
            _ => throw SqlErrors.Make(9810, 16, 1, $"The datepart {part.ToString().ToLowerInvariant()} is not supported by date function dateadd for data type {TypeRules.Name(type)}."),
        };
    }

    // Boundaries crossed, not whole units passed.
    private static long Difference(FunctionArgs args)
    {
        DatePart part = DateParts.Parse(args.Text(0)!, "datediff");
        DateTime a = Universal(args.Date(1)!);
        DateTime b = Universal(args.Date(2)!);
        return part switch
        {
            DatePart.Year => b.Year - a.Year,
            DatePart.Quarter => ((b.Year * 4) + ((b.Month - 1) / 3)) - ((a.Year * 4) + ((a.Month - 1) / 3)),
            DatePart.Month => ((b.Year * 12) + b.Month) - ((a.Year * 12) + a.Month),
            DatePart.Week or DatePart.IsoWeek => (Weeks(b) - Weeks(a)),
            DatePart.Day or DatePart.DayOfYear or DatePart.Weekday => (b.Date - a.Date).Days,
            DatePart.Hour => (b.Ticks / TimeSpan.TicksPerHour) - (a.Ticks / TimeSpan.TicksPerHour),
            DatePart.Minute => (b.Ticks / TimeSpan.TicksPerMinute) - (a.Ticks / TimeSpan.TicksPerMinute),
            DatePart.Second => (b.Ticks / TimeSpan.TicksPerSecond) - (a.Ticks / TimeSpan.TicksPerSecond),
            DatePart.Millisecond => (b.Ticks / TimeSpan.TicksPerMillisecond) - (a.Ticks / TimeSpan.TicksPerMillisecond),
            DatePart.Microsecond => (b.Ticks / 10) - (a.Ticks / 10),
            _ => (b.Ticks - a.Ticks) * 100,
        };
    }

    private static DateTime Universal(object value) => value is DateTimeOffset offset ? offset.UtcDateTime : Moment(value);

    // Day 0 of the calendar was a Monday; weeks begin on Sunday here.
    private static long Weeks(DateTime date) => (date.Ticks / TimeSpan.TicksPerDay + 1) / 7;

    private static object Part(DatePart part, object value)
    {
        DateTime moment = Moment(value);
        long fraction = moment.Ticks % TimeSpan.TicksPerSecond;
        return part switch
        {
            DatePart.Year => moment.Year,
            DatePart.Quarter => ((moment.Month - 1) / 3) + 1,
            DatePart.Month => moment.Month,
            DatePart.DayOfYear => moment.DayOfYear,
            DatePart.Day => moment.Day,
            DatePart.Week => ((moment.DayOfYear + Weekday(new DateTime(moment.Year, 1, 1)) - 2) / 7) + 1,
            DatePart.IsoWeek => ISOWeek.GetWeekOfYear(moment),
            DatePart.Weekday => Weekday(moment),
            DatePart.Hour => moment.Hour,
            DatePart.Minute => moment.Minute,
            DatePart.Second => moment.Second,
            DatePart.Millisecond => (int)(fraction / TimeSpan.TicksPerMillisecond),
            DatePart.Microsecond => (int)(fraction / 10),
            DatePart.Nanosecond => (int)(fraction * 100),
            _ => value is DateTimeOffset offset ? (int)offset.Offset.TotalMinutes : 0,
        };
    }

    // DATEFIRST counts from Monday = 1; its day is the first of the week.
    private static int Weekday(DateTime date) => (((int)date.DayOfWeek - CurrentSettings.Value.DateFirst + 7) % 7) + 1;

    private static string Name(DatePart part, object value) => part switch
    {
        DatePart.Month => Moment(value).ToString("MMMM", CultureInfo.InvariantCulture),
        DatePart.Weekday => Moment(value).ToString("dddd", CultureInfo.InvariantCulture),
        DatePart.Zone => (value is DateTimeOffset o && o.Offset < TimeSpan.Zero ? "-" : "+") + (value is DateTimeOffset z ? z.Offset : TimeSpan.Zero).ToString("hh\\:mm", CultureInfo.InvariantCulture),
        _ => ((int)Part(part, value)).ToString(CultureInfo.InvariantCulture),
    };

    private static TimeSpan Fraction(FunctionArgs args, int at)
    {
        int precision = args.Count > at + 1 ? args.Int(at + 1)!.Value : 7;
        return TimeSpan.FromTicks((long)(args.Int(at)!.Value * Math.Pow(10, 7 - precision)));
    }

    private static DateTime FromParts(string type, FunctionArgs args)
    {
        try
        {
            DateTime date = new(args.Int(0)!.Value, args.Int(1)!.Value, args.Int(2)!.Value);
            return type switch
            {
                "date" => date,
                "datetime" => new DateTime(date.Year, date.Month, date.Day, args.Int(3)!.Value, args.Int(4)!.Value, args.Int(5)!.Value, args.Int(6)!.Value),
                _ => new DateTime(date.Year, date.Month, date.Day, args.Int(3)!.Value, args.Int(4)!.Value, args.Int(5)!.Value) + Fraction(args, 6),
            };
        }
        catch (ArgumentOutOfRangeException)
        {
            throw SqlErrors.Make(289, 16, 1, $"Cannot construct data type {type}, some of the arguments have values which are not valid.");
        }
    }
}
