using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Judges what lives on an instance in the place of the databases to come.</summary>
internal static class ExistingCheck
{
    /// <summary>The restore ends the sessions of a database it replaces. That someone works there may mean that it is the wrong server.</summary>
    public static IEnumerable<PlanTestResult> Sessions(InstanceEvidence instance)
    {
        List<MemberPlan> replaced = instance.Members.Where(m => m.Now is { IsOnline: true }).Select(m => m.Plan).ToList();
        if (replaced.Count == 0)
        {
            return [PreflightJudge.Passed(PlanCheck.Sessions, instance.Server, "no database that is open is replaced")];
        }

        if (instance.Readiness.Sessions is not { } sessions)
        {
            return [PreflightJudge.NotChecked(PlanCheck.Sessions, instance.Server, "the login sees its own sessions alone", "Use a login with VIEW SERVER STATE.")];
        }

        var faults = new List<PlanTestResult>();
        foreach (MemberPlan member in replaced)
        {
            List<DatabaseSession> there = sessions.Where(s => string.Equals(s.Database, member.Database, StringComparison.OrdinalIgnoreCase)).ToList();
            if (there.Count > 0)
            {
                string who = string.Join(", ", there.GroupBy(s => $"{s.Login} from {s.Host} ({s.Program.Trim()})", StringComparer.OrdinalIgnoreCase).Select(g => g.Count() == 1 ? g.Key : $"{g.Count()} of {g.Key}").Take(5));
                faults.Add(PreflightJudge.Harms(
                    PlanCheck.Sessions,
                    member.ToString(),
                    $"{there.Count} {(there.Count == 1 ? "session uses" : "sessions use")} it, which the restore ends: {who}",
                    "Make sure that this is the right server; stop host instances, IIS, ENTSSO and SQL Server Agent, so that nobody comes back."));
            }
        }

        return PreflightJudge.FaultsOr(faults, PlanCheck.Sessions, instance.Server, "nobody uses the databases that are replaced");
    }

    /// <summary>RESTORE cannot operate on a database that is in an availability group (3104).</summary>
    public static IEnumerable<PlanTestResult> AvailabilityGroups(InstanceEvidence instance)
    {
        List<PlanTestResult> faults = instance.Members
            .Where(m => m.Now?.AvailabilityGroup is not null && m.Plan.Availability is null)
            .Select(m => PreflightJudge.Failed(PlanCheck.AvailabilityGroup, m.Plan.ToString(), RecoveryError.MemberInAvailabilityGroup, $"the database there is in the availability group '{m.Now!.AvailabilityGroup}' (3104)", AvailabilityHint.Of([m.Now!])))
            .ToList();
        List<string> leaving = instance.Members.Where(m => m.Plan.Availability is not null).Select(m => m.Plan.Database).ToList();
        return PreflightJudge.FaultsOr(faults, PlanCheck.AvailabilityGroup, instance.Server, leaving.Count == 0 ? "no database that is replaced is in an availability group" : $"taken out of their availability groups before the restore: {string.Join(", ", leaving)}");
    }
}
