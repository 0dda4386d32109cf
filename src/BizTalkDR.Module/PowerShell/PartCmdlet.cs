using System.Management.Automation;
using BizTalkDR.Configuration;
using BizTalkDR.SqlServer;

namespace BizTalkDR.Module.PowerShell;

/// <summary>Carries the parameters of cmdlets that back up or test parts which the group's databases know of.</summary>
public abstract class PartCmdlet : ComputerCmdlet
{
    /// <summary>Instance with the Management database, then the group's other instances. Default: as the computer's registry says.</summary>
    [Parameter]
    [Alias("ServerInstance")]
    [ValidateNotNullOrEmpty]
    public string[] SqlInstance { get; set; } = [];

    /// <summary>Name of the Management database. Default: as the computer's registry says.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ManagementDatabase { get; set; }

    /// <summary>SQL login; without it the Windows account of the session is used.</summary>
    [Parameter]
    [Credential]
    public PSCredential? SqlCredential { get; set; }

    /// <summary>Accepts a server certificate that nobody vouches for.</summary>
    [Parameter]
    public SwitchParameter TrustServerCertificate { get; set; }

    /// <summary>What concerns the parts alone.</summary>
    protected virtual PartOptions PartOptions => new();

    /// <inheritdoc/>
    protected override PartOptions Options => Run((log, stop) => GroupAccess.Add(
        PartOptions, SqlAddresses.Of(SqlInstance, SqlCredential, TrustServerCertificate), ManagementDatabase, SqlAddresses.One(string.Empty, SqlCredential, TrustServerCertificate), SqlServerPorts.Create(log).Sql, stop));
}
