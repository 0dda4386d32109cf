using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Restore;

public sealed class RestoreForecastTests
{
    private const long Megabyte = 1L << 20;
    private static readonly DateTime Start = new(2026, 5, 6, 0, 0, 0, DateTimeKind.Unspecified);

    private readonly FakeWorld _world = new();

    [Theory]
    [InlineData(new[] { 800, 700, 600, 500, 400, 300, 200, 100 }, 10, 90)]
    [InlineData(new[] { 900, 100, 100, 100, 100 }, 10, 90)]
    [InlineData(new[] { 100 }, 10, 10)]
    public void The_longest_members_go_first_and_four_at_once(int[] megabytes, int rate, int seconds)
    {
        RecoveryPoint point = PointOf(megabytes.Select((m, i) => ChainOf($"Db{i}", m * Megabyte)));
        var rates = new RestoreRates(ForecastBasis.EarlierRestores, rate * Megabyte, TimeSpan.Zero, "as before");

        RestoreForecast forecast = RestoreForecast.Of(point, rates);

        Assert.Equal((TimeSpan.FromSeconds(seconds), ForecastBasis.EarlierRestores), (forecast.Time, forecast.Basis));
        Assert.StartsWith($"as before; {Math.Min(4, megabytes.Length)} members at once", forecast.Statement, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 96, 2.0, 10 + 192)]
    [InlineData(50, 2, 0.5, 10 + 10)]
    public void A_log_takes_its_least_however_small_it_is_and_more_when_its_bytes_do(int logMegabytes, int logs, double perLog, int seconds)
    {
        RecoveryPoint point = PointOf([ChainOf("Db", 100 * Megabyte, Enumerable.Repeat(logMegabytes * Megabyte, logs).ToArray())]);
        Assert.Equal(TimeSpan.FromSeconds(seconds), RestoreForecast.Of(point, new RestoreRates(ForecastBasis.Assumed, 10 * Megabyte, TimeSpan.FromSeconds(perLog), string.Empty)).Time);
    }

    [Fact]
    public void What_has_no_size_or_cannot_be_reached_has_no_time()
    {
        var rates = new RestoreRates(ForecastBasis.Assumed, Megabyte, TimeSpan.Zero, string.Empty);
        RestoreForecast unsized = RestoreForecast.Of(PointOf([ChainOf("Known", Megabyte), ChainOf("Unsized", 0)]), rates);
        Assert.Equal((null, null, "unknown: the size of the full backup of Unsized from SRC is not known"), (unsized.Time, unsized.Basis, unsized.ToString()));
        Assert.Null(RestoreForecast.Of(PointOf([]), rates).Time);
    }

    [Fact]
    public void Without_any_measure_a_rate_is_assumed_and_said_to_be()
    {
        RestoreRates rates = RestoreRates.From(CatalogueOf(Backup("A", 500 * Megabyte, seconds: 4)), []);
        Assert.Equal((ForecastBasis.Assumed, 100.0 * Megabyte), (rates.Basis, rates.BytesPerSecond));
        Assert.StartsWith("assumed: 100 MB/s, as nothing was measured; 0.5 s for each log assumed", rates.Statement, StringComparison.Ordinal);
    }

    [Fact]
    public void Backups_that_took_long_enough_say_how_fast_they_were_written()
    {
        RestoreRates rates = RestoreRates.From(CatalogueOf(Backup("A", 500 * Megabyte, seconds: 10), Backup("B", 1000 * Megabyte, seconds: 10), Backup("C", Megabyte, seconds: 0), Backup("D", Megabyte, seconds: -3600)), []);
        Assert.Equal((ForecastBasis.BackupSpeed, 75.0 * Megabyte), (rates.Basis, rates.BytesPerSecond));
        Assert.StartsWith("inferred: 75 MB/s, as fast as 2 backups were written", rates.Statement, StringComparison.Ordinal);
    }

    [Fact]
    public void Earlier_restores_count_more_than_the_speed_of_backups()
    {
        _world.BackUpFull();
        _world.BackUpLog();
        RestorePlan plan = _world.Prepare();
        DateTime now = DateTime.SpecifyKind(Start, DateTimeKind.Utc);
        List<JournalLine> lines = [];
        foreach (MemberPlan member in plan.Members)
        {
            foreach (RestoreStep step in member.Steps.Where(s => s.Statement is not null))
            {
                lines.Add(Line("step-start", member, step, now));
                now = now.AddSeconds(step.Statement!.Action == RestoreAction.Log ? 3 : 10);
                lines.Add(Line("step-done", member, step, now));
            }
        }

        // A statement without its end, and an end without its beginning, measure nothing.
        lines.Add(Line("step-start", plan.Members[0], plan.Members[0].Steps[0], now));
        lines.Add(new JournalLine("step-done", now.AddHours(5), new Dictionary<string, string?> { ["member"] = "Nobody", ["destination"] = "DST1", ["number"] = "1" }));
        long bytes = plan.Members.Sum(m => m.Chain.Full.Header.BackupSizeBytes);

        RestoreRates rates = RestoreRates.From(CatalogueOf(Backup("A", 500 * Megabyte, seconds: 10)), [new RestoreJournalRecord("/journal", plan, now) { Lines = lines }]);

        Assert.Equal((ForecastBasis.EarlierRestores, bytes / 40.0, TimeSpan.FromSeconds(3)), (rates.Basis, rates.BytesPerSecond, rates.PerLog));
        Assert.Contains("in 4 statements of earlier restores to DST1, DST2, the newest of 2026-05-06; 3 s for each log measured", rates.Statement, StringComparison.Ordinal);
    }

    [Fact]
    public void Journals_are_read_from_a_folder_and_what_is_none_is_passed_over()
    {
        string folder = Directory.CreateTempSubdirectory("bizdr-journals").FullName;
        try
        {
            Assert.Empty(RestoreRates.ReadJournals(Path.Combine(folder, "nowhere")));
            _world.BackUpFull();
            _world.BackUpLog();
            for (int i = 0; i < 6; i++)
            {
                using var journal = new RestoreJournalFile(Path.Combine(folder, $"restore-{i}.jsonl"), _world);
                journal.Write("run-start", new Dictionary<string, string?> { ["plan"] = RestorePlanFile.ToJson(_world.Prepare(), indented: false) });
            }

            File.WriteAllText(Path.Combine(folder, "notes.jsonl"), "no journal");
            Assert.Equal(5, RestoreRates.ReadJournals(folder).Count);
            Assert.Single(RestoreRates.ReadJournals(Path.Combine(folder, "restore-0.jsonl")));
            Assert.Empty(RestoreRates.ReadJournals(Path.Combine(folder, "notes.jsonl")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Every_point_has_its_time_and_an_older_one_with_fewer_logs_takes_no_longer()
    {
        _world.BackUpFull();
        _world.BackUpLog();
        _world.BackUpLog();
        BackupCatalogue catalogue = new FolderCatalogueReader(_world.Ports).Read([FakeWorld.Folder], new SqlInstanceAddress("DST1"));
        IReadOnlyList<RecoveryPoint> points = RecoveryPointList.Of(catalogue, _world.UtcNow, [FakeWorld.Folder], false, RestoreRates.From(catalogue, []));
        Assert.All(points, p => Assert.Equal(ForecastBasis.Assumed, p.RestoreTime!.Basis));
        Assert.True(points[0].RestoreTime!.Time >= points[1].RestoreTime!.Time);
    }

    private static JournalLine Line(string what, MemberPlan member, RestoreStep step, DateTime time) => new(what, time, new Dictionary<string, string?>
    {
        ["member"] = member.Database,
        ["destination"] = member.DestinationServer,
        ["number"] = step.Number.ToString(System.Globalization.CultureInfo.InvariantCulture),
    });

    private static RecoveryPoint PointOf(IEnumerable<MemberChain> chains) => new("BTS_2026_05_06_14_15_01_327", default, [.. chains], []);

    private static MemberChain ChainOf(string database, long bytes, params long[] logs) => new(
        new MemberKey("SRC", database),
        Backup(database, bytes, 1),
        [.. logs.Select(l => new MediaBackup("/b/log", new BackupHeader(1, MediaBackupKind.Log, "SRC", database) { BackupSizeBytes = l }))]);

    private static BackupCatalogue CatalogueOf(params MediaBackup[] backups) => new(backups);

    private static MediaBackup Backup(string database, long bytes, int seconds) => new($"/b/{database}.bak", new BackupHeader(1, MediaBackupKind.Full, "SRC", database)
    {
        BackupSizeBytes = bytes,
        StartedLocal = Start,
        FinishedLocal = Start.AddSeconds(seconds),
    });
}
