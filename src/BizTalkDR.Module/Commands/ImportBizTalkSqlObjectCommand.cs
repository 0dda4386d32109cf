using System.Collections;
using System.Management.Automation;
using System.Security;
using BizTalkDR.Configuration;
using BizTalkDR.Configuration.SqlObjects;
using BizTalkDR.Module.PowerShell;

namespace BizTalkDR.Module.Commands;

/// <summary>Makes logins, jobs, linked servers, mail and settings that are missing on an instance, as they were kept.</summary>
[Cmdlet(VerbsData.Import, "BizTalkSqlObject", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(PartStepResult))]
public sealed class ImportBizTalkSqlObjectCommand : PartRestoreCmdlet
{
    /// <summary>Password of the protected file; not needed where it is enclosed to a certificate whose key is here.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? CertificatePassword { get; set; }

    /// <summary>Instances that moved: old name to new name.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable? InstanceMap { get; set; }

    /// <summary>Names of objects that are not to be made.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] ExcludeObject { get; set; } = [];

    /// <inheritdoc/>
    protected override PartOptions PartOptions => new() { CertificatePassword = CertificatePassword, InstanceMap = NameMap.Of(InstanceMap), ExcludedObjects = ExcludeObject };

    /// <inheritdoc/>
    protected override void Execute() => Restore([new SqlObjectPart()]);
}
