using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

namespace BizTalkDR.Integration.Tests.Kill;

/// <summary>Power fails under load: what was not synced is lost, sector by sector and name by name. BIZTALKDR_POWER_LOSSES says how often.</summary>
[Collection("Processes that are ended")]
public sealed class PowerLossTests(ITestOutputHelper output)
{
    private const int LossesPerLab = 25;

    private static int Losses => int.TryParse(Environment.GetEnvironmentVariable("BIZTALKDR_POWER_LOSSES"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 12;

    [Fact]
    public void What_was_acknowledged_survives_a_power_loss_and_nothing_is_half_there()
    {
        Stopwatch watch = Stopwatch.StartNew();
        List<string> failures = [];
        PowerLossCount count = new();
        for (int first = 0; first < Losses && failures.Count == 0; first += LossesPerLab)
        {
            using PowerLossLab lab = new(CommitKillTests.Seed + first, count);
            for (int i = 0; i < LossesPerLab && first + i < Losses; i++)
            {
                lab.RunUntilPowerFails();
                IReadOnlyList<string> wrong = lab.StartAgain();
                failures.AddRange(wrong.Select(w => string.Create(CultureInfo.InvariantCulture, $"seed {CommitKillTests.Seed + first}, loss {i}: {w}")));
                if (wrong.Count > 0)
                    break;
            }
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {CommitKillTests.Seed}: {count.Losses} power losses, {count.LossesAtStart} of them while starting, {count.Sent} transactions, {count.Acknowledged} acknowledged, {count.Kept} of the others there, {watch.Elapsed.TotalSeconds:0} s"));
        failures.ForEach(output.WriteLine);
        Assert.Empty(failures);
        Assert.True(count.Acknowledged > 0 && count.Sent > count.Acknowledged, "No transaction was under way when the power failed: the test shows nothing.");
    }
}
