using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>What a look at a member in standby showed.</summary>
/// <param name="MarkLog">MarkLog of the member; null when there was no look.</param>
/// <param name="NotDoneReason">Why there was no look; null when there was.</param>
public sealed record StandbyLook(MarkLogFacts? MarkLog, string? NotDoneReason)
{
    /// <summary>family_guid of the database; null when not seen.</summary>
    public Guid? FamilyGuid { get; init; }

    /// <summary>The group, when this member is a Management database.</summary>
    public GroupRecords? Group { get; init; }
}

/// <summary>Everything the gate judges one member by.</summary>
/// <param name="Mark">The mark, or the name of the quiesced point.</param>
/// <param name="Position">Where it stands in the log; of a quiesced point, the end of its full backup.</param>
/// <param name="Forks">Forks the last backup begins and ends on.</param>
/// <param name="Database">State of the database; null when it is not there.</param>
/// <param name="Files">Where roll-forward stands, file by file.</param>
public sealed record GateEvidence(string Mark, MarkPosition Position, IReadOnlyList<Guid> Forks, DatabaseFacts? Database, IReadOnlyList<RedoFile> Files)
{
    /// <summary>family_guid that the backups name; empty when they name none.</summary>
    public Guid ExpectedFamily { get; init; }

    /// <summary>The mark with the latest stamp that MarkLog can hold; by default the mark itself.</summary>
    public string NewestMark { get; init; } = Mark;

    /// <summary>What a member at a quiesced point must show; null at a mark.</summary>
    public QuiescedEvidence? Quiesced { get; init; }

    /// <summary>The look in standby; null before it was taken.</summary>
    public StandbyLook? Look { get; init; }
}

/// <summary>What a member at a quiesced point must show, and what it shows: it was restored from its full backup of the set, and from nothing since.</summary>
/// <param name="Full">Id of that full backup.</param>
/// <param name="NewestMark">The newest mark in MarkLog when the set was written, by its manifest; null for none.</param>
/// <param name="History">Newest rows of restorehistory, newest first.</param>
public sealed record QuiescedEvidence(Guid Full, string? NewestMark, IReadOnlyList<RestoreHistoryRow> History)
{
    /// <summary>Gathers it; null when the plan goes to a mark.</summary>
    internal static QuiescedEvidence? Of(RestorePlan plan, MemberPlan member, Func<IReadOnlyList<RestoreHistoryRow>> history) =>
        plan.Kind == RecoveryPointKind.Quiesced ? new QuiescedEvidence(member.Chain.Full.Header.BackupSetGuid, member.NewestMark, history()) : null;

    /// <summary>Whether the newest restore of the database is that of the full backup.</summary>
    public bool IsRestored => History.FirstOrDefault(r => r.Kind is 'D' or 'I' or 'L') is { Kind: 'D', BackupSetGuid: { } set } && set == Full;

    /// <summary>Why MarkLog is not the one of the set; null when it is.</summary>
    public string? FaultOf(MarkLogFacts log)
    {
        string? newest = log.TableExists ? log.NewestMark : null;
        return string.Equals(newest, NewestMark, StringComparison.Ordinal) ? null : $"MarkLog holds the mark '{newest ?? "none"}' as newest, and held '{NewestMark ?? "none"}' when the set was written";
    }
}

/// <summary>The gate's judgement on one member.</summary>
/// <param name="Passed">Whether it stands at the mark.</param>
/// <param name="Code">The error, when it does not.</param>
/// <param name="Text">What was seen, and how sure it is.</param>
/// <param name="RedoLsn">Where roll-forward stands; null when not known.</param>
public sealed record GateVerdict(bool Passed, RecoveryError? Code, string Text, LogPosition? RedoLsn);

/// <summary>Decides whether a member that is still restoring stands exactly at the mark, or at the end of the full backup of a quiesced point. Pure.</summary>
/// <remarks>
/// sys.master_files.redo_start_lsn says where the next roll-forward must start. The exact relation to the mark's own LSN is not
/// documented, so the rule is: not before the mark, and not past the record right behind it. MarkLog cannot see an overshoot: the
/// log of a set runs on past its mark, and nothing newer is in MarkLog until the next mark (facts: restore.md §7). Newer is what has
/// a later stamp than the mark and than all that stands before it by LSN: with local time a clock that is set back repeats an hour of stamps.
/// </remarks>
public static class GateDecision
{
    /// <summary>Judges one member.</summary>
    public static GateVerdict Decide(GateEvidence evidence)
    {
        if (evidence.Database is null)
        {
            return Refuse(RecoveryError.RestoreFailed, "the database is not there", null);
        }

        if (!evidence.Database.IsRestoring)
        {
            return Refuse(RecoveryError.RestoreFailed, $"the database is {evidence.Database.State} instead of RESTORING", null);
        }

        List<RedoFile> data = evidence.Files.Where(f => !f.IsLog).ToList();
        if (data.Count == 0 || data.Any(f => f.RedoStartLsn is null))
        {
            return Refuse(RecoveryError.RestoreFailed, "sys.master_files does not say where roll-forward stands (redo_start_lsn is NULL): the state on disk is unknown", null);
        }

        // A log file row need not carry a position; when it does, it counts like the others.
        List<RedoFile> placed = evidence.Files.Where(f => f.RedoStartLsn is not null).ToList();
        LogPosition lowest = placed.Min(f => f.RedoStartLsn!.Value);
        LogPosition highest = placed.Max(f => f.RedoStartLsn!.Value);
        if (lowest < evidence.Position.Lsn)
        {
            return Refuse(RecoveryError.MarkNotReached, $"roll-forward stands at LSN {lowest}, before {(evidence.Quiesced is null ? "the mark" : "the end of the full backup")} at {evidence.Position.Lsn}", lowest);
        }

        if (highest > evidence.Position.NextLsn)
        {
            return Refuse(RecoveryError.PastTheMark, $"roll-forward stands at LSN {highest}, past {(evidence.Quiesced is null ? "the record behind the mark" : "the end of the full backup")} at {evidence.Position.NextLsn}", highest);
        }

        if (evidence.Quiesced is { IsRestored: false })
        {
            return Refuse(RecoveryError.RestoreFailed, "msdb's restore history does not end with the full backup of the set: it was not restored to its end, or something was restored since", highest);
        }

        RedoFile? strange = placed.FirstOrDefault(f => f.RedoStartForkGuid is not { } fork || !evidence.Forks.Contains(fork));
        if (strange is not null)
        {
            return Refuse(RecoveryError.ForkMismatch, $"file '{strange.LogicalName}' is on recovery fork {strange.RedoStartForkGuid?.ToString() ?? "unknown"}, {(evidence.Quiesced is null ? "the log that holds the mark" : "the full backup")} is not", highest);
        }

        return DecideByLook(evidence, highest);
    }

    private static GateVerdict DecideByLook(GateEvidence evidence, LogPosition redo)
    {
        string certainty = evidence.Quiesced is null
            ? $"redo LSN {redo}, mark {evidence.Position.Lsn}, next record {evidence.Position.NextLsn} ({evidence.Position.Statement})"
            : $"redo LSN {redo}, {evidence.Position.Statement}";
        if (evidence.Look is not { } look)
        {
            return new GateVerdict(true, null, certainty, redo);
        }

        if (look.FamilyGuid is { } family && evidence.ExpectedFamily != Guid.Empty && family != evidence.ExpectedFamily)
        {
            return Refuse(RecoveryError.BackupFileChanged, "the restored database is another one than the backups were planned for (family GUID differs)", redo);
        }

        if (look.MarkLog is not { } log)
        {
            return new GateVerdict(true, null, $"{certainty}; MarkLog not looked at: {look.NotDoneReason}", redo);
        }

        if (evidence.Quiesced is { } quiesced)
        {
            return quiesced.FaultOf(log) is { } fault ? Refuse(RecoveryError.ProofFailed, fault, redo) : new GateVerdict(true, null, $"{certainty}; MarkLog is as it was when the set was written", redo);
        }

        if (!log.TableExists || log.MarkCount == 0)
        {
            return Refuse(RecoveryError.MarkNotReached, log.TableExists ? $"MarkLog does not hold the mark '{evidence.Mark}'" : "the database has no table MarkLog, so it was never marked as a member of a group", redo);
        }

        if (log.MarkCount > 1)
        {
            return Refuse(RecoveryError.ProofFailed, $"MarkLog holds the mark '{evidence.Mark}' {log.MarkCount} times", redo);
        }

        return LogMark.IsNewer(log.NewestMark, evidence.NewestMark)
            ? Refuse(RecoveryError.PastTheMark, $"MarkLog already holds the newer mark '{log.NewestMark}'", redo)
            : new GateVerdict(true, null, certainty + (evidence.NewestMark == evidence.Mark ? "; MarkLog holds the mark once and nothing newer" : $"; MarkLog holds the mark once and nothing newer than {evidence.NewestMark}, which was placed before the clock was set back"), redo);
    }

    private static GateVerdict Refuse(RecoveryError code, string text, LogPosition? redo) => new(false, code, text, redo);
}
