using System.Management.Automation;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Applications;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Brings applications back to a computer, and to the group where it lost them, in the order of their references.</summary>
[Cmdlet(VerbsData.Restore, "BizTalkApplication", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(PartStepResult))]
public sealed class RestoreBizTalkApplicationCommand : PartRestoreCmdlet
{
    /// <summary>JSON file with values of ports that differ at the destination.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? BindingsMap { get; set; }

    /// <inheritdoc/>
    protected override PartOptions PartOptions => new() { BindingsMap = BindingsMap is null ? null : GetUnresolvedProviderPathFromPSPath(BindingsMap) };

    /// <inheritdoc/>
    protected override void Execute() => Restore([new ApplicationPart()]);
}
