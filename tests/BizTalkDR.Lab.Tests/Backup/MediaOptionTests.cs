using System;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Tests.Interp;
using Xunit;

namespace BizTalkDR.Lab.Tests.Backup;

/// <summary>Options of BACKUP and RESTORE as the page "BACKUP (Transact-SQL)" describes them; numbers and texts: "Database engine events and errors 3000 to 3999" and "4000 to 4999".</summary>
public sealed class MediaOptionTests : IDisposable
{
    private readonly InterpLab _lab = new();

    public MediaOptionTests()
    {
        _lab.Do("CREATE DATABASE work");
        _lab.Do("CREATE TABLE work.dbo.t (a int); INSERT work.dbo.t VALUES (1)");
    }

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Does_not_overwrite_a_medium_before_it_expires()
    {
        string file = File("x.bak");
        _lab.Do($"BACKUP DATABASE work TO DISK = N'{file}' WITH RETAINDAYS = 3");
        Reply refused = _lab.Run($"BACKUP DATABASE work TO DISK = N'{file}' WITH INIT");
        Assert.Equal([4030, 3013], refused.ErrorNumbers);
        Assert.Matches(@"^The medium on device '.*x\.bak' expires on \w{3} \d+ \d{4} .*(AM|PM) and cannot be overwritten\.$", refused.Errors.First().Text);
        _lab.Do($"BACKUP DATABASE work TO DISK = N'{file}'");
        Assert.Equal(2, _lab.Do($"RESTORE HEADERONLY FROM DISK = N'{file}'").Results[0].Rows.Count);
        Assert.NotNull(_lab.Scalar("SELECT expiration_date FROM msdb.dbo.backupset WHERE position = 1"));
        _lab.Do($"BACKUP DATABASE work TO DISK = N'{file}' WITH INIT, SKIP, EXPIREDATE = '2001-01-01'");
        _lab.Do($"BACKUP DATABASE work TO DISK = N'{file}' WITH INIT");
        Assert.Single(_lab.Do($"RESTORE HEADERONLY FROM DISK = N'{file}'").Results[0].Rows);
        _lab.Do($"BACKUP DATABASE work TO DISK = N'{file}' WITH FORMAT, RETAINDAYS = 9, MEDIANAME = N'm', MEDIADESCRIPTION = N'd'");
        _lab.Do($"BACKUP DATABASE work TO DISK = N'{file}' WITH FORMAT, MEDIANAME = N'm'");
    }

    [Fact]
    public void Checks_the_name_of_the_medium()
    {
        string file = File("x.bak");
        _lab.Do($"BACKUP DATABASE work TO DISK = N'{file}' WITH MEDIANAME = N'mine', MEDIADESCRIPTION = N'what it is'");
        Assert.Equal([4037, 3013], _lab.Run($"BACKUP DATABASE work TO DISK = N'{file}' WITH MEDIANAME = N'yours'").ErrorNumbers);
        Assert.Equal([4037, 3013], _lab.Run($"RESTORE DATABASE work FROM DISK = N'{file}' WITH REPLACE, MEDIANAME = N'yours'").ErrorNumbers);
        object?[] label = _lab.Do($"RESTORE LABELONLY FROM DISK = N'{file}'").Results[0].Rows[0];
        Assert.Equal(("mine", "what it is"), (label[0], label[7]));
    }

    [Fact]
    public void Backs_up_in_stripes_with_compression_and_restores_with_moves()
    {
        string a = File("a.bak");
        string b = File("b.bak");
        _lab.Do($"BACKUP DATABASE work TO DISK = N'{a}', DISK = N'{b}' WITH COMPRESSION, CHECKSUM, FORMAT, BLOCKSIZE = 65536, BUFFERCOUNT = 20, MAXTRANSFERSIZE = 4194304, STATS = 50");
        _lab.Do($"INSERT work.dbo.t VALUES (2); BACKUP DATABASE work TO DISK = N'{a}', DISK = N'{b}' WITH DIFFERENTIAL, CHECKSUM");
        Assert.Equal([3132, 3013], _lab.Run($"RESTORE VERIFYONLY FROM DISK = N'{a}'").ErrorNumbers);
        Assert.Contains(_lab.Do($"RESTORE VERIFYONLY FROM DISK = N'{b}', DISK = N'{a}' WITH FILE = 2, CHECKSUM").Messages, m => m.Number == 3262);
        string moves = $"MOVE N'work' TO N'{File("c.mdf")}', MOVE N'work_log' TO N'{File("c.ldf")}'";
        _lab.Do($"RESTORE DATABASE c FROM DISK = N'{a}', DISK = N'{b}' WITH NORECOVERY, {moves}");
        _lab.Do($"RESTORE DATABASE c FROM DISK = N'{a}', DISK = N'{b}' WITH FILE = 2, RECOVERY");
        Assert.Equal("1\n2", _lab.Do("SELECT a FROM c.dbo.t ORDER BY a").Text());
        Assert.Equal("1,2,MS_XPRESS\n2,2,MS_XPRESS", _lab.Do("SELECT s.position, m.media_family_count, s.compression_algorithm FROM msdb.dbo.backupset s JOIN msdb.dbo.backupmediaset m ON m.media_set_id = s.media_set_id ORDER BY 1").Text());
        Assert.Equal("2\n2", _lab.Do("SELECT device_count FROM msdb.dbo.restorehistory").Text());
    }

    [Fact]
    public void Compresses_by_the_servers_default_and_a_medium_keeps_its_kind()
    {
        _lab.Do("EXEC sp_configure 'backup compression default', 1; RECONFIGURE");
        _lab.Do($"BACKUP DATABASE work TO DISK = N'{File("x.bak")}'");
        Assert.Equal((byte)1, _lab.Do($"RESTORE HEADERONLY FROM DISK = N'{File("x.bak")}'").Results[0].Rows[0][4]);
        _lab.Do("EXEC sp_configure 'backup compression default', 0; RECONFIGURE");
        _lab.Do($"BACKUP LOG work TO DISK = N'{File("x.bak")}'");
        Assert.Equal([3098, 3013], _lab.Run($"BACKUP LOG work TO DISK = N'{File("x.bak")}' WITH NO_COMPRESSION").ErrorNumbers);
    }

    [Fact]
    public void Finds_nothing_to_restart_and_says_so()
    {
        _lab.Do($"BACKUP DATABASE work TO DISK = N'{File("x.bak")}' WITH INIT");
        Reply reply = _lab.Do($"RESTORE DATABASE work FROM DISK = N'{File("x.bak")}' WITH REPLACE, RESTART");
        Assert.Contains(reply.Messages, m => m.Number == 3018 && !m.IsError);
        Assert.Equal([3031, 3013], _lab.Run($"RESTORE DATABASE work FROM DISK = N'{File("x.bak")}' WITH REPLACE, RECOVERY, NORECOVERY").ErrorNumbers);
    }

    private string File(string name) => Path.Combine(_lab.Folder, name);
}
