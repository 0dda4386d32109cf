using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using BizTalkDR.BackupFiles;
using BizTalkDR.BackupFiles.Tests;

namespace BizTalkDR.Fuzzing;

/// <summary>Mutates backups and keeps every mutant that takes a way through the reader that none before took, to mutate it further.</summary>
internal sealed class FuzzLoop(int seed, TextWriter output)
{
    private const int LargestInput = 128 * 1024;
    private const long MostAllocated = 48L << 20;

    private readonly byte[] _seen = new byte[Coverage.Places];
    private readonly List<MutationSeed> _corpus = [];
    private readonly Random _random = new(seed);
    private readonly Mutator _mutator = new(seed);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly HangWatch _watch = new();
    private long _runs;

    /// <returns>Number of inputs that broke a promise; each is kept as a file. A hang ends the loop.</returns>
    public int Run(IEnumerable<(string Name, byte[] Bytes)> seeds, TimeSpan time)
    {
        int broken = 0;
        try
        {
            _watch.Run(() => broken = Loop(seeds, time));
        }
        catch (HangException e)
        {
            broken += Keep(e.Bytes, e.Message);
        }

        return broken;
    }

    private int Loop(IEnumerable<(string Name, byte[] Bytes)> seeds, TimeSpan time)
    {
        int broken = 0;
        foreach ((string name, byte[] bytes) in seeds.Where(s => s.Bytes.Length <= LargestInput))
            broken += Try(name, bytes, always: true);
        int first = _corpus.Count;
        Report();
        TimeSpan next = TimeSpan.FromSeconds(30);
        while (_clock.Elapsed < time)
        {
            // The newest are tried more often: they are where new ways were found.
            int from = _random.Next(2) == 0 ? _random.Next(_corpus.Count) : _corpus.Count - 1 - _random.Next(Math.Min(32, _corpus.Count));
            byte[] bytes = _mutator.Mutate(_corpus[from]);
            if (bytes.Length is 0 or > LargestInput)
                continue;
            if (_random.Next(2) == 0)
                Sealing.Apply(bytes);
            broken += Try(_corpus[from].Name, bytes, always: false);
            if (_clock.Elapsed < next)
                continue;
            Report();
            next += TimeSpan.FromSeconds(30);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_runs} inputs, {_corpus.Count - first} of them kept beside {first} seeds, {_seen.Count(s => s != 0)} ways, {broken} broken promises."));
        return broken;
    }

    private int Try(string name, byte[] bytes, bool always)
    {
        Coverage.Clear();
        _runs++;
        _watch.Begin(name, bytes);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        string? wrong = null;
        try
        {
            Exercise(bytes);
        }
#pragma warning disable CA1031 // Whatever escapes is what is looked for.
        catch (Exception e)
#pragma warning restore CA1031
        {
            wrong = e.ToString();
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (wrong is null && allocated > MostAllocated)
            wrong = $"allocated {allocated} bytes";
        if (Coverage.Learn(_seen) > 0 || always)
            _corpus.Add(MutationSeed.Of(name, bytes));
        return wrong is null ? 0 : Keep(bytes, $"from {name}: {wrong}");
    }

    private int Keep(byte[] bytes, string wrong)
    {
        string kept = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"fuzzed-{seed}-{_runs}.bak"));
        File.WriteAllBytes(kept, bytes);
        output.WriteLine($"{kept} {wrong}");
        return 1;
    }

    private static void Exercise(byte[] bytes)
    {
        using MemoryStream stream = new(bytes);
        try
        {
            BackupFile file = BackupFile.Open(stream, "SQL01_BTS_BizTalkMsgBoxDb_Log_BTS_2024_05_06_14_15_01_327.bak");
            foreach (BackupSet set in file.Sets)
                _ = set.ReadMarks().Take(100_000).Count() + set.ToString().Length;
        }
        catch (BackupFileException)
        {
            // A named refusal is what a wrong file deserves.
        }

        _ = BackupVerification.Run(stream, "fuzzed").WorstOutcome;
    }

    private void Report() =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_clock.Elapsed.TotalSeconds,6:0} s {_runs,9} inputs {_corpus.Count,6} kept {_seen.Count(s => s != 0),6} ways"));
}
