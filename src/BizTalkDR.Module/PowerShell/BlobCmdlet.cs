using System.Management.Automation;
using System.Security;
using BizTalkDR.Ports;
using BizTalkDR.SqlServer;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Carries the signature that containers of blob storage are read with.</summary>
public abstract class BlobCmdlet : SqlCmdlet
{
    /// <summary>Shared access signature for the containers that -Path or -PathMap name by URL, with the permissions read and list: what stands behind the question mark.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? SasToken { get; set; }

    /// <inheritdoc/>
    protected override RecoveryPorts PortsFor(IRecoveryLog log) => SqlServerPorts.Create(log, new BlobStore(SasToken));
}
