using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Errors;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Integration.Tests.Kill;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Restore;
using BizTalkDR.RestoreProcess;
using Microsoft.Data.SqlClient;
using Xunit;
using Xunit.Abstractions;

namespace BizTalkDR.Integration.Tests.Resume;

/// <summary>Where a restore is ended: at a line of its journal, or in the middle of a statement.</summary>
/// <param name="Line">Line of the journal; 0 = none.</param>
/// <param name="AfterWrite">Whether the line is on the disk by then.</param>
/// <param name="Percent">Percentage message; 0 = none.</param>
internal sealed record EndPoint(int Line, bool AfterWrite, int Percent)
{
    public override string ToString() => Percent > 0 ? $"percentage message {Percent}" : $"line {Line} {(AfterWrite ? "after" : "before")} it is written";
}

/// <summary>SIGKILL of the restoring process at every line of its journal and in the middle of statements. A normal run takes a sample; BIZTALKDR_FULL_SWEEP=1 takes every line, before and after it is written, and every percentage message of each statement.</summary>
[Collection("flows")]
public sealed class KillSweepTests(BackedUpGroup shared, ITestOutputHelper output)
{
    private const int SampleSize = 4;

    [Fact]
    public async Task A_restore_that_is_killed_anywhere_is_resumed_to_the_same_end()
    {
        Stopwatch watch = Stopwatch.StartNew();
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        (RestoreEnd whole, IReadOnlyList<string> state, IReadOnlyList<string> redo) = await lab.ReferenceAsync();
        int[] counted = [.. whole.Said.Split(' ').Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
        Assert.InRange(counted[0], 40, 200);
        Assert.InRange(counted[1], 8, 10_000);
        Assert.Equal(4, redo.Count);

        Random random = new(CommitKillTests.Seed);
        List<EndPoint> points = Points(counted[0], counted[1]);
        EndPoint[] chosen = CommitKillTests.IsFullSweep ? [.. points] : Sample(points, random);
        var decisions = new SortedDictionary<string, int>(StringComparer.Ordinal);
        int killed = 0;
        int twice = 0;
        int looks = 0;
        List<string> failures = [];
        foreach (EndPoint point in chosen)
        {
            // Every third resumed run is killed as well.
            EndPoint? second = random.Next(3) == 0 ? new EndPoint(random.Next(1, 30), random.Next(2) == 0, 0) : null;
            SweepResult result = await lab.RunAsync(point, second);
            killed += result.Kills;
            twice += result.Kills > 1 ? 1 : 0;
            foreach (string decision in result.Decisions)
                decisions[decision] = decisions.GetValueOrDefault(decision) + 1;
            looks += result.Looks;
            failures.AddRange(Faults(point, second, result, state, redo));
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {CommitKillTests.Seed}: {counted[0]} lines, {counted[1]} percentage messages; {chosen.Length} of {points.Count} points, {killed} kills, {twice} restores killed twice, {looks} looks in between; decisions: {string.Join(", ", decisions.Select(d => $"{d.Key} {d.Value}"))}; {watch.Elapsed.TotalSeconds:0} s"));
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static IEnumerable<string> Faults(EndPoint point, EndPoint? second, SweepResult result, IReadOnlyList<string> state, IReadOnlyList<string> redo)
    {
        string at = $"{point}{(second is null ? string.Empty : $", then {second}")}";
        if (result.Kills == 0)
            yield return $"{at}: nothing was killed: {result.Said}";
        foreach (string fault in result.Faults)
            yield return $"{at}: {fault}";
        if (!state.SequenceEqual(result.State))
            yield return $"{at}: another end: {string.Join("; ", result.State.Except(state))}";

        // A point behind the gate leaves no new gate for members that are recovered: theirs is from the run before.
        if (!redo.SequenceEqual(result.RedoLsns))
            yield return $"{at}: stood at {string.Join(", ", result.RedoLsns)} instead of {string.Join(", ", redo)}";
    }

    private static List<EndPoint> Points(int lines, int percents) =>
    [
        .. Enumerable.Range(1, lines).SelectMany(l => new[] { new EndPoint(l, false, 0), new EndPoint(l, true, 0) }),
        .. Enumerable.Range(1, percents).Select(p => new EndPoint(0, false, p)),
    ];

    /// <summary>One in the middle of a statement, the others at lines.</summary>
    private static EndPoint[] Sample(List<EndPoint> points, Random random)
    {
        EndPoint[] percents = [.. points.Where(p => p.Percent > 0)];
        EndPoint[] lines = [.. points.Where(p => p.Percent == 0)];
        random.Shuffle(lines);
        return [percents[random.Next(percents.Length)], .. lines.Take(SampleSize - 1)];
    }
}
