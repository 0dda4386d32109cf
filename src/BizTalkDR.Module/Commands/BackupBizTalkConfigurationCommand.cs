using System.Collections.Generic;
using System.Management.Automation;
using System.Security;
using BizTalkDR.Configuration;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Backs up every part of a BizTalk computer that is outside the databases.</summary>
[Cmdlet(VerbsData.Backup, "BizTalkConfiguration", SupportsShouldProcess = true)]
[OutputType(typeof(PartBackup))]
public sealed class BackupBizTalkConfigurationCommand : PartCmdlet
{
    /// <summary>Parts to back up. Default: all.</summary>
    [Parameter]
    public ConfigurationPart[] Part { get; set; } = [];

    /// <summary>Password that protects the backup of the master secret.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? SecretPassword { get; set; }

    /// <summary>Reminder of that password.</summary>
    [Parameter]
    [ValidateNotNull]
    public string Reminder { get; set; } = string.Empty;

    /// <summary>Password that protects the files with private keys of certificates.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? CertificatePassword { get; set; }

    /// <summary>File of a certificate (.cer) whose holder alone can open the files with private keys; comes before a password.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? RecipientCertificate { get; set; }

    /// <summary>Files and folders of the computer to keep beside the assemblies of applications.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] ExtraFile { get; set; } = [];

    /// <summary>Configuration files on the computer that were exported in the window of Configuration, the newest first.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] ConfigurationFile { get; set; } = [];

    /// <inheritdoc/>
    protected override PartOptions PartOptions => new()
    {
        SecretPassword = SecretPassword,
        SecretReminder = Reminder,
        CertificatePassword = CertificatePassword,
        CertificateRecipient = RecipientCertificate is null ? null : RecipientFile.Read(GetUnresolvedProviderPathFromPSPath(RecipientCertificate)),
        ExtraFiles = ExtraFile,
        ConfigurationFiles = ConfigurationFile,
    };

    /// <inheritdoc/>
    protected override void Execute()
    {
        IReadOnlyList<IConfigurationPart> parts = ConfigurationParts.Of(Part);
        if (!MayBackUp("Back up the computer's parts"))
        {
            return;
        }

        foreach (PartBackup backup in OnComputer(null, (context, stop) => new List<PartBackup>(new ConfigurationBackup(parts, context).Run(stop))))
        {
            WriteObject(backup);
            WriteProblem(backup.Error);
        }
    }
}
