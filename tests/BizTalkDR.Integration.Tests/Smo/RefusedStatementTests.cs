using System;
using System.Linq;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Integration.Tests.RealClients;

/// <summary>What the lab does not know, and what is wrong, answers with SQL Server's own number: never silence, never an empty result.</summary>
[Collection("smo")]
public sealed class RefusedStatementTests(SmoLab lab)
{
    [Theory]
    // Syntax.
    [InlineData(2812, "SELEC 1;")]
    [InlineData(102, "SELECT 1 +;")]
    [InlineData(102, "SELECT (1;")]
    [InlineData(102, "SELECT * FROM t WHERE;")]
    [InlineData(102, "FOO BAR BAZ;")]
    [InlineData(102, "UPDATE t SET;")]
    [InlineData(102, "RESTORE DATABASE practice FROM DISK = ;")]
    [InlineData(105, "SELECT 'open;")]
    [InlineData(113, "SELECT 1 /* open")]
    [InlineData(156, "SELECT FROM t;")]
    [InlineData(156, "SELECT 1 FROM FROM t;")]
    [InlineData(156, "INSERT INTO VALUES (1);")]
    // Names.
    [InlineData(208, "SELECT * FROM dbo.nothing;")]
    [InlineData(208, "SELECT * FROM sys.no_such_view;")]
    [InlineData(208, "SELECT * FROM master.dbo.nothing;")]
    [InlineData(208, "INSERT INTO dbo.nothing VALUES (1);")]
    [InlineData(208, "UPDATE dbo.nothing SET a = 1;")]
    [InlineData(208, "DELETE FROM dbo.nothing;")]
    [InlineData(208, "SELECT * FROM sys.dm_no_such_dmv;")]
    [InlineData(208, "SELECT * FROM no_such_function(1);")]
    [InlineData(208, "TRUNCATE TABLE dbo.nothing;", 4701)]
    [InlineData(207, "SELECT nothing FROM dbo.t;")]
    [InlineData(207, "UPDATE dbo.t SET nothing = 1;")]
    [InlineData(207, "INSERT INTO dbo.t (Id, nothing) VALUES (1, 2);")]
    [InlineData(207, "SELECT Id FROM dbo.t ORDER BY nothing;")]
    [InlineData(4104, "SELECT x.Id FROM dbo.t AS y;")]
    [InlineData(209, "SELECT Id FROM dbo.t AS a CROSS JOIN dbo.t AS b;")]
    [InlineData(195, "SELECT NO_SUCH_FUNCTION(1);")]
    [InlineData(4121, "SELECT dbo.no_such_function(1);")]
    [InlineData(2812, "EXEC dbo.no_such_procedure;")]
    [InlineData(2812, "EXEC sp_no_such_procedure;")]
    [InlineData(2812, "EXEC master.dbo.xp_no_such_procedure;")]
    [InlineData(911, "USE nothing;")]
    [InlineData(7202, "SELECT * FROM nowhere.db.dbo.t;")]
    [InlineData(7202, "EXEC nowhere.db.dbo.p;")]
    [InlineData(137, "SELECT @nothing;")]
    [InlineData(137, "SET @nothing = 1;")]
    [InlineData(1087, "SELECT * FROM @nothing;")]
    [InlineData(134, "DECLARE @a int; DECLARE @a int;")]
    [InlineData(2715, "DECLARE @a nosuchtype;")]
    [InlineData(243, "SELECT CAST(1 AS nosuchtype);")]
    [InlineData(15151, "ALTER LOGIN nobody DISABLE;")]
    [InlineData(3701, "DROP TABLE dbo.nothing;")]
    [InlineData(3701, "DROP PROCEDURE dbo.nothing;")]
    [InlineData(3701, "DROP VIEW dbo.nothing;")]
    [InlineData(3701, "DROP DATABASE nothing;")]
    [InlineData(4902, "ALTER TABLE dbo.nothing ADD a int;")]
    [InlineData(1801, "CREATE DATABASE practice;")]
    [InlineData(2714, "CREATE TABLE dbo.t (a int);")]
    [InlineData(2714, "EXEC('CREATE PROCEDURE dbo.p AS RETURN 0;');")]
    // Values and rules.
    [InlineData(8134, "SELECT 1 / 0;")]
    [InlineData(245, "SELECT CAST('x' AS int);")]
    [InlineData(245, "SELECT 1 + 'x';")]
    [InlineData(241, "SELECT CAST('x' AS datetime);")]
    [InlineData(8115, "SELECT CAST(300 AS tinyint);", 220)]
    [InlineData(8115, "DECLARE @a int = 2147483647; SET @a = @a + 1;")]
    [InlineData(8152, "CREATE TABLE #s (a varchar(2)); INSERT INTO #s VALUES ('abc');", 2628)]
    [InlineData(515, "INSERT INTO dbo.t (Id) VALUES (NULL);")]
    [InlineData(2627, "INSERT INTO dbo.t (Id) VALUES (1);")]
    [InlineData(213, "INSERT INTO dbo.t VALUES (5);")]
    [InlineData(109, "INSERT INTO dbo.t (Id, Name) VALUES (5);")]
    [InlineData(110, "INSERT INTO dbo.t (Id) VALUES (5, N'x');")]
    [InlineData(512, "SELECT (SELECT a FROM (VALUES (1), (2)) AS v (a));")]
    [InlineData(116, "SELECT (SELECT 1, 2);")]
    [InlineData(205, "SELECT 1 UNION SELECT 1, 2;")]
    [InlineData(8120, "SELECT Id, COUNT(*) FROM dbo.t;")]
    [InlineData(147, "SELECT Id FROM dbo.t WHERE COUNT(*) > 1;")]
    [InlineData(201, "EXEC dbo.p;")]
    [InlineData(8144, "EXEC dbo.p 1, 2;")]
    [InlineData(8145, "EXEC dbo.p @b = 1;")]
    [InlineData(174, "SELECT LEN('a', 'b');")]
    [InlineData(50000, "RAISERROR('own', 16, 1);")]
    [InlineData(50001, "THROW 50001, 'own', 1;")]
    // Transactions.
    [InlineData(3902, "COMMIT TRANSACTION;")]
    [InlineData(3903, "ROLLBACK TRANSACTION;")]
    [InlineData(628, "SAVE TRANSACTION s;")]
    [InlineData(226, "BEGIN TRANSACTION; CREATE DATABASE inside;")]
    [InlineData(3021, "BEGIN TRANSACTION; BACKUP DATABASE practice TO DISK = N'/tmp/never-written.bak';")]
    // Options, and what the lab does not do.
    [InlineData(155, "BACKUP DATABASE practice TO DISK = N'/tmp/never-written.bak' WITH NO_SUCH_OPTION;")]
    [InlineData(155, "RESTORE DATABASE practice FROM DISK = N'/tmp/never.bak' WITH NO_SUCH_OPTION;")]
    [InlineData(195, "SET NO_SUCH_OPTION ON;")]
    [InlineData(911, "BACKUP DATABASE nothing TO DISK = N'/tmp/never-written.bak';")]
    [InlineData(3201, "RESTORE HEADERONLY FROM DISK = N'/no/such/file.bak';")]
    [InlineData(3201, "RESTORE DATABASE other FROM DISK = N'/no/such/file.bak';")]
    [InlineData(5011, "ALTER DATABASE nothing SET MULTI_USER;")]
    [InlineData(15123, "EXEC sp_configure 'no such option', 1;")]
    [InlineData(40514, "EXEC sp_detach_db @dbname = N'practice';")]
    [InlineData(155, "RESTORE LOG practice FROM DISK = N'/tmp/never.bak' WITH NORECOVERY, ALSO_NONE;")]
    [InlineData(195, "SELECT 1; SET NO_SUCH_OPTION OFF;")]
    [InlineData(15015, "EXEC sp_serveroption @server = N'nowhere', @optname = 'rpc', @optvalue = 'true';")]
    [InlineData(15404, "EXECUTE AS LOGIN = N'nobody';", 15406)]
    public void A_statement_that_cannot_run_says_its_number(int number, string text, int alternative = 0)
    {
        using SqlConnection connection = lab.Open("practice");
        // With an alternative the second number is the documented one of this version; the first is that of older ones.
        int expected = alternative == 0 ? number : alternative;
        SqlException error = Assert.Throws<SqlException>(() => SmoLab.Execute(connection, text));
        Assert.True(error.Errors.Cast<SqlError>().Any(e => e.Number == expected), $"{expected} expected: {string.Join("; ", error.Errors.Cast<SqlError>().Select(e => $"{e.Number} {e.Message}"))}");
        Assert.InRange(error.Class, (byte)11, (byte)19);
    }

    [Theory]
    [InlineData("CREATE SEQUENCE dbo.s START WITH 1;")]
    [InlineData("CREATE RULE r AS @x > 1;")]
    [InlineData("CREATE PARTITION FUNCTION f (int) AS RANGE LEFT FOR VALUES (1);")]
    [InlineData("CREATE FULLTEXT CATALOG c;")]
    [InlineData("CREATE ASSEMBLY a FROM 0x00;")]
    [InlineData("CREATE XML SCHEMA COLLECTION x AS N'<a/>';")]
    [InlineData("CREATE AVAILABILITY GROUP g FOR DATABASE practice REPLICA ON N'a' WITH (ENDPOINT_URL = N'tcp://a:1', AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL);")]
    [InlineData("CREATE CERTIFICATE c WITH SUBJECT = N's';")]
    [InlineData("CREATE COLUMNSTORE INDEX i ON dbo.t (Id);")]
    [InlineData("CREATE EVENT SESSION e ON SERVER ADD EVENT sqlserver.error_reported;")]
    [InlineData("CREATE RESOURCE POOL p;")]
    [InlineData("ALTER DATABASE practice SET PARTNER OFF;")]
    [InlineData("BULK INSERT dbo.t FROM '/tmp/never';")]
    [InlineData("SELECT * FROM OPENROWSET(BULK '/tmp/never', SINGLE_CLOB) AS x;")]
    [InlineData("SELECT * FROM OPENQUERY(nowhere, 'SELECT 1');")]
    [InlineData("CREATE DATABASE snap ON (NAME = practice, FILENAME = '/tmp/never.ss') AS SNAPSHOT OF practice;")]
    [InlineData("RESTORE DATABASE practice FROM DATABASE_SNAPSHOT = 'snap';")]
    [InlineData("CREATE QUEUE q;")]
    [InlineData("SEND ON CONVERSATION '00000000-0000-0000-0000-000000000000';")]
    [InlineData("CREATE TABLE dbo.n (Id int) AS NODE;")]
    [InlineData("SELECT geography::Point(1, 1, 4326);")]
    [InlineData("DBCC NOSUCHCOMMAND;")]
    [InlineData("KILL 32767;")]
    public void A_statement_the_lab_does_not_do_is_an_error(string text)
    {
        using SqlConnection connection = lab.Open("practice");
        SqlException error = Assert.Throws<SqlException>(() => SmoLab.Execute(connection, text));
        Assert.True(error.Number > 0 && error.Class is >= 11 and <= 19, $"{error.Number}, {error.Class}: {error.Message}");
    }
}
