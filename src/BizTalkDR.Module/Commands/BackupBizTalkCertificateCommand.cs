using System.Management.Automation;
using System.Security;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.Certificates;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Keeps the certificates that ports, parties, hosts and the group use, with their keys under protection.</summary>
[Cmdlet(VerbsData.Backup, "BizTalkCertificate", SupportsShouldProcess = true)]
[OutputType(typeof(PartBackup))]
public sealed class BackupBizTalkCertificateCommand : PartCmdlet
{
    /// <summary>Password that protects the files with private keys.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? CertificatePassword { get; set; }

    /// <summary>File of a certificate (.cer) whose holder alone can open the files with private keys; comes before a password.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? RecipientCertificate { get; set; }

    /// <inheritdoc/>
    protected override PartOptions PartOptions => new()
    {
        CertificatePassword = CertificatePassword,
        CertificateRecipient = RecipientCertificate is null ? null : RecipientFile.Read(GetUnresolvedProviderPathFromPSPath(RecipientCertificate)),
    };

    /// <inheritdoc/>
    protected override void Execute() => BackupOne(new CertificatePart(), "Back up the certificates that the group uses");
}
