using System;
using System.Collections.Generic;

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
