using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Takes one member to the mark and remembers what happened.</summary>
internal sealed partial class MemberRun
{
    private readonly RecoveryPorts _ports;
    private readonly IRestoreJournal _journal;
    private readonly string _mark;
    private readonly List<StepResult> _steps = [];
    private readonly List<ServerMessage> _messages = [];
    private TimeSpan _elapsed;
    private RestoreJournalRecord? _record;
    private bool _fullBegun;
    private bool _accessChanged;
    private bool _kept;
    private string? _logEnd;

    public MemberRun(RecoveryPorts ports, IRestoreJournal journal, MemberPlan plan, string mark)
    {
        _ports = ports;
        _journal = journal;
        Plan = plan;
        _mark = mark;
        Role = plan.Role;
        _logEnd = plan.Replaces?.LogEnd;
    }

    public MemberPlan Plan { get; }

    public MemberRole Role { get; set; }

    public RecoveryException? Failure { get; set; }

    public GateVerdict? Gate { get; set; }

    public bool Proven { get; set; }

    public string? State { get; set; }

    public string? NewestMark { get; set; }

    /// <summary>How a resumed run goes on with it; null in a run from the start.</summary>
    public ResumeVerdict? Resume { get; private set; }

    public TimeSpan StatementWait { get; init; } = TimeSpan.FromSeconds(60);

    public void TakeStatementLock(ISqlInstance instance, CancellationToken cancellationToken) => DestinationLock.TakeForStatements(instance, Plan, StatementWait, cancellationToken);

    /// <summary>Decides how to go on with what an earlier run left behind. Changes nothing.</summary>
    public void Judge(RestoreJournalRecord record, CancellationToken cancellationToken)
    {
        using ISqlInstance instance = _ports.Sql.Open(Plan.Destination, cancellationToken);
        RefuseOtherServer(instance);
        TakeStatementLock(instance, cancellationToken);
        Resume = ResumeDecision.Decide(ResumeReader.Read(Plan, record, instance, cancellationToken));
        _record = record;
        _fullBegun = record.HasStartedFull(Plan);
        _accessChanged = record.HasStartedAny(Plan);
        _kept = Resume.Kind == ResumeKind.Kept;
        _logEnd = record.LogEndOf(Plan) ?? _logEnd;
        _tailAttempts = record.TailAttempts(Plan);
        _tailFrom = record.TailFrom(Plan);
        _tails.AddRange(record.TailsOf(Plan));
    }

    /// <summary>Refuses a destination that is not what the plan was made for; called for every member before anything is touched.</summary>
    public void RefuseChangedDestination(CancellationToken cancellationToken)
    {
        using ISqlInstance instance = _ports.Sql.Open(Plan.Destination, cancellationToken);
        RefuseOtherServer(instance);
        RefuseChangedDestination(instance, cancellationToken);
    }

    /// <summary>Runs the steps to the mark; stops before the next one when another member has failed.</summary>
    public void RunToMark(RestoreProgress progress, Func<bool> stop, CancellationToken cancellationToken)
    {
        using ISqlInstance instance = _ports.Sql.Open(Plan.Destination, cancellationToken);
        TakeStatementLock(instance, cancellationToken);
        List<RestoreStep> steps = StepsToRun(instance, stop, cancellationToken).ToList();
        progress.Begin(Plan, steps);
        foreach (RestoreStep step in steps)
        {
            if (stop())
            {
                _steps.Add(new StepResult(step.Text, StepOutcome.NotRun, TimeSpan.Zero, "another member failed"));
                return;
            }

            cancellationToken.ThrowIfCancelled(Plan.ToString(), $"The restore of {Plan}");
            RunStep(step, instance, progress, cancellationToken);
        }

        progress.End(Plan);
    }

    /// <summary>Runs a statement outside the plan's steps (recovery, opening) and remembers it.</summary>
    public StepVerdict RunStateChange(string text, Func<StatementOutcome> run)
    {
        Note("start", text, null);
        StatementOutcome outcome = run();
        StepVerdict verdict = RestoreJudge.JudgeStateChange(outcome);
        Remember(text, outcome, verdict);
        return verdict;
    }

    public MemberResult ToResult() => new(Plan.Database, Role, Plan.Chain.Member.Server, Plan.DestinationServer)
    {
        NewestMark = NewestMark,
        ReachedMark = Proven,
        RedoLsn = Gate?.RedoLsn,
        MarkLsn = Plan.MarkPosition.Lsn,
        State = State,
        Gate = Gate?.Text,
        Elapsed = _elapsed,
        KeptAs = _kept || _fullBegun ? Plan.Keeps?.As : null,
        Tails = [.. _tails],
        Steps = [.. _steps],
        Messages = [.. _messages],
    };

    private IEnumerable<RestoreStep> StepsToRun(ISqlInstance instance, Func<bool> stop, CancellationToken cancellationToken)
    {
        if (Resume?.Kind == ResumeKind.LeaveStandby && !stop())
        {
            LeaveStandby(instance, cancellationToken);
        }

        if (Resume is null or { Kind: ResumeKind.Start or ResumeKind.ByTail or ResumeKind.Kept } && !stop())
        {
            // A member may have waited for hours since the first look.
            if (Plan.Keeps is not null)
            {
                RefuseUnkept(instance, cancellationToken);
            }
            else if (Plan.Tail is { IsDamaged: false })
            {
                RefuseOpenedDestination(instance, cancellationToken);
            }
            else
            {
                RefuseChangedDestination(instance, cancellationToken);
            }
        }

        return Resume switch
        {
            null or { Kind: ResumeKind.Start or ResumeKind.ByTail or ResumeKind.Kept } when Plan.TailSteps.Any() => Plan.Steps.Skip(Plan.TailSteps.Count()),
            null => Plan.Steps,
            { Kind: ResumeKind.Start } => Plan.Steps.Where(s => s.Access is null || IsOpen(instance, cancellationToken)),
            { Kind: ResumeKind.FromFull } => Plan.Steps.SkipWhile(s => s.Statement?.Action != RestoreAction.Full).Select(OverWhatIsThere),
            { Kind: ResumeKind.Continue } => Plan.Steps.Skip(Resume.NextStep).Select(s => s.InTheServersOwnSizes()),
            _ => [],
        };
    }

    /// <summary>Bytes of backups that are left to restore: who has the most begins first.</summary>
    public long BytesLeft => Resume switch
    {
        { Kind: ResumeKind.Continue } => Plan.Steps.Skip(Resume.NextStep).Sum(s => s.Backup?.Header.BackupSizeBytes ?? 0),
        null or { Kind: ResumeKind.Start or ResumeKind.ByTail or ResumeKind.Kept or ResumeKind.FromFull or ResumeKind.LeaveStandby } => Plan.WorkBytes,
        _ => 0,
    };

    /// <summary>Puts a member that a killed gate left in standby back to RESTORING, and decides again; without its undo file it starts over.</summary>
    private void LeaveStandby(ISqlInstance instance, CancellationToken cancellationToken)
    {
        StepVerdict verdict = RunStateChange("Back from standby", () => instance.Restore(new RestoreStatement(RestoreAction.Resume, Plan.Database), null, cancellationToken));
        ResumeVerdict again = verdict.Outcome == StepOutcome.Failed
            ? new ResumeVerdict(ResumeKind.FromFull, $"it could not be brought back from standby: {verdict.Text}")
            : ResumeDecision.Decide(ResumeReader.Read(Plan, _record!, instance, cancellationToken));
        Resume = again.Kind is ResumeKind.Refused or ResumeKind.LeaveStandby or ResumeKind.Start || again.IsRecovered
            ? throw new RecoveryException(again.Code ?? RecoveryError.DestinationChanged, Plan.ToString(), $"The restore cannot go on with {Plan} after it was brought back from standby: {again.Text}.", again.Hint)
            : again;
        _ports.Log.Verbose($"{Plan}: {Resume.Text}");
    }

    private bool IsOpen(ISqlInstance instance, CancellationToken cancellationToken) => Look(instance, cancellationToken) is { IsOnline: true, IsInStandby: false };

    // What is there is this restore's own, left half done, or the database the plan overwrites.
    private static RestoreStep OverWhatIsThere(RestoreStep step) =>
        (step.Statement is { Action: RestoreAction.Full } full ? step with { Statement = full with { Replace = true } } : step).InTheServersOwnSizes();

    private void RunStep(RestoreStep step, ISqlInstance instance, RestoreProgress progress, CancellationToken cancellationToken)
    {
        RefuseChangedFile(step, instance, cancellationToken);
        _ports.Log.Verbose($"{Plan}: {step.Text}");
        _fullBegun |= step.Statement is not null;
        _accessChanged |= step.Access is not null;
        Note("start", step.Text, step.Statement?.StopAtMark, step.Number);
        StatementOutcome outcome;
        if (step.Access is { } access)
        {
            outcome = instance.SetAccess(Plan.Database, access, cancellationToken);
        }
        else
        {
            progress.Step(Plan, step, 0);
            outcome = instance.Restore(step.Statement!, percent => progress.Step(Plan, step, percent), cancellationToken);
            progress.StepDone(Plan, step);
        }

        StepVerdict verdict = RestoreJudge.Judge(step, outcome);
        Remember(step.Text, outcome, verdict, step.Number);
        if (step.Access is not null && Plan.WithoutTail && verdict.Outcome == StepOutcome.Done && instance.ReadLogEnd(Plan.Database, cancellationToken) is { } end)
        {
            // Closing it may itself have moved the end of its log; what comes later was written by others.
            _logEnd = end;
            Note("closed", step.Text, null, step.Number, ("logEnd", end));
        }

        if (verdict.Outcome == StepOutcome.Failed)
        {
            throw new RecoveryException(verdict.Code ?? RecoveryError.RestoreFailed, Plan.ToString(), $"{Plan}: {step.Text} failed: {verdict.Text}");
        }
    }

    private void RefuseChangedDestination(ISqlInstance instance, CancellationToken cancellationToken)
    {
        if (Plan.Keeps is { } keeps)
        {
            RefuseChangedKept(keeps, instance, cancellationToken);
            return;
        }

        DatabaseFacts? now = ExistingReader.Read(instance, Plan.Database, cancellationToken);
        DatabaseFacts? then = Plan.Replaces;
        if (!ResumeDecision.IsPlanned(then, now) && !(_tailAttempts > 0 && ResumeDecision.IsBroughtBack(Plan, now)))
        {
            string what = then is null ? "exists now, though it did not when the restore was planned"
                : now is null ? "is gone since the restore was planned"
                : now.State != then.State ? $"is {now.State} now; it was {then.State} when the restore was planned"
                : "is another one than when the restore was planned";
            throw new RecoveryException(RecoveryError.DestinationChanged, Plan.ToString(), $"The database {Plan} {what}. It was not touched.");
        }

        if (TailPlanner.WasWrittenTo(Plan, _logEnd, () => instance.ReadLogEnd(Plan.Database, cancellationToken)))
        {
            throw new RecoveryException(
                RecoveryError.DestinationChanged, Plan.ToString(), $"The database {Plan} was written to since the restore was planned, and it is replaced without a backup of its tail: that work would be lost unseen. It was not touched.", "Stop whatever writes to it, then plan again; or plan without -WithoutTail for it, so that its tail is backed up.");
        }
    }

    /// <summary>An address may lead somewhere else than when the plan was made.</summary>
    private void RefuseOtherServer(ISqlInstance instance)
    {
        if (!string.Equals(instance.Identity.ServerName, Plan.DestinationServer, StringComparison.OrdinalIgnoreCase))
        {
            throw new RecoveryException(
                RecoveryError.DestinationChanged, Plan.ToString(), $"The address '{Plan.Destination.Name}' leads to '{instance.Identity.ServerName}'; the restore was planned for '{Plan.DestinationServer}'. Nothing was touched.");
        }
    }

    private void RefuseChangedFile(RestoreStep step, ISqlInstance instance, CancellationToken cancellationToken)
    {
        if (step.Backup is not { } planned || planned.Header.BackupSetGuid == Guid.Empty)
        {
            return;
        }

        foreach (BackupHeader header in instance.ReadHeaders(planned.Path, cancellationToken))
        {
            if (header.Position == planned.Header.Position && header.BackupSetGuid == planned.Header.BackupSetGuid)
            {
                return;
            }
        }

        throw new RecoveryException(RecoveryError.BackupFileChanged, planned.Path, $"The file {planned} no longer holds the backup of {planned.Member} that the restore was planned with.");
    }

    private void Remember(string text, StatementOutcome outcome, StepVerdict verdict, int? number = null)
    {
        _elapsed += outcome.Elapsed;
        foreach (ServerMessage message in outcome.Messages)
        {
            if (message.Number != 3211)
            {
                _messages.Add(message);
            }
        }

        _steps.Add(new StepResult(text, verdict.Outcome, outcome.Elapsed, verdict.Text));
        _ports.Log.Debug($"{outcome.Statement}  -- {outcome.Elapsed.TotalMilliseconds:0} ms, {verdict.Text}");
        Note(verdict.Outcome == StepOutcome.Failed ? "failed" : "done", text, verdict.Text, number);
    }

    private void Note(string what, string text, string? detail, int? number = null, params (string Key, string? Value)[] more)
    {
        var details = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["member"] = Plan.Database,
            ["destination"] = Plan.DestinationServer,
            ["number"] = number?.ToString(CultureInfo.InvariantCulture),
            ["step"] = text,
            ["mark"] = _mark,
            ["detail"] = detail,
        };
        foreach ((string key, string? value) in more)
        {
            details.Add(key, value);
        }

        _journal.Write("step-" + what, details);
    }
}
