using System.Management.Automation;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Portal;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Keeps the BAM portal of a computer in a form that another computer can use, and BAM's configuration.</summary>
[Cmdlet(VerbsData.Backup, "BizTalkBamPortal", SupportsShouldProcess = true)]
[OutputType(typeof(PartBackup))]
public sealed class BackupBizTalkBamPortalCommand : PartCmdlet
{
    /// <inheritdoc/>
    protected override void Execute() => BackupOne(new PortalPart(), "Back up the BAM portal");
}
