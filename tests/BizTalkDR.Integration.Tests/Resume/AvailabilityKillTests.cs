using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using BizTalkDR.Errors;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Integration.Tests.Kill;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.RestoreProcess;
using Microsoft.Data.SqlClient;
using Xunit;
using Xunit.Abstractions;

namespace BizTalkDR.Integration.Tests.Resume;

/// <summary>
/// SIGKILL of the restoring process while members leave their availability groups and come back to them: at every line of the journal about groups, and in the middle of the statements that seed a copy.
/// A normal run takes a sample; BIZTALKDR_FULL_SWEEP=1 takes every line, before and after it is written, and every percentage message.
/// </summary>
[Collection("flows")]
public sealed class AvailabilityKillTests(BackedUpGroup shared, ITestOutputHelper output)
{
    [Fact]
    public async Task A_restore_that_is_killed_between_the_steps_of_availability_groups_is_resumed_to_the_same_end()
    {
        Stopwatch watch = Stopwatch.StartNew();
        await using SweepLab lab = await SweepLab.StartAsync(shared.Lab.Backups);
        RestoreRequest request = JoinedGroup.Create(lab.Destination, shared.Lab.Backups);

        // Connecting may take long on a busy machine, which is not what is tested.
        request = request with { Destinations = [.. request.Destinations.Select(Patient)], Replicas = request.Replicas.ToDictionary(r => r.Key, r => Patient(r.Value), StringComparer.OrdinalIgnoreCase) };
        RestorePlan Plan() => new RestorePreparer(FlowLab.Ports()).Prepare(request);

        RestoreEnd whole = await RestoreChild.RunAsync(lab.Destination["."], Order(lab, Plan(), lab.NewFile("jsonl")), lab.Destination.Environment.Password);
        Assert.Equal(0, whole.ExitCode);
        int[] counted = [.. whole.Said.Split(' ').Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
        Assert.InRange(counted[0], 24, 40);
        Assert.InRange(counted[1], 2, 1000);
        IReadOnlyList<string> members = Members(lab.Destination);
        IReadOnlyList<string> copies = JoinedGroup.ReadCopies(lab.Destination, GroupState.Content);

        Random random = new(CommitKillTests.Seed);
        EndPoint[] lines = [.. Enumerable.Range(1, counted[0]).SelectMany(l => new[] { new EndPoint(l, false, 0), new EndPoint(l, true, 0) })];
        EndPoint[] percents = [.. Enumerable.Range(1, counted[1]).Select(p => new EndPoint(0, false, p))];
        EndPoint[] chosen = CommitKillTests.IsFullSweep ? [.. lines, .. percents] : [lines[random.Next(lines.Length)], lines[random.Next(lines.Length)], percents[random.Next(percents.Length)]];
        int kills = 0;
        int twice = 0;
        List<string> failures = [];
        foreach (EndPoint point in chosen)
        {
            EndPoint? second = random.Next(3) == 0 ? new EndPoint(random.Next(1, 8), random.Next(2) == 0, 0) : null;
            RestorePlan plan = Plan();
            string journal = lab.NewFile("jsonl");
            int killed = await KillAsync(lab, plan, journal, point, second);
            kills += killed;
            twice += killed > 1 ? 1 : 0;
            string at = $"{point}{(second is null ? string.Empty : $", then {second}")}";
            if (killed == 0)
                failures.Add($"{at}: nothing was killed");
            try
            {
                lab.GoOn(plan, journal);
            }
            catch (RecoveryException error)
            {
                failures.Add($"{at}: not resumed: {error.Code}: {error.Message}");
                break;
            }

            failures.AddRange(JoinedGroup.States(lab.Destination).Except(JoinedGroup.InStep).Select(s => $"{at}: {s}"));
            failures.AddRange(Members(lab.Destination).Except(members).Select(s => $"{at}: another end: {s}"));
            failures.AddRange(JoinedGroup.ReadCopies(lab.Destination, GroupState.Content).Except(copies).Select(s => $"{at}: another copy: {s}"));
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {CommitKillTests.Seed}: {counted[0]} lines, {counted[1]} percentage messages; {chosen.Length} of {lines.Length + percents.Length} points, {kills} kills, {twice} restores killed twice, {failures.Count} failures; {watch.Elapsed.TotalSeconds:0} s"));
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    /// <summary>Kills a restore, and perhaps the one that resumes it.</summary>
    private static async Task<int> KillAsync(SweepLab lab, RestorePlan plan, string journal, EndPoint point, EndPoint? second)
    {
        RestoreOrder order = Order(lab, plan, journal);
        string folder = lab.Destination["."];
        string password = lab.Destination.Environment.Password;
        RestoreEnd end = await RestoreChild.RunAsync(folder, order with { EndAtLine = point.Line, AfterWrite = point.AfterWrite, EndAtPercent = point.Percent }, password);
        if (!end.WasKilled || second is null)
            return end.WasKilled ? 1 : 0;
        end = await RestoreChild.RunAsync(folder, order with { PlanFile = null, EndAtLine = second.Line, AfterWrite = second.AfterWrite }, password);
        return end.WasKilled ? 2 : 1;
    }

    private static SqlInstanceAddress Patient(SqlInstanceAddress address) => address with { ConnectTimeoutSeconds = 60 };

    private static RestoreOrder Order(SweepLab lab, RestorePlan plan, string journal) => lab.Order(plan, journal) with { Counted = "availability-" };

    /// <summary>Each member on the primary replica: how it stands, its newest mark, and every row.</summary>
    private static List<string> Members(Destination lab) => JoinedGroup.Rows(lab, "DR1", "SELECT name, state_desc, user_access_desc FROM sys.databases WHERE database_id > 4 ORDER BY name;")
        .Select(row =>
        {
            using SqlConnection open = lab.Open("DR1", row.Split('|')[0]);
            return $"{row}: {GroupState.Content(open)}";
        })
        .ToList();
}
