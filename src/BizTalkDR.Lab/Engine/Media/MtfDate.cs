using System;

namespace BizTalkDR.Lab.Engine;

/// <summary>The five-byte date of the Microsoft Tape Format: year 14 bits, month 4, day 5, hour 5, minute 6, second 6; all zero = none.</summary>
internal static class MtfDate
{
    public const int Size = 5;

    public static void Write(DateTime? date, Span<byte> target)
    {
        ulong bits = 0;
        if (date is { } d)
        {
            bits = ((ulong)d.Year << 26) | ((ulong)d.Month << 22) | ((ulong)d.Day << 17)
                | ((ulong)d.Hour << 12) | ((ulong)d.Minute << 6) | (uint)d.Second;
        }

        for (int i = 0; i < Size; i++)
        {
            target[i] = (byte)(bits >> (8 * (Size - 1 - i)));
        }
    }

    /// <summary>Reads a date; null when there is none or the bits make no date.</summary>
    public static DateTime? Read(ReadOnlySpan<byte> source)
    {
        ulong bits = 0;
        for (int i = 0; i < Size; i++)
        {
            bits = (bits << 8) | source[i];
        }

        int year = (int)(bits >> 26);
        int month = (int)(bits >> 22) & 0xF;
        int day = (int)(bits >> 17) & 0x1F;
        int hour = (int)(bits >> 12) & 0x1F;
        int minute = (int)(bits >> 6) & 0x3F;
        int second = (int)bits & 0x3F;
        bool valid = year is > 0 and < 10000 && month is > 0 and < 13 && hour < 24 && minute < 60 && second < 60
            && day > 0 && day <= DateTime.DaysInMonth(year, month);
        return valid ? new DateTime(year, month, day, hour, minute, second) : null;
    }
}
