namespace BizTalkDR.Backup;

/// <summary>What a check of a backup found.</summary>
public enum BackupTestOutcome
{
    Passed,
    Failed,

    /// <summary>The check could not be made; the reason says why.</summary>
    NotChecked,
}

/// <summary>What was checked.</summary>
public enum BackupCheck
{
    /// <summary>The server can read the file's header.</summary>
    FileReadable,

    /// <summary>RESTORE VERIFYONLY.</summary>
    Media,

    /// <summary>The set holds every member.</summary>
    SetComplete,

    /// <summary>An unbroken chain from a full to the mark.</summary>
    Chain,

    /// <summary>The mark stands in the log file.</summary>
    Mark,
}

/// <summary>The result of one check on one thing; never a bare yes or no.</summary>
/// <param name="Check">What was checked.</param>
/// <param name="Subject">A file, a set, or a member at a mark.</param>
/// <param name="Outcome">What was found.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record BackupTestResult(BackupCheck Check, string Subject, BackupTestOutcome Outcome, string Reason)
{
    /// <summary>Gives the result for reading.</summary>
    public override string ToString() => $"{Outcome}: {Check}: {Subject}: {Reason}";
}
