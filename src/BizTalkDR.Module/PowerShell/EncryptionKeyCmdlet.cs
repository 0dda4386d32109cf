using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Groups;
using BizTalkDR.Keys;
using BizTalkDR.Ports;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Carries what the cmdlets for certificates that encrypt databases and backups need: the group's instances and the folder of the kept files.</summary>
public abstract class EncryptionKeyCmdlet : SqlCmdlet
{
    /// <summary>Instance with the Management database, then the group's other instances where their names do not lead to them.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("ServerInstance")]
    [ValidateNotNullOrEmpty]
    public string[] SqlInstance { get; set; } = null!;

    /// <summary>Folder of the kept files, as the instances see it.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = null!;

    /// <summary>Name of the Management database.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string ManagementDatabase { get; set; } = DefaultManagementDatabase;

    /// <summary>Folders as the instances see them, and as this computer does.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? PathMap { get; set; }

    private protected PathMap Map => new(NameMap.Of(PathMap));

    /// <summary>Finds the certificates that the group depends on, and where its instances are reached.</summary>
    private protected (IReadOnlyList<EncryptionKey> Keys, InstanceDirectory Directory) ReadKeys(RecoveryPorts ports, CancellationToken stop)
    {
        InstanceDirectory directory = DirectoryOf(ports, SqlInstance, stop);
        using ISqlInstance instance = ports.Sql.Open(AddressOf(SqlInstance), stop);
        return (EncryptionKeys.Read(GroupDiscovery.Read(instance, ManagementDatabase, stop), directory, ports.Sql, stop), directory);
    }
}
