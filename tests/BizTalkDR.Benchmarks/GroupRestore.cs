using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security;
using System.Text.Json;
using System.Threading.Tasks;
using BizTalkDR.Backup;
using BizTalkDR.Groups;
using BizTalkDR.Lab.Group;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.SqlServer;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Benchmarks;

/// <summary>Restores a group whose members are sized 8:7:6:5:4:3:2:1 to a volume of a fixed rate: members at once (A) beside one after the other (B).</summary>
internal static class GroupRestore
{
    private const string Source = "LABSQL1";
    private const string Target = "DR1";
    private const int AtOnce = 4;
    private const double MostRatio = 1.1;
    private static readonly JsonSerializerOptions s_indented = new(JsonSerializerOptions.Web) { WriteIndented = true };

    public static async Task<int> RunAsync(string[] arguments, TextWriter output)
    {
        CommandLine line = CommandLine.Parse(arguments, ["--unit-mb", "--mb-per-second", "--rounds", "--json"], []);
        int unit = line.Number("--unit-mb", 16, 1, 1024);
        int rate = line.Number("--mb-per-second", 24, 1, 10_000);
        int rounds = line.Number("--rounds", 3, 1, 100);
        string path = Directory.CreateTempSubdirectory("biztalkdr-benchmark-").FullName;
        try
        {
            LabFolder folder = LabFolder.Create(Path.Combine(path, "lab"), [Source, Target], 1, null);
            await using LabEnvironment lab = await LabEnvironment.StartAsync(folder, new LabEnvironmentOptions { Faulted = defect => throw new InvalidOperationException("Defect of the lab.", defect) });
            await output.WriteLineAsync(Text($"A = {AtOnce} members at once, B = one after the other. Members of 8 to 1 times {unit} MB; the volume takes {rate} MB/s, one file a quarter of that. {rounds} pairs."));
            await BackUpAsync(lab, unit);
            var volume = new RatedVolume(rate * 1048576.0, rate * 1048576.0 / AtOnce);
            lab.Host(Target).Instance.Storage.BeforeWrite = volume.Write;
            List<GroupPair> pairs = [];
            for (int i = 0; i < rounds; i++)
            {
                GroupRun first = Restore(lab, path, volume, i % 2 == 0 ? AtOnce : 1);
                GroupRun second = Restore(lab, path, volume, i % 2 == 0 ? 1 : AtOnce);
                GroupPair pair = i % 2 == 0 ? new(first, second, rate) : new(second, first, rate);
                pairs.Add(pair);
                await output.WriteLineAsync(Text($"  pair {i + 1,2}  A {pair.Parallel.Seconds,7:0.00} s   B {pair.Serial.Seconds,7:0.00} s   longest member {pair.Serial.LongestMemberSeconds,6:0.00} s   {pair.Parallel.Bytes / 1048576.0,5:0} MB at {rate} MB/s {pair.VolumeSeconds,6:0.00} s   A/bound {pair.Ratio:0.000}"));
            }

            double ratio = Spread.MedianOf(pairs.Select(p => p.Ratio));
            await output.WriteLineAsync(Text($"Promise: A at most {MostRatio:0.0} times the longest member alone or all bytes at the volume's rate, whichever is more. {(ratio <= MostRatio ? "Kept" : "NOT KEPT")}: {ratio:0.000} (median). B takes {Spread.MedianOf(pairs.Select(p => p.Serial.Seconds / p.Parallel.Seconds)):0.00} times as long as A."));
            if (line.Value("--json") is { } file)
                await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { SchemaVersion = 1, UnitMegabytes = unit, MegabytesPerSecond = rate, Environment.ProcessorCount, Ratio = ratio, Pairs = pairs }, s_indented));
            return 0;
        }
        finally
        {
            SqlConnection.ClearAllPools();
            Directory.Delete(path, recursive: true);
        }
    }

    private static async Task BackUpAsync(LabEnvironment lab, int unit)
    {
        GroupDefinition usual = GroupDefinition.Default(Source, Source);
        GroupDefinition sized = usual with { Servers = [Source], Members = [.. usual.Members.Select((m, i) => m with { FillerBytes = (usual.Members.Count - i) * unit * 1048576L })] };
        await new GroupBuilder(sized, lab.ConnectionStrings).BuildAsync();
        SqlInstanceAddress source = At(lab, Source);
        using ISqlInstance management = SqlServerPorts.Create(NullRecoveryLog.Instance).Sql.Open(source);
        BizTalkGroup group = GroupDiscovery.Read(management, GroupDefinition.DefaultManagementDatabase);
        var known = new Dictionary<string, SqlInstanceAddress>(StringComparer.OrdinalIgnoreCase) { [Source] = source };
        new BackupRunner(SqlServerPorts.Create(NullRecoveryLog.Instance), new InstanceDirectory(source, known)).Run(BackupPlanner.Plan(group, new BackupRequest(BackupType.FullAndLog, lab.Folder.BackupFolder)));
    }

    private static GroupRun Restore(LabEnvironment lab, string path, RatedVolume volume, int parallelism)
    {
        RecoveryPorts ports = SqlServerPorts.Create(NullRecoveryLog.Instance);
        RestorePlan plan = new RestorePreparer(ports).Prepare(new RestoreRequest([lab.Folder.BackupFolder], [At(lab, Target)]));
        volume.Take();
        GC.Collect();
        long began = Stopwatch.GetTimestamp();
        using var journal = new RestoreJournalFile(Path.Combine(path, Guid.NewGuid().ToString("N") + ".jsonl"), ports.Clock);
        RestoreResult result = new RestoreRunner(ports) { Parallelism = parallelism }.Run(plan, journal);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        long bytes = volume.Take();
        using SqlConnection master = new(lab.ConnectionStrings[Target]);
        master.Open();
        foreach (MemberPlan member in plan.Members)
        {
            using SqlCommand drop = new($"ALTER DATABASE [{member.Database}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE [{member.Database}];", master);
            drop.ExecuteNonQuery();
        }

        return new GroupRun(seconds, bytes, result.Members.Max(m => m.Steps.Sum(s => s.Elapsed.TotalSeconds)));
    }

    private static SqlInstanceAddress At(LabEnvironment lab, string name)
    {
        SqlConnectionStringBuilder settings = new(lab.ConnectionStrings[name]);
        SecureString password = new();
        foreach (char c in settings.Password)
            password.AppendChar(c);
        return new SqlInstanceAddress(settings.DataSource) { Login = new SqlLogin(settings.UserID, password), TrustServerCertificate = true };
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>One restore of the whole group, from the first statement to the proof.</summary>
internal sealed record GroupRun(double Seconds, long Bytes, double LongestMemberSeconds);

/// <summary>Both ways, one right after the other.</summary>
internal sealed record GroupPair(GroupRun Parallel, GroupRun Serial, int MegabytesPerSecond)
{
    /// <summary>What the volume needs for all the bytes.</summary>
    public double VolumeSeconds => Parallel.Bytes / (MegabytesPerSecond * 1048576.0);

    /// <summary>The parallel restore beside the least it could take.</summary>
    public double Ratio => Parallel.Seconds / Math.Max(Serial.LongestMemberSeconds, VolumeSeconds);
}
