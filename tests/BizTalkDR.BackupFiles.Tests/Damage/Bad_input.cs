using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using Xunit;

namespace BizTalkDR.BackupFiles.Tests;

public sealed class Bad_input : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bizfiles").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("", BackupFileError.Empty)]
    [InlineData("TAP", BackupFileError.UnknownFormat)]
    [InlineData("TAPE", BackupFileError.TooShort)]
    [InlineData("MSSQLBAK", BackupFileError.TooShort)]
    [InlineData("PK\u0003\u0004 and what a ZIP archive goes on with, long enough to be looked at", BackupFileError.UnknownFormat)]
    [InlineData("This is no backup but a text that somebody gave the extension .bak, as many do.", BackupFileError.UnknownFormat)]
    public void Is_named(string content, BackupFileError error)
    {
        string path = Write(Encoding.Latin1.GetBytes(content));

        Assert.Equal(error, Refusal(path).Error);
        VerificationResult result = BackupVerification.Run(path);
        Assert.Equal(error, result.Error);
        Assert.Equal(CheckOutcome.Failed, result[BackupCheck.Readable]!.Outcome);
    }

    [Fact]
    public void Of_zeros_is_called_so()
    {
        Assert.Contains("zeros", Refusal(Write(new byte[100_000])).Message);
    }

    [Fact]
    public void Compressed_by_an_old_version_or_encrypted_is_not_called_corrupt()
    {
        byte[] old = new byte[4096];
        "MSSQLBAK"u8.CopyTo(old);
        old[8] = 1;
        byte[] encrypted = new byte[4096];
        new Random(1).NextBytes(encrypted);
        "MSSQLBAK\u0002\0\0\0\u0003\0\0\0"u8.CopyTo(encrypted);
        encrypted[0x1E0] = 0x77;

        Assert.Equal(BackupFileError.UnreadableCompression, Refusal(Write(old)).Error);
        BackupFileException refusal = Refusal(Write(encrypted));
        Assert.Equal(BackupFileError.UnreadableCompression, refusal.Error);
        Assert.Contains("encrypted", refusal.Message);
        Assert.DoesNotContain("corrupt", refusal.Message);
    }

    [Fact]
    public void Paths_are_named()
    {
        Assert.Equal(BackupFileError.NotFound, Refusal(Path.Combine(_folder, "nothing.bak")).Error);
        Assert.Equal(BackupFileError.NotFound, Refusal(Path.Combine(_folder, "no", "such", "folder.bak")).Error);
        Assert.Equal(BackupFileError.IsDirectory, Refusal(_folder).Error);
        Assert.Equal(BackupFileError.InvalidPath, Refusal(" ").Error);
        Assert.Equal(BackupFileError.InvalidPath, Refusal("a\0b").Error);
        BackupFileException tooLong = Refusal(Path.Combine(_folder, new string('x', 4000)));
        Assert.Contains(tooLong.Error, new[] { BackupFileError.InvalidPath, BackupFileError.NotFound });
        Assert.InRange(tooLong.Message.Length, 1, 1000);
    }

    [Fact]
    public void Links_that_lead_nowhere_or_in_circles_are_named()
    {
        string a = Path.Combine(_folder, "a.bak");
        string b = Path.Combine(_folder, "b.bak");
        File.CreateSymbolicLink(a, b);
        Assert.Equal(BackupFileError.NotFound, Refusal(a).Error);
        File.CreateSymbolicLink(b, a);

        Assert.Equal(BackupFileError.LinkLoop, Refusal(a).Error);
    }

    [Theory]
    [InlineData(false, BackupFileError.Empty)]
    [InlineData(true, BackupFileError.NotAFile)]
    public async System.Threading.Tasks.Task A_pipe_is_named_and_never_opened(bool byLink, BackupFileError error)
    {
        if (OperatingSystem.IsWindows())
            return;
        string path = Path.Combine(_folder, "pipe.bak");
        using (Process make = Process.Start("mkfifo", path))
            make.WaitForExit();
        string link = Path.Combine(_folder, "link.bak");
        File.CreateSymbolicLink(link, path);

        // Opened, it would wait for a writer that never comes.
        BackupFileException refusal = await System.Threading.Tasks.Task.Run(() => Refusal(byLink ? link : path)).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(error, refusal.Error);
        Assert.Equal(error, BackupVerification.Run(byLink ? link : path).Error);
    }

    [Fact]
    public void A_link_to_a_backup_is_read()
    {
        string real = Write(SmallLog());
        string link = Path.Combine(_folder, "link.bak");
        File.CreateSymbolicLink(link, real);

        Assert.True(BackupFile.Open(link).IsComplete);
        Assert.False(BackupVerification.Run(link).HasFailed);
    }

    [Fact]
    public void A_locked_file_is_named()
    {
        string path = Write(SmallLog());
        using var held = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        Assert.Equal(BackupFileError.InUse, Refusal(path).Error);
    }

    [Fact]
    public void A_stream_that_cannot_seek_is_named()
    {
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream();

        Assert.Equal(BackupFileError.NotSeekable, Assert.Throws<BackupFileException>(() => BackupFile.Open(pipe, "pipe")).Error);
    }

    [Fact]
    public void A_file_that_fails_while_it_is_read_is_named()
    {
        using var failing = new FailingStream(SmallLog(), failAt: 9000);

        Assert.Equal(BackupFileError.ReadFailed, Assert.Throws<BackupFileException>(() => BackupFile.Open(failing, "failing")).Error);
        Assert.Equal(BackupFileError.ReadFailed, BackupVerification.Run(failing, "failing").Error);
    }

    [Fact]
    public void A_file_changed_after_it_was_opened_is_refused()
    {
        string path = Write(SmallLog());
        BackupFile file = BackupFile.Open(path);
        using (FileStream more = File.Open(path, FileMode.Append))
            more.WriteByte(0);

        Assert.Equal(BackupFileError.Changed, Assert.Throws<BackupFileException>(() => file.Sets[0].ReadMarks().ToArray()).Error);
    }

    [Fact]
    public void A_file_that_grows_while_it_is_verified_is_named()
    {
        string path = Write(SmallLog());
        bool grown = false;
        VerificationResult result = BackupVerification.Run(path, new VerificationOptions
        {
            OnRegion = (_, _, _) =>
            {
                if (grown)
                    return;
                grown = true;
                using FileStream more = File.Open(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
                more.Write(new byte[512]);
            },
        });

        Assert.Equal(CheckOutcome.Failed, result[BackupCheck.Unchanged]!.Outcome);
        Assert.Contains("still being written", result[BackupCheck.Unchanged]!.Message);
    }

    [Fact]
    public void A_cut_file_tells_what_it_knows()
    {
        byte[] whole = SmallLog();
        BackupFile file = Marks_in_built_logs.Open(whole[..(whole.Length / 2)]);

        BackupSet set = Assert.Single(file.Sets);
        Assert.False(file.IsComplete);
        Assert.False(set.IsComplete);
        Assert.Equal("BizTalkMsgBoxDb", set.DatabaseName.Value);
        Assert.Equal(Certainty.Verified, set.FirstLsn.Certainty);
        Assert.Equal(Certainty.Provisional, set.BackupSizeBytes.Certainty);
        Assert.False(set.FinishLocal.IsKnown);
        Assert.Contains(file.Findings, f => f.Kind == FindingKind.Truncated);
        Assert.Contains(file.Findings, f => f.Kind == FindingKind.Unfinished);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_cut_of_a_small_backup_is_noticed(bool compressed)
    {
        byte[] whole = compressed ? CompressedContainer.Wrap(SmallLog()) : SmallLog();
        Assert.False(BackupVerification.Run(new MemoryStream(whole), "whole").HasFailed);
        for (int length = 0; length < whole.Length; length += length < 6_000 ? 7 : 61)
        {
            byte[] cut = whole[..length];
            VerificationResult result = BackupVerification.Run(new MemoryStream(cut), "cut");
            Assert.True(result.HasFailed, $"cut to {length} bytes");
        }
    }

    [Fact]
    public void An_unfinished_differential_has_provisional_LSNs()
    {
        var builder = new BackupBuilder { Type = 'I', Unfinished = true, Pages = new byte[65536] };

        BackupSet set = Marks_in_built_logs.Open(builder.Build()).Sets[0];

        Assert.Equal(Certainty.Provisional, set.LastLsn.Certainty);
        Assert.Contains("closing header", set.LastLsn.Why);
        Assert.False(set.IsComplete);
    }

    [Fact]
    public void A_set_whose_header_is_gone_knows_nothing_of_it()
    {
        byte[] whole = SmallLog();
        int header = whole.AsSpan().IndexOf("MSCI"u8);

        BackupSet set = Assert.Single(Marks_in_built_logs.Open(whole[..(header + 20)]).Sets);

        Assert.False(set.DatabaseName.IsKnown);
        Assert.False(set.Type.IsKnown);
        Assert.Throws<InvalidOperationException>(() => set.FirstLsn.Value);
        Assert.Empty(set.ReadMarks());
    }

    [Fact]
    public void Bytes_behind_the_end_are_found()
    {
        byte[] whole = SmallLog();

        BackupFile zeros = Marks_in_built_logs.Open([.. whole, .. new byte[4096]]);
        BackupFile other = Marks_in_built_logs.Open([.. whole, .. Enumerable.Repeat((byte)7, 4096)]);

        Assert.Contains(zeros.Findings, f => f.Kind == FindingKind.TrailingBytes);
        Assert.Contains(other.Findings, f => f.Kind == FindingKind.TrailingBytes);
        Assert.True(zeros.Sets[0].IsComplete);
        Assert.True(other.Sets[0].IsComplete);
    }

    [Fact]
    public void Reading_stops_on_demand()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        string path = Write(SmallLog());

        Assert.ThrowsAny<OperationCanceledException>(() => BackupFile.Open(path, null, stop.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => BackupVerification.Run(path, null, stop.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => BackupVerification.Run(path, new VerificationOptions { Level = VerificationLevel.Hash }, stop.Token));
    }

    [Fact]
    public void Stripes_mixed_up_are_named()
    {
        BackupFile Stripe(ushort number, string medium, string set) => BackupFile.Open(
            new MemoryStream(StripeBytes(number, medium, set)), $"stripe {number} of {medium}");

        byte[] StripeBytes(ushort number, string medium, string set) => new BackupBuilder
        {
            Type = 'D',
            FamilyCount = 2,
            FamilyNumber = number,
            MediaSet = new Guid(medium + "-2222-3333-4444-555555555555"),
            SetGuid = new Guid(set + "-2222-3333-4444-555555555555"),
            Pages = new byte[65536],
        }.Build();

        BackupFile one = Stripe(1, "11111111", "aaaaaaaa");
        Assert.Equal(CheckOutcome.Passed, StripeCheck.Of(one, [Stripe(2, "11111111", "aaaaaaaa")]).Outcome);
        Assert.Equal(CheckOutcome.Failed, StripeCheck.Of(one, [Stripe(2, "11111111", "bbbbbbbb")]).Outcome);
        Assert.Equal(CheckOutcome.Failed, StripeCheck.Of(one, [Stripe(2, "22222222", "aaaaaaaa")]).Outcome);
    }

    internal static byte[] SmallLog()
    {
        byte[] block = new LogBlockBuilder(30, 100).Begin("BTS_1", marked: true).Commit(new Lsn(30, 100, 1), "BTS_1", new DateTime(2024, 5, 6)).Other(700).Build();
        return Marks_in_built_logs.Log([block]).Build();
    }

    private static BackupFileException Refusal(string path) => Assert.Throws<BackupFileException>(() => BackupFile.Open(path));

    private string Write(byte[] content)
    {
        string path = Path.Combine(_folder, Guid.NewGuid().ToString("N") + ".bak");
        File.WriteAllBytes(path, content);
        return path;
    }

    private sealed class FailingStream(byte[] bytes, int failAt) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            Position + count > failAt ? throw new IOException("The network name is no longer available.") : base.Read(buffer, offset, count);
    }
}
