using System;
using System.Collections.Generic;
using System.Data;
using System.Data.Common;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.TSql;

/// <summary>Translates types and values between the lab and SqlClient, which carries them to the other instance.</summary>
internal static class LinkedTypes
{
    private static readonly Dictionary<SqlKind, SqlDbType> s_types = new()
    {
        [SqlKind.Bit] = SqlDbType.Bit, [SqlKind.TinyInt] = SqlDbType.TinyInt, [SqlKind.SmallInt] = SqlDbType.SmallInt, [SqlKind.Int] = SqlDbType.Int,
        [SqlKind.BigInt] = SqlDbType.BigInt, [SqlKind.Decimal] = SqlDbType.Decimal, [SqlKind.Money] = SqlDbType.Money, [SqlKind.SmallMoney] = SqlDbType.SmallMoney,
        [SqlKind.Real] = SqlDbType.Real, [SqlKind.Float] = SqlDbType.Float, [SqlKind.Date] = SqlDbType.Date, [SqlKind.Time] = SqlDbType.Time,
        [SqlKind.SmallDateTime] = SqlDbType.SmallDateTime, [SqlKind.DateTime] = SqlDbType.DateTime, [SqlKind.DateTime2] = SqlDbType.DateTime2,
        [SqlKind.DateTimeOffset] = SqlDbType.DateTimeOffset, [SqlKind.Char] = SqlDbType.Char, [SqlKind.VarChar] = SqlDbType.VarChar, [SqlKind.NChar] = SqlDbType.NChar,
        [SqlKind.NVarChar] = SqlDbType.NVarChar, [SqlKind.Text] = SqlDbType.VarChar, [SqlKind.NText] = SqlDbType.NVarChar, [SqlKind.Xml] = SqlDbType.NVarChar,
        [SqlKind.Binary] = SqlDbType.Binary, [SqlKind.VarBinary] = SqlDbType.VarBinary, [SqlKind.Image] = SqlDbType.VarBinary, [SqlKind.RowVersion] = SqlDbType.Timestamp,
        [SqlKind.UniqueIdentifier] = SqlDbType.UniqueIdentifier, [SqlKind.SqlVariant] = SqlDbType.Variant,
    };

    public static SqlParameter Parameter(LinkedParameter parameter)
    {
        SqlType type = parameter.Type;
        var result = new SqlParameter(parameter.Name, s_types[type.Kind]) { Direction = parameter.IsOutput ? ParameterDirection.InputOutput : ParameterDirection.Input };
        if (type.IsCharacter || type.IsBinary)
        {
            result.Size = type.Kind is SqlKind.Text or SqlKind.NText or SqlKind.Xml or SqlKind.Image || type.Length < 0 ? -1 : Math.Max(1, type.Length);
        }
        else if (type.Kind == SqlKind.Decimal)
        {
            result.Precision = type.Precision;
            result.Scale = type.Scale;
        }
        else if (type.Kind is SqlKind.Time or SqlKind.DateTime2 or SqlKind.DateTimeOffset)
        {
            result.Scale = type.Scale;
        }

        result.Value = parameter.Value switch
        {
            null => DBNull.Value,
            SqlVariant variant => variant.Value,
            var value => value,
        };
        return result;
    }

    public static IReadOnlyList<ResultColumn> Columns(SqlDataReader reader) =>
        [.. reader.GetColumnSchema().Select(c => new ResultColumn(c.ColumnName, TypeOf(c), c.AllowDBNull ?? true))];

    public static object? FromClient(object? value, SqlType type) => value switch
    {
        null or DBNull => null,
        _ when type.Kind == SqlKind.SqlVariant => new SqlVariant(BaseTypeOf(value), value),
        _ => value,
    };

    private static SqlType TypeOf(DbColumn column)
    {
        int size = column.ColumnSize is null or > 8000 ? -1 : column.ColumnSize.Value;
        byte scale = (byte)(column.NumericScale is >= 0 and <= 38 ? column.NumericScale.Value : 0);
        return column.DataTypeName?.ToLowerInvariant() switch
        {
            "bit" => SqlType.Bit,
            "tinyint" => SqlType.TinyInt,
            "smallint" => SqlType.SmallInt,
            "int" => SqlType.Int,
            "bigint" => SqlType.BigInt,
            "decimal" or "numeric" => SqlType.Decimal((byte)(column.NumericPrecision ?? 18), scale),
            "money" => SqlType.Money,
            "smallmoney" => new SqlType(SqlKind.SmallMoney),
            "real" => SqlType.Real,
            "float" => SqlType.Float,
            "date" => SqlType.Date,
            "time" => new SqlType(SqlKind.Time, Scale: scale),
            "smalldatetime" => new SqlType(SqlKind.SmallDateTime),
            "datetime" => SqlType.DateTime,
            "datetime2" => new SqlType(SqlKind.DateTime2, Scale: scale),
            "datetimeoffset" => new SqlType(SqlKind.DateTimeOffset, Scale: scale),
            "char" => new SqlType(SqlKind.Char, size),
            "varchar" => new SqlType(SqlKind.VarChar, size),
            "nchar" => new SqlType(SqlKind.NChar, size),
            "nvarchar" => new SqlType(SqlKind.NVarChar, size),
            "text" => new SqlType(SqlKind.Text),
            "ntext" => new SqlType(SqlKind.NText),
            "xml" => new SqlType(SqlKind.Xml),
            "binary" => new SqlType(SqlKind.Binary, size),
            "varbinary" => new SqlType(SqlKind.VarBinary, size),
            "image" => new SqlType(SqlKind.Image),
            "timestamp" => new SqlType(SqlKind.RowVersion),
            "uniqueidentifier" => SqlType.UniqueIdentifier,
            "sql_variant" => SqlType.Variant,
            var other => throw new LabSqlException(7354, 16, 1, $"The linked server supplied invalid metadata for column \"{column.ColumnName}\". The data type '{other}' is not supported."),
        };
    }

    private static SqlType BaseTypeOf(object value) => value switch
    {
        bool => SqlType.Bit,
        byte => SqlType.TinyInt,
        short => SqlType.SmallInt,
        int => SqlType.Int,
        long => SqlType.BigInt,
        decimal => SqlType.Decimal(38, 10),
        float => SqlType.Real,
        double => SqlType.Float,
        DateTime => SqlType.DateTime,
        Guid => SqlType.UniqueIdentifier,
        byte[] bytes => new SqlType(SqlKind.VarBinary, bytes.Length),
        _ => SqlType.NVarChar(4000),
    };
}
