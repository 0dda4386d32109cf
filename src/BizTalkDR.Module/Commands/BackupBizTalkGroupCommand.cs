using System.Management.Automation;
using BizTalkDR.Backup;
using BizTalkDR.Catalogue;
using BizTalkDR.Groups;
using BizTalkDR.Module.PowerShell;
using BizTalkDR.Ports;

namespace BizTalkDR.Module.Commands;

/// <summary>Backs up every database of a BizTalk group through the group's own procedures and confirms what was written.</summary>
[Cmdlet(VerbsData.Backup, "BizTalkGroup", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(BackupSet))]
public sealed class BackupBizTalkGroupCommand : SqlCmdlet
{
    /// <summary>Instance with the group's Management database; then, where their names cannot be resolved from here, the addresses of the group's other instances.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("ServerInstance")]
    [ValidateNotNullOrEmpty]
    public string[] SqlInstance { get; set; } = null!;

    /// <summary>Folder as every SQL Server of the group sees it; at most 128 characters.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("BackupFolder")]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = null!;

    /// <summary>Full, Log, or FullAndLog.</summary>
    [Parameter]
    public BackupType Type { get; set; } = BackupType.Log;

    /// <summary>First part of the mark's name: 1 to 8 letters and digits.</summary>
    [Parameter]
    public string MarkName { get; set; } = "BTS";

    /// <summary>Turns the group's backup compression on or off (-Compression:$false) first; left as it is by default.</summary>
    [Parameter]
    public SwitchParameter Compression { get; set; }

    /// <summary>Names marks in the server's local time, as the job must do too; UTC by default.</summary>
    [Parameter]
    public SwitchParameter UseLocalTime { get; set; }

    /// <summary>Refuses when something is at work in the group, and ends with an error when the full does not prove that nothing was while it was written. With -Type Full or FullAndLog.</summary>
    [Parameter]
    public SwitchParameter RequireQuiesced { get; set; }

    /// <summary>Name of the Management database.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string ManagementDatabase { get; set; } = DefaultManagementDatabase;

    /// <inheritdoc/>
    protected override void Execute()
    {
        var request = new BackupRequest(Type, Destination)
        {
            MarkName = MarkName,
            UseLocalTime = UseLocalTime,
            RequireQuiesced = RequireQuiesced,
            Compression = MyInvocation.BoundParameters.ContainsKey(nameof(Compression)) ? Compression.IsPresent : null,
        };
        BackupPlanner.Check(request);
        (BackupPlan plan, InstanceDirectory directory) = Run((log, stop) =>
        {
            RecoveryPorts ports = PortsFor(log);
            using ISqlInstance instance = ports.Sql.Open(AddressOf(SqlInstance), stop);
            BizTalkGroup group = GroupDiscovery.Read(instance, ManagementDatabase, stop);
            BackupPlan made = BackupPlanner.Plan(group, request);
            log.Verbose(made.ToString());
            return (made, DirectoryOf(ports, SqlInstance, stop));
        });
        if (ShouldProcess(plan.Target, plan.Action))
        {
            WriteObject(Run((log, stop) => new BackupRunner(PortsFor(log), directory).Run(plan, stop)), enumerateCollection: true);
        }
    }
}
