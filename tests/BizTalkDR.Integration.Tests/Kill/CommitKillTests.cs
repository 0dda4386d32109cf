using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using Xunit;
using Xunit.Abstractions;

namespace BizTalkDR.Integration.Tests.Kill;

/// <summary>SIGKILL between any two syncs of a commit. A normal run takes a sample; BIZTALKDR_FULL_SWEEP=1 takes every point.</summary>
[Collection("Processes that are ended")]
public sealed class CommitKillTests(ITestOutputHelper output)
{
    private const int SampleSize = 8;
    private const int RestartSample = 1;
    private const int MarkedPairs = 6;

    /// <summary>Outcomes are known within a second or two; the bound leaves room for a busy machine and is below every timeout of the product.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(14);

    internal static bool IsFullSweep => Environment.GetEnvironmentVariable("BIZTALKDR_FULL_SWEEP") == "1";

    internal static int Seed => int.TryParse(Environment.GetEnvironmentVariable("BIZTALKDR_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out int seed) ? seed : 1;

    [Fact]
    public async Task A_commit_is_whole_wherever_a_process_ends()
    {
        Stopwatch watch = Stopwatch.StartNew();
        await using KillLab lab = await KillLab.StartAsync();
        CommitKiller killer = new(lab);
        List<KillResult> results = [];
        List<KillPoint> points = [];
        foreach ((CommitShape shape, bool fromSecond) in Commits())
        {
            KillResult counted = await killer.RunAsync(new KillPoint(shape, fromSecond, 0, 0));
            Assert.Empty(counted.Failures);
            output.WriteLine($"{shape}, coordinated by {KillLab.Server(fromSecond)}: {counted.CoordinatorSyncs} syncs there, {counted.ParticipantSyncs} at the participant");
            points.AddRange(PointsOf(shape, fromSecond, (int)counted.CoordinatorSyncs, (int)counted.ParticipantSyncs));
        }

        Random random = new(Seed);
        IReadOnlyList<KillPoint> chosen = IsFullSweep ? Sweep(points, random) : Sample(points, SampleSize, random);
        foreach (KillPoint point in chosen)
            results.Add(await RunAsync(killer, point, watch));
        foreach (KillPoint start in Restarts())
            await RunRestartsAsync(killer, start, random, results, watch);

        foreach (string server in (string[])[KillLab.Server(false), KillLab.Server(true)])
        {
            await lab.KillAsync(server);
            await lab.RestartAsync(server, 0);
        }

        IReadOnlyList<string> atEnd = await killer.CompareAllAsync();
        Report(results, watch.Elapsed);
        Assert.Empty(atEnd);
        Assert.All(results, r => Assert.Empty(r.Failures));
        Assert.All(results.Where(r => r.Point.Restart == 0), r => Assert.True(r.Kills > 0, $"{r.Point}: nothing ended"));
        Assert.All(results, r => Assert.True(r.Settled < _patience && r.NextMark < _patience, $"{r.Point}: settled after {r.Settled}, next mark after {r.NextMark}"));
    }

    private static IEnumerable<(CommitShape Shape, bool FromSecond)> Commits() =>
        Enum.GetValues<CommitShape>().SelectMany(shape => IsOverBoth(shape) ? new[] { (shape, false), (shape, true) } : [(shape, false)]);

    private static bool IsOverBoth(CommitShape shape) => shape is CommitShape.TwoInstances or CommitShape.MarkedTwoInstances;

    /// <summary>Every sync of either process, and every pair of syncs of both.</summary>
    private static IEnumerable<KillPoint> PointsOf(CommitShape shape, bool fromSecond, int here, int there)
    {
        for (int n = 1; n <= here; n++)
            yield return new KillPoint(shape, fromSecond, n, 0);
        if (!IsOverBoth(shape))
            yield break;
        for (int n = 1; n <= there; n++)
            yield return new KillPoint(shape, fromSecond, 0, n);
        for (int n = 1; n <= here; n++)
        {
            for (int m = 1; m <= there; m++)
                yield return new KillPoint(shape, fromSecond, n, m);
        }
    }

    /// <summary>Commits whose outcome is open when the process starts again: prepared, decided, in doubt.</summary>
    private static IEnumerable<KillPoint> Restarts() =>
    [
        new(CommitShape.TwoInstances, false, 2, 0),
        new(CommitShape.TwoInstances, false, 3, 0),
        new(CommitShape.TwoInstances, true, 0, 2),
        new(CommitShape.MarkedTwoInstances, false, 0, 3),
    ];

    private async Task<KillResult> RunAsync(CommitKiller killer, KillPoint point, Stopwatch watch)
    {
        TimeSpan from = watch.Elapsed;
        KillResult result = await killer.RunAsync(point);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{point}: {result.Kills} kills{(result.RestartKilled ? " and one while starting" : string.Empty)}, settled {result.Settled.TotalSeconds:0.00} s, next mark {result.NextMark.TotalSeconds:0.00} s, {(watch.Elapsed - from).TotalSeconds:0.0} s"));
        return result;
    }

    /// <summary>Every sync of every commit, every pair of a plain commit, some pairs of a marked one.</summary>
    private static IReadOnlyList<KillPoint> Sweep(List<KillPoint> points, Random random)
    {
        ILookup<bool, KillPoint> byKind = points.ToLookup(p => p is { Shape: CommitShape.MarkedTwoInstances, Coordinator: > 0, Participant: > 0 });
        return [.. byKind[false], .. byKind[true].OrderBy(_ => random.Next()).Take(MarkedPairs)];
    }

    private static IReadOnlyList<KillPoint> Sample(List<KillPoint> points, int count, Random random)
    {
        // One of each kind of commit first, then whatever the seed says.
        KillPoint[] shuffled = [.. points.OrderBy(_ => random.Next())];
        KillPoint[] first = [.. shuffled.DistinctBy(p => (p.Shape, p.FromSecond))];
        return [.. first.Concat(shuffled.Except(first)).Take(count)];
    }

    private async Task RunRestartsAsync(CommitKiller killer, KillPoint start, Random random, List<KillResult> results, Stopwatch watch)
    {
        if (!IsFullSweep)
        {
            if (results.Count(r => r.Point.Restart > 0) < RestartSample)
                results.Add(await RunAsync(killer, start with { Restart = random.Next(1, 6) }, watch));
            return;
        }

        KillResult last;
        int sync = 1;
        do
        {
            last = await RunAsync(killer, start with { Restart = sync++ }, watch);
            results.Add(last);
        }
        while (last.RestartKilled);
    }

    private void Report(List<KillResult> results, TimeSpan elapsed)
    {
        foreach (KillResult result in results.Where(r => r.Failures.Count > 0))
            output.WriteLine($"{result.Point}: {string.Join("; ", result.Failures)}");
        int kills = results.Sum(r => r.Kills + (r.RestartKilled ? 1 : 0));
        int syncs = results.SelectMany(r => new[]
        {
            (r.Point.Shape, r.Point.FromSecond, "coordinator", r.Point.Coordinator),
            (r.Point.Shape, r.Point.FromSecond, "participant", r.Point.Participant),
            (r.Point.Shape, r.Point.FromSecond, "restart " + (r.Point.Coordinator, r.Point.Participant), r.RestartKilled ? r.Point.Restart : 0),
        }).Where(s => s.Item4 > 0).Distinct().Count();
        int halves = results.Sum(r => r.Failures.Count(f => f.StartsWith("HALF", StringComparison.Ordinal)));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {Seed}: {results.Count} points, {kills} kills, {syncs} distinct syncs, {halves} halves, {results.Count(r => r.Failures.Count > 0)} failures"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"longest until settled {results.Max(r => r.Settled.TotalSeconds):0.00} s, longest next mark {results.Max(r => r.NextMark.TotalSeconds):0.00} s, {elapsed.TotalSeconds:0} s in all"));
    }
}
