using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Lab.Tds;
using BizTalkDR.Lab.Tests.Interp;
using Xunit;

namespace BizTalkDR.Lab.Tests.Backup;

/// <summary>
/// Who may be in a database while it is backed up, restored or altered, seen by real sessions (facts: restore.md §3 and §4;
/// pages "ALTER DATABASE SET options" and "Database engine events and errors 3000 to 3999", "5000 to 5999").
/// </summary>
public sealed class AccessTests : IDisposable
{
    private readonly InterpLab _lab = new();

    public AccessTests()
    {
        _lab.Do("CREATE DATABASE work");
        _lab.Do("CREATE TABLE work.dbo.t (a int); INSERT work.dbo.t VALUES (1)");
        _lab.Do($"BACKUP DATABASE work TO DISK = N'{File("full.bak")}'; INSERT work.dbo.t VALUES (2); BACKUP LOG work TO DISK = N'{File("log.trn")}'");
    }

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Restore_needs_the_database_for_itself()
    {
        string restore = $"RESTORE DATABASE work FROM DISK = N'{File("full.bak")}' WITH REPLACE, NORECOVERY";
        ISqlSession other = _lab.Open(database: "work");
        Reply used = _lab.Run(restore);
        Assert.Equal([3101, 3013], used.ErrorNumbers);
        Assert.Equal("Exclusive access could not be obtained because the database is in use.", used.Errors.First().Text);
        other.Dispose();
        _lab.Do("USE work");
        Reply own = _lab.Run(restore);
        Assert.Equal([3102, 3013], own.ErrorNumbers);
        Assert.Equal("RESTORE cannot process database 'work' because it is in use by this session. It is recommended that the master database be used when performing this operation.", own.Errors.First().Text);
        Assert.Equal("1\n2", _lab.Do("SELECT a FROM work.dbo.t ORDER BY a").Text());
        _lab.Do("USE master; " + restore);
        Assert.Equal([927], _lab.Run("USE work").ErrorNumbers);
        Reply alter = _lab.Run("ALTER DATABASE work SET SINGLE_USER");
        Assert.Equal([5052, 5069], alter.ErrorNumbers);
    }

    [Fact]
    public void A_tail_backup_needs_the_database_for_itself_too()
    {
        string tail = $"BACKUP LOG work TO DISK = N'{File("tail.trn")}' WITH NORECOVERY";
        using (ISqlSession other = _lab.Open(database: "work"))
        {
            Assert.Equal([3101, 3013], _lab.Run(tail).ErrorNumbers);
        }

        _lab.Do("USE work");
        Reply own = _lab.Run(tail);
        Assert.Equal([3102, 3013], own.ErrorNumbers);
        Assert.StartsWith("BACKUP cannot process database 'work' because it is in use by this session.", own.Errors.First().Text, StringComparison.Ordinal);
        _lab.Do("USE master; " + tail);
        Assert.Equal("RESTORING", State());
        Assert.Equal([927, 3013], _lab.Run($"BACKUP LOG work TO DISK = N'{File("again.trn")}'").ErrorNumbers);
    }

    [Fact]
    public void Rollback_immediate_and_rollback_after_end_the_sessions_that_stay()
    {
        foreach (string how in new[] { "ROLLBACK IMMEDIATE", "ROLLBACK AFTER 0 SECONDS", "ROLLBACK AFTER 1" })
        {
            using ISqlSession other = _lab.Open(database: "work");
            InterpLab.Run(other, "BEGIN TRAN; INSERT dbo.t VALUES (3)");
            Reply reply = _lab.Do($"ALTER DATABASE work SET RESTRICTED_USER WITH {how}; ALTER DATABASE work SET SINGLE_USER WITH {how}");
            Assert.Contains(reply.Messages, m => m.Number == 5060 && m.Text == "Nonqualified transactions are being rolled back. Estimated rollback completion: 100%.");
            Assert.Equal([596], InterpLab.Run(other, "SELECT 1").ErrorNumbers);
            _lab.Do("ALTER DATABASE work SET MULTI_USER");
        }

        Assert.Equal("1\n2", _lab.Do("SELECT a FROM work.dbo.t ORDER BY a").Text());
    }

    [Fact]
    public async Task Rollback_after_lets_those_go_who_leave_in_time()
    {
        ISqlSession other = _lab.Open(database: "work");
        Task<Reply> alter = Task.Run(() => _lab.Run("ALTER DATABASE work SET SINGLE_USER WITH ROLLBACK AFTER 600 SECONDS"));
        other.Dispose();
        Reply reply = await alter;
        Assert.Empty(reply.ErrorNumbers);
        Assert.DoesNotContain(reply.Messages, m => m.Number == 5060);
    }

    [Fact]
    public void No_wait_changes_nothing_while_others_are_there()
    {
        using ISqlSession other = _lab.Open(database: "work");
        foreach (string option in new[] { "SINGLE_USER", "OFFLINE", "READ_ONLY" })
        {
            Reply refused = _lab.Run($"ALTER DATABASE work SET {option} WITH NO_WAIT");
            Assert.Equal([5070, 5069], refused.ErrorNumbers);
            Assert.Equal("Database state cannot be changed while other users are using the database 'work'", refused.Errors.First().Text);
        }

        Assert.Equal("ONLINE,MULTI_USER,0", _lab.Do("SELECT state_desc, user_access_desc, is_read_only FROM sys.databases WHERE name = N'work'").Text());
    }

    [Fact]
    public void Single_user_belongs_to_one_session()
    {
        _lab.Do("ALTER DATABASE work SET SINGLE_USER; USE work");
        using ISqlSession other = _lab.Open();
        Reply refused = InterpLab.Run(other, "USE work");
        Assert.Equal([924], refused.ErrorNumbers);
        Assert.Equal([5064, 5069], InterpLab.Run(other, "ALTER DATABASE work SET MULTI_USER").ErrorNumbers);
        _lab.Do("ALTER DATABASE work SET MULTI_USER");
        Assert.Empty(InterpLab.Run(other, "USE work").ErrorNumbers);
    }

    [Fact]
    public void Restricted_user_keeps_out_who_is_no_owner()
    {
        _lab.Do("CREATE LOGIN reader WITH PASSWORD = 'Passw0rd!'; USE work; CREATE USER reader FOR LOGIN reader; USE master");
        _lab.Do("ALTER DATABASE work SET RESTRICTED_USER");
        using ISqlSession reader = _lab.Open("reader");
        Assert.Equal([916], InterpLab.Run(reader, "USE work").ErrorNumbers);
        _lab.Do("ALTER DATABASE work SET MULTI_USER");
        Assert.Empty(InterpLab.Run(reader, "USE work").ErrorNumbers);
        _lab.Do($"ALTER DATABASE work SET SINGLE_USER WITH ROLLBACK IMMEDIATE; RESTORE DATABASE work FROM DISK = N'{File("full.bak")}' WITH REPLACE, RESTRICTED_USER");
        Assert.Equal("RESTRICTED_USER", _lab.Scalar("SELECT user_access_desc FROM sys.databases WHERE name = N'work'"));
    }

    [Fact]
    public void Standby_is_read_only_and_readers_hold_up_the_next_log()
    {
        _lab.Do($"RESTORE DATABASE work FROM DISK = N'{File("full.bak")}' WITH REPLACE, STANDBY = N'{File("undo.dat")}'");
        Assert.Equal("ONLINE,1,1", _lab.Do("SELECT state_desc, is_in_standby, is_read_only FROM sys.databases WHERE name = N'work'").Text());
        string log = $"RESTORE LOG work FROM DISK = N'{File("log.trn")}' WITH STANDBY = N'{File("undo.dat")}'";
        using (ISqlSession reader = _lab.Open(database: "work"))
        {
            Assert.Equal("1", Text(InterpLab.Run(reader, "SELECT a FROM dbo.t")));
            Assert.Equal([3906], InterpLab.Run(reader, "INSERT dbo.t VALUES (9)").ErrorNumbers);
            Assert.Equal([3101, 3013], _lab.Run(log).ErrorNumbers);
        }

        Assert.Equal([3036, 3013], _lab.Run($"BACKUP DATABASE work TO DISK = N'{File("x.bak")}'").ErrorNumbers);
        Reply write = _lab.Run("ALTER DATABASE work SET READ_WRITE");
        Assert.Equal([5063, 5069], write.ErrorNumbers);
        Assert.Equal("Database 'work' is in warm standby. A warm-standby database is read-only.", write.Errors.First().Text);
        _lab.Do(log);
        Assert.Equal("1\n2", _lab.Do("SELECT a FROM work.dbo.t ORDER BY a").Text());
        _lab.Do("ALTER DATABASE work SET SINGLE_USER WITH ROLLBACK IMMEDIATE; RESTORE DATABASE work WITH RECOVERY; ALTER DATABASE work SET MULTI_USER; INSERT work.dbo.t VALUES (9)");
    }

    [Fact]
    public void Offline_takes_nobody_in()
    {
        _lab.Do("ALTER DATABASE work SET OFFLINE WITH ROLLBACK IMMEDIATE");
        Assert.Equal([942], _lab.Run("USE work").ErrorNumbers);
        Assert.Equal([942, 3013], _lab.Run($"BACKUP DATABASE work TO DISK = N'{File("x.bak")}'").ErrorNumbers);
        _lab.Do("ALTER DATABASE work SET ONLINE");
        Assert.Equal("1\n2", _lab.Do("SELECT a FROM work.dbo.t ORDER BY a").Text());
    }

    private static string Text(Reply reply) => reply.Text();

    private object? State() => _lab.Scalar("SELECT state_desc FROM sys.databases WHERE name = N'work'");

    private string File(string name) => Path.Combine(_lab.Folder, name);
}
