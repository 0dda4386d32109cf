using System;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tests.Interp;
using Xunit;

namespace BizTalkDR.Lab.Tests.Backup;

/// <summary>Databases of several data files and file groups (pages "CREATE DATABASE", "RESTORE FILELISTONLY"; facts: backup-file-format.md §6.2 and §6.3).</summary>
public sealed class FileGroupTests : IDisposable
{
    private readonly InterpLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Lists_moves_and_restores_every_file()
    {
        _lab.Do($"""
            CREATE DATABASE work ON PRIMARY (NAME = w1, FILENAME = N'{File("w1.mdf")}'), (NAME = w2, FILENAME = N'{File("w2.ndf")}'),
              FILEGROUP more (NAME = w3, FILENAME = N'{File("w3.ndf")}') LOG ON (NAME = wlog, FILENAME = N'{File("w.ldf")}')
            """);
        _lab.Do("CREATE TABLE work.dbo.t (a int, s nvarchar(4000))");
        for (int i = 0; i < 30; i++)
        {
            _lab.Do($"INSERT work.dbo.t VALUES ({i}, REPLICATE(N'y', 1500))");
        }

        _lab.Do("USE work; CHECKPOINT");
        Assert.Equal("w1,1,1\nwlog,2,0\nw2,3,1\nw3,4,2", _lab.Do("SELECT name, file_id, data_space_id FROM sys.database_files ORDER BY file_id").Text());
        Assert.Equal("PRIMARY,1\nmore,0", _lab.Do("SELECT name, is_default FROM sys.filegroups ORDER BY data_space_id").Text());
        _lab.Do("USE master");
        int[] files = [.. _lab.Instance.Find("work")!.FindTable("dbo", "t")!.Rows.From(0).Select(r => r.Page).Where(p => p != 0).Select(PageFormat.FileOf).Distinct().Order()];
        Assert.Equal([1, 3], files);

        string file = File("x.bak");
        _lab.Do($"BACKUP DATABASE work TO DISK = N'{file}' WITH CHECKSUM; UPDATE work.dbo.t SET a = a + 100; BACKUP DATABASE work TO DISK = N'{file}' WITH DIFFERENTIAL, CHECKSUM");
        Reply list = _lab.Do($"RESTORE FILELISTONLY FROM DISK = N'{file}'");
        Assert.Equal("w1,D,PRIMARY\nw2,D,PRIMARY\nw3,D,more\nwlog,L,NULL", string.Join('\n', list.Results[0].Rows.Select(r => $"{r[0]},{r[2]},{r[3] ?? "NULL"}")));
        string moves = string.Join(", ", new[] { "w1", "w2", "w3", "wlog" }.Select(n => $"MOVE N'{n}' TO N'{File("c_" + n)}'"));
        Reply full = _lab.Do($"RESTORE DATABASE c FROM DISK = N'{file}' WITH NORECOVERY, {moves}");
        Assert.Equal(4, full.Messages.Count(m => m.Number == 4035));
        _lab.Do($"RESTORE DATABASE c FROM DISK = N'{file}' WITH FILE = 2");
        Assert.Equal("30,100", _lab.Do("SELECT COUNT(*), MIN(a) FROM c.dbo.t").Text());
        _lab.Restart();
        Assert.Equal("30,100", _lab.Do("SELECT COUNT(*), MIN(a) FROM c.dbo.t").Text());
        Assert.Equal("more,c_w3", _lab.Do("USE c; SELECT g.name, REVERSE(LEFT(REVERSE(f.physical_name), 4)) FROM sys.database_files f JOIN sys.filegroups g ON g.data_space_id = f.data_space_id WHERE f.file_id = 4").Text());
        _lab.Do("USE master; DROP DATABASE c");
        Assert.False(System.IO.File.Exists(File("c_w3")));
    }

    [Fact]
    public void Keeps_the_logical_names_it_is_given()
    {
        _lab.Do($"CREATE DATABASE work ON (NAME = mine, FILENAME = N'{File("w.mdf")}')");
        Assert.Equal("mine", _lab.Scalar("SELECT name FROM sys.master_files WHERE database_id = DB_ID(N'work') AND file_id = 1"));
        _lab.Do("ALTER DATABASE work MODIFY FILE (NAME = mine, NEWNAME = yours)");
        _lab.Restart();
        Assert.Equal("yours", _lab.Scalar("SELECT name FROM sys.master_files WHERE database_id = DB_ID(N'work') AND file_id = 1"));
        Assert.Equal([1828], _lab.Run($"CREATE DATABASE two ON (NAME = a, FILENAME = N'{File("a.mdf")}'), (NAME = a, FILENAME = N'{File("b.ndf")}')").ErrorNumbers);
    }

    private string File(string name) => Path.Combine(_lab.Folder, name);
}
