using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Hosting;
using Xunit;

namespace BizTalkDR.Lab.Tests.Group;

public sealed class HostingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hosting").FullName;

    [Fact]
    public void The_password_is_in_one_file_that_only_its_owner_may_read()
    {
        LabFolder folder = LabFolder.Create(Path.Combine(_folder, "lab"), ["S1", "S2"], seed: 1, password: null);
        string password = folder.ReadPassword();
        Assert.True(password.Length >= 20);
        string[] holders = Directory.EnumerateFiles(folder.FullPath, "*", SearchOption.AllDirectories).Where(file => File.ReadAllText(file).Contains(password, StringComparison.Ordinal)).ToArray();
        Assert.Equal([folder.ConnectionFile], holders);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.ConnectionFile));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.DirectoryFile));
        }

        Assert.NotEqual(password, LabFolder.Create(Path.Combine(_folder, "other"), ["S1", "S2"], seed: 1, password: null).ReadPassword());
    }

    [Fact]
    public void A_lab_is_opened_again_as_it_was_made()
    {
        string path = Path.Combine(_folder, "lab");
        LabFolder made = LabFolder.Create(path, ["S1", @"S2\BTS"], seed: 42, password: "Chosen-1");
        Assert.False(made.IsBuilt);
        made.MarkBuilt();
        LabFolder opened = LabFolder.Open(path);
        Assert.Equal(["S1", @"S2\BTS"], opened.Instances);
        Assert.Equal((42, true, "Chosen-1"), (opened.Seed, opened.IsBuilt, opened.ReadPassword()));
        Assert.Equal(Path.Combine(opened.FullPath, "instances", "S2$BTS"), opened.InstanceFolder(@"S2\BTS"));
    }

    [Fact]
    public void Refuses_a_folder_that_holds_something_else()
    {
        File.WriteAllText(Path.Combine(_folder, "thesis.txt"), "mine");
        Assert.Throws<LabException>(() => LabFolder.Create(_folder, ["S1", "S2"], 1, null));
        Assert.Equal(["thesis.txt"], Directory.EnumerateFileSystemEntries(_folder).Select(Path.GetFileName));
        Assert.Throws<LabException>(() => LabFolder.Open(_folder));
    }

    [Theory]
    [InlineData("../S1")]
    [InlineData("S1;DROP")]
    [InlineData("")]
    [InlineData("S 1")]
    public void Refuses_a_name_that_is_no_instance(string name) =>
        Assert.Throws<LabException>(() => LabFolder.Create(Path.Combine(_folder, "x"), [name], 1, null));

    [Fact]
    public void The_directory_finds_instances_and_notices_changes_made_by_others()
    {
        string path = Path.Combine(_folder, "directory.json");
        LabDirectory writer = LabDirectory.Create(path, ["S1", "S2"]);
        LabDirectory reader = LabDirectory.Open(path);
        Assert.Null(reader.Find("S1"));
        writer.Register("S1", 50001);
        Assert.Equal(50001, reader.Find("s1")?.Port);
        Assert.Null(reader.Find("S3"));
        Assert.Equal(writer.LinkSecret, reader.LinkSecret);
        Assert.NotEqual(writer.LinkSecret, LabDirectory.Create(Path.Combine(_folder, "other.json"), ["S1"]).LinkSecret);
        File.WriteAllText(path, "{");
        Assert.Throws<InvalidDataException>(() => LabDirectory.Open(path));
    }

    [Theory]
    [InlineData("drill --sead 3")]
    [InlineData("drill --seed")]
    [InlineData("drill --seed --json x")]
    [InlineData("drill --seed three")]
    [InlineData("drill --seed -1")]
    [InlineData("drill --seed 1 --seed 2")]
    [InlineData("drill extra")]
    public void Wrong_options_are_refused(string line) => Assert.Throws<UsageException>(() => DrillOptions.Parse(line.Split(' ')));

    [Theory]
    [InlineData("drill", 1, null, null)]
    [InlineData("drill --seed 7 --json out.json", 7, "out.json", null)]
    [InlineData("drill --keep=here --seed=0", 0, null, "here")]
    public void Right_options_are_read(string line, int seed, string? json, string? keep) =>
        Assert.Equal(new DrillOptions(seed, json, keep), DrillOptions.Parse(line.Split(' ')));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
