using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.BackupFiles;
using BizTalkDR.Files;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Ports;

namespace BizTalkDR.Benchmarks.Files;

/// <summary>
/// Reads the headers of many log backups the lab wrote, paired with a program that only opens each file and reads as many bytes. The lab writes in
/// this process, the reading is measured in a second one, so that its memory is that of reading.
/// </summary>
internal static class HeadersCommand
{
    private const int MostBytes = 64 * 1024;

    /// <summary>What the reader takes of a file at first.</summary>
    private const int HeadBytes = 16 * 1024;
    private const double MostRatio = 1.5;

    /// <summary>Passes over all files that are not counted: until then code is being compiled.</summary>
    private const int WarmUps = 4;
    private static readonly double[] s_shares = [0.25, 0.5, 1];

    public static async Task<int> RunAsync(string[] arguments, TextWriter output)
    {
        CommandLine line = CommandLine.Parse(arguments, ["--files", "--rounds", "--folder"], []);
        int count = line.Number("--files", 13_440, 4, 1_000_000);
        int rounds = line.Number("--rounds", 11, 3, 1000);
        if (line.Value("--folder") is { } existing && Directory.Exists(existing))
            return Measure(existing, rounds, output);
        bool keep = line.Value("--folder") is not null;
        string folder = line.Value("--folder") is { } asked ? Directory.CreateDirectory(asked).FullName : Directory.CreateTempSubdirectory("biztalkdr-headers-").FullName;
        try
        {
            long began = Stopwatch.GetTimestamp();
            LabBackups.WriteLogs(folder, count);
            await output.WriteLineAsync(Text($"The lab wrote {count} log backups in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s."));
            return await OtherProcess.RunAsync(["headers", "--folder", folder, "--rounds", Text($"{rounds}")], core: null, output);
        }
        finally
        {
            if (!keep)
                Directory.Delete(folder, recursive: true);
        }
    }

    private static int Measure(string folder, int rounds, TextWriter output)
    {
        string[] files = [.. Directory.EnumerateFiles(folder, "*.bak").Order(StringComparer.Ordinal)];
        (int[] bytes, long size) = Survey(files);
        output.WriteLine(Text($"{files.Length} files of {size / 1024.0 / files.Length:0} KB on average; bytes read of a file: median {Spread.MedianOf(bytes.Select(b => (double)b)):0}, least {bytes.Min()}, most {bytes.Max()}."));
        output.WriteLine("A = headers; B = open and read the same bytes, head and end; C = open and read as many bytes from the start in one read; each on one thread, B and C with one buffer. D = what Get-BizTalkBackupFile does with its default of four files at a time. All files are in the system's cache.");
        for (int i = 0; i < WarmUps; i++)
        {
            Headers(files);
            HeadAndEnd(files, bytes);
            Start(files, bytes);
            Product(files);
        }

        List<(double Share, double Seconds)> scaling = [];
        Spread ratio = new(0, 0, 0);
        foreach (double share in s_shares)
        {
            string[] some = [.. files.Where((_, i) => (long)(i * share) != (long)((i + 1) * share))];
            int[] few = [.. bytes.Where((_, i) => (long)(i * share) != (long)((i + 1) * share))];
            (ratio, double seconds) = Rounds(some, few, rounds, output);
            scaling.Add((share, seconds));
        }

        double linear = scaling.Max(s => s.Seconds / s.Share) / scaling.Min(s => s.Seconds / s.Share);
        output.WriteLine(Text($"Per file at 1x, 2x, 4x: {string.Join(", ", scaling.Select(s => Text($"{s.Seconds / (files.Length * s.Share) * 1e6:0.0} µs")))}; the dearest costs {linear:0.00} times the cheapest."));
        using Process self = Process.GetCurrentProcess();
        output.WriteLine(Text($"Peak memory of this process: {(ProcessMemory.PeakOf(self) ?? 0) / 1048576.0:0} MB."));
        bool kept = ratio.Median <= MostRatio && bytes.Max() <= MostBytes;
        output.WriteLine(Text($"Promise: at most {MostBytes} bytes of a file, and at most {MostRatio:0.0} times the plain program B. {(kept ? "Kept." : "NOT KEPT.")}"));
        return 0;
    }

    /// <summary>Reads every file once: to know how many bytes that takes, and that all of them are read whole.</summary>
    private static (int[] Bytes, long Size) Survey(string[] files)
    {
        int[] bytes = new int[files.Length];
        long size = 0;
        HashSet<Guid> sets = [];
        for (int i = 0; i < files.Length; i++)
        {
            BackupFile file = BackupFile.Open(files[i]);
            if (!file.IsComplete || file.Findings.Count > 0 || !sets.Add(file.Sets[0].BackupSetGuid.Value))
                throw new InvalidOperationException($"{files[i]} is not a whole and new backup: {string.Join("; ", file.Findings)}");
            bytes[i] = (int)file.HeaderBytesRead;
            size += file.LengthBytes;
        }

        return (bytes, size);
    }

    private static (Spread Ratio, double Seconds) Rounds(string[] files, int[] bytes, int rounds, TextWriter output)
    {
        Action[] work = [() => Headers(files), () => HeadAndEnd(files, bytes), () => Start(files, bytes), () => Product(files)];
        List<Taken[]> all = [];
        for (int i = 0; i < rounds; i++)
        {
            Taken[] taken = new Taken[work.Length];
            for (int k = 0; k < work.Length; k++)
                taken[(i + k) % work.Length] = Taken.By(work[(i + k) % work.Length]);
            all.Add(taken);
        }

        string[] millis = [.. work.Select((_, k) => Text($"{Letter(k)} {Spread.MedianOf(all.Select(t => t[k].WallSeconds)) * 1000,6:0.0}"))];
        output.WriteLine(Text($"{files.Length,7} files, ms: {string.Join("  ", millis)}; {Ratio(all, 0, 1)}; {Ratio(all, 0, 2)}; {Ratio(all, 3, 2)}"));
        return (WallRatio(all, 0, 1), Spread.MedianOf(all.Select(t => t[0].WallSeconds)));
    }

    private static string Ratio(List<Taken[]> all, int one, int other)
    {
        Spread wall = WallRatio(all, one, other);
        double processor = Spread.MedianOf(all.Select(t => t[one].ProcessorSeconds / t[other].ProcessorSeconds));
        return Text($"{Letter(one)}/{Letter(other)} median {wall.Median:0.00} ({wall.Low:0.00} to {wall.High:0.00}), of processor time {processor:0.00}");
    }

    private static Spread WallRatio(List<Taken[]> all, int one, int other)
    {
        double[] ratios = [.. all.Select(t => t[one].WallSeconds / t[other].WallSeconds)];
        return new Spread(Spread.MedianOf(ratios), ratios.Min(), ratios.Max());
    }

    private static char Letter(int k) => (char)('A' + k);

    private static void Headers(string[] files)
    {
        foreach (string file in files)
        {
            if (!BackupFile.Open(file, options: null, CancellationToken.None).IsComplete)
                throw new InvalidOperationException(file);
        }
    }

    private static void Product(string[] files)
    {
        int read = new BackupFileReader(NullRecoveryLog.Instance).Read(files).Count(r => r.Error is null && r.Backups.Count == 1);
        if (read != files.Length)
            throw new InvalidOperationException($"{files.Length - read} files were not read whole.");
    }

    private static void HeadAndEnd(string[] files, int[] bytes)
    {
        byte[] buffer = new byte[bytes.Max()];
        for (int i = 0; i < files.Length; i++)
        {
            using FileStream stream = Open(files[i]);
            int head = Math.Min(HeadBytes, bytes[i]);
            stream.ReadExactly(buffer, 0, head);
            stream.Position = stream.Length - (bytes[i] - head);
            stream.ReadExactly(buffer, 0, bytes[i] - head);
        }
    }

    private static void Start(string[] files, int[] bytes)
    {
        byte[] buffer = new byte[bytes.Max()];
        for (int i = 0; i < files.Length; i++)
        {
            using FileStream stream = Open(files[i]);
            stream.ReadExactly(buffer, 0, bytes[i]);
        }
    }

    private static FileStream Open(string file) => new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
