using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Backup;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Backup;

public sealed class BackupVerifierTests
{
    private readonly FakeWorld _world = new();

    public BackupVerifierTests()
    {
        _world.BackUpFull();
        _world.BackUpLog();
    }

    [Fact]
    public void A_whole_set_passes_every_check()
    {
        IReadOnlyList<BackupTestResult> results = Test();
        Assert.All(results, r => Assert.Equal(BackupTestOutcome.Passed, r.Outcome));
        Assert.Equal(Enum.GetValues<BackupCheck>().Length - 1, results.Select(r => r.Check).Distinct().Count());
        Assert.Equal(8, results.Count(r => r.Check == BackupCheck.Media));
    }

    [Fact]
    public void Checksums_are_demanded_only_where_the_file_has_them()
    {
        _world.Files[0].Header = _world.Files[0].Header with { HasBackupChecksums = true };
        Test();
        Assert.Single(_world.Calls, c => c.EndsWith("CHECKSUM", StringComparison.Ordinal));
    }

    [Fact]
    public void A_damaged_file_fails()
    {
        _world.FailWith("VERIFYONLY " + _world.Files[2].Path, 3189, 3013);
        Assert.Single(Test(), r => r.Check == BackupCheck.Media && r.Outcome == BackupTestOutcome.Failed && r.Reason.Contains("3189", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_without_the_servers_word_is_not_called_good()
    {
        _world.Say("VERIFYONLY " + _world.Files[2].Path);
        Assert.Single(Test(), r => r.Check == BackupCheck.Media && r.Outcome == BackupTestOutcome.NotChecked);
    }

    [Fact]
    public void A_missing_file_fails_the_set_and_the_chain()
    {
        _world.Files.RemoveAt(7);
        IReadOnlyList<BackupTestResult> results = Test();
        Assert.Contains(results, r => r.Check == BackupCheck.SetComplete && r.Outcome == BackupTestOutcome.Failed);
        Assert.Contains(results, r => r.Check == BackupCheck.Chain && r.Outcome == BackupTestOutcome.Failed);
    }

    [Fact]
    public void A_log_without_its_mark_fails()
    {
        _world.Files[7].Marks.Clear();
        Assert.Single(Test(), r => r.Check == BackupCheck.Mark && r.Outcome == BackupTestOutcome.Failed);
    }

    [Fact]
    public void A_mark_that_was_not_seen_where_that_proves_nothing_is_not_checked()
    {
        _world.Files[7].Marks.Clear();
        _world.Files[7].AbsenceProvesNothing = true;
        Assert.Single(Test(), r => r.Check == BackupCheck.Mark && r.Outcome == BackupTestOutcome.NotChecked && r.Reason.Contains("proves nothing", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_reader_the_mark_is_not_checked()
    {
        RecoveryPorts ports = _world.Ports with { Marks = null };
        BackupCatalogue catalogue = new FolderCatalogueReader(ports).Read([FakeWorld.Folder], new SqlInstanceAddress("DST1"));
        IReadOnlyList<BackupTestResult> results = new BackupVerifier(ports).Test(catalogue, new SqlInstanceAddress("DST1"));
        Assert.Equal(4, results.Count(r => r.Check == BackupCheck.Mark && r.Outcome == BackupTestOutcome.NotChecked));
    }

    [Fact]
    public void Full_backups_alone_fail()
    {
        _world.Files.RemoveAll(f => f.Header.Kind == MediaBackupKind.Log);
        Assert.Contains(Test(), r => r.Check == BackupCheck.Mark && r.Outcome == BackupTestOutcome.Failed);
    }

    [Fact]
    public void A_full_that_ends_behind_the_mark_fails_the_chain()
    {
        FakeFile full = _world.Files[3];
        FakeFile log = _world.Files.Last(f => f.Header.Kind == MediaBackupKind.Log && f.Header.DatabaseName == full.Header.DatabaseName);
        full.Header = full.Header with { LastLsn = log.Header.LastLsn };
        Assert.Single(Test(), r => r.Check == BackupCheck.Chain && r.Outcome == BackupTestOutcome.Failed);
    }

    [Fact]
    public void An_unreadable_file_fails()
    {
        _world.Files[1].UnreadableWith = 3241;
        Assert.Contains(Test(), r => r.Check == BackupCheck.FileReadable && r.Outcome == BackupTestOutcome.Failed);
    }

    [Fact]
    public void A_mark_that_no_file_carries_is_an_error() =>
        Assert.Equal(RecoveryError.LogMarkNotFound, Assert.Throws<RecoveryException>(() => Test("BTS_2020_01_01_00_00_00_000")).Code);

    [Fact]
    public void One_mark_needs_only_its_files()
    {
        string first = _world.History[^1].MarkName!;
        _world.BackUpLog();
        Assert.Equal(8, Test(first).Count(r => r.Check == BackupCheck.Media));
    }

    private IReadOnlyList<BackupTestResult> Test(string? mark = null)
    {
        BackupCatalogue catalogue = new FolderCatalogueReader(_world.Ports).Read([FakeWorld.Folder], new SqlInstanceAddress("DST1"));
        return new BackupVerifier(_world.Ports).Test(catalogue, new SqlInstanceAddress("DST1"), mark);
    }
}
