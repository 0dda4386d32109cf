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
    private const long MostAllocated = 48L << 20;

    [Fact]
    public void Never_crash_hang_or_exhaust_the_reader()
    {
        int count = Setting("BIZTALKDR_MUTATIONS", 10_000);
        int seed = Setting("BIZTALKDR_MUTATION_SEED", 20_240_506);
        List<MutationSeed> small = SmallSeeds();
        List<MutationSeed> large = LargeSeeds();
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var random = new Random(seed);
        var mutator = new Mutator(seed);
        var clock = Stopwatch.StartNew();
        TimeSpan slowest = TimeSpan.Zero;
        long hungriest = 0;
        for (int i = 0; i < count; i++)
        {
            List<MutationSeed> seeds = large.Count > 0 && random.Next(100) == 0 ? large : small;
            MutationSeed from = seeds[random.Next(seeds.Count)];
            byte[] bytes = mutator.Mutate(from);
            TimeSpan before = clock.Elapsed;
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            string outcome;
            try
            {
                outcome = Exercise(bytes);
            }
            catch (Exception e)
            {
                string kept = Path.Combine(Path.GetTempPath(), $"mutated-{seed}-{i}.bak");
                File.WriteAllBytes(kept, bytes);
                throw new InvalidOperationException($"Mutation {i} of seed {seed} from {from.Name}, kept in {kept}: {e.Message}", e);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            TimeSpan took = clock.Elapsed - before;
            slowest = took > slowest ? took : slowest;
            hungriest = Math.Max(hungriest, allocated);
            Assert.True(took < TimeSpan.FromSeconds(20), $"Mutation {i} of seed {seed} took {took}");
            Assert.True(allocated < MostAllocated, $"Mutation {i} of seed {seed} allocated {allocated} bytes");
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }

        output.WriteLine($"{count} mutations in {clock.Elapsed.TotalSeconds:0.0} s; slowest {slowest.TotalMilliseconds:0} ms; most allocated by one {hungriest / 1024} KB");
        foreach ((string outcome, int times) in outcomes)
            output.WriteLine($"{outcome}: {times}");
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

    private static List<MutationSeed> SmallSeeds()
    {
        var seeds = new List<MutationSeed>();
        byte[] log = Bad_input.SmallLog();
        seeds.Add(MutationSeed.Of("built log", log));
        seeds.Add(MutationSeed.Of("built compressed log", CompressedContainer.Wrap(log)));
        byte[] full = new BackupBuilder { Type = 'D', WithChecksum = true, Pages = new byte[131072] }.Build();
        seeds.Add(MutationSeed.Of("built full", full));
        seeds.AddRange(Samples.All.Where(name => new FileInfo(Samples.PathOf(name)).Length < 130_000).Select(name => MutationSeed.Of(name, Samples.Read(name))));
        string? folder = Environment.GetEnvironmentVariable("BIZTALKDR_MUTATION_FOLDER");
        if (!string.IsNullOrEmpty(folder))
            seeds.AddRange(Directory.EnumerateFiles(folder, "*.bak").Order(StringComparer.Ordinal).Select(file => MutationSeed.Of(file, File.ReadAllBytes(file))));
        return seeds;
    }

    private static List<MutationSeed> LargeSeeds() =>
        [.. Samples.All.Where(name => new FileInfo(Samples.PathOf(name)).Length >= 130_000).Select(name => MutationSeed.Of(name, Samples.Read(name)))];
}
