using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using BizTalkDR.BackupFiles;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.History;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.SqlServer;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Carries the parameters of a connection.</summary>
public abstract class SqlCmdlet : RecoveryCmdlet
{
    /// <summary>Name BizTalk's configuration gives the Management database unless told otherwise.</summary>
    protected const string DefaultManagementDatabase = "BizTalkMgmtDb";

    /// <summary>SQL login; without it the Windows account of the session is used.</summary>
    [Parameter]
    [Credential]
    public PSCredential? SqlCredential { get; set; }

    /// <summary>Accepts a server certificate that nobody vouches for.</summary>
    [Parameter]
    public SwitchParameter TrustServerCertificate { get; set; }

    /// <summary>Gives the address of the first instance with this cmdlet's login and encryption.</summary>
    protected SqlInstanceAddress AddressOf(IReadOnlyList<string> names) => AddressesOf(names)[0];

    /// <summary>Gives the addresses of instances.</summary>
    protected IReadOnlyList<SqlInstanceAddress> AddressesOf(IReadOnlyList<string> names) => SqlAddresses.Of(names, SqlCredential, TrustServerCertificate);

    /// <summary>Gives everything outside that an operation needs.</summary>
    protected virtual RecoveryPorts PortsFor(IRecoveryLog log) => SqlServerPorts.Create(log);

    /// <summary>Learns the real names of the instances whose addresses were given, so that the group's members are found under them.</summary>
    protected InstanceDirectory DirectoryOf(RecoveryPorts ports, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        IReadOnlyList<SqlInstanceAddress> addresses = AddressesOf(names);
        var known = new Dictionary<string, SqlInstanceAddress>(StringComparer.OrdinalIgnoreCase);
        foreach (SqlInstanceAddress address in addresses)
        {
            using ISqlInstance instance = ports.Sql.Open(address, cancellationToken);
            known[instance.Identity.ServerName] = address;
        }

        return new InstanceDirectory(addresses[0], known);
    }

    /// <summary>Holds what instances remember against the files of a catalogue.</summary>
    protected BackupCatalogue WithHistory(BackupCatalogue catalogue, IReadOnlyList<string> instances, string managementDatabase, RecoveryPorts ports, CancellationToken cancellationToken) =>
        instances.Count == 0 ? catalogue : HistoryReader.Apply(catalogue, AddressesOf(instances), managementDatabase, ports.Sql, cancellationToken);
}
