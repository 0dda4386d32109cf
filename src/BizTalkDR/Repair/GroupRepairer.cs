using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Repair;

/// <summary>Checks a restored group and mends, one by one and by consent, what the restore could not bring back.</summary>
public sealed class GroupRepairer
{
    private const string Activity = "Checking the restored group";
    private readonly RecoveryPorts _ports;

    /// <summary>Creates a repairer.</summary>
    public GroupRepairer(RecoveryPorts ports) => _ports = ports;

    /// <summary>Reads the group and makes every check; changes nothing.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.NotAManagementDatabase"/>, or an instance that cannot be read.</exception>
    public RepairRun Start(RepairRequest request, CancellationToken cancellationToken = default)
    {
        RepairRequest.Check(request);
        return new RepairRun(request, Plan(request, cancellationToken));
    }

    /// <summary>Runs the fix of a failed check, and makes every check again: one fix can be what the next was waiting for.</summary>
    /// <returns>The check's result after the fix: repaired, or failed with what the server said.</returns>
    public RepairResult Mend(RepairRun run, RepairItem item, CancellationToken cancellationToken = default)
    {
        RepairFix fix = item.Fix ?? throw new ArgumentException("There is no fix for this check.", nameof(item));
        ServerMessage? cause = Apply(fix, cancellationToken);
        run.Refresh(Plan(run.Request, cancellationToken));

        // Done is what the server says now, not that no statement failed.
        RepairResult? now = run.Items.Select(i => i.Result).FirstOrDefault(r => r.Outcome == RepairOutcome.Failed && r.IsAbout(item.Result));
        return now is null
            ? new RepairResult(item.Result.Check, item.Result.Subject, RepairOutcome.Repaired, $"{fix.Text}; was: {item.Result.Reason}")
            : now with { Reason = cause is null ? $"{fix.Text} was not enough: {now.Reason}" : $"{fix.Text} failed: {cause.Number}, {cause.Text}" };
    }

    private ServerMessage? Apply(RepairFix fix, CancellationToken cancellationToken)
    {
        using ISqlInstance instance = _ports.Sql.Open(fix.Instance.Address, cancellationToken);
        foreach (UpkeepStatement statement in fix.Statements)
        {
            StatementOutcome outcome = instance.Mend(statement, cancellationToken);
            _ports.Log.Verbose($"{fix.Instance.Server}: {outcome.Statement}");
            if (outcome.Cause is { } cause)
            {
                return cause;
            }
        }

        return null;
    }

    private IReadOnlyList<RepairItem> Plan(RepairRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return RepairPlanner.Plan(Read(request, cancellationToken), request);
        }
        finally
        {
            _ports.Log.Progress(Activity, null, "Done", 100, completed: true);
        }
    }

    private RepairFacts Read(RepairRequest request, CancellationToken cancellationToken)
    {
        var open = new List<(RepairInstance Facts, ISqlInstance Instance)>();
        try
        {
            foreach (SqlInstanceAddress address in request.Instances)
            {
                ISqlInstance instance = _ports.Sql.Open(address, cancellationToken);
                open.Add((new RepairInstance(address, instance.Identity.ServerName), instance));
            }

            (RepairInstance management, ISqlInstance first) = open[0];
            BizTalkGroup group = GroupDiscovery.Read(first, request.ManagementDatabase, cancellationToken);
            var upkeep = new Dictionary<string, InstanceUpkeep?>(StringComparer.OrdinalIgnoreCase);
            foreach ((RepairInstance facts, ISqlInstance instance) in open)
            {
                upkeep[facts.Server] = UpkeepOf(instance, cancellationToken);
            }

            var members = new List<RepairMember>();
            foreach (GroupMember member in group.Members)
            {
                _ports.Log.Progress(Activity, null, member.Database, members.Count * 100 / group.Members.Count);
                members.Add(new RepairMember(member, HomesOf(member, open, upkeep, cancellationToken)));
            }

            return new RepairFacts(group, management, members, upkeep[management.Server], first.ReadForcedFull(request.ManagementDatabase, cancellationToken));
        }
        finally
        {
            open.ForEach(o => o.Instance.Dispose());
        }
    }

    private InstanceUpkeep? UpkeepOf(ISqlInstance instance, CancellationToken cancellationToken)
    {
        try
        {
            return instance.ReadInstanceUpkeep(cancellationToken);
        }
        catch (RecoveryException error) when (error.Code == RecoveryError.PermissionDenied)
        {
            _ports.Log.Warning(error.Message);
            return null;
        }
    }

    // The same database through two addresses of one instance counts once.
    private static List<MemberHome> HomesOf(GroupMember member, List<(RepairInstance Facts, ISqlInstance Instance)> open, Dictionary<string, InstanceUpkeep?> upkeep, CancellationToken cancellationToken) =>
        open.GroupBy(o => o.Facts.Server, StringComparer.OrdinalIgnoreCase)
            .Select(g => g.First())
            .Select(o => (o.Facts, Database: o.Instance.ReadDatabaseUpkeep(member.Database, cancellationToken)))
            .Where(o => o.Database is not null)
            .Select(o => new MemberHome(o.Facts, o.Database!) { Jobs = upkeep[o.Facts.Server]?.Jobs })
            .ToList();
}
