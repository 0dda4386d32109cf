using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Reports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Catalogue;

public sealed class FolderCatalogueTests
{
    private readonly FakeWorld _world = new();

    [Fact]
    public void Groups_files_into_sets_oldest_first()
    {
        _world.BackUpFull();
        string mark = _world.BackUpLog();
        BackupCatalogue catalogue = Read();
        Assert.Equal([BackupSetKind.Full, BackupSetKind.Log], catalogue.Sets.Select(s => s.Kind));
        Assert.Equal(mark, catalogue.Sets[1].Mark);
        Assert.All(catalogue.Sets, s => Assert.True(s.IsComplete));
        Assert.Equal(4, catalogue.Members.Count);
        Assert.Empty(catalogue.Findings);
    }

    [Theory]
    [InlineData("backup")]
    [InlineData("./backup")]
    [InlineData("C:backup")]
    [InlineData(" ")]
    public void Refuses_a_path_that_each_server_would_take_for_another_folder(string folder) => Assert.Equal(
        RecoveryError.FolderNotVisibleToServer,
        Assert.Throws<RecoveryException>(() => new FolderCatalogueReader(_world.Ports).Read([folder], new SqlInstanceAddress("DST1"))).Code);

    [Fact]
    public void Refuses_a_folder_that_the_server_cannot_see()
    {
        _world.Servers["DST1"].SeesFolder = false;
        RecoveryException error = Assert.Throws<RecoveryException>(Read);
        Assert.Equal(RecoveryError.FolderNotVisibleToServer, error.Code);
        Assert.Contains("though this computer can", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_an_empty_folder() => Assert.Equal(RecoveryError.FolderEmpty, Assert.Throws<RecoveryException>(Read).Code);

    [Fact]
    public void Refuses_a_folder_without_backups()
    {
        _world.StrangeFiles.Add(new FolderEntry("readme.txt", "/backup/readme.txt", 1));
        Assert.Equal(RecoveryError.NoBackupsFound, Assert.Throws<RecoveryException>(Read).Code);
    }

    [Fact]
    public void Refuses_a_folder_whose_files_are_no_backups()
    {
        _world.StrangeFiles.Add(new FolderEntry("x.bak", "/backup/x.bak", 1));
        Assert.Equal(RecoveryError.NoBackupsFound, Assert.Throws<RecoveryException>(Read).Code);
    }

    [Fact]
    public void Looks_into_the_folders_of_folders_when_asked()
    {
        _world.BackUpFull();
        string mark = _world.BackUpLog();
        List<FakeFile> all = [.. _world.Files];
        _world.Files.Clear();
        _world.Files.AddRange(all.Select((f, i) => new FakeFile { Path = i < 4 ? f.Path.Replace("/backup/", "/backup/full/", StringComparison.Ordinal) : f.Path.Replace("/backup/", "/backup/logs/2026/", StringComparison.Ordinal), Header = f.Header, Marks = f.Marks }));
        RecoveryException error = Assert.Throws<RecoveryException>(Read);
        Assert.Equal(RecoveryError.FolderEmpty, error.Code);
        Assert.Contains("-Recurse", error.Hint, StringComparison.Ordinal);
        _world.StrangeFiles.Add(new FolderEntry("readme.txt", "/backup/readme.txt", 1));
        error = Assert.Throws<RecoveryException>(Read);
        Assert.Equal(RecoveryError.NoBackupsFound, error.Code);
        Assert.Contains("-Recurse", error.Hint, StringComparison.Ordinal);

        BackupCatalogue catalogue = ReadTree();
        Assert.Equal([BackupSetKind.Full, BackupSetKind.Log], catalogue.Sets.Select(s => s.Kind));
        Assert.Empty(catalogue.Findings);
        Assert.Equal(mark, _world.Prepare(_world.RestoreTo("DST1", "DST2") with { Recurse = true }).Mark);
    }

    [Fact]
    public void A_folder_that_leads_back_to_one_above_it_is_said_and_not_entered()
    {
        _world.BackUpFull();
        _world.Links["/backup/old"] = "/backup";
        BackupCatalogue catalogue = ReadTree();
        Assert.Equal(("/backup/old", FindingLevel.Warning), (Assert.Single(catalogue.Findings).Subject, catalogue.Findings[0].Level));
        Assert.Equal(4, catalogue.Backups.Count);
    }

    [Fact]
    public void A_link_back_is_seen_too_where_the_folder_above_holds_folders_alone()
    {
        _world.BackUpFull();
        List<FakeFile> all = [.. _world.Files];
        _world.Files.Clear();
        _world.Files.AddRange(all.Select(f => new FakeFile { Path = f.Path.Replace("/backup/", "/backup/full/", StringComparison.Ordinal), Header = f.Header }));
        _world.Links["/backup/round"] = "/backup";
        BackupCatalogue catalogue = ReadTree();
        Assert.Equal("/backup/round", Assert.Single(catalogue.Findings).Subject);
        Assert.All(catalogue.Backups, b => Assert.StartsWith("/backup/full/", b.Path, StringComparison.Ordinal));
    }

    [Fact]
    public void Of_folders_within_each_other_that_hold_no_file_nothing_is_taken_for_a_link()
    {
        _world.BackUpFull();
        FakeFile deep = new() { Path = "/backup/a/a/a/z.bak", Header = _world.Files[0].Header };
        _world.Files.RemoveAt(0);
        _world.Files.Add(deep);
        BackupCatalogue catalogue = ReadTree();
        Assert.DoesNotContain(catalogue.Findings, f => f.Text.Contains("link", StringComparison.Ordinal));
        Assert.Contains(catalogue.Backups, b => b.Path == deep.Path);
    }

    [Fact]
    public void A_folder_in_a_folder_that_cannot_be_listed_is_said_and_the_others_are_read()
    {
        _world.BackUpFull();
        _world.ClosedFolders.Add("/backup/closed");
        BackupCatalogue catalogue = ReadTree();
        Finding finding = Assert.Single(catalogue.Findings);
        Assert.Equal((FindingLevel.Warning, "/backup/closed"), (finding.Level, finding.Subject));
        Assert.Equal(4, catalogue.Backups.Count);
    }

    [Fact]
    public void A_file_in_two_of_the_folders_named_is_read_once()
    {
        _world.BackUpFull();
        Assert.Empty(new FolderCatalogueReader(_world.Ports).Read([FakeWorld.Folder, FakeWorld.Folder], new SqlInstanceAddress("DST1")).Findings);
    }

    [Fact]
    public void A_lone_stripe_is_no_backup_and_an_older_full_does_in_its_place()
    {
        _world.BackUpFull();
        FakeFile older = _world.Files.Single(f => f.Header.DatabaseName == FakeWorld.ManagementDatabase);
        _world.BackUpFull();
        string mark = _world.BackUpLog();
        FakeFile newer = _world.Files.Last(f => f.Header.DatabaseName == FakeWorld.ManagementDatabase && f.Header.Kind == MediaBackupKind.Full);
        Assert.Equal(newer.Path, FullOf(mark));
        _world.Files[_world.Files.IndexOf(newer)] = new FakeFile { Path = newer.Path, Header = newer.Header, Label = new MediaLabel(Guid.NewGuid(), 2, 1) };
        Assert.Equal(older.Path, FullOf(mark));
    }

    [Fact]
    public void Labels_tell_stripes_from_copies_where_files_share_a_backup()
    {
        _world.BackUpFull();
        FakeFile whole = _world.Files[0];
        Guid medium = Guid.NewGuid();
        _world.Files.RemoveAt(0);
        _world.Files.AddRange(Enumerable.Range(1, 3).Select(number => new FakeFile { Path = $"/backup/stripe{number}.bak", Header = whole.Header, Label = new MediaLabel(medium, 3, number) }));
        MediaBackup striped = Assert.Single(Read().Of(new MemberKey("SRC1", FakeWorld.ManagementDatabase)));
        Assert.Equal((true, 3), (striped.IsUsable, striped.Paths.Count));
        _world.Files.RemoveAt(_world.Files.Count - 1);
        Assert.Equal(BackupCondition.StripeMissing, Assert.Single(Read().Of(new MemberKey("SRC1", FakeWorld.ManagementDatabase))).Condition);
    }

    [Fact]
    public void Refuses_an_instance_that_cannot_be_reached() =>
        Assert.Equal(RecoveryError.InstanceUnreachable, Assert.Throws<RecoveryException>(() => new FolderCatalogueReader(_world.Ports).Read([FakeWorld.Folder], new SqlInstanceAddress("NOWHERE"))).Code);

    [Fact]
    public void Says_which_file_it_cannot_read()
    {
        _world.BackUpFull();
        _world.Files[0].UnreadableWith = 3241;
        Assert.Contains(Read().Findings, f => f.Level == FindingLevel.Error && f.Subject == _world.Files[0].Path);
    }

    [Fact]
    public void The_header_is_the_authority_and_a_strange_name_is_said()
    {
        _world.BackUpFull();
        _world.BackUpLog();
        FakeFile first = _world.Files[0];
        FakeFile second = _world.Files[1];
        (first.Header, second.Header) = (second.Header, first.Header);
        BackupCatalogue catalogue = Read();
        Assert.Equal(2, catalogue.Findings.Count(f => f.Text.Contains("name does not fit", StringComparison.Ordinal)));
        Assert.Equal(second.Path, catalogue.Of(new MemberKey("SRC1", FakeWorld.ManagementDatabase))[0].Path);
    }

    [Fact]
    public void A_copy_counts_once()
    {
        _world.BackUpFull();
        _world.Files.Add(new FakeFile { Path = "/backup/z.bak", Header = _world.Files[0].Header });
        BackupCatalogue catalogue = Read();
        Assert.Equal(4, catalogue.Backups.Count);
        Assert.Contains(catalogue.Findings, f => f.Text.Contains("copy", StringComparison.Ordinal));
    }

    [Fact]
    public void A_member_missing_from_a_set_is_noticed_by_the_sets_before()
    {
        _world.BackUpFull();
        _world.BackUpLog();
        _world.Files.RemoveAt(4);
        BackupSet log = Read().Sets[1];
        Assert.False(log.IsComplete);
        Assert.Contains(FakeWorld.ManagementDatabase, Assert.Single(log.Findings).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_taken_out_of_the_group_stops_counting_after_the_next_full()
    {
        _world.BackUpFull();
        _world.BackUpFull();
        _world.Files.RemoveAt(4);
        _world.BackUpLog();
        _world.Files.RemoveAt(7);
        BackupCatalogue catalogue = Read();
        Assert.Equal([true, false, true], catalogue.Sets.Select(s => s.IsComplete));
    }

    [Fact]
    public void A_known_group_says_who_is_missing_altogether()
    {
        _world.BackUpFull();
        GroupMember[] expected = [.. _world.Group.Members, new GroupMember(MemberRole.Custom, "Orders", "SRC2", "SRC2")];
        BackupCatalogue catalogue = new FolderCatalogueReader(_world.Ports).Read([FakeWorld.Folder], new SqlInstanceAddress("DST1"), expected);
        Assert.Contains("Orders", Assert.Single(catalogue.Sets[0].Findings).Subject, StringComparison.Ordinal);
        Assert.Equal(MemberRole.Management, catalogue.RoleOf(new MemberKey("src1", "biztalkmgmtdb")));
    }

    [Fact]
    public void The_history_gives_sets_too()
    {
        _world.BackUpFull();
        string mark = _world.BackUpLog();
        _world.TamperHistory = rows => [.. rows.Skip(1).Select(r => r with { SetComplete = false })];
        _world.BackUpLog();
        var sets = BackupSets.FromHistory(_world.History, _world.Group);
        Assert.Equal([true, true, false], sets.Select(s => s.IsComplete));
        Assert.Equal(mark, sets[1].Mark);
        Assert.Equal(2, sets[2].Findings.Count);
    }

    private BackupCatalogue ReadTree() => new FolderCatalogueReader(_world.Ports) { Recurse = true }.Read([FakeWorld.Folder], new SqlInstanceAddress("DST1"));

    private string FullOf(string mark) => RecoveryPoints.PointOf(Read(), mark).Chains.Single(c => c.Member.Database == FakeWorld.ManagementDatabase).Full.Path;

    private BackupCatalogue Read() => new FolderCatalogueReader(_world.Ports).Read([FakeWorld.Folder], new SqlInstanceAddress("DST1"));
}
