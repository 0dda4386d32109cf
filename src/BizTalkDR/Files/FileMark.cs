using System;
using BizTalkDR.BackupFiles;

namespace BizTalkDR.Files;

/// <summary>How well a mark is established.</summary>
public enum MarkEvidence
{
    /// <summary>Its commit was read from the log in the file.</summary>
    Seen,

    /// <summary>The file's name claims it, and the reader did not see it where it cannot tell that it is not there. It may be used to restore; nothing proves it yet.</summary>
    Unconfirmed,
}

/// <summary>A transaction mark in a log backup, read from the file or claimed by its name.</summary>
/// <param name="Name">Name of the mark, as STOPATMARK takes it.</param>
/// <param name="Evidence">How well it is established.</param>
/// <param name="Note">What the evidence is; for an unconfirmed mark why it was not seen, and what would confirm it.</param>
public sealed record FileMark(string Name, MarkEvidence Evidence, string Note)
{
    /// <summary>LSN of the marked commit, as SQL Server shows it; null when unconfirmed.</summary>
    public decimal? Lsn { get; init; }

    /// <summary>LSN of the record behind the marked commit, or an upper bound of it; null when unknown.</summary>
    public decimal? NextLsn { get; init; }

    /// <summary>When the marked transaction was committed, in the source server's local time; null when unknown.</summary>
    public DateTime? TimeLocal { get; init; }

    /// <summary>How well reading marks is established for the version that wrote the file.</summary>
    public SupportLevel Support { get; init; }

    /// <summary>Gives the name, with its evidence where that is weak.</summary>
    public override string ToString() => Evidence == MarkEvidence.Seen ? Name : Name + " (unconfirmed)";
}
