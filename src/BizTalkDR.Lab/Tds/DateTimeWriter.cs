using System;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.Tds;

/// <summary>Writes the date and time types (2.2.5.5.1.8).</summary>
internal static class DateTimeWriter
{
    private static readonly DateTime Epoch1900 = new(1900, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);

    public static void Write(TokenBuffer buffer, WireType type, object value)
    {
        switch (type.Type.Kind)
        {
            case SqlKind.Date:
                Days(buffer, (DateTime)value);
                break;
            case SqlKind.Time:
                TimeOfDay(buffer, type.Scale, Rounded(((TimeSpan)value).Ticks, type.Scale) % TimeSpan.TicksPerDay);
                break;
            case SqlKind.DateTime2:
                Moment(buffer, type.Scale, (DateTime)value);
                break;
            case SqlKind.DateTimeOffset:
                DateTimeOffset moment = (DateTimeOffset)value;
                Moment(buffer, type.Scale, moment.UtcDateTime);
                buffer.Int16((short)moment.Offset.TotalMinutes);
                break;
            case SqlKind.DateTime:
                Classic(buffer, (DateTime)value);
                break;
            case SqlKind.SmallDateTime:
                Small(buffer, type, (DateTime)value);
                break;
            default:
                throw new InvalidCastException($"{type.Type} is not a date or time.");
        }
    }

    private static void Days(TokenBuffer buffer, DateTime value)
    {
        int days = (int)(value.Ticks / TimeSpan.TicksPerDay);
        Span<byte> target = buffer.Span(3);
        target[0] = (byte)days;
        target[1] = (byte)(days >> 8);
        target[2] = (byte)(days >> 16);
    }

    private static void TimeOfDay(TokenBuffer buffer, int scale, long ticks)
    {
        long units = ticks / UnitTicks(scale);
        Span<byte> target = buffer.Span(WireType.TimeBytes(scale));
        for (int i = 0; i < target.Length; i++)
            target[i] = (byte)(units >> (8 * i));
    }

    private static void Moment(TokenBuffer buffer, int scale, DateTime value)
    {
        long ticks = Rounded(value.Ticks, scale);
        DateTime rounded = ticks > DateTime.MaxValue.Ticks ? value : new DateTime(ticks, DateTimeKind.Unspecified);
        TimeOfDay(buffer, scale, rounded.TimeOfDay.Ticks);
        Days(buffer, rounded);
    }

    /// <summary>Days since 1900 and 1/300 seconds.</summary>
    private static void Classic(TokenBuffer buffer, DateTime value)
    {
        int days = (int)((value.Date - Epoch1900).Ticks / TimeSpan.TicksPerDay);
        long units = ((value.TimeOfDay.Ticks * 300) + (TimeSpan.TicksPerSecond / 2)) / TimeSpan.TicksPerSecond;
        if (units >= 300 * 86400)
        {
            units = 0;
            days++;
        }

        buffer.Int32(days);
        buffer.UInt32((uint)units);
    }

    /// <summary>Days since 1900 and minutes.</summary>
    private static void Small(TokenBuffer buffer, WireType type, DateTime value)
    {
        long minutes = (value - Epoch1900).Ticks + (TimeSpan.TicksPerMinute / 2);
        minutes = Math.DivRem(minutes, TimeSpan.TicksPerMinute, out _);
        if (minutes < 0 || minutes / 1440 > ushort.MaxValue)
            throw TdsErrors.Overflow(type.Type);
        buffer.UInt16((ushort)(minutes / 1440));
        buffer.UInt16((ushort)(minutes % 1440));
    }

    private static long Rounded(long ticks, int scale)
    {
        long unit = UnitTicks(scale);
        return (ticks + (unit / 2)) / unit * unit;
    }

    private static long UnitTicks(int scale)
    {
        long unit = 1;
        for (int i = scale; i < 7; i++)
            unit *= 10;
        return unit;
    }
}
