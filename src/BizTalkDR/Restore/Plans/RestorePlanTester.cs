using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Backup;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Gathers the facts of a plan again and says what has changed since. Changes nothing.</summary>
public sealed class RestorePlanTester
{
    private const string Activity = "Testing the restore plan";
    private readonly RecoveryPorts _ports;

    /// <summary>Creates a tester.</summary>
    public RestorePlanTester(RecoveryPorts ports) => _ports = ports;

    /// <summary>Members checked at once. Default 4.</summary>
    public int Parallelism { get; init; } = 4;

    /// <summary>Checks everything; a check that cannot be made says why.</summary>
    public IReadOnlyList<PlanTestResult> Test(RestorePlan plan, CancellationToken cancellationToken = default)
    {
        try
        {
            IReadOnlyList<string> faults = RestorePlanCheck.Faults(plan);
            List<PlanTestResult> results = faults.Count == 0
                ? [new PlanTestResult(PlanCheck.Plan, plan.Mark, BackupTestOutcome.Passed, "its steps fit together")]
                : faults.Select(f => Failed(PlanCheck.Plan, plan.Mark, RecoveryError.PlanInvalid, f)).ToList();
            var tests = new MemberTest[plan.Members.Count];
            int done = 0;
            MemberPool.Run(plan.Members, Parallelism, (member, i) =>
            {
                tests[i] = TestMember(plan, member, cancellationToken);
                int all = Interlocked.Increment(ref done);
                _ports.Log.Progress(Activity, null, $"{all} of {plan.Members.Count} members looked at", all * 90 / plan.Members.Count);
            });
            results.AddRange(tests.SelectMany(t => t.Results));
            results.AddRange(new PreflightReader(_ports).Judge(tests.Select(t => t.Evidence).OfType<MemberEvidence>().ToList(), cancellationToken));
            results.AddRange(new ReplicaReader(_ports).Judge(plan, cancellationToken));
            return results;
        }
        finally
        {
            _ports.Log.Progress(Activity, null, "Done", 100, completed: true);
        }
    }

    /// <summary>Refuses a plan that does not hold, before anything is touched, and warns of what was not checked or harms only what comes after.</summary>
    /// <returns>True.</returns>
    /// <exception cref="RecoveryException">The error of the first check that failed with one.</exception>
    public bool RefuseChanges(RestorePlan plan, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<PlanTestResult> results = Test(plan, cancellationToken);
        List<PlanTestResult> failed = results.Where(r => r.Code is not null).ToList();
        if (failed.Count > 0)
        {
            throw new RecoveryException(
                failed[0].Code!.Value,
                failed[0].Subject,
                $"A restore by this plan would not come to its end: {failed[0].Subject}: {failed[0].Reason}.{(failed.Count > 1 ? $" {failed.Count - 1} more checks failed; Test-BizTalkRestorePlan shows them." : string.Empty)} Nothing was touched.",
                failed[0].Remedy);
        }

        foreach (PlanTestResult warning in results.Where(r => r.IsWarning))
        {
            _ports.Log.Warning(warning.Text);
        }

        return true;
    }

    private static PlanTestResult Failed(PlanCheck check, string subject, RecoveryError code, string reason) =>
        new(check, subject, BackupTestOutcome.Failed, reason) { Code = code, Remedy = ErrorCatalogue.HintOf(code) };

    private static PlanTestResult Passed(PlanCheck check, string subject, string reason) => new(check, subject, BackupTestOutcome.Passed, reason);

    private static PlanTestResult NotChecked(PlanCheck check, string subject, RecoveryException error) =>
        new(check, subject, BackupTestOutcome.NotChecked, error.Message) { Remedy = error.Hint };

    private MemberTest TestMember(RestorePlan plan, MemberPlan member, CancellationToken cancellationToken)
    {
        var results = new List<PlanTestResult>();
        MemberEvidence? evidence = null;
        try
        {
            using ISqlInstance instance = _ports.Sql.Open(member.Destination, cancellationToken);
            if (!string.Equals(instance.Identity.ServerName, member.DestinationServer, StringComparison.OrdinalIgnoreCase))
            {
                results.Add(Failed(PlanCheck.Destination, member.ToString(), RecoveryError.DestinationChanged, $"the address '{member.Destination.Name}' leads to '{instance.Identity.ServerName}' now"));
                return new MemberTest(results, null);
            }

            results.Add(Passed(PlanCheck.Destination, member.ToString(), $"'{member.Destination.Name}' is '{member.DestinationServer}'"));
            results.Add(DestinationLock.IsFree(instance, member, cancellationToken)
                ? Passed(PlanCheck.Lock, member.ToString(), "no other restore works on it")
                : Failed(PlanCheck.Lock, member.ToString(), RecoveryError.RestoreInProgress, "another restore works on it"));
            (PlanTestResult database, DatabaseFacts? now) = TestDatabase(member, instance, cancellationToken);
            results.Add(database);
            results.AddRange(TestAvailability(member, instance, cancellationToken));
            if (member.Tail is { } tail)
            {
                results.Add(instance.ListFolder(TailPlanner.FolderOf(tail), cancellationToken).IsVisible
                    ? Passed(PlanCheck.Tail, tail.Path, "its folder is there")
                    : Failed(PlanCheck.Tail, tail.Path, RecoveryError.FolderNotVisibleToServer, "the instance does not see its folder"));
            }

            var files = new PlanFileTest(instance);
            results.AddRange(member.Steps.Where(s => s.Backup is not null).Select(s => files.Test(s.Backup!, cancellationToken)));
            evidence = files.EvidenceOf(member, now, cancellationToken);
        }
        catch (RecoveryException error) when (error.Code is not RecoveryError.OperationCancelled)
        {
            results.Add(results.Count == 0 ? Failed(PlanCheck.Destination, member.ToString(), error.Code, error.Message) : NotChecked(PlanCheck.Destination, member.ToString(), error));
        }

        if (member.Chain.LastLog is { } log)
        {
            results.Add(TestMark(plan, member, log, cancellationToken));
        }

        return new MemberTest(results, evidence);
    }

    private static (PlanTestResult Result, DatabaseFacts? Now) TestDatabase(MemberPlan member, ISqlInstance instance, CancellationToken cancellationToken)
    {
        DatabaseFacts? now = ExistingReader.Read(instance, member.Database, cancellationToken);
        if (member.Keeps is { } keeps)
        {
            return (TestKept(member, keeps, now, instance.ReadDatabases([keeps.As], cancellationToken).Count > 0), now);
        }

        if (ResumeDecision.IsPlanned(member.Replaces, now) && TailPlanner.WasWrittenTo(member, member.Replaces?.LogEnd, () => instance.ReadLogEnd(member.Database, cancellationToken)))
        {
            return (Failed(PlanCheck.Database, member.ToString(), RecoveryError.DestinationChanged, "it was written to since, and it is replaced without a backup of its tail"), now);
        }

        PlanTestResult result = ResumeDecision.IsPlanned(member.Replaces, now)
            ? Passed(PlanCheck.Database, member.ToString(), now is null ? "it is not there, as planned" : "it is the database that is to be replaced")
            : Failed(PlanCheck.Database, member.ToString(), RecoveryError.DestinationChanged, member.Replaces is null ? "it exists now" : now is null ? "it is gone" : "it is another database now");
        return (result, now);
    }

    private static PlanTestResult TestKept(MemberPlan member, KeptDatabase keeps, DatabaseFacts? now, bool isTaken) => !keeps.Is(now)
        ? Failed(PlanCheck.Database, member.ToString(), RecoveryError.DestinationChanged, now is null ? "it is gone" : "it is another database now than the one that is to be kept, or is not open any more")
        : isTaken
            ? Failed(PlanCheck.Database, member.ToString(), RecoveryError.NameConflict, $"there is a database '{keeps.As}' already, the name under which it is to be kept")
            : Passed(PlanCheck.Database, member.ToString(), $"it is the database that is to be kept, and the name {keeps.As} is free");

    /// <summary>The group is the one that was planned for, and the copies are its copies.</summary>
    private IEnumerable<PlanTestResult> TestAvailability(MemberPlan member, ISqlInstance instance, CancellationToken cancellationToken)
    {
        if (member.Availability is not { } plan)
        {
            yield break;
        }

        if (AvailabilityPlanner.WhyNotThatGroup(plan, instance.ReadMembership(member.Database, cancellationToken)) is { } why)
        {
            yield return Failed(PlanCheck.AvailabilityGroup, member.ToString(), RecoveryError.DestinationChanged, $"it is not in its availability group as planned: {why}");
        }

        foreach (SecondaryPlan secondary in plan.Secondaries)
        {
            yield return TestCopy(member, plan, secondary, cancellationToken);
        }
    }

    private PlanTestResult TestCopy(MemberPlan member, AvailabilityPlan plan, SecondaryPlan secondary, CancellationToken cancellationToken)
    {
        string subject = $"{member.Database} on {secondary.Server}";
        try
        {
            AvailabilityCopy copy = AvailabilityReader.ReadCopy(_ports, secondary.Address, secondary.Server, member.Database, cancellationToken);

            // What the login may not see is the fault of its rights, which are judged for the replica as a whole.
            return copy.GroupDatabaseId == Guid.Empty ? PreflightJudge.NotChecked(PlanCheck.AvailabilityGroup, subject, "the login may not see which group it is in", "Use a login with VIEW SERVER STATE on every replica.")
                : AvailabilityPlanner.WhyNotThatCopy(secondary, copy, plan.GroupDatabaseId, member.Replaces?.RecoveryForkGuid) is { } why ? Failed(PlanCheck.AvailabilityGroup, subject, RecoveryError.DestinationChanged, $"it is not the copy of the availability group: {why}")
                : Passed(PlanCheck.AvailabilityGroup, subject, copy.Database is null ? "there is no copy that would be in the way" : "it is the copy of the availability group");
        }
        catch (RecoveryException error) when (error.Code is not RecoveryError.OperationCancelled)
        {
            // Nothing would be touched without it: the run looks at every copy first.
            return PreflightJudge.Failed(PlanCheck.AvailabilityGroup, subject, error.Code, error.Message, error.Hint);
        }
    }

    private PlanTestResult TestMark(RestorePlan plan, MemberPlan member, MediaBackup log, CancellationToken cancellationToken)
    {
        if (_ports.Marks is null)
        {
            return new PlanTestResult(PlanCheck.Mark, log.Path, BackupTestOutcome.NotChecked, "nothing here can read marks in log files");
        }

        try
        {
            MarkPosition? position = new PathMap(plan.PathMap ?? PathMap.None.Folders).Over(_ports.Marks).Find(log.Path, log.Header.Position, plan.Mark, cancellationToken);
            return position?.Lsn == member.MarkPosition.Lsn
                ? Passed(PlanCheck.Mark, log.Path, $"the mark stands at LSN {position.Lsn}")
                : Failed(PlanCheck.Mark, log.Path, RecoveryError.BackupFileChanged, "the mark does not stand in it where the plan says");
        }
        catch (RecoveryException error) when (error.Code is not RecoveryError.OperationCancelled)
        {
            return NotChecked(PlanCheck.Mark, log.Path, error);
        }
    }

    private sealed record MemberTest(IReadOnlyList<PlanTestResult> Results, MemberEvidence? Evidence);
}
