using System;
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

    /// <summary>The login may do what a restore needs.</summary>
    Permission,

    /// <summary>The instance is of the backups' version, or a newer one.</summary>
    Version,

    /// <summary>The instance's edition opens such databases.</summary>
    Edition,

    /// <summary>The instance has the databases' collation.</summary>
    Collation,

    /// <summary>Nobody uses a database that is to be replaced.</summary>
    Sessions,

    /// <summary>No database that is to be replaced is in an availability group.</summary>
    AvailabilityGroup,

    /// <summary>The certificates of encrypted databases and backups are there, with their private keys.</summary>
    Encryption,

    /// <summary>There is a credential for every container that backups are read from.</summary>
    Credential,

    /// <summary>The databases will have the full recovery model.</summary>
    RecoveryModel,

    /// <summary>Every file has a folder, and nothing is in its way.</summary>
    FilePlace,

    /// <summary>The files fit on their volumes.</summary>
    Space,

    /// <summary>The Management database's instance may call procedures on the others.</summary>
    LinkedServer,
}

/// <summary>One check of a plan against the world as it is now.</summary>
/// <param name="Check">What was checked.</param>
/// <param name="Subject">A member, a file, the plan.</param>
/// <param name="Outcome">What was found.</param>
/// <param name="Reason">What has changed, or why nothing could be checked.</param>
public sealed record PlanTestResult(PlanCheck Check, string Subject, BackupTestOutcome Outcome, string Reason)
{
    /// <summary>The error that keeps a restore by this plan from starting; null when the check passed, and when it failed in something a restore only warns of.</summary>
    public RecoveryError? Code { get; init; }

    /// <summary>Whether a restore goes on and warns.</summary>
    public bool IsWarning => Outcome == BackupTestOutcome.NotChecked || (Outcome == BackupTestOutcome.Failed && Code is null);

    /// <summary>What to do about it; empty when it passed.</summary>
    public string Remedy { get; init; } = string.Empty;

    /// <summary>Gives the result for reading.</summary>
    public override string ToString() => $"{Outcome}: {Check}: {Text}";

    /// <summary>What it is about, what was seen, and what to do.</summary>
    internal string Text => $"{Subject}: {Reason}{(Remedy.Length == 0 ? string.Empty : Reason.EndsWith(".", StringComparison.Ordinal) ? " " + Remedy : ". " + Remedy)}";
}
