using System.Management.Automation;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Applications;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Keeps the group's applications: packages, bindings, parties, resources, assemblies and the files you list.</summary>
[Cmdlet(VerbsData.Backup, "BizTalkApplication", SupportsShouldProcess = true)]
[OutputType(typeof(PartBackup))]
public sealed class BackupBizTalkApplicationCommand : PartCmdlet
{
    /// <summary>Files and folders of the computer to keep beside the assemblies, as the computer names them.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] ExtraFile { get; set; } = [];

    /// <inheritdoc/>
    protected override PartOptions PartOptions => new() { ExtraFiles = ExtraFile };

    /// <inheritdoc/>
    protected override void Execute() => BackupOne(new ApplicationPart(), "Back up the applications");
}
