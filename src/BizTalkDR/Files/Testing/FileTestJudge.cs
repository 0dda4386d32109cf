using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.BackupFiles;
using BizTalkDR.Errors;
using BizTalkDR.Reports;

namespace BizTalkDR.Files;

/// <summary>Turns what a verification found into the answers an operator gets.</summary>
internal static class FileTestJudge
{
    private const string Coverage = "Coverage";

    public static FileTestResult Judge(string path, VerificationLevel level, VerificationResult verified)
    {
        List<FileCheck> checks = verified.Checks.Where(c => IsAsked(c, verified)).Select(c => Translate(c, verified.Error)).ToList();
        if (level.HasFlag(VerificationLevel.Content) && verified.File is not null)
        {
            checks.Add(CoverageOf(verified));
        }

        return new FileTestResult(path, level, checks)
        {
            Backups = verified.File?.Sets.Select(s => FileBackupBuilder.Build(s, path)).ToList() ?? [],
            SizeBytes = verified.File?.LengthBytes,
            Sha256 = verified.Sha256,
            Coverage = verified.Coverage,
        };
    }

    public static FileTestResult Refused(string path, VerificationLevel level, BackupFileException error) =>
        new(path, level, [new FileCheck(nameof(BackupCheck.Readable), OutcomeOf(error.Error), error.Message)]);

    /// <summary>A blob that was replaced while it was read has failed, as a file that changed; one that nobody could ask for was not looked at.</summary>
    public static FileTestResult Refused(string url, VerificationLevel level, RecoveryException error) => new(url, level, [error.Code == RecoveryError.BackupFileInUse
        ? new FileCheck(nameof(BackupCheck.Unchanged), CheckOutcome.Failed, error.Message)
        : new FileCheck(nameof(BackupCheck.Readable), error.Code is RecoveryError.BlobNotFound or RecoveryError.BackupFileEmpty or RecoveryError.BackupPathInvalid ? CheckOutcome.Failed : CheckOutcome.NotChecked, error.Message)]);

    /// <summary>A file that nobody here can look into was not found bad: it was not looked at.</summary>
    private static CheckOutcome OutcomeOf(BackupFileError error) =>
        error is BackupFileError.AccessDenied or BackupFileError.InUse or BackupFileError.UnreadableCompression ? CheckOutcome.NotChecked : CheckOutcome.Failed;

    /// <summary>
    /// A checksum that was never written is no question left open as long as another covers the same bytes: CHECKSUM beside those of pages and log blocks
    /// (whether one does is what Coverage says), and those beside CHECKSUM or the checksums of compressed records.
    /// </summary>
    private static bool IsAsked(CheckResult check, VerificationResult verified) =>
        check.Outcome != CheckOutcome.NotChecked || verified.File is not { } file || check.Check switch
        {
            BackupCheck.BackupChecksum => file.Sets.Any(s => s.HasBackupChecksums.ValueOr(true)),
            BackupCheck.LogBlocks or BackupCheck.PageChecksums => file.Container != BackupContainer.Compressed && verified[BackupCheck.BackupChecksum]?.Outcome != CheckOutcome.Passed,
            _ => true,
        };

    private static FileCheck Translate(CheckResult check, BackupFileError? error) =>
        new(check.Check.ToString(), check.Check == BackupCheck.Readable && error is { } why ? OutcomeOf(why) : check.Outcome, check.Message)
        {
            Examined = check.Examined,
            Failed = check.Failed,
            NotChecked = check.NotChecked,
            Offset = check.Offset,
        };

    /// <summary>Says whether every byte of data was protected by something that could be checked; without this, a check of one page of a thousand would pass for all.</summary>
    private static FileCheck CoverageOf(VerificationResult verified)
    {
        long covered = Bytes(verified, ByteProtection.Checksum);
        long open = Bytes(verified, ByteProtection.UncoveredData);
        string text = open == 0
            ? string.Format(CultureInfo.InvariantCulture, "checksums cover all data ({0:N0} bytes)", covered)
            : string.Format(CultureInfo.InvariantCulture, "no checksum was written for {0:N0} of {1:N0} bytes; BACKUP WITH CHECKSUM would cover all", open, covered + open);
        if (Bytes(verified, ByteProtection.UncoveredValues) is > 0 and long values)
        {
            text += string.Format(CultureInfo.InvariantCulture, "; {0:N0} bytes of headers have neither a checksum nor a second copy: only a hash covers them", values);
        }

        return new FileCheck(Coverage, open == 0 ? CheckOutcome.Passed : CheckOutcome.NotChecked, text) { Examined = covered, NotChecked = open };
    }

    private static long Bytes(VerificationResult verified, ByteProtection protection) => verified.Coverage.TryGetValue(protection, out long bytes) ? bytes : 0;
}
