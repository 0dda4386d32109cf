using System;
using System.IO;
using System.Numerics;
using System.Text;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.Tds;

/// <summary>Reads the values of parameters (2.2.5.5).</summary>
internal static class ValueReader
{
    private const ulong PlpNull = 0xFFFFFFFFFFFFFFFF;
    private const ulong PlpUnknownLength = 0xFFFFFFFFFFFFFFFE;
    private static readonly DateTime Epoch1900 = new(1900, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);
    private static readonly BigInteger LargestDecimal = new(decimal.MaxValue);

    /// <summary>Reads a value with its length; null = NULL.</summary>
    /// <exception cref="TdsProtocolException">A length is not possible for the type.</exception>
    /// <exception cref="LabSqlException">8115: a number has more digits than a value of the lab can hold.</exception>
    public static object? Read(TdsReader reader, ParameterType type)
    {
        if (type.Token == WireToken.Null)
            return null;
        if (type.IsMax)
            return ReadPlp(reader) is { } data ? Data(type, data) : null;
        int size = ParameterType.FixedSize(type.Token);
        if (size > 0)
            return Bare(reader, type, size);
        switch (type.Token)
        {
            case WireToken.Text or WireToken.NText or WireToken.Image:
                int bytes = reader.Int32();
                return bytes == -1 ? null : Data(type, reader.Take(bytes));
            case WireToken.BigVarBinary or WireToken.BigBinary or WireToken.BigVarChar or WireToken.BigChar or WireToken.NVarChar or WireToken.NChar:
                int length = reader.UInt16();
                return length == ushort.MaxValue ? null : Data(type, reader.Take(length));
            case WireToken.VarBinaryLegacy or WireToken.BinaryLegacy or WireToken.VarCharLegacy or WireToken.CharLegacy:
                int shortLength = reader.Byte();
                return shortLength == byte.MaxValue ? null : Data(type, reader.Take(shortLength));
            case WireToken.Variant:
                return Variant(reader);
            default:
                int valueBytes = reader.Byte();
                return valueBytes == 0 ? null : Bare(reader, type, valueBytes);
        }
    }

    private static object Bare(TdsReader reader, ParameterType type, int size)
    {
        switch (type.Token)
        {
            case WireToken.Bit or WireToken.BitN:
                Expect(size == 1);
                return reader.Byte() != 0;
            case WireToken.IntN or WireToken.Int1 or WireToken.Int2 or WireToken.Int4 or WireToken.Int8:
                Expect(size == type.Size);
                return Integer(reader, size);
            case WireToken.FloatN or WireToken.Float4 or WireToken.Float8:
                Expect(size == type.Size);
                return size == 4 ? (object)reader.Single() : reader.Double();
            case WireToken.MoneyN or WireToken.Money or WireToken.Money4:
                Expect(size == type.Size);
                return Money(reader, size);
            case WireToken.DecimalN or WireToken.NumericN or WireToken.DecimalLegacy or WireToken.NumericLegacy:
                Expect(size is > 1 and <= 17);
                return Number(reader, size, type.Scale);
            case WireToken.Guid:
                Expect(size == 16);
                return new Guid(reader.Take(16));
            case WireToken.DateTimeN or WireToken.DateTime or WireToken.DateTime4:
                Expect(size == type.Size);
                return Classic(reader, size);
            default:
                return Modern(reader, type, size);
        }
    }

    // The casts keep each number in its own type.
    private static object Integer(TdsReader reader, int size) => size switch
    {
        1 => (object)reader.Byte(),
        2 => (object)reader.Int16(),
        4 => (object)reader.Int32(),
        _ => (object)reader.Int64(),
    };

    private static object Money(TdsReader reader, int size)
    {
        if (size == 4)
            return reader.Int32() / 10000m;
        long high = reader.Int32();
        return ((high << 32) | reader.UInt32()) / 10000m;
    }

    private static object Number(TdsReader reader, int size, int scale)
    {
        bool positive = reader.Byte() != 0;
        BigInteger magnitude = new(reader.Take(size - 1), isUnsigned: true);
        while (magnitude > LargestDecimal || scale > 28)
        {
            magnitude = BigInteger.DivRem(magnitude, 10, out BigInteger rest);
            if (!rest.IsZero || scale == 0)
                throw TdsErrors.NumericOverflow();
            scale--;
        }

        UInt128 bits = (UInt128)magnitude;
        return new decimal((int)(uint)bits, (int)(uint)(bits >> 32), (int)(uint)(bits >> 64), !positive && !magnitude.IsZero, (byte)scale);
    }

    private static object Classic(TdsReader reader, int size)
    {
        if (size == 4)
            return Moment(Epoch1900.Ticks + (reader.UInt16() * TimeSpan.TicksPerDay) + (reader.UInt16() * TimeSpan.TicksPerMinute));
        long days = reader.Int32();

        // Rounded to milliseconds, as SQL Server shows its 1/300 seconds.
        long milliseconds = ((reader.UInt32() * 10L) + 1) / 3;
        return Moment(Epoch1900.Ticks + (days * TimeSpan.TicksPerDay) + (milliseconds * TimeSpan.TicksPerMillisecond));
    }

    private static object Modern(TdsReader reader, ParameterType type, int size)
    {
        int timeBytes = WireType.TimeBytes(type.Scale);
        switch (type.Token)
        {
            case WireToken.DateN:
                Expect(size == 3);
                return Moment(Days(reader));
            case WireToken.TimeN:
                Expect(size == timeBytes);
                return new TimeSpan(TimeOfDay(reader, type.Scale));
            case WireToken.DateTime2N:
                Expect(size == timeBytes + 3);
                return Moment(TimeOfDay(reader, type.Scale) + Days(reader));
            case WireToken.DateTimeOffsetN:
                Expect(size == timeBytes + 5);
                DateTime utc = Moment(TimeOfDay(reader, type.Scale) + Days(reader));
                int minutes = reader.Int16();
                Expect(minutes is >= -840 and <= 840);
                long local = utc.Ticks + (minutes * TimeSpan.TicksPerMinute);
                return new DateTimeOffset(Moment(local), TimeSpan.FromMinutes(minutes));
            default:
                throw new TdsProtocolException("A variant has an unknown base type.");
        }
    }

    private static long Days(TdsReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.Take(3);
        return (bytes[0] | (bytes[1] << 8) | (bytes[2] << 16)) * TimeSpan.TicksPerDay;
    }

    private static long TimeOfDay(TdsReader reader, int scale)
    {
        ReadOnlySpan<byte> bytes = reader.Take(WireType.TimeBytes(scale));
        long units = 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
            units = (units << 8) | bytes[i];
        for (int i = scale; i < 7; i++)
            units *= 10;
        Expect(units < TimeSpan.TicksPerDay);
        return units;
    }

    private static DateTime Moment(long ticks)
    {
        Expect(ticks >= DateTime.MinValue.Ticks && ticks <= DateTime.MaxValue.Ticks);
        return new DateTime(ticks, DateTimeKind.Unspecified);
    }

    private static object Data(ParameterType type, ReadOnlySpan<byte> data)
    {
        switch (type.Token)
        {
            case WireToken.Image or WireToken.BigVarBinary or WireToken.BigBinary or WireToken.VarBinaryLegacy or WireToken.BinaryLegacy:
                return data.ToArray();
            case WireToken.NText or WireToken.NVarChar or WireToken.NChar:
                Expect(data.Length % 2 == 0);
                return Encoding.Unicode.GetString(data);
            case WireToken.Xml:
                return Xml(data);
            default:
                return (type.IsUtf8 ? Encoding.UTF8 : Collations.CodePage).GetString(data);
        }
    }

    /// <summary>XML comes in UTF-16, with or without a byte order mark; some clients send UTF-8.</summary>
    private static string Xml(ReadOnlySpan<byte> data)
    {
        bool isUtf8 = data.Length % 2 != 0 || (data.Length >= 2 && data[0] == (byte)'<' && data[1] != 0);
        return (isUtf8 ? Encoding.UTF8 : Encoding.Unicode).GetString(data).TrimStart('\uFEFF');
    }

    private static byte[]? ReadPlp(TdsReader reader)
    {
        ulong total = reader.UInt64();
        if (total == PlpNull)
            return null;
        using MemoryStream data = new();
        while (reader.UInt32() is var chunk && chunk != 0)
            data.Write(reader.Take(chunk));
        Expect(total == PlpUnknownLength || total == (ulong)data.Length);
        return data.ToArray();
    }

    private static object? Variant(TdsReader reader)
    {
        uint total = reader.UInt32();
        if (total == 0)
            return null;
        TdsReader value = reader.At(reader.Position, (int)Math.Min(total, int.MaxValue));
        reader.Skip(total);
        WireToken token = (WireToken)value.Byte();
        TdsReader properties = value.At(value.Position, value.PeekByte() + 1);
        value.Skip(properties.Byte() + 1L);
        ParameterType type = VariantType(token, properties, value.Remaining);
        bool isData = token is WireToken.BigVarChar or WireToken.BigChar or WireToken.NVarChar or WireToken.NChar or WireToken.BigVarBinary or WireToken.BigBinary;
        object content = isData ? Data(type, value.Take(value.Remaining)) : Bare(value, type, value.Remaining);
        Expect(value.AtEnd);
        return new SqlVariant(type.ToSqlType(), content);
    }

    private static ParameterType VariantType(WireToken token, TdsReader properties, int bytes)
    {
        switch (token)
        {
            case WireToken.TimeN or WireToken.DateTime2N or WireToken.DateTimeOffsetN:
                byte timeScale = properties.Byte();
                Expect(timeScale <= 7);
                return new ParameterType(token, bytes, 0, timeScale, false);
            case WireToken.DecimalN or WireToken.NumericN:
                byte precision = properties.Byte();
                byte scale = properties.Byte();
                Expect(precision is >= 1 and <= 38 && scale <= precision);
                return new ParameterType(token, bytes, precision, scale, false);
            case WireToken.BigVarChar or WireToken.BigChar or WireToken.NVarChar or WireToken.NChar:
                bool isUtf8 = (properties.Take(5)[3] & 0x04) != 0;
                return new ParameterType(token, VariantLength(properties), 0, 0, isUtf8);
            case WireToken.BigVarBinary or WireToken.BigBinary:
                return new ParameterType(token, VariantLength(properties), 0, 0, false);
            default:
                int size = ParameterType.FixedSize(token);
                Expect(size == 0 || size == bytes);
                return new ParameterType(token, bytes, 0, 0, false);
        }
    }

    private static int VariantLength(TdsReader properties)
    {
        int length = properties.UInt16();
        return length <= WireType.MaxBytes ? length : WireType.MaxBytes;
    }

    private static void Expect(bool condition)
    {
        if (!condition)
            throw new TdsProtocolException("A value does not fit its type.");
    }
}
