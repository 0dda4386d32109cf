using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Restore;

/// <summary>How many members at once, which first, and in which transfers.</summary>
public sealed class RestoreLimitTests
{
    private const long Megabyte = 1024 * 1024;
    private readonly FakeWorld _world = new();

    public RestoreLimitTests()
    {
        _world.BackUpFull();
        _world.BackUpLog();
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(4, 1)]
    public void No_more_members_than_an_instance_or_a_volume_takes(int perInstance, int perVolume)
    {
        // Four members on two instances of one computer, which has one volume.
        RestorePlan plan = _world.Prepare();
        Assert.All(plan.Members, m => Assert.Equal(["/ of COMPUTER"], m.Volumes));
        var lanes = new MemberLanes(new RestoreLimits { PerInstance = perInstance, PerVolume = perVolume }, 16);
        List<MemberPlan> entered = [.. plan.Members.Where(lanes.TryEnter)];
        Assert.Equal(perVolume == 1 ? 1 : 2, entered.Count);
        Assert.Equal(entered.Count, entered.Select(m => m.DestinationServer).Distinct().Count());
        lanes.Leave(entered[0]);
        Assert.True(lanes.TryEnter(plan.Members.First(m => !entered.Contains(m) && m.DestinationServer == entered[0].DestinationServer)));
    }

    [Fact]
    public void Members_whose_volumes_are_not_known_are_limited_by_their_instance()
    {
        foreach (FakeServer server in _world.Servers.Values)
            server.Readiness = server.Readiness with { Volumes = null };
        RestorePlan plan = _world.Prepare();
        var lanes = new MemberLanes(new RestoreLimits { PerVolume = 1 }, 16);
        Assert.All(plan.Members, m => Assert.True(lanes.TryEnter(m)));
        Assert.Contains("at once, longest first: 4 on an instance, 4 on a volume where the volumes are known", plan.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Work_goes_on_two_at_a_time_in_the_order_given()
    {
        List<MemberPlan> members = [.. _world.Prepare().Members.Select(m => m with { DestinationServer = "ONE" })];
        using var pair = new Barrier(2);
        var begun = new List<string>();
        int running = 0;
        int most = 0;
        MemberPool.Run(members, m => m, new RestoreLimits { PerInstance = 2 }, 16, (member, _) =>
        {
            lock (begun)
            {
                begun.Add(member.Database);
                most = Math.Max(most, ++running);
            }

            // Passes only when two members are at work.
            Assert.True(pair.SignalAndWait(TimeSpan.FromSeconds(60)));
            lock (begun)
            {
                running--;
            }
        });
        Assert.Equal(2, most);
        Assert.Equal(members.Take(2).Select(m => m.Database).Order(), begun.Take(2).Order());
        Assert.Equal(4, begun.Count);
    }

    [Fact]
    public void The_member_with_the_longest_chain_and_log_begins()
    {
        Assert.Equal("BizTalkMsgBoxDb", _world.Prepare().Members[0].Database);
        FakeFile full = _world.Files.Single(f => f.Header is { DatabaseName: "SSODB", Kind: MediaBackupKind.Full });
        full.Header = full.Header with { BackupSizeBytes = 5000 };
        RestorePlan plan = _world.Prepare();
        Assert.Equal("SSODB", plan.Members[0].Database);
        Assert.Equal(5000 + 1005 + 8192, plan.Members[0].WorkBytes);
        _world.Restore(plan);
        Assert.Contains("Full SSODB", _world.Calls[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(16 * 1024L, 1000, 16)]
    [InlineData(1024L, 1000, 8)]
    [InlineData(300L, 1000, 0)]
    [InlineData(16 * 1024L, 255, 0)]
    [InlineData(null, 1000, 0)]
    public void Transfers_are_large_when_the_backup_is_and_memory_is_there(long? freeMegabytes, long backupMegabytes, int buffers)
    {
        foreach (FakeServer server in _world.Servers.Values)
            server.FreeMemoryBytes = freeMegabytes * Megabyte;
        foreach (FakeFile file in _world.Files.Where(f => f.Header.DatabaseName == "SSODB"))
            file.Header = file.Header with { BackupSizeBytes = backupMegabytes * Megabyte };
        RestorePlan plan = _world.Prepare();
        RestoreStep full = plan.Members.Single(m => m.Database == "SSODB").Steps[0];
        Assert.Equal(buffers == 0 ? null : new TransferSize(buffers, 4 * 1024 * 1024), full.Statement!.Transfer);
        Assert.Equal(buffers > 0, plan.ToString().Contains($", with {buffers} buffers of 4 MB", StringComparison.Ordinal));
        Assert.All(plan.Members.SelectMany(m => m.Steps).Where(s => !ReferenceEquals(s, full)), s => Assert.Null(s.Statement!.Transfer));
        Assert.Equal(plan.ToString(), RestorePlanFile.FromJson(RestorePlanFile.ToJson(plan), "test").ToString());
    }

    [Fact]
    public void The_server_reads_a_backup_in_a_container_as_it_likes()
    {
        RestoreStep step = _world.Prepare().Members[0].Steps[0];
        var backup = new BizTalkDR.Catalogue.MediaBackup("https://account.blob.core.windows.net/c/x.bak", step.Backup!.Header with { BackupSizeBytes = 1000 * Megabyte });
        Assert.Null(TransferSize.Of(backup, 64 * 1024 * Megabyte, RestoreLimits.Default));
    }

    [Fact]
    public void A_resumed_restore_leaves_the_sizes_to_the_server()
    {
        foreach (FakeServer server in _world.Servers.Values)
            server.FreeMemoryBytes = 16 * 1024 * Megabyte;
        foreach (FakeFile file in _world.Files)
            file.Header = file.Header with { BackupSizeBytes = 1000 * Megabyte };
        RestorePlan plan = _world.Prepare();
        var sent = new List<TransferSize?>();
        _world.Tamper = s =>
        {
            if (s.Action == RestoreAction.Full)
                sent.Add(s.Transfer);
            return s;
        };
        _world.FailWith("Full " + plan.Members[0].Database, 3013, 701);
        var journal = new MemoryJournal();
        Assert.Throws<RecoveryException>(() => new RestoreRunner(_world.Ports) { Parallelism = 1 }.Run(plan, journal));
        Assert.Equal(16, Assert.Single(sent)!.BufferCount);
        RestoreStep again = plan.Members[0].Steps[0].InTheServersOwnSizes();
        Assert.Equal((null, plan.Members[0].Steps[0].Statement!.Path), (again.Statement!.Transfer, again.Statement.Path));
    }

    [Theory]
    [InlineData(0, 4, 1, 65536)]
    [InlineData(4, 0, 1, 65536)]
    [InlineData(4, 4, 0, 65536)]
    [InlineData(4, 4, 1, 65537)]
    [InlineData(4, 4, 1, 8388608)]
    public void A_plan_that_SQL_Server_would_refuse_is_no_plan(int perInstance, int perVolume, int buffers, int bytes)
    {
        RestorePlan plan = _world.Prepare();
        MemberPlan first = plan.Members[0];
        RestoreStep step = first.Steps[0] with { Statement = first.Steps[0].Statement! with { Transfer = new TransferSize(buffers, bytes) } };
        plan = plan with { Limits = new RestoreLimits { PerInstance = perInstance, PerVolume = perVolume }, Members = [first with { Steps = [step, .. first.Steps.Skip(1)] }, .. plan.Members.Skip(1)] };
        Assert.Single(RestorePlanCheck.Faults(plan));
    }
}
