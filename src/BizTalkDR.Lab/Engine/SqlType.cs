using System;
using System.Globalization;

namespace BizTalkDR.Lab.Engine;

/// <summary>Lists the T-SQL data types the lab knows.</summary>
/// <remarks>
/// Values travel as boxed CLR objects, <c>null</c> = SQL NULL:
/// Bit bool, TinyInt byte, SmallInt short, Int int, BigInt long, Decimal/Money/SmallMoney decimal, Real float, Float double,
/// Date/SmallDateTime/DateTime/DateTime2 DateTime (Kind Unspecified), Time TimeSpan, DateTimeOffset DateTimeOffset,
/// Char..NText and Xml string, Binary/VarBinary/Image/RowVersion byte[], UniqueIdentifier Guid,
/// SqlVariant <see cref="SqlVariant"/> (carries its own type).
/// </remarks>
public enum SqlKind : byte
{
    Bit = 1, TinyInt, SmallInt, Int, BigInt, Decimal, Money, SmallMoney, Real, Float,
    Date, Time, SmallDateTime, DateTime, DateTime2, DateTimeOffset,
    Char, VarChar, NChar, NVarChar, Text, NText, Xml,
    Binary, VarBinary, Image, RowVersion, UniqueIdentifier, SqlVariant,
}

/// <summary>Describes a T-SQL type with its facets.</summary>
/// <param name="Kind">The type.</param>
/// <param name="Length">Characters (Char, VarChar, NChar, NVarChar) or bytes (Binary, VarBinary); -1 = max; 0 where it does not apply.</param>
/// <param name="Precision">Digits of Decimal.</param>
/// <param name="Scale">Digits after the point (Decimal) or of fractional seconds (Time, DateTime2, DateTimeOffset).</param>
public sealed record SqlType(SqlKind Kind, int Length = 0, byte Precision = 0, byte Scale = 0)
{
    public static readonly SqlType Bit = new(SqlKind.Bit);
    public static readonly SqlType TinyInt = new(SqlKind.TinyInt);
    public static readonly SqlType SmallInt = new(SqlKind.SmallInt);
    public static readonly SqlType Int = new(SqlKind.Int);
    public static readonly SqlType BigInt = new(SqlKind.BigInt);
    public static readonly SqlType Float = new(SqlKind.Float);
    public static readonly SqlType Real = new(SqlKind.Real);
    public static readonly SqlType Money = new(SqlKind.Money);
    public static readonly SqlType DateTime = new(SqlKind.DateTime);
    public static readonly SqlType DateTime2 = new(SqlKind.DateTime2, Scale: 7);
    public static readonly SqlType Date = new(SqlKind.Date);
    public static readonly SqlType UniqueIdentifier = new(SqlKind.UniqueIdentifier);
    public static readonly SqlType Variant = new(SqlKind.SqlVariant);
    public static readonly SqlType SysName = new(SqlKind.NVarChar, 128);
    public static readonly SqlType NVarCharMax = new(SqlKind.NVarChar, -1);
    public static readonly SqlType VarCharMax = new(SqlKind.VarChar, -1);
    public static readonly SqlType VarBinaryMax = new(SqlKind.VarBinary, -1);

    /// <summary>numeric(25,0), the type of LSN columns.</summary>
    public static readonly SqlType LsnNumber = new(SqlKind.Decimal, 0, 25, 0);

    public bool IsCharacter => Kind is >= SqlKind.Char and <= SqlKind.Xml;

    public bool IsUnicode => Kind is SqlKind.NChar or SqlKind.NVarChar or SqlKind.NText or SqlKind.Xml;

    public bool IsBinary => Kind is SqlKind.Binary or SqlKind.VarBinary or SqlKind.Image or SqlKind.RowVersion;

    public bool IsInteger => Kind is >= SqlKind.Bit and <= SqlKind.BigInt;

    public bool IsNumeric => Kind is >= SqlKind.Bit and <= SqlKind.Float;

    public bool IsDateTime => Kind is >= SqlKind.Date and <= SqlKind.DateTimeOffset;

    public static SqlType NVarChar(int length) => new(SqlKind.NVarChar, length);

    public static SqlType VarChar(int length) => new(SqlKind.VarChar, length);

    public static SqlType Decimal(byte precision, byte scale) => new(SqlKind.Decimal, 0, precision, scale);

    /// <summary>Gives the T-SQL spelling, such as <c>nvarchar(128)</c>.</summary>
    public override string ToString()
    {
        string name = Kind.ToString().ToLowerInvariant() switch
        {
            "sqlvariant" => "sql_variant",
            "rowversion" => "timestamp",
            var n => n,
        };
        return Kind switch
        {
            SqlKind.Char or SqlKind.VarChar or SqlKind.NChar or SqlKind.NVarChar or SqlKind.Binary or SqlKind.VarBinary
                => string.Create(CultureInfo.InvariantCulture, $"{name}({(Length < 0 ? "max" : Length.ToString(CultureInfo.InvariantCulture))})"),
            SqlKind.Decimal => string.Create(CultureInfo.InvariantCulture, $"decimal({Precision},{Scale})"),
            SqlKind.Time or SqlKind.DateTime2 or SqlKind.DateTimeOffset => string.Create(CultureInfo.InvariantCulture, $"{name}({Scale})"),
            _ => name,
        };
    }
}

/// <summary>Holds a sql_variant: a value with the type it was given.</summary>
/// <param name="Type">The base type.</param>
/// <param name="Value">The value; never null (a NULL variant is a null reference).</param>
public sealed record SqlVariant(SqlType Type, object Value)
{
    public override string ToString() => Convert.ToString(Value, CultureInfo.InvariantCulture) ?? string.Empty;
}
