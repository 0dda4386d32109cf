using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.BackupFiles;
using BizTalkDR.Lab.Hosting;

namespace BizTalkDR.Benchmarks.Files;

/// <summary>
/// Verifies the content of a large backup, paired with sha256sum over the same file on the same processor; then as many files at once as there are
/// processors. The lab writes in this process, the measuring is done by others, so that memory is that of verifying.
/// </summary>
internal static class VerifyCommand
{
    private const double MostRatio = 1;
    private const int MostMegabytes = 64;

    public static async Task<int> RunAsync(string[] arguments, TextWriter output)
    {
        CommandLine line = CommandLine.Parse(arguments, ["--size-gb", "--rounds", "--file", "--at-once"], []);
        int gigabytes = line.Number("--size-gb", 1, 1, 64);
        int rounds = line.Number("--rounds", 7, 3, 1000);
        string rest = rounds.ToString(CultureInfo.InvariantCulture);
        if (line.Value("--file") is { } file && line.Value("--at-once") is not null)
            return AtOnce(file, rounds, output);
        if (line.Value("--file") is { } existing)
            return await PairsAsync(existing, rounds, output);
        string folder = Directory.CreateTempSubdirectory("biztalkdr-verify-").FullName;
        try
        {
            foreach (bool checksum in new[] { true, false })
            {
                string path = Path.Combine(folder, $"full{(checksum ? "-checksum" : string.Empty)}.bak");
                string instance = Path.Combine(folder, "instance");
                LabBackups.WriteFull(instance, path, gigabytes * (1L << 30), checksum);
                Directory.Delete(instance, recursive: true);
                await output.WriteLineAsync(Text($"The lab wrote a full backup of {new FileInfo(path).Length} bytes WITH {(checksum ? string.Empty : "NO_")}CHECKSUM."));
                int? core = OperatingSystem.IsLinux() && File.Exists("/usr/bin/taskset") ? Environment.ProcessorCount - 1 : null;
                await output.WriteLineAsync(core is null ? "There is no taskset: the two are not held to one processor." : Text($"Both on processor {core} alone:"));
                await OtherProcess.RunAsync(["verify", "--file", path, "--rounds", rest], core, output);
                await OtherProcess.RunAsync(["verify", "--file", path, "--rounds", rest, "--at-once", "all"], core: null, output);
            }

            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<int> PairsAsync(string file, int rounds, TextWriter output)
    {
        List<(Taken Verify, Taken Sum)> pairs = [];
        VerificationResult? result = null;
        for (int i = 0; i <= rounds; i++)
        {
            bool verifyFirst = i % 2 == 0;
            Taken first = verifyFirst ? Taken.By(() => result = Verify(file)) : await SumAsync(file);
            Taken second = verifyFirst ? await SumAsync(file) : Taken.By(() => result = Verify(file));
            if (i > 0)
                pairs.Add(verifyFirst ? (first, second) : (second, first));
        }

        foreach (CheckResult check in result!.Checks.Where(c => c.Check is BackupCheck.BackupChecksum or BackupCheck.PageChecksums or BackupCheck.LogBlocks))
            await output.WriteLineAsync("  " + check);
        double[] wall = [.. pairs.Select(p => p.Verify.WallSeconds / p.Sum.WallSeconds)];
        double[] processor = [.. pairs.Select(p => p.Verify.ProcessorSeconds / p.Sum.ProcessorSeconds)];
        double verify = Spread.MedianOf(pairs.Select(p => p.Verify.WallSeconds));
        await output.WriteLineAsync(Text($"  verify {verify:0.000} s ({result!.File!.LengthBytes / verify / 1e9:0.00} GB/s), sha256sum {Spread.MedianOf(pairs.Select(p => p.Sum.WallSeconds)):0.000} s; ratio median {Spread.MedianOf(wall):0.00} ({wall.Min():0.00} to {wall.Max():0.00}, {rounds} pairs); processor time {Spread.MedianOf(processor):0.00} ({processor.Min():0.00} to {processor.Max():0.00})"));
        using Process self = Process.GetCurrentProcess();
        double peak = (ProcessMemory.PeakOf(self) ?? 0) / 1048576.0;
        await output.WriteLineAsync(Text($"  peak memory {peak:0} MB. Promise: at most {MostRatio:0.0} times sha256sum, below {MostMegabytes} MB. {(Spread.MedianOf(wall) <= MostRatio && peak < MostMegabytes ? "Kept." : "NOT KEPT.")}"));
        return 0;
    }

    /// <summary>One file alone against as many at once as there are processors.</summary>
    private static int AtOnce(string file, int rounds, TextWriter output)
    {
        int processors = Environment.ProcessorCount;
        List<double> gains = [];
        List<double> dearer = [];
        for (int i = 0; i <= rounds; i++)
        {
            Taken one = Taken.By(() => Verify(file));
            Taken all = Taken.By(() => Parallel.For(0, processors, new ParallelOptions { MaxDegreeOfParallelism = processors }, _ => Verify(file)));
            if (i == 0)
                continue;
            gains.Add(processors * one.WallSeconds / all.WallSeconds);
            dearer.Add(all.ProcessorSeconds / processors / one.ProcessorSeconds);
        }

        using Process self = Process.GetCurrentProcess();
        output.WriteLine(Text($"  {processors} at once: {Spread.MedianOf(gains):0.00} times the throughput of one ({gains.Min():0.00} to {gains.Max():0.00}); processor time of each {Spread.MedianOf(dearer):0.00} times that of one alone ({dearer.Min():0.00} to {dearer.Max():0.00}); peak memory {(ProcessMemory.PeakOf(self) ?? 0) / 1048576.0:0} MB."));
        return 0;
    }

    private static VerificationResult Verify(string file)
    {
        VerificationResult result = BackupVerification.Run(file, new VerificationOptions { Level = VerificationLevel.Content });
        return result.HasFailed ? throw new InvalidOperationException(string.Join("; ", result.Checks)) : result;
    }

    private static async Task<Taken> SumAsync(string file)
    {
        double before = ChildrenSeconds();
        long began = Stopwatch.GetTimestamp();
        using Process sum = Process.Start(new ProcessStartInfo("sha256sum") { ArgumentList = { file }, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("sha256sum did not start.");
        await sum.StandardOutput.ReadToEndAsync();
        await sum.WaitForExitAsync();
        return new Taken(Stopwatch.GetElapsedTime(began).TotalSeconds, ChildrenSeconds() - before);
    }

    /// <summary>Processor time of the children that ended, to the hundredth of a second the kernel counts in.</summary>
    private static double ChildrenSeconds()
    {
        if (!OperatingSystem.IsLinux())
            return double.NaN;
        string stat = File.ReadAllText("/proc/self/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[13], CultureInfo.InvariantCulture) + long.Parse(fields[14], CultureInfo.InvariantCulture)) / 100.0;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
