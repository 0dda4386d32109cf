using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Configuration.Applications;
using BizTalkDR.Configuration.Certificates;
using BizTalkDR.Configuration.Machine;
using BizTalkDR.Configuration.Portal;
using BizTalkDR.Configuration.Setup;
using BizTalkDR.Configuration.SqlObjects;

namespace BizTalkDR.Configuration;

/// <summary>Every part the product knows, one line each. The cmdlets for whole computers run them in this order; steps of a restore in the order of their stages.</summary>
public static class ConfigurationParts
{
    /// <summary>The parts.</summary>
    public static IReadOnlyList<IConfigurationPart> All { get; } =
    [
        new MachinePart(),
        new SetupPart(),
        new MasterSecretPart(),
        new ApplicationPart(),
        new CertificatePart(),
        new SqlObjectPart(),
        new PortalPart(),
    ];

    /// <summary>Gives the parts that were asked for; all when none was.</summary>
    public static IReadOnlyList<IConfigurationPart> Of(IReadOnlyCollection<ConfigurationPart> asked) => asked.Count == 0 ? All : All.Where(p => asked.Contains(p.Part)).ToList();
}
