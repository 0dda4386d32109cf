using System.Management.Automation;
using BizTalkDR.Module.PowerShell;
using BizTalkDR.Restore;

namespace BizTalkDR.Module.Commands;

/// <summary>Plans the restore of a group, to be read, kept, checked again and run later. Changes nothing but the file it is told to write.</summary>
[Cmdlet(VerbsCommon.New, "BizTalkRestorePlan", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(RestorePlan))]
public sealed class NewBizTalkRestorePlanCommand : PlanningCmdlet
{
    /// <summary>Folders of backup files as the destination instances see them, or URLs of blob containers and of folders in them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("BackupFolder")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = null!;

    /// <summary>Instances to restore to: one for all members, or as many as there were source instances.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("SqlInstance")]
    [ValidateNotNullOrEmpty]
    public string[] Destination { get; set; } = null!;

    /// <summary>Mark to restore to; by default the newest that every member can reach.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Mark { get; set; }

    /// <summary>Plans to replace databases that exist at the destination.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>File to write the plan to, as JSON without any login.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutFile { get; set; }

    /// <inheritdoc/>
    protected override void Execute()
    {
        RestorePlan plan = Prepare(Path, Destination, Mark, Force);
        if (OutFile is not null && ShouldProcess(OutFile, "Write the restore plan"))
        {
            RestorePlanFile.Write(plan, GetUnresolvedProviderPathFromPSPath(OutFile));
        }

        WriteObject(plan);
    }
}
