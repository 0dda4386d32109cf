using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.BackupFiles;
using BizTalkDR.BackupFiles.Tests;
using BizTalkDR.Errors;
using BizTalkDR.Files;
using BizTalkDR.Ports;
using BizTalkDR.Reports;
using Xunit;
using Finding = BizTalkDR.Reports.Finding;

namespace BizTalkDR.Tests.Files;

public sealed class BackupFileReaderTests : IDisposable
{
    private const string Mark = "BTS_2024_05_06_14_15_01_327";
    private const string LogName = @"SQL01_BTS_BizTalkMsgBoxDb_Log_" + Mark + ".bak";

    private readonly FileScratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Tells_what_the_header_tells()
    {
        FileBackup backup = Assert.Single(_scratch.ReadOne(_scratch.Write(LogName, FileScratch.Log())).Backups);

        Assert.Equal(("BizTalkMsgBoxDb", @"SQL01\BTS", MediaBackupKind.Log), (backup.Database, backup.Server, backup.Type!.Value));
        Assert.Equal(FileBackupState.Complete, backup.State);
        Assert.Equal(30000000010000001m, backup.FirstLsn);
        Assert.Equal(new DateTime(2024, 5, 6, 14, 15, 2), backup.FinishLocal);
        Assert.Equal(SupportLevel.Verified, backup.Support);
        Assert.Equal(Mark, backup.ClaimedMark);
        Assert.Null(backup.Marks);
        Assert.DoesNotContain(backup.Findings, f => f.Level != FindingLevel.Information);
    }

    [Fact]
    public void What_the_file_does_not_tell_is_null_with_a_reason_and_never_a_default()
    {
        byte[] whole = FileScratch.Log();
        FileBackup cut = Assert.Single(_scratch.ReadOne(_scratch.Write("cut.bak", whole[..(whole.Length / 2)])).Backups);

        Assert.Null(cut.FinishLocal);
        Assert.NotEmpty(cut.Unknown[nameof(FileBackup.FinishLocal)]);
        Assert.Null(cut.IsCopyOnly);
        Assert.NotEmpty(cut.Unknown[nameof(FileBackup.IsCopyOnly)]);
        Assert.StartsWith("provisional", cut.Unproven[nameof(FileBackup.BackupSizeBytes)], StringComparison.Ordinal);
        Assert.Equal(FileBackupState.Incomplete, cut.State);
        Assert.Contains(cut.Findings, f => f.Level == FindingLevel.Error);
    }

    [Fact]
    public void Gives_the_files_in_their_order_however_many_are_read_at_once()
    {
        for (int i = 0; i < 60; i++)
        {
            _scratch.Write($"{i:00}.bak", i % 7 == 3 ? new byte[5000] : FileScratch.Log(database: "Db" + i));
        }

        List<string> one = _scratch.Read([_scratch.Folder], parallelism: 1).ConvertAll(Line);

        Assert.Equal(60, one.Count);
        Assert.Equal(one, _scratch.Read([_scratch.Folder], parallelism: 16).ConvertAll(Line));
        Assert.Equal(9, one.Count(l => l.EndsWith("BackupFormatUnknown", StringComparison.Ordinal)));

        static string Line(FileReading r) => $"{Path.GetFileName(r.Path)} {string.Join(",", r.Backups)} {r.Error?.Code}";
    }

    [Theory]
    [InlineData("BizTalk*", 2)]
    [InlineData("biztalkmgmtdb", 1)]
    [InlineData("SSODB", 0)]
    public void Lists_the_databases_asked_for(string database, int expected)
    {
        _scratch.Write("1.bak", FileScratch.Log(database: "BizTalkMgmtDb"));
        _scratch.Write("2.bak", FileScratch.Log(database: "BizTalkMsgBoxDb"));

        Assert.Equal(expected, Databases(database).Count);
    }

    [Fact]
    public void Never_leaves_out_a_backup_whose_database_is_unknown()
    {
        byte[] whole = FileScratch.Log();
        _scratch.Write("1.bak", whole[..(whole.AsSpan().IndexOf("MSCI"u8) + 20)]);

        Assert.Null(Assert.Single(Databases("SSODB")).Database);
    }

    [Fact]
    public void Reads_the_marks_when_asked()
    {
        FileBackup backup = Assert.Single(_scratch.ReadOne(_scratch.Write(LogName, FileScratch.Log()), marks: true).Backups);

        FileMark mark = Assert.Single(backup.Marks!);
        Assert.Equal((Mark, MarkEvidence.Seen, SupportLevel.Verified), (mark.Name, mark.Evidence, mark.Support));
        Assert.Equal(30000000010000002m, mark.Lsn);
        Assert.True(mark.NextLsn > mark.Lsn);
    }

    [Fact]
    public void Gives_a_full_backup_no_marks_because_none_was_looked_for() =>
        Assert.Null(_scratch.ReadOne(_scratch.Write("full.bak", FileScratch.Full()), marks: true).Backups[0].Marks);

    [Fact]
    public void A_claimed_mark_that_is_not_seen_stays_on_offer_where_that_proves_nothing()
    {
        FileBackup backup = Assert.Single(_scratch.ReadOne(_scratch.Write(LogName, FileScratch.Log(mark: null, FileScratch.Server2016)), marks: true).Backups);

        FileMark mark = Assert.Single(backup.Marks!);
        Assert.Equal((Mark, MarkEvidence.Unconfirmed, (decimal?)null), (mark.Name, mark.Evidence, mark.Lsn));
        Assert.Contains("logmarkhistory", mark.Note, StringComparison.Ordinal);
        Assert.Contains("STOPATMARK", mark.Note, StringComparison.Ordinal);
        Assert.Contains(backup.Findings, f => f.Level == FindingLevel.Warning && f.Text.Contains(Mark, StringComparison.Ordinal));
    }

    [Fact]
    public void A_claimed_mark_is_refuted_where_the_log_was_read_whole_in_a_verified_layout()
    {
        FileBackup backup = Assert.Single(_scratch.ReadOne(_scratch.Write(LogName, FileScratch.Log("Other_2024")), marks: true).Backups);

        Assert.Equal(["Other_2024"], backup.Marks!.Select(m => m.Name));
        Assert.Contains(backup.Findings, f => f.Level == FindingLevel.Warning && f.Text.Contains("'Other_2024'", StringComparison.Ordinal));
    }

    [Fact]
    public void The_header_is_the_authority_and_a_name_that_disagrees_is_a_finding()
    {
        string name = @"SQL01_BTS_SSODB_Full_BTS_2024_05_06_14_15_01_327.bak";
        FileBackup backup = Assert.Single(_scratch.ReadOne(_scratch.Write(name, FileScratch.Log())).Backups);

        Assert.Equal("BizTalkMsgBoxDb", backup.Database);
        Finding finding = Assert.Single(backup.Findings, f => f.Level == FindingLevel.Warning);
        Assert.Contains("name", finding.Text, StringComparison.Ordinal);
    }

    [SampleFact]
    public void Tells_each_backup_of_a_medium_by_its_position()
    {
        IReadOnlyList<FileBackup> backups = _scratch.ReadOne(Samples.PathOf("compressed-2019/TestLog1_1_2_Diff_1_2.bak")).Backups;

        Assert.Equal([(1, MediaBackupKind.Log), (2, MediaBackupKind.Differential)], backups.Select(b => (b.Position, b.Type!.Value)));
    }

    [Fact]
    public void Says_how_far_it_is()
    {
        for (int i = 0; i < 5; i++)
        {
            _scratch.Write(i + ".bak", FileScratch.Log());
        }

        var log = new SaidLog();
        _ = new BackupFileReader(log).Read(new FileSelection([_scratch.Folder])).ToList();

        List<OperationProgress> said = log.Entries.Where(e => e.Progress is not null).Select(e => e.Progress!).ToList();
        Assert.Equal([20, 40, 60, 80, 100, 100], said.Select(p => p.Percent));
        Assert.True(said[^1].IsCompleted);
        Assert.Equal("5 of 5 files", said[^2].Status);
    }

    [Fact]
    public void Stops_on_demand_in_the_middle()
    {
        for (int i = 0; i < 100; i++)
        {
            _scratch.Write($"{i:000}.bak", FileScratch.Log());
        }

        using var stop = new CancellationTokenSource();
        int read = 0;
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (FileReading reading in new BackupFileReader(NullRecoveryLog.Instance).Read(new FileSelection([_scratch.Folder]), stop.Token))
            {
                if (++read == 3)
                {
                    stop.Cancel();
                }
            }
        });
        Assert.Equal(3, read);
    }

    private List<FileBackup> Databases(string database) =>
        new BackupFileReader(NullRecoveryLog.Instance) { Databases = [database] }.Read(new FileSelection([_scratch.Folder])).SelectMany(r => r.Backups).ToList();
}

/// <summary>Keeps what was said.</summary>
internal sealed class SaidLog : IRecoveryLog
{
    private readonly Lock _gate = new();

    public List<RecoveryLogEntry> Entries { get; } = [];

    public void Write(RecoveryLogEntry entry)
    {
        lock (_gate)
        {
            Entries.Add(entry);
        }
    }
}
