using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Backup;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Support;
using Xunit;

namespace BizTalkDR.Tests.Catalogue;

public sealed class PathMapTests
{
    private const string Here = "/mnt/nas";
    private readonly FakeWorld _world = new();

    [Theory]
    [InlineData(@"D:\Backup\a.bak", @"D:\Backup", "/mnt/b", "/mnt/b/a.bak")]
    [InlineData(@"d:\backup\x\a.bak", @"D:\Backup\", "/mnt/b/", "/mnt/b/x/a.bak")]
    [InlineData(@"D:\Backup2\a.bak", @"D:\Backup", "/mnt/b", @"D:\Backup2\a.bak")]
    [InlineData(@"D:\Backup\a.bak", @"D:\Backup", @"\\SQL1\Backup", @"\\SQL1\Backup\a.bak")]
    [InlineData(@"D:\a.bak", @"D:\", @"E:\x", @"E:\x\a.bak")]
    [InlineData("/var/b/a.bak", "/", "/mnt", "/mnt/var/b/a.bak")]
    [InlineData("/var/b/a.bak", "", "/mnt", "/var/b/a.bak")]
    [InlineData("https://x/c/a.bak", "https://x/c", "/b", "/b/a.bak")]
    public void Leads_from_the_servers_path_to_the_path_here(string path, string folder, string here, string expected) =>
        Assert.Equal(expected, Map((folder, here)).Here(path));

    [Fact]
    public void The_longest_fitting_folder_counts() =>
        Assert.Equal("/2/a.bak", Map((@"D:\B", "/1"), (@"D:\B\C", "/2"), (@"D:\B\C\D", "/3")).Here(@"D:\B\C\a.bak"));

    [Fact]
    public void Logs_are_read_here_and_restored_by_the_servers_path_and_the_plan_keeps_the_map()
    {
        _world.BackUpFull();
        _world.BackUpLog();
        RecoveryPorts ports = _world.Ports with { Marks = new ReaderHere(_world) };
        RestoreRequest request = _world.RestoreTo("DST1");
        Assert.Throws<InvalidOperationException>(() => new RestorePreparer(ports).Prepare(request));

        RestorePlan plan = new RestorePreparer(ports).Prepare(request with { PathMap = Map((FakeWorld.Folder, Here)) });
        RestorePlan kept = RestorePlanFile.FromJson(RestorePlanFile.ToJson(plan), "plan");

        Assert.All(kept.Members.SelectMany(m => m.Steps), s => Assert.StartsWith(FakeWorld.Folder + "/", s.Statement!.Path, StringComparison.Ordinal));
        Assert.Equal(Here, Assert.Single(kept.PathMap!).Value);
        Assert.All(new RestorePlanTester(ports).Test(kept).Where(r => r.Check == PlanCheck.Mark), r => Assert.True(r.Outcome == BackupTestOutcome.Passed, r.ToString()));
    }

    [Fact]
    public void A_folder_of_the_map_that_holds_nothing_is_said()
    {
        _world.BackUpFull();
        _world.BackUpLog();
        _world.Prepare(_world.RestoreTo("DST1") with { PathMap = Map(("/bakcup", Here)) });
        Assert.Contains(_world.Said, s => s.Level == RecoveryLogLevel.Warning && s.Text.Contains("'/bakcup'", StringComparison.Ordinal));
    }

    private static PathMap Map(params (string Folder, string Here)[] folders) => new(folders.ToDictionary(f => f.Folder, f => f.Here, StringComparer.OrdinalIgnoreCase));

    /// <summary>Reads marks only where this computer sees the files.</summary>
    private sealed class ReaderHere(FakeWorld world) : IBackupMarkReader
    {
        public MarkPosition? Find(string path, int position, string markName, CancellationToken cancellationToken = default) => world.Find(There(path), position, markName, cancellationToken);

        public MarkReading Read(string path, int position, CancellationToken cancellationToken = default) => world.Read(There(path), position, cancellationToken);

        private static string There(string path) =>
            path.StartsWith(Here + "/", StringComparison.Ordinal) ? FakeWorld.Folder + path[Here.Length..] : throw new InvalidOperationException($"'{path}' is not here.");
    }
}
