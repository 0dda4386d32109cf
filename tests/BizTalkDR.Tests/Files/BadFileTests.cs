using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using BizTalkDR.BackupFiles;
using BizTalkDR.BackupFiles.Tests;
using BizTalkDR.Errors;
using BizTalkDR.Files;
using BizTalkDR.Tests.Computers;
using Xunit;

namespace BizTalkDR.Tests.Files;

/// <summary>Whatever lies under a path, there is a name for it, and nothing waits for ever.</summary>
public sealed class BadFileTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly FileScratch _scratch = new();

    public static TheoryData<string, RecoveryError, CheckOutcome> Cases => new()
    {
        { "a text", RecoveryError.BackupFormatUnknown, CheckOutcome.Failed },
        { "zeros", RecoveryError.BackupFormatUnknown, CheckOutcome.Failed },
        { "zero bytes", RecoveryError.BackupFileEmpty, CheckOutcome.Failed },
        { "a zip archive", RecoveryError.BackupFormatUnknown, CheckOutcome.Failed },
        { "another product", RecoveryError.BackupFormatUnknown, CheckOutcome.Failed },
        { "encrypted", RecoveryError.BackupFormatUnreadable, CheckOutcome.NotChecked },
        { "compressed by an old version", RecoveryError.BackupFormatUnreadable, CheckOutcome.NotChecked },
        { "the first word only", RecoveryError.BackupFileTruncated, CheckOutcome.Failed },
        { "the first block only", RecoveryError.BackupFileTruncated, CheckOutcome.Failed },
        { "nothing there", RecoveryError.BackupFileNotFound, CheckOutcome.Failed },
        { "no such folder", RecoveryError.BackupFileNotFound, CheckOutcome.Failed },
        { "a path of 4,000 characters", RecoveryError.BackupPathInvalid, CheckOutcome.Failed },
        { "a path of 4,000 characters in short steps", RecoveryError.BackupFileNotFound, CheckOutcome.Failed },
        { "a path of 40,000 characters", RecoveryError.BackupPathInvalid, CheckOutcome.Failed },
        { "a path with a zero character", RecoveryError.BackupPathInvalid, CheckOutcome.Failed },
        { "locked", RecoveryError.BackupFileInUse, CheckOutcome.NotChecked },
    };

    public static TheoryData<string, RecoveryError, CheckOutcome> UnixCases => new()
    {
        { "below a file", RecoveryError.BackupFileNotFound, CheckOutcome.Failed },
        { "links in a circle", RecoveryError.BackupPathInvalid, CheckOutcome.Failed },
        { "a link to itself", RecoveryError.BackupPathInvalid, CheckOutcome.Failed },
        { "a link to nothing", RecoveryError.BackupFileNotFound, CheckOutcome.Failed },
        { "a pipe", RecoveryError.BackupFileEmpty, CheckOutcome.Failed },
        { "a link to a pipe", RecoveryError.BackupPathInvalid, CheckOutcome.Failed },
        { "a device without end", RecoveryError.BackupFileEmpty, CheckOutcome.Failed },
        { "a link to a device without end", RecoveryError.BackupPathInvalid, CheckOutcome.Failed },
        { "a file of the kernel", RecoveryError.BackupFileEmpty, CheckOutcome.Failed },
    };

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Has_a_name(string what, RecoveryError code, CheckOutcome outcome)
    {
        using IDisposable? held = Make(what, out string path);
        await AssertNamed(path, code, outcome);
    }

    [Theory]
    [MemberData(nameof(UnixCases))]
    public async Task Has_a_name_on_Unix(string what, RecoveryError code, CheckOutcome outcome)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using IDisposable? held = Make(what, out string path);
        await AssertNamed(path, code, outcome);
    }

    [Fact]
    public void A_file_that_may_not_be_read_is_named_and_not_called_bad()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string path = _scratch.Write("closed.bak", FileScratch.Log());
        using var other = new OtherUser(_scratch.Folder);
        File.SetUnixFileMode(path, UnixFileMode.None);

        BackupFileException refused = Assert.Throws<BackupFileException>(() => other.Run(() => BackupFile.Open(path)));
        VerificationResult verified = other.Run(() => BackupVerification.Run(path));

        Assert.Equal(RecoveryError.BackupFileAccessDenied, FileErrors.From(refused, path).Code);
        Assert.Equal(BackupFileError.AccessDenied, verified.Error);
        Assert.Equal(CheckOutcome.NotChecked, FileTestJudge.Judge(path, VerificationLevel.Structure, verified).Outcome);
    }

    [ShellFact]
    public void A_file_that_another_process_holds_is_named()
    {
        string path = _scratch.Write("held.bak", FileScratch.Log());
        using Process holder = Process.Start(new ProcessStartInfo("/usr/bin/flock", ["--exclusive", path, "sh", "-c", "echo held; read end"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Assert.Equal("held", holder.StandardOutput.ReadLine());

        Assert.Equal(RecoveryError.BackupFileInUse, _scratch.ReadOne(path).Error!.Code);
        holder.StandardInput.WriteLine();
        holder.WaitForExit();
        Assert.Null(_scratch.ReadOne(path).Error);
    }

    [SampleFact]
    public void A_medium_with_a_password_is_read_and_says_so()
    {
        FileBackup backup = Assert.Single(_scratch.ReadOne(Samples.PathOf("mediapassword-2008r2/passwd.bak")).Backups);

        Assert.True(backup.IsPasswordProtected);
        Assert.Contains(backup.Findings, f => f.Text.Contains("MEDIAPASSWORD", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("log")]
    [InlineData("full")]
    [InlineData("compressed")]
    public void Cut_at_any_point_is_an_error_or_incomplete_and_fails_every_test(string kind)
    {
        byte[] whole = kind switch
        {
            "full" => FileScratch.Full(),
            "compressed" => CompressedContainer.Wrap(FileScratch.Log()),
            _ => FileScratch.Log(),
        };
        var random = new Random(20261121);
        IEnumerable<int> structures = Enumerable.Range(0, whole.Length / 512).SelectMany(s => new[] { (s * 512) - 1, s * 512, (s * 512) + 1, (s * 512) + 22, (s * 512) + 52 });
        IEnumerable<int> cuts = Enumerable.Range(0, 200).Concat(structures).Concat(Enumerable.Range(0, 200).Select(_ => random.Next(whole.Length))).Append(whole.Length - 1);
        foreach (int cut in cuts.Where(c => c >= 0 && c < whole.Length).Distinct())
        {
            string path = _scratch.Write("cut.bak", whole[..cut]);
            FileReading reading = _scratch.ReadOne(path, marks: true);
            Assert.True(reading.Error is { Code: RecoveryError.BackupFileEmpty or RecoveryError.BackupFormatUnknown or RecoveryError.BackupFileTruncated } || reading.Backups[^1].State != FileBackupState.Complete, $"read, cut at {cut}");
            FileTestResult result = _scratch.Test([path], VerificationLevel.Structure)[0].Result!;
            Assert.True(result.Outcome == CheckOutcome.Failed, $"tested, cut at {cut}: {result}");
        }
    }

    [Theory]
    [InlineData("log")]
    [InlineData("full")]
    [InlineData("compressed")]
    public void Bit_rot_never_escapes_as_anything_but_a_name(string kind)
    {
        byte[] whole = kind switch
        {
            "full" => FileScratch.Full(),
            "compressed" => CompressedContainer.Wrap(FileScratch.Log()),
            _ => FileScratch.Log(),
        };
        var random = new Random(20261122);
        for (int i = 0; i < 300; i++)
        {
            byte[] rotten = (byte[])whole.Clone();
            rotten[random.Next(whole.Length)] ^= (byte)(1 << random.Next(8));
            string path = _scratch.Write("rot.bak", rotten);
            FileReading reading = _scratch.ReadOne(path, marks: true);
            Assert.True(reading.Error is null or { Code: not RecoveryError.BackupMediaUnreadable }, $"flip {i}: {reading.Error?.Message}");
            Assert.NotEmpty(_scratch.Test([path])[0].Result!.Checks);
        }
    }

    private async Task AssertNamed(string path, RecoveryError code, CheckOutcome outcome)
    {
        string good = _scratch.Write("good.bak", FileScratch.Log());

        List<FileReading> readings = await Task.Run(() => _scratch.Read([path, good], marks: true)).WaitAsync(s_patience);
        RecoveryException error = readings[0].Error!;
        Assert.Equal(code, error.Code);
        Assert.NotEmpty(error.Hint);
        Assert.NotNull(error.Target);
        Assert.InRange(error.Message.Length, 10, 1200);
        Assert.Single(readings[1].Backups);

        List<FileTestStep> steps = await Task.Run(() => _scratch.Test([path, good])).WaitAsync(s_patience);
        Assert.Equal([outcome, CheckOutcome.Passed], steps.Where(s => s.Result is not null).Select(s => s.Result!.Outcome));
        Assert.NotEqual(CheckOutcome.Passed, steps[^1].Summary!.Outcome);
    }

    private IDisposable? Make(string what, out string path)
    {
        path = _scratch.PathOf("bad.bak");
        switch (what)
        {
            case "nothing there":
                return null;
            case "no such folder":
                path = _scratch.PathOf("no/such/bad.bak");
                return null;
            case "a path of 4,000 characters":
                path = _scratch.PathOf(new string('x', 4000) + ".bak");
                return null;
            case "a path of 4,000 characters in short steps":
                path = _scratch.PathOf(string.Join('/', Enumerable.Repeat("abcdefg", 490)) + ".bak");
                return null;
            case "a path of 40,000 characters":
                path = _scratch.PathOf(string.Join('/', Enumerable.Repeat("abcdefg", 5000)) + ".bak");
                return null;
            case "a path with a zero character":
                path = _scratch.PathOf("a\0b.bak");
                return null;
            case "locked":
                return new FileStream(_scratch.Write("bad.bak", FileScratch.Log()), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            case "below a file":
                path = Path.Combine(_scratch.Write("file.txt", "x"), "bad.bak");
                return null;
            case "links in a circle":
                File.CreateSymbolicLink(path, _scratch.PathOf("other.bak"));
                File.CreateSymbolicLink(_scratch.PathOf("other.bak"), path);
                return null;
            case "a link to itself":
                File.CreateSymbolicLink(path, path);
                return null;
            case "a link to nothing":
                File.CreateSymbolicLink(path, _scratch.PathOf("gone.bak"));
                return null;
            case "a pipe":
                FileScratch.Run("mkfifo", path);
                return null;
            case "a link to a pipe":
                FileScratch.Run("mkfifo", _scratch.PathOf("pipe"));
                File.CreateSymbolicLink(path, _scratch.PathOf("pipe"));
                return null;
            case "a device without end":
                path = "/dev/zero";
                return null;
            case "a link to a device without end":
                File.CreateSymbolicLink(path, "/dev/zero");
                return null;
            case "a file of the kernel":
                path = "/proc/self/mem";
                return null;
            default:
                _scratch.Write("bad.bak", Content(what));
                return null;
        }
    }

    private static byte[] Content(string what)
    {
        byte[] random = new byte[8192];
        new Random(1).NextBytes(random);
        switch (what)
        {
            case "zeros":
                return new byte[100_000];
            case "zero bytes":
                return [];
            case "a zip archive":
                return [0x50, 0x4B, 3, 4, .. random];
            case "another product":
                return random;
            case "encrypted":
                "MSSQLBAK\u0002\0\0\0\u0003\0\0\0"u8.CopyTo(random);
                random[0x1E0] = 0x77;
                return random;
            case "compressed by an old version":
                "MSSQLBAK\u0001\0\0\0"u8.CopyTo(random);
                return random;
            case "the first word only":
                return "TAPE"u8.ToArray();
            case "the first block only":
                return FileScratch.Log()[..1024];
            default:
                return Encoding.ASCII.GetBytes("This is a text that somebody gave the extension .bak, as many do who keep an old copy of a file.");
        }
    }
}
