using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Backup;
using BizTalkDR.Errors;

namespace BizTalkDR.Restore;

/// <summary>Judges, from what the destinations said, whether a restore can come to its end there. Pure.</summary>
/// <remarks>
/// What would end the restore fails with the error's name. What only harms the group afterwards fails without one: a restore goes on and warns. What a login may not
/// see, or no server can tell, is not checked.
/// </remarks>
public static class PreflightJudge
{
    /// <summary>Makes every check of the instances.</summary>
    public static IReadOnlyList<PlanTestResult> Judge(IReadOnlyList<InstanceEvidence> instances)
    {
        var results = new List<PlanTestResult>();
        foreach (InstanceEvidence instance in instances)
        {
            results.Add(InstanceCheck.Permission(instance));
            results.AddRange(InstanceCheck.Version(instance));
            results.AddRange(InstanceCheck.Edition(instance));
            results.AddRange(InstanceCheck.Collation(instance));
            results.AddRange(ExistingCheck.Sessions(instance));
            results.AddRange(ExistingCheck.AvailabilityGroups(instance));
            results.AddRange(KeyCheck.Encryption(instance));
            results.AddRange(KeyCheck.Credentials(instance));
            results.AddRange(InstanceCheck.RecoveryModel(instance));
            results.AddRange(FilePlaceCheck.Of(instance));
        }

        results.AddRange(SpaceCheck.Of(instances));
        results.AddRange(LinkedServerCheck.Of(instances));
        return results;
    }

    internal static PlanTestResult Passed(PlanCheck check, string subject, string reason) => new(check, subject, BackupTestOutcome.Passed, reason);

    /// <summary>A failure that ends a restore before anything is touched.</summary>
    internal static PlanTestResult Failed(PlanCheck check, string subject, RecoveryError code, string reason, string? remedy = null) =>
        new(check, subject, BackupTestOutcome.Failed, reason) { Code = code, Remedy = remedy ?? ErrorCatalogue.HintOf(code) };

    /// <summary>A failure that a restore warns of.</summary>
    internal static PlanTestResult Harms(PlanCheck check, string subject, string reason, string remedy) => new(check, subject, BackupTestOutcome.Failed, reason) { Remedy = remedy };

    internal static PlanTestResult NotChecked(PlanCheck check, string subject, string reason, string remedy) => new(check, subject, BackupTestOutcome.NotChecked, reason) { Remedy = remedy };

    /// <summary>The faults, or one result that says there are none.</summary>
    internal static IEnumerable<PlanTestResult> FaultsOr(IReadOnlyList<PlanTestResult> faults, PlanCheck check, string subject, string passed) =>
        faults.Count > 0 ? faults : Enumerable.Repeat(Passed(check, subject, passed), 1);
}
