using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Tests.Restore.Differential;
using Microsoft.Data.SqlClient;
using Xunit;
using Xunit.Abstractions;

namespace BizTalkDR.Integration.Tests.Differential;

/// <summary>Seeded histories that really happen on the lab, whose files are lost, damaged and mixed up: planner, model and lab agree on what is possible and where it ends.</summary>
public sealed class PlannerModelAndLabTests(ITestOutputHelper output)
{
    private const int DefaultCases = 20;
    private const int DefaultSeed = 20261121;
    private const int MostEvents = 12;
    private const int MostDamage = 2;

    [Fact]
    public async Task Planner_model_and_lab_agree_on_every_case()
    {
        Stopwatch watch = Stopwatch.StartNew();
        int cases = Setting("BIZTALKDR_LAB_CASES", DefaultCases);
        int seed = Setting("BIZTALKDR_SEED", DefaultSeed);
        var tally = new LabTally();
        List<string> failures = [];
        using var scratch = new ScratchFolder();
        await using LabEnvironment environment = await LabEnvironment.StartAsync(LabFolder.Create(scratch["lab"], ["SRV1", @"SRV\INST_2", "DST"], 1, null), new LabEnvironmentOptions());
        Dictionary<string, LabServer> servers = environment.ConnectionStrings.ToDictionary(c => c.Key, c => new LabServer(c.Value), StringComparer.OrdinalIgnoreCase);
        try
        {
            for (int i = 0; i < cases; i++)
            {
                CaseRecipe recipe = CaseRecipe.FromSeed(seed + i, MostEvents, MostDamage);
                string folder = scratch[i.ToString(CultureInfo.InvariantCulture)];
                using (LabStage stage = new(folder, s => servers[s]))
                {
                    RestoreCase played = GroupHistory.Play(recipe, stage);
                    if (new LabCheck(played, stage, stage.LayOut(played), servers["DST"], FlowLab.At(environment.ConnectionStrings["DST"]), tally).Run() is { } difference)
                        failures.Add($"seed {seed + i}: {difference}\n{played}");
                }

                Directory.Delete(folder, recursive: true);
            }
        }
        finally
        {
            foreach (LabServer server in servers.Values)
                server.Dispose();
            SqlConnection.ClearAllPools();
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cases} cases from seed {seed}: {tally}; {watch.Elapsed.TotalSeconds:0} s"));
        Assert.True(failures.Count == 0, $"{failures.Count} of {cases} cases:\n{string.Join("\n\n", failures)}");
        Assert.True(tally.Restored > cases / 4, tally.ToString());
        Assert.True(tally.Refused > cases / 4, tally.ToString());
        Assert.True(tally.Quiesced > cases / 20, tally.ToString());
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
