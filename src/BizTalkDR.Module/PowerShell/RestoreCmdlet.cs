using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Reports;
using BizTalkDR.Restore;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Makes plans from folders, and gives plans from files the addresses and the login of this call.</summary>
public abstract class RestoreCmdlet : BlobCmdlet
{
    /// <summary>Parameter set of a restore from folders.</summary>
    protected const string PathSet = "Path";

    /// <summary>Parameter set of a plan.</summary>
    protected const string PlanSet = "Plan";

    /// <summary>Parameter set of a restore that was cut short.</summary>
    protected const string ResumeSet = "Resume";

    /// <summary>Addresses of secondary replicas of availability groups; by default each is reached under its name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] ReplicaInstance { get; set; } = [];

    /// <summary>Reads a plan and makes it one that this call can log in with.</summary>
    protected RestorePlan Read(RestorePlanSource source, string[]? destinations)
    {
        RestorePlan plan = source.Read(GetUnresolvedProviderPathFromPSPath);
        return Run((log, stop) => Say(Reach(plan, destinations, PortsFor(log), stop), log));
    }

    /// <summary>Gives a plan from a file its addresses: those it names, or those passed now, told apart by their real names.</summary>
    protected RestorePlan Reach(RestorePlan plan, string[]? destinations, RecoveryPorts ports, CancellationToken stop)
    {
        IReadOnlyDictionary<string, SqlInstanceAddress> replicas = ReplicasOf(ports, stop);
        plan = plan.AtReplicas(replica => replicas.TryGetValue(replica.Server, out SqlInstanceAddress? address) ? address : WithLogin(replica.Address));
        if (destinations is null)
        {
            return plan.At(member => WithLogin(member.Destination));
        }

        InstanceDirectory directory = DirectoryOf(ports, destinations, stop);
        return plan.At(member => directory.AddressOf(member.DestinationServer));
    }

    /// <summary>Learns the real names of the secondary replicas whose addresses were passed.</summary>
    protected IReadOnlyDictionary<string, SqlInstanceAddress> ReplicasOf(RecoveryPorts ports, CancellationToken stop)
    {
        var replicas = new Dictionary<string, SqlInstanceAddress>(StringComparer.OrdinalIgnoreCase);
        foreach (SqlInstanceAddress address in ReplicaInstance.Length == 0 ? [] : AddressesOf(ReplicaInstance))
        {
            using ISqlInstance instance = ports.Sql.Open(address, stop);
            replicas[instance.Identity.ServerName] = address;
        }

        return replicas;
    }

    /// <summary>Folder for journals that nobody named.</summary>
    protected static string JournalFolder() => JournalPlace.Folder();

    protected static RestorePlan Say(RestorePlan plan, IRecoveryLog log)
    {
        log.Verbose(plan.ToString());
        foreach (Finding finding in plan.Findings.Where(f => f.Level == FindingLevel.Warning))
        {
            log.Warning(finding);
        }

        return plan;
    }

    private SqlInstanceAddress WithLogin(SqlInstanceAddress address)
    {
        SqlInstanceAddress given = AddressOf([address.Name]);
        return address with { Login = given.Login ?? address.Login, TrustServerCertificate = given.TrustServerCertificate || address.TrustServerCertificate };
    }
}
