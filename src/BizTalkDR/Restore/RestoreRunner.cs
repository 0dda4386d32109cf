using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Carries out a restore plan: all members to the mark, the gate, then recovery of all, a second proof, open to users last.</summary>
/// <remarks>
/// Until the gate has passed every member stays RESTORING, so nobody can use a group that is not whole. A run killed before the
/// gate leaves members RESTORING (or not there, or in standby while the gate looks); one killed after it leaves members RESTORING or
/// ONLINE in restricted access, all of them at the same mark. <see cref="Resume"/> goes on from either.
/// </remarks>
public sealed class RestoreRunner
{
    private readonly RecoveryPorts _ports;

    /// <summary>Creates a runner.</summary>
    public RestoreRunner(RecoveryPorts ports) => _ports = ports;

    /// <summary>Members worked on at once in all, whatever the plan's limits for instances and volumes allow. Default 16.</summary>
    public int Parallelism { get; init; } = 16;

    /// <summary>How long to wait for another run that is just ending. Default 5 seconds.</summary>
    public TimeSpan LockWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long to wait for a statement that a killed run left running on a server. Default 60 seconds.</summary>
    public TimeSpan StatementWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a secondary replica may take until a database that came back into its availability group is in step. Default 30 minutes.</summary>
    public TimeSpan SynchronizationWait { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Runs the plan.</summary>
    /// <exception cref="RecoveryException">What stopped it; <see cref="RecoveryException.StateLeftBehind"/> says how every member was left, <see cref="RecoveryException.PartialResult"/> is the <see cref="RestoreResult"/>.</exception>
    public RestoreResult Run(RestorePlan plan, IRestoreJournal journal, CancellationToken cancellationToken = default)
    {
        var run = new RunContext(_ports, this, plan, journal, []);
        return run.Guard(
            locks =>
            {
                run.Note(
                    "run-start",
                    ("mark", plan.Mark),
                    ("members", string.Join(", ", plan.Members.Select(m => m.ToString()))),
                    ("plan", RestorePlanFile.ToJson(plan, indented: false)));
                run.Each(run.Members, (member, _) => member.RefuseChangedDestination(cancellationToken));
                new AvailabilityRun(run).RefuseChanges(cancellationToken);
                return new RestorePhases(run, locks).Run(gatePassed: false, cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>Goes on with a restore that was cut short: by a kill, a reboot, a lost connection, a failure, a cancel.</summary>
    /// <param name="record">What its journal says, with addresses that can be logged in to.</param>
    /// <param name="journal">The same journal, opened to go on.</param>
    /// <param name="cancellationToken">Stops it again.</param>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.NothingToResume"/>; otherwise as <see cref="Run"/>.</exception>
    /// <remarks>Nothing that was done is repeated, and nothing is believed: every member is judged by <see cref="ResumeDecision"/>, and the gate runs again for all that are not recovered.</remarks>
    public RestoreResult Resume(RestoreJournalRecord record, IRestoreJournal journal, CancellationToken cancellationToken = default)
    {
        if (record.IsDone)
        {
            throw new RecoveryException(RecoveryError.NothingToResume, record.Path, $"The restore in the journal '{record.Path}' came to its end: the group was restored to '{record.Plan.Mark}'.");
        }

        var run = new RunContext(_ports, this, record.Plan, journal, record.DisabledJobs) { Record = record };
        return run.Guard(
            locks =>
            {
                run.Note("run-resume", ("mark", record.Plan.Mark));
                run.Each(run.Members, (member, _) => member.Judge(record, cancellationToken));
                RefuseSet(run.Members);
                run.Log(run.Members);
                return new RestorePhases(run, locks).Run(record.GatePassed, cancellationToken);
            },
            cancellationToken);
    }

    private static void RefuseSet(IReadOnlyList<MemberRun> members)
    {
        List<ResumeVerdict> verdicts = members.Select(m => m.Resume!).ToList();
        if (ResumeDecision.RefuseSet(verdicts) is not { } refusal)
        {
            return;
        }

        MemberRun target = members.FirstOrDefault(m => ReferenceEquals(m.Resume, refusal)) ?? members.First(m => !m.Resume!.IsRecovered);
        throw new RecoveryException(refusal.Code!.Value, target.Plan.ToString(), $"The restore cannot go on with {target.Plan}: {refusal.Text}. Nothing was touched.", refusal.Hint);
    }
}
