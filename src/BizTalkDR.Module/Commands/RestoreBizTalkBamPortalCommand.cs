using System.Management.Automation;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Portal;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Makes the BAM portal on a computer again: pool, applications, Web.config with today's names, alerts.</summary>
[Cmdlet(VerbsData.Restore, "BizTalkBamPortal", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(PartStepResult))]
public sealed class RestoreBizTalkBamPortalCommand : PartRestoreCmdlet
{
    /// <inheritdoc/>
    protected override void Execute() => Restore([new PortalPart()]);
}
