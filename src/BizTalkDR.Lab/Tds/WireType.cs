using System;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.Tds;

/// <summary>Type bytes of the protocol (2.2.5.4).</summary>
internal enum WireToken : byte
{
    Null = 0x1F, Image = 0x22, Text = 0x23, Guid = 0x24, VarBinaryLegacy = 0x25, IntN = 0x26, VarCharLegacy = 0x27,
    DateN = 0x28, TimeN = 0x29, DateTime2N = 0x2A, DateTimeOffsetN = 0x2B, BinaryLegacy = 0x2D, CharLegacy = 0x2F,
    Int1 = 0x30, Bit = 0x32, Int2 = 0x34, DecimalLegacy = 0x37, Int4 = 0x38, DateTime4 = 0x3A, Float4 = 0x3B, Money = 0x3C,
    DateTime = 0x3D, Float8 = 0x3E, NumericLegacy = 0x3F, Variant = 0x62, NText = 0x63, BitN = 0x68, DecimalN = 0x6A,
    NumericN = 0x6C, FloatN = 0x6D, MoneyN = 0x6E, DateTimeN = 0x6F, Money4 = 0x7A, Int8 = 0x7F, BigVarBinary = 0xA5,
    BigVarChar = 0xA7, BigBinary = 0xAD, BigChar = 0xAF, NVarChar = 0xE7, NChar = 0xEF, Udt = 0xF0, Xml = 0xF1, Table = 0xF3,
}

/// <summary>A T-SQL type as it goes over the wire: its token and the facets with their defaults filled in.</summary>
internal sealed class WireType
{
    /// <summary>Longest value in bytes of the types that are not max.</summary>
    public const int MaxBytes = 8000;

    private WireType(SqlType type, WireToken token, int size, bool isMax = false)
    {
        Type = type;
        Token = token;
        Size = size;
        IsMax = isMax;
    }

    public SqlType Type { get; }

    public WireToken Token { get; }

    /// <summary>Bytes of a value, or the most there can be.</summary>
    public int Size { get; }

    /// <summary>Sent as partially length-prefixed data (2.2.5.2.3).</summary>
    public bool IsMax { get; }

    public byte Precision { get; private init; }

    public byte Scale { get; private init; }

    public bool IsLongText => Token is WireToken.Text or WireToken.NText or WireToken.Image;

    /// <summary>User type 80 tells clients that a binary(8) is a row version.</summary>
    public uint UserType => Type.Kind == SqlKind.RowVersion ? 80u : 0u;

    /// <summary>Bytes a NULL takes in a ROW token.</summary>
    public int NullBytes => IsMax ? 8 : Token switch
    {
        WireToken.Variant => 4,
        WireToken.BigVarBinary or WireToken.BigVarChar or WireToken.BigBinary or WireToken.BigChar or WireToken.NVarChar or WireToken.NChar => 2,
        _ => 1,
    };

    /// <summary>Whether values come without a length in front: columns that cannot be NULL, of types that have such a form (2.2.5.4.1).</summary>
    public bool IsFixed => Token is WireToken.Bit or WireToken.Int1 or WireToken.Int2 or WireToken.Int4 or WireToken.Int8 or WireToken.Float4 or WireToken.Float8
        or WireToken.Money or WireToken.Money4 or WireToken.DateTime or WireToken.DateTime4;

    /// <summary>Gives the type of a result column. Clients expect the fixed-length form where a column cannot be NULL.</summary>
    public static WireType Of(ResultColumn column)
    {
        WireType type = Of(column.Type);
        WireToken? token = column.Nullable ? null : column.Type.Kind switch
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
            _ => null,
        };
        return token is { } fixedToken ? new WireType(column.Type, fixedToken, type.Size) : type;
    }

    public static WireType Of(SqlType type) => type.Kind switch
    {
        SqlKind.Bit => new(type, WireToken.BitN, 1),
        SqlKind.TinyInt => new(type, WireToken.IntN, 1),
        SqlKind.SmallInt => new(type, WireToken.IntN, 2),
        SqlKind.Int => new(type, WireToken.IntN, 4),
        SqlKind.BigInt => new(type, WireToken.IntN, 8),
        SqlKind.Decimal => Decimal(type),
        SqlKind.Money => new(type, WireToken.MoneyN, 8),
        SqlKind.SmallMoney => new(type, WireToken.MoneyN, 4),
        SqlKind.Real => new(type, WireToken.FloatN, 4),
        SqlKind.Float => new(type, WireToken.FloatN, 8),
        SqlKind.Date => new(type, WireToken.DateN, 3),
        SqlKind.Time => WithScale(type, WireToken.TimeN, 0),
        SqlKind.DateTime2 => WithScale(type, WireToken.DateTime2N, 3),
        SqlKind.DateTimeOffset => WithScale(type, WireToken.DateTimeOffsetN, 5),
        SqlKind.SmallDateTime => new(type, WireToken.DateTimeN, 4),
        SqlKind.DateTime => new(type, WireToken.DateTimeN, 8),
        SqlKind.Char => Sized(type, WireToken.BigChar, WireToken.BigVarChar, 1),
        SqlKind.VarChar => Sized(type, WireToken.BigVarChar, WireToken.BigVarChar, 1),
        SqlKind.NChar => Sized(type, WireToken.NChar, WireToken.NVarChar, 2),
        SqlKind.NVarChar => Sized(type, WireToken.NVarChar, WireToken.NVarChar, 2),
        SqlKind.Binary => Sized(type, WireToken.BigBinary, WireToken.BigVarBinary, 1),
        SqlKind.VarBinary => Sized(type, WireToken.BigVarBinary, WireToken.BigVarBinary, 1),
        SqlKind.RowVersion => new(type, WireToken.BigBinary, 8),
        SqlKind.Text => new(type, WireToken.Text, int.MaxValue),
        SqlKind.NText => new(type, WireToken.NText, int.MaxValue - 1),
        SqlKind.Image => new(type, WireToken.Image, int.MaxValue),
        SqlKind.Xml => new(type, WireToken.Xml, 0, isMax: true),
        SqlKind.UniqueIdentifier => new(type, WireToken.Guid, 16),
        SqlKind.SqlVariant => new(type, WireToken.Variant, 8009),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type.Kind, "Not a type of the protocol."),
    };

    /// <summary>Bytes of a decimal value without its sign and length, by precision (2.2.5.5.1.6).</summary>
    public static int DecimalBytes(int precision) => precision switch
    {
        <= 9 => 4,
        <= 19 => 8,
        <= 28 => 12,
        _ => 16,
    };

    /// <summary>Bytes of a time of day, by scale.</summary>
    public static int TimeBytes(int scale) => scale switch
    {
        <= 2 => 3,
        <= 4 => 4,
        _ => 5,
    };

    private static WireType Decimal(SqlType type)
    {
        // Precision 0 stands for "not said": numeric(38, scale) holds whatever comes.
        byte precision = type.Precision is 0 or > 38 ? (byte)38 : type.Precision;
        return new(type, WireToken.NumericN, DecimalBytes(precision) + 1)
        {
            Precision = precision,
            Scale = Math.Min(type.Scale, precision),
        };
    }

    private static WireType WithScale(SqlType type, WireToken token, int extraBytes)
    {
        byte scale = Math.Min(type.Scale, (byte)7);
        return new(type, token, TimeBytes(scale) + extraBytes) { Scale = scale };
    }

    /// <summary>Length 0 stands for "not said" and gets the longest type that is not max; a length beyond that makes it max.</summary>
    private static WireType Sized(SqlType type, WireToken token, WireToken maxToken, int unit)
    {
        if (type.Length < 0 || type.Length * (long)unit > MaxBytes)
            return new(type, maxToken, ushort.MaxValue, isMax: true);
        return type.Length == 0 ? new(type, maxToken, MaxBytes) : new(type, token, type.Length * unit);
    }

    /// <summary>Writes TYPE_INFO (2.2.5.6).</summary>
    public void WriteInfo(TokenBuffer buffer, byte[] collation)
    {
        buffer.Byte((byte)Token);
        switch (Token)
        {
            case WireToken.DateN:
                break;
            case var _ when IsFixed:
                break;
            case WireToken.TimeN or WireToken.DateTime2N or WireToken.DateTimeOffsetN:
                buffer.Byte(Scale);
                break;
            case WireToken.NumericN:
                buffer.Byte((byte)Size);
                buffer.Byte(Precision);
                buffer.Byte(Scale);
                break;
            case WireToken.BigChar or WireToken.BigVarChar or WireToken.NChar or WireToken.NVarChar:
                buffer.UInt16((ushort)Size);
                buffer.Bytes(collation);
                break;
            case WireToken.BigBinary or WireToken.BigVarBinary:
                buffer.UInt16((ushort)Size);
                break;
            case WireToken.Text or WireToken.NText:
                buffer.Int32(Size);
                buffer.Bytes(collation);
                break;
            case WireToken.Image or WireToken.Variant:
                buffer.Int32(Size);
                break;
            case WireToken.Xml:
                buffer.Byte(0); // no schema collection
                break;
            default:
                buffer.Byte((byte)Size);
                break;
        }
    }
}
