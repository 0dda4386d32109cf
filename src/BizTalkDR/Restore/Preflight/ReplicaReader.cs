using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Asks every replica of the groups that members leave, once, what the login may do there, and lets it be judged. Changes nothing.</summary>
internal sealed class ReplicaReader
{
    private readonly RecoveryPorts _ports;

    public ReplicaReader(RecoveryPorts ports) => _ports = ports;

    /// <summary>Gives the results for all groups of a plan.</summary>
    public IReadOnlyList<PlanTestResult> Judge(RestorePlan plan, CancellationToken cancellationToken)
    {
        var results = new List<PlanTestResult>();
        foreach (IGrouping<string, MemberPlan> group in plan.Members.Where(m => m.Availability is not null).GroupBy(m => $"{m.DestinationServer}|{m.Availability!.Group}", StringComparer.OrdinalIgnoreCase).OrderBy(g => g.Key, StringComparer.OrdinalIgnoreCase))
        {
            results.AddRange(Judge(group.OrderBy(m => m.Database, StringComparer.OrdinalIgnoreCase).ToList(), cancellationToken));
        }

        return results;
    }

    private List<PlanTestResult> Judge(List<MemberPlan> members, CancellationToken cancellationToken)
    {
        var results = new List<PlanTestResult>();
        var replicas = new List<ReplicaEvidence>();
        MemberPlan first = members[0];
        IEnumerable<(string Server, SqlInstanceAddress Address, List<ReplicaMember> Members)> places = new[] { (first.DestinationServer, first.Destination, members.ConvertAll(m => Of(m, null))) }
            .Concat(members.SelectMany(m => m.Availability!.Secondaries.Select(s => (s.Server, s.Address, Member: Of(m, s)))).GroupBy(s => s.Server, StringComparer.OrdinalIgnoreCase).Select(g => (g.Key, g.First().Address, g.Select(s => s.Member).ToList())));
        foreach ((string server, SqlInstanceAddress address, List<ReplicaMember> here) in places)
        {
            try
            {
                using ISqlInstance replica = replicas.Count == 0 ? _ports.Sql.Open(address, cancellationToken) : AvailabilityReader.Open(_ports, address, server, cancellationToken);
                replicas.Add(new ReplicaEvidence(server, first.Availability!.Group, replica.ReadRights(first.Availability.Group, cancellationToken), here)
                {
                    Folders = here.Where(m => m.UsesFolder).Select(m => m.SeedFolder).Distinct(StringComparer.Ordinal).ToDictionary(f => f, f => replica.ListFolder(f, cancellationToken), StringComparer.Ordinal),
                });
            }
            catch (RecoveryException error) when (error.Code is not RecoveryError.OperationCancelled)
            {
                results.Add(PreflightJudge.Failed(PlanCheck.AvailabilityGroup, $"'{first.Availability!.Group}' on {server}", error.Code, error.Message, error.Hint));
                if (replicas.Count == 0)
                {
                    return results;
                }
            }
        }

        results.AddRange(ReplicaCheck.Of(replicas));
        return results;
    }

    private static ReplicaMember Of(MemberPlan member, SecondaryPlan? secondary) => new(member.Database, ServerPath.FolderOf(member.Availability!.FullPath), secondary);
}
