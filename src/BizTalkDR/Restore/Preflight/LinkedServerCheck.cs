using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Judges whether the instance of the Management database will reach the others: backups and marks call procedures on them.</summary>
internal static class LinkedServerCheck
{
    /// <summary>One result for each instance that must call others. Repair-BizTalkRestoredGroup adds what is missing, after the restore.</summary>
    public static IEnumerable<PlanTestResult> Of(IReadOnlyList<InstanceEvidence> instances)
    {
        if (instances.Count < 2)
        {
            return instances.Select(i => PreflightJudge.Passed(PlanCheck.LinkedServer, i.Server, "every member is on one instance"));
        }

        List<InstanceEvidence> management = instances.Where(i => i.Members.Any(m => m.Plan.Role == MemberRole.Management)).ToList();

        // From files alone nobody knows which member is the Management database: then any of them may be the caller.
        return (management.Count > 0 ? management : instances).Select(caller => Judge(caller, instances.Where(i => !ReferenceEquals(i, caller)).ToList()));
    }

    private static PlanTestResult Judge(InstanceEvidence caller, IReadOnlyList<InstanceEvidence> others)
    {
        if (caller.Readiness.LinkedServers is not { } links)
        {
            return PreflightJudge.NotChecked(PlanCheck.LinkedServer, caller.Server, "the login may not see linked servers", "Use a login with VIEW ANY DEFINITION.");
        }

        List<string> missing = others.Where(o => !links.Any(l => l.RpcOut && Calls(l, o))).Select(o => o.Server).ToList();
        return missing.Count == 0
            ? PreflightJudge.Passed(PlanCheck.LinkedServer, caller.Server, $"it calls procedures on {string.Join(", ", others.Select(o => o.Server))}")
            : PreflightJudge.Harms(
                PlanCheck.LinkedServer,
                caller.Server,
                $"it has no linked server with RPC Out for {string.Join(", ", missing)}: backups and marks of the members there will fail",
                "After the restore let Repair-BizTalkRestoredGroup add it.");
    }

    private static bool Calls(LinkedServer link, InstanceEvidence other) =>
        string.Equals(link.Name, other.Server, StringComparison.OrdinalIgnoreCase) || other.Members.Any(m => string.Equals(link.Name, m.Plan.Destination.Name, StringComparison.OrdinalIgnoreCase));
}
