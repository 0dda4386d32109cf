using System;
using System.IO;
using System.Linq;
using System.Text;
using BizTalkDR.Configuration;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;
using BizTalkDR.Tests.Files;
using Xunit;

namespace BizTalkDR.Tests.Configuration;

public sealed class ComputerManifestStoreTests : IDisposable
{
    private readonly PartSetting _setting = new();

    private IBackupFolder Folder => _setting.Context.Folder;

    public void Dispose() => _setting.Dispose();

    [Fact]
    public void Gives_back_what_was_written_and_replaces_a_part_by_its_newer_backup()
    {
        KeptFile file = Folder.Keep("machine/hosts", s => s.Write(Encoding.UTF8.GetBytes("127.0.0.1")), @"C:\hosts") with { Needs = "nothing" };
        PartManifest older = new(ConfigurationPart.Machine, _setting.UtcNow, [file]);
        PartManifest newer = older with { TakenUtc = _setting.UtcNow.AddDays(1), LeftOut = ["a key"] };
        ComputerManifest manifest = ComputerManifestStore.New("LABBTS1", _setting.UtcNow).With(older).With(new PartManifest(ConfigurationPart.MasterSecret, _setting.UtcNow, [])).With(newer);
        ComputerManifestStore.Write(Folder, manifest);

        ComputerManifest read = ComputerManifestStore.Read(_setting.Root, "labbts1");
        Assert.Equal([ConfigurationPart.MasterSecret, ConfigurationPart.Machine], read.Parts.Select(p => p.Part));
        Assert.Equal((file, newer.TakenUtc, "a key"), (read.Part(ConfigurationPart.Machine).Files.Single(), read.TakenUtc, read.Part(ConfigurationPart.Machine).LeftOut.Single()));
        Assert.Equal(RecoveryError.PartNotKept, Assert.Throws<RecoveryException>(() => read.Part(ConfigurationPart.Application)).Code);
        Assert.Empty(Directory.GetFiles(Folder.Path, "*.tmp", SearchOption.AllDirectories));
    }

    [Fact]
    public void Files_are_the_owners_alone()
    {
        if (OperatingSystem.IsWindows())
            return;
        Folder.Keep("a/b", s => s.WriteByte(1));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Folder.Path, "a", "b")));
    }

    [Fact]
    public void A_computer_that_is_not_there_is_named_with_those_that_are()
    {
        ComputerManifestStore.Write(Folder, ComputerManifestStore.New("LABBTS1", _setting.UtcNow));
        RecoveryException missing = Assert.Throws<RecoveryException>(() => ComputerManifestStore.Read(_setting.Root, "LABBTS2"));
        Assert.Equal(RecoveryError.ComputerManifestMissing, missing.Code);
        Assert.Contains("LABBTS1", missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{ \"schemaVersion\": 1")]
    [InlineData("""{ "schemaVersion": 2, "computer": "LABBTS1", "takenUtc": "2026-03-01T12:00:00Z", "parts": [] }""")]
    [InlineData("""{ "schemaVersion": 1, "computer": "LABBTS1", "takenUtc": "2026-03-01T12:00:00Z" }""")]
    [InlineData("""{ "schemaVersion": 1, "computer": "OTHER", "takenUtc": "2026-03-01T12:00:00Z", "parts": [] }""")]
    [InlineData("""{ "schemaVersion": 1, "computer": "LABBTS1", "takenUtc": "2026-03-01T12:00:00Z", "parts": [ { "part": "Nothing", "takenUtc": "2026-03-01T12:00:00Z", "files": [] } ] }""")]
    [InlineData("""{ "schemaVersion": 1, "computer": "LABBTS1", "takenUtc": "2026-03-01T12:00:00Z", "parts": [ null ] }""")]
    [InlineData("""{ "schemaVersion": 1, "computer": "LABBTS1", "takenUtc": "2026-03-01T12:00:00Z", "parts": [ { "part": "Machine", "takenUtc": "2026-03-01T12:00:00Z", "files": [ { "name": "../x", "sizeBytes": 1, "sha256": "0000000000000000000000000000000000000000000000000000000000000000" } ] } ] }""")]
    [InlineData("""{ "schemaVersion": 1, "computer": "LABBTS1", "takenUtc": "2026-03-01T12:00:00Z", "parts": [ { "part": "Machine", "takenUtc": "2026-03-01T12:00:00Z", "files": [ { "name": "x", "sizeBytes": 1, "sha256": "00" } ] } ] }""")]
    [InlineData("""{ "schemaVersion": 1, "computer": "LABBTS1", "takenUtc": "2026-03-01T12:00:00Z", "parts": [ { "part": "Machine", "takenUtc": "2026-03-01T12:00:00Z", "files": [ null ] } ] }""")]
    public void A_damaged_manifest_is_a_named_error_and_is_not_written_over(string json)
    {
        Directory.CreateDirectory(Folder.Path);
        string path = Path.Combine(Folder.Path, ComputerManifest.FileName);
        File.WriteAllText(path, json);
        Assert.Equal(RecoveryError.ComputerManifestInvalid, Assert.Throws<RecoveryException>(() => ComputerManifestStore.Read(_setting.Root, "LABBTS1")).Code);
        WrittenPart part = new() { Keeps = _ => new PartManifest(ConfigurationPart.Machine, _setting.UtcNow, []) };
        ConfigurationBackup backup = new([part], _setting.Context);
        Assert.Equal(RecoveryError.ComputerManifestInvalid, Assert.Throws<RecoveryException>(() => backup.Run().ToList()).Code);
        Assert.Equal(RecoveryError.ComputerManifestInvalid, Assert.Throws<RecoveryException>(() => backup.RunOne()).Code);
        Assert.Equal(RecoveryError.ComputerManifestInvalid, Assert.Throws<RecoveryException>(() => backup.Test().ToList()).Code);
        Assert.Equal(json, File.ReadAllText(path));
    }

    [Fact]
    public void A_kept_file_is_read_only_as_it_was_written()
    {
        KeptFile file = Folder.Keep("machine/hosts", s => s.Write(Encoding.UTF8.GetBytes("127.0.0.1")));
        Folder.CopyTo(file, _setting.Context.Computer.Files, @"C:\Windows\hosts", FileProtection.Inherited);
        Assert.Equal("127.0.0.1", _setting.Folder.Read("files/C/Windows/hosts"));

        File.AppendAllText(Path.Combine(Folder.Path, "machine", "hosts"), "x");
        Assert.Equal(RecoveryError.KeptFileChanged, Assert.Throws<RecoveryException>(() => Folder.Open(file)).Code);
        File.Delete(Path.Combine(Folder.Path, "machine", "hosts"));
        Assert.Equal(RecoveryError.KeptFileMissing, Assert.Throws<RecoveryException>(() => Folder.CopyTo(file, _setting.Context.Computer.Files, @"C:\Windows\other", FileProtection.Inherited)).Code);
        Assert.False(_setting.Context.Computer.Files.FileExists(@"C:\Windows\other"));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("/x")]
    [InlineData(@"a\b")]
    [InlineData("C:x")]
    [InlineData("")]
    public void A_name_cannot_lead_out_of_the_folder(string name) =>
        Assert.Equal(RecoveryError.BackupPathInvalid, Assert.Throws<RecoveryException>(() => Folder.Write(name, _ => { })).Code);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_could_not_be_kept_is_said_in_a_warning(bool alone)
    {
        SaidLog log = new();
        PartContext context = _setting.Context with { Ports = _setting.Context.Ports with { Log = log } };
        WrittenPart part = new() { Keeps = c => new PartManifest(ConfigurationPart.Machine, _setting.UtcNow, []) { LeftOut = ["The key of a.", "The key of b."] } };
        ConfigurationBackup backup = new([part], context);
        Assert.NotNull((alone ? backup.RunOne() : backup.Run().Single()).Manifest);
        Assert.Equal(["LABBTS1, Machine: The key of a.", "LABBTS1, Machine: The key of b."], log.Entries.Where(e => e.Level == RecoveryLogLevel.Warning).Select(e => e.Text));
    }

    [Fact]
    public void One_part_that_a_computer_has_not_is_skipped_and_a_disk_that_refuses_has_a_name()
    {
        PartBackup skipped = new ConfigurationBackup([new WrittenPart { Reason = "There is no such thing here." }], _setting.Context).RunOne();
        Assert.Equal((null, "There is no such thing here."), (skipped.Manifest, skipped.Skipped));
        Assert.Null(ComputerManifestStore.Find(Folder));
        RecoveryException full = Assert.Throws<RecoveryException>(() => new ConfigurationBackup([new WrittenPart { Keeps = _ => throw new IOException("full") }], _setting.Context).RunOne());
        Assert.Equal(RecoveryError.BackupMediaNotWritable, full.Code);
    }

    [Fact]
    public void A_part_that_fails_keeps_its_older_backup_and_the_others_are_backed_up()
    {
        KeptFile Kept(PartContext c) => c.Folder.Keep("machine/hosts", s => s.WriteByte(1));
        WrittenPart good = new() { Keeps = c => new PartManifest(ConfigurationPart.Machine, _setting.UtcNow, [Kept(c)]) };
        Assert.NotNull(Assert.Single(new ConfigurationBackup([good], _setting.Context).Run()).Manifest);
        WrittenPart bad = new() { Keeps = _ => throw new RecoveryException(RecoveryError.ToolFailed, "x", "It failed.") };
        WrittenPart none = new() { Reason = "There is no such thing here." };
        PartBackup[] results = new ConfigurationBackup([bad, none], _setting.Context).Run().ToArray();
        Assert.Equal((RecoveryError.ToolFailed, "There is no such thing here."), (results[0].Error!.Code, results[1].Skipped));
        Assert.Single(ComputerManifestStore.Read(_setting.Root, "LABBTS1").Part(ConfigurationPart.Machine).Files);

        Assert.All(new ConfigurationBackup([good], _setting.Context).Test(), c => Assert.Equal(CheckOutcome.Passed, c.Outcome));
        File.WriteAllText(Path.Combine(Folder.Path, "machine", "hosts"), "changed");
        Assert.Equal(RecoveryError.KeptFileChanged, new ConfigurationBackup([good], _setting.Context).Test().First().Error);
    }
}
