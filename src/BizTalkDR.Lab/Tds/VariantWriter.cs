using System;
using System.Globalization;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.Tds;

/// <summary>Writes sql_variant values (2.2.5.5.4): base type, its properties, bare data.</summary>
internal static class VariantWriter
{
    // Inside a variant a numeric has its full length, whatever its precision; SqlClient reads no other.
    private const int NumericBytes = 17;

    public static void Write(TokenBuffer buffer, object value)
    {
        SqlVariant variant = value as SqlVariant ?? new SqlVariant(Infer(value), value);
        WireType type = WireType.Of(variant.Type);
        buffer.Int32(0);
        int start = buffer.Length;
        if (variant.Type.IsCharacter || variant.Type.IsBinary)
            WriteData(buffer, type, ValueWriter.Data(type, variant.Value));
        else
            WriteScalar(buffer, type, variant.Value);
        buffer.SetLength32(start);
    }

    private static void WriteScalar(TokenBuffer buffer, WireType type, object value)
    {
        buffer.Byte((byte)BaseToken(type));
        switch (type.Token)
        {
            case WireToken.TimeN or WireToken.DateTime2N or WireToken.DateTimeOffsetN:
                buffer.Byte(1);
                buffer.Byte(type.Scale);
                break;
            case WireToken.NumericN:
                buffer.Byte(2);
                buffer.Byte(type.Precision);
                buffer.Byte(type.Scale);
                break;
            default:
                buffer.Byte(0);
                break;
        }

        try
        {
            if (type.Token == WireToken.NumericN)
                ValueWriter.WriteDecimal(buffer, type, Convert.ToDecimal(value, CultureInfo.InvariantCulture), NumericBytes);
            else
                ValueWriter.WriteBare(buffer, type, value);
        }
        catch (OverflowException)
        {
            throw TdsErrors.Overflow(type.Type);
        }
    }

    private static void WriteData(TokenBuffer buffer, WireType type, byte[] data)
    {
        if (data.Length > WireType.MaxBytes)
            throw TdsErrors.Truncated();
        bool isText = type.Type.IsCharacter;
        buffer.Byte((byte)DataToken(type));
        buffer.Byte(isText ? (byte)7 : (byte)2);
        if (isText)
            buffer.Bytes(Collations.Bytes(string.Empty));
        bool unsized = type.IsMax || type.IsLongText || data.Length > type.Size;
        buffer.UInt16((ushort)(unsized ? WireType.MaxBytes : type.Size));
        buffer.Bytes(data);
    }

    private static WireToken DataToken(WireType type) => type switch
    {
        { IsMax: false, IsLongText: false } => type.Token,
        _ when type.Type.IsBinary => WireToken.BigVarBinary,
        _ => type.Type.IsUnicode ? WireToken.NVarChar : WireToken.BigVarChar,
    };

    private static WireToken BaseToken(WireType type) => type.Type.Kind switch
    {
        SqlKind.Bit => WireToken.Bit,
        SqlKind.TinyInt => WireToken.Int1,
        SqlKind.SmallInt => WireToken.Int2,
        SqlKind.Int => WireToken.Int4,
        SqlKind.BigInt => WireToken.Int8,
        SqlKind.Real => WireToken.Float4,
        SqlKind.Float => WireToken.Float8,
        SqlKind.Money => WireToken.Money,
        SqlKind.SmallMoney => WireToken.Money4,
        SqlKind.DateTime => WireToken.DateTime,
        SqlKind.SmallDateTime => WireToken.DateTime4,
        SqlKind.SqlVariant => throw new InvalidCastException("A sql_variant does not hold a sql_variant."),
        _ => type.Token,
    };

    private static SqlType Infer(object value) => value switch
    {
        bool => SqlType.Bit,
        byte => SqlType.TinyInt,
        short => SqlType.SmallInt,
        int => SqlType.Int,
        long => SqlType.BigInt,
        float => SqlType.Real,
        double => SqlType.Float,
        decimal number => SqlType.Decimal(28, number.Scale),
        DateTime => SqlType.DateTime2,
        TimeSpan => new SqlType(SqlKind.Time, Scale: 7),
        DateTimeOffset => new SqlType(SqlKind.DateTimeOffset, Scale: 7),
        Guid => SqlType.UniqueIdentifier,
        byte[] => new SqlType(SqlKind.VarBinary, WireType.MaxBytes),
        string => SqlType.NVarChar(WireType.MaxBytes / 2),
        _ => throw new InvalidCastException($"A sql_variant does not hold {value.GetType().Name}."),
    };
}
