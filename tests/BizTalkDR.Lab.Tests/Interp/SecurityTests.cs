using System;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Xunit;

namespace BizTalkDR.Lab.Tests.Interp;

public sealed class SecurityTests
{
    private static InterpLab Work()
    {
        var lab = new InterpLab();
        lab.Do("CREATE DATABASE work; CREATE LOGIN ann WITH PASSWORD = N'Ann#1', DEFAULT_DATABASE = work, CHECK_POLICY = OFF"); lab.Do("USE work");
        lab.Do("CREATE TABLE dbo.t (a int); CREATE USER ann FOR LOGIN ann");
        lab.Do("CREATE PROCEDURE dbo.reads AS SELECT COUNT(*) FROM dbo.t");
        return lab;
    }

    [Fact]
    public void Refuses_wrong_logins()
    {
        using InterpLab lab = Work();
        LabSqlException wrong = Assert.Throws<LabSqlException>(() => lab.Open("sa", "no"));
        Assert.Equal((18456, 14, "Login failed for user 'sa'."), (wrong.Number, wrong.Error.Class, wrong.Message));
        Assert.Equal(18456, Assert.Throws<LabSqlException>(() => lab.Open("nobody", "x")).Number);
        Assert.Equal(18456, Assert.Throws<LabSqlException>(() => lab.Open("##lab_link##sa", "guess")).Number);
        Assert.Equal(4060, Assert.Throws<LabSqlException>(() => lab.Open(database: "missing")).Number);
        lab.Do("CREATE DATABASE closed_");
        Assert.Equal(4060, Assert.Throws<LabSqlException>(() => lab.Open("ann", "Ann#1", "closed_")).Number);
        lab.Do("ALTER LOGIN ann DISABLE");
        Assert.Equal(18470, Assert.Throws<LabSqlException>(() => lab.Open("ann", "Ann#1")).Number);
        lab.Do("ALTER LOGIN ann ENABLE; ALTER LOGIN ann WITH PASSWORD = N'New#2'");
        using ISqlSession again = lab.Open("ann", "New#2");
        Assert.Equal("work", again.Database);
    }

    [Fact]
    public void Keeps_no_password_in_clear()
    {
        using InterpLab lab = Work();
        lab.Do("USE master; CHECKPOINT");
        lab.Session.Dispose();
        lab.Server.Dispose();
        lab.Instance.Dispose();
        byte[] ascii = "Ann#1"u8.ToArray();
        byte[] wide = System.Text.Encoding.Unicode.GetBytes("Ann#1");
        foreach (string file in Directory.EnumerateFiles(lab.Folder, "*", SearchOption.AllDirectories))
        {
            byte[] content = File.ReadAllBytes(file);
            Assert.True(content.AsSpan().IndexOf(ascii) < 0 && content.AsSpan().IndexOf(wide) < 0, file);
        }
    }

    [Fact]
    public void Needs_grants_for_tables_and_procedures_but_not_inside_them()
    {
        using InterpLab lab = Work();
        using ISqlSession ann = lab.Open("ann", "Ann#1");
        Assert.Equal([229], InterpLab.Run(ann, "SELECT * FROM dbo.t").ErrorNumbers);
        Assert.Equal([229], InterpLab.Run(ann, "EXEC dbo.reads").ErrorNumbers);
        lab.Do("CREATE ROLE callers; ALTER ROLE callers ADD MEMBER ann; GRANT EXECUTE ON OBJECT::dbo.reads TO callers");
        Assert.Equal(0, InterpLab.Run(ann, "EXEC dbo.reads").Value);
        Assert.Equal([229], InterpLab.Run(ann, "INSERT dbo.t VALUES (1)").ErrorNumbers);
        lab.Do("GRANT SELECT, INSERT ON dbo.t TO ann");
        Assert.Empty(InterpLab.Run(ann, "INSERT dbo.t VALUES (1); SELECT * FROM dbo.t").ErrorNumbers);
        lab.Do("DENY SELECT ON dbo.t TO callers");
        Assert.Equal([229], InterpLab.Run(ann, "SELECT * FROM dbo.t").ErrorNumbers);
        lab.Do("REVOKE SELECT ON dbo.t TO callers");
        Assert.Empty(InterpLab.Run(ann, "SELECT * FROM dbo.t").ErrorNumbers);
        Assert.Equal(1, InterpLab.Run(ann, "SELECT IS_MEMBER('callers')").Value);
    }

    [Theory]
    [InlineData("CREATE TABLE dbo.x (a int)", 262)]
    [InlineData("CREATE DATABASE y", 262)]
    [InlineData("KILL 60", 6102)]
    [InlineData("BACKUP DATABASE work TO DISK = N'/x.bak'", 262)]
    [InlineData("USE msdb; USE hidden_", 916)]
    [InlineData("SELECT * FROM hidden_.dbo.t", 916)]
    [InlineData("CREATE LOGIN bob WITH PASSWORD = N'x'", 15247)]
    [InlineData("DROP TABLE dbo.t", 3701)]
    [InlineData("EXEC sp_configure 'show advanced options', 1", 15247)]
    public void Refuses_what_only_administrators_may(string text, int number)
    {
        using InterpLab lab = Work();
        lab.Do("CREATE DATABASE hidden_");
        using ISqlSession ann = lab.Open("ann", "Ann#1");
        Assert.Contains(number, InterpLab.Run(ann, text).ErrorNumbers);
    }

    [Fact]
    public void Acts_as_another_login_until_it_reverts()
    {
        using InterpLab lab = Work();
        Reply reply = lab.Run("EXECUTE AS LOGIN = 'ann'; SELECT SUSER_SNAME(), ORIGINAL_LOGIN(), USER_NAME(); SELECT * FROM dbo.t; REVERT; SELECT SUSER_SNAME()");
        Assert.Equal([229], reply.ErrorNumbers);
        Assert.Equal("ann,sa,ann", reply.Text());
        Assert.Equal("sa", reply.Value);
    }

    [Fact]
    public void Lists_orphaned_users()
    {
        using InterpLab lab = Work();
        lab.Do("DROP LOGIN ann");
        Assert.Equal("ann", lab.Do("EXEC sp_change_users_login 'Report'").Results[0].Rows.Single()[0]);
        Assert.Equal(1, lab.Scalar("SELECT COUNT(*) FROM sys.database_principals AS p LEFT JOIN sys.server_principals AS s ON s.sid = p.sid WHERE p.type = 'S' AND p.principal_id > 4 AND s.sid IS NULL"));
    }
}
