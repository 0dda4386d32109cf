using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.Tds;

/// <summary>TYPE_INFO of a parameter as the client sent it.</summary>
/// <param name="Size">Bytes of the longest value; 0xFFFF of a variable-length type = max.</param>
/// <param name="IsUtf8">Text in the collation's UTF-8 instead of a code page.</param>
internal readonly record struct ParameterType(WireToken Token, int Size, byte Precision, byte Scale, bool IsUtf8)
{
    private const byte Utf8Flag = 0x04;

    public bool IsMax => Token == WireToken.Xml || IsMaxSize(Token, Size);

    /// <summary>Reads TYPE_INFO; null when the type is one this server does not take.</summary>
    /// <exception cref="TdsProtocolException">A facet is out of range.</exception>
    public static ParameterType? Read(TdsReader reader)
    {
        WireToken token = (WireToken)reader.Byte();
        switch (token)
        {
            case WireToken.Null or WireToken.Int1 or WireToken.Bit or WireToken.Int2 or WireToken.Int4 or WireToken.DateTime4
                or WireToken.Float4 or WireToken.Money or WireToken.DateTime or WireToken.Float8 or WireToken.Money4 or WireToken.Int8 or WireToken.DateN:
                return new ParameterType(token, FixedSize(token), 0, 0, false);
            case WireToken.TimeN or WireToken.DateTime2N or WireToken.DateTimeOffsetN:
                return new ParameterType(token, 0, 0, Limited(reader.Byte(), 7), false);
            case WireToken.DecimalN or WireToken.NumericN or WireToken.DecimalLegacy or WireToken.NumericLegacy:
                int size = Limited(reader.Byte(), 17);
                byte precision = Limited(reader.Byte(), 38);
                return new ParameterType(token, size, precision, Limited(reader.Byte(), precision), false);
            case WireToken.IntN or WireToken.BitN or WireToken.FloatN or WireToken.MoneyN or WireToken.DateTimeN or WireToken.Guid:
                return new ParameterType(token, AllowedSize(token, reader.Byte()), 0, 0, false);
            case WireToken.VarBinaryLegacy or WireToken.BinaryLegacy or WireToken.VarCharLegacy or WireToken.CharLegacy:
                return new ParameterType(token, reader.Byte(), 0, 0, false);
            case WireToken.BigVarBinary or WireToken.BigBinary:
                return new ParameterType(token, ShortSize(token, reader.UInt16()), 0, 0, false);
            case WireToken.BigVarChar or WireToken.BigChar or WireToken.NVarChar or WireToken.NChar:
                int bytes = ShortSize(token, reader.UInt16());
                return new ParameterType(token, bytes, 0, 0, IsUtf8Collation(reader));
            case WireToken.Text or WireToken.NText:
                int longest = reader.Int32();
                return new ParameterType(token, longest, 0, 0, IsUtf8Collation(reader));
            case WireToken.Image or WireToken.Variant:
                return new ParameterType(token, reader.Int32(), 0, 0, false);
            case WireToken.Xml:
                ReadXmlSchema(reader);
                return new ParameterType(token, ushort.MaxValue, 0, 0, false);
            default:
                return null;
        }
    }

    /// <summary>Gives the T-SQL type.</summary>
    public SqlType ToSqlType() => Token switch
    {
        WireToken.Null => SqlType.Int,
        WireToken.Bit or WireToken.BitN => SqlType.Bit,
        WireToken.Int1 or WireToken.Int2 or WireToken.Int4 or WireToken.Int8 or WireToken.IntN => Size switch
        {
            1 => SqlType.TinyInt,
            2 => SqlType.SmallInt,
            4 => SqlType.Int,
            _ => SqlType.BigInt,
        },
        WireToken.Float4 or WireToken.Float8 or WireToken.FloatN => Size == 4 ? SqlType.Real : SqlType.Float,
        WireToken.Money or WireToken.Money4 or WireToken.MoneyN => Size == 4 ? new SqlType(SqlKind.SmallMoney) : SqlType.Money,
        WireToken.DateTime or WireToken.DateTime4 or WireToken.DateTimeN => Size == 4 ? new SqlType(SqlKind.SmallDateTime) : SqlType.DateTime,
        WireToken.DateN => SqlType.Date,
        WireToken.TimeN => new SqlType(SqlKind.Time, Scale: Scale),
        WireToken.DateTime2N => new SqlType(SqlKind.DateTime2, Scale: Scale),
        WireToken.DateTimeOffsetN => new SqlType(SqlKind.DateTimeOffset, Scale: Scale),
        WireToken.DecimalN or WireToken.NumericN or WireToken.DecimalLegacy or WireToken.NumericLegacy => SqlType.Decimal(Precision, Scale),
        WireToken.Guid => SqlType.UniqueIdentifier,
        WireToken.VarBinaryLegacy or WireToken.BigVarBinary => new SqlType(SqlKind.VarBinary, Length(1)),
        WireToken.BinaryLegacy or WireToken.BigBinary => new SqlType(SqlKind.Binary, Length(1)),
        WireToken.VarCharLegacy or WireToken.BigVarChar => new SqlType(SqlKind.VarChar, Length(1)),
        WireToken.CharLegacy or WireToken.BigChar => new SqlType(SqlKind.Char, Length(1)),
        WireToken.NVarChar => new SqlType(SqlKind.NVarChar, Length(2)),
        WireToken.NChar => new SqlType(SqlKind.NChar, Length(2)),
        WireToken.Text => new SqlType(SqlKind.Text),
        WireToken.NText => new SqlType(SqlKind.NText),
        WireToken.Image => new SqlType(SqlKind.Image),
        WireToken.Xml => new SqlType(SqlKind.Xml),
        _ => SqlType.Variant,
    };

    /// <summary>Bytes of the types without a length; 0 for those that carry one.</summary>
    public static int FixedSize(WireToken token) => token switch
    {
        WireToken.Int1 or WireToken.Bit => 1,
        WireToken.Int2 => 2,
        WireToken.Int4 or WireToken.DateTime4 or WireToken.Float4 or WireToken.Money4 => 4,
        WireToken.Money or WireToken.DateTime or WireToken.Float8 or WireToken.Int8 => 8,
        _ => 0,
    };

    // An empty string may come as nvarchar(0), which T-SQL does not have.
    private int Length(int unit) => IsMax ? -1 : int.Max(1, Size / unit);

    private static byte Limited(byte value, int most) => value <= most ? value : throw new TdsProtocolException("A facet of a type is out of range.");

    private static int AllowedSize(WireToken token, byte size)
    {
        bool allowed = token switch
        {
            WireToken.IntN => size is 1 or 2 or 4 or 8,
            WireToken.BitN => size == 1,
            WireToken.Guid => size == 16,
            _ => size is 4 or 8,
        };
        return allowed ? size : throw new TdsProtocolException("The length of a type is out of range.");
    }

    private static int ShortSize(WireToken token, ushort size)
    {
        return size <= WireType.MaxBytes || IsMaxSize(token, size) ? size : throw new TdsProtocolException("The length of a type is out of range.");
    }

    private static bool IsMaxSize(WireToken token, int size) =>
        size == ushort.MaxValue && token is (WireToken.BigVarBinary or WireToken.BigVarChar or WireToken.NVarChar);

    private static bool IsUtf8Collation(TdsReader reader) => (reader.Take(5)[3] & Utf8Flag) != 0;

    private static void ReadXmlSchema(TdsReader reader)
    {
        if (reader.Byte() == 0)
            return;
        reader.ByteText();
        reader.ByteText();
        reader.ShortText();
    }
}
