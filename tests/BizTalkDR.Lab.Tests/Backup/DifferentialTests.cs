using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Xunit;

namespace BizTalkDR.Lab.Tests.Backup;

/// <summary>Differential backups (facts: backup-file-format.md §6 and §10; numbers: "Database engine events and errors 3000 to 3999").</summary>
public sealed class DifferentialTests : IDisposable
{
    private readonly BackupFixture _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Holds_the_extents_changed_since_its_base_and_names_the_base()
    {
        LabDatabase source = BigDatabase(2000);
        Assert.True(_lab.Full(source, "full.bak").Succeeded);
        BackupFixture.Insert(source, 5000);
        Messages backup = _lab.Differential("Orders", "diff.bak");
        Assert.True(backup.Succeeded, backup.ToString());
        Assert.StartsWith("BACKUP DATABASE successfully processed", backup[3014], StringComparison.Ordinal);
        Dictionary<string, object?> full = Header("full.bak");
        Dictionary<string, object?> diff = Header("diff.bak");
        Assert.Equal(((short)5, "Database Differential"), (diff["BackupType"], diff["BackupTypeDescription"]));

        // §10: DifferentialBaseLSN = DatabaseBackupLSN = CheckpointLSN of its full, DifferentialBaseGUID = BackupSetGUID of that full.
        Assert.Equal((full["CheckpointLSN"], full["CheckpointLSN"], full["BackupSetGUID"]), (diff["DifferentialBaseLSN"], diff["DatabaseBackupLSN"], diff["DifferentialBaseGUID"]));
        Assert.True(new FileInfo(_lab.File("diff.bak")).Length * 2 < new FileInfo(_lab.File("full.bak")).Length);
        Assert.Equal("I", Rows("backupset")[^1]["type"]);
        Assert.Equal(full["BackupSetGUID"], Rows("backupset")[^1]["differential_base_guid"]);
    }

    [Fact]
    public void Brings_a_database_restored_from_its_base_to_its_own_end_and_logs_go_on()
    {
        LabDatabase source = BigDatabase(300);
        _lab.Full(source, "full.bak");
        BackupFixture.Insert(source, 1001);
        _lab.Log("Orders", "log1.bak");
        BackupFixture.Insert(source, 1002);
        source.Checkpoint();
        Delete(source, 7);
        Assert.True(_lab.Differential("Orders", "diff.bak").Succeeded);
        BackupFixture.Insert(source, 1003);
        _lab.Log("Orders", "log2.bak");

        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        _lab.RestoreFull(target, "Copy", "full.bak");
        Messages diff = _lab.RestoreFrom(target, "Copy", ["diff.bak"]);
        Assert.True(diff.Succeeded, diff.ToString());
        Messages log = _lab.RestoreLog(target, "Copy", "log2.bak");
        Assert.True(log.Succeeded, log.ToString());
        target = _lab.Restart(target);
        BackupFixture.Recover(target, "Copy");
        Assert.Equal(BackupFixture.Numbers(source), BackupFixture.Numbers(target.Instance.Find("Copy")!));
        Assert.Equal(302, BackupFixture.Numbers(source).Length);
    }

    [Fact]
    public void Follows_a_log_that_was_applied_first_and_is_too_old_behind_a_later_one()
    {
        LabDatabase source = BigDatabase(50);
        _lab.Full(source, "full.bak");
        BackupFixture.Insert(source, 1001);
        _lab.Log("Orders", "log1.bak");
        BackupFixture.Insert(source, 1002);
        _lab.Differential("Orders", "diff.bak");
        BackupFixture.Insert(source, 1003);
        _lab.Log("Orders", "log2.bak");

        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        _lab.RestoreFull(target, "Copy", "full.bak");
        _lab.RestoreLog(target, "Copy", "log1.bak");
        Assert.True(_lab.RestoreFrom(target, "Copy", ["diff.bak"]).Succeeded);
        Assert.True(_lab.RestoreLog(target, "Copy", "log2.bak").Succeeded);
        Messages old = _lab.RestoreFrom(target, "Copy", ["diff.bak"]);
        Assert.Equal([3120, 3013], old.Errors);
        BackupFixture.Recover(target, "Copy");
        Assert.Equal(BackupFixture.Numbers(source), BackupFixture.Numbers(target.Instance.Find("Copy")!));
    }

    [Fact]
    public void Refuses_another_base()
    {
        LabDatabase source = BigDatabase(20);
        _lab.Full(source, "full1.bak");
        BackupFixture.Insert(source, 1001);
        _lab.Full(source, "full2.bak");
        _lab.Full(source, "copy.bak", copyOnly: true);
        BackupFixture.Insert(source, 1002);
        _lab.Differential("Orders", "diff.bak");
        Assert.Equal(Header("full2.bak")["BackupSetGUID"], Header("diff.bak")["DifferentialBaseGUID"]);

        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        foreach (string wrong in new[] { "full1.bak", "copy.bak" })
        {
            _lab.RestoreFull(target, "Copy", wrong, replace: true);
            Messages refused = _lab.RestoreFrom(target, "Copy", ["diff.bak"]);
            Assert.Equal([3136, 3013], refused.Errors);
            Assert.Equal("This differential backup cannot be restored because the database has not been restored to the correct earlier state.", refused[3136]);
        }

        Assert.Equal([3118, 3013], _lab.RestoreFrom(target, "None", ["diff.bak"]).Errors);
        _lab.RestoreFull(target, "Copy", "full2.bak", RecoveryOption.Recovery, replace: true);
        Assert.Equal([3117, 3013], _lab.RestoreFrom(target, "Copy", ["diff.bak"]).Errors);
        Assert.Equal([3135, 3013], _lab.RestoreLog(target, "Copy", "diff.bak").Errors);
    }

    [Fact]
    public void Is_taken_of_a_restored_database_since_the_backup_it_came_from()
    {
        LabDatabase source = BigDatabase(200);
        _lab.Full(source, "full.bak");
        BackupEngine second = new(_lab.NewInstance("LABSQL2"));
        _lab.RestoreFull(second, "Orders", "full.bak", RecoveryOption.Recovery);
        LabDatabase moved = second.Instance.Find("Orders")!;
        BackupFixture.Insert(moved, 2001);
        Assert.True(_lab.Differential("Orders", "diff.bak", engine: second).Succeeded);

        BackupEngine third = new(_lab.NewInstance("LABSQL3"));
        _lab.RestoreFull(third, "Copy", "full.bak");
        Messages diff = _lab.RestoreFrom(third, "Copy", ["diff.bak"], recovery: RecoveryOption.Recovery);
        Assert.True(diff.Succeeded, diff.ToString());
        Assert.Equal(BackupFixture.Numbers(moved), BackupFixture.Numbers(third.Instance.Find("Copy")!));
    }

    [Fact]
    public void Needs_a_full_backup_that_is_not_copy_only()
    {
        LabDatabase source = BigDatabase(5);
        _lab.Full(source, "copy.bak", copyOnly: true);
        Messages none = _lab.Differential("Orders", "diff.bak");
        Assert.Equal([3035, 3013], none.Errors);
        Assert.Equal("Cannot perform a differential backup for database \"Orders\", because a current database backup does not exist. Perform a full database backup by reissuing BACKUP DATABASE, omitting the WITH DIFFERENTIAL option.", none[3035]);
        Assert.False(File.Exists(_lab.File("diff.bak")));
    }

    [Fact]
    public void Survives_random_changes_against_its_base()
    {
        LabDatabase source = BigDatabase(400);
        _lab.Full(source, "full.bak");
        Random random = new(17);
        for (int i = 0; i < 6; i++)
        {
            for (int k = 0; k < 40; k++)
            {
                if (random.Next(2) == 0)
                {
                    BackupFixture.Insert(source, 10_000 + (100 * i) + k);
                }
                else
                {
                    Delete(source, random.Next(400));
                }
            }

            source.Checkpoint();
        }

        _lab.Differential("Orders", "diff.bak", checksum: true);
        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        _lab.RestoreFull(target, "Copy", "full.bak");
        Messages restored = _lab.RestoreFrom(target, "Copy", ["diff.bak"], recovery: RecoveryOption.Recovery);
        Assert.True(restored.Succeeded, restored.ToString());
        Assert.Equal(BackupFixture.Numbers(source), BackupFixture.Numbers(target.Instance.Find("Copy")!));
    }

    private LabDatabase BigDatabase(int rows)
    {
        LabDatabase database = BackupFixture.NewDatabase(_lab.Source, "Orders");
        LabTransaction transaction = _lab.Source.Begin();
        LabTable wide = database.CreateTable(transaction, new TableDef
        {
            ObjectId = database.NewObjectId(),
            Name = "Wide",
            Columns = [new ColumnDef { Name = "Text", Type = SqlType.NVarChar(4000), ColumnId = 1 }],
        });
        LabTable numbers = database.FindTable("dbo", "Numbers")!;
        for (int i = 0; i < rows; i++)
        {
            numbers.Insert(transaction, [i]);
            wide.Insert(transaction, [new string((char)('a' + (i % 26)), 400)]);
        }

        _lab.Source.Commit(transaction);
        return database;
    }

    private static void Delete(LabDatabase database, int number)
    {
        LabTransaction transaction = database.Instance.Begin();
        LabTable table = database.FindTable("dbo", "Numbers")!;
        foreach (LabRow row in table.Scan(transaction).Where(r => number.Equals(r.Values[0])).ToList())
        {
            table.Delete(transaction, row.RowId);
        }

        database.Instance.Commit(transaction);
    }

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
