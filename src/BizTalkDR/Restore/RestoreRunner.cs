using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Carries out a restore plan: all members to the mark, the gate, then recovery of all, a second proof, open to users last.</summary>
/// <remarks>
/// Until the gate has passed every member stays RESTORING, so nobody can use a group that is not whole. A run killed before the
/// gate leaves members RESTORING (or not there); one killed after it leaves members RESTORING or ONLINE in restricted access, all
/// of them at the same mark.
/// </remarks>
public sealed class RestoreRunner
{
    private readonly RecoveryPorts _ports;

    /// <summary>Creates a runner.</summary>
    public RestoreRunner(RecoveryPorts ports) => _ports = ports;

    /// <summary>Members restored at once, longest first. Default 4.</summary>
    public int Parallelism { get; init; } = 4;

    /// <summary>Runs the plan.</summary>
    /// <exception cref="RecoveryException">What stopped it; <see cref="RecoveryException.StateLeftBehind"/> says how every member was left, <see cref="RecoveryException.PartialResult"/> is the <see cref="RestoreResult"/>.</exception>
    public RestoreResult Run(RestorePlan plan, IRestoreJournal journal, CancellationToken cancellationToken = default)
    {
        string activity = $"Restoring {plan.Members.Count} databases to {plan.Mark}";
        List<MemberRun> runs = plan.Members.Select(m => new MemberRun(_ports, journal, m, plan.Mark)).ToList();
        DateTime started = _ports.Clock.UtcNow;
        journal.Write("run-start", Details(("mark", plan.Mark), ("members", string.Join(", ", plan.Members.Select(m => m.ToString())))));
        try
        {
            MemberPool.Run(runs, Parallelism, (run, _) => run.RefuseChangedDestination(cancellationToken));
            ToMark(runs, activity, cancellationToken);
            PassGate(plan, runs, journal, activity, cancellationToken);
            Recover(runs, activity, cancellationToken);
            Prove(plan, runs, cancellationToken);
            Open(runs, activity, cancellationToken);
            ReadStates(runs);
            RefuseClosedMembers(runs);
            journal.Write("run-done", Details(("mark", plan.Mark)));
            return ResultOf(plan, runs, journal, started, success: true);
        }
        catch (Exception error)
        {
            // Whatever it was, the operator and the journal must hear how every member was left.
            throw Failed(plan, runs, journal, started, error);
        }
        finally
        {
            _ports.Log.Progress(activity, null, "Done", 100, completed: true);
        }
    }

    private static IReadOnlyDictionary<string, string?> Details(params (string Key, string? Value)[] details) => details.ToDictionary(d => d.Key, d => d.Value, StringComparer.Ordinal);

    private void ToMark(IReadOnlyList<MemberRun> runs, string activity, CancellationToken cancellationToken)
    {
        int failed = 0;
        int done = 0;
        MemberPool.Run(runs, Parallelism, (run, _) =>
        {
            try
            {
                run.RunToMark(activity, () => Volatile.Read(ref failed) != 0, cancellationToken);
                _ports.Log.Progress(activity, null, $"{Interlocked.Increment(ref done)} of {runs.Count} members rolled forward", Volatile.Read(ref done) * 80 / runs.Count);
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
                _ports.Log.Progress(activity, run.Plan.Database, "Done", 100, completed: true);
            }
        });
    }

    private void PassGate(RestorePlan plan, IReadOnlyList<MemberRun> runs, IRestoreJournal journal, string activity, CancellationToken cancellationToken)
    {
        _ports.Log.Progress(activity, null, "Proving that every member stands at the mark", 82);
        GateResult gate = new RestoreGate(_ports) { Parallelism = Parallelism }.Check(plan, cancellationToken);
        for (int i = 0; i < runs.Count; i++)
        {
            runs[i].Gate = gate.Verdicts[i].Verdict;
            journal.Write("gate", Details(
                ("member", runs[i].Plan.Database),
                ("destination", runs[i].Plan.DestinationServer),
                ("passed", runs[i].Gate!.Passed ? "true" : "false"),
                ("redoLsn", runs[i].Gate!.RedoLsn?.ToString()),
                ("markLsn", runs[i].Plan.MarkPosition.Lsn.ToString()),
                ("detail", runs[i].Gate!.Text)));
        }

        if (!gate.Passed)
        {
            throw RestoreGate.ErrorOf(plan, gate);
        }

        TakeRoles(runs, gate);
        journal.Write("gate-passed", Details(("mark", plan.Mark)));
        _ports.Log.Information($"All {runs.Count} members stand at the mark {plan.Mark}; none is recovered yet.");
    }

    private static void TakeRoles(IReadOnlyList<MemberRun> runs, GateResult gate)
    {
        if (gate.Group is null || gate.Management is null)
        {
            return;
        }

        BizTalkGroup group = GroupDiscovery.From(gate.Group, gate.Management.Database, gate.Management.DestinationServer, a => a.Server);
        foreach (MemberRun run in runs.Where(r => r.Role == MemberRole.Unknown))
        {
            run.Role = ReferenceEquals(run.Plan, gate.Management)
                ? MemberRole.Management
                : group.Members.FirstOrDefault(m => string.Equals(m.Database, run.Plan.Chain.Member.Database, StringComparison.OrdinalIgnoreCase))?.Role ?? MemberRole.Unknown;
        }
    }

    private void Recover(IReadOnlyList<MemberRun> runs, string activity, CancellationToken cancellationToken)
    {
        // From here on cancelling would leave a group half recovered: it is looked at before, not in between.
        cancellationToken.ThrowIfCancelled(runs[0].Plan.ToString(), "The restore, before anything was recovered,");
        _ports.Log.Progress(activity, null, "Recovering every member in restricted access", 88);
        MemberPool.Run(runs, Parallelism, (run, _) =>
        {
            using ISqlInstance instance = _ports.Sql.Open(run.Plan.Destination, CancellationToken.None);
            StepVerdict verdict = run.RunStateChange(
                "Recover in restricted access",
                () => instance.Restore(new RestoreStatement(RestoreAction.Recover, run.Plan.Database), null, CancellationToken.None));
            if (verdict.Outcome == StepOutcome.Failed)
            {
                throw new RecoveryException(verdict.Code ?? RecoveryError.RestoreFailed, run.Plan.ToString(), $"{run.Plan} stands at the mark but could not be recovered: {verdict.Text}", "Remove the cause, then run RESTORE DATABASE … WITH RECOVERY for this member; all members stand at the same mark.");
            }
        });
    }

    private void Prove(RestorePlan plan, IReadOnlyList<MemberRun> runs, CancellationToken cancellationToken)
    {
        var faults = new IReadOnlyList<string>[runs.Count];
        MemberPool.Run(runs, Parallelism, (run, i) =>
        {
            using ISqlInstance instance = _ports.Sql.Open(run.Plan.Destination, cancellationToken);
            IReadOnlyList<DatabaseFacts> databases = instance.ReadDatabases([run.Plan.Database], cancellationToken);
            DatabaseFacts? database = databases.Count > 0 ? databases[0] : null;
            MarkLogFacts? log = database is { IsOnline: true } ? instance.ReadMarkLog(run.Plan.Database, plan.Mark, cancellationToken) : null;
            var evidence = new ProofEvidence(plan.Mark, database, log, instance.ReadRestoreHistory(run.Plan.Database, run.Plan.Steps.Count + 8, cancellationToken))
            {
                ExpectedFamily = run.Plan.Chain.Full.Header.FamilyGuid,
            };
            faults[i] = RecoveryProof.Faults(evidence);
            run.NewestMark = log?.NewestMark;
            run.State = database?.State;
            run.Proven = faults[i].Count == 0;
        });
        List<int> bad = Enumerable.Range(0, runs.Count).Where(i => faults[i].Count > 0).ToList();
        if (bad.Count > 0)
        {
            throw new RecoveryException(
                RecoveryError.ProofFailed,
                runs[bad[0]].Plan.ToString(),
                $"After recovery the proof failed for {bad.Count} of {runs.Count} members: {string.Join("; ", bad.Select(i => $"{runs[i].Plan}: {string.Join(", ", faults[i])}"))}. All stay in restricted access.");
        }
    }

    private void Open(IReadOnlyList<MemberRun> runs, string activity, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancelled(runs[0].Plan.ToString(), "Opening the recovered group to users");
        _ports.Log.Progress(activity, null, "Opening every member to users", 98);
        MemberPool.Run(runs, Parallelism, (run, _) =>
        {
            using ISqlInstance instance = _ports.Sql.Open(run.Plan.Destination, CancellationToken.None);
            StepVerdict verdict = run.RunStateChange("Open to users", () => instance.SetAccess(run.Plan.Database, DatabaseAccess.MultiUser, CancellationToken.None));
            if (verdict.Outcome == StepOutcome.Failed)
            {
                throw new RecoveryException(verdict.Code ?? RecoveryError.RestoreFailed, run.Plan.ToString(), $"{run.Plan} is recovered at the mark but could not be opened to users: {verdict.Text}", "Run ALTER DATABASE … SET MULTI_USER for this member; the group is proven.");
            }
        });
    }

    private void ReadStates(IReadOnlyList<MemberRun> runs) => MemberPool.Run(runs, Parallelism, (run, _) =>
    {
        try
        {
            using ISqlInstance instance = _ports.Sql.Open(run.Plan.Destination, CancellationToken.None);
            IReadOnlyList<DatabaseFacts> databases = instance.ReadDatabases([run.Plan.Database], CancellationToken.None);
            run.State = databases.Count == 0 ? null : Describe(databases[0]);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            run.State = "unknown";
        }
    });

    private static string Describe(DatabaseFacts database) => database switch
    {
        { IsInStandby: true } => database.State + " (standby)",
        { IsOnline: true, Access: DatabaseAccess.SingleUser } => database.State + " (single user)",
        { IsOnline: true, Access: DatabaseAccess.RestrictedUser } => database.State + " (restricted user)",
        _ => database.State,
    };

    /// <summary>Success is what the servers say at the end, not that no statement failed.</summary>
    private static void RefuseClosedMembers(IReadOnlyList<MemberRun> runs)
    {
        List<MemberRun> closed = runs.Where(r => !string.Equals(r.State, "ONLINE", StringComparison.OrdinalIgnoreCase)).ToList();
        if (closed.Count > 0)
        {
            throw new RecoveryException(
                RecoveryError.RestoreFailed,
                closed[0].Plan.ToString(),
                $"{string.Join(", ", closed.Select(r => r.Plan))}: recovered at the mark and proven, but not seen open to users afterwards.",
                "Run ALTER DATABASE … SET MULTI_USER for each member that is not open; the group is proven.");
        }
    }

    private RecoveryException Failed(RestorePlan plan, IReadOnlyList<MemberRun> runs, IRestoreJournal journal, DateTime started, Exception error)
    {
        ReadStates(runs);
        RestoreResult result = ResultOf(plan, runs, journal, started, success: false);
        string states = string.Join(", ", runs.GroupBy(r => r.State ?? "not there").OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Count()} {g.Key}"));
        string left = $"Members: {states} ({string.Join(", ", runs.Select(r => $"{r.Plan.Database}: {r.State ?? "not there"}"))}).";
        RecoveryException? known = error as RecoveryException;
        RecoveryError code = known?.Code switch
        {
            null => error is OperationCanceledException ? RecoveryError.OperationCancelled : RecoveryError.RestoreFailed,
            RecoveryError.ConnectionLost => RecoveryError.RestoreInterrupted,
            _ => known.Code,
        };
        string message = known?.Message ?? (error is OperationCanceledException ? $"The restore to '{plan.Mark}' was cancelled." : $"The restore to '{plan.Mark}' failed: {error.Message}");
        try
        {
            journal.Write("run-failed", Details(("mark", plan.Mark), ("error", code.ToString()), ("detail", message), ("state", left)));
        }
        catch (RecoveryException lost) when (lost.Code == RecoveryError.JournalNotWritable)
        {
            _ports.Log.Warning(lost.Message);
        }

        string? hint = code == known?.Code ? known?.Hint : null;
        return new RecoveryException(code, known?.Target ?? plan.Target, $"{message} {left}", hint, error) { StateLeftBehind = left, PartialResult = result };
    }

    private RestoreResult ResultOf(RestorePlan plan, IReadOnlyList<MemberRun> runs, IRestoreJournal journal, DateTime started, bool success) =>
        new(plan.Mark, plan.MarkTimeUtc, success, runs.Select(r => r.ToResult()).ToList())
        {
            StartedUtc = started,
            FinishedUtc = _ports.Clock.UtcNow,
            JournalPath = journal.Path,
            Findings = plan.Findings,
        };
}
