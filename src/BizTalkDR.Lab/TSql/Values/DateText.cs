using System;
using System.Globalization;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Writes date and time values as CONVERT does, by style.</summary>
internal static class DateText
{
    private static readonly CultureInfo English = CultureInfo.InvariantCulture;

    /// <summary>Writes a value of a date/time type; style 0 is each type's own default (100 for datetime, 121 for the newer types).</summary>
    public static string Write(object value, SqlType type, int style)
    {
        (DateTime moment, TimeSpan? offset) = value switch
        {
            DateTime d => (d, (TimeSpan?)null),
            TimeSpan t => (new DateTime(1900, 1, 1) + t, null),
            DateTimeOffset o => (o.DateTime, o.Offset),
            _ => throw new InvalidOperationException("Not a date or time value."),
        };
        bool modern = type.Kind is SqlKind.Date or SqlKind.Time or SqlKind.DateTime2 or SqlKind.DateTimeOffset;
        if (style == 0 && modern)
        {
            style = 121;
        }

        string date = DatePart(moment, style) ?? throw SqlErrors.BadStyle(style, type, SqlType.VarCharMax);
        string time = TimePart(moment, type, style);
        string zone = offset is null ? string.Empty : ZonePart(offset.Value, style);
        if (type.Kind == SqlKind.Date)
        {
            return style is 8 or 108 or 14 or 114 or 24 ? throw SqlErrors.BadStyle(style, type, SqlType.VarCharMax) : date;
        }

        if (type.Kind == SqlKind.Time)
        {
            return time.Length == 0 ? throw SqlErrors.BadStyle(style, type, SqlType.VarCharMax) : time.Trim();
        }

        if (style is 8 or 108 or 14 or 114 or 24)
        {
            return time + zone;
        }

        string separator = style is 126 or 127 ? "T" : " ";
        return time.Length == 0 ? date : date + separator + time + zone;
    }

    /// <summary>Writes the fraction with the digits of the type, as styles 121 and 126 do.</summary>
    private static string Fraction(DateTime moment, SqlType type, bool omitZero, int digitsOfSmall = 0)
    {
        int digits = type.Kind switch
        {
            SqlKind.DateTime => 3,
            SqlKind.SmallDateTime => digitsOfSmall,
            SqlKind.Date => 0,
            _ => type.Scale,
        };
        long ticks = moment.Ticks % TimeSpan.TicksPerSecond;
        if (digits == 0 || (omitZero && ticks == 0))
        {
            return string.Empty;
        }

        return "." + ticks.ToString("D7", English)[..digits];
    }

    private static string? DatePart(DateTime d, int style) => style switch
    {
        0 or 100 or 9 or 109 => d.ToString("MMM", English) + " " + Pad(d.Day) + " " + d.ToString("yyyy", English),
        1 => d.ToString("MM'/'dd'/'yy", English),
        101 or 22 => d.ToString(style == 22 ? "MM'/'dd'/'yy" : "MM'/'dd'/'yyyy", English),
        2 => d.ToString("yy'.'MM'.'dd", English),
        102 => d.ToString("yyyy'.'MM'.'dd", English),
        3 => d.ToString("dd'/'MM'/'yy", English),
        103 => d.ToString("dd'/'MM'/'yyyy", English),
        4 => d.ToString("dd'.'MM'.'yy", English),
        104 => d.ToString("dd'.'MM'.'yyyy", English),
        5 => d.ToString("dd'-'MM'-'yy", English),
        105 => d.ToString("dd'-'MM'-'yyyy", English),
        6 => d.ToString("dd MMM yy", English),
        106 or 13 or 113 => d.ToString("dd MMM yyyy", English),
        7 => d.ToString("MMM dd, yy", English),
        107 => d.ToString("MMM dd, yyyy", English),
        8 or 108 or 14 or 114 or 24 => string.Empty,
        10 => d.ToString("MM'-'dd'-'yy", English),
        110 => d.ToString("MM'-'dd'-'yyyy", English),
        11 => d.ToString("yy'/'MM'/'dd", English),
        111 => d.ToString("yyyy'/'MM'/'dd", English),
        12 => d.ToString("yyMMdd", English),
        112 => d.ToString("yyyyMMdd", English),
        20 or 120 or 21 or 121 or 25 or 23 or 126 or 127 => d.ToString("yyyy'-'MM'-'dd", English),
        _ => null,
    };

    private static string TimePart(DateTime d, SqlType type, int style) => style switch
    {
        0 or 100 => Pad(Hour12(d)) + d.ToString("':'mmtt", English),
        9 or 109 => Pad(Hour12(d)) + d.ToString("':'mm':'ss", English) + Colon(d, type) + d.ToString("tt", English),
        22 => Pad(Hour12(d)) + d.ToString("':'mm':'ss tt", English),
        8 or 108 or 24 or 20 or 120 => d.ToString("HH':'mm':'ss", English),
        13 or 113 or 14 or 114 => d.ToString("HH':'mm':'ss", English) + Colon(d, type),
        21 or 121 or 25 => d.ToString("HH':'mm':'ss", English) + Fraction(d, type, omitZero: false, digitsOfSmall: 3),
        126 => d.ToString("HH':'mm':'ss", English) + Fraction(d, type, omitZero: type.Kind is SqlKind.DateTime),
        127 => d.ToString("HH':'mm':'ss", English) + Fraction(d, type, omitZero: type.Kind is SqlKind.DateTime),
        _ => string.Empty,
    };

    // The classic types separate milliseconds by a colon in these styles, the newer ones by a point.
    private static string Colon(DateTime d, SqlType type)
    {
        string fraction = Fraction(d, type, omitZero: false, digitsOfSmall: 3);
        return type.Kind is SqlKind.DateTime or SqlKind.SmallDateTime ? fraction.Replace('.', ':') : fraction;
    }

    private static string ZonePart(TimeSpan offset, int style)
    {
        if (style == 127)
        {
            return "Z";
        }

        string text = (offset < TimeSpan.Zero ? "-" : "+") + offset.ToString("hh':'mm", English);
        return style == 126 ? text : " " + text;
    }

    private static int Hour12(DateTime d) => d.Hour % 12 == 0 ? 12 : d.Hour % 12;

    private static string Pad(int number) => number.ToString(English).PadLeft(2);
}
