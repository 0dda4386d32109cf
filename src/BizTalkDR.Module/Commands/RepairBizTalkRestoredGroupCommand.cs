using System.Management.Automation;
using BizTalkDR.Module.PowerShell;
using BizTalkDR.Repair;

namespace BizTalkDR.Module.Commands;

/// <summary>Checks what a restore cannot bring back (users' logins, owners, linked servers, jobs) and mends it by consent.</summary>
[Cmdlet(VerbsDiagnostic.Repair, "BizTalkRestoredGroup", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RepairResult))]
public sealed class RepairBizTalkRestoredGroupCommand : SqlCmdlet
{
    /// <summary>Instance with the restored Management database, then the group's other instances.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("ServerInstance", "Destination")]
    [ValidateNotNullOrEmpty]
    public string[] SqlInstance { get; set; } = null!;

    /// <summary>Name of the Management database.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string ManagementDatabase { get; set; } = DefaultManagementDatabase;

    /// <summary>Login that is to own databases whose owner this instance does not know.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Owner { get; set; } = "sa";

    /// <summary>Login that backs up the group; it becomes a member of BTS_BACKUP_USERS in every member.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? BackupUser { get; set; }

    /// <summary>Folder the backup job is to write to, as every SQL Server of the group sees it; at most 128 characters.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? BackupPath { get; set; }

    /// <inheritdoc/>
    protected override void Execute()
    {
        var request = new RepairRequest(ManagementDatabase, AddressesOf(SqlInstance)) { Owner = Owner, BackupUser = BackupUser, BackupPath = BackupPath };
        RepairRun run = Run((log, stop) => new GroupRepairer(PortsFor(log)).Start(request, stop));
        while (run.Next() is { } item)
        {
            WriteObject(item.Fix is { } fix && ShouldProcess(fix.Instance.Server, fix.Text)
                ? Run((log, stop) => new GroupRepairer(PortsFor(log)).Mend(run, item, stop))
                : item.Result);
        }
    }
}
