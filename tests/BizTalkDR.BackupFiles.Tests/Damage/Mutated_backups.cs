using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace BizTalkDR.BackupFiles.Tests;

/// <summary>10,000 mutated backups in each run; as many as BIZTALKDR_MUTATIONS says, from the seed BIZTALKDR_MUTATION_SEED, also of the backups in BIZTALKDR_MUTATION_FOLDER, when asked for.</summary>
public class Mutated_backups(ITestOutputHelper output)
{
    /// <summary>Larger ones take longer and get one turn in a hundred.</summary>
    private const int SmallBytes = 130_000;
    private const long MostAllocated = 48L << 20;

    [Fact]
    public void Never_crash_hang_or_exhaust_the_reader()
    {
        int count = Setting("BIZTALKDR_MUTATIONS", 10_000);
        int seed = Setting("BIZTALKDR_MUTATION_SEED", 20_240_506);
        ILookup<bool, MutationSeed> bySize = Seeds().ToLookup(s => s.Bytes.Length < SmallBytes);
        List<MutationSeed> small = [.. bySize[true]];
        List<MutationSeed> large = [.. bySize[false]];
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var random = new Random(seed);
        var mutator = new Mutator(seed);
        var clock = Stopwatch.StartNew();
        TimeSpan slowest = TimeSpan.Zero;
        long hungriest = 0;
        var watch = new HangWatch();
        try
        {
            watch.Run(() =>
            {
                for (int i = 0; i < count; i++)
                {
                    List<MutationSeed> seeds = large.Count > 0 && random.Next(100) == 0 ? large : small;
                    MutationSeed from = seeds[random.Next(seeds.Count)];
                    byte[] bytes = mutator.Mutate(from);
                    watch.Begin($"Mutation {i} of seed {seed} from {from.Name}", bytes);
                    TimeSpan before = clock.Elapsed;
                    long allocated = GC.GetAllocatedBytesForCurrentThread();
                    string outcome;
                    try
                    {
                        outcome = Exercise(bytes);
                    }
                    catch (Exception e)
                    {
                        throw new InvalidOperationException($"Mutation {i} of seed {seed} from {from.Name}, kept in {Keep(bytes)}: {e.Message}", e);
                    }

                    allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
                    TimeSpan took = clock.Elapsed - before;
                    slowest = took > slowest ? took : slowest;
                    hungriest = Math.Max(hungriest, allocated);
                    Assert.True(allocated < MostAllocated, $"Mutation {i} of seed {seed} allocated {allocated} bytes");
                    outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
                }
            });
        }
        catch (HangException e)
        {
            Assert.Fail($"{e.Message}; kept in {Keep(e.Bytes)}");
        }

        output.WriteLine($"{count} mutations in {clock.Elapsed.TotalSeconds:0.0} s; slowest {slowest.TotalMilliseconds:0} ms; most allocated by one {hungriest / 1024} KB");
        foreach ((string outcome, int times) in outcomes)
            output.WriteLine($"{outcome}: {times}");
    }

    private static string Keep(byte[] bytes)
    {
        string kept = Path.Combine(Path.GetTempPath(), $"mutated-{Guid.NewGuid():N}.bak");
        File.WriteAllBytes(kept, bytes);
        return kept;
    }

    /// <summary>Does everything that can be done with a file.</summary>
    private static string Exercise(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        string outcome;
        try
        {
            BackupFile file = BackupFile.Open(stream, "SQL01_BTS_BizTalkMsgBoxDb_Log_BTS_2024_05_06_14_15_01_327.bak");
            int marks = 0;
            foreach (BackupSet set in file.Sets)
            {
                marks += set.ReadMarks().Take(100_000).Count();
                _ = set.ToString() + string.Join(',', set.Files.Select(f => f.ToString()));
            }

            _ = string.Join(',', file.Findings.Select(f => f.ToString()));
            outcome = file.IsComplete ? "walked whole" : "walked to the damage";
        }
        catch (BackupFileException e)
        {
            outcome = "refused: " + e.Error;
        }

        VerificationResult result = BackupVerification.Run(stream, "mutated");
        foreach (CheckResult check in result.Checks)
            _ = check.ToString();
        return $"{outcome}, verification {result.WorstOutcome}";
    }

    private static int Setting(string name, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value : fallback;

    /// <summary>What is mutated: built backups, the samples, and the backups of the folder that was asked for.</summary>
    private static IEnumerable<MutationSeed> Seeds()
    {
        byte[] log = Bad_input.SmallLog();
        yield return MutationSeed.Of("built log", log);
        yield return MutationSeed.Of("built compressed log", CompressedContainer.Wrap(log));
        yield return MutationSeed.Of("built full", new BackupBuilder { Type = 'D', WithChecksum = true, Pages = new byte[131072] }.Build());
        foreach (string name in Samples.All)
            yield return MutationSeed.Of(name, Samples.Read(name));
        string? folder = Environment.GetEnvironmentVariable("BIZTALKDR_MUTATION_FOLDER");
        if (string.IsNullOrEmpty(folder))
            yield break;
        foreach (string file in Directory.EnumerateFiles(folder, "*.bak", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            yield return MutationSeed.Of(Path.GetFileName(file), File.ReadAllBytes(file));
    }
}
