using System;

namespace BizTalkDR.BackupFiles;

/// <summary>How the LSN behind a mark was found.</summary>
public enum NextLsnKind
{
    /// <summary>The next record of the same log block.</summary>
    SameBlock,

    /// <summary>The first record of the next log block.</summary>
    NextBlock,

    /// <summary>The mark is the last record of the set; the set's LastLSN is the upper bound.</summary>
    UpperBoundLastLsn,

    /// <summary>What follows the mark cannot be read, and the set's LastLSN is not known either.</summary>
    Unknown,
}

/// <summary>A transaction mark found in the log of a backup set.</summary>
public sealed class LogMark
{
    internal LogMark(string name, Lsn lsn, Lsn beginLsn, Known<DateTime> timeLocal, bool beginSeen, SupportLevel support)
    {
        Name = name;
        Lsn = lsn;
        BeginLsn = beginLsn;
        TimeLocal = timeLocal;
        BeginSeen = beginSeen;
        Support = support;
    }

    /// <summary>Name of the mark, as STOPATMARK takes it.</summary>
    public string Name { get; }

    /// <summary>LSN of the commit record that carries the mark.</summary>
    public Lsn Lsn { get; }

    /// <summary>
    /// LSN of the record directly behind the marked commit: a restore to the mark redoes up to here.
    /// An upper bound when <see cref="NextLsnKind"/> says so; <see langword="null"/> when unknown.
    /// </summary>
    public Lsn? NextLsn { get; private set; }

    /// <summary>How <see cref="NextLsn"/> was found.</summary>
    public NextLsnKind NextLsnKind { get; private set; } = NextLsnKind.Unknown;

    /// <summary>LSN of the record that began the marked transaction.</summary>
    public Lsn BeginLsn { get; }

    /// <summary>True when that record is in the same set, is itself noted as marked and bears the same name.</summary>
    public bool BeginSeen { get; }

    /// <summary>When the marked transaction was committed, in the server's local time.</summary>
    public Known<DateTime> TimeLocal { get; }

    /// <summary>How well marks are established for this version and container.</summary>
    public SupportLevel Support { get; }

    public override string ToString() => $"{Name} at {Lsn}";

    internal void Follow(Lsn next, NextLsnKind kind)
    {
        NextLsn = next;
        NextLsnKind = kind;
    }
}
