using BizTalkDR.Lab.Engine;
using Xunit;

namespace BizTalkDR.Lab.Tests.Query;

/// <summary>Expression → type and value, as the product's documentation of each operator, function and conversion says.</summary>
public sealed class ExpressionTests(QueryLab lab) : IClassFixture<QueryLab>
{
    private readonly QueryLab _lab = lab;

    [Theory]
    // Integers: the result has the operands' type of higher precedence; division cuts.
    [InlineData("1 + 1", "int", "2")]
    [InlineData("7 / 2", "int", "3")]
    [InlineData("-7 / 2", "int", "-3")]
    [InlineData("-7 % 3", "int", "-1")]
    [InlineData("CAST(1 AS tinyint) + CAST(2 AS smallint)", "smallint", "3")]
    [InlineData("CAST(1 AS bigint) + 1", "bigint", "2")]
    [InlineData("2147483648", "decimal(10,0)", "2147483648")]
    [InlineData("-2147483648", "int", "-2147483648")]
    // Decimals: precision and scale rules.
    [InlineData("1.0 / 3", "decimal(7,6)", "0.333333")]
    [InlineData("2.0 / 3", "decimal(7,6)", "0.666666")]
    [InlineData("CAST(1 AS decimal(10,2)) * CAST(3 AS decimal(10,2))", "decimal(21,4)", "3")]
    [InlineData("CAST(1.5 AS decimal(5,1)) + CAST(2.25 AS decimal(5,2))", "decimal(7,2)", "3.75")]
    [InlineData("CAST(10 AS decimal(25,0)) + 1", "decimal(26,0)", "11")]
    [InlineData("1.5 + 1", "decimal(3,1)", "2.5")]
    [InlineData("7.5 % 2", "decimal(2,1)", "1.5")]
    [InlineData("$1.5 * 2", "money", "3")]
    [InlineData("1e0 / 4", "float", "0.25")]
    [InlineData("1e0 + 1.5", "float", "2.5")]
    [InlineData("'3' + 4", "int", "7")]
    [InlineData("NULL + 1", "int", "NULL")]
    // Bits.
    [InlineData("5 & 3", "int", "1")]
    [InlineData("5 | 3", "int", "7")]
    [InlineData("5 ^ 3", "int", "6")]
    [InlineData("~5", "int", "-6")]
    [InlineData("0x0F & 3", "int", "3")]
    // Text.
    [InlineData("'a' + 'bc'", "varchar(3)", "abc")]
    [InlineData("'a' + N'bc'", "nvarchar(3)", "abc")]
    [InlineData("'a' + NULL", "varchar(2)", "NULL")]
    [InlineData("0x01 + 0x0203", "varbinary(3)", "0x010203")]
    // datetime counts in days.
    [InlineData("CAST('20200101' AS datetime) + 1", "datetime", "2020-01-02")]
    [InlineData("CAST('20200101' AS datetime) - 0.5", "datetime", "2019-12-31 12:00:00")]
    // CASE and its relatives.
    [InlineData("CASE WHEN 1 = 1 THEN 1 ELSE 2.5 END", "decimal(11,1)", "1")]
    [InlineData("CASE 2 WHEN 1 THEN 'one' WHEN 2 THEN 'two' END", "varchar(3)", "two")]
    [InlineData("CASE WHEN NULL = NULL THEN 'same' ELSE 'unknown' END", "varchar(7)", "unknown")]
    [InlineData("COALESCE(NULL, 3, 4)", "int", "3")]
    [InlineData("COALESCE(CAST(NULL AS int), 2.5)", "decimal(11,1)", "2.5")]
    [InlineData("ISNULL(CAST(NULL AS varchar(2)), 'abcdef')", "varchar(2)", "ab")]
    [InlineData("ISNULL(NULL, 'abc')", "varchar(3)", "abc")]
    [InlineData("NULLIF(1, 1)", "int", "NULL")]
    [InlineData("NULLIF('a', 'A')", "varchar(1)", "NULL")]
    [InlineData("IIF(1 > 2, 'x', 'yy')", "varchar(2)", "yy")]
    [InlineData("CHOOSE(2, 'a', 'b')", "varchar(1)", "b")]
    [InlineData("CHOOSE(5, 'a', 'b')", "varchar(1)", "NULL")]
    [InlineData("dbo.twice(4)", "int", "8")]
    [InlineData("@@ROWCOUNT", "int", "7")]
    [InlineData("(SELECT 3)", "int", "3")]
    [InlineData("(SELECT 3 WHERE 1 = 0)", "int", "NULL")]
    public void Gives_type_and_value(string expression, string type, string value) => Check(expression, type, value);

    [Theory]
    [InlineData("1 = 1", true)]
    [InlineData("NULL = NULL", false)]
    [InlineData("NOT (NULL = 1)", false)]
    [InlineData("NULL IS NULL", true)]
    [InlineData("'abc' = 'ABC'", true)]
    [InlineData("'abc' = 'abc   '", true)]
    [InlineData("'abc' = ' abc'", false)]
    [InlineData("N'é' = 'e'", false)]
    [InlineData("'abc' COLLATE Latin1_General_BIN2 = 'ABC'", false)]
    [InlineData("'abc' COLLATE Latin1_General_CS_AS = 'ABC'", false)]
    [InlineData("'a' < 'B'", true)]
    [InlineData("'a' < 'B' COLLATE Latin1_General_BIN", false)]
    [InlineData("'_' < '0'", true)]
    [InlineData("'9' < 'a'", true)]
    [InlineData("N'e' < N'é' AND N'é' < N'f'", true)]
    [InlineData("N'ž' = 'Z' COLLATE Latin1_General_CI_AI", true)]
    [InlineData("N'ÿ' = 'y' COLLATE Latin1_General_CI_AI", true)]
    [InlineData("1 IN (3, 2, 1)", true)]
    [InlineData("1 IN (2, NULL)", false)]
    [InlineData("1 NOT IN (2, NULL)", false)]
    [InlineData("2 BETWEEN 1 AND 3", true)]
    [InlineData("2 NOT BETWEEN 3 AND 4", true)]
    [InlineData("'abc' LIKE 'A%'", true)]
    [InlineData("'abc' LIKE 'a_c'", true)]
    [InlineData("'abc' LIKE '[a-b]bc'", true)]
    [InlineData("'abc' LIKE '[^a]bc'", false)]
    [InlineData("'50%' LIKE '50!%' ESCAPE '!'", true)]
    [InlineData("'500' LIKE '50!%' ESCAPE '!'", false)]
    [InlineData("'a_c' LIKE 'a[_]c'", true)]
    [InlineData("'abc' LIKE 'a[_]c'", false)]
    [InlineData("'abc ' LIKE 'abc'", true)]
    [InlineData("'abc' LIKE 'abc '", false)]
    [InlineData("'' LIKE '%'", true)]
    [InlineData("EXISTS (SELECT 1)", true)]
    [InlineData("EXISTS (SELECT 1 WHERE 1 = 0)", false)]
    [InlineData("1 IN (SELECT 1 UNION ALL SELECT 2)", true)]
    [InlineData("3 > ALL (SELECT 1 UNION ALL SELECT 2)", true)]
    [InlineData("1 > ANY (SELECT 1 UNION ALL SELECT 2)", false)]
    [InlineData("CAST('6F9619FF-8B86-D011-B42D-00C04FC964FF' AS uniqueidentifier) = '6f9619ff-8b86-d011-b42d-00c04fc964ff'", true)]
    // uniqueidentifier sorts by its last six bytes first.
    [InlineData("CAST('FFFFFFFF-0000-0000-0000-000000000001' AS uniqueidentifier) < CAST('00000000-0000-0000-0000-000000000002' AS uniqueidentifier)", true)]
    [InlineData("0x01 = 0x0100", true)]
    [InlineData("CAST('2020-01-01' AS datetime) = '20200101'", true)]
    [InlineData("CAST(1 AS sql_variant) = CAST(1.0 AS sql_variant)", true)]
    [InlineData("CAST('1' AS sql_variant) = CAST(1 AS sql_variant)", false)]
    public void Decides_with_three_values(string condition, bool expected) =>
        Assert.Equal(expected ? "1" : "0", QueryLab.Show(_lab.Evaluate($"CASE WHEN {condition} THEN 1 ELSE 0 END").Value));

    [Theory]
    [InlineData("1 / 0", 8134)]
    [InlineData("2147483647 + 1", 8115)]
    [InlineData("CAST(255 AS tinyint) + CAST(1 AS tinyint)", 8115)]
    [InlineData("'a' + 1", 245)]
    [InlineData("'a' - 'b'", 8117)]
    [InlineData("'a' + 0x01", 402)]
    [InlineData("CAST(1 AS bit) + CAST(1 AS bit)", 402)]
    [InlineData("1e0 % 2", 402)]
    [InlineData("CAST('20200101' AS date) + 1", 206)]
    [InlineData("CAST('20200101' AS datetime) * 2", 8117)]
    [InlineData("NEWID() + 1", 206)]
    [InlineData("nosuch(1)", 195)]
    [InlineData("LEN()", 174)]
    [InlineData("LEN(1, 2)", 174)]
    [InlineData("CHARINDEX('a')", 189)]
    [InlineData("dbo.nosuch(1)", 4121)]
    [InlineData("nosuch", 128)]
    [InlineData("@nosuch", 137)]
    [InlineData("CASE WHEN 1 = 1 THEN NULL ELSE NULL END", 8133)]
    [InlineData("(SELECT 1, 2)", 116)]
    [InlineData("(SELECT 1 UNION ALL SELECT 2)", 512)]
    [InlineData("CASE WHEN CAST('a' AS text) = 'a' THEN 1 END", 402)]
    [InlineData("1 COLLATE Latin1_General_BIN", 447)]
    [InlineData("'a' COLLATE nosuch", 448)]
    [InlineData("ROW_NUMBER()", 10753)]
    [InlineData("DATEADD(fortnight, 1, '20200101')", 155)]
    [InlineData("SUBSTRING('abc', 1, -1)", 536)]
    public void Refuses(string expression, int error) =>
        Assert.Equal(error, Assert.Throws<LabSqlException>(() => _lab.Evaluate(expression)).Number);

    private void Check(string expression, string type, string value)
    {
        (SqlType given, object? result) = _lab.Evaluate(expression);
        Assert.Equal((type, value), (given.ToString(), QueryLab.Show(result)));
    }
}
