using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Reports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Catalogue;

public sealed class ManifestTests : IDisposable
{
    private readonly FakeWorld _world = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bizdr-manifests");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Reads_back_what_it_wrote()
    {
        BackUp(2);
        BackupManifest manifest = ManifestOf(Read().Sets[^1]);
        string path = Path.Combine(_folder.FullName, "a" + BackupManifestFile.Extension);
        BackupManifestFile.Write(manifest, path);

        BackupManifest again = BackupManifestFile.Read(path);

        Assert.Equal(BackupManifestFile.ToJson(manifest), BackupManifestFile.ToJson(again));
        Assert.Equal(manifest.Members, again.Members);
        Assert.Equal(manifest.Files, again.Files);
        Assert.Equal([path], Directory.GetFiles(_folder.FullName));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"kind\":\"BizTalkDR restore plan\",\"schemaVersion\":1}")]
    [InlineData("{\"kind\":\"BizTalkDR backup manifest\",\"schemaVersion\":2}")]
    [InlineData("{\"kind\":\"BizTalkDR backup manifest\",\"schemaVersion\":1}")]
    [InlineData("{\"kind\":\"BizTalkDR backup manifest\",\"schemaVersion\":1,\"manifest\":null}")]
    public void Refuses_what_is_no_manifest(string text)
    {
        string path = Write("a", text);
        Assert.Equal(RecoveryError.ManifestInvalid, Assert.Throws<RecoveryException>(() => BackupManifestFile.Read(path)).Code);
    }

    [Fact]
    public void Every_cut_of_a_manifest_is_refused_and_no_cut_is_believed()
    {
        BackUp(1);
        string text = BackupManifestFile.ToJson(ManifestOf(Read().Sets[^1]));
        for (int length = 0; length < text.Length - 1; length += 97)
        {
            string path = Write("cut", text[..length]);
            Assert.Equal(RecoveryError.ManifestInvalid, Assert.Throws<RecoveryException>(() => BackupManifestFile.Read(path)).Code);
        }
    }

    [Theory]
    [InlineData("../x.bak")]
    [InlineData("\\\\nas\\x.bak")]
    [InlineData("")]
    public void Refuses_a_file_outside_its_folder(string name)
    {
        BackUp(1);
        BackupManifest manifest = ManifestOf(Read().Sets[^1]);
        string path = Write("a", BackupManifestFile.ToJson(manifest with { Files = [manifest.Files[0] with { Name = name }] }));
        Assert.Equal(RecoveryError.ManifestInvalid, Assert.Throws<RecoveryException>(() => BackupManifestFile.Read(path)).Code);
    }

    [Fact]
    public void Refuses_a_full_set_with_marks()
    {
        BackUp(1);
        BackupSet set = Read().Sets[^1];
        BackupManifest manifest = ManifestOf(set) with { Set = new ManifestSet(BackupSetKind.Full, set.Stamp) };
        BackupManifest marked = manifest with { Files = [.. manifest.Files.Select(f => f with { MarkLsn = f.Header!.FirstLsn })] };
        Assert.Null(BackupManifestFile.Read(Write("a", BackupManifestFile.ToJson(manifest))).Set.Mark);
        RecoveryException error = Assert.Throws<RecoveryException>(() => BackupManifestFile.Read(Write("b", BackupManifestFile.ToJson(marked))));
        Assert.Equal(RecoveryError.ManifestInvalid, error.Code);
        Assert.Contains("its full set has marks", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_manifest_that_cannot_be_read_is_a_warning_that_says_what_is_not_known()
    {
        BackUp(1);
        Offer(Write("a", "{"));
        Finding finding = Assert.Single(Read().Findings);
        Assert.Equal(FindingLevel.Warning, finding.Level);
        Assert.Contains("members", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_whose_files_are_all_gone_is_refused_because_a_manifest_names_it()
    {
        BackUp(2);
        Keep(Read().Sets[^1]);
        _world.Files.RemoveAll(f => f.Path.Contains("SSODB", StringComparison.Ordinal));

        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Prepare());

        Assert.Equal(RecoveryError.MemberMissing, error.Code);
        Assert.Contains("SSODB", error.Message, StringComparison.Ordinal);
        Assert.Contains("which the manifest", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_world.Calls, c => c.Contains("RESTORE", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void A_member_named_once_stays_one_through_later_fulls_without_a_manifest()
    {
        BackUp(1);
        Keep(Read().Sets[^1]);
        for (int i = 0; i < 3; i++)
        {
            BackUp(1);
        }

        _world.Files.RemoveAll(f => f.Path.Contains("SSODB", StringComparison.Ordinal));
        Assert.Equal(RecoveryError.MemberMissing, Assert.Throws<RecoveryException>(() => _world.Prepare()).Code);
        Assert.Equal(3, _world.Prepare(Named("BizTalkMgmtDb", "BizTalkMsgBoxDb", "BizTalkDTADb")).Members.Count);
    }

    [Fact]
    public void A_newer_manifest_that_does_not_name_a_member_lets_it_go()
    {
        BackUp(1);
        Keep(Read().Sets[^1]);
        BackUp(1);
        BackupSet last = Read().Sets[^1];
        Keep(last with { Files = [.. last.Files.Where(f => f.Database != "SSODB")] });
        _world.Files.RemoveAll(f => f.Path.Contains("SSODB", StringComparison.Ordinal));

        RestorePlan plan = _world.Prepare();

        Assert.Equal(3, plan.Members.Count);
        Finding members = Assert.Single(plan.Findings, f => f.Subject == "members");
        Assert.Equal(FindingLevel.Information, members.Level);
        Assert.Contains("comes from the manifest", members.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_of_which_only_the_manifest_is_left_is_listed_and_called_lost()
    {
        BackUp(2);
        BackupSet last = Read().Sets[^1];
        Keep(last);
        _world.Files.RemoveRange(_world.Files.Count - 4, 4);

        BackupCatalogue catalogue = Read();
        BackupSet gone = catalogue.Sets[^1];

        Assert.Equal((last.Mark, 0, false), (gone.Mark, gone.Files.Count, gone.IsComplete));
        Assert.Equal(4, gone.Missing.Count);
        Assert.All(gone.Findings, f => Assert.Contains(".bak, of which the manifest", f.Text, StringComparison.Ordinal));
        RestorePlan plan = _world.Prepare();
        Assert.Contains(plan.Findings, f => f.Subject == last.Mark && f.Text.Contains("lost", StringComparison.Ordinal));
    }

    [Fact]
    public void A_manifest_older_than_every_file_tells_of_sets_that_were_cleaned_up()
    {
        BackUp(1);
        Keep(Read().Sets[^1]);
        BackUp(1);
        _world.Files.RemoveRange(0, 8);
        Assert.Equal(2, Read().Sets.Count);
    }

    [Fact]
    public void A_file_shorter_than_it_was_written_is_not_used()
    {
        BackUp(2);
        BackupSet last = Read().Sets[^1];
        BackupManifest manifest = ManifestOf(last);
        _world.Files[^1].SizeBytes = 999;

        BackupCatalogue catalogue = Read(new FoundManifest("/backup/x.biztalkdr.json", manifest));

        MediaBackup cut = Assert.Single(catalogue.Backups, b => !b.IsUsable);
        Assert.Equal(BackupCondition.Unfinished, cut.Condition);
        Assert.Contains("999", cut.ConditionText, StringComparison.Ordinal);
        BackupSet set = catalogue.Sets[^1];
        Assert.False(set.IsComplete);
        Assert.Equal([BackupCondition.Unfinished], set.Files.Select(f => f.Condition!.Value).Where(c => c != BackupCondition.Usable));
        Assert.False(RecoveryPoints.PointOf(catalogue, last.Mark!).IsReachable);
    }

    [Fact]
    public void A_file_that_has_grown_is_used_and_said_to_have_grown()
    {
        BackUp(1);
        BackupManifest manifest = ManifestOf(Read().Sets[^1]);
        _world.Files[^1].SizeBytes = 1001;
        BackupCatalogue catalogue = Read(new FoundManifest("/backup/x.biztalkdr.json", manifest));
        Assert.All(catalogue.Backups, b => Assert.True(b.IsUsable));
        Assert.Equal(FindingLevel.Information, Assert.Single(catalogue.Findings).Level);
    }

    [Fact]
    public void A_file_that_holds_another_backup_is_a_finding()
    {
        BackUp(1);
        BackupManifest manifest = ManifestOf(Read().Sets[^1]);
        _world.Files[^1].Header = _world.Files[^1].Header with { BackupSetGuid = Guid.NewGuid() };
        Finding finding = Assert.Single(Read(new FoundManifest("/backup/x.biztalkdr.json", manifest)).Findings);
        Assert.Equal(FindingLevel.Error, finding.Level);
        Assert.Contains("another backup", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mark_that_msdb_saw_is_more_than_a_name()
    {
        BackUp(1);
        BackupSet last = Read().Sets[^1];
        BackupManifest manifest = ManifestOf(last);
        Assert.Equal(MarkSource.FileName, RecoveryPoints.PointOf(Read(), last.Mark!).Evidence);
        BackupCatalogue catalogue = Read(new FoundManifest("/backup/x.biztalkdr.json", manifest with
        {
            Files = [.. manifest.Files.Select(f => f with { MarkLsn = new LogPosition(_world.Files.First(w => w.Path.EndsWith(f.Name, StringComparison.Ordinal)).Marks[0].Lsn) })],
        }));
        Assert.Equal(MarkSource.History, RecoveryPoints.PointOf(catalogue, last.Mark!).Evidence);
        Assert.Equal(FakeWorld.Members.Count, catalogue.Sets[^1].Members.Count);
    }

    [Fact]
    public void The_operators_word_on_members_wins_and_what_a_manifest_says_beyond_it_is_a_warning()
    {
        BackUp(1);
        Keep(Read().Sets[^1]);
        _world.Files.RemoveAll(f => f.Path.Contains("SSODB", StringComparison.Ordinal));
        RestorePlan plan = _world.Prepare(Named("biztalkmgmtdb from src1", "BizTalkMsgBoxDb", "BizTalkDTADb"));
        Assert.Equal(3, plan.Members.Count);
        Assert.Equal(MemberRole.MessageBox, plan.Members.Single(m => m.Database == "BizTalkMsgBoxDb").Role);
        Assert.Contains(plan.Findings, f => f.Level == FindingLevel.Warning && f.Subject.StartsWith("SSODB", StringComparison.Ordinal));
    }

    [Fact]
    public void A_member_that_is_named_and_has_no_file_is_missing()
    {
        BackUp(1);
        RecoveryException error = Assert.Throws<RecoveryException>(() => _world.Prepare(Named("BizTalkMgmtDb", "Orders")));
        Assert.Equal((RecoveryError.MemberMissing, "Orders"), (error.Code, error.Target));
    }

    private static RestoreRequest Named(params string[] members) => new([FakeWorld.Folder], [new SqlInstanceAddress("DST1")]) { Members = members };

    private void BackUp(int logs)
    {
        _world.BackUpFull();
        for (int i = 0; i < logs; i++)
        {
            _world.BackUpLog();
        }
    }

    private BackupCatalogue Read(params FoundManifest[] manifests)
    {
        BackupCatalogue read = new FolderCatalogueReader(_world.Ports).Read([FakeWorld.Folder], new SqlInstanceAddress("DST1"));
        return manifests.Length == 0 ? read : new BackupCatalogue(read.Backups, read.Findings, null, manifests);
    }

    private BackupManifest ManifestOf(BackupSet set) => new(
        _world.UtcNow,
        new ManifestGroup("Group", FakeWorld.ManagementDatabase, "SRC1"),
        new ManifestSet(set.Kind, set.Stamp) { Mark = set.Mark, MarkTimeUtc = set.MarkTimeUtc, Id = 7 },
        [.. _world.Group.Members.Where(m => set.Files.Any(f => f.Database == m.Database))],
        [.. set.Files.Select(f => new ManifestFile(ServerPath.NameOf(f.Path), f.Server, f.Database) { SizeBytes = f.SizeBytes, Header = f.Header })]);

    /// <summary>Puts the manifest of a set where the catalogue finds it.</summary>
    private void Keep(BackupSet set) => Offer(Write(set.Stamp, BackupManifestFile.ToJson(ManifestOf(set))));

    private void Offer(string path) => _world.StrangeFiles.Add(new FolderEntry(Path.GetFileName(path), path, 1));

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder.FullName, name + BackupManifestFile.Extension);
        File.WriteAllText(path, text);
        return path;
    }
}
