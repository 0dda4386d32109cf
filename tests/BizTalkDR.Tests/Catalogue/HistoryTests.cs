using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.History;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Reports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Catalogue;

public sealed class HistoryTests
{
    private readonly FakeWorld _world = new();
    private readonly string _first;
    private readonly string _second;

    public HistoryTests()
    {
        _world.BackUpFull();
        _first = _world.BackUpLog();
        _second = _world.BackUpLog();
    }

    [Fact]
    public void Histories_that_agree_with_the_files_say_nothing_and_vouch_for_the_marks()
    {
        BackupCatalogue catalogue = Read();
        Assert.Empty(catalogue.Findings);
        Assert.All(RecoveryPoints.From(catalogue), p => Assert.Equal(MarkSource.History, p.Evidence));
        Assert.Equal(_second, RecoveryPoints.From(catalogue)[0].Mark);
    }

    [Fact]
    public void A_file_that_only_a_history_knows_is_named_once_and_closes_the_gap_by_name()
    {
        FakeFile lost = _world.Files.First(f => f.Path.Contains("SSODB", StringComparison.Ordinal) && f.Path.Contains(_first, StringComparison.Ordinal));
        _world.Files.Remove(lost);

        BackupCatalogue catalogue = Read();

        Finding finding = Assert.Single(catalogue.Findings);
        Assert.Equal((FindingLevel.Warning, "SSODB from SRC2"), (finding.Level, finding.Subject));
        Assert.Contains($"msdb of SRC2 knows a Log backup that no file here holds: '{lost.Path}', LSN {lost.Header.FirstLsn} to {lost.Header.LastLsn}", finding.Text, StringComparison.Ordinal);
        RecoveryPoint newest = RecoveryPoints.From(catalogue)[0];
        ChainFault fault = Assert.Single(newest.Faults);
        Assert.Equal(RecoveryError.LogChainBroken, fault.Code);
        Assert.Contains($"msdb of SRC2 knows it as '{lost.Path}'", fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_history_without_identities_is_held_against_names_and_says_that_it_is_weaker()
    {
        _world.Recorded.Clear();
        _world.Files.RemoveAll(f => f.Path.Contains("SSODB", StringComparison.Ordinal) && f.Path.Contains(_second, StringComparison.Ordinal));
        Finding finding = Assert.Single(Read().Findings);
        Assert.Equal("SSODB", finding.Subject);
        Assert.Contains("the backup history of BizTalkMgmtDb on SRC1 knows", finding.Text, StringComparison.Ordinal);
        Assert.Contains("by their names, which is all this history keeps", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Log_shippings_rows_count_as_the_history_they_were_copied_from()
    {
        _world.Recorded.Clear();
        _world.Shipped.AddRange(_world.History);
        _world.History.Clear();
        _world.Files.RemoveAt(_world.Files.Count - 1);
        Assert.Contains("the log shipping on SRC1 knows", Assert.Single(Read("SRC1").Findings).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Backups_older_than_every_file_were_cleaned_up_and_are_not_missed()
    {
        _world.BackUpFull();
        _world.BackUpLog();
        _world.Files.RemoveRange(0, 12);
        Assert.DoesNotContain(Read().Findings, f => f.Text.Contains(_first, StringComparison.Ordinal) && f.Text.Contains("no file here holds", StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_identity_with_other_lsns_is_a_disagreement_and_the_file_counts()
    {
        int at = _world.Recorded.FindIndex(r => r.Path.Contains("SSODB_Log", StringComparison.Ordinal));
        RecordedSet row = _world.Recorded[at];
        _world.Recorded[at] = row with { Header = row.Header with { LastLsn = new LogPosition(row.Header.LastLsn.Value + 7) } };
        Finding finding = Assert.Single(Read().Findings);
        Assert.Equal(FindingLevel.Error, finding.Level);
        Assert.Contains("The file counts", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_name_with_another_mark_is_a_disagreement()
    {
        int at = _world.History.FindIndex(r => r.IsLog);
        _world.History[at] = _world.History[at] with { MarkName = "BTS_2001_01_01_00_00_00_000" };
        Assert.Equal(FindingLevel.Error, Assert.Single(Read().Findings).Level);
    }

    [Fact]
    public void A_mark_that_msdb_places_elsewhere_than_in_the_file_named_for_it_is_said()
    {
        FakeDatabase sso = _world.Servers["SRC2"].Databases["SSODB"];
        int at = sso.Marks.FindIndex(m => m.Name == _second);
        sso.Marks[at] = sso.Marks[at] with { Lsn = 999_999 };
        Finding finding = Assert.Single(Read().Findings);
        Assert.Contains("outside this file that is named for it", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_backup_that_somebody_else_took_is_needed_and_named()
    {
        MediaBackup last = Read().Of(new MemberKey("SRC2", "SSODB"))[^1];
        _world.Recorded.Add(new RecordedSet("/elsewhere/vendor-17.trn", last.Header with { BackupSetGuid = Guid.NewGuid(), FirstLsn = last.Header.LastLsn, LastLsn = new LogPosition(last.Header.LastLsn.Value + 50) }));
        IReadOnlyList<Finding> findings = Read().Findings;
        Assert.Contains(findings, f => f.Text.Contains("the group's job did not take, the last in '/elsewhere/vendor-17.trn'", StringComparison.Ordinal));
        _world.Recorded[^1] = _world.Recorded[^1] with { Header = _world.Recorded[^1].Header with { IsCopyOnly = true } };
        Assert.DoesNotContain(Read().Findings, f => f.Text.Contains("did not take", StringComparison.Ordinal));
    }

    [Fact]
    public void A_history_that_may_not_be_read_is_a_warning_and_the_others_are_read()
    {
        _world.NoPermission = true;
        BackupCatalogue catalogue = Read("SRC1");
        Finding finding = Assert.Single(catalogue.Findings);
        Assert.Equal((FindingLevel.Warning, "msdb of SRC1"), (finding.Level, finding.Subject));
        Assert.Equal(_world.History.Count, catalogue.History.Records.Backups.Count);
    }

    [Fact]
    public void A_mark_is_not_placed_where_logs_of_two_forks_overlap()
    {
        MediaBackup log = Read().Of(new MemberKey("SRC2", "SSODB"))[^1];
        MediaBackup copy = log with { Path = "/copy/" + ServerPath.NameOf(log.Path) };
        MediaBackup other = new("/backup/other.trn", log.Header with { BackupSetGuid = Guid.NewGuid(), RecoveryForkGuid = Guid.NewGuid() });
        var evidence = new HistoryEvidence(new BackupRecords([], [new RecordedMark("msdb of SRC2", log.Member, _second, log.Header.FirstLsn)]));
        List<Finding> notes = [];
        Assert.Equal([log, copy], evidence.Check([log, copy], notes).Select(p => p.Log));
        Assert.Empty(evidence.Check([log, copy, other], notes));
        Assert.Empty(notes);
    }

    [Fact]
    public void The_files_are_gone_through_as_often_for_many_rows_as_for_one()
    {
        IReadOnlyList<MediaBackup> backups = [.. Read().Backups];
        MediaBackup last = backups[^1];
        RecordedBackup lost = new("msdb", last.Member.Server, last.Member.Database, MediaBackupKind.Log, "/gone/vendor.trn") { FirstLsn = last.Header.FirstLsn, LastLsn = last.Header.LastLsn };
        int Passes(int rows)
        {
            CountedList counted = new(backups);
            List<Finding> notes = [];
            new HistoryEvidence(new BackupRecords([.. Enumerable.Range(0, rows).Select(_ => lost with { BackupSetGuid = Guid.NewGuid() })], [])).Check(counted, notes);
            Assert.Contains(notes, n => n.Text.Contains($"knows {rows} log backup(s) that the group's job did not take", StringComparison.Ordinal));
            return counted.Passes;
        }

        Assert.Equal(Passes(1), Passes(500));
    }

    [Fact]
    public void A_plan_asks_histories_and_warns_of_what_does_not_agree()
    {
        int at = _world.Recorded.FindIndex(r => r.Path.Contains("SSODB_Log", StringComparison.Ordinal));
        RecordedSet row = _world.Recorded[at];
        _world.Recorded[at] = row with { Header = row.Header with { LastLsn = new LogPosition(row.Header.LastLsn.Value + 7) } };
        RestoreRequest request = _world.RestoreTo("DST1", "DST2");
        Assert.DoesNotContain(_world.Prepare(request).Findings, f => f.Text.Contains("The file counts", StringComparison.Ordinal));

        RestorePlan plan = _world.Prepare(request with { Histories = [new SqlInstanceAddress("SRC2")] });

        Finding finding = Assert.Single(plan.Findings, f => f.Text.Contains("The file counts", StringComparison.Ordinal));
        Assert.Equal((FindingLevel.Warning, row.Path), (finding.Level, finding.Subject));
    }

    [Fact]
    public void A_plan_names_twenty_findings_about_its_sources_and_counts_the_others()
    {
        for (int i = 0; i < 25; i++)
        {
            _world.StrangeFiles.Add(new FolderEntry($"x{i}.bak", $"/backup/x{i}.bak", 1));
        }

        RestorePlan plan = _world.Prepare();

        Assert.Equal(20, plan.Findings.Count(f => f.Subject.StartsWith("/backup/x", StringComparison.Ordinal)));
        Assert.StartsWith("5 more findings of this kind", plan.Findings[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_history_that_cannot_be_reached_ends_the_planning_by_name() => Assert.Equal(
        RecoveryError.InstanceUnreachable,
        Assert.Throws<RecoveryException>(() => _world.Prepare(_world.RestoreTo("DST1", "DST2") with { Histories = [new SqlInstanceAddress("NOWHERE")] })).Code);

    private BackupCatalogue Read(params string[] servers) => HistoryReader.Apply(
        new FolderCatalogueReader(_world.Ports).Read([FakeWorld.Folder], new SqlInstanceAddress("DST1")),
        [.. (servers.Length > 0 ? servers : ["SRC1", "SRC2"]).Select(s => new SqlInstanceAddress(s))],
        FakeWorld.ManagementDatabase,
        _world);

    private sealed class CountedList(IReadOnlyList<MediaBackup> inner) : IReadOnlyList<MediaBackup>
    {
        public int Passes { get; private set; }

        public int Count => inner.Count;

        public MediaBackup this[int index] => inner[index];

        public IEnumerator<MediaBackup> GetEnumerator()
        {
            Passes++;
            return inner.GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
