using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tests.Log;
using Xunit;
using Offline = BizTalkDR.BackupFiles;

namespace BizTalkDR.Lab.Tests.Backup;

/// <summary>The reader of backup files against the lab's msdb: what the lab noted when it wrote, and what its files say of themselves.</summary>
public sealed class OfflineReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LabInstance _lab;
    private readonly BackupEngine _engine;

    public OfflineReaderTests()
    {
        _lab = LabInstance.Create(new InstanceOptions { ServerName = @"LABSQL1\BTS", Folder = _folder.File("lab"), Clock = new TestClock(), UtcOffset = TimeSpan.FromHours(2) });
        _engine = new BackupEngine(_lab);
    }

    public void Dispose()
    {
        _lab.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Every_field_of_a_set_is_what_msdb_says()
    {
        BackUpEverything();
        HistoryComparison comparison = new(_lab);
        Dictionary<int, Dictionary<string, object?>> media = Rows("backupmediaset").ToDictionary(m => (int)m["media_set_id"]!);
        Dictionary<int, Dictionary<string, object?>> families = Rows("backupmediafamily").ToDictionary(m => (int)m["media_set_id"]!);
        Dictionary<string, object?>[] sets = [.. Rows("backupset")];
        foreach (Dictionary<string, object?> row in sets)
        {
            int medium = (int)row["media_set_id"]!;
            Offline.BackupFile file = Offline.BackupFile.Open((string)families[medium]["physical_device_name"]!);
            Assert.True(file.IsComplete);
            Assert.Empty(file.Findings);
            Offline.BackupSet set = file.Sets.Single(s => s.Position == (int)row["position"]!);
            comparison.Medium(media[medium], families[medium], file);
            comparison.Set(row, set);
            Dictionary<string, object?>[] rows = [.. Rows("backupfile").Where(f => f["backup_set_id"]!.Equals(row["backup_set_id"])).OrderBy(f => f["file_number"])];
            Offline.DatabaseFile[] listed = [.. set.Files.OrderBy(f => f.FileId)];
            Assert.Equal(rows.Length, listed.Length);
            for (int i = 0; i < rows.Length; i++)
                comparison.File(rows[i], listed[i]);
        }

        Assert.Equal(10, sets.Length);
        Assert.Equal(["D", "L"], sets.Select(s => (string)s["type"]!).Distinct().Order());
        comparison.DemandAll();
    }

    [Fact]
    public void Every_mark_msdb_knows_is_in_the_log_backups_and_no_other()
    {
        BackUpEverything();
        Dictionary<int, string> paths = Rows("backupmediafamily").ToDictionary(m => (int)m["media_set_id"]!, m => (string)m["physical_device_name"]!);
        List<(string Database, string Name, decimal Lsn, DateTime Time)> found = [];
        foreach (Dictionary<string, object?> row in Rows("backupset").Where(s => (string)s["type"]! == "L"))
        {
            Offline.BackupSet set = Offline.BackupFile.Open(paths[(int)row["media_set_id"]!]).Sets.Single(s => s.Position == (int)row["position"]!);
            Offline.LogMarkReading reading = set.ReadMarks();
            found.AddRange(reading.Select(m => (set.DatabaseName.Value, m.Name, m.Lsn.ToDecimal(), m.TimeLocal.Value)));
            Assert.True(reading.IsFinished);
            Assert.Empty(reading.Findings);
        }

        Assert.Equal(
            Rows("logmarkhistory").Select(m => ((string)m["database_name"]!, (string)m["mark_name"]!, (decimal)m["lsn"]!, (DateTime)m["mark_time"]!)).Order(),
            found.Order());
        Assert.Equal(5, found.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Clean_files_raise_no_alarm(bool checksum)
    {
        BackUpEverything(checksum);
        foreach (string path in Directory.EnumerateFiles(_folder.Folder, "*.bak"))
        {
            Offline.VerificationResult result = Offline.BackupVerification.Run(path);
            Assert.False(result.HasFailed, string.Join(Environment.NewLine, result.Checks));

            // An empty log has no data that a checksum could be of, and is not asked for one.
            bool isEmpty = result.File!.Sets.All(s => s.FirstLsn == s.LastLsn);
            Assert.Equal(isEmpty ? null : checksum ? Offline.CheckOutcome.Passed : Offline.CheckOutcome.NotChecked, result[Offline.BackupCheck.BackupChecksum]?.Outcome);
            Assert.Equal(Offline.CheckOutcome.Passed, result[Offline.BackupCheck.Filling]!.Outcome);
        }
    }

    [Fact]
    public void The_lab_answers_without_the_reader_it_is_compared_with()
    {
        // A reference is in the metadata only when some code uses a type of it.
        Assert.DoesNotContain(typeof(Offline.BackupFile).Assembly.GetName().Name, typeof(LabInstance).Assembly.GetReferencedAssemblies().Select(n => n.Name));
    }

    /// <summary>Two databases, named and nameless sets, a medium with several, an empty log, a copy-only full, a tail, a fork after a restore.</summary>
    private void BackUpEverything(bool checksum = false)
    {
        LabDatabase orders = BackupFixture.NewDatabase(_lab, "BizTalkMsgBoxDb");
        LabDatabase plain = BackupFixture.NewDatabase(_lab, "SSODB");
        _lab.SetRecoveryModel(plain, RecoveryModel.Simple);
        Backup(new BackupRequest { Database = plain.Name, Disks = [Path("simple")], Checksum = checksum });
        Backup(new BackupRequest { Database = orders.Name, Disks = [Path("all")], Name = "first full", Description = "before the marks", MediaName = "tape 1", Checksum = checksum });
        BackupFixture.Insert(orders, 1, "BTS_2024_05_06_09_00_00_000");
        BackupFixture.Insert(orders, 2);
        Log(orders, "all", checksum);
        BackupFixture.Insert(orders, 3, "BTS_2024_05_06_09_15_00_000");
        BackupFixture.Insert(orders, 4, "BTS_2024_05_06_09_15_00_000");
        Log(orders, "log2", checksum);
        Log(orders, "empty", checksum);
        Backup(new BackupRequest { Database = orders.Name, Disks = [Path("copy")], CopyOnly = true, Checksum = checksum, UserName = @"LAB\operator" });
        BackupFixture.Insert(orders, 5, "BTS_2024_05_06_09_30_00_000");
        Backup(new BackupRequest { Database = orders.Name, Kind = BackupKind.Log, Disks = [Path("tail")], NoRecovery = true, Checksum = checksum });

        Restore(new RestoreRequest { Database = orders.Name, Disks = [Path("all")], File = 1, Recovery = RecoveryOption.NoRecovery, Replace = true });
        Restore(new RestoreRequest { Database = orders.Name, Kind = RestoreKind.Log, Disks = [Path("all")], File = 2, Recovery = RecoveryOption.Recovery });
        Backup(new BackupRequest { Database = orders.Name, Disks = [Path("fork")], Checksum = checksum });
        BackupFixture.Insert(orders, 6, "BTS_2024_05_06_10_00_00_000");
        Log(orders, "forklog", checksum);
        Log(orders, "forkempty", checksum);
    }

    private void Log(LabDatabase database, string file, bool checksum) =>
        Backup(new BackupRequest { Database = database.Name, Kind = BackupKind.Log, Disks = [Path(file)], Checksum = checksum });

    private void Backup(BackupRequest request) => Demand(BackupFixture.Run(sink => _engine.Backup(request, sink, CancellationToken.None)));

    private void Restore(RestoreRequest request) => Demand(BackupFixture.Run(sink => _engine.Restore(request, sink, CancellationToken.None)));

    private static void Demand(Messages messages) => Assert.True(messages.Succeeded, messages.ToString());

    private string Path(string name) => _folder.File(name + ".bak");

    private IEnumerable<Dictionary<string, object?>> Rows(string table) => HistoryComparison.Rows(_lab, table);
}
