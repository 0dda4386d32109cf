using BizTalkDR.Backup;
using BizTalkDR.Errors;

namespace BizTalkDR.Restore;

/// <summary>What of a plan was checked again.</summary>
public enum PlanCheck
{
    /// <summary>Its steps fit together.</summary>
    Plan,

    /// <summary>The address leads to the instance the plan was made for.</summary>
    Destination,

    /// <summary>No other restore works on the database.</summary>
    Lock,

    /// <summary>The database there is the one that was planned for: absent, or the very one to be replaced.</summary>
    Database,

    /// <summary>The destination sees the folder that the tail of the database to be replaced goes to.</summary>
    Tail,

    /// <summary>The destination reads the file, and it holds the backup of the plan.</summary>
    File,

    /// <summary>The mark stands in the last log where it stood.</summary>
    Mark,
}

/// <summary>One check of a plan against the world as it is now.</summary>
/// <param name="Check">What was checked.</param>
/// <param name="Subject">A member, a file, the plan.</param>
/// <param name="Outcome">What was found.</param>
/// <param name="Reason">What has changed, or why nothing could be checked.</param>
public sealed record PlanTestResult(PlanCheck Check, string Subject, BackupTestOutcome Outcome, string Reason)
{
    /// <summary>The error a restore by this plan would end with; null unless the check failed.</summary>
    public RecoveryError? Code { get; init; }

    /// <summary>What to do about it; empty when it passed.</summary>
    public string Remedy { get; init; } = string.Empty;

    /// <summary>Gives the result for reading.</summary>
    public override string ToString() => $"{Outcome}: {Check}: {Subject}: {Reason}{(Remedy.Length > 0 ? " " + Remedy : string.Empty)}";
}
