namespace BizTalkDR.Configuration;

/// <summary>A part of what a BizTalk computer holds outside the databases.</summary>
public enum ConfigurationPart
{
    /// <summary>The master secret of Enterprise SSO.</summary>
    MasterSecret,

    /// <summary>What Configuration.exe set up: the exported file or an equivalent one, ConfigMain.xml, group and host settings.</summary>
    Configuration,

    /// <summary>Applications: MSI, bindings, parties, policies, assemblies and their files.</summary>
    Application,

    /// <summary>Certificates by the thumbprints that the group uses.</summary>
    Certificate,

    /// <summary>Logins, jobs, linked servers, mail and settings of the SQL Server instances.</summary>
    SqlObject,

    /// <summary>Application pools, virtual directories and Web.config of the BAM portal; alerts.</summary>
    BamPortal,

    /// <summary>Registry, services and configuration files of the computer itself.</summary>
    Machine,
}
