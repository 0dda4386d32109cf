using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using BizTalkDR.BackupFiles;
using BizTalkDR.BackupFiles.Tests;
using BizTalkDR.Errors;
using BizTalkDR.Files;
using BizTalkDR.Ports;
using Xunit;

namespace BizTalkDR.Tests.Files;

public sealed class BackupFileTesterTests : IDisposable
{
    private readonly FileScratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_whole_file_passes_every_check_and_the_summary_says_so()
    {
        _scratch.Write("full.bak", FileScratch.Full());
        _scratch.Write("log.bak", FileScratch.Log());

        List<FileTestStep> steps = _scratch.Test();

        Assert.All(Results(steps), r => Assert.Equal(CheckOutcome.Passed, r.Outcome));
        Assert.All(Results(steps).SelectMany(r => r.Checks), c => Assert.NotEmpty(c.Reason));
        FileTestSummary summary = steps[^1].Summary!;
        Assert.Equal((CheckOutcome.Passed, 2, 2, 0, 0, 0), (summary.Outcome, summary.Files, summary.Passed, summary.Failed, summary.NotChecked, summary.Problems));
        Assert.Equal(Results(steps).Sum(r => r.SizeBytes), summary.SizeBytes);
        Assert.Empty(summary.Failures);
    }

    [Fact]
    public void A_plain_file_without_checksums_is_not_checked_where_nothing_protects_it()
    {
        string path = _scratch.Write("full.bak", FileScratch.Full(checksum: false));

        FileTestResult content = Results(_scratch.Test([path]))[0];
        Assert.Equal(CheckOutcome.NotChecked, content.Outcome);
        Assert.DoesNotContain(content.Checks, c => c.Outcome == CheckOutcome.Failed);
        Assert.Equal(CheckOutcome.NotChecked, _scratch.Test([path])[^1].Summary!.Outcome);

        Assert.Equal(CheckOutcome.Passed, Results(_scratch.Test([path], VerificationLevel.Structure))[0].Outcome);
    }

    [Fact]
    public void Checksums_that_were_never_written_are_no_question_where_others_cover_every_byte()
    {
        string log = _scratch.Write("log.bak", FileScratch.Log());

        FileTestResult result = Results(_scratch.Test([log]))[0];

        Assert.DoesNotContain(result.Checks, c => c.Check == nameof(BackupCheck.BackupChecksum));
        Assert.Equal(CheckOutcome.Passed, result.Checks.Single(c => c.Check == "Coverage").Outcome);
    }

    [Fact]
    public void How_many_bytes_of_the_headers_nothing_covers_is_said()
    {
        FileTestResult result = Results(_scratch.Test([_scratch.Write("log.bak", FileScratch.Log())]))[0];

        string bytes = result.Coverage[ByteProtection.UncoveredValues].ToString("N0", CultureInfo.InvariantCulture);
        Assert.Contains($"; {bytes} bytes of headers have neither", result.Checks.Single(c => c.Check == "Coverage").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flipped_bit_in_a_page_fails_the_content_and_not_the_structure()
    {
        byte[] bytes = FileScratch.Full();
        int data = bytes.AsSpan().IndexOf("MQDA"u8) + 22;
        bytes[data + 20_000] ^= 0x10;
        string path = _scratch.Write("full.bak", bytes);

        Assert.Equal(CheckOutcome.Passed, Results(_scratch.Test([path], VerificationLevel.Structure))[0].Outcome);
        List<FileTestStep> steps = _scratch.Test([path]);
        Assert.Equal(CheckOutcome.Failed, Results(steps)[0].Checks.Single(c => c.Check == nameof(BackupCheck.BackupChecksum)).Outcome);
        Assert.Contains(path, Assert.Single(steps[^1].Summary!.Failures), StringComparison.Ordinal);
    }

    public static TheoryData<string, string[], string> StripeCases => new()
    {
        { "both there", ["1", "2"], "Passed Passed" },
        { "one missing", ["2"], "Failed" },
        { "mixed up: of another medium", ["1", "2 other medium"], "Failed Failed" },
        { "mixed up: of another backup", ["1", "2 other set"], "Failed Failed" },
        { "one twice", ["1", "1 again", "2"], "Failed Failed Failed" },
        { "a copy in another folder", ["1", "2", "copy/1", "copy/2"], "Passed Passed Passed Passed" },
        { "half here, half there", ["1", "copy/2"], "Passed Passed" },
        { "a copy that lacks one", ["1", "2", "copy/1"], "Passed Passed Passed" },
    };

    [Theory]
    [MemberData(nameof(StripeCases))]
    public void Stripes_are_tested_together(string situation, string[] files, string expected)
    {
        foreach (string file in files)
        {
            int number = file[file.StartsWith("copy/", StringComparison.Ordinal) ? 5 : 0] - '0';
            _scratch.Write(file + ".bak", FileScratch.Stripe(number, medium: file.EndsWith("medium", StringComparison.Ordinal) ? '2' : '1', set: file.EndsWith("set", StringComparison.Ordinal) ? 'b' : 'a'));
        }

        List<FileTestResult> results = Results(_scratch.Test(level: VerificationLevel.Structure, recurse: true));

        string outcomes = string.Join(' ', results.Select(r => r.Checks.Single(c => c.Check == nameof(BackupCheck.Stripes)).Outcome));
        Assert.True(expected == outcomes, $"{situation}: {outcomes}; {string.Join("; ", results)}");
    }

    [Fact]
    public void A_missing_stripe_is_named_by_its_number()
    {
        string path = _scratch.Write("2.bak", FileScratch.Stripe(2, count: 3));

        Assert.Contains("1, 3", Results(_scratch.Test([path]))[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hash_is_compared_with_the_manifest()
    {
        string good = _scratch.Write("good.bak", FileScratch.Log());
        string other = _scratch.Write("other.bak", FileScratch.Full());
        string unnamed = _scratch.Write("unnamed.bak", FileScratch.Full());
        HashManifest manifest = Manifest($"{Sha(good)}  good.bak\n{Sha(good)}  other.bak\n");

        List<FileTestStep> steps = _scratch.Test([good, other, unnamed], manifest: manifest);

        Assert.Equal([CheckOutcome.Passed, CheckOutcome.Failed, CheckOutcome.NotChecked], Results(steps).Select(r => r.Checks.Single(c => c.Check == "Hash").Outcome));
        Assert.Equal(Sha(unnamed), Results(steps)[2].Sha256);
        Assert.Equal(VerificationLevel.Structure | VerificationLevel.Content | VerificationLevel.Hash, steps[^1].Summary!.Level);
    }

    [Fact]
    public void A_hash_without_a_manifest_is_computed_and_not_called_checked()
    {
        string path = _scratch.Write("good.bak", FileScratch.Log());

        FileTestResult result = Results(_scratch.Test([path], VerificationLevel.Hash))[0];

        Assert.Equal(Sha(path), result.Sha256);
        Assert.Equal(CheckOutcome.NotChecked, result.Outcome);
    }

    [Fact]
    public void A_file_that_the_manifest_names_in_vain_fails_when_a_folder_is_tested_and_is_not_asked_for_otherwise()
    {
        string good = _scratch.Write("good.bak", FileScratch.Log());
        _scratch.Write("notes.txt", "x");
        HashManifest manifest = Manifest($"{Sha(good)}  good.bak\n{Sha(good)}  gone.bak\n{Sha(good)}  notes.txt\n");

        List<FileTestResult> folder = Results(_scratch.Test(manifest: manifest));
        Assert.Equal(["good.bak Passed", "gone.bak Failed"], folder.Select(r => $"{r.Name} {r.Outcome}"));
        Assert.Contains("line 2", folder[1].Reason, StringComparison.Ordinal);

        Assert.Single(Results(_scratch.Test([good], manifest: manifest)));
    }

    [Fact]
    public void A_path_that_leads_to_nothing_keeps_the_summary_from_passing()
    {
        string good = _scratch.Write("good.bak", FileScratch.Log());
        string empty = Directory.CreateDirectory(_scratch.PathOf("empty")).FullName;

        List<FileTestStep> steps = _scratch.Test([good, empty]);
        Assert.Equal(RecoveryError.NoBackupsFound, Assert.Single(steps, s => s.Problem is not null).Problem!.Code);
        Assert.Equal((CheckOutcome.Failed, 1), (steps[^1].Summary!.Outcome, steps[^1].Summary!.Problems));

        Assert.Equal(CheckOutcome.NotChecked, _scratch.Test([])[^1].Summary!.Outcome);
    }

    [Fact]
    public void Says_how_far_it_is_in_bytes()
    {
        for (int i = 0; i < 4; i++)
        {
            _scratch.Write(i + ".bak", FileScratch.Full());
        }

        var log = new SaidLog();
        _scratch.Test(log: log, level: VerificationLevel.Content | VerificationLevel.Hash);

        List<OperationProgress> said = log.Entries.Where(e => e.Progress is not null).Select(e => e.Progress!).ToList();
        Assert.True(said[^1].IsCompleted);
        Assert.Equal(100, said[^2].Percent);
        Assert.Contains("4 of 4 files", said[^2].Status, StringComparison.Ordinal);
    }

    [SampleFact]
    public void Real_backups_have_no_failure_but_the_missing_stripe()
    {
        List<FileTestStep> steps = _scratch.Test([Samples.Folder!], recurse: true);

        Assert.Equal(38, steps[^1].Summary!.Files);
        Assert.Contains("Chinook-2025-stripe1of2.bak", Assert.Single(steps[^1].Summary!.Failures), StringComparison.Ordinal);
    }

    private static List<FileTestResult> Results(IEnumerable<FileTestStep> steps) => steps.Where(s => s.Result is not null).Select(s => s.Result!).ToList();

    private static string Sha(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    private HashManifest Manifest(string text) => HashManifest.Read(_scratch.Write("SHA256SUMS", text));
}
