using System.Management.Automation;
using System.Security;
using BizTalkDR.Configuration;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Tests a BizTalk computer and what is kept of it, part by part.</summary>
[Cmdlet(VerbsDiagnostic.Test, "BizTalkConfiguration")]
[OutputType(typeof(PartCheck), typeof(bool))]
public sealed class TestBizTalkConfigurationCommand : PartCmdlet
{
    /// <summary>Parts to test. Default: all.</summary>
    [Parameter]
    public ConfigurationPart[] Part { get; set; } = [];

    /// <summary>Password of the kept files with private keys of certificates: each is opened with it.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? CertificatePassword { get; set; }

    /// <summary>Gives true when every check passed, else false.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override PartOptions PartOptions => new() { CertificatePassword = CertificatePassword };

    /// <inheritdoc/>
    protected override void Execute() => TestParts(ConfigurationParts.Of(Part), Quiet);
}
