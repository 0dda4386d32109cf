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
    private readonly RecoveryPorts _ports;

    /// <summary>Creates a tester.</summary>
    public RestorePlanTester(RecoveryPorts ports) => _ports = ports;

    /// <summary>Members checked at once. Default 4.</summary>
    public int Parallelism { get; init; } = 4;

    /// <summary>Checks everything; a check that cannot be made says why.</summary>
    public IReadOnlyList<PlanTestResult> Test(RestorePlan plan, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<string> faults = RestorePlanCheck.Faults(plan);
        List<PlanTestResult> results = faults.Count == 0
            ? [new PlanTestResult(PlanCheck.Plan, plan.Mark, BackupTestOutcome.Passed, "its steps fit together")]
            : faults.Select(f => Failed(PlanCheck.Plan, plan.Mark, RecoveryError.PlanInvalid, f)).ToList();
        var byMember = new List<PlanTestResult>[plan.Members.Count];
        MemberPool.Run(plan.Members, Parallelism, (member, i) => byMember[i] = TestMember(plan, member, cancellationToken));
        results.AddRange(byMember.SelectMany(r => r));
        return results;
    }

    /// <summary>Refuses a plan of which anything has changed, before anything is touched.</summary>
    /// <exception cref="RecoveryException">The error of the first check that failed.</exception>
    public void RefuseChanges(RestorePlan plan, CancellationToken cancellationToken = default)
    {
        List<PlanTestResult> failed = Test(plan, cancellationToken).Where(r => r.Outcome == BackupTestOutcome.Failed).ToList();
        if (failed.Count > 0)
        {
            throw new RecoveryException(
                failed[0].Code!.Value,
                failed[0].Subject,
                $"The plan does not hold any more: {failed[0].Subject}: {failed[0].Reason}.{(failed.Count > 1 ? $" {failed.Count - 1} more checks failed." : string.Empty)} Nothing was touched.",
                failed[0].Remedy);
        }
    }

    private static PlanTestResult Failed(PlanCheck check, string subject, RecoveryError code, string reason) =>
        new(check, subject, BackupTestOutcome.Failed, reason) { Code = code, Remedy = ErrorCatalogue.HintOf(code) };

    private static PlanTestResult Passed(PlanCheck check, string subject, string reason) => new(check, subject, BackupTestOutcome.Passed, reason);

    private static PlanTestResult NotChecked(PlanCheck check, string subject, RecoveryException error) =>
        new(check, subject, BackupTestOutcome.NotChecked, error.Message) { Remedy = error.Hint };

    private List<PlanTestResult> TestMember(RestorePlan plan, MemberPlan member, CancellationToken cancellationToken)
    {
        var results = new List<PlanTestResult>();
        try
        {
            using ISqlInstance instance = _ports.Sql.Open(member.Destination, cancellationToken);
            if (!string.Equals(instance.Identity.ServerName, member.DestinationServer, StringComparison.OrdinalIgnoreCase))
            {
                return [Failed(PlanCheck.Destination, member.ToString(), RecoveryError.DestinationChanged, $"the address '{member.Destination.Name}' leads to '{instance.Identity.ServerName}' now")];
            }

            results.Add(Passed(PlanCheck.Destination, member.ToString(), $"'{member.Destination.Name}' is '{member.DestinationServer}'"));
            results.Add(DestinationLock.IsFree(instance, member, cancellationToken)
                ? Passed(PlanCheck.Lock, member.ToString(), "no other restore works on it")
                : Failed(PlanCheck.Lock, member.ToString(), RecoveryError.RestoreInProgress, "another restore works on it"));
            results.Add(TestDatabase(member, instance, cancellationToken));
            results.AddRange(member.Steps.Where(s => s.Backup is not null).Select(s => TestFile(s.Backup!, instance, cancellationToken)));
        }
        catch (RecoveryException error) when (error.Code is not RecoveryError.OperationCancelled)
        {
            results.Add(results.Count == 0 ? Failed(PlanCheck.Destination, member.ToString(), error.Code, error.Message) : NotChecked(PlanCheck.Destination, member.ToString(), error));
        }

        results.Add(TestMark(plan, member, cancellationToken));
        return results;
    }

    private static PlanTestResult TestDatabase(MemberPlan member, ISqlInstance instance, CancellationToken cancellationToken)
    {
        IReadOnlyList<DatabaseFacts> found = instance.ReadDatabases([member.Database], cancellationToken);
        DatabaseFacts? now = found.Count > 0 ? found[0] : null;
        if (ResumeDecision.IsPlanned(member.Replaces, now) && TailPlanner.WasWrittenTo(member, () => instance.ReadLogEnd(member.Database, cancellationToken)))
        {
            return Failed(PlanCheck.Database, member.ToString(), RecoveryError.DestinationChanged, "it was written to since, and it is replaced without a backup of its tail");
        }

        return ResumeDecision.IsPlanned(member.Replaces, now)
            ? Passed(PlanCheck.Database, member.ToString(), now is null ? "it is not there, as planned" : "it is the database that is to be replaced")
            : Failed(PlanCheck.Database, member.ToString(), RecoveryError.DestinationChanged, member.Replaces is null ? "it exists now" : now is null ? "it is gone" : "it is another database now");
    }

    private static PlanTestResult TestFile(MediaBackup planned, ISqlInstance instance, CancellationToken cancellationToken)
    {
        try
        {
            BackupHeader? header = instance.ReadHeaders(planned.Path, cancellationToken).FirstOrDefault(h => h.Position == planned.Header.Position);
            return header is not null && header.BackupSetGuid == planned.Header.BackupSetGuid
                ? Passed(PlanCheck.File, planned.Path, "it holds the backup of the plan")
                : Failed(PlanCheck.File, planned.Path, RecoveryError.BackupFileChanged, "it holds another backup now");
        }
        catch (RecoveryException error) when (error.Code is not (RecoveryError.OperationCancelled or RecoveryError.ConnectionLost))
        {
            return Failed(PlanCheck.File, planned.Path, error.Code, error.Message);
        }
    }

    private PlanTestResult TestMark(RestorePlan plan, MemberPlan member, CancellationToken cancellationToken)
    {
        MediaBackup log = member.Chain.LastLog;
        if (_ports.Marks is null)
        {
            return new PlanTestResult(PlanCheck.Mark, log.Path, BackupTestOutcome.NotChecked, "nothing here can read marks in log files");
        }

        try
        {
            MarkPosition? position = _ports.Marks.Find(log.Path, log.Header.Position, plan.Mark, cancellationToken);
            return position?.Lsn == member.MarkPosition.Lsn
                ? Passed(PlanCheck.Mark, log.Path, $"the mark stands at LSN {position.Lsn}")
                : Failed(PlanCheck.Mark, log.Path, RecoveryError.BackupFileChanged, "the mark does not stand in it where the plan says");
        }
        catch (RecoveryException error) when (error.Code is not RecoveryError.OperationCancelled)
        {
            return NotChecked(PlanCheck.Mark, log.Path, error);
        }
    }
}
