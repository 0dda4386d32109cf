using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Decides how a restore that was cut short goes on, member by member, from the server's own state. Pure; the table is in docs/design.md.</summary>
/// <remarks>
/// The journal alone is never believed: a killed process does not know whether its last statement took effect. It settles two questions the
/// server cannot answer: whether this run had begun to overwrite the database, and whether the gate had passed.
/// </remarks>
public static class ResumeDecision
{
    private const string DropHint = "Drop this database if it may go (DROP DATABASE), then resume; it is restored again from its full backup.";

    /// <summary>Decides for one member.</summary>
    public static ResumeVerdict Decide(ResumeEvidence evidence) => evidence.Member.Keeps is { } keeps && !evidence.FullStarted ? Keeping(keeps, evidence) : evidence.Database switch
    {
        null => Absent(evidence),
        { IsInStandby: true } => Standby(evidence),
        { IsRestoring: true } => Restoring(evidence),
        { IsOnline: true } database => Online(evidence, database),
        { State: var state } when Is(state, "SUSPECT") || Is(state, "RECOVERY_PENDING") => Broken(evidence, state),
        { State: var state } when Is(state, "RECOVERING") => Refuse(RecoveryError.RestoreInterrupted, "SQL Server is still recovering it", "Wait until its state is no longer RECOVERING, then resume again."),
        _ when !evidence.FullStarted && IsUntouched(evidence) => Untouched(),
        { State: var state } => Refuse(RecoveryError.DestinationChanged, $"it is {state}, which no step of this restore leaves behind"),
    };

    /// <summary>Looks at all members together.</summary>
    /// <returns>Why the set cannot go on; null when it can.</returns>
    /// <remarks>A member that is open may have been written to since: nothing may be rolled forward or recovered beside it.</remarks>
    public static ResumeVerdict? RefuseSet(IReadOnlyList<ResumeVerdict> verdicts) =>
        verdicts.FirstOrDefault(v => v.Kind == ResumeKind.Refused)
        ?? (verdicts.Any(v => v.Kind == ResumeKind.Opened) && verdicts.Any(v => !v.IsRecovered)
            ? Refuse(RecoveryError.ProofFailed, "other members are open to users already, while this one is not recovered", "Do not start BizTalk. Plan a new restore of the whole group, with -Force.")
            : null);

    /// <summary>Whether a database is the one the plan was made for, in the state it was in.</summary>
    public static bool IsPlanned(DatabaseFacts? planned, DatabaseFacts? now) =>
        planned is null || now is null
            ? planned is null && now is null
            : IsSame(planned, now) && now.DatabaseGuid == planned.DatabaseGuid && now.RecoveryForkGuid == planned.RecoveryForkGuid && now.IsInStandby == planned.IsInStandby && Is(now.State, planned.State) && IsAsClosed(planned.Closed, now.Closed);

    /// <summary>Whether the backup of its own tail left the database that is to be replaced RESTORING: then nothing was written since. Its identity is not always seen in that state.</summary>
    public static bool IsLeftByTail(MemberPlan member, DatabaseFacts? now) => member is { Tail.IsDamaged: false, Replaces: { } planned } && now is { IsRestoring: true } && IsSame(planned, now);

    /// <summary>Whether the database that is to be replaced is open again after an attempt to back up its tail, which begins a recovery fork: what it holds is saved by the next attempt.</summary>
    public static bool IsBroughtBack(MemberPlan member, DatabaseFacts? now) => member is { Tail.IsDamaged: false, Replaces: { } planned } && now is { IsOnline: true, IsInStandby: false } && IsSame(planned, now);

    private static bool IsSame(DatabaseFacts planned, DatabaseFacts now) => now.CreatedLocal == planned.CreatedLocal && (now.DatabaseGuid is null || planned.DatabaseGuid is null || now.DatabaseGuid == planned.DatabaseGuid);

    /// <summary>Before anything is restored in its place: the database stands under its own name or, behind the renaming, under the other. Its identity tells, not the journal.</summary>
    private static ResumeVerdict Keeping(KeptDatabase keeps, ResumeEvidence evidence) => (evidence.Database, evidence.Kept) switch
    {
        (null, { } kept) when keeps.Is(kept) => new ResumeVerdict(ResumeKind.Kept, $"the database that was in its place stands under the name {keeps.As}"),
        (null, _) => Foreign($"the database that is to be kept is gone, and none is it under the name {keeps.As}"),
        ({ } own, null) when keeps.Is(own) => new ResumeVerdict(ResumeKind.Start, "it is the database that is to be kept, under its own name"),
        (_, null) => Foreign("it is not the database that is to be kept"),
        _ => Foreign($"there is a database under its name, and one under the name {keeps.As}"),
    };

    private static ResumeVerdict Absent(ResumeEvidence evidence)
    {
        if (evidence.FullStarted)
        {
            return new ResumeVerdict(ResumeKind.FromFull, "it is not there");
        }

        return evidence.Member.Replaces is null
            ? new ResumeVerdict(ResumeKind.Start, "it is not there and was not begun")
            : Refuse(RecoveryError.DestinationChanged, "it is gone since the restore was planned, and this restore has not touched it");
    }

    private static ResumeVerdict Restoring(ResumeEvidence evidence)
    {
        bool untouched = IsUntouched(evidence);
        bool byTail = evidence.TailStarted && IsLeftByTail(evidence.Member, evidence.Database);
        if (!evidence.FullStarted)
        {
            return untouched ? Untouched()
                : byTail ? new ResumeVerdict(ResumeKind.ByTail, "the backup of its own tail left it RESTORING")
                : Foreign("it is RESTORING, and not by this restore");
        }

        List<RedoFile> data = evidence.Files.Where(f => !f.IsLog).ToList();
        if (data.Count == 0 || data.Exists(f => f.RedoStartLsn is null))
        {
            return new ResumeVerdict(ResumeKind.FromFull, "where roll-forward stands is not known (redo_start_lsn is NULL): the full backup was not restored to its end");
        }

        MemberPlan member = evidence.Member;
        LogPosition at = data.Min(f => f.RedoStartLsn!.Value);
        bool onFork = data.TrueForAll(f => f.RedoStartForkGuid is { } fork && ForksOf(member).Contains(fork));
        if (!FullIsOurs(evidence) && !(onFork && at == member.Chain.Full.Header.LastLsn))
        {
            return untouched ? Untouched()
                : byTail ? new ResumeVerdict(ResumeKind.FromFull, "the backup of its own tail left it RESTORING, and its full backup was not restored yet")
                : onFork && IsCutShort(evidence, at) ? new ResumeVerdict(ResumeKind.FromFull, $"it stands at LSN {at}, before the end of the full backup, whose restore was cut short")
                : Foreign("its newest full restore is not of the backup in the plan");
        }

        if (!onFork)
        {
            return new ResumeVerdict(ResumeKind.FromFull, "it was rolled forward on another recovery fork");
        }

        return data.Exists(f => f.RedoStartLsn!.Value != at)
            ? new ResumeVerdict(ResumeKind.FromFull, "its files stand at different points")
            : RollOn(evidence, at);
    }

    /// <summary>A full that was cut short leaves no row in the history; what stands before its end holds nothing that the full does not.</summary>
    private static bool IsCutShort(ResumeEvidence evidence, LogPosition at) =>
        at < evidence.Member.Chain.Full.Header.LastLsn && (evidence.Member.Existing is not null || !evidence.History.Any(r => r.Kind == 'D'));

    private static ResumeVerdict RollOn(ResumeEvidence evidence, LogPosition at)
    {
        MarkPosition mark = evidence.Member.MarkPosition;
        bool isQuiesced = evidence.Member.Chain.LastLog is null;
        if (at > mark.NextLsn)
        {
            return new ResumeVerdict(ResumeKind.FromFull, $"it stands at LSN {at}, past {(isQuiesced ? "the end of its full backup" : "the mark")}, and cannot go back");
        }

        if (isQuiesced)
        {
            // The row alone may be that of an earlier restore of the same backup, and the place alone says nothing of what was restored.
            return at == mark.Lsn && PointIsReached(evidence)
                ? new ResumeVerdict(ResumeKind.AtMark, $"it stands at the end of its full backup (LSN {at})")
                : new ResumeVerdict(ResumeKind.FromFull, $"it stands at LSN {at}, and its full backup was not restored to its end as far as msdb's restore history and that place tell");
        }

        // Exactly at the mark's own record, only a log restore that stopped there tells that the record was applied.
        if (at > mark.Lsn || (at == mark.Lsn && PointIsReached(evidence)))
        {
            return new ResumeVerdict(ResumeKind.AtMark, $"it stands at the mark (LSN {at})");
        }

        IReadOnlyList<RestoreStep> steps = evidence.Member.Steps;
        for (int i = 0; i < steps.Count; i++)
        {
            if (steps[i] is not { Backup: { } backup, Statement: { Action: not RestoreAction.Full } statement } || backup.Header.LastLsn <= at)
            {
                continue;
            }

            return statement.Action == RestoreAction.Log && backup.Header.FirstLsn > at
                ? new ResumeVerdict(ResumeKind.FromFull, $"no log of the plan goes on from LSN {at}")
                : new ResumeVerdict(ResumeKind.Continue, $"it stands at LSN {at}: on with step {steps[i].Number}") { NextStep = i };
        }

        return new ResumeVerdict(ResumeKind.FromFull, $"no file of the plan goes on from LSN {at}");
    }

    private static ResumeVerdict Standby(ResumeEvidence evidence)
    {
        if (!evidence.FullStarted || !FullIsOurs(evidence))
        {
            return IsUntouched(evidence) ? Untouched() : Foreign("it is in standby, and not by this restore");
        }

        return evidence.UndoFileThere == false
            ? new ResumeVerdict(ResumeKind.FromFull, "a look was cut short and left it in standby, and its undo file is gone")
            : new ResumeVerdict(ResumeKind.LeaveStandby, "a look was cut short and left it in standby");
    }

    private static ResumeVerdict Online(ResumeEvidence evidence, DatabaseFacts database)
    {
        if (!evidence.GatePassed)
        {
            return IsUntouched(evidence) || (evidence is { TailStarted: true, FullStarted: false } && IsBroughtBack(evidence.Member, database))
                ? Untouched()
                : Foreign(FullIsOurs(evidence) ? "it is ONLINE although the gate had not passed: somebody recovered it" : "it is ONLINE, and not the database the plan was made for");
        }

        if (!evidence.FullStarted || !PointIsReached(evidence))
        {
            return Foreign($"it is ONLINE, but its restore history does not end with {(evidence.Member.Chain.LastLog is null ? "the full backup of the plan" : "the log that holds the mark")}");
        }

        return database.Access == DatabaseAccess.MultiUser
            ? new ResumeVerdict(ResumeKind.Opened, "it is recovered and open")
            : new ResumeVerdict(ResumeKind.Recovered, "it is recovered and not open yet");
    }

    private static ResumeVerdict Broken(ResumeEvidence evidence, string state)
    {
        if (!evidence.FullStarted)
        {
            return IsUntouched(evidence) ? Untouched() : Foreign($"it is {state}, and this restore has not touched it");
        }

        return evidence.Member.Replaces is null
            ? Refuse(RecoveryError.RestoreFailed, $"it is {state}, and the plan overwrites no database of this name", DropHint)
            : new ResumeVerdict(ResumeKind.FromFull, $"it is {state}");
    }

    /// <summary>A database that is RESTORING tells nothing of its identity; that its fork is the one it had says that nobody opened it since.</summary>
    private static bool IsAsClosed(ClosedDatabase? planned, ClosedDatabase? now) =>
        planned is null || (now is not null && now.ForkGuid == planned.ForkGuid && now.IsContentUnknown == planned.IsContentUnknown);

    private static bool IsUntouched(ResumeEvidence evidence) => evidence.Member.Replaces is not null && IsPlanned(evidence.Member.Replaces, evidence.Database);

    /// <summary>
    /// Whether what is there came from the plan's full. The newest row tells: it is the full's own, or of a log of the plan, which SQL Server applies nowhere but behind what the chain holds
    /// before it. So a full that left no row (its server was killed) is known by the logs that a resumed run rolled forward. Of a database that is to be replaced and is as it was planned for (a
    /// standby takes the same logs), they tell nothing.
    /// </summary>
    private static bool FullIsOurs(ResumeEvidence evidence)
    {
        RestoreHistoryRow? newest = evidence.History.FirstOrDefault(r => r.Kind is 'D' or 'I' or 'L');
        return (!IsUntouched(evidence) && newest is { Kind: 'L', BackupSetGuid: { } log } && evidence.Member.Chain.Logs.Any(l => l.Header.BackupSetGuid == log))
            || (evidence.History.FirstOrDefault(r => r.Kind == 'D') is { BackupSetGuid: { } set } && set == evidence.Member.Chain.Full.Header.BackupSetGuid);
    }

    /// <summary>Whether the newest restore of the database is that of the log that holds the mark, up to the mark, or that of the full backup of a quiesced point.</summary>
    private static bool PointIsReached(ResumeEvidence evidence) =>
        FullIsOurs(evidence)
        && evidence.History.FirstOrDefault(r => r.Kind is 'D' or 'I' or 'L') is { BackupSetGuid: { } set } newest
        && set == evidence.Member.Chain.Last.Header.BackupSetGuid
        && (evidence.Member.Chain.LastLog is null ? newest.Kind == 'D' : newest.Kind == 'L' && string.Equals(newest.StopAtMark, evidence.Mark, StringComparison.Ordinal));

    private static HashSet<Guid> ForksOf(MemberPlan member) =>
    [
        member.Chain.Full.Header.RecoveryForkGuid,
        .. member.Steps.Where(s => s.Backup is not null).SelectMany(s => new[] { s.Backup!.StartFork, s.Backup.Header.RecoveryForkGuid }),
    ];

    private static ResumeVerdict Untouched() => new(ResumeKind.Start, "it is the database that is to be replaced, untouched");

    private static ResumeVerdict Foreign(string text) => Refuse(RecoveryError.DestinationChanged, text);

    private static ResumeVerdict Refuse(RecoveryError code, string text, string? hint = null) => new(ResumeKind.Refused, text) { Code = code, Hint = hint };

    private static bool Is(string state, string name) => string.Equals(state, name, StringComparison.OrdinalIgnoreCase);
}
