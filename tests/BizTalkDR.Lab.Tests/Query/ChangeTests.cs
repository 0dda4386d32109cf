using System;
using System.Globalization;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Xunit;

namespace BizTalkDR.Lab.Tests.Query;

/// <summary>INSERT, UPDATE, DELETE and MERGE on stored tables.</summary>
public sealed class ChangeTests : IDisposable
{
    private readonly QueryLab _lab = new();

    public ChangeTests() => _lab.Run("""
        CREATE TABLE t (id int IDENTITY(10, 5) NOT NULL CONSTRAINT pk_t PRIMARY KEY, name varchar(5) NULL, n int NOT NULL DEFAULT (7), twice AS (n * 2), CONSTRAINT ck_n CHECK (n >= 0));
        CREATE TABLE p (id int NOT NULL CONSTRAINT pk_p PRIMARY KEY, v nvarchar(10) NULL);
        CREATE TABLE c (id int NOT NULL PRIMARY KEY, pid int NULL CONSTRAINT fk_c FOREIGN KEY REFERENCES p (id));
        CREATE TABLE s (id int, at datetime DEFAULT GETDATE(), ver rowversion);
        """);

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Inserts_with_identity_defaults_and_computed_columns()
    {
        _lab.Run("INSERT INTO t (name) VALUES ('a'), ('b'); INSERT t (name, n) SELECT 'c', 3; INSERT t DEFAULT VALUES; INSERT t VALUES ('e', DEFAULT)");
        Is("SELECT * FROM t", "10|a|7|14", "15|b|7|14", "20|c|3|6", "25|NULL|7|14", "30|e|7|14");
        Assert.Equal(30, _lab.LastIdentity);
    }

    [Fact]
    public void Evaluates_expression_defaults_for_each_statement()
    {
        _lab.Run("INSERT s (id) VALUES (1)");
        Is("SELECT id, at, DATALENGTH(ver) FROM s", "1|2026-03-04 05:06:07.89|8");
    }

    [Theory]
    [InlineData("INSERT t (id, name) VALUES (1, 'a')", 544)]
    [InlineData("INSERT t VALUES (1, 'a', 2)", 8101)]
    [InlineData("INSERT t VALUES ('a')", 213)]
    [InlineData("INSERT t (name, n) VALUES ('a')", 109)]
    [InlineData("INSERT t (name) VALUES ('a', 1)", 110)]
    [InlineData("INSERT t (name, n) SELECT 'a'", 120)]
    [InlineData("INSERT t (name) SELECT 'a', 1", 121)]
    [InlineData("INSERT t (name, name) VALUES ('a', 'b')", 264)]
    [InlineData("INSERT t (nosuch) VALUES ('a')", 207)]
    [InlineData("INSERT t (name, n) VALUES ('a', NULL)", 515)]
    [InlineData("INSERT t (name, n) VALUES ('a', -1)", 547)]
    [InlineData("INSERT t (name) VALUES ('abcdef')", 2628)]
    [InlineData("INSERT t (twice) VALUES (1)", 271)]
    [InlineData("INSERT s (id, ver) VALUES (1, 0x01)", 273)]
    [InlineData("INSERT p VALUES ('x', 'y')", 245)]
    [InlineData("INSERT c VALUES (1, 99)", 547)]
    [InlineData("INSERT p (id) VALUES (1), (1)", 2627)]
    [InlineData("INSERT p (id, v) VALUES (1, CAST('20200101' AS date)), (2)", 10709)]
    [InlineData("INSERT p (id) VALUES (CAST('20200101' AS datetime))", 257)]
    [InlineData("UPDATE t SET id = 3", 8102)]
    [InlineData("UPDATE t SET twice = 3", 271)]
    [InlineData("UPDATE s SET ver = 0x01", 272)]
    [InlineData("UPDATE t SET n = 1, n = 2", 264)]
    [InlineData("UPDATE t SET nosuch = 1", 207)]
    [InlineData("UPDATE nosuch SET n = 1", 208)]
    [InlineData("DELETE FROM t WHERE nosuch = 1", 207)]
    public void Refuses(string sql, int error) => Assert.Equal(error, _lab.Error(sql));

    [Fact]
    public void Names_the_column_and_the_text_that_would_be_cut()
    {
        Assert.Equal("String or binary data would be truncated in table 'db.dbo.t', column 'name'. Truncated value: 'abcde'.", _lab.ErrorText("INSERT t (name) VALUES ('abcdefg')"));
        _lab.Run("INSERT t (name) VALUES ('abc       ')");
        Is("SELECT DATALENGTH(name) FROM t", "5");
    }

    [Fact]
    public void Names_constraint_table_and_column_in_conflicts()
    {
        _lab.Run("INSERT p VALUES (1, 'x'); INSERT c VALUES (1, 1)");
        Assert.Equal("The INSERT statement conflicted with the FOREIGN KEY constraint \"fk_c\". The conflict occurred in database \"db\", table \"dbo.p\", column 'id'.", _lab.ErrorText("INSERT c VALUES (2, 5)"));
        Assert.Equal("The DELETE statement conflicted with the REFERENCE constraint \"fk_c\". The conflict occurred in database \"db\", table \"dbo.c\", column 'pid'.", _lab.ErrorText("DELETE p"));
        Assert.Equal("The UPDATE statement conflicted with the REFERENCE constraint \"fk_c\". The conflict occurred in database \"db\", table \"dbo.c\", column 'pid'.", _lab.ErrorText("UPDATE p SET id = 2"));
        Assert.Equal("The INSERT statement conflicted with the CHECK constraint \"ck_n\". The conflict occurred in database \"db\", table \"dbo.t\", column 'n'.", _lab.ErrorText("INSERT t (n) VALUES (-1)"));
        Assert.Equal("Cannot insert the value NULL into column 'n', table 'db.dbo.t'; column does not allow nulls. UPDATE fails.", _lab.ErrorText("INSERT t (name) VALUES ('a'); UPDATE t SET n = NULL"));
    }

    [Fact]
    public void Identity_insert_takes_explicit_values_and_moves_the_identity()
    {
        _lab.IdentityInsertTable = "t";
        _lab.Run("INSERT t (id, name) VALUES (100, 'a')");
        Assert.Equal(545, _lab.Error("INSERT t (name) VALUES ('b')"));
        _lab.IdentityInsertTable = null;
        _lab.Run("INSERT t (name) VALUES ('b')");
        Is("SELECT id FROM t", "100", "105");
    }

    [Fact]
    public void Undoes_a_whole_statement_when_one_row_fails()
    {
        _lab.Transaction = _lab.Instance.Begin();
        _lab.Run("INSERT p VALUES (1, 'x')");
        Assert.Equal(2627, _lab.Error("INSERT p VALUES (2, 'y'), (1, 'z')"));
        Is("SELECT id FROM p", "1");
        _lab.Instance.Commit(_lab.Transaction);
    }

    [Fact]
    public void Updates_from_joins_with_old_values_on_the_right()
    {
        _lab.Run("INSERT p VALUES (1, 'x'), (2, 'y'); INSERT c VALUES (1, 1), (2, 2), (3, NULL)");
        Assert.Equal(1, _lab.Count("UPDATE c SET pid = 2, id = c.id + 10 FROM c JOIN p ON p.id = c.pid WHERE p.v = 'x'"));
        Is("SELECT id, pid FROM c ORDER BY id", "2|2", "3|NULL", "11|2");
        Assert.Equal(2, _lab.Count("UPDATE x SET v = v + '!' FROM p x WHERE EXISTS (SELECT 1 FROM c) "));
        Is("SELECT v FROM p ORDER BY id", "x!", "y!");
    }

    [Fact]
    public void Updates_with_compound_operators_variables_and_top()
    {
        _lab.Run("INSERT t (name, n) VALUES ('a', 1), ('b', 2), ('c', 3)");
        _lab.Declare("@v", SqlType.Int);
        _lab.Run("UPDATE t SET @v = n = n * 10 WHERE name = 'b'");
        Assert.Equal(20, _lab.GetVariable("@v").Value);
        _lab.Run("UPDATE t SET n += 5, name = DEFAULT WHERE n < 20");
        _lab.Run("UPDATE TOP (1) t SET n = 0");
        Is("SELECT name, n, twice FROM t", "NULL|0|0", "b|20|40", "NULL|8|16");
    }

    [Fact]
    public void Keys_may_be_exchanged_in_one_statement()
    {
        _lab.Run("INSERT p VALUES (1, 'x'), (2, 'y'); UPDATE p SET id = 3 - id");
        Is("SELECT id, v FROM p ORDER BY id", "1|y", "2|x");
        _lab.Run("UPDATE p SET id = id + 1");
        Is("SELECT id, v FROM p ORDER BY id", "2|y", "3|x");
    }

    [Fact]
    public void Each_update_gives_a_new_rowversion()
    {
        _lab.Run("INSERT s (id) VALUES (1), (2)");
        string[] before = _lab.Run("SELECT CAST(ver AS bigint) FROM s ORDER BY id");
        _lab.Run("UPDATE s SET id = id WHERE id = 1");
        string[] after = _lab.Run("SELECT CAST(ver AS bigint) FROM s ORDER BY id");
        Assert.True(long.Parse(after[0], CultureInfo.InvariantCulture) > long.Parse(before[1], CultureInfo.InvariantCulture));
        Assert.Equal(before[1], after[1]);
    }

    [Fact]
    public void Deletes_with_joins_top_and_through_queries()
    {
        _lab.Run("INSERT p VALUES (1, 'x'), (2, 'y'), (3, 'z'), (4, 'z'); INSERT c VALUES (1, 1)");
        Assert.Equal(1, _lab.Count("DELETE c FROM c JOIN p ON p.id = c.pid WHERE p.v = 'x'"));
        Assert.Equal(1, _lab.Count("DELETE TOP (1) FROM p WHERE id > 1"));
        Assert.Equal(1, _lab.Count("WITH d AS (SELECT id, ROW_NUMBER() OVER (PARTITION BY v ORDER BY id) AS r FROM p) DELETE FROM d WHERE r > 1"));
        Is("SELECT id FROM p", "1", "3");
        _lab.View("vw", "SELECT id AS k, v FROM p WHERE id > 1");
        _lab.Run("UPDATE vw SET v = 'q' WHERE k = 3; INSERT vw (k, v) VALUES (9, 'n'); DELETE vw WHERE k = 9");
        Is("SELECT id, v FROM p", "1|x", "3|q");
    }

    [Fact]
    public void Output_shows_what_was_changed()
    {
        Assert.Equal(["10|a|14"], _lab.Run("INSERT t (name) OUTPUT inserted.id, inserted.name, inserted.twice VALUES ('a')"));
        Assert.Equal(["7|8"], _lab.Run("UPDATE t SET n = 8 OUTPUT deleted.n, inserted.n"));
        Assert.Equal(["10|a|8|16"], _lab.Run("DELETE t OUTPUT deleted.*"));
        _lab.Run("INSERT p OUTPUT inserted.id, inserted.id INTO c (id, pid) VALUES (4, 'x')");
        Is("SELECT * FROM c", "4|4");
    }

    [Fact]
    public void Merges()
    {
        _lab.Run("INSERT p VALUES (1, 'a'), (2, 'b'), (3, 'c')");
        string[] output = _lab.Run("""
            MERGE INTO p AS t USING (VALUES (2, 'B'), (4, 'D')) AS s (id, v) ON t.id = s.id
            WHEN MATCHED THEN UPDATE SET v = s.v
            WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v)
            WHEN NOT MATCHED BY SOURCE AND t.id > 2 THEN DELETE
            OUTPUT $action, inserted.id, deleted.id;
            """);
        Assert.Equal(["DELETE|NULL|3", "INSERT|4|NULL", "UPDATE|2|2"], output.Order(StringComparer.Ordinal));
        Is("SELECT id, v FROM p ORDER BY id", "1|a", "2|B", "4|D");
        Assert.Equal(8672, _lab.Error("MERGE p AS t USING (VALUES (2), (2)) AS s (id) ON t.id = s.id WHEN MATCHED THEN DELETE;"));
    }

    [Fact]
    public void Sends_changes_of_remote_tables_as_text()
    {
        _lab.Remote = new RemoteTable();
        _lab.Declare("@name", SqlType.NVarChar(10), "x");
        _lab.Run("INSERT INTO far.db.dbo.t (Id, Name) VALUES (1, @name)");
        _lab.Run("UPDATE far.db.dbo.t SET Name = @name WHERE Id = 2");
        _lab.Run("DELETE d FROM far.db.dbo.t AS d WHERE d.Id = 3");
        Assert.Equal(
            [
                "INSERT INTO [far].[dbo].[t] ([Id], [Name]) VALUES (@p0, @p1) <- 1,x",
                "UPDATE [far].[dbo].[t] SET Name = @p0 WHERE Id = 2 <- x",
                "DELETE d FROM [far].[dbo].[t] AS d WHERE d.Id = 3 <- ",
            ],
            _lab.Remote.Sent);
        Is("SELECT r.Name FROM far.db.dbo.t r WHERE r.Id = 2", "two");
        Assert.Equal(405, _lab.Error("DELETE far.db.dbo.t OUTPUT deleted.Id"));
    }

    [Theory]
    [InlineData("UPDATE t SET n = 1 WHERE CURRENT OF cur")]
    [InlineData("SELECT * FROM t TABLESAMPLE (10 PERCENT)")]
    [InlineData("SELECT name FROM t GROUP BY ROLLUP (name)")]
    [InlineData("SELECT * FROM t FOR JSON AUTO")]
    public void Refuses_what_it_does_not_know(string sql) => Assert.Equal(40514, _lab.Error(sql));

    [Fact]
    public void Values_lists_may_read_the_table_they_fill()
    {
        _lab.Run("INSERT p VALUES (1, 'a')");
        _lab.Run("INSERT p (id) VALUES ((SELECT MAX(id) + 1 FROM p)), ((SELECT MAX(id) + 2 FROM p)); INSERT p (id) SELECT id + 10 FROM p");
        Is("SELECT id FROM p ORDER BY id", "1", "2", "3", "11", "12", "13");
    }

    [Fact]
    public void Read_hints_decide_what_is_seen_of_other_transactions()
    {
        _lab.Run("INSERT p VALUES (1, 'a'), (2, 'b')");
        QueryLab other = _lab.Session();
        other.Transaction = _lab.Instance.Begin();
        other.Run("UPDATE p SET v = 'dirty' WHERE id = 1");
        Is("SELECT v FROM p WITH (NOLOCK) ORDER BY id", "dirty", "b");
        Is("SELECT v FROM p WITH (READPAST)", "b");
        Assert.Equal(1, _lab.Count("DELETE FROM p WITH (READPAST)"));
        _lab.Instance.Rollback(other.Transaction);
        Is("SELECT v FROM p", "a");
    }

    [Fact]
    public void No_update_is_lost_between_sessions()
    {
        _lab.Run("INSERT t (name, n) VALUES ('a', 0), ('b', 0)");
        System.Threading.Tasks.Parallel.For(0, 4, _ =>
        {
            QueryLab session = _lab.Session();
            for (int i = 0; i < 25; i++)
            {
                session.Run("UPDATE t SET n = n + 1 WHERE name = 'a'");
            }
        });
        Is("SELECT name, n FROM t", "a|100", "b|0");
    }

    [Fact]
    public void Only_rows_that_qualify_stay_locked()
    {
        _lab.Run("INSERT t (name, n) VALUES ('a', 0), ('b', 0)");
        QueryLab other = _lab.Session();
        other.Transaction = _lab.Instance.Begin();
        other.Run("UPDATE t SET n = 5 WHERE name = 'a'");
        Assert.Equal(1, _lab.Count("UPDATE t SET n = 6 WHERE id = 15"));
        _lab.Instance.Commit(other.Transaction);
        Is("SELECT n FROM t", "5", "6");
    }

    private void Is(string sql, params string[] rows) => Assert.Equal(rows, _lab.Run(sql));
}
