using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.BackupFiles;
using BizTalkDR.Errors;

namespace BizTalkDR.Files;

/// <summary>The answer to one check of a file.</summary>
/// <param name="Check">What was asked.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Reason">What was found, or why it was not checked.</param>
public sealed record FileCheck(string Check, CheckOutcome Outcome, string Reason)
{
    /// <summary>Things examined: blocks, records, pages, files.</summary>
    public long Examined { get; init; }

    /// <summary>How many of them are bad.</summary>
    public long Failed { get; init; }

    /// <summary>Things that could not be examined.</summary>
    public long NotChecked { get; init; }

    /// <summary>Where the first bad one is, in bytes from the start of the file.</summary>
    public long? Offset { get; init; }

    /// <summary>Gives check, outcome and reason in one line.</summary>
    public override string ToString() => $"{Check}: {Outcome} ({Reason})";
}

/// <summary>What testing one file found, without a server.</summary>
/// <param name="FullName">The file.</param>
/// <param name="Level">How deep it was asked to be tested.</param>
/// <param name="Checks">An answer for each check that the level asks for and the file gives occasion for.</param>
public sealed record FileTestResult(string FullName, VerificationLevel Level, IReadOnlyList<FileCheck> Checks)
{
    /// <summary>Name of the file without its folder.</summary>
    public string Name => BackupPath.NameOf(FullName);

    /// <summary>The worst answer: failed before not checked before passed.</summary>
    public CheckOutcome Outcome => Checks.Count == 0 ? CheckOutcome.NotChecked : Checks.Max(c => c.Outcome);

    /// <summary>The answers that are not Passed, in words; else how many checks passed.</summary>
    public string Reason => Outcome == CheckOutcome.Passed
        ? $"{Checks.Count} checks passed"
        : string.Join("; ", Checks.Where(c => c.Outcome != CheckOutcome.Passed).OrderByDescending(c => c.Outcome).Select(c => c.Outcome == CheckOutcome.Failed ? $"{c.Check}: {c.Reason}" : $"{c.Check} not checked: {c.Reason}"));

    /// <summary>What the file says of itself, as far as it could be read.</summary>
    public IReadOnlyList<FileBackup> Backups { get; init; } = [];

    /// <summary>Size of the file in bytes; null when it could not be opened.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>SHA-256 in hexadecimal when it was computed.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Bytes of the file by what protects them, when the content was tested.</summary>
    public IReadOnlyDictionary<ByteProtection, long> Coverage { get; init; } = new Dictionary<ByteProtection, long>();

    /// <summary>Gives outcome, file and reason in one line.</summary>
    public override string ToString() => $"{Outcome}: {Name}: {Reason}";
}

/// <summary>What testing files found, all in all.</summary>
/// <param name="Outcome">Passed only when at least one file was tested, nothing failed, and everything that was asked could be checked.</param>
/// <param name="Level">How deep the files were asked to be tested.</param>
/// <param name="Files">Number of files.</param>
/// <param name="Passed">Files of which every check passed.</param>
/// <param name="Failed">Files of which a check failed.</param>
/// <param name="NotChecked">Files of which something could not be checked, and nothing failed.</param>
/// <param name="Problems">Paths that led to no file.</param>
/// <param name="SizeBytes">Size of the files.</param>
/// <param name="Failures">The names and reasons of the files that failed; the first 1000.</param>
public sealed record FileTestSummary(
    CheckOutcome Outcome, VerificationLevel Level, int Files, int Passed, int Failed, int NotChecked, int Problems, long SizeBytes, IReadOnlyList<string> Failures)
{
    /// <summary>What passed here may still not restore.</summary>
    public string Meaning => Outcome switch
    {
        CheckOutcome.Passed => "Every check that was asked for passed. Only a restore proves that a backup restores.",
        CheckOutcome.Failed when Failed == 0 => "A path led to no file that could be tested.",
        CheckOutcome.Failed => "At least one file is damaged, incomplete or not there. Do not rely on it.",
        _ when Files == 0 => "No file was tested.",
        _ => "Nothing failed, but not everything that was asked for could be checked; the files' results say what and why.",
    };

    /// <summary>Gives the counts in one line.</summary>
    public override string ToString() => $"{Outcome}: {Files} files, {Passed} passed, {Failed} failed, {NotChecked} not checked";
}

/// <summary>One step of a test: a file's result, a path's problem, or at the end the summary.</summary>
/// <param name="Result">The result of a file.</param>
/// <param name="Problem">Why a path led to no file.</param>
/// <param name="Summary">All in all; the last step.</param>
public sealed record FileTestStep(FileTestResult? Result = null, RecoveryException? Problem = null, FileTestSummary? Summary = null);
