using System.Linq;
using BizTalkDR.Lab.Tds;
using Xunit;

namespace BizTalkDR.Lab.Tests.Interp;

public sealed class TransactionTests
{
    private static InterpLab Work()
    {
        var lab = new InterpLab();
        lab.Do("CREATE DATABASE work");
        lab.Do("USE work");
        lab.Do("CREATE TABLE dbo.t (a int PRIMARY KEY, b nvarchar(20) NULL)");
        return lab;
    }

    [Theory]
    [InlineData("COMMIT", 3902)]
    [InlineData("ROLLBACK", 3903)]
    [InlineData("SAVE TRAN s", 628)]
    [InlineData("BEGIN TRAN a; ROLLBACK TRAN b", 6401)]
    public void Refuses_what_has_no_transaction(string text, int number)
    {
        using InterpLab lab = Work();
        Assert.Equal([number], lab.Run(text).ErrorNumbers);
    }

    [Fact]
    public void Counts_nested_transactions_and_rolls_all_back()
    {
        using InterpLab lab = Work();
        Reply reply = lab.Do("BEGIN TRAN; BEGIN TRAN; INSERT dbo.t VALUES (1, NULL); COMMIT; PRINT @@TRANCOUNT; ROLLBACK; PRINT @@TRANCOUNT");
        Assert.Equal(["1", "0"], reply.Prints);
        Assert.Equal([TransactionChange.Begin, TransactionChange.Rollback], reply.Transactions);
        Assert.Equal(0, lab.Scalar("SELECT COUNT(*) FROM dbo.t"));
    }

    [Fact]
    public void Rolls_back_to_a_savepoint()
    {
        using InterpLab lab = Work();
        lab.Do("BEGIN TRAN; INSERT dbo.t VALUES (1, NULL); SAVE TRAN s; INSERT dbo.t VALUES (2, NULL); ROLLBACK TRAN s; COMMIT");
        Assert.Equal("1", lab.Do("SELECT a FROM dbo.t").Text());
    }

    [Fact]
    public void A_failing_statement_leaves_the_rest_of_the_transaction()
    {
        using InterpLab lab = Work();
        Reply reply = lab.Run("BEGIN TRAN; INSERT dbo.t VALUES (1, NULL); INSERT dbo.t VALUES (2, NULL), (1, NULL); COMMIT");
        Assert.Equal([2627], reply.ErrorNumbers);
        Assert.Equal("1", lab.Do("SELECT a FROM dbo.t").Text());
    }

    [Fact]
    public void With_xact_abort_the_transaction_is_gone()
    {
        using InterpLab lab = Work();
        Reply reply = lab.Run("SET XACT_ABORT ON; BEGIN TRAN; INSERT dbo.t VALUES (1, NULL); INSERT dbo.t VALUES (1, NULL); PRINT 'never'");
        Assert.Equal([2627], reply.ErrorNumbers);
        Assert.Empty(reply.Prints);
        Assert.Equal("0,0", lab.Do("SELECT @@TRANCOUNT, (SELECT COUNT(*) FROM dbo.t)").Text());
    }

    [Fact]
    public void A_doomed_transaction_can_only_be_rolled_back()
    {
        using InterpLab lab = Work();
        Reply reply = lab.Run("""
            SET XACT_ABORT ON
            BEGIN TRAN
            BEGIN TRY INSERT dbo.t VALUES (1, NULL); SELECT CONVERT(int, 'x') END TRY
            BEGIN CATCH
                PRINT XACT_STATE()
                BEGIN TRY INSERT dbo.t VALUES (2, NULL) END TRY BEGIN CATCH PRINT ERROR_NUMBER() END CATCH
                BEGIN TRY COMMIT END TRY BEGIN CATCH PRINT ERROR_NUMBER() END CATCH
                ROLLBACK
                PRINT XACT_STATE()
            END CATCH
            """);
        Assert.Equal(["-1", "3930", "3930", "0"], reply.Prints);
        Assert.Empty(reply.ErrorNumbers);
    }

    [Fact]
    public void A_doomed_transaction_ends_with_the_batch()
    {
        using InterpLab lab = Work();
        Reply reply = lab.Run("BEGIN TRAN; BEGIN TRY SELECT CONVERT(int, 'x') END TRY BEGIN CATCH PRINT 'left' END CATCH");
        Assert.Equal([3998], reply.ErrorNumbers);
        Assert.Equal(0, lab.Scalar("SELECT @@TRANCOUNT"));
    }

    [Fact]
    public void Marks_are_kept_once_per_transaction()
    {
        using InterpLab lab = Work();
        Reply reply = lab.Do("DECLARE @m nvarchar(128) = N'BTS_2024_05_06_14_15_01_327'; BEGIN TRAN @m WITH MARK 'the mark'; BEGIN TRAN @m WITH MARK; INSERT dbo.t VALUES (1, NULL); COMMIT; COMMIT TRAN @m");
        Assert.Contains(reply.Messages, m => m.Number == 3920 && m.Class == 0);
        Assert.Equal("work,BTS_2024_05_06_14_15_01_327,the mark", lab.Do("SELECT database_name, mark_name, description FROM msdb.dbo.logmarkhistory").Text());
    }

    [Fact]
    public void A_nested_mark_names_an_unmarked_transaction()
    {
        using InterpLab lab = Work();
        lab.Do("BEGIN TRAN outer_; BEGIN TRAN inner_ WITH MARK; INSERT dbo.t VALUES (1, NULL); COMMIT; COMMIT");
        Assert.Equal("inner_", lab.Scalar("SELECT mark_name FROM msdb.dbo.logmarkhistory"));
    }

    [Fact]
    public void Manages_transactions_by_the_protocols_requests()
    {
        using InterpLab lab = Work();
        var reply = new Reply();
        lab.Session.TransactionManager(new TransactionRequest(TransactionRequestKind.Begin, "tm", 0, false, null, 0), reply);
        lab.Do("INSERT dbo.t VALUES (1, NULL)");
        lab.Session.TransactionManager(new TransactionRequest(TransactionRequestKind.Save, "s", 0, false, null, 0), reply);
        lab.Do("INSERT dbo.t VALUES (2, NULL)");
        lab.Session.TransactionManager(new TransactionRequest(TransactionRequestKind.Rollback, "s", 0, false, null, 0), reply);
        lab.Session.TransactionManager(new TransactionRequest(TransactionRequestKind.Commit, null, 0, false, null, 0), reply);
        Assert.Equal([TransactionChange.Begin, TransactionChange.Commit], reply.Transactions);
        Assert.Equal("1", lab.Do("SELECT a FROM dbo.t").Text());
    }

    [Fact]
    public void Starts_transactions_by_itself_when_told_to()
    {
        using InterpLab lab = Work();
        Reply reply = lab.Do("SET IMPLICIT_TRANSACTIONS ON; INSERT dbo.t VALUES (1, NULL); PRINT @@TRANCOUNT; ROLLBACK; SET IMPLICIT_TRANSACTIONS OFF");
        Assert.Equal(["1"], reply.Prints);
        Assert.Equal(0, lab.Scalar("SELECT COUNT(*) FROM dbo.t"));
    }

    [Fact]
    public void Waits_no_longer_than_the_lock_timeout()
    {
        using InterpLab lab = Work();
        using var other = lab.Open(database: "work");
        lab.Do("BEGIN TRAN; INSERT dbo.t VALUES (1, NULL)");
        Reply reply = InterpLab.Run(other, "SET LOCK_TIMEOUT 10; SELECT * FROM dbo.t");
        Assert.Equal([1222], reply.ErrorNumbers);
        Assert.Equal("1", InterpLab.Run(other, "SELECT a FROM dbo.t WITH (NOLOCK)").Text());
        lab.Do("COMMIT");
        Assert.Equal("1", InterpLab.Run(other, "SELECT a FROM dbo.t").Text());
    }
}
