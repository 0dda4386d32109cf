using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Takes databases out of their availability groups before a restore, and brings them back when it is proven and open.</summary>
/// <remarks>Every step looks at the servers first and passes over what is done, so that a resumed run does the same.</remarks>
internal sealed class AvailabilityRun
{
    /// <summary>4326: of an idle database the full backup holds all that the log backup does.</summary>
    private const int ContainedAlready = 4326;

    private readonly RunContext _run;
    private readonly RecoveryPorts _ports;

    public AvailabilityRun(RunContext run)
    {
        _run = run;
        _ports = run.Ports;
    }

    /// <summary>Looks at every replica before anything is touched.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.DestinationChanged"/>, or why one cannot be reached.</exception>
    public void RefuseChanges(CancellationToken cancellationToken)
    {
        foreach (MemberPlan member in Leaving(_run.Members))
        {
            using ISqlInstance primary = _ports.Sql.Open(member.Destination, cancellationToken);
            RequireSame(member, primary.ReadMembership(member.Database, cancellationToken));
            foreach (SecondaryPlan secondary in member.Availability!.Secondaries)
            {
                AvailabilityCopy copy = AvailabilityReader.ReadCopy(_ports, secondary.Address, secondary.Server, member.Database, cancellationToken);
                RefuseOther(member, secondary, copy, member.Availability.GroupDatabaseId);
            }
        }
    }

    /// <summary>Takes the members out.</summary>
    public void Leave(IReadOnlyList<MemberRun> members, CancellationToken cancellationToken)
    {
        foreach (MemberPlan member in Leaving(members))
        {
            cancellationToken.ThrowIfCancelled(member.ToString(), $"The restore of {member}");
            using ISqlInstance primary = _ports.Sql.Open(member.Destination, cancellationToken);
            if (primary.ReadMembership(member.Database, cancellationToken) is not { } membership)
            {
                continue;
            }

            RequireSame(member, membership);
            Do(member, primary, AvailabilityAction.Remove, $"take {member.Database} out of the availability group", RecoveryError.RestoreFailed, cancellationToken);
            if (primary.ReadDatabases([member.Database], cancellationToken).Any(d => d.AvailabilityGroup is not null))
            {
                throw new RecoveryException(RecoveryError.MemberInAvailabilityGroup, member.ToString(), $"{member} is still in the availability group '{membership.Group}' after it was removed. Nothing was restored.");
            }
        }
    }

    /// <summary>Brings the members back. The restore is done by then, and says so whatever happens here.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.AvailabilityGroupIncomplete"/>.</exception>
    public void Return(TimeSpan wait, TimeSpan poll, CancellationToken cancellationToken)
    {
        List<MemberPlan> members = Leaving(_run.Members).ToList();
        foreach (MemberPlan member in members)
        {
            _ports.Log.Progress(_run.Activity, null, $"Bringing {member.Database} back into its availability group", 99);
            try
            {
                Return(member, wait, poll, cancellationToken);
            }
            catch (RecoveryException error) when (error.Code is not (RecoveryError.OperationCancelled or RecoveryError.AvailabilityGroupIncomplete or RecoveryError.JournalNotWritable))
            {
                throw Incomplete(member, error.Message, error);
            }
        }
    }

    private static IEnumerable<MemberPlan> Leaving(IEnumerable<MemberRun> members) => members.Select(m => m.Plan).Where(p => p.Availability is not null).OrderBy(p => p.ToString(), StringComparer.OrdinalIgnoreCase);

    private void Return(MemberPlan member, TimeSpan wait, TimeSpan poll, CancellationToken cancellationToken)
    {
        AvailabilityPlan plan = member.Availability!;
        using ISqlInstance primary = _ports.Sql.Open(member.Destination, cancellationToken);
        if (primary.ReadMembership(member.Database, cancellationToken) is not { } membership)
        {
            foreach (SecondaryPlan secondary in plan.Secondaries)
            {
                Prepare(member, secondary, cancellationToken);
            }

            BackUp(member, primary, cancellationToken);
            Do(member, primary, AvailabilityAction.Add, $"add {member.Database} to the availability group", RecoveryError.AvailabilityGroupIncomplete, cancellationToken);
        }
        else if (!string.Equals(membership.Group, plan.Group, StringComparison.OrdinalIgnoreCase))
        {
            throw Incomplete(member, $"it is in the availability group '{membership.Group}' now", null);
        }

        foreach (SecondaryPlan secondary in plan.Secondaries.Where(s => !s.SeedsAutomatically))
        {
            Copy(member, secondary, primary, cancellationToken);
        }

        Wait(member, primary, wait, poll, cancellationToken);
    }

    /// <summary>Lets the old copy go, so that a new one finds its place.</summary>
    private void Prepare(MemberPlan member, SecondaryPlan secondary, CancellationToken cancellationToken)
    {
        using ISqlInstance replica = AvailabilityReader.Open(_ports, secondary.Address, secondary.Server, cancellationToken);
        AvailabilityCopy copy = AvailabilityReader.ReadCopy(replica, secondary.Address, secondary.Server, member.Database, cancellationToken);
        RefuseOther(member, secondary, copy, null);
        if (copy.Database is not null)
        {
            Do(member, replica, AvailabilityAction.DropCopy, $"drop the old copy of {member.Database}", RecoveryError.AvailabilityGroupIncomplete, cancellationToken);
        }

        if (secondary.SeedsAutomatically)
        {
            Do(member, replica, AvailabilityAction.GrantCreate, "let the availability group create databases", RecoveryError.AvailabilityGroupIncomplete, cancellationToken);
        }
    }

    /// <summary>Restores the backups on a replica that does not seed by itself, and joins them.</summary>
    private void Copy(MemberPlan member, SecondaryPlan secondary, ISqlInstance primary, CancellationToken cancellationToken)
    {
        AvailabilityPlan plan = member.Availability!;
        using ISqlInstance replica = AvailabilityReader.Open(_ports, secondary.Address, secondary.Server, cancellationToken);
        AvailabilityCopy copy = AvailabilityReader.ReadCopy(replica, secondary.Address, secondary.Server, member.Database, cancellationToken);
        if (copy.GroupDatabaseId is not null)
        {
            return;
        }

        // The old copy was dropped before the database was added: what is RESTORING now was begun by an earlier run of this restore, whose journal says so, and cut short.
        if (copy.Database is { } there && !(there.IsRestoring && _run.Record?.HasBegunCopy(member, secondary.Server) == true))
        {
            throw Changed(member, $"the database '{member.Database}' on '{secondary.Server}' is {there.State}, and no copy that this restore has begun");
        }

        if (copy.Database is not null)
        {
            // A log backup that somebody took since would be missing between these and what the primary replica sends.
            BackUp(member, primary, cancellationToken);
        }

        Restore(member, replica, new RestoreStatement(RestoreAction.Full, member.Database) { Path = plan.FullPath, Moves = secondary.Moves, Replace = copy.Database is not null, Checksum = true }, cancellationToken);
        Restore(member, replica, new RestoreStatement(RestoreAction.Log, member.Database) { Path = plan.LogPath, Checksum = true }, cancellationToken);
        Do(member, replica, AvailabilityAction.Join, $"join {member.Database} to the availability group", RecoveryError.AvailabilityGroupIncomplete, cancellationToken);
    }

    private void BackUp(MemberPlan member, ISqlInstance primary, CancellationToken cancellationToken)
    {
        Do(member, primary, AvailabilityAction.BackUpFull, $"full backup of {member.Database}", RecoveryError.AvailabilityGroupIncomplete, cancellationToken, member.Availability!.FullPath);
        Do(member, primary, AvailabilityAction.BackUpLog, $"log backup of {member.Database}", RecoveryError.AvailabilityGroupIncomplete, cancellationToken, member.Availability.LogPath);
    }

    private void Restore(MemberPlan member, ISqlInstance replica, RestoreStatement statement, CancellationToken cancellationToken)
    {
        string text = RestoreJournalRecord.CopyStep + $"{statement.Path} WITH NORECOVERY";
        Note("availability-start", member, replica, text, null);
        StatementOutcome outcome = replica.Restore(statement, null, cancellationToken);
        StepVerdict verdict = statement.Action == RestoreAction.Log && outcome.Cause?.Number == ContainedAlready ? new StepVerdict(StepOutcome.Skipped, null, "contained already (4326)") : RestoreJudge.JudgeStateChange(outcome);
        Finish(member, replica, text, outcome, verdict, RecoveryError.AvailabilityGroupIncomplete);
    }

    private void Wait(MemberPlan member, ISqlInstance primary, TimeSpan wait, TimeSpan poll, CancellationToken cancellationToken)
    {
        DateTime end = _ports.Clock.UtcNow + wait;
        while (true)
        {
            IReadOnlyList<AvailabilityReplicaFacts> replicas = primary.ReadMembership(member.Database, cancellationToken)?.Replicas ?? throw Incomplete(member, "it is in no group any more", null);
            List<AvailabilityReplicaFacts> behind = replicas.Where(r => !r.IsLocal && !r.IsInStep).ToList();
            if (behind.Count == 0)
            {
                Note("availability-joined", member, primary, $"in step on {string.Join(", ", replicas.Where(r => !r.IsLocal).Select(r => r.Server))}", null);
                return;
            }

            if (_ports.Clock.UtcNow >= end)
            {
                throw Incomplete(member, $"it was added, but is not in step after {wait.TotalMinutes:0.#} minutes on {string.Join(", ", behind.Select(r => $"{r.Server} ({r.Synchronization ?? "no copy there"})"))}", null);
            }

            if (cancellationToken.WaitHandle.WaitOne(poll))
            {
                cancellationToken.ThrowIfCancelled(member.ToString(), "Waiting for the secondary replicas");
            }
        }
    }

    private void Do(MemberPlan member, ISqlInstance instance, AvailabilityAction action, string text, RecoveryError code, CancellationToken cancellationToken, string? path = null)
    {
        Note("availability-start", member, instance, text, null);
        StatementOutcome outcome = instance.Change(new AvailabilityStatement(action, member.Availability!.Group, member.Database) { Path = path }, cancellationToken);
        Finish(member, instance, text, outcome, RestoreJudge.JudgeStateChange(outcome), code);
    }

    private void Finish(MemberPlan member, ISqlInstance instance, string text, StatementOutcome outcome, StepVerdict verdict, RecoveryError code)
    {
        bool failed = verdict.Outcome == StepOutcome.Failed;
        _ports.Log.Debug($"{outcome.Statement}  -- {outcome.Elapsed.TotalMilliseconds:0} ms, {verdict.Text}");
        Note(failed ? "availability-failed" : "availability-done", member, instance, text, verdict.Text);
        if (failed)
        {
            string message = $"On '{instance.Identity.ServerName}': {text} ('{member.Availability!.Group}') failed: {verdict.Text}";
            throw code == RecoveryError.AvailabilityGroupIncomplete ? Incomplete(member, message, null) : new RecoveryException(verdict.Code ?? code, member.ToString(), message);
        }
    }

    private void Note(string what, MemberPlan member, ISqlInstance instance, string text, string? detail) =>
        _run.Note(what, ("member", member.Database), ("destination", member.DestinationServer), ("instance", instance.Identity.ServerName), ("group", member.Availability!.Group), ("step", text), ("detail", detail));

    private static void RequireSame(MemberPlan member, AvailabilityMembership? now)
    {
        if (AvailabilityPlanner.WhyNotThatGroup(member.Availability!, now) is { } why)
        {
            throw Changed(member, $"{member} is not in its availability group as planned: {why}");
        }
    }

    private static void RefuseOther(MemberPlan member, SecondaryPlan secondary, AvailabilityCopy copy, Guid? joined)
    {
        if (AvailabilityPlanner.WhyNotThatCopy(secondary, copy, joined, member.Replaces?.RecoveryForkGuid) is { } why)
        {
            throw Changed(member, $"the database '{member.Database}' on the secondary replica '{secondary.Server}' is not the copy of the availability group: {why}");
        }
    }

    private static RecoveryException Changed(MemberPlan member, string what) => new(RecoveryError.DestinationChanged, member.ToString(), $"{char.ToUpperInvariant(what[0])}{what.Substring(1)}. It was not touched.");

    private static RecoveryException Incomplete(MemberPlan member, string why, Exception? cause) =>
        new(RecoveryError.AvailabilityGroupIncomplete, member.ToString(), $"The group of databases is restored, proven and open to users, but {member} is not back in the availability group '{member.Availability!.Group}' on every replica: {why.TrimEnd('.')}.", cause: cause);
}
