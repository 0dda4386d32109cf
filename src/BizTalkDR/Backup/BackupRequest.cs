namespace BizTalkDR.Backup;

/// <summary>What to back up.</summary>
public enum BackupType
{
    Full,
    Log,

    /// <summary>A full, then a log set: the smallest thing that can be restored consistently.</summary>
    FullAndLog,
}

/// <summary>What the operator asks for.</summary>
/// <param name="Type">Full, log, or both.</param>
/// <param name="Destination">Folder as every SQL Server of the group sees it; at most 128 characters.</param>
public sealed record BackupRequest(BackupType Type, string Destination)
{
    /// <summary>1 to 8 letters and digits. Default <c>BTS</c>.</summary>
    public string MarkName { get; init; } = "BTS";

    /// <summary>Sets the group's compression setting first; null leaves it.</summary>
    public bool? Compression { get; init; }

    /// <summary>Names and history in the Management server's local time; must be what the job uses. Default false: UTC.</summary>
    public bool UseLocalTime { get; init; }

    /// <summary>Whether the full has to prove that nothing was at work while it was written. Default false: it proves it when it can.</summary>
    public bool RequireQuiesced { get; init; }
}
