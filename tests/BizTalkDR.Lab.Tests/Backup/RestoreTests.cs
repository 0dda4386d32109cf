using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;
using Xunit;

namespace BizTalkDR.Lab.Tests.Backup;

public sealed class RestoreTests : IDisposable
{
    private readonly BackupFixture _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void Restores_a_chain_to_a_mark_on_another_instance_under_another_name()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        BackupFixture.Insert(source, 1);
        Assert.True(_lab.Full(source, "full.bak").Succeeded);
        BackupFixture.Insert(source, 2);
        Assert.True(_lab.Log("Orders", "log1.bak").Succeeded);
        BackupFixture.Insert(source, 3, "BTS_1");
        BackupFixture.Insert(source, 4);
        Assert.True(_lab.Log("Orders", "log2.bak").Succeeded);

        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        Messages full = _lab.RestoreFull(target, "Copy", "full.bak");
        Assert.True(full.Succeeded, full.ToString());
        Messages log1 = _lab.RestoreLog(target, "Copy", "log1.bak", BackupFixture.AtMark("BTS_1"));
        Assert.True(log1.Succeeded, log1.ToString());
        Assert.Contains(4329, log1.Numbers);
        Messages log2 = _lab.RestoreLog(target, "Copy", "log2.bak", BackupFixture.AtMark("BTS_1"));
        Assert.True(log2.Succeeded, log2.ToString());
        Assert.DoesNotContain(4329, log2.Numbers);

        LabDatabase copy = target.Instance.Find("Copy")!;
        Assert.Equal(DatabaseState.Restoring, copy.State);
        Lsn mark = MarkLsn("Orders", "BTS_1");
        Assert.Equal(mark with { Slot = (ushort)(mark.Slot + 1) }, copy.RedoStartLsn);
        Messages recovered = BackupFixture.Recover(target, "Copy");
        Assert.StartsWith("RESTORE DATABASE successfully processed 0 pages in", recovered[3014], StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], BackupFixture.Numbers(copy));
        Assert.Equal(source.FamilyGuid, copy.FamilyGuid);
        Assert.NotEqual(source.RecoveryForkGuid, copy.RecoveryForkGuid);
        object?[][] history = [.. Rows(target.Instance, "restorehistory")];
        Assert.Equal(["D", "L", "L"], history.Select(r => r[5]));
        Assert.Equal([null, "BTS_1", "BTS_1"], history.Select(r => r[11]));
    }

    [Fact]
    public void Leaves_the_marked_transaction_out_before_the_mark()
    {
        (BackupEngine target, _) = ChainWithMark();
        Assert.True(_lab.RestoreLog(target, "Copy", "log1.bak", new StopPoint("M", true, null, null), RecoveryOption.Recovery).Succeeded);
        Assert.Equal([1], BackupFixture.Numbers(target.Instance.Find("Copy")!));
    }

    [Fact]
    public void Stays_restoring_when_the_mark_is_not_reached_though_recovery_was_asked_for()
    {
        (BackupEngine target, _) = ChainWithMark();
        Messages messages = _lab.RestoreLog(target, "Copy", "log1.bak", BackupFixture.AtMark("later"), RecoveryOption.Recovery);
        Assert.True(messages.Succeeded, messages.ToString());
        Assert.Equal(10, messages.All.Single(m => m.Number == 4329).Class);
        Assert.Equal(DatabaseState.Restoring, target.Instance.Find("Copy")!.State);
        BackupFixture.Recover(target, "Copy");
        Assert.Equal([1, 2, 3], BackupFixture.Numbers(target.Instance.Find("Copy")!));
    }

    [Fact]
    public void Refuses_to_go_back_to_a_mark_already_passed()
    {
        (BackupEngine target, _) = ChainWithMark();
        Assert.True(_lab.RestoreLog(target, "Copy", "log1.bak", BackupFixture.AtMark("M")).Succeeded);
        Messages again = _lab.RestoreLog(target, "Copy", "log1.bak", BackupFixture.AtMark("M"));
        Assert.Equal([4335, 3013], again.Errors);
        Assert.True(_lab.RestoreLog(target, "Copy", "log1.bak").Succeeded);
        BackupFixture.Recover(target, "Copy");
        Assert.Equal([1, 2, 3], BackupFixture.Numbers(target.Instance.Find("Copy")!));
    }

    [Fact]
    public void Takes_the_first_mark_of_a_name_at_or_after_a_time()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Full(source, "full.bak");
        BackupFixture.Insert(source, 1, "M");
        BackupFixture.Insert(source, 2);
        DateTime between = _lab.Source.Now;
        BackupFixture.Insert(source, 3, "M");
        BackupFixture.Insert(source, 4);
        _lab.Log("Orders", "log1.bak");
        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        _lab.RestoreFull(target, "Copy", "full.bak");
        Assert.True(_lab.RestoreLog(target, "Copy", "log1.bak", new StopPoint("M", false, between, null), RecoveryOption.Recovery).Succeeded);
        Assert.Equal([1, 2, 3], BackupFixture.Numbers(target.Instance.Find("Copy")!));
    }

    [Fact]
    public void Stops_at_a_time()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Full(source, "full.bak");
        BackupFixture.Insert(source, 1);
        DateTime between = _lab.Source.Now;
        BackupFixture.Insert(source, 2);
        _lab.Log("Orders", "log1.bak");
        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        _lab.RestoreFull(target, "Copy", "full.bak");
        Assert.True(_lab.RestoreLog(target, "Copy", "log1.bak", new StopPoint(null, false, null, between), RecoveryOption.Recovery).Succeeded);
        Assert.Equal([1], BackupFixture.Numbers(target.Instance.Find("Copy")!));
    }

    [Fact]
    public void Stops_at_an_lsn()
    {
        (BackupEngine target, LabDatabase source) = ChainWithMark();
        string lsn = "lsn:" + MarkLsn(source.Name, "M").ToDecimal().ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(_lab.RestoreLog(target, "Copy", "log1.bak", BackupFixture.AtMark(lsn), RecoveryOption.Recovery).Succeeded);
        Assert.Equal([1, 2], BackupFixture.Numbers(target.Instance.Find("Copy")!));
        Assert.Equal([4334, 3013], _lab.RestoreLog(target, "Copy", "log1.bak", BackupFixture.AtMark("lsn:x")).Errors);
    }

    [Fact]
    public void Refuses_logs_that_are_too_recent_or_too_early()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Full(source, "full.bak");
        foreach (int i in new[] { 1, 2, 3 })
        {
            BackupFixture.Insert(source, i);
            _lab.Log("Orders", $"log{i}.bak");
        }

        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        _lab.RestoreFull(target, "Copy", "full.bak");
        _lab.RestoreLog(target, "Copy", "log1.bak");
        Messages recent = _lab.RestoreLog(target, "Copy", "log3.bak");
        Assert.Equal([4305, 3013], recent.Errors);
        Assert.Matches(@"^The log in this backup set begins at LSN \d+, which is too recent to apply to the database\. An earlier log backup that includes LSN \d+ can be restored\.$", recent[4305]);
        Assert.Equal("RESTORE LOG is terminating abnormally.", recent[3013]);
        Assert.Equal([4326, 3013], _lab.RestoreLog(target, "Copy", "log1.bak").Errors);
        Assert.True(_lab.RestoreLog(target, "Copy", "log2.bak").Succeeded);
        Assert.True(_lab.RestoreLog(target, "Copy", "log3.bak").Succeeded);
        BackupFixture.Recover(target, "Copy");
        Assert.Equal([1, 2, 3], BackupFixture.Numbers(target.Instance.Find("Copy")!));
        Assert.Equal([3117, 3013], _lab.RestoreLog(target, "Copy", "log3.bak").Errors);
        Assert.Equal([3153, 3013], BackupFixture.Recover(target, "Copy").Errors);
    }

    [Fact]
    public void Refuses_a_log_of_another_recovery_path()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Full(source, "full.bak");
        BackupFixture.Insert(source, 1);
        _lab.Log("Orders", "log1.bak");
        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        _lab.RestoreFull(target, "Fork", "full.bak", RecoveryOption.Recovery);
        LabDatabase fork = target.Instance.Find("Fork")!;
        BackupFixture.Insert(fork, 100);
        _lab.Full(fork, "fork.bak", engine: target);
        BackupFixture.Insert(fork, 101);
        _lab.Log("Fork", "forklog.bak", engine: target);

        _lab.RestoreFull(target, "Copy", "full.bak");
        Assert.True(_lab.RestoreLog(target, "Copy", "log1.bak").Succeeded);
        Assert.Equal([4330, 3013], _lab.RestoreLog(target, "Copy", "forklog.bak").Errors);
    }

    [Fact]
    public void Refuses_to_overwrite_another_database_or_an_unsaved_tail_without_replace()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        BackupFixture.NewDatabase(_lab.Source, "Other");
        _lab.Full(source, "full.bak");
        BackupFixture.Insert(source, 1);

        Assert.Equal([3154, 3013], _lab.RestoreFull(_lab.Engine, "Other", "full.bak").Errors);
        Messages tail = _lab.RestoreFull(_lab.Engine, "Orders", "full.bak", move: false);
        Assert.Equal([3159, 3013], tail.Errors);
        Assert.Equal([1], BackupFixture.Numbers(source));
        Messages replaced = _lab.RestoreFull(_lab.Engine, "Orders", "full.bak", RecoveryOption.Recovery, replace: true, move: false);
        Assert.True(replaced.Succeeded, replaced.ToString());
        Assert.Empty(BackupFixture.Numbers(_lab.Source.Find("Orders")!));
    }

    [Fact]
    public void Backs_up_the_tail_and_leaves_the_database_restoring()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Full(source, "full.bak");
        BackupFixture.Insert(source, 1);
        Messages tail = _lab.Log("Orders", "tail.bak", noRecovery: true);
        Assert.True(tail.Succeeded, tail.ToString());
        Assert.Equal(DatabaseState.Restoring, _lab.Source.Find("Orders")!.State);
        Assert.True(_lab.RestoreFull(_lab.Engine, "Orders", "full.bak", move: false).Succeeded);
        Assert.True(_lab.RestoreLog(_lab.Engine, "Orders", "tail.bak", recovery: RecoveryOption.Recovery).Succeeded);
        Assert.Equal([1], BackupFixture.Numbers(_lab.Source.Find("Orders")!));
    }

    [Fact]
    public void Asks_for_exclusive_access()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Full(source, "full.bak");
        Messages used = _lab.RestoreFull(_lab.Engine, "Orders", "full.bak", replace: true, move: false, inUse: _ => 3101);
        Assert.Equal([3101, 3013], used.Errors);
        Messages own = _lab.RestoreFull(_lab.Engine, "Orders", "full.bak", replace: true, move: false, inUse: _ => 3102);
        Assert.Equal([3102, 3013], own.Errors);
        Assert.Equal(DatabaseState.Online, _lab.Source.Find("Orders")!.State);
    }

    [Fact]
    public void Names_places_that_cannot_be_used()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Full(source, "full.bak");
        Messages taken = _lab.RestoreFull(_lab.Engine, "Copy", "full.bak", move: false);
        Assert.Equal([1834, 3156, 1834, 3156, 3119, 3013], taken.Errors);
        Messages lost = BackupFixture.Run(sink => _lab.Engine.Restore(
            new RestoreRequest
            {
                Database = "Copy",
                Disks = [_lab.File("full.bak")],
                Moves = [("Orders", "/no/such/folder/a.mdf"), ("Orders_log", "/no/such/folder/a.ldf")],
            },
            sink,
            CancellationToken.None));
        Assert.Equal([5133, 3156, 5133, 3156, 3119, 3013], lost.Errors);
        Messages unknown = BackupFixture.Run(sink => _lab.Engine.Restore(
            new RestoreRequest { Database = "Copy", Disks = [_lab.File("full.bak")], Moves = [("Nothing", "x.mdf")] }, sink, CancellationToken.None));
        Assert.Equal([3234, 3013], unknown.Errors);
        Assert.Null(_lab.Source.Find("Copy"));
    }

    [Fact]
    public void Refuses_what_does_not_fit_the_statement()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Full(source, "full.bak");
        _lab.Log("Orders", "log1.bak");
        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        Assert.Equal([3118, 3013], _lab.RestoreLog(target, "Copy", "log1.bak").Errors);
        Assert.Equal([4340, 3013], _lab.RestoreFull(target, "Copy", "full.bak", stop: BackupFixture.AtMark("M")).Errors);
        Assert.Equal([3135, 3013], _lab.RestoreFull(target, "Copy", "log1.bak").Errors);
        Assert.Equal([3187, 3013], _lab.RestoreFull(target, "Copy", "full.bak", checksum: true).Errors);
        Assert.Equal([4038, 3013], BackupFixture.Run(s => target.Restore(new RestoreRequest { Database = "Copy", Disks = [_lab.File("full.bak")], File = 9 }, s, CancellationToken.None)).Errors);
        Messages missing = BackupFixture.Run(s => target.Restore(new RestoreRequest { Database = "Copy", Disks = [_lab.File("none.bak")] }, s, CancellationToken.None));
        Assert.Equal([3201, 3013], missing.Errors);
        Assert.Equal([3118, 3013], BackupFixture.Recover(target, "Copy").Errors);
        BackupFixture.NewDatabase(target.Instance, "Other");
        Assert.Equal([3117, 3013], _lab.RestoreLog(target, "Other", "log1.bak").Errors);
    }

    [Fact]
    public void Refuses_a_log_of_another_database()
    {
        LabDatabase orders = BackupFixture.NewDatabase(_lab.Source, "Orders");
        LabDatabase other = BackupFixture.NewDatabase(_lab.Source, "Other");
        _lab.Full(orders, "full.bak");
        _lab.Full(other, "other.bak");
        BackupFixture.Insert(other, 1);
        _lab.Log("Other", "otherlog.bak");
        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        _lab.RestoreFull(target, "Copy", "full.bak");
        Assert.Equal([3154, 3013], _lab.RestoreLog(target, "Copy", "otherlog.bak").Errors);
    }

    [Fact]
    public void Reads_in_standby_and_goes_on()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Full(source, "full.bak");
        BackupFixture.Insert(source, 1);
        _lab.Log("Orders", "log1.bak");
        BackupFixture.Insert(source, 2);
        _lab.Log("Orders", "log2.bak");
        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        _lab.RestoreFull(target, "Copy", "full.bak");
        Messages standby = _lab.RestoreLog(target, "Copy", "log1.bak", recovery: RecoveryOption.Standby, standby: _lab.File("standby.dat"));
        Assert.True(standby.Succeeded, standby.ToString());
        LabDatabase copy = target.Instance.Find("Copy")!;
        Assert.True(copy.IsInStandby);
        Assert.Equal([1], BackupFixture.Numbers(copy));
        Assert.Equal([3036, 3013], _lab.Full(copy, "x.bak", engine: target).Errors);
        Assert.True(_lab.RestoreLog(target, "Copy", "log2.bak", recovery: RecoveryOption.Recovery).Succeeded);
        Assert.Equal([1, 2], BackupFixture.Numbers(copy));
        Assert.Equal([3170, 3013], BackupFixture.Run(s => target.Restore(
            new RestoreRequest { Database = "New", Disks = [_lab.File("full.bak")], Recovery = RecoveryOption.Standby, StandbyFile = "/no/such/folder/x" }, s, CancellationToken.None)).Errors);
    }

    [Fact]
    public void Does_not_show_transactions_open_at_the_end_of_the_log()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        LabTransaction open = _lab.Source.Begin();
        source.FindTable("dbo", "Numbers")!.Insert(open, [7]);
        BackupFixture.Insert(source, 1);
        _lab.Full(source, "full.bak");
        BackupFixture.Insert(source, 2);
        _lab.Log("Orders", "log1.bak");
        _lab.Source.Commit(open);
        _lab.Log("Orders", "log2.bak");
        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        _lab.RestoreFull(target, "A", "full.bak");
        _lab.RestoreLog(target, "A", "log1.bak", recovery: RecoveryOption.Recovery);
        Assert.Equal([1, 2], BackupFixture.Numbers(target.Instance.Find("A")!));
        _lab.RestoreFull(target, "B", "full.bak");
        _lab.RestoreLog(target, "B", "log1.bak");
        Assert.True(_lab.RestoreLog(target, "B", "log2.bak", recovery: RecoveryOption.Recovery).Succeeded);
        Assert.Equal([1, 2, 7], BackupFixture.Numbers(target.Instance.Find("B")!));
    }

    [Fact]
    public void Leaves_a_database_restoring_when_the_backup_proves_damaged_and_takes_a_good_one_then()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        BackupFixture.Insert(source, 1);
        _lab.Full(source, "full.bak", checksum: true);
        byte[] whole = File.ReadAllBytes(_lab.File("full.bak"));
        byte[] damaged = (byte[])whole.Clone();
        damaged[damaged.AsSpan().IndexOf("MQDA"u8) + 24 + 9000] ^= 4;
        File.WriteAllBytes(_lab.File("full.bak"), damaged);

        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        Messages failed = _lab.RestoreFull(target, "Copy", "full.bak");
        Assert.Equal(3013, failed.Errors.Last());
        Assert.Contains(failed.Errors.First(), new[] { 3183, 3189 });
        LabDatabase copy = target.Instance.Find("Copy")!;
        Assert.Equal(DatabaseState.Restoring, copy.State);
        Assert.Null(copy.RedoStartLsn);
        Assert.Equal([4333, 3013], BackupFixture.Recover(target, "Copy").Errors);
        File.WriteAllBytes(_lab.File("full.bak"), whole);
        Assert.True(_lab.RestoreFull(target, "Copy", "full.bak", RecoveryOption.Recovery).Succeeded);
        Assert.Equal([1], BackupFixture.Numbers(target.Instance.Find("Copy")!));
    }

    [Fact]
    public void Keeps_the_redo_point_through_a_restart_and_goes_on()
    {
        (BackupEngine target, _) = ChainWithMark();
        Assert.True(_lab.RestoreLog(target, "Copy", "log1.bak", BackupFixture.AtMark("M")).Succeeded);
        Lsn? redo = target.Instance.Find("Copy")!.RedoStartLsn;
        BackupEngine restarted = _lab.Restart(target);
        LabDatabase copy = restarted.Instance.Find("Copy")!;
        Assert.Equal((DatabaseState.Restoring, redo), (copy.State, copy.RedoStartLsn));
        Assert.True(BackupFixture.Recover(restarted, "Copy").Succeeded);
        Assert.Equal([1, 2], BackupFixture.Numbers(copy));
    }

    [Fact]
    public async Task Makes_one_chain_of_log_backups_taken_at_the_same_time_under_load()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Full(source, "full.bak");

        // A first log without anything new would end where the full ends, and be refused as too early.
        BackupFixture.Insert(source, 0);
        Task writer = Task.Run(() =>
        {
            for (int i = 1; i < 300; i++)
            {
                BackupFixture.Insert(source, i);
            }
        });
        Messages[] results = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => _lab.Log("Orders", $"log{i}.bak"))));
        await writer;
        Assert.All(results, r => Assert.True(r.Succeeded, r.ToString()));
        _lab.Log("Orders", "log6.bak");

        string[] chain = [.. Enumerable.Range(0, 7).Select(i => $"log{i}.bak").OrderBy(f => _lab.Engine.HeaderOnly([_lab.File(f)], 1).Rows[0][13])
            .ThenBy(f => _lab.Engine.HeaderOnly([_lab.File(f)], 1).Rows[0][14])];
        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        _lab.RestoreFull(target, "Copy", "full.bak");
        foreach (string file in chain)
        {
            Messages applied = _lab.RestoreLog(target, "Copy", file);
            Assert.True(applied.Succeeded, applied.ToString());
        }

        BackupFixture.Recover(target, "Copy");
        Assert.Equal(Enumerable.Range(0, 300), BackupFixture.Numbers(target.Instance.Find("Copy")!));
    }

    [Fact]
    public void Carries_rows_longer_than_a_log_block()
    {
        LabDatabase source = _lab.Source.CreateDatabase("Orders", "sa");
        LabTransaction transaction = _lab.Source.Begin();
        LabTable table = source.CreateTable(transaction, new TableDef
        {
            ObjectId = source.NewObjectId(),
            Name = "Texts",
            Columns = [new ColumnDef { Name = "T", Type = SqlType.NVarCharMax, ColumnId = 1 }],
        });
        _lab.Source.Commit(transaction);
        _lab.Full(source, "full.bak");
        string text = string.Concat(Enumerable.Range(0, 300_000).Select(i => (char)('a' + (i % 26))));
        transaction = _lab.Source.Begin();
        table.Insert(transaction, [text]);
        _lab.Source.Commit(transaction);
        _lab.Log("Orders", "log1.bak");
        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        _lab.RestoreFull(target, "Copy", "full.bak");
        Assert.True(_lab.RestoreLog(target, "Copy", "log1.bak", recovery: RecoveryOption.Recovery).Succeeded);
        Assert.Equal(text, target.Instance.Find("Copy")!.FindTable("dbo", "Texts")!.Scan(null).Single().Values[0]);
    }

    private (BackupEngine Target, LabDatabase Source) ChainWithMark()
    {
        LabDatabase source = BackupFixture.NewDatabase(_lab.Source, "Orders");
        _lab.Full(source, "full.bak");
        BackupFixture.Insert(source, 1);
        BackupFixture.Insert(source, 2, "M");
        BackupFixture.Insert(source, 3);
        _lab.Log("Orders", "log1.bak");
        BackupEngine target = new(_lab.NewInstance("LABSQL2"));
        _lab.RestoreFull(target, "Copy", "full.bak");
        return (target, source);
    }

    private Lsn MarkLsn(string database, string mark) => Rows(_lab.Source, "logmarkhistory")
        .Where(r => (string)r[0]! == database && (string)r[1]! == mark).Select(r => Lsn.FromDecimal((decimal)r[4]!)).Single();

    private static System.Collections.Generic.IEnumerable<object?[]> Rows(LabInstance instance, string table) =>
        instance.Find("msdb")!.FindTable("dbo", table)!.Scan(null).Select(r => r.Values);
}
