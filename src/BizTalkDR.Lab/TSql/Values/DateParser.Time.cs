using System;
using System.Globalization;

namespace BizTalkDR.Lab.TSql;

// The time of day and the offset.
internal sealed partial class DateParser
{
    private bool LooksLikeTime(int from)
    {
        int i = from;
        while (i < _text.Length && char.IsAsciiDigit(_text[i]))
        {
            i++;
        }

        if (i == from || i - from > 2)
        {
            return false;
        }

        int j = i;
        while (j < _text.Length && _text[j] == ' ')
        {
            j++;
        }

        return (i < _text.Length && _text[i] == ':') || IsMeridian(j);
    }

    private bool IsMeridian(int at) =>
        at + 1 < _text.Length && (_text[at] is 'a' or 'A' or 'p' or 'P') && (_text[at + 1] is 'm' or 'M')
        && (at + 2 >= _text.Length || !char.IsLetter(_text[at + 2]));

    private bool ReadTime(out TimeSpan? offset, out int fractionDigits, out bool outOfRange)
    {
        offset = null;
        fractionDigits = 0;
        _hasTime = true;
        int hour = ReadNumber();
        int minute = 0;
        int second = 0;
        long ticks = 0;
        bool colon = false;
        if (Take(':'))
        {
            colon = true;
            minute = ReadNumber();
            if (Take(':'))
            {
                second = ReadNumber();
                if (_at < _text.Length && _text[_at] is '.' or ':')
                {
                    bool point = _text[_at++] == '.';
                    int start = _at;
                    ReadNumber();
                    string digits = _text[start.._at];
                    fractionDigits = digits.Length;
                    if (digits.Length is 0 or > 9)
                    {
                        outOfRange = false;
                        return false;
                    }

                    ticks = point
                        ? long.Parse((digits + "0000000")[..7], CultureInfo.InvariantCulture)
                        : Number(digits) * TimeSpan.TicksPerMillisecond;
                }
            }
        }

        SkipBlanks();
        bool meridian = IsMeridian(_at);
        if (meridian)
        {
            bool afternoon = _text[_at] is 'p' or 'P';
            hour = hour switch
            {
                >= 1 and <= 12 => (hour % 12) + (afternoon ? 12 : 0),
                0 when !afternoon => 0,
                >= 13 and <= 23 when afternoon => hour,
                _ => 99,
            };
            _at += 2;
            SkipBlanks();
        }

        bool missing = hour < 0 || minute < 0 || second < 0 || (!colon && !meridian);
        _timeOutOfRange = outOfRange = !missing && (hour > 23 || minute > 59 || second > 59);
        if (missing || outOfRange)
        {
            return false;
        }

        _time = new TimeSpan(hour, minute, second) + TimeSpan.FromTicks(ticks);
        return ReadZone(out offset);
    }

    private bool ReadZone(out TimeSpan? offset)
    {
        offset = null;
        if (_at < _text.Length && _text[_at] is 'Z' or 'z')
        {
            _at++;
            offset = TimeSpan.Zero;
        }
        else if (_at < _text.Length && _text[_at] is '+' or '-')
        {
            bool negative = _text[_at++] == '-';
            int hours = ReadNumber();
            if (!Take(':') || hours is < 0 or > 14)
            {
                return false;
            }

            int minutes = ReadNumber();
            TimeSpan value = new(hours, minutes, 0);
            offset = negative ? -value : value;
        }

        return true;
    }
}
