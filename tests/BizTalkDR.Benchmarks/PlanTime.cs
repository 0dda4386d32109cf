using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using BizTalkDR.Catalogue;
using BizTalkDR.Lab.Hosting;
using BizTalkDR.Ports;
using BizTalkDR.Restore;

namespace BizTalkDR.Benchmarks;

/// <summary>Times planning over a catalogue that is in memory: 10 members, a mark each 15 minutes, a full each day.</summary>
internal static class PlanTime
{
    private const int Members = 10;
    private const int MarksADay = 96;
    private const double MostSeconds = 0.5;
    private const long MostBytes = 100L << 20;
    private static readonly JsonSerializerOptions s_indented = new(JsonSerializerOptions.Web) { WriteIndented = true };

    public static async Task<int> RunAsync(string[] arguments, TextWriter output)
    {
        CommandLine line = CommandLine.Parse(arguments, ["--sets", "--json"], []);
        int files = int.TryParse(line.Value("--sets") ?? "13440", NumberStyles.None, CultureInfo.InvariantCulture, out int given) && given >= Members ? given : throw new UsageException("--sets takes a number of log files, 10 or more.");
        List<PlanFigures> runs = [];
        await output.WriteLineAsync("  files   index s    plan s  points s   allocated MB   kept MB");
        Measure(Headers(Math.Min(files, 1000)));
        foreach (int times in new[] { 1, 2, 4 })
        {
            PlanFigures run = Measure(Headers(files * times));
            runs.Add(run);
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{run.Files,7} {run.CatalogueSeconds,9:0.000} {run.PlanSeconds,9:0.000} {run.PointsSeconds,9:0.000} {run.AllocatedBytes / 1048576.0,14:0.0} {run.KeptBytes / 1048576.0,9:0.0}"));
        }

        double total = runs[0].CatalogueSeconds + runs[0].PlanSeconds;
        bool kept = total < MostSeconds && runs[0].AllocatedBytes < MostBytes;
        double growth = (runs[2].CatalogueSeconds + runs[2].PlanSeconds) / total;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Promise: index and plan < {MostSeconds:0.0} s and < {MostBytes / 1048576:0} MB allocated at 1x. {(kept ? "Kept" : "NOT KEPT")}: {total:0.000} s. Four times the files took {growth:0.0} times as long."));
        if (line.Value("--json") is { } file)
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { SchemaVersion = 1, Environment.ProcessorCount, Kept = kept, Runs = runs }, s_indented));
        return 0;
    }

    /// <summary>From headers at hand (a warm catalogue) to the plan to the newest mark; then, apart, every recovery point.</summary>
    private static PlanFigures Measure(List<MediaBackup> backups)
    {
        GC.Collect();
        long heap = GC.GetTotalMemory(forceFullCollection: true);
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long began = Stopwatch.GetTimestamp();
        BackupCatalogue catalogue = new(backups);
        double index = Stopwatch.GetElapsedTime(began).TotalSeconds;
        began = Stopwatch.GetTimestamp();
        RecoveryPoint point = RecoveryPoints.PointOf(catalogue, catalogue.Sets.Last(s => s.Mark is not null).Mark!);
        RestorePlan plan = PlanOf(catalogue, point);
        double planned = Stopwatch.GetElapsedTime(began).TotalSeconds;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        long kept = GC.GetTotalMemory(forceFullCollection: true) - heap;
        if (plan.Members.Count != Members)
            throw new InvalidOperationException($"The plan has {plan.Members.Count} members.");
        began = Stopwatch.GetTimestamp();
        IReadOnlyList<RecoveryPoint> points = RecoveryPointList.Of(catalogue, DateTime.UnixEpoch, []);
        double listed = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (points.Any(p => !p.IsReachable))
            throw new InvalidOperationException("A point is not reachable.");
        return new PlanFigures(backups.Count, index, planned, listed, allocated, kept);
    }

    private static RestorePlan PlanOf(BackupCatalogue catalogue, RecoveryPoint point) => RestorePlanner.Plan(new RestorePlanInput(
        catalogue,
        point,
        new RestoreRequest(["/b"], [new SqlInstanceAddress("DST")]),
        [new DestinationFacts(new SqlInstanceAddress("DST"), new SqlInstanceIdentity("DST", new Version(16, 0), "Developer", "/data/", "/log/", TimeSpan.Zero), [])],
        point.Chains.ToDictionary(c => c.Member, c => new MarkPosition(new LogPosition(c.Last.Header.LastLsn.Value - 2), new LogPosition(c.Last.Header.LastLsn.Value - 1), MarkCertainty.Exact, "made up")),
        point.Chains.ToDictionary(c => c.Member, c => (IReadOnlyList<BackupDataFile>)[])));

    private static List<MediaBackup> Headers(int files)
    {
        List<MediaBackup> backups = [];
        for (int member = 0; member < Members; member++)
        {
            Guid family = Guid.NewGuid();
            Guid fork = Guid.NewGuid();
            decimal lsn = 1000;
            decimal logged = lsn;
            DateTime time = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);
            for (int log = 0; log < files / Members; log++, time = time.AddMinutes(15))
            {
                if (log % MarksADay == 0)
                {
                    backups.Add(Backup(member, MediaBackupKind.Full, lsn, lsn + 50, time, family, fork));
                    lsn += 50;
                }

                lsn += 100;
                backups.Add(Backup(member, MediaBackupKind.Log, logged, lsn, time, family, fork));
                logged = lsn;
            }
        }

        return backups;
    }

    private static MediaBackup Backup(int member, MediaBackupKind kind, decimal first, decimal last, DateTime time, Guid family, Guid fork)
    {
        string database = string.Create(CultureInfo.InvariantCulture, $"BizTalk_Db_{member}");
        string stamp = time.ToString("yyyy_MM_dd_HH_mm_ss_fff", CultureInfo.InvariantCulture);
        return new MediaBackup($"/b/SRV1_{database}_{(kind == MediaBackupKind.Log ? "Log" : "Full")}_BTS_{stamp}.bak", new BackupHeader(1, kind, "SRV1", database)
        {
            FirstLsn = new LogPosition(first),
            LastLsn = new LogPosition(last),
            CheckpointLsn = new LogPosition(first),
            BackupSetGuid = Guid.NewGuid(),
            FamilyGuid = family,
            RecoveryForkGuid = fork,
            FirstRecoveryForkGuid = fork,
            SoftwareVersion = new Version(16, 0),
            BackupSizeBytes = 1 << 20,
        });
    }
}

/// <summary>One size.</summary>
internal sealed record PlanFigures(int Files, double CatalogueSeconds, double PlanSeconds, double PointsSeconds, long AllocatedBytes, long KeptBytes);
