using System;
using System.Collections.Generic;
using System.Globalization;

namespace BizTalkDR.Lab.TSql;

/// <summary>Reads date and time text as SQL Server does for us_english (order of SET DATEFORMAT, mdy at first, unless a style says otherwise).</summary>
internal sealed partial class DateParser
{
    private static readonly string[] Months =
        ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

    private readonly string _text;
    private int _at;
    private int _year = 1900;
    private int _month = 1;
    private int _day = 1;
    private TimeSpan _time;
    private bool _hasDate;
    private bool _hasTime;

    private DateParser(string text) => _text = text.Trim();

    /// <summary>What was read: a moment, the offset when one was given, and whether date and time parts were there.</summary>
    internal readonly record struct Parsed(DateTime Moment, TimeSpan? Offset, bool HasDate, bool HasTime, int FractionDigits);

    /// <summary>Outcome of reading.</summary>
    internal enum Outcome
    {
        Good,

        /// <summary>Not a date at all (241).</summary>
        Malformed,

        /// <summary>Looks like a date, but month, day or hour do not exist (242).</summary>
        OutOfRange,
    }

    public static Outcome Parse(string text, int style, out Parsed parsed)
    {
        DateParser parser = new(text);
        return parser.Run(style, out parsed);
    }

    private Outcome Run(int style, out Parsed parsed)
    {
        parsed = new Parsed(new DateTime(1900, 1, 1), null, false, false, 0);
        if (_text.Length == 0)
        {
            return Outcome.Good;
        }

        TimeSpan? offset = null;
        int fractionDigits = 0;
        bool timeFirst = LooksLikeTime(0);
        if (timeFirst && !ReadTime(out offset, out fractionDigits, out bool badTime))
        {
            return badTime ? Outcome.OutOfRange : Outcome.Malformed;
        }

        SkipBlanks();
        if (_at < _text.Length)
        {
            Outcome outcome = ReadDate(style);
            if (outcome != Outcome.Good)
            {
                return outcome;
            }

            if (_at < _text.Length && (_text[_at] is 'T' or 't') && !timeFirst)
            {
                _at++;
            }

            SkipBlanks();
            if (_at < _text.Length)
            {
                if (_hasTime || !ReadTime(out offset, out fractionDigits, out bool bad))
                {
                    return _hasTime ? Outcome.Malformed : BadTime;
                }

                _ = bad;
            }
        }

        if (_at < _text.Length)
        {
            return Outcome.Malformed;
        }

        if (_month is < 1 or > 12 || _year is < 1 or > 9999 || _day < 1 || _day > DateTime.DaysInMonth(_year, _month))
        {
            return Outcome.OutOfRange;
        }

        parsed = new Parsed(new DateTime(_year, _month, _day) + _time, offset, _hasDate, _hasTime, fractionDigits);
        return Outcome.Good;
    }

    private Outcome BadTime => _timeOutOfRange ? Outcome.OutOfRange : Outcome.Malformed;

    private bool _timeOutOfRange;

    private Outcome ReadDate(int style)
    {
        _hasDate = true;
        List<(string Text, bool IsNumber)> parts = [];
        char separator = '\0';
        while (_at < _text.Length && parts.Count < 3)
        {
            if (parts.Count > 0 && LooksLikeTime(_at))
            {
                break;
            }

            int start = _at;
            bool digits = char.IsAsciiDigit(_text[_at]);
            while (_at < _text.Length && (digits ? char.IsAsciiDigit(_text[_at]) : char.IsLetter(_text[_at])))
            {
                _at++;
            }

            if (_at == start)
            {
                return Outcome.Malformed;
            }

            parts.Add((_text[start.._at], digits));
            if (parts.Count == 1 && digits && _at - start >= 6)
            {
                break;
            }

            int before = _at;
            SkipBlanks();
            if (_at < _text.Length && parts.Count < 3 && _text[_at] is '-' or '/' or '.' or ',')
            {
                separator = _text[_at] == ',' ? separator : _text[_at];
                _at++;
                SkipBlanks();
            }
            else if (_at == before && _at < _text.Length && parts.Count < 3 && !digits)
            {
                continue;
            }
            else if (_at == before && parts.Count < 3 && _at < _text.Length && !char.IsLetter(_text[_at]))
            {
                return Outcome.Malformed;
            }
        }

        return Assign(parts, separator, style);
    }

    private Outcome Assign(List<(string Text, bool IsNumber)> parts, char separator, int style)
    {
        if (parts.Count == 1 && parts[0].IsNumber)
        {
            return AssignUnseparated(parts[0].Text);
        }

        int named = parts.FindIndex(p => !p.IsNumber);
        if (named >= 0)
        {
            return AssignNamed(parts, named);
        }

        if (parts.Count != 3 || separator == '\0')
        {
            return Outcome.Malformed;
        }

        int a = Number(parts[0].Text);
        int b = Number(parts[1].Text);
        int c = Number(parts[2].Text);
        if (style == 0 && parts[0].Text.Length != 4 && CurrentSettings.Value.DateFormat is not "mdy" and var order)
        {
            return AssignInOrder(order, parts);
        }

        bool yearFirst = parts[0].Text.Length == 4 || style is 2 or 11 or 102 or 111 or 20 or 21 or 120 or 121 or 126 or 127;
        bool dayFirst = style is 3 or 4 or 5 or 103 or 104 or 105 or 13 or 113 or 130 or 131;
        (_year, _month, _day) = yearFirst ? (Year(parts[0].Text), b, c) : dayFirst ? (Year(parts[2].Text), b, a) : (Year(parts[2].Text), a, b);
        return yearFirst || parts[2].Text.Length is 2 or 4 || c == 0 ? Outcome.Good : Outcome.Malformed;
    }

    /// <summary>Reads three numbers in the order of SET DATEFORMAT.</summary>
    private Outcome AssignInOrder(string order, List<(string Text, bool IsNumber)> parts)
    {
        _year = Year(parts[order.IndexOf('y', StringComparison.Ordinal)].Text);
        _month = Number(parts[order.IndexOf('m', StringComparison.Ordinal)].Text);
        _day = Number(parts[order.IndexOf('d', StringComparison.Ordinal)].Text);
        return Outcome.Good;
    }

    private Outcome AssignUnseparated(string digits)
    {
        switch (digits.Length)
        {
            case 8:
                (_year, _month, _day) = (Number(digits[..4]), Number(digits[4..6]), Number(digits[6..]));
                return Outcome.Good;
            case 6:
                (_year, _month, _day) = (Year(digits[..2]), Number(digits[2..4]), Number(digits[4..]));
                return Outcome.Good;
            case 4:
                _year = Number(digits);
                return Outcome.Good;
            default:
                return Outcome.Malformed;
        }
    }

    private Outcome AssignNamed(List<(string Text, bool IsNumber)> parts, int named)
    {
        string name = parts[named].Text.ToLowerInvariant();
        _month = 1 + Array.FindIndex(Months, m => m == name || (name.Length == 3 && m.StartsWith(name, StringComparison.Ordinal)));
        if (_month == 0 || parts.Count < 2)
        {
            return Outcome.Malformed;
        }

        List<string> numbers = parts.FindAll(p => p.IsNumber).ConvertAll(p => p.Text);
        if (numbers.Count == 1)
        {
            _year = numbers[0].Length == 4 ? Number(numbers[0]) : Year(numbers[0]);
            return Outcome.Good;
        }

        if (numbers.Count != 2)
        {
            return Outcome.Malformed;
        }

        bool yearFirst = numbers[0].Length == 4;
        _year = Year(yearFirst ? numbers[0] : numbers[1]);
        _day = Number(yearFirst ? numbers[1] : numbers[0]);
        return Outcome.Good;
    }

    private int ReadNumber()
    {
        int start = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
        {
            _at++;
        }

        return _at == start || _at - start > 9 ? -1 : Number(_text[start.._at]);
    }

    private bool Take(char c)
    {
        if (_at < _text.Length && _text[_at] == c)
        {
            _at++;
            return true;
        }

        return false;
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && _text[_at] == ' ')
        {
            _at++;
        }
    }

    private static int Number(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : -1;

    // The cut-off for two-digit years is 2049 by default.
    private static int Year(string digits)
    {
        int year = Number(digits);
        return digits.Length > 2 ? year : year < 50 ? 2000 + year : 1900 + year;
    }
}
