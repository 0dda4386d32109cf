using System;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Lab.Engine;
using Xunit;

namespace BizTalkDR.Lab.Tests.Backup;

/// <summary>
/// Stop points, the tail of the log and bulk-logged changes (facts: restore.md §4 "Mark semantics"; texts: "Database engine events and errors 3000 to 3999" and "4000 to 4999").
/// </summary>
public sealed class StopPointTests : IDisposable
{
    private readonly BackupFixture _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Stays_restoring_at_the_end_of_a_log_that_ends_before_the_time()
    {
        LabDatabase source = Full();
        BackupFixture.Insert(source, 1);
        _lab.Log("Orders", "log1.bak");
        BackupEngine target = Target();
        Messages messages = _lab.RestoreLog(target, "Copy", "log1.bak", At(_lab.Source.Now.AddHours(1)), RecoveryOption.Recovery);
        Assert.True(messages.Succeeded, messages.ToString());
        Assert.Equal((byte)10, messages.All.Single(m => m.Number == 4322).Class);
        Assert.Equal("This backup set contains records that were logged before the designated point in time. The database is being left in the restoring state so that more roll forward can be performed.", messages[4322]);
        Assert.Equal(DatabaseState.Restoring, target.Instance.Find("Copy")!.State);
    }

    [Fact]
    public void Refuses_a_time_before_what_is_applied_already()
    {
        LabDatabase source = Full();
        BackupFixture.Insert(source, 1);
        DateTime between = _lab.Source.Now;
        BackupFixture.Insert(source, 2);
        _lab.Log("Orders", "log1.bak");
        BackupFixture.Insert(source, 3);
        _lab.Log("Orders", "log2.bak");
        BackupEngine target = Target();
        _lab.RestoreLog(target, "Copy", "log1.bak");
        Messages late = _lab.RestoreLog(target, "Copy", "log2.bak", At(between));
        Assert.Equal([4335, 3013], late.Errors);
        Assert.Equal("The specified STOPAT time is too early. All or part of the database is already rolled forward beyond that point.", late[4335]);
        Assert.True(_lab.RestoreLog(target, "Copy", "log2.bak", recovery: RecoveryOption.Recovery).Succeeded);
        Assert.Equal([1, 2, 3], BackupFixture.Numbers(target.Instance.Find("Copy")!));
    }

    [Fact]
    public void Refuses_a_time_before_the_end_of_a_full_or_differential_backup()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        DateTime before = _lab.Source.Now;

        // Headers know whole seconds only.
        _lab.Clock.Advance(TimeSpan.FromMinutes(1));
        _lab.Full(source, "full.bak");
        _lab.Clock.Advance(TimeSpan.FromMinutes(1));
        BackupFixture.Insert(source, 1);
        DateTime between = _lab.Source.Now;
        _lab.Clock.Advance(TimeSpan.FromMinutes(1));
        _lab.Differential("Orders", "diff.bak");
        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        Messages full = _lab.RestoreFull(target, "Copy", "full.bak", stop: At(before));
        Assert.Equal([4338, 3013], full.Errors);
        Assert.True(_lab.RestoreFull(target, "Copy", "full.bak", stop: At(between)).Succeeded);
        Messages differential = BackupFixture.Run(s => target.Restore(new RestoreRequest { Database = "Copy", Disks = [_lab.File("diff.bak")], Stop = At(between) }, s, CancellationToken.None));
        Assert.Equal([4338, 3013], differential.Errors);
    }

    [Fact]
    public void Has_no_stop_points_in_the_simple_model()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Source.SetRecoveryModel(source, RecoveryModel.Simple);
        _lab.Full(source, "full.bak");
        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        Assert.Equal([3145, 3013], _lab.RestoreFull(target, "Copy", "full.bak", stop: At(_lab.Source.Now)).Errors);
    }

    [Fact]
    public void Stops_before_an_lsn_and_before_a_mark_at_or_after_a_time()
    {
        LabDatabase source = Full();
        BackupFixture.Insert(source, 1, "M");
        DateTime between = _lab.Source.Now;
        BackupFixture.Insert(source, 2);
        BackupFixture.Insert(source, 3, "M");
        _lab.Log("Orders", "log1.bak");
        BackupEngine target = Target();
        _lab.RestoreLog(target, "Copy", "log1.bak", new StopPoint("M", true, between, null), RecoveryOption.Recovery);
        Assert.Equal([1, 2], BackupFixture.Numbers(target.Instance.Find("Copy")!));

        decimal lsn = (decimal)_lab.Source.Find("msdb")!.FindTable("dbo", "logmarkhistory")!.Scan(null).Last().Values.OfType<decimal>().Single();
        _lab.RestoreFull(target, "Copy", "full.bak", replace: true);
        _lab.RestoreLog(target, "Copy", "log1.bak", new StopPoint($"lsn:{lsn}", true, null, null), RecoveryOption.Recovery);
        Assert.Equal([1, 2], BackupFixture.Numbers(target.Instance.Find("Copy")!));
    }

    [Fact]
    public void Cannot_stop_inside_a_log_with_bulk_logged_changes()
    {
        LabDatabase source = Full();
        _lab.Source.SetRecoveryModel(source, RecoveryModel.BulkLogged);
        BackupFixture.Insert(source, 1, "M");
        source.NoteBulkChange();
        BackupFixture.Insert(source, 2);
        _lab.Log("Orders", "log1.bak");
        BackupFixture.Insert(source, 3, "N");
        _lab.Log("Orders", "log2.bak");
        Assert.Equal([(true, "BULK-LOGGED"), (false, "BULK-LOGGED")], new[] { "log1.bak", "log2.bak" }.Select(f => ((bool)Header(f, "HasBulkLoggedData")!, (string)Header(f, "RecoveryModel")!)));
        BackupEngine target = Target();
        Messages refused = _lab.RestoreLog(target, "Copy", "log1.bak", BackupFixture.AtMark("M"));
        Assert.Equal([4341, 3013], refused.Errors);
        Assert.Equal("This log backup contains bulk-logged changes. It cannot be used to stop at an arbitrary point in time.", refused[4341]);

        // A stop point further on does no harm: the whole log is rolled forward.
        Messages through = _lab.RestoreLog(target, "Copy", "log1.bak", BackupFixture.AtMark("N"));
        Assert.True(through.Succeeded, through.ToString());
        Assert.Contains(4329, through.Numbers);
        Assert.True(_lab.RestoreLog(target, "Copy", "log2.bak", BackupFixture.AtMark("N"), RecoveryOption.Recovery).Succeeded);
        Assert.Equal([1, 2, 3], BackupFixture.Numbers(target.Instance.Find("Copy")!));
    }

    [Fact]
    public void A_stop_point_before_the_tail_allows_to_overwrite_it()
    {
        LabDatabase source = Full();
        BackupFixture.Insert(source, 1);
        DateTime early = _lab.Source.Now;
        _lab.Log("Orders", "log1.bak");
        BackupFixture.Insert(source, 2);
        DateTime late = _lab.Source.Now;
        Assert.Equal([3159, 3013], _lab.RestoreFull(_lab.Engine, "Orders", "full.bak", move: false).Errors);
        Messages needed = _lab.RestoreFull(_lab.Engine, "Orders", "full.bak", move: false, stop: At(late));
        Assert.Equal([3173, 3013], needed.Errors);
        Messages restored = _lab.RestoreFull(_lab.Engine, "Orders", "full.bak", move: false, stop: At(early));
        Assert.True(restored.Succeeded, restored.ToString());
    }

    [Fact]
    public void Backs_up_the_tail_of_a_damaged_database_without_truncating()
    {
        LabDatabase source = Full();
        BackupFixture.Insert(source, 1);
        _lab.Log("Orders", "log1.bak");
        BackupFixture.Insert(source, 2);
        string data = source.Files[0].PhysicalName;
        BackupEngine engine = _lab.Restart(_lab.Engine, () => Damage(data, 9));
        LabDatabase damaged = engine.Instance.Find("Orders")!;
        Assert.Equal(DatabaseState.Suspect, damaged.State);
        Assert.Equal([926, 3013], _lab.Full(damaged, "no.bak", engine: engine).Errors);
        Assert.Equal([926, 3013], _lab.Log("Orders", "no.bak", engine: engine).Errors);
        Messages tail = _lab.Backup(new BackupRequest { Database = "Orders", Kind = BackupKind.Log, Disks = [_lab.File("tail.bak")], NoTruncate = true, NoRecovery = true }, engine);
        Assert.True(tail.Succeeded, tail.ToString());
        Assert.Equal(DatabaseState.Restoring, damaged.State);
        Assert.Null(damaged.RedoStartLsn);
        Assert.True(_lab.RestoreFull(engine, "Orders", "full.bak", move: false).Succeeded);
        Assert.True(_lab.RestoreLog(engine, "Orders", "log1.bak").Succeeded);
        Messages applied = _lab.RestoreLog(engine, "Orders", "tail.bak", recovery: RecoveryOption.Recovery);
        Assert.True(applied.Succeeded, applied.ToString());
        Assert.Equal([1, 2], BackupFixture.Numbers(engine.Instance.Find("Orders")!));
    }

    [Fact]
    public void A_log_backup_with_no_truncate_leaves_the_chain_where_it_was()
    {
        LabDatabase source = Full();
        BackupFixture.Insert(source, 1);
        Lsn before = source.LastLogBackupLsn;
        Assert.True(_lab.Backup(new BackupRequest { Database = "Orders", Kind = BackupKind.Log, Disks = [_lab.File("keep.bak")], NoTruncate = true }).Succeeded);
        Assert.Equal(before, source.LastLogBackupLsn);
        _lab.Log("Orders", "log1.bak");
        Assert.Equal(Header("keep.bak", "FirstLSN"), Header("log1.bak", "FirstLSN"));
    }

    [Fact]
    public void A_differential_begins_the_log_chain_after_the_simple_model()
    {
        LabDatabase source = Full();
        _lab.Source.SetRecoveryModel(source, RecoveryModel.Simple);
        BackupFixture.Insert(source, 1);
        _lab.Source.SetRecoveryModel(source, RecoveryModel.Full);
        Assert.Equal([4214, 3013], _lab.Log("Orders", "log.bak").Errors);
        _lab.Differential("Orders", "diff.bak");
        BackupFixture.Insert(source, 2);
        Assert.True(_lab.Log("Orders", "log.bak").Succeeded);
        BackupEngine target = Target();
        Assert.True(_lab.RestoreFrom(target, "Copy", ["diff.bak"]).Succeeded);
        Assert.True(_lab.RestoreLog(target, "Copy", "log.bak", recovery: RecoveryOption.Recovery).Succeeded);
        Assert.Equal([1, 2], BackupFixture.Numbers(target.Instance.Find("Copy")!));
    }

    /// <summary>Turns over a byte of a page on disk.</summary>
    /// <remarks>The copy of the last checkpoint's pages would put the page right when the instance starts.</remarks>
    internal static void Damage(string path, int page)
    {
        File.WriteAllBytes(path + ".checkpoint", []);
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = (page * 8192L) + 4000;
        int old = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(old ^ 0xFF));
    }

    private static StopPoint At(DateTime time) => new(null, false, null, time);

    private LabDatabase Full()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Full(source, "full.bak");
        return source;
    }

    private BackupEngine Target()
    {
        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        _lab.RestoreFull(target, "Copy", "full.bak");
        return target;
    }

    private object? Header(string file, string column)
    {
        ResultTable table = _lab.Engine.HeaderOnly([_lab.File(file)], 1);
        return table.Rows[0][table.Columns.ToList().FindIndex(c => c.Name == column)];
    }
}
