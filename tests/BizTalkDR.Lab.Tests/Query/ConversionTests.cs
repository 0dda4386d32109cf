using BizTalkDR.Lab.Engine;
using Xunit;

namespace BizTalkDR.Lab.Tests.Query;

/// <summary>CAST and CONVERT: values, styles and errors.</summary>
public sealed class ConversionTests(QueryLab lab) : IClassFixture<QueryLab>
{
    private readonly QueryLab _lab = lab;

    [Theory]
    [InlineData("CAST('12' AS int)", "int", "12")]
    [InlineData("CAST(' 12 ' AS int)", "int", "12")]
    [InlineData("CAST('' AS int)", "int", "0")]
    [InlineData("CAST(1.9 AS int)", "int", "1")]
    [InlineData("CAST($1.5 AS int)", "int", "2")]
    [InlineData("CAST(-1.9e0 AS int)", "int", "-1")]
    [InlineData("CAST('true' AS bit)", "bit", "1")]
    [InlineData("CAST(5 AS bit)", "bit", "1")]
    [InlineData("CAST(1.005 AS decimal(5,2))", "decimal(5,2)", "1.01")]
    [InlineData("CAST(-1.005 AS decimal(5,2))", "decimal(5,2)", "-1.01")]
    [InlineData("CAST('1234567890123456789012345' AS numeric(25,0))", "decimal(25,0)", "1234567890123456789012345")]
    [InlineData("CAST(1e3 AS decimal(10,2))", "decimal(10,2)", "1000")]
    [InlineData("CAST('$1,234.5' AS money)", "money", "1234.5")]
    [InlineData("CAST(0x0102 AS int)", "int", "258")]
    [InlineData("CAST(258 AS varbinary(8))", "varbinary(8)", "0x00000102")]
    [InlineData("CAST(258 AS binary(2))", "binary(2)", "0x0102")]
    [InlineData("CAST(CAST(1 AS bigint) AS binary(8))", "binary(8)", "0x0000000000000001")]
    [InlineData("CAST('abc' AS varbinary(2))", "varbinary(2)", "0x6162")]
    [InlineData("CAST(N'a' AS varbinary(4))", "varbinary(4)", "0x6100")]
    [InlineData("CAST(0x616263 AS varchar(10))", "varchar(10)", "abc")]
    [InlineData("CAST('abcdef' AS varchar(3))", "varchar(3)", "abc")]
    [InlineData("CAST('ab' AS char(4)) + '|'", "varchar(5)", "ab  |")]
    [InlineData("LEN(CAST(REPLICATE('x', 50) AS varchar))", "int", "30")]
    [InlineData("LEN(CONVERT(nvarchar, REPLICATE('x', 50)))", "int", "30")]
    [InlineData("CAST(12345 AS varchar(3))", "varchar(3)", "*")]
    [InlineData("CAST(1.50 AS varchar(10))", "varchar(10)", "1.50")]
    [InlineData("CAST(CAST(1 AS decimal(10,3)) AS varchar(10))", "varchar(10)", "1.000")]
    [InlineData("CAST(123456.7e0 AS varchar(20))", "varchar(20)", "123457")]
    [InlineData("CAST(1234567e0 AS varchar(20))", "varchar(20)", "1.23457e+006")]
    [InlineData("CAST(0.5e0 AS varchar(20))", "varchar(20)", "0.5")]
    [InlineData("CONVERT(varchar(30), 1e0 / 3, 2)", "varchar(30)", "3.333333333333333e-001")]
    [InlineData("CONVERT(varchar(20), $1234.5)", "varchar(20)", "1234.50")]
    [InlineData("CONVERT(varchar(20), $1234.5, 1)", "varchar(20)", "1,234.50")]
    [InlineData("CONVERT(varchar(20), $1234.5, 2)", "varchar(20)", "1234.5000")]
    [InlineData("CONVERT(varchar(10), 0xAB01, 1)", "varchar(10)", "0xAB01")]
    [InlineData("CONVERT(varchar(10), 0xAB01, 2)", "varchar(10)", "AB01")]
    [InlineData("CONVERT(varbinary(4), '0xAB01', 1)", "varbinary(4)", "0xAB01")]
    [InlineData("CONVERT(varbinary(4), 'AB01', 2)", "varbinary(4)", "0xAB01")]
    [InlineData("CAST(CAST('6F9619FF-8B86-D011-B42D-00C04FC964FF' AS uniqueidentifier) AS varchar(36))", "varchar(36)", "6F9619FF-8B86-D011-B42D-00C04FC964FF")]
    [InlineData("CAST(CAST('6F9619FF-8B86-D011-B42D-00C04FC964FF' AS uniqueidentifier) AS binary(16))", "binary(16)", "0xFF19966F868B11D0B42D00C04FC964FF")]
    [InlineData("CAST('{6F9619FF-8B86-D011-B42D-00C04FC964FF}' AS uniqueidentifier)", "uniqueidentifier", "6F9619FF-8B86-D011-B42D-00C04FC964FF")]
    [InlineData("CAST(CAST(5 AS sql_variant) AS varchar(5))", "varchar(5)", "5")]
    [InlineData("TRY_CAST('x' AS int)", "int", "NULL")]
    [InlineData("TRY_CONVERT(datetime, '20201301')", "datetime", "NULL")]
    [InlineData("CAST(N'日本' AS varchar(10))", "varchar(10)", "??")]
    [InlineData("CAST(NULL AS datetime)", "datetime", "NULL")]
    public void Converts(string expression, string type, string value) => Check(expression, type, value);

    [Theory]
    [InlineData("0", "Jan  2 2020  3:04PM")]
    [InlineData("100", "Jan  2 2020  3:04PM")]
    [InlineData("101", "01/02/2020")]
    [InlineData("102", "2020.01.02")]
    [InlineData("103", "02/01/2020")]
    [InlineData("104", "02.01.2020")]
    [InlineData("105", "02-01-2020")]
    [InlineData("106", "02 Jan 2020")]
    [InlineData("107", "Jan 02, 2020")]
    [InlineData("108", "15:04:05")]
    [InlineData("109", "Jan  2 2020  3:04:05:677PM")]
    [InlineData("110", "01-02-2020")]
    [InlineData("111", "2020/01/02")]
    [InlineData("112", "20200102")]
    [InlineData("113", "02 Jan 2020 15:04:05:677")]
    [InlineData("114", "15:04:05:677")]
    [InlineData("120", "2020-01-02 15:04:05")]
    [InlineData("121", "2020-01-02 15:04:05.677")]
    [InlineData("126", "2020-01-02T15:04:05.677")]
    public void Writes_datetime_by_style(string style, string text) =>
        Check($"CONVERT(varchar(40), CAST('2020-01-02T15:04:05.678' AS datetime), {style})", "varchar(40)", text);

    [Theory]
    [InlineData("CAST('2020-01-02' AS date)", "2020-01-02")]
    [InlineData("CAST('20200102 10:20:30.123' AS datetime)", "2020-01-02 10:20:30.123")]
    // 1/300 s: .001 goes to .000, .002 to .003, .009 to .010.
    [InlineData("CAST('20200102 10:20:30.001' AS datetime)", "2020-01-02 10:20:30")]
    [InlineData("CAST('20200102 10:20:30.002' AS datetime)", "2020-01-02 10:20:30.003")]
    [InlineData("CAST('20200102 10:20:30.005' AS datetime)", "2020-01-02 10:20:30.007")]
    [InlineData("CAST('20200102 10:20:30.999' AS datetime)", "2020-01-02 10:20:31")]
    [InlineData("CAST('20200102 23:59:59.999' AS datetime)", "2020-01-03")]
    [InlineData("CAST('2020-01-02 10:20:30' AS smalldatetime)", "2020-01-02 10:21:00")]
    [InlineData("CAST('2020-01-02 10:20:29.998' AS smalldatetime)", "2020-01-02 10:20:00")]
    [InlineData("CAST('2020-01-02T10:20:30.1234567' AS datetime2)", "2020-01-02 10:20:30.1234567")]
    [InlineData("CAST('2020-01-02T10:20:30.1234567' AS datetime2(3))", "2020-01-02 10:20:30.123")]
    [InlineData("CAST('2020-01-02T10:20:30.1234567+02:00' AS datetimeoffset)", "2020-01-02 10:20:30.1234567+02:00")]
    [InlineData("CAST('01/02/2020' AS datetime)", "2020-01-02")]
    [InlineData("CONVERT(datetime, '01/02/2020', 103)", "2020-02-01")]
    [InlineData("CONVERT(datetime, '02.01.2020', 104)", "2020-01-02")]
    [InlineData("CAST('Jan 2 2020 3:04PM' AS datetime)", "2020-01-02 15:04:00")]
    [InlineData("CAST('2 January 2020' AS datetime)", "2020-01-02")]
    [InlineData("CAST('' AS datetime)", "1900-01-01")]
    [InlineData("CAST('10:20' AS datetime)", "1900-01-01 10:20:00")]
    [InlineData("CAST('10:20:30' AS time(0))", "10:20:30")]
    [InlineData("CAST(1 AS datetime)", "1900-01-02")]
    [InlineData("CAST(CAST('20200102 10:20' AS datetime) AS date)", "2020-01-02")]
    [InlineData("CAST(CAST('20200102 10:20' AS datetime) AS time)", "10:20:00")]
    [InlineData("CAST(CAST('20200102 10:20:30.003' AS datetime) AS datetime2)", "2020-01-02 10:20:30.0033333")]
    [InlineData("CAST('2020-01-02T10:20:30Z' AS datetime)", "2020-01-02 10:20:30")]
    public void Reads_dates(string expression, string value) => Assert.Equal(value, QueryLab.Show(_lab.Evaluate(expression).Value));

    [Theory]
    [InlineData("CAST('abc' AS int)", 245, "Conversion failed when converting the varchar value 'abc' to data type int.")]
    [InlineData("CAST(N'abc' AS int)", 245, "Conversion failed when converting the nvarchar value 'abc' to data type int.")]
    [InlineData("CAST('1.5' AS int)", 245, "Conversion failed when converting the varchar value '1.5' to data type int.")]
    [InlineData("CAST('3000000000' AS int)", 248, "The conversion of the varchar value '3000000000' overflowed an int column.")]
    [InlineData("CAST('300' AS tinyint)", 244, "The conversion of the varchar value '300' overflowed an INT1 column. Use a larger integer column.")]
    [InlineData("CAST('x' AS bigint)", 8114, "Error converting data type varchar to bigint.")]
    [InlineData("CAST('x' AS decimal(5,2))", 8114, "Error converting data type varchar to numeric.")]
    [InlineData("CAST('x' AS float)", 8114, "Error converting data type varchar to float.")]
    [InlineData("CAST('x' AS money)", 235, "Cannot convert a char value to money. The char value has incorrect syntax.")]
    [InlineData("CAST('x' AS datetime)", 241, "Conversion failed when converting date and/or time from character string.")]
    [InlineData("CAST('2020-13-01' AS datetime)", 242, "The conversion of a varchar data type to a datetime data type resulted in an out-of-range value.")]
    [InlineData("CAST('1700-01-01' AS datetime)", 242, "The conversion of a varchar data type to a datetime data type resulted in an out-of-range value.")]
    [InlineData("CAST('2020-13-01' AS date)", 241, "Conversion failed when converting date and/or time from character string.")]
    [InlineData("CAST('2020-01-01 10:20:30.1234' AS datetime)", 241, "Conversion failed when converting date and/or time from character string.")]
    [InlineData("CAST(CAST('0001-01-01' AS datetime2) AS datetime)", 242, "The conversion of a datetime2 data type to a datetime data type resulted in an out-of-range value.")]
    [InlineData("CAST('x' AS uniqueidentifier)", 8169, "Conversion failed when converting from a character string to uniqueidentifier.")]
    [InlineData("CAST(NEWID() AS varchar(10))", 8170, "Insufficient result space to convert uniqueidentifier value to char.")]
    [InlineData("CAST(256 AS tinyint)", 220, "Arithmetic overflow error for data type tinyint, value = 256.")]
    [InlineData("CAST(40000 AS smallint)", 220, "Arithmetic overflow error for data type smallint, value = 40000.")]
    [InlineData("CAST(3000000000 AS int)", 8115, "Arithmetic overflow error converting numeric to data type int.")]
    [InlineData("CAST(CAST(3000000000 AS bigint) AS int)", 8115, "Arithmetic overflow error converting expression to data type int.")]
    [InlineData("CAST(3e10 AS int)", 232, "Arithmetic overflow error for type int, value = 30000000000.000000.")]
    [InlineData("CAST(1000 AS decimal(5,2))", 8115, "Arithmetic overflow error converting int to data type numeric.")]
    [InlineData("CAST(1000.0 AS decimal(5,2))", 8115, "Arithmetic overflow error converting numeric to data type numeric.")]
    [InlineData("CAST(12345 AS nvarchar(3))", 8115, "Arithmetic overflow error converting expression to data type nvarchar.")]
    [InlineData("CAST(CAST('20200101' AS date) AS int)", 529, "Explicit conversion from data type date to int is not allowed.")]
    [InlineData("CAST(1 AS uniqueidentifier)", 529, "Explicit conversion from data type int to uniqueidentifier is not allowed.")]
    [InlineData("CAST(CAST('20200101' AS date) AS time)", 529, "Explicit conversion from data type date to time is not allowed.")]
    [InlineData("CONVERT(varchar(20), GETDATE(), 99)", 281, "99 is not a valid style number when converting from datetime to a character string.")]
    [InlineData("CAST(1 AS nosuch)", 243, "Type nosuch is not a defined system type.")]
    public void Refuses_what_cannot_be_converted(string expression, int error, string text)
    {
        LabSqlException thrown = Assert.Throws<LabSqlException>(() => _lab.Evaluate(expression));
        Assert.Equal((error, text), (thrown.Number, thrown.Message));
    }

    [Fact]
    public void A_declared_type_without_length_is_one_long() =>
        Assert.Equal("nvarchar(1)", _lab.Engine.ToSqlType(Parse("nvarchar")).ToString());

    [Fact]
    public void Sysname_is_nvarchar_128() => Assert.Equal(SqlType.SysName, _lab.Engine.ToSqlType(Parse("sysname")));

    private static Microsoft.SqlServer.TransactSql.ScriptDom.DataTypeReference Parse(string type)
    {
        using System.IO.StringReader reader = new($"CAST(1 AS {type})");
        return ((Microsoft.SqlServer.TransactSql.ScriptDom.CastCall)new Microsoft.SqlServer.TransactSql.ScriptDom.TSql150Parser(true).ParseExpression(reader, out _)).DataType;
    }

    private void Check(string expression, string type, string value)
    {
        (SqlType given, object? result) = _lab.Evaluate(expression);
        Assert.Equal((type, value), (given.ToString(), QueryLab.Show(result)));
    }
}
