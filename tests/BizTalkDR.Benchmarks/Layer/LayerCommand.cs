using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Lab.Hosting;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Benchmarks.Layer;

/// <summary>Runs the pairs: A then B, B then A, and so on, so that whatever drifts meets both alike.</summary>
internal static class LayerCommand
{
    public static async Task<int> RunAsync(string[] arguments, TextWriter output)
    {
        CommandLine line = CommandLine.Parse(arguments, ["--size-mb", "--rounds", "--mb-per-second", "--json"], []);
        int size = line.Number("--size-mb", 64, 1, 16_384);
        int rounds = line.Number("--rounds", 15, 3, 1000);
        int? rate = line.Value("--mb-per-second") is null ? null : line.Number("--mb-per-second", 1, 1, 10_000);

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"A = through the layer, B = plain SqlCommand text. {size} MB of content, {rounds} pairs after one that is not counted.{(rate is null ? string.Empty : $" The volume takes {rate} MB/s.")}"));
        long began = Stopwatch.GetTimestamp();
        await using MemberLab lab = await MemberLab.StartAsync(size);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"The lab is filled ({Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s)."));

        if (rate is { } megabytes)
            lab.Limit(new RatedVolume(megabytes * 1048576.0, megabytes * 1048576.0));
        using SqlConnection helper = lab.Open();
        using LayerSide layer = new(lab.Address);
        using PlainSide plain = new(lab.Open());
        List<Pair> pairs = [];
        (long full, long log) = (0, 0);
        for (int i = 0; i <= rounds; i++)
        {
            bool layerFirst = i % 2 == 0;
            Round first = new(lab, layerFirst ? layer : plain, helper);
            IReadOnlyList<Cost> one = first.Run(2 * i);
            Round second = new(lab, layerFirst ? plain : layer, helper);
            IReadOnlyList<Cost> two = second.Run((2 * i) + 1);
            (full, log) = (first.FullBytes, first.LogBytes);
            if (i == 0)
                continue;
            Pair pair = layerFirst ? new Pair(i, "AB", one, two) : new Pair(i, "BA", two, one);
            pairs.Add(pair);
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  pair {i,3} {pair.Order}  A {Pair.Total(pair.Layer),10:0.0} ms   B {Pair.Total(pair.Plain),10:0.0} ms   A/B {pair.Ratio:0.000}"));
        }

        using Process self = Process.GetCurrentProcess();
        LayerReport report = new(size, full, log, pairs, ProcessMemory.PeakOf(self) ?? 0);
        report.Print(output);
        if (line.Value("--json") is { } file)
            await File.WriteAllTextAsync(file, report.ToJson());
        return 0;
    }
}

/// <summary>One run of each side, one right after the other.</summary>
internal sealed record Pair(int Number, string Order, IReadOnlyList<Cost> Layer, IReadOnlyList<Cost> Plain)
{
    public double Ratio => Total(Layer) / Total(Plain);

    public static double Total(IReadOnlyList<Cost> costs) => costs.Sum(cost => cost.Milliseconds);
}
