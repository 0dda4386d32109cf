using System.Management.Automation;
using BizTalkDR.Configuration;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Tests whether the master secret is there and whether its backup holds it.</summary>
[Cmdlet(VerbsDiagnostic.Test, "BizTalkMasterSecret")]
[OutputType(typeof(PartCheck), typeof(bool))]
public sealed class TestBizTalkMasterSecretCommand : ComputerCmdlet
{
    /// <summary>Gives true when every check passed, else false.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void Execute() => TestParts([new MasterSecretPart()], Quiet);
}
