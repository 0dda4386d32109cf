using System.Management.Automation;
using System.Security;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.SqlObjects;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Keeps what the group's instances hold outside their databases: logins, jobs, linked servers, mail, settings.</summary>
[Cmdlet(VerbsData.Export, "BizTalkSqlObject", SupportsShouldProcess = true)]
[OutputType(typeof(PartBackup))]
public sealed class ExportBizTalkSqlObjectCommand : PartCmdlet
{
    /// <summary>Password that protects the hashes of logins' passwords and other secrets.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? CertificatePassword { get; set; }

    /// <summary>File of a certificate (.cer) whose holder alone can open what is secret; comes before a password.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? RecipientCertificate { get; set; }

    /// <summary>Keeps everything, not only what the group uses.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <inheritdoc/>
    protected override PartOptions PartOptions => new()
    {
        AllSqlObjects = All,
        CertificatePassword = CertificatePassword,
        CertificateRecipient = RecipientCertificate is null ? null : RecipientFile.Read(GetUnresolvedProviderPathFromPSPath(RecipientCertificate)),
    };

    /// <inheritdoc/>
    protected override void Execute() => BackupOne(new SqlObjectPart(), "Export what the group's instances hold outside their databases");
}
