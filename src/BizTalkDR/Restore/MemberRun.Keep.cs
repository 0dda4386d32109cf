using System.Collections.Generic;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>The database that is kept under another name, so that its own is free for the member.</summary>
internal sealed partial class MemberRun
{
    /// <summary>Whether the database stands under its other name and nothing was restored in its place, so that it can be put back.</summary>
    public bool IsKeptOnly => _kept && !_fullBegun;

    /// <summary>Puts the database under its other name, reads back that it stands there, and gives it the access it had.</summary>
    /// <exception cref="RecoveryException">It could not be; it is open as it was, under the name it has.</exception>
    private void Keep(RestoreStep step, ISqlInstance instance, CancellationToken cancellationToken)
    {
        KeptDatabase keeps = Plan.Keeps!;
        _ports.Log.Verbose($"{Plan}: {step.Text}");
        RefuseChangedKept(keeps, instance, cancellationToken);
        Note("start", step.Text, keeps.As, step.Number);
        StatementOutcome outcome = instance.Rename(Plan.Database, keeps.As, CancellationToken.None);
        StepVerdict verdict = RestoreJudge.JudgeStateChange(outcome);
        if (verdict.Outcome == StepOutcome.Done && !IsKept(keeps, instance, CancellationToken.None))
        {
            verdict = new StepVerdict(StepOutcome.Failed, RecoveryError.RestoreFailed, $"the server reported no error, but the database is not the one under the name {keeps.As}");
        }

        Remember(step.Text, outcome, verdict, step.Number);
        if (verdict.Outcome == StepOutcome.Failed)
        {
            BringBack(instance);
            throw new RecoveryException(verdict.Code ?? RecoveryError.RestoreFailed, Plan.ToString(), $"The database {Plan} could not be put under the name {keeps.As}: {verdict.Text}. Nothing was restored over any member.");
        }

        _kept = true;
        GiveKeptAccess(instance);
        _ports.Log.Information($"{Plan}: the database that was there is kept as {keeps.As}.");
    }

    /// <summary>What keeps the access from being as it was harms nobody who restores: it is said, and goes on.</summary>
    private void GiveKeptAccess(ISqlInstance instance)
    {
        KeptDatabase keeps = Plan.Keeps!;
        if (LookAt(keeps.As, instance, CancellationToken.None) is { IsOnline: true } kept && kept.Access != keeps.Database.Access
            && RunStateChange($"Give {keeps.As} access as it was", () => instance.SetAccess(keeps.As, keeps.Database.Access, CancellationToken.None)) is { Outcome: StepOutcome.Failed } failed)
        {
            _ports.Log.Warning($"{Plan}: the database that is kept as {keeps.As} stays in {kept.Access}: {failed.Text}");
        }
    }

    /// <summary>Before it is touched the database must be the one that was planned to be kept, and its other name free.</summary>
    private void RefuseChangedKept(KeptDatabase keeps, ISqlInstance instance, CancellationToken cancellationToken)
    {
        if (!keeps.Is(Look(instance, cancellationToken)))
        {
            throw new RecoveryException(RecoveryError.DestinationChanged, Plan.ToString(), $"The database {Plan} is not there any more as the one that the plan keeps under the name {keeps.As}. It was not touched.");
        }

        if (LookAt(keeps.As, instance, cancellationToken) is not null)
        {
            throw new RecoveryException(RecoveryError.NameConflict, Plan.ToString(), $"There is a database '{keeps.As}' on {Plan.DestinationServer} already, the name under which {Plan} was to be kept. It was not touched.", "Plan again: the name is made of the time of planning.");
        }
    }

    private void RefuseUnkept(ISqlInstance instance, CancellationToken cancellationToken)
    {
        if (!IsKept(Plan.Keeps!, instance, cancellationToken))
        {
            throw new RecoveryException(RecoveryError.DestinationChanged, Plan.ToString(), $"The database that was in the place of {Plan} does not stand under the name {Plan.Keeps!.As} any more, or another has taken its place. Nothing was restored there.");
        }
    }

    private bool IsKept(KeptDatabase keeps, ISqlInstance instance, CancellationToken cancellationToken) =>
        keeps.Is(LookAt(keeps.As, instance, cancellationToken)) && Look(instance, cancellationToken) is null;

    private static DatabaseFacts? LookAt(string database, ISqlInstance instance, CancellationToken cancellationToken)
    {
        IReadOnlyList<DatabaseFacts> found = instance.ReadDatabases([database], cancellationToken);
        return found.Count > 0 ? found[0] : null;
    }
}
