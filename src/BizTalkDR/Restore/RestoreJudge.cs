using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>What became of a step.</summary>
public enum StepOutcome
{
    NotRun,
    Done,

    /// <summary>The log was contained already (4326); nothing was applied and nothing is missing.</summary>
    Skipped,
    Failed,
}

/// <summary>The judgement on one step.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Code">The error, when it failed.</param>
/// <param name="Text">In words.</param>
public sealed record StepVerdict(StepOutcome Outcome, RecoveryError? Code, string Text)
{
    /// <summary>It did what it should.</summary>
    public static readonly StepVerdict Done = new(StepOutcome.Done, null, "done");
}

/// <summary>Judges a step by what the server said, never by the absence of an exception.</summary>
public static class RestoreJudge
{
    private const int Completed = 3014;

    /// <summary>Judges a step on the way to the mark.</summary>
    /// <remarks>
    /// 4329 and 4322 have severity 10: the statement succeeds (3014 follows) and the database stays restoring. On a log before the
    /// last they are expected; on the last log they mean that the mark was not reached (facts: restore.md §4).
    /// </remarks>
    public static StepVerdict Judge(RestoreStep step, StatementOutcome outcome)
    {
        if (outcome.Says(4327) && step.MustStop)
        {
            return new StepVerdict(StepOutcome.Failed, RecoveryError.PastTheMark, "the log holds bulk-logged changes and was rolled on to its end (4327)");
        }

        if (outcome.Cause is { } cause)
        {
            return JudgeError(step, cause);
        }

        if (step.MustStop && (outcome.Says(4329) || outcome.Says(4322)))
        {
            return new StepVerdict(StepOutcome.Failed, RecoveryError.MarkNotReached, $"the last log was rolled forward to its end without meeting the mark ({(outcome.Says(4329) ? 4329 : 4322)})");
        }

        return step.Statement is null || outcome.Says(Completed)
            ? StepVerdict.Done
            : new StepVerdict(StepOutcome.Failed, RecoveryError.RestoreFailed, "the server neither reported an error nor confirmed success (3014)");
    }

    /// <summary>Judges the backup of a tail.</summary>
    public static StepVerdict JudgeTail(StatementOutcome outcome) => outcome switch
    {
        { Cause: { } cause } => new StepVerdict(StepOutcome.Failed, RecoveryError.TailBackupFailed, $"{cause.Number}, {cause.Text}"),
        _ when outcome.Says(Completed) => StepVerdict.Done,
        _ => new StepVerdict(StepOutcome.Failed, RecoveryError.TailBackupFailed, "the server neither reported an error nor confirmed success (3014)"),
    };

    /// <summary>Judges a statement without a backup: standby, back from it, recovery. Success is shown by the state read afterwards.</summary>
    public static StepVerdict JudgeStateChange(StatementOutcome outcome) => outcome.Cause is { } cause
        ? new StepVerdict(StepOutcome.Failed, SqlErrorMap.From(cause.Number, cause.Text) ?? RecoveryError.RestoreFailed, $"{cause.Number}, {cause.Text}")
        : StepVerdict.Done;

    private static StepVerdict JudgeError(RestoreStep step, ServerMessage cause)
    {
        if (cause.Number == 4326)
        {
            return step.MustStop
                ? new StepVerdict(StepOutcome.Failed, RecoveryError.PastTheMark, $"the log that holds the mark is contained already (4326): {cause.Text}")
                : new StepVerdict(StepOutcome.Skipped, null, "contained already (4326)");
        }

        return new StepVerdict(StepOutcome.Failed, SqlErrorMap.From(cause.Number, cause.Text) ?? RecoveryError.RestoreFailed, $"{cause.Number}, {cause.Text}");
    }
}
