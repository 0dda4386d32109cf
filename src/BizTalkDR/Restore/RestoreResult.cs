using System;
using System.Collections.Generic;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Reports;

namespace BizTalkDR.Restore;

/// <summary>What became of a restore.</summary>
/// <param name="Mark">The mark; of a quiesced point, which has none, its name.</param>
/// <param name="MarkTimeUtc">Its time.</param>
/// <param name="IsSuccess">Whether every member is online at the point, proven twice, and open to users.</param>
/// <param name="Members">Every member, in the plan's order.</param>
public sealed record RestoreResult(string Mark, DateTime MarkTimeUtc, bool IsSuccess, IReadOnlyList<MemberResult> Members)
{
    /// <summary>What makes the members fit together.</summary>
    public RecoveryPointKind Kind { get; init; }

    public DateTime StartedUtc { get; init; }

    public DateTime FinishedUtc { get; init; }

    /// <summary>Seconds from the first statement to MULTI_USER of the last member.</summary>
    public double RtoSeconds => (FinishedUtc - StartedUtc).TotalSeconds;

    /// <summary>Journal of the run; null when none was kept.</summary>
    public string? JournalPath { get; init; }

    /// <summary>What the operator should know.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Gives outcome and mark.</summary>
    public override string ToString() => $"{(IsSuccess ? "Restored" : "NOT restored")}: {Members.Count} databases, {(Kind == RecoveryPointKind.Mark ? "mark" : "quiesced point")} {Mark}";
}

/// <summary>What became of one member.</summary>
/// <param name="Name">Database name.</param>
/// <param name="Role">What it is for the group.</param>
/// <param name="SourceInstance">Instance that wrote the backups.</param>
/// <param name="DestinationInstance">Instance it was restored to.</param>
public sealed record MemberResult(string Name, MemberRole Role, string SourceInstance, string DestinationInstance)
{
    /// <summary>Newest mark in MarkLog after recovery; null when it was not read.</summary>
    public string? NewestMark { get; init; }

    /// <summary>Whether the gate (and, after recovery, the second proof) saw it at the point.</summary>
    public bool ReachedMark { get; init; }

    /// <summary>Where roll-forward stood at the gate; null when not known.</summary>
    public LogPosition? RedoLsn { get; init; }

    /// <summary>Where the mark stands in the log; of a quiesced point, where its full backup ends.</summary>
    public LogPosition MarkLsn { get; init; }

    /// <summary>State at the end, as the server says; null when it could not be asked or the database is not there.</summary>
    public string? State { get; init; }

    /// <summary>What the gate saw, and how sure it is.</summary>
    public string? Gate { get; init; }

    /// <summary>Time its statements took.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Name under which the database that was in its place is kept; null when none is.</summary>
    public string? KeptAs { get; init; }

    /// <summary>Backups of the tail of the database that was replaced; they are kept.</summary>
    public IReadOnlyList<TailResult> Tails { get; init; } = [];

    public IReadOnlyList<StepResult> Steps { get; init; } = [];

    /// <summary>Everything the server said, progress aside.</summary>
    public IReadOnlyList<ServerMessage> Messages { get; init; } = [];
}

/// <summary>A backup of the tail of a database's log, read back from its file.</summary>
/// <param name="Path">The file, as the database's server sees it.</param>
/// <param name="Position">Place in the file, from 1.</param>
/// <param name="BackupSetGuid">Its identity.</param>
/// <param name="FirstLsn">Where it begins.</param>
/// <param name="LastLsn">The LSN after its last record.</param>
public sealed record TailResult(string Path, int Position, Guid BackupSetGuid, LogPosition FirstLsn, LogPosition LastLsn)
{
    /// <summary>Gives the file.</summary>
    public override string ToString() => Position == 1 ? Path : $"{Path} (position {Position})";
}

/// <summary>What became of one step.</summary>
/// <param name="Text">What it does.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Elapsed">Time it took.</param>
/// <param name="Detail">The judgement in words.</param>
public sealed record StepResult(string Text, StepOutcome Outcome, TimeSpan Elapsed, string Detail);
