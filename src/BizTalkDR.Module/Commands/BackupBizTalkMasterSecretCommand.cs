using System.Management.Automation;
using System.Security;
using BizTalkDR.Configuration;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Backs up the master secret of Enterprise SSO and proves that the file holds the current one.</summary>
[Cmdlet(VerbsData.Backup, "BizTalkMasterSecret", SupportsShouldProcess = true)]
[OutputType(typeof(PartBackup))]
public sealed class BackupBizTalkMasterSecretCommand : ComputerCmdlet
{
    /// <summary>Password that protects the file.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNull]
    public SecureString Password { get; set; } = null!;

    /// <summary>Reminder of the password, shown to whoever restores the file.</summary>
    [Parameter]
    [ValidateNotNull]
    public string Reminder { get; set; } = string.Empty;

    /// <inheritdoc/>
    protected override PartOptions Options => new() { SecretPassword = Password, SecretReminder = Reminder };

    /// <inheritdoc/>
    protected override void Execute() => BackupOne(new MasterSecretPart(), "Back up the master secret");
}
