using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using BizTalkDR.Lab.Hosting;

namespace BizTalkDR.Benchmarks;

/// <summary>Runs the drill as an operator does and looks at its clock and its memory from outside.</summary>
internal static class DrillTime
{
    private const double MostSeconds = 60;
    private const long MostBytes = 1L << 30;
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(20);
    private static readonly JsonSerializerOptions s_indented = new(JsonSerializerOptions.Web) { WriteIndented = true };

    public static async Task<int> RunAsync(string[] arguments, TextWriter output)
    {
        CommandLine line = CommandLine.Parse(arguments, ["--seeds", "--json"], []);
        List<DrillFigures> runs = [];
        await output.WriteLineAsync("  seed   exit    wall s   peak MB");
        foreach (int seed in Seeds(line.Value("--seeds") ?? "1..3"))
        {
            DrillFigures run = await MeasureAsync(seed);
            runs.Add(run);
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{run.Seed,6} {run.ExitCode,6} {run.WallSeconds,9:0.00} {run.PeakBytes / 1048576.0,9:0.0}"));
        }

        bool kept = runs.All(r => r.ExitCode == 0 && r.WallSeconds < MostSeconds && r.PeakBytes < MostBytes);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Promise: exit 0, < {MostSeconds:0} s, < {MostBytes / 1048576:0} MB. {(kept ? "Kept in every run." : "NOT KEPT.")}"));
        if (line.Value("--json") is { } file)
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { SchemaVersion = 1, Environment.ProcessorCount, Kept = kept, Runs = runs }, s_indented));
        return runs.All(r => r.ExitCode == 0) ? 0 : 1;
    }

    private static async Task<DrillFigures> MeasureAsync(int seed)
    {
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "BizTalkDR.Lab.dll"), "drill", "--seed", seed.ToString(CultureInfo.InvariantCulture) },
        };
        long began = Stopwatch.GetTimestamp();
        using Process drill = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        Task<string> said = drill.StandardOutput.ReadToEndAsync();
        Task<string> complained = drill.StandardError.ReadToEndAsync();
        Task ended = drill.WaitForExitAsync();
        long peak = 0;
        do
        {
            // The kernel keeps the high-water mark itself: only what is used after the last look can be missed.
            peak = Math.Max(peak, ProcessMemory.PeakOf(drill) ?? 0);
        }
        while (await Task.WhenAny(ended, Task.Delay(s_lookEvery)) != ended);

        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (drill.ExitCode != 0)
            await Console.Error.WriteLineAsync(await said + await complained);
        return new DrillFigures(seed, drill.ExitCode, seconds, peak);
    }

    private static IEnumerable<int> Seeds(string text)
    {
        string[] ends = text.Split("..");
        return ends.Length is 1 or 2
            && int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
            && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int last)
            && first <= last
                ? Enumerable.Range(first, last - first + 1)
                : throw new UsageException($"--seeds needs a range such as 1..3, not '{text}'.");
    }

    private sealed record DrillFigures(int Seed, int ExitCode, double WallSeconds, long PeakBytes);
}
