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

/// <summary>SIGKILL of both instances of a group under load, again and again; after each start every transaction is compared. BIZTALKDR_KILLS says how often.</summary>
[Collection("Processes that are ended")]
public sealed class SweepTests(ITestOutputHelper output)
{
    private const int IdsPerRound = 10_000;
    private const int RoundsPerLab = 100;
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    private static int Kills => int.TryParse(Environment.GetEnvironmentVariable("BIZTALKDR_KILLS"), NumberStyles.None, CultureInfo.InvariantCulture, out int kills) ? kills : 6;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_is_half_there_when_both_instances_are_killed()
    {
        Stopwatch watch = Stopwatch.StartNew();
        SweepCount count = new();
        for (int lab = 0; count.Kills < Kills; lab++)
            await RunLabAsync(lab, count);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {CommitKillTests.Seed}: {count.Kills} SIGKILLs, {count.Sent} transactions, {count.Acknowledged} acknowledged, {count.Undecided} without an answer, {watch.Elapsed.TotalSeconds:0} s"));
        Assert.True(count.Acknowledged > 0 && count.Undecided > 0, "No transaction was under way when a process was killed: the test shows nothing.");
    }

    private async Task RunLabAsync(int number, SweepCount count)
    {
        Random random = new(CommitKillTests.Seed + number);
        string path = Directory.CreateTempSubdirectory("kill-sweep-").FullName;
        try
        {
            GroupDefinition group = KillGroup.Definition;
            LabFolder folder = LabFolder.Create(Path.Combine(path, "lab"), group.Servers, 1, null);
            await using LabEnvironment environment = await LabEnvironment.StartAsync(folder, new LabEnvironmentOptions { SeparateProcesses = true, CanEndSuddenly = true });
            await new GroupBuilder(group, environment.ConnectionStrings).BuildAsync();
            using Ledger ledger = new(Path.Combine(path, "ledger"), TimeProvider.System);
            for (int round = 0; round < RoundsPerLab && count.Kills < Kills; round++)
            {
                WorkloadOptions options = new() { Seed = CommitKillTests.Seed + round, FirstId = 1 + (round * (long)IdsPerRound) };
                count.Kills += await RunRoundAsync(environment, group, ledger, options, random);
                LedgerReport report = await KillGroup.CheckAsync(environment, group, ledger);
                if (!report.Ok)
                    Assert.Fail($"lab {number}, round {round}: halves [{string.Join(", ", report.Halves)}]; " + string.Join("; ", report.Members.Where(m => !m.Ok).Select(m => $"{m.Member} lacks [{string.Join(", ", m.Missing)}] and should not hold [{string.Join(", ", m.Unexpected)}]")));
                if (round % 25 == 24)
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count.Kills} kills"));
            }

            IReadOnlyList<LedgerEntry> entries = Ledger.Read(ledger.Path);
            int sent = entries.Count(e => e.Event == LedgerEvent.Sent);
            int acknowledged = entries.Count(e => e.Event == LedgerEvent.Acknowledged);
            count.Sent += sent;
            count.Acknowledged += acknowledged;
            count.Undecided += sent - acknowledged;
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>Lets one instance end at a sync of the workload, kills the other right after, and starts both.</summary>
    private static async Task<int> RunRoundAsync(LabEnvironment environment, GroupDefinition group, Ledger ledger, WorkloadOptions options, Random random)
    {
        using CancellationTokenSource limit = new(_patience);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
        int first = random.Next(2);
        ChildInstance victim = environment.Child(group.Servers[first]);
        Workload workload = new(group, KillGroup.Connections(environment), ledger, options, TimeProvider.System);
        Assert.NotNull(await victim.EndAfterSyncAsync(random.Next(1, 60), limit.Token));
        Task<WorkloadResult> running = workload.RunAsync(int.MaxValue, stop.Token);
        await victim.WaitForEndAsync(limit.Token);
        await environment.Child(group.Servers[1 - first]).KillAsync();
        await stop.CancelAsync();
        await running;
        int start = random.Next(2);
        await environment.StartInstanceAsync(group.Servers[start], limit.Token);
        await environment.StartInstanceAsync(group.Servers[1 - start], limit.Token);
        return 2;
    }

    private sealed class SweepCount
    {
        public int Kills { get; set; }

        public int Sent { get; set; }

        public int Acknowledged { get; set; }

        public int Undecided { get; set; }
    }
}
