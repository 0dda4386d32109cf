using System.Management.Automation;
using System.Security;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Certificates;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Tests whether the certificates that the group uses are where BizTalk Server looks for them, are valid, and are kept.</summary>
[Cmdlet(VerbsDiagnostic.Test, "BizTalkCertificate")]
[OutputType(typeof(PartCheck), typeof(bool))]
public sealed class TestBizTalkCertificateCommand : PartCmdlet
{
    /// <summary>Password of the kept files with private keys: each is opened with it.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? CertificatePassword { get; set; }

    /// <summary>Gives true when every check passed, else false.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override PartOptions PartOptions => new() { CertificatePassword = CertificatePassword };

    /// <inheritdoc/>
    protected override void Execute() => TestParts([new CertificatePart()], Quiet);
}
