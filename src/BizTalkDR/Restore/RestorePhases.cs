using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>The phases of a run, in their order; a resumed run passes over what its members have behind them.</summary>
internal sealed class RestorePhases
{
    private static readonly TimeSpan SynchronizationPoll = TimeSpan.FromSeconds(2);

    private readonly RunContext _run;
    private readonly RecoveryPorts _ports;
    private readonly DestinationLock _locks;
    private readonly AvailabilityRun _availability;

    public RestorePhases(RunContext run, DestinationLock locks)
    {
        _run = run;
        _ports = run.Ports;
        _locks = locks;
        _availability = new AvailabilityRun(run);
    }

    private RestorePlan Plan => _run.Plan;

    private List<MemberRun> Recovered => _run.Members.Where(m => m.Resume is { IsRecovered: true }).ToList();

    private List<MemberRun> Unrecovered => _run.Members.Where(m => m.Resume is not { IsRecovered: true }).ToList();

    /// <summary>Runs all phases.</summary>
    /// <param name="gatePassed">Whether an earlier run passed the gate: then those that are recovered are proven before the others follow.</param>
    /// <param name="cancellationToken">Stops it, but never between the first recovery and the last.</param>
    /// <returns>True.</returns>
    public bool Run(bool gatePassed, CancellationToken cancellationToken)
    {
        _run.Jobs.SwitchOff(cancellationToken);
        if (gatePassed && Recovered.Count > 0)
        {
            Prove(Recovered, cancellationToken);
        }

        if (Unrecovered.Count > 0)
        {
            _availability.Leave(Unrecovered, cancellationToken);
            TakeTails(Unrecovered.Where(m => m.NeedsTail).ToList(), cancellationToken);
            ToMark(Unrecovered.OrderByDescending(m => m.BytesLeft).ToList(), cancellationToken);
            PassGate(cancellationToken);
            Recover(Unrecovered, cancellationToken);
        }

        Prove(_run.Members, cancellationToken);
        _run.Jobs.SwitchOn(cancellationToken);
        Open(cancellationToken);
        _run.ReadStates();
        RefuseClosedMembers();
        _availability.Return(_run.SynchronizationWait, SynchronizationPoll, cancellationToken);
        return true;
    }

    /// <summary>Saves the newest work of every database that is replaced before anything is restored over any.</summary>
    private void TakeTails(List<MemberRun> members, CancellationToken cancellationToken)
    {
        int failed = 0;
        _run.Each(members, (run, _) =>
        {
            try
            {
                run.TakeTail(_run.Progress, () => Volatile.Read(ref failed) != 0, cancellationToken);
            }
            catch (Exception error)
            {
                Interlocked.Exchange(ref failed, 1);
                run.Failure = error as RecoveryException;
                throw;
            }
            finally
            {
                _ports.Log.Progress(_run.Activity, run.Plan.Database, "Done", 100, completed: true);
            }
        });
    }

    private void ToMark(List<MemberRun> members, CancellationToken cancellationToken)
    {
        int failed = 0;
        _run.Each(members, (run, _) =>
        {
            try
            {
                run.RunToMark(_run.Progress, () => Volatile.Read(ref failed) != 0, cancellationToken);
            }
            catch (Exception error)
            {
                // The others finish the statement they are in and start no other: what they have done stays useful.
                Interlocked.Exchange(ref failed, 1);
                run.Failure = error as RecoveryException;
                throw;
            }
            finally
            {
                _ports.Log.Progress(_run.Activity, run.Plan.Database, "Done", 100, completed: true);
            }
        });
    }

    private void PassGate(CancellationToken cancellationToken)
    {
        _locks.Verify(cancellationToken);
        _ports.Log.Progress(_run.Activity, null, $"Proving that every member stands at {Plan.PlaceName}", 82);
        List<MemberRun> members = Unrecovered;
        GateResult gate = new RestoreGate(_ports) { Parallelism = _run.Parallelism, StatementWait = _run.StatementWait }.Check(Plan, members.ConvertAll(m => m.Plan), cancellationToken);
        for (int i = 0; i < members.Count; i++)
        {
            GateVerdict verdict = gate.Verdicts[i].Verdict;
            members[i].Gate = verdict;
            _run.Note(
                "gate",
                ("member", members[i].Plan.Database),
                ("destination", members[i].Plan.DestinationServer),
                ("passed", verdict.Passed ? "true" : "false"),
                ("redoLsn", verdict.RedoLsn?.ToString()),
                ("markLsn", members[i].Plan.MarkPosition.Lsn.ToString()),
                ("detail", verdict.Text));
        }

        if (!gate.Passed)
        {
            throw RestoreGate.ErrorOf(Plan, gate);
        }

        TakeRoles(gate);
        _run.Note("gate-passed", ("mark", Plan.Mark));
        _ports.Log.Information($"All {members.Count} members {(members.Count == _run.Members.Count ? string.Empty : "left ")}stand at the {Plan.Point}; none {(members.Count == _run.Members.Count ? string.Empty : "of them ")}is recovered yet.");
    }

    private void TakeRoles(GateResult gate)
    {
        if (gate.Group is null || gate.Management is null)
        {
            return;
        }

        BizTalkGroup group = GroupDiscovery.From(gate.Group, gate.Management.Database, gate.Management.DestinationServer, a => a.Server);
        foreach (MemberRun run in _run.Members.Where(r => r.Role == MemberRole.Unknown))
        {
            run.Role = ReferenceEquals(run.Plan, gate.Management)
                ? MemberRole.Management
                : group.Members.FirstOrDefault(m => string.Equals(m.Database, run.Plan.Chain.Member.Database, StringComparison.OrdinalIgnoreCase))?.Role ?? MemberRole.Unknown;
        }
    }

    private void Recover(List<MemberRun> members, CancellationToken cancellationToken)
    {
        // From here on cancelling would leave a group half recovered: it is looked at before, not in between.
        cancellationToken.ThrowIfCancelled(members[0].Plan.ToString(), "The restore, before anything was recovered,");
        _ports.Log.Progress(_run.Activity, null, "Recovering every member in restricted access", 88);
        _run.Each(members, (run, _) =>
        {
            using ISqlInstance instance = _ports.Sql.Open(run.Plan.Destination, CancellationToken.None);
            run.TakeStatementLock(instance, CancellationToken.None);
            _locks.Verify(CancellationToken.None);
            StepVerdict verdict = run.RunStateChange(
                "Recover in restricted access",
                () => instance.Restore(new RestoreStatement(RestoreAction.Recover, run.Plan.Database), null, CancellationToken.None));
            if (verdict.Outcome == StepOutcome.Failed)
            {
                throw new RecoveryException(verdict.Code ?? RecoveryError.RestoreFailed, run.Plan.ToString(), $"{run.Plan} stands at {Plan.PlaceName} but could not be recovered: {verdict.Text}", $"Remove the cause, then resume the restore; all members stand at {(Plan.Kind == RecoveryPointKind.Mark ? "the same mark" : "the same quiesced point")}.");
            }
        });
    }

    private void Prove(IReadOnlyList<MemberRun> members, CancellationToken cancellationToken)
    {
        var faults = new IReadOnlyList<string>[members.Count];
        _run.Each(members, (run, i) =>
        {
            using ISqlInstance instance = _ports.Sql.Open(run.Plan.Destination, cancellationToken);
            IReadOnlyList<DatabaseFacts> databases = instance.ReadDatabases([run.Plan.Database], cancellationToken);
            DatabaseFacts? database = databases.Count > 0 ? databases[0] : null;
            MarkLogFacts? log = database is { IsOnline: true } ? instance.ReadMarkLog(run.Plan.Database, Plan.Mark, cancellationToken) : null;
            IReadOnlyList<RestoreHistoryRow> history = instance.ReadRestoreHistory(run.Plan.Database, run.Plan.Steps.Count + 8, cancellationToken);
            var evidence = new ProofEvidence(Plan.Mark, database, log, history)
            {
                Quiesced = QuiescedEvidence.Of(Plan, run.Plan, () => history),
                ExpectedFamily = run.Plan.Chain.Full.Header.FamilyGuid,
                NewestMark = run.Plan.LaterStamp ?? Plan.Mark,
            };
            faults[i] = RecoveryProof.Faults(evidence);
            run.NewestMark = log?.NewestMark;
            run.State = database?.State;
            run.Proven = faults[i].Count == 0;
        });
        List<int> bad = Enumerable.Range(0, members.Count).Where(i => faults[i].Count > 0).ToList();
        if (bad.Count > 0)
        {
            throw new RecoveryException(
                RecoveryError.ProofFailed,
                members[bad[0]].Plan.ToString(),
                $"After recovery the proof failed for {bad.Count} of {members.Count} members: {string.Join("; ", bad.Select(i => $"{members[i].Plan}: {string.Join(", ", faults[i])}"))}. {(_run.Members.Any(m => m.Resume?.Kind == ResumeKind.Opened) ? "No member was opened by this run." : "All stay in restricted access.")}");
        }

        if (members.Count == _run.Members.Count)
        {
            _run.Note("proof-passed", ("mark", Plan.Mark));
        }
    }

    private void Open(CancellationToken cancellationToken)
    {
        List<MemberRun> members = _run.Members.Where(m => m.Resume?.Kind != ResumeKind.Opened).ToList();
        cancellationToken.ThrowIfCancelled(_run.Members[0].Plan.ToString(), "Opening the recovered group to users");
        _ports.Log.Progress(_run.Activity, null, "Opening every member to users", 98);
        _run.Each(members, (run, _) =>
        {
            using ISqlInstance instance = _ports.Sql.Open(run.Plan.Destination, CancellationToken.None);
            StepVerdict verdict = run.RunStateChange("Open to users", () => instance.SetAccess(run.Plan.Database, DatabaseAccess.MultiUser, CancellationToken.None));
            if (verdict.Outcome == StepOutcome.Failed)
            {
                throw new RecoveryException(verdict.Code ?? RecoveryError.RestoreFailed, run.Plan.ToString(), $"{run.Plan} is recovered at {Plan.PlaceName} but could not be opened to users: {verdict.Text}", "Remove the cause, then resume the restore; the group is proven.");
            }
        });
    }

    /// <summary>Success is what the servers say at the end, not that no statement failed.</summary>
    private void RefuseClosedMembers()
    {
        List<MemberRun> closed = _run.Members.Where(r => !string.Equals(r.State, "ONLINE", StringComparison.OrdinalIgnoreCase)).ToList();
        if (closed.Count > 0)
        {
            throw new RecoveryException(
                RecoveryError.RestoreFailed,
                closed[0].Plan.ToString(),
                $"{string.Join(", ", closed.Select(r => r.Plan))}: recovered at {Plan.PlaceName} and proven, but not seen open to users afterwards.",
                "Resume the restore, or run ALTER DATABASE … SET MULTI_USER for each member that is not open; the group is proven.");
        }
    }
}
