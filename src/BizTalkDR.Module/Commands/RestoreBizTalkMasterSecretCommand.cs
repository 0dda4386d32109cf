using System.Management.Automation;
using System.Security;
using BizTalkDR.Configuration;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Restores the master secret of Enterprise SSO on the master secret server and proves that it is back.</summary>
[Cmdlet(VerbsData.Restore, "BizTalkMasterSecret", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(PartStepResult))]
public sealed class RestoreBizTalkMasterSecretCommand : ComputerRestoreCmdlet
{
    /// <summary>Password of the backup file.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNull]
    public SecureString Password { get; set; } = null!;

    /// <inheritdoc/>
    protected override PartOptions Options => new() { SecretPassword = Password, MoveSecretServer = false };

    /// <inheritdoc/>
    protected override void Execute() => Restore([new MasterSecretPart()]);
}
