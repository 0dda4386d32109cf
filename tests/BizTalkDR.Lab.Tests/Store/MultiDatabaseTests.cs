using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;
using Xunit;
using static BizTalkDR.Lab.Tests.Store.StoreFixture;

namespace BizTalkDR.Lab.Tests.Store;

public sealed class MultiDatabaseTests : IDisposable
{
    private readonly StoreFixture _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("BTS_1")]
    public void A_kill_between_any_two_syncs_leaves_all_or_nothing_in_all_databases(string? mark)
    {
        LabInstance instance = _lab.Create();
        LabDatabase[] databases = [_lab.CreateDatabase(instance, "A", 1), _lab.CreateDatabase(instance, "B", 1), _lab.CreateDatabase(instance, "C", 1)];
        List<(string Folder, bool Acknowledged)> copies = [];
        bool acknowledged = false;
        Storage(instance).AfterSync = _ => copies.Add((_lab.Copy(instance.Options.Folder), acknowledged));
        copies.Add((_lab.Copy(instance.Options.Folder), false));
        for (int round = 2; round < 5; round++)
        {
            int id = round;
            acknowledged = false;
            LabTransaction transaction = instance.Begin("work");
            transaction.MarkName = mark;
            foreach (LabDatabase database in databases)
            {
                database.FindTable("dbo", "T")!.Insert(transaction, Row(id, "x"));
            }

            instance.Commit(transaction);
            acknowledged = id == 4;
            copies.Add((_lab.Copy(instance.Options.Folder), acknowledged));
        }

        Storage(instance).AfterSync = null;
        Assert.InRange(copies.Count, 12, 60);
        HashSet<int> seen = [];
        foreach ((string folder, bool all) in copies)
        {
            Relocate(folder, instance.Options.Folder);
            using LabInstance opened = LabInstance.Open(new InstanceOptions { ServerName = "LAB1", Folder = folder });
            string[][] contents = [.. databases.Select(d => Content(opened.Find(d.Name)!))];
            Assert.Equal(contents[0], contents[1]);
            Assert.Equal(contents[0], contents[2]);
            Assert.True(!all || contents[0].Length == 4);
            seen.Add(contents[0].Length);
            Assert.Empty(opened.Unconfirmed);
        }

        Assert.Equal([1, 2, 3, 4], seen.Order());
    }

    [Fact]
    public void What_a_start_resolved_stays_resolved_at_the_next()
    {
        LabInstance instance = _lab.Create();
        LabDatabase[] databases = [_lab.CreateDatabase(instance, "A"), _lab.CreateDatabase(instance, "B")];
        string? decided = null;
        int syncs = 0;
        LabTransaction transaction = instance.Begin();
        foreach (LabDatabase database in databases)
        {
            database.FindTable("dbo", "T")!.Insert(transaction, Row(1, "x"));
        }

        // Two prepares, then the decision.
        Storage(instance).AfterSync = _ => decided = ++syncs == 3 ? _lab.Copy(instance.Options.Folder) : decided;
        instance.Commit(transaction);
        Storage(instance).AfterSync = null;
        Relocate(decided!, instance.Options.Folder);
        LabInstance first = _lab.OpenCopy(decided!);
        Assert.Equal(["1=x"], Content(first.Find("A")!));
        In(first, t => first.Find("B")!.FindTable("dbo", "T")!.Update(t, 1, Row(1, "y")));
        LabInstance second = _lab.Kill(first);
        Assert.Equal(["1=x"], Content(second.Find("A")!));
        Assert.Equal(["1=y"], Content(second.Find("B")!));
    }

    [Fact]
    public void Tells_marks_once_per_database_with_the_lsn_of_the_commit_record()
    {
        LabInstance instance = _lab.Create();
        LabDatabase[] databases = [_lab.CreateDatabase(instance, "A"), _lab.CreateDatabase(instance, "B")];
        _lab.CreateDatabase(instance, "C");
        List<(string Database, string Name, string? Description, Lsn Lsn)> marks = [];
        instance.Marked += (d, n, t, l, _) => marks.Add((d.Name, n, t, l));
        LabTransaction transaction = instance.Begin("BTS_x");
        transaction.MarkName = "BTS_x";
        transaction.MarkDescription = "why";
        foreach (LabDatabase database in databases)
        {
            database.FindTable("dbo", "T")!.Insert(transaction, Row(1, "x"));
        }

        instance.Commit(transaction);
        Assert.Equal([("A", "BTS_x", "why"), ("B", "BTS_x", "why")], marks.Select(m => (m.Database, m.Name, m.Description)));
        foreach ((string name, _, _, Lsn lsn) in marks)
        {
            LogRecord record = instance.Find(name)!.Log.Read(lsn).First();
            Assert.Equal((LogOp.Commit, true, "BTS_x", "why", lsn), (record.Op, record.IsMarked, record.Name, record.Description, record.Lsn));
        }
    }

    [Fact]
    public void A_mark_waits_for_commits_over_several_databases_and_fails_with_3928_when_that_takes_too_long()
    {
        LabInstance instance = _lab.Create();
        LabDatabase a = _lab.CreateDatabase(instance, "A");
        Guid other = Guid.NewGuid();
        instance.AcquireBarrier(other, exclusive: false, TimeSpan.Zero);
        instance.BarrierTimeout = TimeSpan.FromMilliseconds(30);
        LabTransaction failing = Marked(instance, a, 1);
        LabSqlException error = Assert.Throws<LabSqlException>(() => instance.Commit(failing));
        Assert.Equal((3928, 16), (error.Number, error.Error.Class));
        Assert.Equal(TransactionState.Aborted, failing.State);
        Assert.Empty(Content(a));
        instance.BarrierTimeout = TimeSpan.FromMinutes(1);
        LabTransaction waiting = Marked(instance, a, 2);
        Task commit = Task.Run(() => instance.Commit(waiting));
        Assert.False(commit.Wait(50));
        instance.ReleaseBarrier(other);
        commit.Wait();
        Assert.Equal(["2=m"], Content(a));
    }

    [Fact]
    public void A_barrier_of_a_coordinator_that_is_gone_is_dropped()
    {
        LabInstance instance = _lab.Create();
        LabDatabase a = _lab.CreateDatabase(instance, "A");
        instance.BarrierKeepAlive = TimeSpan.FromMilliseconds(50);
        instance.AcquireBarrier(Guid.NewGuid(), exclusive: true, TimeSpan.Zero);
        instance.Commit(Marked(instance, a, 1));
        Assert.Equal(["1=m"], Content(a));
    }

    [Fact]
    public void Commits_over_several_databases_and_marks_at_once_keep_every_mark_consistent()
    {
        LabInstance instance = _lab.Create();
        LabDatabase[] databases = [_lab.CreateDatabase(instance, "A"), _lab.CreateDatabase(instance, "B")];
        Task[] writers = [.. Enumerable.Range(0, 3).Select(w => Task.Run(() =>
        {
            for (int i = 0; i < 30; i++)
            {
                In(instance, t =>
                {
                    foreach (LabDatabase database in i % 2 == 0 ? databases : databases.Reverse())
                    {
                        database.FindTable("dbo", "T")!.Insert(t, Row((w * 100) + i, "x"));
                    }
                });
            }
        }))];
        for (int i = 0; i < 10; i++)
        {
            LabTransaction mark = instance.Begin("M" + i);
            mark.MarkName = "M" + i;
            foreach (LabDatabase database in databases)
            {
                database.FindTable("dbo", "T")!.Insert(mark, Row(1000 + i, "m"));
            }

            instance.Commit(mark);
        }

        Task.WaitAll(writers);

        // What stands before the mark in one log stands before it in the other.
        for (int i = 0; i < 10; i++)
        {
            string name = "M" + i;
            HashSet<int>[] before = [.. databases.Select(d => InsertedBefore(d, name))];
            Assert.True(before[0].SetEquals(before[1]));
        }
    }

    private static HashSet<int> InsertedBefore(LabDatabase database, string mark)
    {
        Dictionary<long, List<int>> pending = [];
        HashSet<int> committed = [];
        foreach (LogRecord record in database.Log.Read(database.Log.StartLsn))
        {
            if (record.Op == LogOp.InsertRow && record.ObjectId > CatalogueTables.LastId)
            {
                pending.TryAdd(record.TransactionId, []);
                pending[record.TransactionId].Add((int)RowCodec.Decode(record.Payload.Span)[0]!);
            }
            else if (record.Op == LogOp.Commit)
            {
                if (record.IsMarked && record.Name == mark)
                {
                    return committed;
                }

                committed.UnionWith(pending.GetValueOrDefault(record.TransactionId, []));
            }
        }

        throw new InvalidOperationException("The mark is not in the log.");
    }

    private static LabTransaction Marked(LabInstance instance, LabDatabase database, int id)
    {
        LabTransaction transaction = instance.Begin("M");
        transaction.MarkName = "M";
        database.FindTable("dbo", "T")!.Insert(transaction, Row(id, "m"));
        return transaction;
    }

    private static LabStorage Storage(LabInstance instance) => instance.Storage;
}
