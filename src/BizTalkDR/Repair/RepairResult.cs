using System;

namespace BizTalkDR.Repair;

/// <summary>What is looked at after a restore (facts: restore.md §7 and §8).</summary>
public enum RepairCheck
{
    /// <summary>The member is there, ONLINE and open to users.</summary>
    State,

    /// <summary>The recovery model is FULL: the group is not supported in another.</summary>
    RecoveryModel,

    /// <summary>The instance knows the login of every user.</summary>
    Users,

    /// <summary>The instance knows the owner, and dbo stands for it.</summary>
    Owner,

    /// <summary>The role BTS_BACKUP_USERS is there, and the login that backs up is in it.</summary>
    BackupRole,

    /// <summary>The member's other jobs of SQL Server Agent are there, and enabled where BizTalk's configuration enables them.</summary>
    Jobs,

    /// <summary>The Management database names the instance that holds the member.</summary>
    Reference,

    /// <summary>The Management instance may call procedures on the member's.</summary>
    LinkedServer,

    /// <summary>The job Backup BizTalk Server is there, writes to the right folder, and runs.</summary>
    BackupJob,

    /// <summary>A full backup begins a new chain: the old one ended with the restore.</summary>
    FullBackup,

    /// <summary>DBCC CHECKDB.</summary>
    Consistency,

    /// <summary>The BizTalk computers.</summary>
    Computers,
}

/// <summary>What became of a check.</summary>
public enum RepairOutcome
{
    Passed,

    /// <summary>It failed, was mended, and passed when looked at again.</summary>
    Repaired,
    Failed,

    /// <summary>It could not be made; the reason says why.</summary>
    NotChecked,
}

/// <summary>The result of one check on one thing.</summary>
/// <param name="Check">What was checked.</param>
/// <param name="Subject">A member, a linked server, a job.</param>
/// <param name="Outcome">What was found.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record RepairResult(RepairCheck Check, string Subject, RepairOutcome Outcome, string Reason)
{
    /// <summary>What to do next; null when there is nothing to do.</summary>
    public string? Remedy { get; init; }

    /// <summary>Whether both are about the same check on the same thing.</summary>
    public bool IsAbout(RepairResult other) => Check == other.Check && string.Equals(Subject, other.Subject, StringComparison.Ordinal);

    /// <summary>Gives the result for reading.</summary>
    public override string ToString() => $"{Outcome}: {Check}: {Subject}: {Reason}";
}
