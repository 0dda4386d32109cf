using System.Management.Automation;
using System.Security;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Certificates;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Brings kept certificates back and looks whether everything that names one finds it.</summary>
[Cmdlet(VerbsData.Restore, "BizTalkCertificate", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(PartStepResult))]
public sealed class RestoreBizTalkCertificateCommand : PartRestoreCmdlet
{
    /// <summary>Password of the files with private keys; not needed where it is enclosed to a certificate whose key is here.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? CertificatePassword { get; set; }

    /// <inheritdoc/>
    protected override PartOptions PartOptions => new() { CertificatePassword = CertificatePassword };

    /// <inheritdoc/>
    protected override void Execute() => Restore([new CertificatePart()]);
}
