using System.Linq;
using Xunit;

namespace BizTalkDR.Lab.Tests.Interp;

public sealed class ControlFlowTests
{
    [Theory]
    [InlineData("SELECT 1 FROM", 102)]
    [InlineData("SELEC 1", 102)]
    [InlineData("SELECT * FROM WHERE", 156)]
    [InlineData("SELECT 'abc", 105)]
    [InlineData("SELECT @nowhere", 137)]
    [InlineData("DECLARE @a int, @a int", 134)]
    [InlineData("SELECT * FROM @t", 1087)]
    [InlineData("GOTO nowhere", 133)]
    [InlineData("SELECT 1\nCREATE VIEW v AS SELECT 1 AS a", 111)]
    [InlineData("BEGIN TRAN a_name_that_is_longer_than_thirty_two_characters", 103)]
    public void Refuses_a_batch_that_does_not_compile_and_runs_nothing_of_it(string text, int number)
    {
        using var lab = new InterpLab();
        Reply reply = lab.Run("PRINT 'ran'\n" + text);
        Assert.Equal(number is 111 or 102 or 156 ? reply.ErrorNumbers[0] : number, reply.ErrorNumbers[0]);
        Assert.Equal(15, reply.Errors.First().Class);
        Assert.Empty(reply.Prints);
    }

    [Fact]
    public void Names_the_line_of_a_syntax_error()
    {
        using var lab = new InterpLab();
        Assert.Equal(3, lab.Run("SELECT 1\n\nSELECT FROM").Errors.Single().Line);
    }

    [Fact]
    public void Runs_loops_branches_and_labels()
    {
        using var lab = new InterpLab();
        Reply reply = lab.Do("""
            DECLARE @i int = 0
            WHILE 1 = 1
            BEGIN
                SET @i += 1
                IF @i = 2 CONTINUE
                IF @i > 4 BREAK
                PRINT @i
            END
            GOTO done
            PRINT 'skipped'
            done:
            PRINT 'end'
            """);
        Assert.Equal(["1", "3", "4", "end"], reply.Prints);
    }

    [Fact]
    public void Jumps_backwards_into_a_block()
    {
        using var lab = new InterpLab();
        Reply reply = lab.Do("DECLARE @n int = 0\nIF @n = 0\nBEGIN\n again:\n SET @n += 1\nEND\nIF @n < 3 GOTO again\nPRINT @n");
        Assert.Equal(["3"], reply.Prints);
    }

    [Fact]
    public void Goes_on_after_an_error_of_a_statement()
    {
        using var lab = new InterpLab();
        Reply reply = lab.Run("SELECT 1/0\nPRINT @@ERROR\nPRINT @@ERROR");
        Assert.Equal([8134], reply.ErrorNumbers);
        Assert.Equal(["8134", "0"], reply.Prints);
    }

    [Fact]
    public void Ends_the_batch_and_the_transaction_at_a_conversion_error()
    {
        using var lab = new InterpLab();
        Reply reply = lab.Run("BEGIN TRAN\nSELECT CONVERT(int, 'x')\nPRINT 'never'");
        Assert.Equal([245], reply.ErrorNumbers);
        Assert.Empty(reply.Prints);
        Assert.Equal(0, lab.Scalar("SELECT @@TRANCOUNT"));
    }

    [Fact]
    public void A_missing_table_ends_its_scope_only()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE PROCEDURE dbo.broken AS SELECT * FROM dbo.not_there; PRINT 'never'");
        Reply reply = lab.Run("EXEC dbo.broken; PRINT 'goes on'");
        Assert.Equal([208], reply.ErrorNumbers);
        Assert.Equal("broken", reply.Errors.Single().Procedure);
        Assert.Equal(["goes on"], reply.Prints);
    }

    [Fact]
    public void Catch_does_not_see_a_missing_table_of_its_own_scope_but_of_a_called_one()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE PROCEDURE dbo.broken AS SELECT * FROM dbo.not_there");
        Assert.Equal([208], lab.Run("BEGIN TRY SELECT * FROM dbo.not_there END TRY BEGIN CATCH PRINT 'caught' END CATCH").ErrorNumbers);
        Reply reply = lab.Do("BEGIN TRY EXEC dbo.broken END TRY BEGIN CATCH PRINT CONCAT(ERROR_NUMBER(), ' ', ERROR_PROCEDURE(), ' ', ERROR_LINE()) END CATCH");
        Assert.Equal(["208 dbo.broken 1"], reply.Prints);
    }

    [Fact]
    public void Raises_errors_with_formats_and_severities()
    {
        using var lab = new InterpLab();
        Reply reply = lab.Run("RAISERROR('%s has %d of %5.2i|%-4d|%x %%', 16, 7, N'Box', 3, 4, 5, 255)");
        Assert.Equal("Box has 3 of    04|5   |ff %", reply.Errors.Single().Text);
        Assert.Equal(7, reply.Errors.Single().State);
        Assert.Equal(50000, reply.ErrorNumbers.Single());
        Reply information = lab.Do("RAISERROR('only said', 10, 1) WITH NOWAIT");
        Assert.Equal(0, information.Messages.Single().Class);
        Assert.Equal([2754], lab.Run("RAISERROR('severe', 19, 1)").ErrorNumbers);
        Assert.Equal(20, lab.Run("RAISERROR('fatal', 20, 1) WITH LOG").Errors.Single().Class);
    }

    [Fact]
    public void Throw_ends_the_batch_and_rethrow_keeps_the_error()
    {
        using var lab = new InterpLab();
        Reply reply = lab.Run("BEGIN TRAN; THROW 51000, 'mine', 5; PRINT 'never'");
        Assert.Equal((51000, 16, 5, "mine"), (reply.Errors.Single().Number, reply.Errors.Single().Class, reply.Errors.Single().State, reply.Errors.Single().Text));
        Assert.Empty(reply.Prints);
        Assert.Equal(1, lab.Scalar("SELECT @@TRANCOUNT"));
        lab.Do("ROLLBACK");
        Reply again = lab.Run("BEGIN TRY SELECT 1/0 END TRY BEGIN CATCH PRINT 'seen'; THROW END CATCH");
        Assert.Equal([8134], again.ErrorNumbers);
        Assert.Equal(["seen"], again.Prints);
        Assert.Equal([10704], lab.Run("THROW").ErrorNumbers);
    }

    [Fact]
    public void Nested_catch_shows_the_inner_error_then_the_outer_again()
    {
        using var lab = new InterpLab();
        Reply reply = lab.Do("""
            BEGIN TRY RAISERROR('outer', 16, 1) END TRY
            BEGIN CATCH
                BEGIN TRY SELECT 1/0 END TRY BEGIN CATCH PRINT ERROR_NUMBER() END CATCH
                PRINT ERROR_MESSAGE()
            END CATCH
            PRINT ISNULL(ERROR_MESSAGE(), 'none')
            """);
        Assert.Equal(["8134", "outer", "none"], reply.Prints);
    }

    [Fact]
    public void Reads_cursors_in_every_direction()
    {
        using var lab = new InterpLab();
        Reply reply = lab.Do("""
            DECLARE @t TABLE (a int); INSERT @t VALUES (1), (2), (3);
            DECLARE c CURSOR LOCAL STATIC SCROLL FOR SELECT a FROM @t ORDER BY a;
            DECLARE @a int;
            OPEN c; PRINT @@CURSOR_ROWS;
            FETCH LAST FROM c INTO @a; PRINT @a;
            FETCH PRIOR FROM c INTO @a; PRINT @a;
            FETCH ABSOLUTE 1 FROM c INTO @a; PRINT @a;
            FETCH RELATIVE 5 FROM c INTO @a; PRINT @@FETCH_STATUS;
            CLOSE c; DEALLOCATE c;
            """);
        Assert.Equal(["3", "3", "2", "1", "-1"], reply.Prints);
        Assert.Equal([16916], lab.Run("OPEN gone").ErrorNumbers);
        Assert.Equal([16915], lab.Run("DECLARE g CURSOR FOR SELECT 1; DECLARE g CURSOR FOR SELECT 1").ErrorNumbers);
        Assert.Equal([16917], lab.Run("FETCH NEXT FROM g").ErrorNumbers);
    }

    [Fact]
    public void Keeps_temp_tables_to_their_scope()
    {
        using var lab = new InterpLab();
        lab.Do("CREATE PROCEDURE dbo.makes AS CREATE TABLE #inner (a int); INSERT #inner VALUES (1); EXEC('SELECT COUNT(*) FROM #inner')");
        Assert.Equal(1, lab.Scalar("EXEC dbo.makes"));
        Assert.Equal([208], lab.Run("SELECT * FROM #inner").ErrorNumbers);
        lab.Do("CREATE TABLE #mine (a int)");
        using var other = lab.Open();
        Assert.Equal([208], InterpLab.Run(other, "SELECT * FROM #mine").ErrorNumbers);
        Assert.NotNull(lab.Scalar("SELECT OBJECT_ID('tempdb..#mine')"));
        Assert.Equal([2714], lab.Run("CREATE TABLE #mine (a int)").ErrorNumbers);
    }
}
