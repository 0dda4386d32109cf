using System.Management.Automation;
using System.Security;
using BizTalkDR.Configuration;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Makes a computer the master secret server, in place of one that is lost, and restores the master secret there.</summary>
[Cmdlet(VerbsCommon.Move, "BizTalkMasterSecretServer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(PartStepResult))]
public sealed class MoveBizTalkMasterSecretServerCommand : ComputerRestoreCmdlet
{
    /// <summary>Password of the backup file.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNull]
    public SecureString Password { get; set; } = null!;

    /// <inheritdoc/>
    protected override PartOptions Options => new() { SecretPassword = Password, MoveSecretServer = true };

    /// <inheritdoc/>
    protected override void Execute() => Restore([new MasterSecretPart()]);
}
