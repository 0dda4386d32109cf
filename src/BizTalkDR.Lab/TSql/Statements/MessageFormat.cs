using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace BizTalkDR.Lab.TSql;

/// <summary>Formats messages as RAISERROR and FORMATMESSAGE do: %d %i %u %o %x %X %s with flags, width and precision.</summary>
internal static class MessageFormat
{
    private const int MaxLength = 2047;

    public static string Format(string format, IReadOnlyList<object?> arguments)
    {
        var text = new StringBuilder(format.Length);
        int next = 0;
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }

            if (i + 1 < format.Length && format[i + 1] == '%')
            {
                text.Append('%');
                i++;
                continue;
            }

            i = Placeholder(format, i + 1, arguments, ref next, text);
        }

        return text.Length <= MaxLength ? text.ToString() : text.ToString(0, MaxLength - 3) + "...";
    }

    private static int Placeholder(string format, int at, IReadOnlyList<object?> arguments, ref int next, StringBuilder text)
    {
        int start = at;
        bool left = false, plus = false, zero = false, sharp = false, blank = false;
        for (; at < format.Length && format[at] is '-' or '+' or '0' or '#' or ' '; at++)
        {
            left |= format[at] == '-';
            plus |= format[at] == '+';
            zero |= format[at] == '0';
            sharp |= format[at] == '#';
            blank |= format[at] == ' ';
        }

        int width = Number(format, ref at, arguments, ref next) ?? 0;
        int? precision = null;
        if (at < format.Length && format[at] == '.')
        {
            at++;
            precision = Number(format, ref at, arguments, ref next) ?? 0;
        }

        while (at < format.Length && (format[at] is 'h' or 'l' || (format[at] == 'I' && format.AsSpan(at).StartsWith("I64"))))
        {
            at += format[at] == 'I' ? 3 : 1;
        }

        if (at >= format.Length || "diouxXs".IndexOf(format[at]) < 0)
        {
            throw new Engine.LabSqlException(2787, 16, 1, $"Invalid format specification: '{format[(start - 1)..]}'.");
        }

        object? value = next < arguments.Count ? arguments[next] : null;
        next++;
        string shown = value is null ? "(null)" : Convert(format[at], value, precision, plus, sharp, blank, next);
        text.Append(left ? shown.PadRight(width) : shown.PadLeft(width, zero && !left && format[at] != 's' ? '0' : ' '));
        return at;
    }

    private static int? Number(string format, ref int at, IReadOnlyList<object?> arguments, ref int next)
    {
        if (at < format.Length && format[at] == '*')
        {
            at++;
            return next < arguments.Count ? System.Convert.ToInt32(arguments[next++], CultureInfo.InvariantCulture) : 0;
        }

        int begin = at;
        while (at < format.Length && char.IsAsciiDigit(format[at]))
        {
            at++;
        }

        return at == begin ? null : int.Parse(format.AsSpan(begin, at - begin), CultureInfo.InvariantCulture);
    }

    private static string Convert(char kind, object value, int? precision, bool plus, bool sharp, bool blank, int position)
    {
        if (kind == 's')
        {
            if (value is not string and not Guid)
            {
                throw Mismatch(position);
            }

            string s = value.ToString()!;
            return precision < s.Length ? s[..precision.Value] : s;
        }

        if (value is not (int or long or short or byte or bool))
        {
            throw Mismatch(position);
        }

        long number = System.Convert.ToInt64(value, CultureInfo.InvariantCulture);
        bool wide = value is long;
        string digits = kind switch
        {
            'd' or 'i' => (plus && number >= 0 ? "+" : blank && number >= 0 ? " " : string.Empty) + number.ToString(CultureInfo.InvariantCulture),
            'u' => wide ? ((ulong)number).ToString(CultureInfo.InvariantCulture) : ((uint)number).ToString(CultureInfo.InvariantCulture),
            'o' => (sharp ? "0" : string.Empty) + System.Convert.ToString(wide ? number : (long)(uint)number, 8),
            'x' => (sharp ? "0x" : string.Empty) + (wide ? number.ToString("x", CultureInfo.InvariantCulture) : ((uint)number).ToString("x", CultureInfo.InvariantCulture)),
            _ => (sharp ? "0X" : string.Empty) + (wide ? number.ToString("X", CultureInfo.InvariantCulture) : ((uint)number).ToString("X", CultureInfo.InvariantCulture)),
        };
        return precision > digits.Length ? digits.PadLeft(precision.Value, '0') : digits;
    }

    private static Engine.LabSqlException Mismatch(int position) =>
        new(2786, 16, 1, $"The data type of substitution parameter {position} does not match the expected type of the format specification.");
}
