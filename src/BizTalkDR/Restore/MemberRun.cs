using System;
using System.Collections.Generic;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Takes one member to the mark and remembers what happened.</summary>
internal sealed class MemberRun
{
    private readonly RecoveryPorts _ports;
    private readonly IRestoreJournal _journal;
    private readonly string _mark;
    private readonly List<StepResult> _steps = [];
    private readonly List<ServerMessage> _messages = [];
    private TimeSpan _elapsed;

    public MemberRun(RecoveryPorts ports, IRestoreJournal journal, MemberPlan plan, string mark)
    {
        _ports = ports;
        _journal = journal;
        Plan = plan;
        _mark = mark;
        Role = plan.Role;
    }

    public MemberPlan Plan { get; }

    public MemberRole Role { get; set; }

    public RecoveryException? Failure { get; set; }

    public GateVerdict? Gate { get; set; }

    public bool Proven { get; set; }

    public string? State { get; set; }

    public string? NewestMark { get; set; }

    /// <summary>Refuses a destination that is not what the plan was made for; called for every member before anything is touched.</summary>
    public void RefuseChangedDestination(CancellationToken cancellationToken)
    {
        using ISqlInstance instance = _ports.Sql.Open(Plan.Destination, cancellationToken);
        RefuseChangedDestination(instance, cancellationToken);
    }

    /// <summary>Runs the steps to the mark; stops before the next one when another member has failed.</summary>
    public void RunToMark(string activity, Func<bool> stop, CancellationToken cancellationToken)
    {
        using ISqlInstance instance = _ports.Sql.Open(Plan.Destination, cancellationToken);
        if (!stop())
        {
            // A member may have waited for hours since the first look.
            RefuseChangedDestination(instance, cancellationToken);
        }

        for (int i = 0; i < Plan.Steps.Count; i++)
        {
            if (stop())
            {
                _steps.Add(new StepResult(Plan.Steps[i].Text, StepOutcome.NotRun, TimeSpan.Zero, "another member failed"));
                return;
            }

            cancellationToken.ThrowIfCancelled(Plan.ToString(), $"The restore of {Plan}");
            RunStep(Plan.Steps[i], i, instance, activity, cancellationToken);
        }
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
        Steps = [.. _steps],
        Messages = [.. _messages],
    };

    private void RunStep(RestoreStep step, int index, ISqlInstance instance, string activity, CancellationToken cancellationToken)
    {
        RefuseChangedFile(step, instance, cancellationToken);
        _ports.Log.Verbose($"{Plan}: {step.Text}");
        Note("start", step.Text, step.Statement?.StopAtMark);
        int Total(int percent) => ((index * 100) + percent) / Plan.Steps.Count;
        _ports.Log.Progress(activity, Plan.Database, step.Text, Total(0));
        StatementOutcome outcome = step.Access is { } access
            ? instance.SetAccess(Plan.Database, access, cancellationToken)
            : instance.Restore(step.Statement!, percent => _ports.Log.Progress(activity, Plan.Database, step.Text, Total(percent)), cancellationToken);
        StepVerdict verdict = RestoreJudge.Judge(step, outcome);
        Remember(step.Text, outcome, verdict);
        if (verdict.Outcome == StepOutcome.Failed)
        {
            throw new RecoveryException(verdict.Code ?? RecoveryError.RestoreFailed, Plan.ToString(), $"{Plan}: {step.Text} failed: {verdict.Text}");
        }
    }

    private void RefuseChangedDestination(ISqlInstance instance, CancellationToken cancellationToken)
    {
        IReadOnlyList<DatabaseFacts> found = instance.ReadDatabases([Plan.Database], cancellationToken);
        DatabaseFacts? now = found.Count > 0 ? found[0] : null;
        DatabaseFacts? then = Plan.Replaces;
        bool same = then is null
            ? now is null
            : now is not null && now.CreatedLocal == then.CreatedLocal && now.DatabaseGuid == then.DatabaseGuid && now.RecoveryForkGuid == then.RecoveryForkGuid;
        if (!same)
        {
            string what = then is null ? "exists now, though it did not when the restore was planned" : now is null ? "is gone since the restore was planned" : "is another one than when the restore was planned";
            throw new RecoveryException(RecoveryError.DestinationChanged, Plan.ToString(), $"The database {Plan} {what}. It was not touched.");
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

    private void Remember(string text, StatementOutcome outcome, StepVerdict verdict)
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
        Note(verdict.Outcome == StepOutcome.Failed ? "failed" : "done", text, verdict.Text);
    }

    private void Note(string what, string text, string? detail) => _journal.Write("step-" + what, new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["member"] = Plan.Database,
        ["destination"] = Plan.DestinationServer,
        ["step"] = text,
        ["mark"] = _mark,
        ["detail"] = detail,
    });
}
