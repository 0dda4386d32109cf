using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Configuration.Applications;
using BizTalkDR.Configuration.Certificates;
using BizTalkDR.Configuration.Machine;
using BizTalkDR.Configuration.Portal;
using BizTalkDR.Configuration.Setup;
using BizTalkDR.Errors;

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
        new PortalPart(),
    ];

    /// <summary>Gives the parts that were asked for; all when none was.</summary>
    /// <exception cref="RecoveryException">PartNotKept: this version does not keep one of them, so nobody is to believe that it was.</exception>
    public static IReadOnlyList<IConfigurationPart> Of(IReadOnlyCollection<ConfigurationPart> asked)
    {
        List<ConfigurationPart> unknown = asked.Distinct().Where(a => All.All(p => p.Part != a)).ToList();
        if (unknown.Count > 0)
        {
            throw new RecoveryException(
                RecoveryError.PartNotKept, string.Join(", ", unknown), $"This version keeps no part {string.Join(", ", unknown)}. Nothing was changed.",
                $"Choose among {string.Join(", ", All.Select(p => p.Part))} with -Part.");
        }

        return asked.Count == 0 ? All : All.Where(p => asked.Contains(p.Part)).ToList();
    }
}
