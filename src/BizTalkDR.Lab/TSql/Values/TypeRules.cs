using System;
using System.Collections.Generic;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>Holds the rules of data types: names in messages, precedence, common types, parsed types.</summary>
internal static class TypeRules
{
    public static readonly SqlType VarChar1 = SqlType.VarChar(1);

    /// <summary>Gives the name messages use: decimal is numeric there.</summary>
    public static string Name(SqlType type) => type.Kind switch
    {
        SqlKind.Decimal => "numeric",
        SqlKind.SqlVariant => "sql_variant",
        SqlKind.RowVersion => "timestamp",
        _ => type.Kind.ToString().ToLowerInvariant(),
    };

    /// <summary>Orders types by data type precedence; the higher one wins.</summary>
    public static int Precedence(SqlKind kind) => kind switch
    {
        SqlKind.SqlVariant => 40,
        SqlKind.Xml => 39,
        SqlKind.DateTimeOffset => 38,
        SqlKind.DateTime2 => 37,
        SqlKind.DateTime => 36,
        SqlKind.SmallDateTime => 35,
        SqlKind.Date => 34,
        SqlKind.Time => 33,
        SqlKind.Float => 32,
        SqlKind.Real => 31,
        SqlKind.Decimal => 30,
        SqlKind.Money => 29,
        SqlKind.SmallMoney => 28,
        SqlKind.BigInt => 27,
        SqlKind.Int => 26,
        SqlKind.SmallInt => 25,
        SqlKind.TinyInt => 24,
        SqlKind.Bit => 23,
        SqlKind.NText => 22,
        SqlKind.Text => 21,
        SqlKind.Image => 20,
        SqlKind.RowVersion => 19,
        SqlKind.UniqueIdentifier => 18,
        SqlKind.NVarChar => 17,
        SqlKind.NChar => 16,
        SqlKind.VarChar => 15,
        SqlKind.Char => 14,
        SqlKind.VarBinary => 13,
        _ => 12,
    };

    /// <summary>Digits a type needs when it takes part in decimal arithmetic.</summary>
    public static SqlType AsDecimal(SqlType type) => type.Kind switch
    {
        SqlKind.Bit => SqlType.Decimal(1, 0),
        SqlKind.TinyInt => SqlType.Decimal(3, 0),
        SqlKind.SmallInt => SqlType.Decimal(5, 0),
        SqlKind.Int => SqlType.Decimal(10, 0),
        SqlKind.BigInt => SqlType.Decimal(19, 0),
        SqlKind.Money => SqlType.Decimal(19, 4),
        SqlKind.SmallMoney => SqlType.Decimal(10, 4),
        SqlKind.Decimal => type,
        _ => SqlType.Decimal(38, 8),
    };

    /// <summary>Finds the type two operands are converted to, with facets wide enough for both.</summary>
    public static SqlType Common(SqlType left, SqlType right)
    {
        if (left == right)
        {
            return left;
        }

        SqlType high = Precedence(left.Kind) >= Precedence(right.Kind) ? left : right;
        SqlType low = ReferenceEquals(high, left) ? right : left;
        return high.Kind switch
        {
            SqlKind.Decimal => low.IsNumeric ? CommonDecimal(high, AsDecimal(low)) : high,
            SqlKind.Char or SqlKind.VarChar or SqlKind.NChar or SqlKind.NVarChar => high with { Length = CommonLength(high, low) },
            SqlKind.Binary or SqlKind.VarBinary => high with { Length = CommonLength(high, low) },
            SqlKind.DateTime2 or SqlKind.DateTimeOffset or SqlKind.Time =>
                high with { Scale = Math.Max(high.Scale, low.Kind is SqlKind.DateTime2 or SqlKind.DateTimeOffset or SqlKind.Time ? low.Scale : (byte)0) },
            _ => high,
        };
    }

    /// <summary>Describes the range of a length-limited type when a value of a type is written as text.</summary>
    public static int TextLength(SqlType type) => type.Kind switch
    {
        SqlKind.Char or SqlKind.VarChar or SqlKind.NChar or SqlKind.NVarChar => type.Length,
        SqlKind.Text or SqlKind.NText or SqlKind.Xml => -1,
        SqlKind.Bit => 1,
        SqlKind.TinyInt => 3,
        SqlKind.SmallInt => 6,
        SqlKind.Int => 12,
        SqlKind.BigInt => 24,
        SqlKind.UniqueIdentifier => 36,
        SqlKind.Decimal => 41,
        SqlKind.Binary or SqlKind.VarBinary => type.Length,
        SqlKind.RowVersion => 8,
        SqlKind.Image => -1,
        _ => 40,
    };

    public static SqlType CommonDecimal(SqlType a, SqlType b)
    {
        int scale = Math.Max(a.Scale, b.Scale);
        int integral = Math.Max(a.Precision - a.Scale, b.Precision - b.Scale);
        if (integral + scale > 38)
        {
            scale = Math.Max(0, 38 - integral);
        }

        return SqlType.Decimal((byte)Math.Min(38, integral + scale), (byte)scale);
    }

    /// <summary>Caps a length at the longest the type may have without being max.</summary>
    public static SqlType Text(bool unicode, int length)
    {
        int cap = unicode ? 4000 : 8000;
        int capped = length < 0 ? -1 : Math.Clamp(length, 1, cap);
        return unicode ? SqlType.NVarChar(capped) : SqlType.VarChar(capped);
    }

    /// <summary>Length of a type written without one in CAST and CONVERT.</summary>
    public const int ConversionLength = 30;

    /// <summary>Maps a parsed data type; length defaults differ between CAST (30) and declarations (1).</summary>
    public static SqlType FromParsed(DataTypeReference reference, int defaultLength)
    {
        switch (reference)
        {
            case XmlDataTypeReference:
                return new SqlType(SqlKind.Xml);
            case SqlDataTypeReference sql:
                return FromParsed(sql.SqlDataTypeOption, sql.Parameters, defaultLength);
            default:
                string name = reference.Name.BaseIdentifier.Value;
                string? schema = reference.Name.SchemaIdentifier?.Value;
                if (name.Equals("sysname", StringComparison.OrdinalIgnoreCase) && (schema is null || schema.Equals("sys", StringComparison.OrdinalIgnoreCase)))
                {
                    return SqlType.SysName;
                }

                if (defaultLength == ConversionLength)
                {
                    throw SqlErrors.Make(243, 16, 1, $"Type {(schema is null ? name : schema + "." + name)} is not a defined system type.");
                }

                throw SqlErrors.Make(2715, 16, 6, $"Column, parameter, or variable #1: Cannot find data type {(schema is null ? name : schema + "." + name)}.");
        }
    }

    private static SqlType FromParsed(SqlDataTypeOption option, IList<Literal> parameters, int defaultLength)
    {
        int First(int otherwise) => parameters.Count == 0 ? otherwise : parameters[0] is MaxLiteral ? -1 : int.Parse(parameters[0].Value, System.Globalization.CultureInfo.InvariantCulture);
        byte Second() => parameters.Count < 2 ? (byte)0 : byte.Parse(parameters[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        SqlType Sized(SqlKind kind, int cap)
        {
            int length = First(defaultLength);
            if (length is 0 or < -1)
            {
                throw SqlErrors.Make(1001, 15, 1, $"Line 1: Length or precision specification {length} is invalid.");
            }

            return length > cap
                ? throw SqlErrors.Make(131, 15, 2, $"The size ({length}) given to the type '{kind.ToString().ToLowerInvariant()}' exceeds the maximum allowed for any data type ({cap}).")
                : new SqlType(kind, length);
        }

        return option switch
        {
            SqlDataTypeOption.BigInt => SqlType.BigInt,
            SqlDataTypeOption.Int => SqlType.Int,
            SqlDataTypeOption.SmallInt => SqlType.SmallInt,
            SqlDataTypeOption.TinyInt => SqlType.TinyInt,
            SqlDataTypeOption.Bit => SqlType.Bit,
            SqlDataTypeOption.Decimal or SqlDataTypeOption.Numeric => DecimalOf(First(18), Second()),
            SqlDataTypeOption.Money => SqlType.Money,
            SqlDataTypeOption.SmallMoney => new SqlType(SqlKind.SmallMoney),
            SqlDataTypeOption.Float => First(53) <= 24 ? SqlType.Real : SqlType.Float,
            SqlDataTypeOption.Real => SqlType.Real,
            SqlDataTypeOption.DateTime => SqlType.DateTime,
            SqlDataTypeOption.SmallDateTime => new SqlType(SqlKind.SmallDateTime),
            SqlDataTypeOption.Date => SqlType.Date,
            SqlDataTypeOption.Time => new SqlType(SqlKind.Time, Scale: (byte)First(7)),
            SqlDataTypeOption.DateTime2 => new SqlType(SqlKind.DateTime2, Scale: (byte)First(7)),
            SqlDataTypeOption.DateTimeOffset => new SqlType(SqlKind.DateTimeOffset, Scale: (byte)First(7)),
            SqlDataTypeOption.Char => Sized(SqlKind.Char, 8000),
            SqlDataTypeOption.VarChar => Sized(SqlKind.VarChar, 8000),
            SqlDataTypeOption.NChar => Sized(SqlKind.NChar, 4000),
            SqlDataTypeOption.NVarChar => Sized(SqlKind.NVarChar, 4000),
            SqlDataTypeOption.Text => new SqlType(SqlKind.Text),
            SqlDataTypeOption.NText => new SqlType(SqlKind.NText),
            SqlDataTypeOption.Binary => Sized(SqlKind.Binary, 8000),
            SqlDataTypeOption.VarBinary => Sized(SqlKind.VarBinary, 8000),
            SqlDataTypeOption.Image => new SqlType(SqlKind.Image),
            SqlDataTypeOption.Timestamp or SqlDataTypeOption.Rowversion => new SqlType(SqlKind.RowVersion),
            SqlDataTypeOption.UniqueIdentifier => SqlType.UniqueIdentifier,
            SqlDataTypeOption.Sql_Variant => SqlType.Variant,
            _ => throw SqlErrors.Make(2715, 16, 6, $"Column, parameter, or variable #1: Cannot find data type {option.ToString().ToLowerInvariant()}."),
        };
    }

    private static SqlType DecimalOf(int precision, byte scale)
    {
        if (precision is < 1 or > 38)
        {
            throw SqlErrors.Make(1001, 15, 1, $"Line 1: Length or precision specification {precision} is invalid.");
        }

        return scale > precision
            ? throw SqlErrors.Make(192, 15, 1, "The scale must be less than or equal to the precision.")
            : SqlType.Decimal((byte)precision, scale);
    }

    private static int CommonLength(SqlType high, SqlType low)
    {
        int a = TextLength(high);
        int b = TextLength(low);
        if (a < 0 || b < 0)
        {
            return -1;
        }

        int cap = high.Kind is SqlKind.NChar or SqlKind.NVarChar ? 4000 : 8000;
        return Math.Min(cap, Math.Max(a, b));
    }
}
