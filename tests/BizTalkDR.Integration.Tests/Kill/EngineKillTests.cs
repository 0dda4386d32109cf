using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Lab.Hosting;
using Xunit;
using Xunit.Abstractions;

namespace BizTalkDR.Integration.Tests.Kill;

/// <summary>SIGKILL of a process with two instances, at any moment of its start or its work. BIZTALKDR_ENGINE_KILLS says how often.</summary>
[Collection("Processes that are ended")]
public sealed class EngineKillTests(ITestOutputHelper output)
{
    private const int KillsPerLab = 50;
    private const int IdsPerStart = 100_000;

    private static int Kills => int.TryParse(Environment.GetEnvironmentVariable("BIZTALKDR_ENGINE_KILLS"), NumberStyles.None, CultureInfo.InvariantCulture, out int kills) ? kills : 12;

    [Fact]
    public async Task What_was_acknowledged_survives_a_kill_at_any_moment_and_nothing_is_half_there()
    {
        Stopwatch watch = Stopwatch.StartNew();
        (int Kills, int AtStart, int Sent, int Acknowledged, int Kept) count = default;
        for (int first = 0; first < Kills; first += KillsPerLab)
        {
            string root = Directory.CreateTempSubdirectory("engine-kill-").FullName;
            try
            {
                EngineLedger ledger = new();
                Random random = new(CommitKillTests.Seed + first);
                int kills = Math.Min(KillsPerLab, Kills - first);
                for (int i = 0; i <= kills; i++)
                {
                    bool started = await RunAsync(root, ledger, random, i, isLast: i == kills);
                    count.Kills += i == kills ? 0 : 1;
                    count.AtStart += started ? 0 : 1;
                }

                count.Sent += ledger.SentCount;
                count.Acknowledged += ledger.AcknowledgedCount;
                count.Kept += ledger.KeptCount;
            }
            finally
            {
                Directory.Delete(root, recursive: true);
            }
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {CommitKillTests.Seed}: {count.Kills} SIGKILLs, {count.AtStart} of them while starting, {count.Sent} transactions, {count.Acknowledged} acknowledged, {count.Kept} of the others there, {watch.Elapsed.TotalSeconds:0} s"));
        Assert.True(count.Acknowledged > 0 && count.Sent > count.Acknowledged, "No transaction was under way when the process was killed: the test shows nothing.");
    }

    /// <summary>Starts the process, compares what it finds, and kills it: after so many syncs by itself, or from here after so many words.</summary>
    /// <returns>Whether it came to work.</returns>
    private static async Task<bool> RunAsync(string root, EngineLedger ledger, Random random, int start, bool isLast)
    {
        ProcessStartInfo info = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet") { RedirectStandardOutput = true };
        foreach (string argument in (string[])["exec", typeof(EngineKillTests).Assembly.Location, EngineProgram.Command, root, random.Next().ToString(CultureInfo.InvariantCulture), ((start * IdsPerStart) + 1).ToString(CultureInfo.InvariantCulture)])
            info.ArgumentList.Add(argument);
        int lines = random.Next(1, 150);
        if (start > 0 && !isLast && random.Next(2) == 0)
            info.Environment[SuddenEnd.Variable] = random.Next(1, 60).ToString(CultureInfo.InvariantCulture);

        using Process process = Process.Start(info)!;
        List<HashSet<int>> found = [];
        bool isReady = false;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            string[] words = line.Split(' ', 3);
            switch (words[0])
            {
                case "FOUND":
                    found.Add([.. words[2].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))]);
                    break;
                case EngineProgram.Ready:
                    isReady = true;
                    IReadOnlyList<string> wrong = ledger.Compare(found);
                    if (wrong.Count > 0)
                        Assert.Fail($"seed {CommitKillTests.Seed}, start {start}: {string.Join("; ", wrong.Take(20))}");
                    break;
                case "S":
                    ledger.Sent(int.Parse(words[1], CultureInfo.InvariantCulture), [.. words[2].Split(',').Select(d => int.Parse(d, CultureInfo.InvariantCulture))]);
                    break;
                case "A":
                    ledger.Acknowledged(int.Parse(words[1], CultureInfo.InvariantCulture));
                    break;
                default:
                    process.Kill();
                    Assert.Fail($"seed {CommitKillTests.Seed}, start {start}: {line}");
                    break;
            }

            if (isReady && (isLast || --lines == 0))
                process.Kill();
        }

        await process.WaitForExitAsync();
        Assert.True(isReady || process.ExitCode != 0);
        return isReady;
    }
}
