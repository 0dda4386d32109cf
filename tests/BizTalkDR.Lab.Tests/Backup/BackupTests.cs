using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Lab.Engine;
using Xunit;

namespace BizTalkDR.Lab.Tests.Backup;

public sealed class BackupTests : IDisposable
{
    private readonly BackupFixture _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Sends_progress_then_the_files_then_success()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        Messages messages = _lab.Full(source, "full.bak");
        Assert.Equal([.. Enumerable.Repeat(3211, 10), 4035, 4035, 3014], messages.Numbers);
        Assert.Equal(Enumerable.Range(1, 10).Select(i => $"{i * 10} percent processed."), messages.All.Where(m => m.Number == 3211).Select(m => m.Text));
        Assert.Matches(@"^Processed \d+ pages for database 'Orders', file 'Orders' on file 1\.$", messages[4035]);
        Assert.Matches(@"^BACKUP DATABASE successfully processed \d+ pages in \d+\.\d{3} seconds \(\d+\.\d{3} MB/sec\)\.$", messages[3014]);
        Assert.All(messages.All, m => Assert.Equal(0, m.Class));
    }

    [Fact]
    public void Links_the_log_backups_by_their_lsns()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Full(source, "full.bak");
        for (int i = 1; i <= 3; i++)
        {
            BackupFixture.Insert(source, i);
            Assert.True(_lab.Log("Orders", $"log{i}.bak").Succeeded);
        }

        Assert.True(_lab.Log("Orders", "empty.bak").Succeeded);
        Dictionary<string, object?> full = Header("full.bak");
        Dictionary<string, object?>[] logs = [Header("log1.bak"), Header("log2.bak"), Header("log3.bak"), Header("empty.bak")];
        Assert.True((decimal)logs[0]["FirstLSN"]! <= (decimal)full["LastLSN"]!);
        Assert.Equal(logs.Take(3).Select(l => l["LastLSN"]), logs.Skip(1).Select(l => l["FirstLSN"]));
        Assert.All(logs, l => Assert.Equal(full["CheckpointLSN"], l["DatabaseBackupLSN"]));
        Assert.Equal([true, false, false, false], logs.Select(l => l["BeginsLogChain"]));
        Assert.Equal(logs[3]["FirstLSN"], logs[3]["LastLSN"]);
        Assert.Equal((short)1, full["BackupType"]);
        Assert.Equal((short)2, logs[0]["BackupType"]);
    }

    [Fact]
    public void Shows_the_documented_columns()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Full(source, "full.bak", checksum: true);
        ResultTable header = _lab.Engine.HeaderOnly([_lab.File("full.bak")], null);
        Assert.Equal(59, header.Columns.Count);
        Assert.Equal("BackupName", header.Columns[0].Name);
        Assert.Equal(("FirstLSN", SqlType.LsnNumber), header.Columns[13]);
        Assert.Equal("CompressionAlgorithm", header.Columns[58].Name);
        Dictionary<string, object?> row = Header("full.bak");
        Assert.Equal(("LABSQL1", "Orders", 957, 16, 4135), (row["ServerName"], row["DatabaseName"], row["DatabaseVersion"], row["SoftwareVersionMajor"], row["SoftwareVersionBuild"]));
        Assert.Equal((true, (byte)0, "FULL", false), (row["HasBackupChecksums"], row["Compressed"], row["RecoveryModel"], row["IsCopyOnly"]));
        Assert.Equal((source.FamilyGuid, source.RecoveryForkGuid, source.DatabaseGuid), (row["FamilyGUID"], row["RecoveryForkID"], row["BindingID"]));
        Assert.Equal(source.Collation, row["Collation"]);

        ResultTable files = _lab.Engine.FileListOnly([_lab.File("full.bak")], null);
        Assert.Equal(22, files.Columns.Count);
        Assert.Equal(["D", "L"], files.Rows.Select(r => r[2]));
        Assert.Equal(source.Files.Select(f => f.PhysicalName), files.Rows.Select(r => r[1]));
        ResultTable label = _lab.Engine.LabelOnly([_lab.File("full.bak")]);
        Assert.Equal(13, label.Columns.Count);
        Assert.Equal(("Microsoft SQL Server", 1, 1), (label.Rows[0][8], label.Rows[0][2], label.Rows[0][3]));
    }

    [Fact]
    public void Appends_without_init_and_overwrites_with_it()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Full(source, "all.bak");
        BackupFixture.Insert(source, 1);
        _lab.Log("Orders", "all.bak");
        BackupFixture.Insert(source, 2);
        _lab.Full(source, "all.bak");
        ResultTable header = _lab.Engine.HeaderOnly([_lab.File("all.bak")], null);
        Assert.Equal([((short)1, (short)1), ((short)2, (short)2), ((short)1, (short)3)], header.Rows.Select(r => ((short)r[2]!, (short)r[5]!)));
        Assert.Single(_lab.Engine.HeaderOnly([_lab.File("all.bak")], 2).Rows);

        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        Assert.True(_lab.RestoreFull(target, "Copy", "all.bak", RecoveryOption.Recovery, position: 3).Succeeded);
        Assert.Equal([1, 2], BackupFixture.Numbers(target.Instance.Find("Copy")!));
        Guid media = (Guid)_lab.Engine.LabelOnly([_lab.File("all.bak")]).Rows[0][1]!;
        _lab.Full(source, "all.bak", init: true);
        Assert.Single(_lab.Engine.HeaderOnly([_lab.File("all.bak")], null).Rows);
        Assert.Equal(media, _lab.Engine.LabelOnly([_lab.File("all.bak")]).Rows[0][1]);
    }

    [Fact]
    public void Writes_over_what_an_interrupted_backup_left()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Full(source, "all.bak");
        long one = new FileInfo(_lab.File("all.bak")).Length;
        _lab.Full(source, "all.bak");
        using (FileStream file = File.OpenWrite(_lab.File("all.bak")))
        {
            file.SetLength(one + 9000);
        }

        ResultTable header = _lab.Engine.HeaderOnly([_lab.File("all.bak")], null);
        Assert.Equal(["full", "*** INCOMPLETE ***"], header.Rows.Select(r => r[0]));
        Assert.True(_lab.Full(source, "all.bak").Succeeded);
        Assert.Equal([1, 2], _lab.Engine.HeaderOnly([_lab.File("all.bak")], null).Rows.Select(r => (int)(short)r[5]!));
    }

    [Fact]
    public void Does_not_let_a_copy_only_backup_touch_the_chain()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        Assert.Equal([4214, 3013], _lab.Log("Orders", "log.bak").Errors);
        _lab.Full(source, "copy.bak", copyOnly: true);
        Messages none = _lab.Log("Orders", "log.bak");
        Assert.Equal([4214, 3013], none.Errors);
        Assert.Equal("BACKUP LOG cannot be performed because there is no current database backup.", none[4214]);
        Assert.Equal("BACKUP LOG is terminating abnormally.", none[3013]);
        _lab.Full(source, "full.bak");
        Lsn checkpoint = source.LastFullCheckpointLsn;
        _lab.Full(source, "copy2.bak", copyOnly: true);
        Assert.Equal(checkpoint, source.LastFullCheckpointLsn);
        Assert.Equal(true, Header("copy2.bak")["IsCopyOnly"]);
        Assert.False(File.Exists(_lab.File("log.bak")));
    }

    [Fact]
    public void Refuses_what_cannot_be_backed_up()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Source.SetRecoveryModel(source, RecoveryModel.Simple);
        Assert.Equal([4208, 3013], _lab.Log("Orders", "x.bak").Errors);
        Assert.Equal([911, 3013], _lab.Log("Nothing", "x.bak").Errors);
        Assert.Equal([3147, 3013], _lab.Log("tempdb", "x.bak").Errors);
        Assert.Equal([4212, 3013], _lab.Log("master", "x.bak").Errors);
        Assert.Equal([3035, 3013], Differential("Orders").Errors);
        Messages folder = _lab.Full(source, "no/such/folder/x.bak");
        Assert.Equal([3201, 3013], folder.Errors);
        Assert.Equal($"Cannot open backup device '{_lab.File("no/such/folder/x.bak")}'. Operating system error 3(The system cannot find the path specified.).", folder[3201]);
        File.WriteAllText(_lab.File("text.bak"), new string('x', 3000));
        Assert.Equal([3241, 3013], _lab.Full(source, "text.bak").Errors);
        _lab.Full(source, "full.bak");
        Assert.Equal([3024, 3013], Differential("master").Errors);
        _lab.RestoreFull(_lab.Engine, "Orders", "full.bak", replace: true, move: false);
        Assert.Equal([927, 3013], _lab.Full(_lab.Source.Find("Orders")!, "x.bak").Errors);
    }

    [Fact]
    public void Names_a_full_disk()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        Messages full = BackupFixture.Run(s => _lab.Engine.Backup(
            new BackupRequest { Database = "Orders", Disks = ["/dev/full"] }, s, CancellationToken.None));
        Assert.Equal([3202, 3013], full.Errors);
        Assert.Equal("Write on \"/dev/full\" failed: 112(There is not enough space on the disk.)", full[3202]);
        Assert.True(_lab.Full(source, "full.bak").Succeeded);
    }

    [Fact]
    public void Stops_when_cancelled()
    {
        BackupFixture.NewDatabase(_lab.Source, "Orders");
        using CancellationTokenSource source = new();
        source.Cancel();
        Messages cancelled = BackupFixture.Run(s => _lab.Engine.Backup(
            new BackupRequest { Database = "Orders", Disks = [_lab.File("full.bak")] }, s, source.Token));
        Assert.Equal([3204, 3013], cancelled.Errors);
        Assert.True(_lab.Full(_lab.Source.Find("Orders")!, "full.bak").Succeeded);
    }

    [Fact]
    public void Verifies_a_set_and_finds_damage()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        BackupFixture.Insert(source, 1);
        _lab.Full(source, "plain.bak");
        _lab.Full(source, "sum.bak", checksum: true);
        Messages valid = Verify("sum.bak", true);
        Assert.Equal([3262], valid.Numbers);
        Assert.Equal("The backup set on file 1 is valid.", valid[3262]);
        Assert.Equal([3187, 3013], Verify("plain.bak", true).Errors);
        Assert.Equal([3262], Verify("plain.bak", false).Numbers);

        byte[] bytes = File.ReadAllBytes(_lab.File("sum.bak"));
        int page = bytes.AsSpan().IndexOf("MQDA"u8) + 22 + 2 + 9000;
        bytes[page] ^= 0x10;
        File.WriteAllBytes(_lab.File("sum.bak"), bytes);
        Messages damaged = Verify("sum.bak", true);
        Assert.Equal([3189, 3013], damaged.Errors);
        Assert.Equal("VERIFY DATABASE is terminating abnormally.", damaged[3013]);
        File.WriteAllBytes(_lab.File("sum.bak"), bytes[..(bytes.Length / 2)]);
        Assert.Equal([3203, 3013], Verify("sum.bak", true).Errors);
        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        Messages restored = BackupFixture.Run(s => target.Restore(new RestoreRequest { Database = "Copy", Disks = [_lab.File("sum.bak")] }, s, CancellationToken.None));
        Assert.Equal([3203, 3013], restored.Errors);
        Assert.Null(target.Instance.Find("Copy"));
    }

    [Fact]
    public void Keeps_the_history_in_msdb()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Full(source, "all.bak");
        BackupFixture.Insert(source, 1, "BTS_1");
        _lab.Log("Orders", "all.bak");

        List<Dictionary<string, object?>> sets = Rows("backupset");
        Assert.Equal([1, 2], sets.Select(s => (int)s["position"]!));
        Assert.Equal(["D", "L"], sets.Select(s => (string)s["type"]!));
        Assert.Equal(Header("all.bak")["BackupSetGUID"], sets[0]["backup_set_uuid"]);
        Assert.Single(Rows("backupmediaset"));
        Assert.Equal(_lab.File("all.bak"), Rows("backupmediafamily").Single()["physical_device_name"]);
        Assert.Equal(4, Rows("backupfile").Count);
        Assert.Equal(2, Rows("backupfilegroup").Count);
        Dictionary<string, object?> mark = Rows("logmarkhistory").Single();
        Assert.Equal(("Orders", "BTS_1"), (mark["database_name"], mark["mark_name"]));

        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        Messages loaded = BackupFixture.Run(s => target.VerifyOnly([_lab.File("all.bak")], 2, false, true, s, CancellationToken.None));
        Assert.Equal([3262], loaded.Numbers);
        Assert.Single(target.Instance.Find("msdb")!.FindTable("dbo", "backupset")!.Scan(null));
    }

    private Messages Differential(string database) => BackupFixture.Run(s => _lab.Engine.Backup(
        new BackupRequest { Database = database, Kind = BackupKind.Differential, Disks = [_lab.File("diff.bak")] }, s, CancellationToken.None));

    private Messages Verify(string file, bool checksum) =>
        BackupFixture.Run(s => _lab.Engine.VerifyOnly([_lab.File(file)], null, checksum, false, s, CancellationToken.None));

    private Dictionary<string, object?> Header(string file)
    {
        ResultTable table = _lab.Engine.HeaderOnly([_lab.File(file)], 1);
        return table.Columns.Select(c => c.Name).Zip(table.Rows[0]).ToDictionary(p => p.First, p => p.Second);
    }

    private List<Dictionary<string, object?>> Rows(string table)
    {
        LabTable found = _lab.Source.Find("msdb")!.FindTable("dbo", table)!;
        return [.. found.Scan(null).Select(r => found.Def.Columns.Select(c => c.Name).Zip(r.Values).ToDictionary(p => p.First, p => p.Second))];
    }
}
