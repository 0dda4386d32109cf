using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Backup;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Asks each destination once what decides about the restore, and lets it be judged. Changes nothing.</summary>
internal sealed class PreflightReader
{
    private readonly RecoveryPorts _ports;

    public PreflightReader(RecoveryPorts ports) => _ports = ports;

    /// <summary>Gives the results for all instances of these members.</summary>
    public IReadOnlyList<PlanTestResult> Judge(IReadOnlyList<MemberEvidence> members, CancellationToken cancellationToken)
    {
        var results = new List<PlanTestResult>();
        var instances = new List<InstanceEvidence>();
        foreach (IGrouping<string, MemberEvidence> server in members.GroupBy(m => m.Plan.DestinationServer, StringComparer.OrdinalIgnoreCase).OrderBy(g => g.Key, StringComparer.OrdinalIgnoreCase))
        {
            try
            {
                using ISqlInstance instance = _ports.Sql.Open(server.First().Plan.Destination, cancellationToken);
                string[] paths = server.SelectMany(m => m.Moves).Select(f => f.PhysicalName).Distinct(StringComparer.Ordinal).ToArray();
                instances.Add(new InstanceEvidence(instance.Identity, instance.ReadReadiness(paths, cancellationToken), [.. server]));
            }
            catch (RecoveryException error) when (error.Code is not RecoveryError.OperationCancelled)
            {
                results.Add(new PlanTestResult(PlanCheck.Destination, server.Key, BackupTestOutcome.NotChecked, error.Message) { Remedy = error.Hint });
            }
        }

        results.AddRange(PreflightJudge.Judge(instances));
        return results;
    }
}
