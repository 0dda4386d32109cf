using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.BackupFiles;

/// <summary>What the bytes of a file are protected by, as far as a verification could use it.</summary>
public enum ByteProtection
{
    /// <summary>Covered by a checksum that was computed.</summary>
    Checksum,

    /// <summary>Covered by no checksum, but compared with a second place that says the same.</summary>
    Comparison,

    /// <summary>Header values that nothing covers.</summary>
    UncoveredValues,

    /// <summary>Filling between structures, without meaning. In plain files it is looked at all the same: it has to be zero.</summary>
    Padding,

    /// <summary>Pages that belong to no table: their bytes are old disk contents, without meaning.</summary>
    UnallocatedPages,

    /// <summary>Pages or log blocks without a checksum, or of which nobody can tell whether they count.</summary>
    UncoveredData,
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
