using System;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.TSql;
using Xunit;

namespace BizTalkDR.Lab.Tests.Query;

/// <summary>Tables the SELECT tests read; nothing changes them.</summary>
public sealed class SelectLab : IDisposable
{
    public SelectLab()
    {
        Lab.Run("""
            CREATE TABLE emp (id int NOT NULL PRIMARY KEY, name nvarchar(20) NOT NULL, dept int NULL, boss int NULL, pay decimal(10,2) NULL);
            CREATE TABLE dept (id int NOT NULL PRIMARY KEY, name nvarchar(20));
            INSERT INTO dept VALUES (1, N'Sales'), (2, N'Lab'), (3, N'Empty');
            INSERT INTO emp VALUES (1, N'Ann', 1, NULL, 100), (2, N'bob', 1, 1, 50), (3, N'Cid', 2, 1, 70.5), (4, N'Dan', NULL, 3, NULL), (5, N'Eve', 2, 3, 50);
            """);
        Lab.View("rich", "SELECT id, name, pay FROM emp WHERE pay >= 70");
    }

    public QueryLab Lab { get; } = new();

    public void Dispose() => Lab.Dispose();
}

public sealed class SelectTests(SelectLab fixture) : IClassFixture<SelectLab>
{
    private readonly QueryLab _lab = fixture.Lab;

    [Theory]
    [InlineData("SELECT 1, 'a' AS b", "1|a")]
    [InlineData("SELECT name FROM emp WHERE id = 3", "Cid")]
    [InlineData("SELECT e.name FROM dbo.emp e WHERE e.dept IS NULL", "Dan")]
    [InlineData("SELECT emp.name FROM dbo.emp WHERE dbo.emp.id = 1", "Ann")]
    [InlineData("SELECT * FROM dept WHERE name LIKE 's%'", "1|Sales")]
    [InlineData("SELECT d.* , e.id FROM dept d JOIN emp e ON e.dept = d.id WHERE e.id = 3", "2|Lab|3")]
    [InlineData("SELECT id FROM emp WHERE pay = 50 ORDER BY id DESC", "5;2")]
    [InlineData("SELECT id FROM emp ORDER BY pay, name DESC", "4;5;2;3;1")]
    [InlineData("SELECT name n FROM emp ORDER BY n DESC", "Eve;Dan;Cid;bob;Ann")]
    [InlineData("SELECT id, -id AS id2 FROM emp ORDER BY 2", "5|-5;4|-4;3|-3;2|-2;1|-1")]
    [InlineData("SELECT TOP (2) id FROM emp ORDER BY id", "1;2")]
    [InlineData("SELECT TOP 40 PERCENT id FROM emp ORDER BY id", "1;2")]
    [InlineData("SELECT TOP (1) WITH TIES id FROM emp WHERE pay IS NOT NULL ORDER BY pay", "2;5")]
    [InlineData("SELECT id FROM emp ORDER BY id OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY", "2;3")]
    [InlineData("SELECT DISTINCT dept FROM emp ORDER BY dept", "NULL;1;2")]
    [InlineData("SELECT name FROM emp ORDER BY name COLLATE Latin1_General_BIN", "Ann;Cid;Dan;Eve;bob")]
    [InlineData("SELECT 5 WHERE 1 = 0", "")]
    [InlineData("SELECT id FROM emp WHERE 1 = 0", "")]
    public void Selects(string sql, string rows) => Check(sql, rows);

    [Theory]
    [InlineData("SELECT e.id, d.name FROM emp e JOIN dept d ON d.id = e.dept ORDER BY e.id", "1|Sales;2|Sales;3|Lab;5|Lab")]
    [InlineData("SELECT e.id, d.name FROM emp e, dept d WHERE d.id = e.dept AND e.id > 2 ORDER BY 1", "3|Lab;5|Lab")]
    [InlineData("SELECT e.id, d.name FROM emp e LEFT JOIN dept d ON d.id = e.dept ORDER BY 1", "1|Sales;2|Sales;3|Lab;4|NULL;5|Lab")]
    [InlineData("SELECT e.id FROM emp e LEFT JOIN dept d ON d.id = e.dept WHERE d.id IS NULL", "4")]
    [InlineData("SELECT e.id, d.id FROM emp e LEFT JOIN dept d ON d.id = e.dept ORDER BY 1", "1|1;2|1;3|2;4|NULL;5|2")]
    [InlineData("SELECT e.id, d.id FROM dept d RIGHT JOIN emp e ON d.id = e.dept ORDER BY 1", "1|1;2|1;3|2;4|NULL;5|2")]
    [InlineData("SELECT e.id, d.id FROM emp e FULL JOIN dept d ON d.id = e.dept WHERE e.id = 4", "4|NULL")]
    [InlineData("SELECT e.id, d.id FROM emp e OUTER APPLY (SELECT id FROM dept WHERE id = e.dept) d WHERE e.id > 3 ORDER BY 1", "4|NULL;5|2")]
    [InlineData("SELECT e.id, x.b FROM emp e LEFT JOIN (dept d JOIN (SELECT id AS b FROM dept) x ON x.b = d.id) ON d.id = e.dept WHERE e.id > 3 ORDER BY 1", "4|NULL;5|2")]
    [InlineData("SELECT e.id, d.name FROM emp e LEFT JOIN dept d ON d.id = e.dept AND d.name = N'Lab' ORDER BY 1", "1|NULL;2|NULL;3|Lab;4|NULL;5|Lab")]
    [InlineData("SELECT e.id, d.name FROM emp e RIGHT JOIN dept d ON d.id = e.dept WHERE d.id > 1 ORDER BY 2, 1", "NULL|Empty;3|Lab;5|Lab")]
    [InlineData("SELECT e.id, d.id FROM emp e FULL JOIN dept d ON d.id = e.dept WHERE e.id IS NULL OR d.id IS NULL ORDER BY 1", "NULL|3;4|NULL")]
    [InlineData("SELECT COUNT(*) FROM emp CROSS JOIN dept", "15")]
    [InlineData("SELECT e.id FROM emp e JOIN emp b ON e.pay < b.pay AND b.id = 3 ORDER BY 1", "2;5")]
    [InlineData("SELECT e.name, b.name FROM emp e LEFT JOIN (emp b JOIN dept d ON d.id = b.dept) ON b.id = e.boss ORDER BY e.id", "Ann|NULL;bob|Ann;Cid|Ann;Dan|Cid;Eve|Cid")]
    [InlineData("SELECT d.name, x.id FROM dept d CROSS APPLY (SELECT TOP 1 e.id FROM emp e WHERE e.dept = d.id ORDER BY e.pay DESC) x ORDER BY 2", "Sales|1;Lab|3")]
    [InlineData("SELECT d.name, x.id FROM dept d OUTER APPLY (SELECT e.id FROM emp e WHERE e.dept = d.id AND e.id > 2) x ORDER BY 1, 2", "Empty|NULL;Lab|3;Lab|5;Sales|NULL")]
    [InlineData("SELECT e.id, f.n FROM emp e CROSS APPLY dbo.numbers(e.dept) f WHERE e.id < 4 ORDER BY 1, 2", "1|1;2|1;3|1;3|2")]
    [InlineData("SELECT n FROM dbo.numbers(2)", "1;2")]
    [InlineData("SELECT v.a, v.b FROM (VALUES (1, 'x'), (2, NULL)) v(a, b)", "1|x;2|NULL")]
    [InlineData("SELECT e.name, v.n FROM emp e CROSS APPLY (VALUES (e.id), (e.id * 10)) v(n) WHERE e.id = 2", "bob|2;bob|20")]
    [InlineData("SELECT value FROM STRING_SPLIT('a,b', ',')", "a;b")]
    [InlineData("SELECT t.i FROM (SELECT id AS i FROM emp WHERE dept = 1) t ORDER BY 1", "1;2")]
    [InlineData("SELECT id FROM rich ORDER BY pay", "3;1")]
    [InlineData("SELECT e.id FROM emp e WITH (NOLOCK) JOIN rich r ON r.id = e.id ORDER BY 1 OPTION (HASH JOIN)", "1;3")]
    public void Joins(string sql, string rows) => Check(sql, rows);

    [Theory]
    [InlineData("SELECT COUNT(*), COUNT(pay), SUM(pay), MIN(name), MAX(id) FROM emp", "5|4|270.5|Ann|5")]
    [InlineData("SELECT AVG(id), AVG(pay) FROM emp", "3|67.625")]
    [InlineData("SELECT COUNT(*), SUM(id) FROM emp WHERE 1 = 0", "0|NULL")]
    [InlineData("SELECT COUNT(*) FROM emp WHERE 1 = 0 GROUP BY dept", "")]
    [InlineData("SELECT dept, COUNT(*) c FROM emp GROUP BY dept HAVING COUNT(*) > 1 ORDER BY dept", "1|2;2|2")]
    [InlineData("SELECT dept, SUM(pay) FROM emp GROUP BY dept ORDER BY SUM(pay) DESC", "1|150;2|120.5;NULL|NULL")]
    [InlineData("SELECT id % 2, COUNT(*) FROM emp GROUP BY id % 2 ORDER BY id % 2", "0|2;1|3")]
    [InlineData("SELECT COUNT(DISTINCT pay), SUM(DISTINCT pay) FROM emp", "3|220.5")]
    [InlineData("SELECT STRING_AGG(name, ',') WITHIN GROUP (ORDER BY id DESC) FROM emp", "Eve,Dan,Cid,bob,Ann")]
    [InlineData("SELECT d.name, (SELECT COUNT(*) FROM emp e WHERE e.dept = d.id) FROM dept d ORDER BY d.id", "Sales|2;Lab|2;Empty|0")]
    [InlineData("SELECT dept, (SELECT d.name FROM dept d WHERE d.id = e.dept) FROM emp e GROUP BY dept ORDER BY dept", "NULL|NULL;1|Sales;2|Lab")]
    [InlineData("SELECT STDEV(id), VAR(id) FROM emp WHERE id < 4", "1|1")]
    public void Groups(string sql, string rows) => Check(sql, rows);

    [Theory]
    [InlineData("SELECT id, ROW_NUMBER() OVER (ORDER BY pay DESC, id) FROM emp ORDER BY 2", "1|1;3|2;2|3;5|4;4|5")]
    [InlineData("SELECT id, RANK() OVER (ORDER BY pay) r, DENSE_RANK() OVER (ORDER BY pay) d FROM emp ORDER BY id", "1|5|4;2|2|2;3|4|3;4|1|1;5|2|2")]
    [InlineData("SELECT id, ROW_NUMBER() OVER (PARTITION BY dept ORDER BY id) FROM emp ORDER BY id", "1|1;2|2;3|1;4|1;5|2")]
    [InlineData("SELECT id, SUM(pay) OVER (PARTITION BY dept) FROM emp ORDER BY id", "1|150;2|150;3|120.5;4|NULL;5|120.5")]
    [InlineData("SELECT id, SUM(id) OVER (ORDER BY id) FROM emp ORDER BY id", "1|1;2|3;3|6;4|10;5|15")]
    [InlineData("SELECT id, SUM(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM emp ORDER BY id", "1|1;2|3;3|5;4|7;5|9")]
    [InlineData("SELECT id, LAG(id) OVER (ORDER BY id), LEAD(id, 2, 0) OVER (ORDER BY id) FROM emp WHERE id < 4 ORDER BY id", "1|NULL|3;2|1|0;3|2|0")]
    [InlineData("SELECT id, FIRST_VALUE(name) OVER (ORDER BY id), LAST_VALUE(id) OVER (ORDER BY pay) FROM emp WHERE pay = 50 ORDER BY id", "2|bob|5;5|bob|5")]
    [InlineData("SELECT id, NTILE(2) OVER (ORDER BY id) FROM emp ORDER BY id", "1|1;2|1;3|1;4|2;5|2")]
    [InlineData("SELECT dept, SUM(SUM(pay)) OVER () FROM emp GROUP BY dept ORDER BY dept", "NULL|270.5;1|270.5;2|270.5")]
    [InlineData("SELECT COUNT(*) OVER (), id FROM emp WHERE id < 3 ORDER BY id", "2|1;2|2")]
    public void Windows(string sql, string rows) => Check(sql, rows);

    [Theory]
    [InlineData("SELECT id FROM emp WHERE dept IN (SELECT id FROM dept WHERE name = 'Lab') ORDER BY 1", "3;5")]
    [InlineData("SELECT id FROM dept WHERE id NOT IN (SELECT dept FROM emp)", "")]
    [InlineData("SELECT id FROM dept WHERE id NOT IN (SELECT dept FROM emp WHERE dept IS NOT NULL)", "3")]
    [InlineData("SELECT id FROM dept d WHERE NOT EXISTS (SELECT * FROM emp WHERE dept = d.id)", "3")]
    [InlineData("SELECT id FROM emp e WHERE pay > (SELECT AVG(pay) FROM emp x WHERE x.dept = e.dept) ORDER BY 1", "1;3")]
    [InlineData("SELECT id FROM emp WHERE pay >= ALL (SELECT pay FROM emp WHERE pay IS NOT NULL)", "1")]
    [InlineData("SELECT id FROM emp e WHERE e.name = ANY (SELECT CAST(N'Ann' AS nvarchar(20)) UNION SELECT N'Eve') ORDER BY 1", "1;5")]
    [InlineData("SELECT 1 UNION SELECT 1 UNION ALL SELECT 2", "1;2")]
    [InlineData("SELECT 1 UNION ALL SELECT 2.5 ORDER BY 1 DESC", "2.5;1")]
    [InlineData("SELECT NULL UNION ALL SELECT 'a'", "NULL;a")]
    [InlineData("SELECT id FROM emp EXCEPT SELECT id FROM rich ORDER BY id", "2;4;5")]
    [InlineData("SELECT dept FROM emp INTERSECT SELECT id FROM dept ORDER BY 1", "1;2")]
    [InlineData("WITH a AS (SELECT id FROM emp WHERE dept = 1), b(x) AS (SELECT id + 10 FROM a) SELECT x FROM b ORDER BY x", "11;12")]
    [InlineData("WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 4) SELECT i FROM n", "1;2;3;4")]
    [InlineData("WITH t AS (SELECT id, name, 0 AS depth FROM emp WHERE boss IS NULL UNION ALL SELECT e.id, e.name, t.depth + 1 FROM emp e JOIN t ON e.boss = t.id) SELECT name, depth FROM t ORDER BY depth, name", "Ann|0;bob|1;Cid|1;Dan|2;Eve|2")]
    [InlineData("WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 150) SELECT COUNT(*) FROM n OPTION (MAXRECURSION 0)", "150")]
    [InlineData("SELECT ',' + name FROM emp WHERE dept = 1 ORDER BY id FOR XML PATH('')", ",Ann,bob")]
    [InlineData("SELECT d.name, STUFF((SELECT ',' + e.name FROM emp e WHERE e.dept = d.id ORDER BY e.id FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 1, '') FROM dept d ORDER BY d.id", "Sales|Ann,bob;Lab|Cid,Eve;Empty|NULL")]
    [InlineData("SELECT id AS '@id', name FROM dept WHERE id < 3 FOR XML PATH('d'), ROOT('r')", "<r><d id=\"1\"><name>Sales</name></d><d id=\"2\"><name>Lab</name></d></r>")]
    [InlineData("SELECT id, name FROM dept WHERE id = 1 FOR XML AUTO", "<dept id=\"1\" name=\"Sales\"/>")]
    public void Nests(string sql, string rows) => Check(sql, rows);

    [Theory]
    [InlineData("SELECT nosuch FROM emp", 207)]
    [InlineData("SELECT e.nosuch FROM emp e", 207)]
    [InlineData("SELECT x.id FROM emp e", 4104)]
    [InlineData("SELECT emp.id FROM emp e", 4104)]
    [InlineData("SELECT id FROM emp, dept", 209)]
    [InlineData("SELECT * FROM nosuch", 208)]
    [InlineData("SELECT x.* FROM emp", 107)]
    [InlineData("SELECT *", 263)]
    [InlineData("SELECT 1 FROM emp, emp", 1013)]
    [InlineData("SELECT name, COUNT(*) FROM emp", 8120)]
    [InlineData("SELECT COUNT(*) FROM emp GROUP BY dept HAVING id > 1", 8121)]
    [InlineData("SELECT COUNT(*) FROM emp GROUP BY dept ORDER BY id", 8127)]
    [InlineData("SELECT 1 FROM emp WHERE COUNT(*) > 1", 147)]
    [InlineData("SELECT SUM(COUNT(*)) FROM emp", 130)]
    [InlineData("SELECT SUM((SELECT 1)) FROM emp", 130)]
    [InlineData("SELECT SUM(name) FROM emp", 8117)]
    [InlineData("SELECT 1 FROM emp WHERE ROW_NUMBER() OVER (ORDER BY id) = 1", 4108)]
    [InlineData("SELECT 1 UNION SELECT 1, 2", 205)]
    [InlineData("SELECT 1 UNION SELECT 'a'", 245)]
    [InlineData("SELECT id FROM emp UNION SELECT id FROM dept ORDER BY name", 104)]
    [InlineData("SELECT DISTINCT dept FROM emp ORDER BY id", 145)]
    [InlineData("SELECT id FROM emp ORDER BY 2", 108)]
    [InlineData("SELECT * FROM (SELECT id + 1 FROM emp) t", 8155)]
    [InlineData("SELECT * FROM (SELECT id, id FROM emp) t", 8156)]
    [InlineData("SELECT * FROM (SELECT id, name FROM emp) t(a)", 8158)]
    [InlineData("SELECT id FROM emp WHERE id = (SELECT id FROM dept)", 512)]
    [InlineData("SELECT id FROM emp WHERE id IN (SELECT id, name FROM dept)", 116)]
    [InlineData("WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT i FROM n", 530)]
    [InlineData("WITH n AS (SELECT 'a' AS i UNION ALL SELECT i + 'a' FROM n) SELECT i FROM n", 240)]
    [InlineData("SELECT id FROM emp GROUP BY 1", 164)]
    public void Refuses(string sql, int error) => Assert.Equal(error, _lab.Error(sql));

    [Fact]
    public void Assigns_variables_row_by_row()
    {
        _lab.Declare("@list", SqlType.NVarChar(100), "");
        _lab.Declare("@n", SqlType.Int);
        QueryResult result = _lab.Query("SELECT @list = @list + name + ',', @n = id FROM emp WHERE dept = 1 ORDER BY id");
        Assert.Empty(result.Columns);
        Assert.Equal(2, result.Rows.Count());
        Assert.Equal(("Ann,bob,", 2), (_lab.GetVariable("@list").Value, _lab.GetVariable("@n").Value));
    }

    [Fact]
    public void Leaves_variables_alone_when_no_row_is_found()
    {
        _lab.Declare("@kept", SqlType.Int, 5);
        Assert.Empty(_lab.Query("SELECT @kept = id FROM emp WHERE id = 99").Rows);
        Assert.Equal(5, _lab.GetVariable("@kept").Value);
    }

    [Fact]
    public void Refuses_to_mix_assignment_and_columns()
    {
        _lab.Declare("@mixed", SqlType.Int);
        Assert.Equal(141, _lab.Error("SELECT @mixed = id, name FROM emp"));
    }

    [Fact]
    public void Warns_when_an_aggregate_leaves_out_null()
    {
        _lab.Messages.Clear();
        _lab.Run("SELECT SUM(pay) FROM emp");
        Assert.Equal(8153, Assert.Single(_lab.Messages).Number);
    }

    [Fact]
    public void Describes_columns_before_any_row_is_read()
    {
        QueryResult result = _lab.Query("SELECT id, name AS n, pay * 2, COUNT(*) OVER () FROM emp WHERE 1 = 0");
        Assert.Equal(["id int", "n nvarchar(20)", " decimal(12,2)", " int"], result.Columns.Select(c => $"{c.Name} {c.Type}"));
        Assert.Equal([false, false, true, true], result.Columns.Select(c => c.Nullable));
    }

    private void Check(string sql, string rows) => Assert.Equal(rows, string.Join(';', _lab.Run(sql)));
}
