using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Xunit;
using static BizTalkDR.Lab.Tests.Store.StoreFixture;

namespace BizTalkDR.Lab.Tests.Store;

public sealed class DistributedTests : IDisposable
{
    private readonly StoreFixture _lab = new();
    private readonly LabInstance _one;
    private readonly LabInstance _two;
    private readonly LabDatabase[] _here;
    private readonly LabDatabase[] _there;

    public DistributedTests()
    {
        _one = _lab.Create("LAB1");
        _two = _lab.Create("LAB2");
        _here = [_lab.CreateDatabase(_one, "A", 1), _lab.CreateDatabase(_one, "B", 1)];
        _there = [_lab.CreateDatabase(_two, "C", 1), _lab.CreateDatabase(_two, "D", 1)];
    }

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData(false, 2, 2)]
    [InlineData(true, 2, 2)]
    [InlineData(false, 0, 2)]
    [InlineData(false, 1, 1)]
    public void A_kill_of_both_instances_between_any_two_syncs_is_never_half(bool marked, int here, int there)
    {
        List<(string One, string Two, bool Acknowledged)> copies = [];
        bool acknowledged = false;
        void CopyBoth(long sync) => copies.Add((_lab.Copy(_one.Options.Folder), _lab.Copy(_two.Options.Folder), acknowledged));
        _one.Storage.AfterSync = CopyBoth;
        _two.Storage.AfterSync = CopyBoth;
        (LabTransaction transaction, _) = Work(2, marked, here, there);
        _one.Commit(transaction);
        acknowledged = true;
        CopyBoth(0);
        _one.Storage.AfterSync = null;
        _two.Storage.AfterSync = null;
        Assert.InRange(copies.Count, 3, 40);
        HashSet<bool> outcomes = [];
        foreach ((string one, string two, bool all) in copies)
        {
            Relocate(one, _one.Options.Folder);
            Relocate(two, _two.Options.Folder);
            using LabInstance first = LabInstance.Open(new InstanceOptions { ServerName = "LAB1", Folder = one });
            using LabInstance second = LabInstance.Open(new InstanceOptions { ServerName = "LAB2", Folder = two });
            Resolve(first, second);
            bool[] found =
            [
                .. _here.Take(here).Select(d => Content(first.Find(d.Name)!).Contains("2=x")),
                .. _there.Take(there).Select(d => Content(second.Find(d.Name)!).Contains("2=x")),
            ];
            Assert.Single(found.Distinct());
            Assert.True(found[0] || !all);
            outcomes.Add(found[0]);
            Assert.Empty(first.Unconfirmed);
            Assert.Empty(second.InDoubt);
        }

        Assert.Equal(2, outcomes.Count);
    }

    [Fact]
    public void A_participant_that_cannot_be_reached_after_the_decision_learns_the_outcome_later()
    {
        (LabTransaction transaction, Link link) = Work(2, marked: false, 1, 2);
        link.Fail = "commit";
        _one.Commit(transaction);
        Assert.Equal(TransactionState.Committed, transaction.State);
        Assert.Equal([(transaction.GlobalId, "LAB2")], _one.Unconfirmed);
        Assert.Equal([(transaction.GlobalId, "LAB1")], _two.InDoubt);
        Assert.Equal(TransactionOutcome.Committed, _one.QueryOutcome(transaction.GlobalId));

        // In doubt over a kill: locked, not visible, and no mark may be placed.
        LabInstance killed = _lab.Kill(_two);
        Assert.Equal([(transaction.GlobalId, "LAB1")], killed.InDoubt);
        LabTable table = killed.Find("C")!.FindTable("dbo", "T")!;
        Assert.Equal([1], table.Scan(null, ReadMode.SkipLocked).Select(r => (int)r.Values[0]!));
        killed.BarrierTimeout = TimeSpan.FromMilliseconds(20);
        LabTransaction mark = killed.Begin("M");
        mark.MarkName = "M";
        table.Insert(mark, Row(7, "m"));
        Assert.Equal(3928, Assert.Throws<LabSqlException>(() => killed.Commit(mark)).Number);
        killed.Find("C")!.Checkpoint();
        LabInstance again = _lab.Kill(killed);
        again.CommitPrepared(transaction.GlobalId);
        again.CommitPrepared(transaction.GlobalId);
        Assert.Equal(["1=v1", "2=x"], Content(again.Find("C")!));
        Assert.Equal(["1=v1", "2=x"], Content(_lab.Kill(again).Find("D")!));

        LabInstance coordinator = _lab.Kill(_one);
        Assert.Equal([(transaction.GlobalId, "LAB2")], coordinator.Unconfirmed);
        link.Fail = null;
        Assert.Equal(0, coordinator.RetryUnconfirmed(_ => null));
        Assert.Equal(1, coordinator.RetryUnconfirmed(_ => link));
        Assert.Empty(coordinator.Unconfirmed);
        Assert.Empty(_two.InDoubt);
        Assert.Equal(["1=v1", "2=x"], Content(_there[0]));
        Assert.Equal(TransactionOutcome.Aborted, coordinator.QueryOutcome(transaction.GlobalId));
    }

    [Theory]
    [InlineData("barrier")]
    [InlineData("prepare")]
    [InlineData("prepared")]
    public void A_failure_before_the_decision_aborts_everywhere(string step)
    {
        (LabTransaction transaction, Link link) = Work(2, marked: false, 1, 1);
        link.Fail = step;
        LabSqlException error = Assert.Throws<LabSqlException>(() => _one.Commit(transaction));
        Assert.Equal((1206, 18), (error.Number, error.Error.Class));
        Assert.Equal(TransactionState.Aborted, transaction.State);
        Assert.Equal(TransactionOutcome.Aborted, _one.QueryOutcome(transaction.GlobalId));
        Resolve(_one, _two);
        Assert.Equal(["1=v1"], Content(_here[0]));
        Assert.Equal(["1=v1"], Content(_there[0]));

        // Nothing is left behind that would stop the next one.
        (LabTransaction next, _) = Work(3, marked: true, 1, 1);
        _one.Commit(next);
        Assert.Equal(["1=v1", "3=x"], Content(_there[0]));
    }

    [Fact]
    public void A_rollback_reaches_the_participants()
    {
        (LabTransaction transaction, _) = Work(2, marked: false, 1, 1);
        _one.Rollback(transaction);
        Assert.Equal(["1=v1"], Content(_here[0]));
        Assert.Equal(["1=v1"], Content(_there[0]));
    }

    [Fact]
    public void A_branch_that_is_prepared_is_ended_by_its_coordinator_only()
    {
        LabTransaction branch = _two.BeginBranch(Guid.NewGuid(), "LAB1");
        _there[0].FindTable("dbo", "T")!.Insert(branch, Row(2, "x"));
        _two.Prepare(branch);
        _two.Rollback(branch);
        Assert.Equal(TransactionState.Prepared, branch.State);
        Assert.Throws<LabSqlException>(() => _there[0].FindTable("dbo", "T")!.Insert(branch, Row(3, "x")));
        _two.AbortPrepared(branch.GlobalId);
        Assert.Equal(["1=v1"], Content(_there[0]));
        Assert.Equal(["1=v1"], Content(_lab.Kill(_two).Find("C")!));
        Assert.Empty(_lab.Kill(_two).InDoubt);
    }

    [Fact]
    public void A_mark_is_in_the_log_of_every_database_it_wrote_on_both_instances()
    {
        List<(string Database, string Mark)> marks = [];
        _one.Marked += (d, n, _, _, _) => marks.Add((d.Name, n));
        _two.Marked += (d, n, _, _, _) => marks.Add((d.Name, n));
        (LabTransaction transaction, Link link) = Work(2, marked: true, 2, 2);
        _one.Commit(transaction);
        Assert.Equal([("A", "M"), ("B", "M"), ("C", "M"), ("D", "M")], marks.Order());

        // The mark of a branch in doubt is told when it is committed, after a kill too.
        marks.Clear();
        (LabTransaction later, Link broken) = Work(3, marked: true, 1, 1);
        broken.Fail = "commit";
        _one.Commit(later);
        LabInstance killed = _lab.Kill(_two);
        killed.Marked += (d, n, _, _, _) => marks.Add((d.Name + " after the kill", n));
        killed.CommitPrepared(later.GlobalId);
        Assert.Equal([("A", "M"), ("C after the kill", "M")], marks.Order());
        Assert.NotSame(link, broken);
    }

    /// <summary>Does what the linked-server layer does for an instance that is asked again after a restart.</summary>
    private static void Resolve(LabInstance coordinator, LabInstance participant)
    {
        foreach ((Guid id, _) in participant.InDoubt)
        {
            switch (coordinator.QueryOutcome(id))
            {
                case TransactionOutcome.Committed:
                    participant.CommitPrepared(id);
                    break;
                case TransactionOutcome.Aborted:
                    participant.AbortPrepared(id);
                    break;
            }
        }

        coordinator.RetryUnconfirmed(_ => new Link(participant));
    }

    private (LabTransaction Transaction, Link Link) Work(int id, bool marked, int here, int there)
    {
        LabTransaction transaction = _one.Begin("M");
        Link link = new(_two);
        LabTransaction branch = _two.BeginBranch(transaction.GlobalId, "LAB1");
        link.Branch = branch;
        transaction.Participants.Add(link);
        if (marked)
        {
            transaction.MarkName = "M";
            branch.MarkName = "M";
        }

        foreach (LabDatabase database in _here.Take(here))
        {
            database.FindTable("dbo", "T")!.Insert(transaction, Row(id, "x"));
        }

        foreach (LabDatabase database in _there.Take(there))
        {
            database.FindTable("dbo", "T")!.Insert(branch, Row(id, "x"));
        }

        return (transaction, link);
    }

    /// <summary>A linked server without a network.</summary>
    private sealed class Link(LabInstance remote) : IRemoteParticipant
    {
        public string? Fail { get; set; }

        public LabTransaction? Branch { get; set; }

        public string Server => remote.Options.ServerName;

        public void AcquireBarrier(Guid globalId, bool exclusive, TimeSpan timeout)
        {
            Break("barrier");
            remote.AcquireBarrier(globalId, exclusive, timeout);
        }

        public void Prepare(Guid globalId, string coordinator)
        {
            Break("prepare");
            remote.Prepare(Branch!);
            Break("prepared");
        }

        public void Commit(Guid globalId)
        {
            Break("commit");
            remote.CommitPrepared(globalId);
        }

        public void Abort(Guid globalId)
        {
            if (Fail != "prepared")
            {
                remote.AbortPrepared(globalId);
            }
        }

        private void Break(string step)
        {
            if (Fail == step)
            {
                throw new System.IO.IOException("The connection is gone.");
            }
        }
    }
}
