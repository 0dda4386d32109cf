using System;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;
using Xunit;
using static BizTalkDR.Lab.Tests.Store.StoreFixture;

namespace BizTalkDR.Lab.Tests.Store;

/// <summary>The commit barrier of a participant whose coordinator dies, or which dies itself.</summary>
public sealed class BarrierTests : IDisposable
{
    private readonly StoreFixture _lab = new();
    private readonly LabInstance _instance;
    private readonly LabDatabase _database;

    public BarrierTests()
    {
        _instance = _lab.Create();
        _database = _lab.CreateDatabase(_instance, "A");
    }

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void A_branch_that_ends_before_it_is_prepared_gives_the_barrier_back()
    {
        LabTransaction branch = Branch(1, mark: "M");
        _instance.AcquireBarrier(branch.GlobalId, exclusive: true, TimeSpan.Zero);
        _instance.Rollback(branch);
        _instance.AcquireBarrier(Guid.NewGuid(), exclusive: true, TimeSpan.Zero);
        Assert.Empty(Content(_database));
    }

    [Fact]
    public void A_prepared_branch_keeps_the_barrier_when_its_session_ends()
    {
        LabTransaction branch = Branch(1, mark: null);
        _instance.AcquireBarrier(branch.GlobalId, exclusive: false, TimeSpan.Zero);
        _instance.Prepare(branch);
        _instance.Rollback(branch);
        Assert.Equal([(branch.GlobalId, "LAB9")], _instance.InDoubt);
        Assert.Equal(3928, Refused(_instance, exclusive: true));
        _instance.CommitPrepared(branch.GlobalId);
        Assert.Equal(["1=x"], Content(_database));
        _instance.AcquireBarrier(Guid.NewGuid(), exclusive: true, TimeSpan.Zero);
    }

    [Fact]
    public void A_mark_in_doubt_keeps_all_others_out_after_a_restart()
    {
        LabTransaction branch = Branch(1, mark: "M");
        _instance.AcquireBarrier(branch.GlobalId, exclusive: true, TimeSpan.Zero);
        _instance.Prepare(branch);
        LabInstance killed = _lab.Kill(_instance);
        Assert.Equal(1206, Refused(killed, exclusive: false));
        killed.AbortPrepared(branch.GlobalId);
        killed.AcquireBarrier(Guid.NewGuid(), exclusive: false, TimeSpan.Zero);
    }

    [Fact]
    public async Task A_wait_for_the_barrier_ends_with_whoever_asked_for_it()
    {
        _instance.AcquireBarrier(Guid.NewGuid(), exclusive: false, TimeSpan.Zero);
        using CancellationTokenSource gone = new();
        Task waiting = Task.Run(() => _instance.AcquireBarrier(Guid.NewGuid(), exclusive: true, TimeSpan.FromMinutes(5), gone.Token));
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        _instance.AcquireBarrier(Guid.NewGuid(), exclusive: false, TimeSpan.Zero);
    }

    private static int Refused(LabInstance instance, bool exclusive) =>
        Assert.Throws<LabSqlException>(() => instance.AcquireBarrier(Guid.NewGuid(), exclusive, TimeSpan.Zero)).Number;

    private LabTransaction Branch(int id, string? mark)
    {
        LabTransaction branch = _instance.BeginBranch(Guid.NewGuid(), "LAB9");
        branch.MarkName = mark;
        _database.FindTable("dbo", "T")!.Insert(branch, Row(id, "x"));
        return branch;
    }
}
