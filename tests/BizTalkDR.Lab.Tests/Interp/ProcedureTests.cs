using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Xunit;

namespace BizTalkDR.Lab.Tests.Interp;

public sealed class ProcedureTests
{
    [Fact]
    public void Passes_arguments_by_position_name_default_and_output()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE PROCEDURE dbo.p @a int, @b int = 5, @c int = NULL OUTPUT AS SET @c = @a * @b; RETURN @a + 1");
        Assert.Equal("2,7\n3,10", string.Join('\n',
            lab.Do("DECLARE @rc int, @o int; EXEC @rc = dbo.p 1, 7, @o OUTPUT; SELECT @rc, @o").Text(),
            lab.Do("DECLARE @rc int, @o int; EXEC @rc = dbo.p @c = @o OUTPUT, @a = 2, @b = DEFAULT; SELECT @rc, @o").Text()));
    }

    [Theory]
    [InlineData("EXEC dbo.p", 201)]
    [InlineData("EXEC dbo.p 1, 2, 3, 4", 8144)]
    [InlineData("EXEC dbo.p @z = 1", 8145)]
    [InlineData("EXEC dbo.p 'x'", 8114)]
    [InlineData("EXEC dbo.unknown", 2812)]
    [InlineData("DECLARE @o int; EXEC dbo.p @o OUTPUT", 8162)]
    [InlineData("EXEC dbo.none 1", 8146)]
    public void Refuses_wrong_calls_and_goes_on(string text, int number)
    {
        using var lab = new InterpLab();
        lab.Do("CREATE PROCEDURE dbo.p @a int, @b int = 5 AS RETURN 0");
        lab.Do("CREATE PROCEDURE dbo.none AS RETURN 0");
        Reply reply = lab.Run(text + "; PRINT 'next'");
        Assert.Equal([number], reply.ErrorNumbers);
        Assert.Equal(["next"], reply.Prints);
    }

    [Fact]
    public void Cuts_long_arguments_silently()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE PROCEDURE dbo.p @mark nvarchar(8) AS SELECT @mark");
        Assert.Equal("LongMark", lab.Scalar("EXEC dbo.p N'LongMarkName'"));
    }

    [Fact]
    public void Stops_at_thirty_two_levels()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE PROCEDURE dbo.deep @n int AS SET @n += 1; EXEC dbo.deep @n");
        Assert.Equal([217], lab.Run("EXEC dbo.deep 0").ErrorNumbers);
        Assert.Equal(0, lab.Scalar("SELECT @@NESTLEVEL"));
    }

    [Fact]
    public void Reports_a_transaction_count_that_does_not_match()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE PROCEDURE dbo.opens AS BEGIN TRAN");
        Reply reply = lab.Run("EXEC dbo.opens");
        Assert.Equal([266], reply.ErrorNumbers);
        Assert.Contains("Previous count = 0, current count = 1", reply.Errors.Single().Text, System.StringComparison.Ordinal);
        lab.Do("ROLLBACK");
    }

    [Fact]
    public void Runs_dynamic_sql_with_parameters()
    {
        using var lab = new InterpLab();
        Assert.Equal(42, lab.Scalar("DECLARE @r int; EXEC sp_executesql N'SET @out = @in + 1', N'@in int, @out int OUTPUT', @in = 41, @out = @r OUTPUT; SELECT @r"));
        Assert.Equal([102], lab.Run("EXEC('SELECT FROM WHERE ,')").ErrorNumbers.Select(n => n == 156 ? 102 : n));
        Assert.Equal([8178], lab.Run("EXEC sp_executesql N'SELECT @a', N'@a int'").ErrorNumbers);
    }

    [Fact]
    public void Answers_remote_calls_with_status_and_outputs()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE PROCEDURE dbo.p @a int, @o nvarchar(20) OUTPUT AS SET @o = N'got ' + CONVERT(nvarchar(10), @a); SELECT @a; RETURN 9");
        var reply = new Reply();
        lab.Session.ExecuteRpc("dbo.p", [new RpcParameter("@a", SqlType.Int, 4, false), new RpcParameter("@o", SqlType.NVarChar(20), null, true)], reply, default);
        Assert.Equal(9, reply.Status);
        Assert.Equal(("@o", "got 4"), reply.Outputs.Single());
        Assert.Equal(4, reply.Value);
    }

    [Fact]
    public void Prepares_and_executes_statements()
    {
        using var lab = new InterpLab();
        var reply = new Reply();
        lab.Session.ExecuteRpc("sp_prepexec", [new RpcParameter("", SqlType.Int, null, true), new RpcParameter("", SqlType.NVarChar(20), "@p int", false), new RpcParameter("", SqlType.NVarChar(40), "SELECT @p + 1", false), new RpcParameter("@p", SqlType.Int, 1, false)], reply, default);
        Assert.Equal(2, reply.Value);
        object? handle = reply.Outputs.Single().Value;
        var second = new Reply();
        lab.Session.ExecuteRpc("sp_execute", [new RpcParameter("", SqlType.Int, handle, false), new RpcParameter("@p", SqlType.Int, 5, false)], second, default);
        Assert.Equal(6, second.Value);
        var gone = new Reply();
        lab.Session.ExecuteRpc("sp_unprepare", [new RpcParameter("", SqlType.Int, handle, false)], gone, default);
        lab.Session.ExecuteRpc("sp_execute", [new RpcParameter("", SqlType.Int, handle, false)], gone, default);
        Assert.Equal([8179], gone.ErrorNumbers);
    }

    [Fact]
    public void Inserts_the_rows_of_a_procedure()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE PROCEDURE dbo.rows_ AS SELECT 1, N'a' UNION ALL SELECT 2, N'b'");
        lab.Do("CREATE PROCEDURE dbo.nested AS CREATE TABLE #x (a int, b nvarchar(5)); INSERT #x EXEC dbo.rows_; SELECT a, b FROM #x");
        Assert.Equal(2, lab.Scalar("DECLARE @t TABLE (a int, b nvarchar(5)); INSERT @t EXEC dbo.rows_; SELECT COUNT(*) FROM @t"));
        Assert.Equal([8164], lab.Run("CREATE TABLE #y (a int, b nvarchar(5)); INSERT #y EXEC dbo.nested").ErrorNumbers);
        Assert.Equal([213], lab.Run("CREATE TABLE #z (a int); INSERT #z EXEC dbo.rows_").ErrorNumbers);
    }

    [Fact]
    public void Fires_triggers_with_inserted_and_deleted_rows()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE DATABASE work"); lab.Do("USE work");
        lab.Do("CREATE TABLE dbo.one (v int, x int); CREATE TABLE dbo.audit (what nvarchar(20), old int, new int)");
        lab.Do("CREATE TRIGGER dbo.tr ON dbo.one AFTER INSERT, UPDATE, DELETE AS SET NOCOUNT ON; DECLARE @w nvarchar(5) = N'-'; IF UPDATE(v) AND NOT UPDATE(x) SET @w = N'v'; INSERT dbo.audit SELECT @w, d.v, i.v FROM inserted AS i FULL JOIN deleted AS d ON 1 = 1");
        lab.Do("INSERT dbo.one VALUES (1, 0); UPDATE dbo.one SET v = 2; DELETE dbo.one");
        Assert.Equal("-,NULL,1\nv,1,2\n-,2,NULL", lab.Do("SELECT what, old, new FROM dbo.audit").Text());
    }

    [Fact]
    public void A_trigger_that_rolls_back_ends_the_batch()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE DATABASE work"); lab.Do("USE work");
        lab.Do("CREATE TABLE dbo.one (v int); INSERT dbo.one VALUES (1)");
        lab.Do("CREATE TRIGGER dbo.tr ON dbo.one AFTER INSERT AS IF (SELECT COUNT(*) FROM dbo.one) > 1 BEGIN RAISERROR('only one row', 16, 1); ROLLBACK TRANSACTION END");
        Reply reply = lab.Run("INSERT dbo.one VALUES (2); PRINT 'never'");
        Assert.Equal([50000, 3609], reply.ErrorNumbers);
        Assert.Empty(reply.Prints);
        Assert.Equal(1, lab.Scalar("SELECT COUNT(*) FROM dbo.one"));
    }

    [Fact]
    public void Calls_scalar_and_table_functions()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE FUNCTION dbo.twice (@x int) RETURNS int AS BEGIN DECLARE @r int; SET @r = @x * 2; RETURN @r END");
        lab.Do("CREATE FUNCTION dbo.pair (@x int) RETURNS TABLE AS RETURN SELECT @x AS a, dbo.twice(@x) AS b");
        lab.Do("CREATE FUNCTION dbo.numbers (@n int) RETURNS @r TABLE (n int) AS BEGIN WHILE @n > 0 BEGIN INSERT @r VALUES (@n); SET @n -= 1 END RETURN END");
        Assert.Equal(14, lab.Scalar("SELECT dbo.twice(7)"));
        Assert.Equal("3,6", lab.Do("SELECT a, b FROM dbo.pair(3)").Text());
        Assert.Equal(6, lab.Scalar("SELECT SUM(n) FROM dbo.numbers(3)"));
        Assert.Equal([4121], lab.Run("SELECT dbo.nofunction(1)").ErrorNumbers);
    }

    [Fact]
    public void Alters_modules_and_keeps_their_text_as_create()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE OR ALTER PROCEDURE dbo.p AS SELECT 1");
        lab.Do("-- a comment\nALTER PROCEDURE dbo.p AS SELECT 2");
        Assert.Equal(2, lab.Scalar("EXEC dbo.p"));
        Assert.Equal("-- a comment\nCREATE PROCEDURE dbo.p AS SELECT 2", lab.Scalar("SELECT OBJECT_DEFINITION(OBJECT_ID('dbo.p'))"));
        Assert.Equal([2714], lab.Run("CREATE PROCEDURE dbo.p AS SELECT 3").ErrorNumbers);
        Assert.Equal([208], lab.Run("ALTER PROCEDURE dbo.q AS SELECT 3").ErrorNumbers);
        lab.Do("DROP PROCEDURE IF EXISTS dbo.q; DROP PROCEDURE dbo.p");
        Assert.Equal([3701], lab.Run("DROP PROCEDURE dbo.p").ErrorNumbers);
    }

    [Fact]
    public void Views_and_synonyms_stand_for_their_tables()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE DATABASE work"); lab.Do("USE work");
        lab.Do("CREATE TABLE dbo.t (a int, b int); INSERT dbo.t VALUES (1, 10), (2, 20)");
        lab.Do("CREATE VIEW dbo.v (x, y) AS SELECT a, b FROM dbo.t WHERE a > 1");
        lab.Do("CREATE SYNONYM dbo.s FOR work.dbo.t");
        lab.Do("USE master");
        Assert.Equal("2,20", lab.Do("SELECT x, y FROM work.dbo.v").Text());
        Assert.Equal(2, lab.Scalar("SELECT COUNT(*) FROM work.dbo.s"));
    }
}
