using System;
using System.Data;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Tests.Tds;

/// <summary>A value of a type.</summary>
/// <param name="Value">As the lab holds it.</param>
/// <param name="TypeName">What SqlClient calls the type.</param>
internal sealed record TypeCase(SqlType Type, object Value, string TypeName, SqlDbType DbType, int Size = 0)
{
    /// <summary>As SqlClient gives it.</summary>
    public object Expected => Value;

    public bool FitsVariant { get; init; } = true;

    /// <summary>The type SqlClient sends, when it differs.</summary>
    public SqlType? SentType { get; init; }

    /// <summary>The value SqlClient sends, when it differs.</summary>
    public object? Sent { get; init; }

    public SqlParameter Parameter(string name, ParameterDirection direction) => new(name, DbType)
    {
        Direction = direction,
        Value = Expected,
        Size = Size,
        Precision = Type.Kind == SqlKind.Decimal ? Type.Precision : (byte)0,
        Scale = Type.Scale,
    };

    public override string ToString() => Type.ToString();
}

internal static class TypeCases
{
    private static readonly DateTime Moment = new(2026, 11, 21, 23, 59, 59, DateTimeKind.Unspecified);
    private static readonly Guid Id = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly string Long = string.Concat(Enumerable.Repeat("Zeile mit Umlaut äöü und Euro € – ", 1000));
    private static readonly byte[] LongBytes = [.. Enumerable.Range(0, 70_000).Select(i => (byte)(i * 7))];

    public static readonly TypeCase[] All =
    [
        new(SqlType.Bit, true, "bit", SqlDbType.Bit),
        new(SqlType.TinyInt, (byte)255, "tinyint", SqlDbType.TinyInt),
        new(SqlType.SmallInt, short.MinValue, "smallint", SqlDbType.SmallInt),
        new(SqlType.Int, int.MinValue, "int", SqlDbType.Int),
        new(SqlType.BigInt, long.MinValue, "bigint", SqlDbType.BigInt),
        new(SqlType.Decimal(9, 4), -12345.6789m, "decimal", SqlDbType.Decimal),
        new(SqlType.Decimal(19, 0), 9999999999999999999m, "decimal", SqlDbType.Decimal),
        new(SqlType.LsnNumber, 34000000012300001m, "decimal", SqlDbType.Decimal),
        new(SqlType.Decimal(28, 28), 0.7922816251426433759354395033m, "decimal", SqlDbType.Decimal),
        new(SqlType.Decimal(38, 0), decimal.MaxValue, "decimal", SqlDbType.Decimal),
        new(SqlType.Decimal(38, 0), decimal.MinValue, "decimal", SqlDbType.Decimal),
        new(SqlType.Money, -922337203685477.5808m, "money", SqlDbType.Money),
        new(new SqlType(SqlKind.SmallMoney), 214748.3647m, "smallmoney", SqlDbType.SmallMoney),
        new(SqlType.Real, 1.5e-30f, "real", SqlDbType.Real),
        new(SqlType.Float, -1.7976931348623157E+308, "float", SqlDbType.Float),
        new(SqlType.Date, DateTime.MaxValue.Date, "date", SqlDbType.Date),
        new(new SqlType(SqlKind.Time, Scale: 7), new TimeSpan(TimeSpan.TicksPerDay - 1), "time", SqlDbType.Time),
        new(new SqlType(SqlKind.Time, Scale: 3), new TimeSpan(0, 1, 2, 3, 4), "time", SqlDbType.Time),
        new(new SqlType(SqlKind.Time, Scale: 1), new TimeSpan(0, 1, 2, 3, 400), "time", SqlDbType.Time),
        new(new SqlType(SqlKind.SmallDateTime), new DateTime(2079, 6, 6, 23, 59, 0), "smalldatetime", SqlDbType.SmallDateTime),
        new(SqlType.DateTime, Moment.AddMilliseconds(997), "datetime", SqlDbType.DateTime),
        new(SqlType.DateTime, new DateTime(1753, 1, 1, 0, 0, 0, 3), "datetime", SqlDbType.DateTime),
        new(SqlType.DateTime2, DateTime.MaxValue, "datetime2", SqlDbType.DateTime2),
        new(SqlType.DateTime2, DateTime.MinValue, "datetime2", SqlDbType.DateTime2),
        new(new SqlType(SqlKind.DateTime2, Scale: 2), Moment.AddMilliseconds(120), "datetime2", SqlDbType.DateTime2),
        new(new SqlType(SqlKind.DateTimeOffset, Scale: 7), new DateTimeOffset(Moment.AddTicks(1234567), TimeSpan.FromHours(14)), "datetimeoffset", SqlDbType.DateTimeOffset),
        new(new SqlType(SqlKind.DateTimeOffset, Scale: 4), new DateTimeOffset(Moment, TimeSpan.FromMinutes(-330)), "datetimeoffset", SqlDbType.DateTimeOffset),
        new(new SqlType(SqlKind.Char, 10), "äöü €     ", "char", SqlDbType.Char, 10),
        new(SqlType.VarChar(8000), new string('é', 8000), "varchar", SqlDbType.VarChar, 8000),
        new(SqlType.VarChar(20), "", "varchar", SqlDbType.VarChar, 20),
        new(SqlType.VarCharMax, Long, "varchar", SqlDbType.VarChar, -1) { FitsVariant = false },
        new(new SqlType(SqlKind.NChar, 5), "日本   ", "nchar", SqlDbType.NChar, 5),
        new(SqlType.NVarChar(4000), new string('日', 4000), "nvarchar", SqlDbType.NVarChar, 4000),
        new(SqlType.SysName, "BizTalkMsgBoxDb 😀", "nvarchar", SqlDbType.NVarChar, 128),
        new(SqlType.NVarCharMax, Long + "日本", "nvarchar", SqlDbType.NVarChar, -1) { FitsVariant = false },
        new(SqlType.NVarCharMax, "", "nvarchar", SqlDbType.NVarChar, -1) { FitsVariant = false },
        new(new SqlType(SqlKind.Text), Long, "text", SqlDbType.Text, -1) { FitsVariant = false },
        new(new SqlType(SqlKind.NText), Long, "ntext", SqlDbType.NText, -1) { FitsVariant = false },
        new(new SqlType(SqlKind.Xml), "<a b=\"ä\">日本</a>", "xml", SqlDbType.Xml, -1) { FitsVariant = false },
        new(new SqlType(SqlKind.Binary, 4), new byte[] { 1, 2, 0, 0 }, "binary", SqlDbType.Binary, 4),
        new(new SqlType(SqlKind.VarBinary, 8000), LongBytes[..8000], "varbinary", SqlDbType.VarBinary, 8000),
        new(SqlType.VarBinaryMax, LongBytes, "varbinary", SqlDbType.VarBinary, -1) { FitsVariant = false },
        new(SqlType.VarBinaryMax, Array.Empty<byte>(), "varbinary", SqlDbType.VarBinary, -1) { FitsVariant = false },
        new(new SqlType(SqlKind.Image), LongBytes, "image", SqlDbType.Image, -1) { FitsVariant = false },
        new(new SqlType(SqlKind.RowVersion), new byte[] { 0, 0, 0, 0, 0, 0, 7, 209 }, "timestamp", SqlDbType.Timestamp) { SentType = new SqlType(SqlKind.Binary, 8) },
        new(SqlType.UniqueIdentifier, Id, "uniqueidentifier", SqlDbType.UniqueIdentifier),
    ];
}
