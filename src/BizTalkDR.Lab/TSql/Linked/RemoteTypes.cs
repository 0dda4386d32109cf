using System;
using System.Data;
using System.Data.Common;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.TSql;

/// <summary>Maps types between the lab and SqlClient.</summary>
internal static class RemoteTypes
{
    public static ResultColumn Column(DbColumn column)
    {
        int size = column.ColumnSize ?? 0;
        bool isMax = size is int.MaxValue or >= 1073741823 or < 0;
        SqlType type = (column.DataTypeName ?? "sql_variant").ToLowerInvariant() switch
        {
            "bit" => SqlType.Bit,
            "tinyint" => SqlType.TinyInt,
            "smallint" => new SqlType(SqlKind.SmallInt),
            "int" => SqlType.Int,
            "bigint" => SqlType.BigInt,
            "decimal" or "numeric" => SqlType.Decimal((byte)(column.NumericPrecision ?? 18), (byte)(column.NumericScale ?? 0)),
            "money" => SqlType.Money,
            "smallmoney" => new SqlType(SqlKind.SmallMoney),
            "real" => SqlType.Real,
            "float" => SqlType.Float,
            "date" => SqlType.Date,
            "time" => new SqlType(SqlKind.Time, Scale: (byte)(column.NumericScale ?? 7)),
            "smalldatetime" => new SqlType(SqlKind.SmallDateTime),
            "datetime" => SqlType.DateTime,
            "datetime2" => new SqlType(SqlKind.DateTime2, Scale: (byte)(column.NumericScale ?? 7)),
            "datetimeoffset" => new SqlType(SqlKind.DateTimeOffset, Scale: (byte)(column.NumericScale ?? 7)),
            "char" => new SqlType(SqlKind.Char, size),
            "varchar" => SqlType.VarChar(isMax ? -1 : size),
            "nchar" => new SqlType(SqlKind.NChar, size),
            "nvarchar" => SqlType.NVarChar(isMax ? -1 : size),
            "text" => new SqlType(SqlKind.Text),
            "ntext" => new SqlType(SqlKind.NText),
            "xml" => new SqlType(SqlKind.Xml),
            "binary" => new SqlType(SqlKind.Binary, size),
            "varbinary" => new SqlType(SqlKind.VarBinary, isMax ? -1 : size),
            "image" => new SqlType(SqlKind.Image),
            "timestamp" or "rowversion" => new SqlType(SqlKind.RowVersion),
            "uniqueidentifier" => SqlType.UniqueIdentifier,
            _ => SqlType.Variant,
        };
        return new ResultColumn(column.ColumnName ?? string.Empty, type, column.AllowDBNull ?? true, column.IsIdentity ?? false);
    }

    public static object? Value(SqlDataReader reader, int ordinal, SqlType type)
    {
        if (reader.IsDBNull(ordinal))
        {
            return null;
        }

        object value = reader.GetValue(ordinal);
        return type.Kind == SqlKind.SqlVariant ? new SqlVariant(TypeOf(value), value) : value;
    }

    public static SqlParameter Parameter(string name, SqlType type, object? value, bool output = false)
    {
        object? plain = value is SqlVariant variant ? variant.Value : value;
        var parameter = new SqlParameter(name, DbTypeOf(type.Kind))
        {
            Value = plain ?? DBNull.Value,
            Direction = output ? ParameterDirection.InputOutput : ParameterDirection.Input,
        };
        if (type.Length != 0)
        {
            parameter.Size = type.Length;
        }

        if (type.Kind == SqlKind.Decimal)
        {
            parameter.Precision = type.Precision;
            parameter.Scale = type.Scale;
        }

        return parameter;
    }

    private static SqlType TypeOf(object value) => value switch
    {
        bool => SqlType.Bit,
        byte => SqlType.TinyInt,
        short => new SqlType(SqlKind.SmallInt),
        int => SqlType.Int,
        long => SqlType.BigInt,
        decimal => SqlType.Decimal(38, 10),
        double => SqlType.Float,
        float => SqlType.Real,
        DateTime => SqlType.DateTime,
        Guid => SqlType.UniqueIdentifier,
        byte[] bytes => new SqlType(SqlKind.VarBinary, Math.Max(1, bytes.Length)),
        string text => SqlType.NVarChar(Math.Clamp(text.Length, 1, 4000)),
        _ => SqlType.NVarChar(4000),
    };

    private static SqlDbType DbTypeOf(SqlKind kind) => kind switch
    {
        SqlKind.Bit => SqlDbType.Bit,
        SqlKind.TinyInt => SqlDbType.TinyInt,
        SqlKind.SmallInt => SqlDbType.SmallInt,
        SqlKind.Int => SqlDbType.Int,
        SqlKind.BigInt => SqlDbType.BigInt,
        SqlKind.Decimal => SqlDbType.Decimal,
        SqlKind.Money => SqlDbType.Money,
        SqlKind.SmallMoney => SqlDbType.SmallMoney,
        SqlKind.Real => SqlDbType.Real,
        SqlKind.Float => SqlDbType.Float,
        SqlKind.Date => SqlDbType.Date,
        SqlKind.Time => SqlDbType.Time,
        SqlKind.SmallDateTime => SqlDbType.SmallDateTime,
        SqlKind.DateTime => SqlDbType.DateTime,
        SqlKind.DateTime2 => SqlDbType.DateTime2,
        SqlKind.DateTimeOffset => SqlDbType.DateTimeOffset,
        SqlKind.Char => SqlDbType.Char,
        SqlKind.VarChar => SqlDbType.VarChar,
        SqlKind.NChar => SqlDbType.NChar,
        SqlKind.Text => SqlDbType.Text,
        SqlKind.NText => SqlDbType.NText,
        SqlKind.Xml => SqlDbType.Xml,
        SqlKind.Binary => SqlDbType.Binary,
        SqlKind.VarBinary => SqlDbType.VarBinary,
        SqlKind.Image => SqlDbType.Image,
        SqlKind.RowVersion => SqlDbType.Timestamp,
        SqlKind.UniqueIdentifier => SqlDbType.UniqueIdentifier,
        SqlKind.SqlVariant => SqlDbType.Variant,
        _ => SqlDbType.NVarChar,
    };
}
