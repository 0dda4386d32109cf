namespace BizTalkDR.Lab.TSql;

internal enum DatePart
{
    Year,
    Quarter,
    Month,
    DayOfYear,
    Day,
    Week,
    IsoWeek,
    Weekday,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
    Zone,
}

/// <summary>Names and abbreviations of date parts.</summary>
internal static class DateParts
{
    /// <summary>Reads a date part; throws 155.</summary>
    public static DatePart Parse(string name, string function) => name.ToLowerInvariant() switch
    {
        "year" or "yy" or "yyyy" => DatePart.Year,
        "quarter" or "qq" or "q" => DatePart.Quarter,
        "month" or "mm" or "m" => DatePart.Month,
        "dayofyear" or "dy" or "y" => DatePart.DayOfYear,
        "day" or "dd" or "d" => DatePart.Day,
        "week" or "wk" or "ww" => DatePart.Week,
        "iso_week" or "isowk" or "isoww" => DatePart.IsoWeek,
        "weekday" or "dw" or "w" => DatePart.Weekday,
        "hour" or "hh" => DatePart.Hour,
        "minute" or "mi" or "n" => DatePart.Minute,
        "second" or "ss" or "s" => DatePart.Second,
        "millisecond" or "ms" => DatePart.Millisecond,
        "microsecond" or "mcs" => DatePart.Microsecond,
        "nanosecond" or "ns" => DatePart.Nanosecond,
        "tzoffset" or "tz" when function is "datepart" or "datename" => DatePart.Zone,
        _ => throw SqlErrors.UnknownDatePart(name, function),
    };
}
