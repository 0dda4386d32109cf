using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.BackupFiles;

/// <summary>How deep a backup is verified; levels combine.</summary>
[Flags]
public enum VerificationLevel
{
    /// <summary>Blocks, their checksums, completeness and what the headers say about each other. Always done.</summary>
    Structure = 1,

    /// <summary>Every checksum that covers data: records, checksum streams, log blocks, pages.</summary>
    Content = 2,

    /// <summary>SHA-256 of the file against the one a manifest names.</summary>
    Hash = 4,
}

/// <summary>One question that verification asks.</summary>
public enum BackupCheck
{
    /// <summary>Can the file be opened, and is it a backup?</summary>
    Readable,

    /// <summary>Do all blocks and streams follow each other, each matching its checksum and standing in its place?</summary>
    Structure,

    /// <summary>Is every set there to its end?</summary>
    Completeness,

    /// <summary>Did the file stay as it was while it was read?</summary>
    Unchanged,

    /// <summary>Are all stripes of the medium at hand, and do they belong together?</summary>
    Stripes,

    /// <summary>Does the set map list the sets that are there?</summary>
    SetMap,

    /// <summary>Does the header written at the start of a set agree with the one written at its end?</summary>
    HeaderCopies,

    /// <summary>Do the places that repeat a set's LSNs and times agree?</summary>
    LsnConsistency,

    /// <summary>Do compressed records match their checksums and decompress to the size they promise?</summary>
    RecordChecksums,

    /// <summary>Do the data streams match the checksums of WITH CHECKSUM?</summary>
    BackupChecksum,

    /// <summary>Are the log blocks whole, in their places and equal to their checksums?</summary>
    LogBlocks,

    /// <summary>Do allocated pages match their page checksums?</summary>
    PageChecksums,

    /// <summary>Is the file's SHA-256 the expected one?</summary>
    Hash,
}

/// <summary>What came of a check.</summary>
public enum CheckOutcome
{
    /// <summary>Looked at, and found good.</summary>
    Passed,

    /// <summary>Not looked at, or nothing there that could prove it good; the message says why.</summary>
    NotChecked,

    /// <summary>Looked at, and found bad.</summary>
    Failed,
}

/// <summary>What the bytes of a file are protected by, as far as a verification could use it.</summary>
public enum ByteProtection
{
    /// <summary>Covered by a checksum that was computed.</summary>
    Checksum,

    /// <summary>Covered by no checksum, but compared with a second place that says the same.</summary>
    Comparison,

    /// <summary>Header values that nothing covers.</summary>
    UncoveredValues,

    /// <summary>Filling between structures, without meaning.</summary>
    Padding,

    /// <summary>Pages that belong to no table: their bytes are old disk contents, without meaning.</summary>
    UnallocatedPages,

    /// <summary>Pages or log blocks without a checksum, or of which nobody can tell whether they count.</summary>
    UncoveredData,
}

/// <summary>The answer to one check.</summary>
public sealed class CheckResult
{
    internal CheckResult(BackupCheck check, CheckOutcome outcome, string message, long examined = 0, long failed = 0, long notChecked = 0, long? offset = null)
    {
        Check = check;
        Outcome = outcome;
        Message = message;
        Examined = examined;
        Failed = failed;
        NotChecked = notChecked;
        Offset = offset;
    }

    /// <summary>The question.</summary>
    public BackupCheck Check { get; }

    /// <summary>The answer.</summary>
    public CheckOutcome Outcome { get; }

    /// <summary>What was found, or why it was not checked.</summary>
    public string Message { get; }

    /// <summary>Number of things examined: blocks, records, streams, pages.</summary>
    public long Examined { get; }

    /// <summary>Number of them found bad.</summary>
    public long Failed { get; }

    /// <summary>Number of things that could not be examined.</summary>
    public long NotChecked { get; }

    /// <summary>Where the first bad thing is, in bytes from the start of the file.</summary>
    public long? Offset { get; }

    public override string ToString() => $"{Check}: {Outcome} ({Message})";
}

/// <summary>How far a verification is.</summary>
public readonly struct VerificationProgress(string name, long bytesDone, long bytesTotal)
{
    /// <summary>The file.</summary>
    public string Name { get; } = name;

    /// <summary>Bytes of the file that are done.</summary>
    public long BytesDone { get; } = bytesDone;

    /// <summary>Bytes to do in all.</summary>
    public long BytesTotal { get; } = bytesTotal;
}

/// <summary>What to verify.</summary>
public sealed class VerificationOptions
{
    /// <summary>How deep. Default: structure and content.</summary>
    public VerificationLevel Level { get; set; } = VerificationLevel.Structure | VerificationLevel.Content;

    /// <summary>SHA-256 the file should have, in hexadecimal, when a manifest names one.</summary>
    public string? ExpectedSha256 { get; set; }

    /// <summary>The other files of the medium, for the check of stripes; the file itself may be among them.</summary>
    public IReadOnlyList<BackupFile>? MediaFiles { get; set; }

    /// <summary>Told of the progress about every megabyte.</summary>
    public IProgress<VerificationProgress>? Progress { get; set; }

    internal Action<long, long, ByteProtection>? OnRegion { get; set; }
}

/// <summary>What verifying one file found: an answer for each check.</summary>
public sealed class VerificationResult
{
    internal VerificationResult(string name, BackupFile? file, BackupFileError? error, IReadOnlyList<CheckResult> checks)
    {
        Name = name;
        File = file;
        Error = error;
        Checks = checks;
    }

    /// <summary>The path or name of the file.</summary>
    public string Name { get; }

    /// <summary>What the file says of itself; <see langword="null"/> when it could not be read at all.</summary>
    public BackupFile? File { get; }

    /// <summary>Why it could not be read at all.</summary>
    public BackupFileError? Error { get; }

    /// <summary>The answers, one for each check that the level asks for and the file gives occasion for.</summary>
    public IReadOnlyList<CheckResult> Checks { get; }

    /// <summary>SHA-256 in hexadecimal when the hash was computed.</summary>
    public string? Sha256 { get; internal set; }

    /// <summary>Bytes taken from the file.</summary>
    public long BytesRead { get; internal set; }

    /// <summary>Bytes of the file by what protects them; what is missing to the file's size was not reached because of damage. Filled by the level Content.</summary>
    public IReadOnlyDictionary<ByteProtection, long> Coverage { get; internal set; } = new Dictionary<ByteProtection, long>();

    /// <summary>The worst answer: failed before not checked before passed.</summary>
    public CheckOutcome WorstOutcome => Checks.Count == 0 ? CheckOutcome.NotChecked : Checks.Max(c => c.Outcome);

    /// <summary>True when a check failed.</summary>
    public bool HasFailed => WorstOutcome == CheckOutcome.Failed;

    /// <summary>The answer to one check; <see langword="null"/> when it was not asked.</summary>
    public CheckResult? this[BackupCheck check] => Checks.FirstOrDefault(c => c.Check == check);

    public override string ToString() => $"{Name}: {WorstOutcome}";
}
