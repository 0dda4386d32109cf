using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;
using Xunit;
using static BizTalkDR.Lab.Tests.Store.StoreFixture;

namespace BizTalkDR.Lab.Tests.Store;

public sealed class RestoreStepTests : IDisposable
{
    private readonly StoreFixture _lab = new();
    private readonly LabInstance _source;
    private readonly LabDatabase _database;
    private readonly LabTable _table;

    public RestoreStepTests()
    {
        _source = _lab.Create("LAB1");
        _database = _lab.CreateDatabase(_source, "Db", 1, 2);
        _table = _database.FindTable("dbo", "T")!;
    }

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void A_snapshot_and_the_log_up_to_a_mark_give_exactly_what_was_committed_before_the_mark()
    {
        LabTransaction open = _source.Begin();
        _table.Insert(open, Row(50, "open at the backup"));
        Backup full = Full(() => In(_source, t => _table.Insert(t, Row(3, "during"))));
        In(_source, t => _table.Update(t, 1, Row(1, "before")));
        LabTransaction later = _source.Begin();
        _table.Insert(later, Row(60, "after"));
        _source.Commit(open);
        Mark("M1", 100);
        Mark("M2", 101);
        _source.Commit(later);
        Backup log = LogBackup(full.End);
        string[] before = ["1=before", "2=v2", "3=during", "50=open at the backup"];

        foreach ((string mark, StopDecision decision, string[] expected) in new[]
        {
            ("M1", StopDecision.StopBefore, before),
            ("M1", StopDecision.StopAfter, before.Append("100=M1").ToArray()),
            ("M2", StopDecision.StopAfter, [.. before, "100=M1", "101=M2"]),
        })
        {
            LabInstance instance = _lab.Create("R" + mark + decision);
            LabDatabase restored = Restore(instance, full);
            Lsn marked = default;
            RollForwardResult result = restored.Restore.RollForward(log.Blocks, r => Stop(r, mark, decision, ref marked), log.End);
            Assert.True(result.StopReached);
            Assert.Equal(decision == StopDecision.StopBefore ? marked : marked with { Slot = (ushort)(marked.Slot + 1) }, result.RedoLsn);
            Assert.Equal(result.RedoLsn, restored.RedoStartLsn);
            Assert.Equal(full.Fork, restored.RedoStartForkGuid);
            Assert.Equal(["no table"], Content(restored));
            LabInstance killed = _lab.Kill(instance);
            LabDatabase again = killed.Find("Db")!;
            Assert.Equal((DatabaseState.Restoring, result.RedoLsn), (again.State, again.RedoStartLsn));
            again.Restore.Recover();
            restored.Restore.Recover();
            Assert.Equal(expected.Order(StringComparer.Ordinal), Content(restored));
            Assert.Equal(expected.Order(StringComparer.Ordinal), Content(again));
            Assert.Equal(expected.Order(StringComparer.Ordinal), Content(_lab.Kill(killed).Find("Db")!));
            Assert.Equal((DatabaseState.Online, result.RedoLsn, full.Fork), (restored.State, restored.ForkPointLsn, restored.FirstRecoveryForkGuid));
            Assert.NotEqual(full.Fork, restored.RecoveryForkGuid);
            Assert.Null(restored.RedoStartLsn);
            Assert.Equal(_database.FamilyGuid, restored.FamilyGuid);
            In(instance, t => restored.FindTable("dbo", "T")!.Insert(t, Row(999, "works")));
            Assert.Contains("999=works", Content(_lab.Kill(instance).Find("Db")!));
        }
    }

    [Fact]
    public void Goes_on_from_the_redo_point_with_the_next_log_and_from_the_middle_of_one()
    {
        Backup full = Full(() => { });
        LabTransaction spanning = _source.Begin();
        _table.Insert(spanning, Row(70, "spans both logs"));
        Mark("M1", 100);
        Backup first = LogBackup(full.End);
        In(_source, t => _table.Insert(t, Row(71, new string('x', 200_000))));
        _source.Commit(spanning);
        Backup second = LogBackup(first.End);
        LabInstance instance = _lab.Create("R");
        LabDatabase restored = Restore(instance, full);
        Lsn marked = default;
        restored.Restore.RollForward(first.Blocks, r => Stop(r, "M1", StopDecision.StopBefore, ref marked), first.End);
        restored = _lab.Kill(instance).Find("Db")!;
        RollForwardResult rest = restored.Restore.RollForward(first.Blocks, null, first.End);
        Assert.Equal((first.End, false), (rest.RedoLsn, rest.StopReached));
        Assert.Equal(second.First, restored.RedoStartLsn);
        LabInstance killed = _lab.Kill(restored.Instance);
        restored = killed.Find("Db")!;
        restored.Restore.RollForward(second.Blocks, null, second.End);
        restored.Restore.Recover();
        Assert.Equal(Content(_database), Content(restored));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_kill_at_any_sync_of_a_restore_leaves_a_redo_point_that_is_true_or_none(bool replaces)
    {
        Backup full = Full(() => { });
        Mark("M1", 100);
        Mark("M2", 101);
        Backup log = LogBackup(full.End);
        LabInstance instance = _lab.Create("R");
        if (replaces)
        {
            _lab.CreateDatabase(instance, "Db", 1, 2, 3);
        }

        List<string> copies = [];
        instance.Storage.AfterSync = _ => copies.Add(_lab.Copy(instance.Options.Folder));
        LabDatabase restored = Restore(instance, full, "r_");
        Lsn marked = default;
        restored.Restore.RollForward(log.Blocks, r => Stop(r, "M1", StopDecision.StopAfter, ref marked), log.End);
        Lsn reached = restored.RedoStartLsn!.Value;
        restored.Restore.Recover();
        instance.Storage.AfterSync = null;
        HashSet<string> states = [];
        foreach (string copy in copies)
        {
            Relocate(copy, instance.Options.Folder);
            using LabInstance opened = LabInstance.Open(new InstanceOptions { ServerName = "R", Folder = copy });
            if (opened.Find("Db") is not { } found)
            {
                states.Add("before");
                continue;
            }

            if (found.State == DatabaseState.Online && found.ForkPointLsn.IsZero)
            {
                Assert.Equal(["1=v1", "2=v2", "3=v3"], Content(found));
                states.Add("before");
                continue;
            }

            states.Add(found.State + (found.RedoStartLsn is { } lsn ? lsn == reached ? " at the mark" : " at the backup" : string.Empty));
            if (found.State == DatabaseState.Restoring && found.RedoStartLsn is null)
            {
                Assert.Throws<LabSqlException>(() => found.Restore.RollForward(log.Blocks, null, log.End));
                LabDatabase anew = Restore(opened, full, "r_");
                anew.Restore.RollForward(log.Blocks, r => Stop(r, "M1", StopDecision.StopAfter, ref marked), log.End);
                anew.Restore.Recover();
            }
            else if (found.State == DatabaseState.Restoring)
            {
                if (found.RedoStartLsn != reached)
                {
                    found.Restore.RollForward(log.Blocks, r => Stop(r, "M1", StopDecision.StopAfter, ref marked), log.End);
                }

                Assert.Equal(reached, found.RedoStartLsn);
                found.Restore.Recover();
            }

            Assert.Equal(["100=M1", "1=v1", "2=v2"], Content(found));
            Assert.Equal(reached, found.ForkPointLsn);
        }

        Assert.Equal(["Online", "Restoring", "Restoring at the backup", "Restoring at the mark", "before"], states.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_damaged_log_leaves_the_redo_point_where_it_was()
    {
        Backup full = Full(() => { });
        Mark("M1", 100);
        Backup log = LogBackup(full.End);
        LabInstance instance = _lab.Create("R");
        LabDatabase restored = Restore(instance, full);
        Lsn before = restored.RedoStartLsn!.Value;
        Assert.Throws<IOException>(() => restored.Restore.RollForward(Broken(log.Blocks), null, log.End));
        Assert.Equal((DatabaseState.Restoring, before), (restored.State, restored.RedoStartLsn));
        restored.Restore.RollForward(log.Blocks, null, log.End);
        restored.Restore.Recover();
        Assert.Equal(Content(_database), Content(restored));

        static IEnumerable<RawLogBlock> Broken(IEnumerable<RawLogBlock> blocks)
        {
            foreach (RawLogBlock block in blocks)
            {
                yield return block;
            }

            throw new IOException("The media ended.");
        }
    }

    [Fact]
    public void Damaged_pages_are_refused_and_leave_the_content_unknown()
    {
        Backup full = Full(() => { });
        full.Pages[PageFormat.FirstFreePage][500] ^= 1;
        LabInstance instance = _lab.Create("R");
        Assert.Equal(3183, Assert.Throws<LabSqlException>(() => Restore(instance, full)).Number);
        LabDatabase found = instance.Find("Db")!;
        Assert.Equal((DatabaseState.Restoring, (Lsn?)null), (found.State, found.RedoStartLsn));
        Assert.Throws<LabSqlException>(found.Restore.Recover);
    }

    [Fact]
    public void Standby_shows_the_committed_rows_and_lets_the_restore_go_on()
    {
        Backup full = Full(() => { });
        LabTransaction spanning = _source.Begin();
        _table.Insert(spanning, Row(70, "spans"));
        Mark("M1", 100);
        Backup first = LogBackup(full.End);
        _source.Commit(spanning);
        Backup second = LogBackup(first.End);
        LabInstance instance = _lab.Create("R");
        LabDatabase restored = Restore(instance, full);
        restored.Restore.RollForward(first.Blocks, null, first.End);
        string file = Path.Combine(instance.BackupFolder, "standby");
        restored.Restore.EnterStandby(file);
        foreach (LabDatabase shown in (LabDatabase[])[restored, _lab.Kill(instance).Find("Db")!])
        {
            Assert.Equal((DatabaseState.Online, true, true), (shown.State, shown.IsInStandby, shown.IsReadOnly));
            Assert.Equal(["100=M1", "1=v1", "2=v2"], Content(shown));
            Assert.Equal(3906, Assert.Throws<LabSqlException>(() => In(shown.Instance, t => shown.CreateSchema(t, "s"))).Number);
        }

        Assert.True(File.Exists(file));
        restored.Restore.RollForward(second.Blocks, null, second.End);
        Assert.False(File.Exists(file));
        Assert.Equal((DatabaseState.Restoring, second.End), (restored.State, restored.RedoStartLsn));
        restored.Restore.Recover();
        Assert.Equal(Content(_database), Content(restored));
        Assert.False(restored.IsReadOnly);
    }

    [Fact]
    public void Takes_over_an_existing_database_and_leaves_no_old_file()
    {
        Backup full = Full(() => { });
        LabInstance instance = _lab.Create("R");
        LabDatabase old = _lab.CreateDatabase(instance, "Db", 7, 8, 9);
        string[] files = [.. old.Files.Select(f => f.PhysicalName)];
        LabDatabase restored = Restore(instance, full, "new_");
        Assert.Same(old, restored);
        Assert.All(files, f => Assert.False(File.Exists(f)));
        restored.Restore.Recover();
        Assert.Equal(["1=v1", "2=v2"], Content(restored));
        LabDatabase other = _lab.CreateDatabase(instance, "Other");
        Assert.Equal(1834, Assert.Throws<LabSqlException>(() => instance.CreateForRestore("Third", other.Files, Identity())).Number);
    }

    [Fact]
    public void The_tail_leaves_the_database_restoring_and_it_can_come_back()
    {
        Full(() => { });
        In(_source, t => _table.Insert(t, Row(5, "tail")));
        _database.Restore.EnterRestoring();
        Assert.Equal(927, Assert.Throws<LabSqlException>(() => _database.Checkpoint()).Number);
        LabDatabase killed = _lab.Kill(_source).Find("Db")!;
        Assert.Equal((DatabaseState.Restoring, _database.RedoStartLsn), (killed.State, killed.RedoStartLsn));
        killed.Restore.Recover();
        Assert.Equal(["1=v1", "2=v2", "5=tail"], Content(killed));
    }

    [Fact]
    public void Log_is_kept_for_the_next_log_backup_and_freed_behind_it()
    {
        Assert.True(_database.LogChainStartLsn.IsZero);
        Backup full = Full(() => { });
        Assert.Equal((full.First, full.Checkpoint), (_database.LogChainStartLsn, _database.LastFullCheckpointLsn));
        for (int i = 0; i < 30; i++)
        {
            In(_source, t => _table.Update(t, 1, Row(1, new string((char)('a' + i), 100_000))));
        }

        _database.Checkpoint();
        Assert.True(_database.Log.StartLsn <= full.First);
        Backup log = LogBackup(full.First);
        Assert.Equal(log.End, _database.LastLogBackupLsn);
        _database.Checkpoint();
        Assert.True(_database.Log.StartLsn > full.End);
        LabDatabase killed = _lab.Kill(_source).Find("Db")!;
        Assert.Equal((log.End, full.First, full.Checkpoint), (killed.LastLogBackupLsn, killed.LogChainStartLsn, killed.LastFullCheckpointLsn));
        _source.SetRecoveryModel(_database, RecoveryModel.Simple);
        Assert.True(_database.LogChainStartLsn.IsZero);
    }

    [Fact]
    public void A_snapshot_is_as_of_its_checkpoint_while_writers_and_checkpoints_go_on()
    {
        Backup full = Full(() =>
        {
            In(_source, t => _table.Insert(t, Row(3, "later")));
            _database.Checkpoint();
            Assert.Equal(3023, Assert.Throws<LabSqlException>(_database.Restore.BeginSnapshot).Number);
        }, withLog: false);
        LabDatabase restored = Restore(_lab.Create("R"), full);
        restored.Restore.Recover();
        Assert.Equal(["1=v1", "2=v2"], Content(restored));
    }

    [Fact]
    public async Task A_prepared_transaction_without_an_outcome_is_rolled_back_by_recovery()
    {
        Backup full = Full(() => { });
        LabTransaction branch = _source.BeginBranch(Guid.NewGuid(), "ELSEWHERE");
        _table.Insert(branch, Row(40, "in doubt"));
        _source.Prepare(branch);
        Backup log = LogBackup(full.End);
        LabDatabase restored = Restore(_lab.Create("R"), full);
        restored.Restore.RollForward(log.Blocks, null, log.End);
        restored.Restore.Recover();
        Assert.Equal(["1=v1", "2=v2"], Content(restored));
        _source.CommitPrepared(branch.GlobalId);
        Assert.Equal(3, (await Task.Run(() => Content(_database))).Length);
    }

    private static StopDecision Stop(LogRecord record, string mark, StopDecision decision, ref Lsn marked)
    {
        if (record.Op != LogOp.Commit || !record.IsMarked || record.Name != mark)
        {
            return StopDecision.GoOn;
        }

        marked = record.Lsn;
        return decision;
    }

    private RestoredIdentity Identity() => new(
        _database.FamilyGuid, _database.DatabaseGuid, _database.RecoveryForkGuid, _database.CreateDate, RecoveryModel.Full, _database.Collation, 160);

    private void Mark(string name, int id)
    {
        LabTransaction transaction = _source.Begin(name);
        transaction.MarkName = name;
        _table.Insert(transaction, Row(id, name));
        _source.Commit(transaction);
    }

    private Backup Full(Action during, bool withLog = true)
    {
        using IDatabaseSnapshot snapshot = _database.Restore.BeginSnapshot();
        during();
        SnapshotFile file = snapshot.Files().Single();
        byte[][] pages = [.. file.Pages.Select(p => p.Bytes.ToArray())];
        Assert.Equal(file.PageCount, pages.Length);
        Lsn end = _database.Log.FlushAll();
        Backup backup = new(
            snapshot.FirstLsn, end, snapshot.CheckpointLsn, _database.RecoveryForkGuid, pages, withLog ? [.. _database.Log.ReadBlocks(snapshot.FirstLsn, end)] : []);
        _database.Restore.FullBackedUp(snapshot.CheckpointLsn, Guid.NewGuid());
        return backup;
    }

    private Backup LogBackup(Lsn from)
    {
        Lsn end = _database.Log.FlushAll();
        Backup backup = new(from, end, Lsn.Zero, _database.RecoveryForkGuid, [], [.. _database.Log.ReadBlocks(from, end)]);
        _database.Restore.LogBackedUp(end);
        return backup;
    }

    private LabDatabase Restore(LabInstance instance, Backup full, string prefix = "")
    {
        DatabaseFile[] files =
        [
            new() { FileId = 1, LogicalName = "Db", PhysicalName = Path.Combine(instance.DataFolder, prefix + "Db.mdf") },
            new() { FileId = 2, IsLog = true, LogicalName = "Db_log", PhysicalName = Path.Combine(instance.LogFolder, prefix + "Db.ldf") },
        ];
        LabDatabase database = instance.CreateForRestore("Db", files, Identity());
        database.Restore.LoadPages(full.Pages.Select((p, i) => new NumberedPage(i, p)), full.First);
        if (full.Blocks.Count > 0)
        {
            database.Restore.RollForward(full.Blocks, null, full.End);
        }

        return database;
    }

    private sealed record Backup(Lsn First, Lsn End, Lsn Checkpoint, Guid Fork, byte[][] Pages, IReadOnlyList<RawLogBlock> Blocks);
}
