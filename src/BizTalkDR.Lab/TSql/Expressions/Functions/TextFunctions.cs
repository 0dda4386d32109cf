using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Functions that write values as text: STR, QUOTENAME, FORMAT, PARSENAME, STRING_ESCAPE.</summary>
internal static class TextFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        registry.AddStrict("STR", 1, 3, _ => SqlType.VarChar(8000), (a, _) => Str(a.Double(0)!.Value, a.Count > 1 ? a.Int(1)!.Value : 10, a.Count > 2 ? a.Int(2)!.Value : 0));
        registry.AddStrict("QUOTENAME", 1, 2, _ => SqlType.NVarChar(258), (a, _) => QuoteName(a.Text(0)!, a.Count > 1 ? a.Text(1)! : "["));
        registry.AddStrict("FORMAT", 2, 3, _ => SqlType.NVarChar(4000), (a, _) => Format(a));
        registry.AddStrict("PARSENAME", 2, SqlType.SysName, (a, _) => ParseName(a.Text(0)!, a.Int(1)!.Value));
        registry.AddStrict("STRING_ESCAPE", 2, SqlType.NVarCharMax, (a, _) => Escape(a.Text(0)!, a.Text(1)!));
        registry.AddStrict("FORMATMESSAGE", 1, -1, _ => SqlType.NVarChar(2048), (a, _) => FormatMessage(a));
        registry.AddStrict("DIFFERENCE", 2, SqlType.Int, (a, _) => Soundex(a.Text(0)!).Zip(Soundex(a.Text(1)!)).Count(p => p.First == p.Second));
        registry.AddStrict("SOUNDEX", 1, SqlType.VarChar(4), (a, _) => Soundex(a.Text(0)!));
    }

    /// <summary>Fills the %s, %d, %i, %u, %x and %o marks of a message as RAISERROR does.</summary>
    public static string FillMessage(string message, Func<int, (SqlType Type, object? Value)?> argument)
    {
        StringBuilder text = new();
        int next = 0;
        for (int i = 0; i < message.Length; i++)
        {
            if (message[i] != '%' || i + 1 >= message.Length)
            {
                text.Append(message[i]);
                continue;
            }

            int start = i++;
            if (message[i] == '%')
            {
                text.Append('%');
                continue;
            }

            while (i < message.Length && (char.IsAsciiDigit(message[i]) || message[i] is '-' or '+' or '0' or '#' or ' ' or '.' or '*'))
            {
                i++;
            }

            string flags = message[(start + 1)..Math.Min(i, message.Length)];
            if (message.AsSpan(Math.Min(i, message.Length)).StartsWith("I64", StringComparison.Ordinal))
            {
                i += 3;
            }
            else
            {
                while (i < message.Length && message[i] is 'l' or 'h')
                {
                    i++;
                }
            }

            if (i >= message.Length)
            {
                text.Append(message, start, message.Length - start);
                break;
            }

            text.Append(Pad(Mark(message[i], argument(next++)), flags));
        }

        return text.ToString();
    }

    private static string Mark(char kind, (SqlType Type, object? Value)? argument)
    {
        if (argument is not { Value: { } value } given)
        {
            return "(null)";
        }

        return kind switch
        {
            'x' => SqlConversion.AsLong(value).ToString("x", CultureInfo.InvariantCulture),
            'X' => SqlConversion.AsLong(value).ToString("X", CultureInfo.InvariantCulture),
            'o' => Convert.ToString(SqlConversion.AsLong(value), 8),
            _ => (string)SqlConversion.Convert(value, given.Type, SqlType.NVarCharMax)!,
        };
    }

    private static string Pad(string text, string flags)
    {
        bool left = flags.StartsWith('-');
        string digits = flags.TrimStart('-', '+', '#', ' ');
        int point = digits.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0 && int.TryParse(digits.AsSpan(point + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int most) && most < text.Length)
        {
            text = text[..most];
        }

        string size = point >= 0 ? digits[..point] : digits;
        if (!int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out int width))
        {
            return text;
        }

        return left ? text.PadRight(width) : text.PadLeft(width, size.StartsWith('0') ? '0' : ' ');
    }

    private static string FormatMessage(FunctionArgs args) =>
        FillMessage(args.Text(0)!, i => i + 1 < args.Count ? (args.Type(i + 1), args[i + 1]) : null);

    private static string? Str(double number, int length, int decimals)
    {
        // The result is a varchar(8000); that a length outside of it gives NULL is known from memory only.
        if (length is <= 0 or > 8000)
        {
            return null;
        }

        string text = Math.Round(number, Math.Clamp(decimals, 0, 15), MidpointRounding.AwayFromZero).ToString("F" + Math.Clamp(decimals, 0, 16).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        if (text.Length > length)
        {
            string whole = Math.Round(number, 0, MidpointRounding.AwayFromZero).ToString("F0", CultureInfo.InvariantCulture);
            text = whole.Length > length ? new string('*', length) : text[..length].TrimEnd('.');
        }

        return text.PadLeft(length);
    }

    private static string? QuoteName(string name, string quote)
    {
        if (name.Length > 128 || quote.Length == 0)
        {
            return null;
        }

        (char open, char close) = quote[0] switch
        {
            '[' or ']' => ('[', ']'),
            '\'' => ('\'', '\''),
            '"' => ('"', '"'),
            '(' or ')' => ('(', ')'),
            '<' or '>' => ('<', '>'),
            '{' or '}' => ('{', '}'),
            '`' => ('`', '`'),
            _ => ('\0', '\0'),
        };
        return open == '\0' ? null : open + name.Replace(close.ToString(), new string(close, 2), StringComparison.Ordinal) + close;
    }

    private static string? Format(FunctionArgs args)
    {
        object value = args[0]!;
        string format = args.Text(1)!;
        if (value is not IFormattable formattable || value is string or Guid)
        {
            throw SqlErrors.InvalidArgument(args.Type(0), 1, "format");
        }

        try
        {
            CultureInfo culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            culture.NumberFormat.CurrencySymbol = "$";
            culture.DateTimeFormat.ShortDatePattern = "M/d/yyyy";
            culture.DateTimeFormat.LongDatePattern = "dddd, MMMM d, yyyy";
            culture.DateTimeFormat.ShortTimePattern = "h:mm tt";
            culture.DateTimeFormat.LongTimePattern = "h:mm:ss tt";
            return formattable.ToString(format, culture);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    // Part 1 is the object, 2 the schema, 3 the database, 4 the server.
    private static string? ParseName(string name, int part)
    {
        List<string> parts = [];
        StringBuilder current = new();
        char closing = '\0';
        foreach (char c in name)
        {
            if (closing != '\0')
            {
                closing = c == closing ? '\0' : closing;
                if (closing != '\0')
                {
                    current.Append(c);
                }
            }
            else if (c is '[' or '"')
            {
                closing = c == '[' ? ']' : '"';
            }
            else if (c == '.')
            {
                parts.Add(current.ToString());
                current.Clear();
            }
            else
            {
                current.Append(c);
            }
        }

        parts.Add(current.ToString());
        return part < 1 || part > parts.Count || parts.Count > 4 || parts[^part].Length == 0 ? null : parts[^part];
    }

    private static string Escape(string text, string type)
    {
        if (!type.Equals("json", StringComparison.OrdinalIgnoreCase))
        {
            throw SqlErrors.Make(13610, 16, 1, "The argument 2 of the \"STRING_ESCAPE\" must be a string literal: json.");
        }

        StringBuilder escaped = new();
        foreach (char c in text)
        {
            escaped.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '/' => "\\/",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture),
                _ => c.ToString(),
            });
        }

        return escaped.ToString();
    }

    private static string Soundex(string text)
    {
        const string Codes = "01230120022455012623010202";
        StringBuilder code = new();
        char last = '0';
        foreach (char c in text.ToUpperInvariant())
        {
            if (c is < 'A' or > 'Z')
            {
                break;
            }

            char digit = Codes[c - 'A'];
            if (code.Length == 0)
            {
                code.Append(c);
            }
            else if (digit != '0' && digit != last)
            {
                code.Append(digit);
            }

            last = c is 'H' or 'W' ? last : digit;
            if (code.Length == 4)
            {
                break;
            }
        }

        return code.ToString().PadRight(4, '0');
    }
}
