using System;
using System.IO;
using System.Linq;
using BizTalkDR.BackupFiles.Tests;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.WithoutServer;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Reports;
using BizTalkDR.Tests.Files;
using Xunit;

namespace BizTalkDR.Tests.Catalogue;

public sealed class OfflineFolderTests : IDisposable
{
    private readonly FileScratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Looks_into_the_folders_of_folders_when_asked_and_does_not_follow_links()
    {
        _scratch.Write("top.bak", FileScratch.Full("A"));
        _scratch.Write("logs/old/b.trn", new BackupBuilder { Type = 'D', Database = "B", SetGuid = Guid.NewGuid(), Pages = new byte[65536] }.Build());
        Directory.CreateSymbolicLink(_scratch.PathOf("logs/round"), _scratch.Folder);

        Assert.Equal(["A"], Read(recurse: false).Members.Select(m => m.Database));
        BackupCatalogue tree = Read(recurse: true);

        Assert.Equal(["A", "B"], tree.Members.Select(m => m.Database));
        Finding link = Assert.Single(tree.Findings, f => f.Text.Contains("not entered", StringComparison.Ordinal));
        Assert.Equal(FindingLevel.Warning, link.Level);
        Assert.Contains(_scratch.PathOf("logs/round"), link.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_a_folder_that_may_not_be_read_is_said_and_the_others_are_read()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        File.SetUnixFileMode(_scratch.Write("open/a.bak", FileScratch.Full("A")), (UnixFileMode)0b111_111_111);
        _scratch.Write("closed/b.bak", FileScratch.Full("B"));
        using var other = new OtherUser(_scratch.Folder);
        File.SetUnixFileMode(_scratch.PathOf("closed"), UnixFileMode.None);

        BackupCatalogue tree = other.Run(() => Read(recurse: true));

        Assert.Equal(["A"], tree.Members.Select(m => m.Database));
        Assert.Equal(_scratch.PathOf("closed"), Assert.Single(tree.Findings).Subject);
        Assert.Equal(RecoveryError.FolderNotVisible, other.Run(() => Assert.Throws<RecoveryException>(() => new OfflineFolderReader(NullRecoveryLog.Instance).Read([_scratch.PathOf("closed")]))).Code);
    }

    [Fact]
    public void Refuses_a_folder_that_is_not_there_and_a_file_in_its_place()
    {
        string file = _scratch.Write("a.bak", FileScratch.Full());
        foreach (string path in new[] { _scratch.PathOf("nowhere"), file })
        {
            Assert.Equal(RecoveryError.FolderNotVisible, Assert.Throws<RecoveryException>(() => new OfflineFolderReader(NullRecoveryLog.Instance).Read([path])).Code);
        }
    }

    private BackupCatalogue Read(bool recurse) => new OfflineFolderReader(NullRecoveryLog.Instance) { Recurse = recurse }.Read([_scratch.Folder]);
}
