using System;
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.Tds;

/// <summary>Writes values of the T-SQL types (2.2.5.5) behind the TYPE_INFO of their column or parameter.</summary>
internal static class ValueWriter
{
    private const ulong PlpNull = 0xFFFFFFFFFFFFFFFF;

    // A text pointer and a timestamp precede text, ntext and image in rows; what they hold means nothing to a client.
    private static readonly byte[] TextPointer = Encoding.ASCII.GetBytes("dummy textptr\0\0\0dummyTS\0");

    /// <summary>Writes a value with its length; null = NULL.</summary>
    /// <exception cref="LabSqlException">8115, 8152: the value does not fit the type.</exception>
    public static void Write(TokenBuffer buffer, WireType type, object? value)
    {
        if (value is SqlVariant variant && type.Token != WireToken.Variant)
            value = variant.Value;
        if (value is null or DBNull)
            WriteNull(buffer, type);
        else if (type.IsMax)
            WritePlp(buffer, Data(type, value));
        else if (type.IsLongText)
            WriteLongText(buffer, Data(type, value));
        else if (type.Token == WireToken.Variant)
            VariantWriter.Write(buffer, value);
        else if (type.IsFixed)
            WriteBare(buffer, type, value);
        else if (type.Type.IsCharacter || type.Type.IsBinary)
            WriteShortData(buffer, type, Data(type, value));
        else
            WriteScalar(buffer, type, value);
    }

    /// <summary>Writes a number, a date or a GUID without a length.</summary>
    public static void WriteBare(TokenBuffer buffer, WireType type, object value)
    {
        switch (type.Type.Kind)
        {
            case SqlKind.Bit:
                buffer.Byte(Convert.ToBoolean(value, CultureInfo.InvariantCulture) ? (byte)1 : (byte)0);
                break;
            case SqlKind.TinyInt:
                buffer.Byte(Convert.ToByte(value, CultureInfo.InvariantCulture));
                break;
            case SqlKind.SmallInt:
                buffer.Int16(Convert.ToInt16(value, CultureInfo.InvariantCulture));
                break;
            case SqlKind.Int:
                buffer.Int32(Convert.ToInt32(value, CultureInfo.InvariantCulture));
                break;
            case SqlKind.BigInt:
                buffer.Int64(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case SqlKind.Real:
                buffer.Single(Convert.ToSingle(value, CultureInfo.InvariantCulture));
                break;
            case SqlKind.Float:
                buffer.Double(Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
            case SqlKind.Decimal:
                WriteDecimal(buffer, type, Convert.ToDecimal(value, CultureInfo.InvariantCulture), type.Size);
                break;
            case SqlKind.Money or SqlKind.SmallMoney:
                WriteMoney(buffer, type, Convert.ToDecimal(value, CultureInfo.InvariantCulture));
                break;
            case SqlKind.UniqueIdentifier:
                ((Guid)value).TryWriteBytes(buffer.Span(16));
                break;
            default:
                DateTimeWriter.Write(buffer, type, value);
                break;
        }
    }

    /// <summary>Gives the bytes of text or binary data; fixed-length types filled up to their length.</summary>
    public static byte[] Data(WireType type, object value)
    {
        byte[] data = type.Type.IsBinary ? (byte[])value : (type.Type.IsUnicode ? Encoding.Unicode : Collations.CodePage).GetBytes((string)value);
        if (type.Token is not (WireToken.BigChar or WireToken.NChar or WireToken.BigBinary) || data.Length >= type.Size)
            return data;
        byte[] filled = new byte[type.Size];
        data.CopyTo(filled, 0);
        Span<byte> rest = filled.AsSpan(data.Length);
        if (type.Token == WireToken.BigChar)
            rest.Fill((byte)' ');
        else if (type.Token == WireToken.NChar)
            for (int i = 0; i < rest.Length; i += 2)
                rest[i] = (byte)' ';
        return filled;
    }

    private static void WriteNull(TokenBuffer buffer, WireType type)
    {
        if (type.IsMax)
            buffer.UInt64(PlpNull);
        else if (type.Token == WireToken.Variant)
            buffer.UInt32(0);
        else if (type.NullBytes == 2)
            buffer.UInt16(ushort.MaxValue);
        else
            buffer.Byte(0);
    }

    private static void WritePlp(TokenBuffer buffer, byte[] data)
    {
        buffer.UInt64((ulong)data.Length);
        if (data.Length > 0)
        {
            buffer.Int32(data.Length);
            buffer.Bytes(data);
        }

        buffer.UInt32(0);
    }

    private static void WriteLongText(TokenBuffer buffer, byte[] data)
    {
        buffer.Byte(16);
        buffer.Bytes(TextPointer);
        buffer.Int32(data.Length);
        buffer.Bytes(data);
    }

    private static void WriteShortData(TokenBuffer buffer, WireType type, byte[] data)
    {
        if (data.Length > type.Size)
            throw TdsErrors.Truncated();
        buffer.UInt16((ushort)data.Length);
        buffer.Bytes(data);
    }

    private static void WriteScalar(TokenBuffer buffer, WireType type, object value)
    {
        buffer.Byte((byte)type.Size);
        try
        {
            WriteBare(buffer, type, value);
        }
        catch (OverflowException)
        {
            throw TdsErrors.Overflow(type.Type);
        }
    }

    /// <summary>Sign (1 = positive) and magnitude, little-endian, at the scale of the type; so many bytes in all.</summary>
    public static void WriteDecimal(TokenBuffer buffer, WireType type, decimal value, int bytes)
    {
        if (value.Scale > type.Scale)
            value = decimal.Round(value, type.Scale, MidpointRounding.AwayFromZero);
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        Int128 magnitude = (Int128)(((UInt128)(uint)bits[2] << 64) | ((UInt128)(uint)bits[1] << 32) | (uint)bits[0]);
        BigInteger scaled = (BigInteger)magnitude * BigInteger.Pow(10, type.Scale - value.Scale);
        if (scaled >= BigInteger.Pow(10, type.Precision))
            throw TdsErrors.NumericOverflow();
        buffer.Byte(value < 0 ? (byte)0 : (byte)1);
        Span<byte> target = buffer.Span(bytes - 1);
        target.Clear();
        scaled.TryWriteBytes(target, out _, isUnsigned: true);
    }

    /// <summary>Ten-thousandths; the eight bytes of money have the high half first.</summary>
    private static void WriteMoney(TokenBuffer buffer, WireType type, decimal value)
    {
        long units = decimal.ToInt64(decimal.Round(value * 10000m, 0, MidpointRounding.AwayFromZero));
        if (type.Size == 4)
        {
            buffer.Int32(checked((int)units));
            return;
        }

        buffer.Int32((int)(units >> 32));
        buffer.UInt32((uint)units);
    }
}
