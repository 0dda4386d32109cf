using System.Management.Automation;
using BizTalkDR.Groups;
using BizTalkDR.Module.PowerShell;
using BizTalkDR.Ports;

namespace BizTalkDR.Module.Commands;

/// <summary>Finds a BizTalk group and the databases that belong to it.</summary>
[Cmdlet(VerbsCommon.Get, "BizTalkGroup")]
[OutputType(typeof(BizTalkGroup))]
public sealed class GetBizTalkGroupCommand : SqlCmdlet
{
    /// <summary>Instance with the group's Management database.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ServerInstance")]
    [ValidateNotNullOrEmpty]
    public string[] SqlInstance { get; set; } = null!;

    /// <summary>Name of the Management database.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string ManagementDatabase { get; set; } = DefaultManagementDatabase;

    /// <inheritdoc/>
    protected override void Execute() => WriteObject(Run((log, stop) =>
    {
        using ISqlInstance instance = PortsFor(log).Sql.Open(AddressOf(SqlInstance), stop);
        return GroupDiscovery.Read(instance, ManagementDatabase, stop);
    }));
}
