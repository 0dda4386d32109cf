using System.Management.Automation;
using BizTalkDR.Configuration;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Tests a BizTalk computer and what is kept of it, part by part.</summary>
[Cmdlet(VerbsDiagnostic.Test, "BizTalkConfiguration")]
[OutputType(typeof(PartCheck), typeof(bool))]
public sealed class TestBizTalkConfigurationCommand : ComputerCmdlet
{
    /// <summary>Parts to test. Default: all.</summary>
    [Parameter]
    public ConfigurationPart[] Part { get; set; } = [];

    /// <summary>Gives true when every check passed, else false.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void Execute() => TestParts(ConfigurationParts.Of(Part), Quiet);
}
