using System.Collections.Generic;
using BizTalkDR.Ports;

namespace BizTalkDR.Configuration.Setup;

/// <summary>Where the databases of the features are, as the group and SSO say now.</summary>
internal sealed record SetupDatabases(DatabaseAddress Management, DatabaseAddress? Sso, DatabaseAddress? RuleEngine, DatabaseAddress? PrimaryImport)
{
    /// <summary>All that there are.</summary>
    public IEnumerable<DatabaseAddress> All
    {
        get
        {
            foreach (DatabaseAddress? one in new[] { Management, Sso, RuleEngine, PrimaryImport })
            {
                if (one is not null)
                    yield return one;
            }
        }
    }

    /// <summary>Puts them into a configuration file.</summary>
    public void PutInto(ConfigurationFile file)
    {
        file.SetDatabase(SetupIds.ManagementDatabase, Management);
        foreach ((string id, DatabaseAddress? address) in new[] { (SetupIds.SsoDatabase, Sso), (SetupIds.RuleEngineDatabase, RuleEngine), (SetupIds.PrimaryImportDatabase, PrimaryImport) })
        {
            if (address is not null)
                file.SetDatabase(id, address);
        }
    }
}

/// <summary>What is configured on a computer, as its services and the group say now.</summary>
/// <param name="Databases">Where the databases are.</param>
/// <param name="SsoAccount">Account of ENTSSO.</param>
/// <param name="Host">First in-process host of the computer; null when there is none.</param>
/// <param name="HostAccount">Account of its service.</param>
/// <param name="RuleEngineAccount">Account of the Rule Engine Update Service; null when it is not there.</param>
/// <param name="PortalAccount">Account of the BAM portal's pool; null when there is no portal.</param>
internal sealed record LiveSetup(SetupDatabases Databases, string SsoAccount, string? Host, string? HostAccount, string? RuleEngineAccount, string? PortalAccount);
