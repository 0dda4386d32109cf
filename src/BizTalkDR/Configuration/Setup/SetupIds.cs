using System;
using System.Collections.Generic;

namespace BizTalkDR.Configuration.Setup;

/// <summary>Names and ids of a configuration file.</summary>
/// <remarks>Microsoft's documentation, "Working with the Configuration Framework": the sample of a file with all features. Later versions may have more features: those stay as they are in a file.</remarks>
internal static class SetupIds
{
    public const string SingleSignOn = "SSOServer,Engine";
    public const string Group = "WMI";
    public const string Runtime = "Engine,BTSCfg";
    public const string RulesEngine = "RulesEngine";
    public const string BamTools = "BAMTools";
    public const string BamPortal = "BAMPortal";

    public const string SsoDatabase = "SSO_DB_ID";
    public const string SsoService = "ENTSSO";
    public const string ManagementDatabase = "{D757DBF9-5D71-4995-9F20-A552B7DFE7F1}";
    public const string RuleEngineDatabase = "{E6C5E071-D6EB-4c31-BFE6-CA16637FBEEB}";
    public const string RuleEngineService = "{6ABAD351-9C7B-423e-9FDE-3A5C52441C00}";
    public const string PrimaryImportDatabase = "{E1FC3106-8DD4-4f12-9EB6-849DD8BDD605}";
    public const string HostGroup = "BTS_HOST_GROUP";
    public const string HostName = "BTS_HOST_NAME";
    public const string HostService = "{B64F63FA-E24E-4991-86F0-ED9F65B68A98}";
    public const string PortalPool = "{FAAB0AD8-C414-4735-91E5-3DCEC8CB96A8}";

    /// <summary>Questions that ask whether to create or to join.</summary>
    public static readonly IReadOnlyList<string> CreateOrJoin = ["IsSecretServer", "CREATEORJOIN"];

    /// <summary>Questions that take a feature away from the whole group: BAM and EDI.</summary>
    public static readonly IReadOnlyList<string> Removals = ["{FC99D786-2D26-489b-A748-42AE4DD0F6FC}", "RemoveEDI"];

    /// <summary>Whether anybody can ask a computer and its group for what a feature sets; other features stay in a file as they are.</summary>
    public static bool IsLookedAt(string feature) => feature is SingleSignOn or Group or Runtime or RulesEngine or BamTools or BamPortal;

    /// <summary>Whether two ids are the same: some are written in different case.</summary>
    public static bool Same(string? a, string? b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
