using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Group;
using BizTalkDR.Lab.Hosting;
using Xunit;
using Xunit.Abstractions;

namespace BizTalkDR.Integration.Tests.Kill;

/// <summary>SIGKILL of either instance while business runs on a group over both.</summary>
[Collection("Processes that are ended")]
public sealed class LoadKillTests(ITestOutputHelper output)
{
    private const long IdsPerRound = 1_000_000;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_workload_stays_whole_while_instances_are_ended()
    {
        Stopwatch watch = Stopwatch.StartNew();
        Random random = new(CommitKillTests.Seed);
        string path = Directory.CreateTempSubdirectory("kill-load-").FullName;
        try
        {
            GroupDefinition group = KillGroup.Definition;
            LabFolder folder = LabFolder.Create(Path.Combine(path, "lab"), group.Servers, 1, null);
            await using LabEnvironment environment = await LabEnvironment.StartAsync(folder, new LabEnvironmentOptions { SeparateProcesses = true, CanEndSuddenly = true });
            await new GroupBuilder(group, environment.ConnectionStrings).BuildAsync();
            using Ledger ledger = new(Path.Combine(path, "ledger"), TimeProvider.System);
            int rounds = CommitKillTests.IsFullSweep ? 25 : 4;
            for (int round = 0; round < rounds; round++)
                await RunRoundAsync(environment, group, ledger, round, random);

            LedgerReport report = await KillGroup.CheckAsync(environment, group, ledger);
            IReadOnlyList<LedgerEntry> entries = Ledger.Read(ledger.Path);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"seed {CommitKillTests.Seed}: {rounds} kills under load, {entries.Count(e => e.Event == LedgerEvent.Sent)} sent, {entries.Count(e => e.Event == LedgerEvent.Acknowledged)} acknowledged, {report.Undecided} undecided, {report.Halves.Count} halves, {watch.Elapsed.TotalSeconds:0} s"));
            foreach (MemberComparison member in report.Members.Where(m => !m.Ok))
                output.WriteLine($"{member.Member} lacks [{string.Join(", ", member.Missing)}] and should not hold [{string.Join(", ", member.Unexpected)}]");
            Assert.True(report.Ok);
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>Lets one instance end at a sync of the workload, starts it again, and sees business go on.</summary>
    private static async Task RunRoundAsync(LabEnvironment environment, GroupDefinition group, Ledger ledger, int round, Random random)
    {
        string victim = group.Servers[random.Next(2)];
        using CancellationTokenSource limit = new(_patience);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
        WorkloadOptions options = new() { Seed = CommitKillTests.Seed + round, FirstId = 1 + (round * IdsPerRound) };
        Workload workload = new(group, KillGroup.Connections(environment), ledger, options, TimeProvider.System);
        ChildInstance child = environment.Child(victim);
        Assert.NotNull(await child.EndAfterSyncAsync(random.Next(1, 150), limit.Token));
        Task<WorkloadResult> running = workload.RunAsync(int.MaxValue, stop.Token);
        await child.WaitForEndAsync(limit.Token);
        if (victim == group.Management.Server)
        {
            // The workload knows the old address only: its transactions in flight are over, the next round has the new one.
            await stop.CancelAsync();
            await running;
            await environment.StartInstanceAsync(victim, limit.Token);
            stop.Dispose();
            await GoOnAsync(environment, group, ledger, options with { FirstId = options.FirstId + (IdsPerRound / 2) }, limit.Token);
            return;
        }

        await environment.StartInstanceAsync(victim, limit.Token);
        int before = workload.Acknowledged;
        while (workload.Acknowledged < before + 5)
            await Task.Delay(5, limit.Token);
        await stop.CancelAsync();
        await running;
    }

    private static async Task GoOnAsync(LabEnvironment environment, GroupDefinition group, Ledger ledger, WorkloadOptions options, CancellationToken limit)
    {
        Workload workload = new(group, KillGroup.Connections(environment), ledger, options, TimeProvider.System);
        WorkloadResult result = await workload.RunAsync(5, limit);
        Assert.Equal(5, result.Sent);
        Assert.Equal(5, result.Acknowledged);
    }
}
