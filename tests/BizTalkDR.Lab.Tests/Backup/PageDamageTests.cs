using System;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tests.Interp;
using Xunit;

namespace BizTalkDR.Lab.Tests.Backup;

/// <summary>
/// Damaged pages (facts: backup-file-format.md §8.2; pages "MSSQLSERVER_3043", "MSSQLSERVER_824", "suspect_pages (Transact-SQL)", "DBCC CHECKDB",
/// and "Database engine events and errors" for the numbers and texts).
/// </summary>
public sealed class PageDamageTests : IDisposable
{
    private readonly InterpLab _lab = new();

    public PageDamageTests()
    {
        _lab.Do("CREATE DATABASE work");
        _lab.Do("CREATE TABLE work.dbo.good (a int); CREATE TABLE work.dbo.bad (a int, t nvarchar(4000)); INSERT work.dbo.good VALUES (1)");
        for (int i = 0; i < 20; i++)
        {
            _lab.Do($"INSERT work.dbo.bad VALUES ({i}, REPLICATE(N'x', 1500))");
        }

        _lab.Do("USE work; CHECKPOINT");
        _lab.Do("USE master");
    }

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void A_backup_with_checksum_stops_at_a_damaged_page()
    {
        (string data, int page) = DamageTable();
        _lab.Do($"BACKUP DATABASE work TO DISK = N'{File("plain.bak")}'");
        Reply refused = _lab.Run($"BACKUP DATABASE work TO DISK = N'{File("x.bak")}' WITH CHECKSUM");
        Assert.Equal([3043, 3013], refused.ErrorNumbers);
        Assert.Equal($"BACKUP 'work' detected an error on page (1:{page}) in file '{data}'.", refused.Errors.First().Text);
        Assert.Equal($"1,{page},2,1", _lab.Do("SELECT file_id, page_id, event_type, error_count FROM msdb.dbo.suspect_pages").Text());
        Assert.Equal([3043, 3013], _lab.Run($"BACKUP DATABASE work TO DISK = N'{File("x.bak")}' WITH CHECKSUM, STOP_ON_ERROR").ErrorNumbers);
        Assert.Equal(2, _lab.Scalar("SELECT error_count FROM msdb.dbo.suspect_pages"));
        Assert.Equal(1, _lab.Scalar("SELECT COUNT(*) FROM msdb.dbo.backupset"));
    }

    [Fact]
    public void A_backup_that_goes_on_after_the_error_is_marked_and_restored_only_on_demand()
    {
        DamageTable();
        Reply backup = _lab.Do($"BACKUP DATABASE work TO DISK = N'{File("x.bak")}' WITH CHECKSUM, CONTINUE_AFTER_ERROR");
        Assert.Contains(backup.Messages, m => m.Number == 3042 && !m.IsError);
        Assert.Contains(backup.Messages, m => m.Number == 3014);
        Reply header = _lab.Do($"RESTORE HEADERONLY FROM DISK = N'{File("x.bak")}'");
        Assert.Equal(true, header.Results[0].Rows[0][header.Results[0].Columns.ToList().FindIndex(c => c.Name == "IsDamaged")]);
        Assert.Equal(true, _lab.Scalar("SELECT is_damaged FROM msdb.dbo.backupset"));

        string restore = $"RESTORE DATABASE c FROM DISK = N'{File("x.bak")}' WITH MOVE N'work' TO N'{File("c.mdf")}', MOVE N'work_log' TO N'{File("c.ldf")}'";
        Assert.Equal([3182, 3013], _lab.Run(restore).ErrorNumbers);
        Reply salvaged = _lab.Do(restore + ", NORECOVERY, CONTINUE_AFTER_ERROR");
        Assert.Equal([3188, 3184], salvaged.Messages.Select(m => m.Number).Where(n => n is 3188 or 3184));
        _lab.Do($"INSERT work.dbo.good VALUES (2); BACKUP LOG work TO DISK = N'{File("x.trn")}'");
        Assert.Equal([4323, 3013], _lab.Run($"RESTORE LOG c FROM DISK = N'{File("x.trn")}'").ErrorNumbers);
        _lab.Do($"RESTORE LOG c FROM DISK = N'{File("x.trn")}' WITH CONTINUE_AFTER_ERROR");
        Assert.Equal("1\n2", _lab.Do("SELECT a FROM c.dbo.good ORDER BY a").Text());
        Assert.Equal([824], _lab.Run("SELECT COUNT(*) FROM c.dbo.bad").ErrorNumbers);
    }

    [Fact]
    public void A_damaged_page_in_the_backup_file_fails_the_restore()
    {
        _lab.Do($"BACKUP DATABASE work TO DISK = N'{File("x.bak")}'");
        byte[] bytes = System.IO.File.ReadAllBytes(File("x.bak"));
        bytes[bytes.AsSpan().IndexOf("MQDA"u8) + 24 + (Page().Page * 8192) + 4000] ^= 0xFF;
        System.IO.File.WriteAllBytes(File("x.bak"), bytes);
        Reply refused = _lab.Run($"RESTORE DATABASE c FROM DISK = N'{File("x.bak")}' WITH MOVE N'work' TO N'{File("c.mdf")}', MOVE N'work_log' TO N'{File("c.ldf")}'");
        Assert.Equal([3183, 3013], refused.ErrorNumbers);
        Assert.Matches(@"^RESTORE detected an error on page \(1:\d+\) in database ""c"" as read from the backup set\.$", refused.Errors.First().Text);
        Assert.Equal("RESTORING", _lab.Scalar("SELECT state_desc FROM sys.databases WHERE name = N'c'"));
        _lab.Do($"RESTORE DATABASE c FROM DISK = N'{File("x.bak")}' WITH REPLACE, CONTINUE_AFTER_ERROR, MOVE N'work' TO N'{File("c.mdf")}', MOVE N'work_log' TO N'{File("c.ldf")}'");
        Assert.Equal(1, _lab.Scalar("SELECT COUNT(*) FROM c.dbo.good"));
    }

    [Fact]
    public void Only_the_damaged_table_is_lost_after_a_start()
    {
        (string data, int page) = Page();
        _lab.Restart(() => StopPointTests.Damage(data, page));
        Assert.Equal("ONLINE", _lab.Scalar("SELECT state_desc FROM sys.databases WHERE name = N'work'"));
        Assert.Equal(1, _lab.Scalar("SELECT a FROM work.dbo.good"));
        Reply read = _lab.Run("SELECT * FROM work.dbo.bad");
        SqlMessage error = read.Errors.Single();
        Assert.Equal($"1,{page},2,1", _lab.Do("SELECT file_id, page_id, event_type, error_count FROM msdb.dbo.suspect_pages").Text());
        Assert.Equal([824], _lab.Run("SELECT * FROM work.dbo.bad").ErrorNumbers);
        Assert.Equal(2, _lab.Scalar("SELECT error_count FROM msdb.dbo.suspect_pages"));
        Assert.Equal((824, 24), (error.Number, error.Class));
        Assert.Matches(
            @"^SQL Server detected a logical consistency-based I/O error: incorrect checksum \(expected: 0x[0-9a-f]{8}; actual: 0x[0-9a-f]{8}\)\. It occurred during a read of page \(1:\d+\) in database ID \d+ at offset 0x[0-9a-f]{12} in file '.*work\.mdf'\.",
            error.Text);
    }

    [Fact]
    public void Checkdb_finds_the_damage_and_says_what_it_would_take()
    {
        Reply clean = _lab.Do("DBCC CHECKDB(N'work')");
        Assert.Contains(clean.Messages, m => m.Number == 8989 && m.Text == "CHECKDB found 0 allocation errors and 0 consistency errors in database 'work'.");
        Assert.Contains(clean.Messages, m => m.Number == 2593 && m.Text.StartsWith("There are 20 rows in ", StringComparison.Ordinal));
        Assert.Equal(2528, clean.Messages[^1].Number);
        (_, int page) = DamageTable();
        Reply found = _lab.Run("DBCC CHECKDB(N'work') WITH NO_INFOMSGS");
        Assert.Equal([8928, 8939, 8990, 8989, 8958], found.Messages.Select(m => m.Number));
        Assert.Equal([8928, 8939], found.ErrorNumbers);
        int id = (int)_lab.Scalar("SELECT OBJECT_ID(N'work.dbo.bad')")!;
        Assert.StartsWith($"Object ID {id}, index ID 1, partition ID ", found.Messages[0].Text, StringComparison.Ordinal);
        Assert.EndsWith($"(type In-row data): Page (1:{page}) could not be processed. See other errors for details.", found.Messages[0].Text, StringComparison.Ordinal);
        Assert.Equal($"CHECKDB found 0 allocation errors and 2 consistency errors in table 'bad' (object ID {id}).", found.Messages[2].Text);
        Assert.Equal("CHECKDB found 0 allocation errors and 2 consistency errors in database 'work'.", found.Messages[3].Text);
        Assert.Equal("repair_allow_data_loss is the minimum repair level for the errors found by DBCC CHECKDB (work).", found.Messages[4].Text);
        Assert.Equal(1, _lab.Scalar("SELECT COUNT(*) FROM msdb.dbo.suspect_pages"));
        Assert.Equal([7919], _lab.Run("DBCC CHECKDB(N'work', REPAIR_ALLOW_DATA_LOSS)").ErrorNumbers);
        _lab.Do("ALTER DATABASE work SET SINGLE_USER");
        Assert.Contains(_lab.Run("DBCC CHECKDB(N'work', REPAIR_ALLOW_DATA_LOSS)").Messages, m => m.Number == 8922);
        Assert.Equal([40514], _lab.Run("DBCC CHECKDB(N'work') WITH ESTIMATEONLY").ErrorNumbers);
    }

    [Fact]
    public void Damage_of_a_page_the_file_needs_makes_the_database_suspect()
    {
        string data = Data();
        _lab.Restart(() => StopPointTests.Damage(data, 1));
        Assert.Equal("SUSPECT", _lab.Scalar("SELECT state_desc FROM sys.databases WHERE name = N'work'"));
        Assert.Equal([926], _lab.Run("USE work").ErrorNumbers);
        Assert.Equal([926, 3013], _lab.Run($"BACKUP DATABASE work TO DISK = N'{File("x.bak")}'").ErrorNumbers);
    }

    private (string Data, int Page) DamageTable()
    {
        (string data, int page) = Page();
        StopPointTests.Damage(data, page);
        return (data, page);
    }

    private string Data() => _lab.Instance.Find("work")!.Files[0].PhysicalName;

    /// <summary>A page with rows of the table, on disk.</summary>
    private (string Data, int Page) Page()
    {
        LabDatabase database = _lab.Instance.Find("work")!;
        LabTable table = database.FindTable("dbo", "bad")!;
        return (Data(), table.Rows.From(0).Select(r => r.Page).Where(p => p != 0).Min());
    }

    private string File(string name) => Path.Combine(_lab.Folder, name);
}
