using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Xml.Linq;
using BizTalkDR.Computer.Folder;
using BizTalkDR.Errors;
using BizTalkDR.Lab.Computer.Applications;
using BizTalkDR.Lab.Computer.SingleSignOn;
using BizTalkDR.Ports.Computers;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Computer.Setup;

/// <summary>What Configuration.exe does for each feature. A feature that is configured is passed over, as documented.</summary>
internal sealed class ConfigurationRun(LabComputer computer, Action<string> say, Action<string> warn)
{
    private const string Product = @"SOFTWARE\Microsoft\BizTalk Server\3.0";
    private const string RulesService = "RuleEngineUpdateService";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>Configures a feature.</summary>
    /// <returns>What failed; null when nothing did.</returns>
    public string? Configure(string name, XElement feature)
    {
        try
        {
            return name switch
            {
                "SSOServer,Engine" => JoinSso(feature),
                "WMI" => JoinGroup(feature),
                "Engine,BTSCfg" => AddHost(feature),
                "RulesEngine" => AddRules(feature),
                "BAMTools" => AddBam(feature),
                "BAMPortal" => AddPortal(feature),
                "MOT" or "MsEDIAS2" => SetupFile.Answer(feature, "RemoveEDI") == "Yes" ? "Removing a feature from the group is not simulated." : null,
                _ => "The feature is not installed.",
            };
        }
        catch (SqlException refused)
        {
            return $"The database cannot be used: {refused.Message}";
        }
        catch (RecoveryException refused) when (refused.Code == RecoveryError.ServiceNotStarted)
        {
            return refused.Message;
        }
    }

    private string? JoinSso(XElement feature)
    {
        if (SsoDatabase.Setting(computer) is not null)
            return Skip();
        (string server, string database) = Sql(feature, "SSO_DB_ID");
        XElement service = SetupFile.Find(feature, "NTService", "ENTSSO")!;
        if (LabAccounts.WhyNot(computer.Lab, service) is { } refused)
            return refused;
        if (SsoDatabase.Of(computer.Lab, server, database) is not { } sso)
            return $"The SQL Server {server} does not answer.";
        SsoGlobalInfo info = sso.Read();
        if (SetupFile.Answer(feature, "IsSecretServer") != "Join")
            return $"The SSO database {database} on {server} exists already.";
        sso.AddServer(computer.Name);
        SsoDatabase.Set(computer, server, database);
        Install(EntSso.Service, "Enterprise Single Sign-On Service", service, EntSso.Service);
        computer.Services.Start(EntSso.Service, s_patience);
        if (EntSso.Held(computer) is null)
            warn($"No secrets were retrieved from the master secret server {info.SecretServer}.");
        return null;
    }

    private string? JoinGroup(XElement feature)
    {
        if (ManagementTables.Of(computer) is not null)
            return Skip();
        if (Value("ProductEdition") is "Standard" or "Branch")
            return $"BizTalk Server Standard Edition cannot join an existing group.";
        (string server, string database) = Sql(feature, "{D757DBF9-5D71-4995-9F20-A552B7DFE7F1}");
        if (ManagementTables.Of(computer.Lab, server, database) is not { } tables)
            return $"The SQL Server {server} does not answer.";
        string version = tables.Rows("SELECT TOP (1) ProductMajor, ProductMinor FROM dbo.BizTalkDBVersion;", r => string.Create(CultureInfo.InvariantCulture, $"{r.GetInt32(0)}.{r.GetInt32(1)}")).FirstOrDefault() ?? string.Empty;
        if (!Value("ProductVersion").StartsWith(version + ".", StringComparison.Ordinal))
            return $"The version of the database {database} is {version}, that of BizTalk Server is {Value("ProductVersion")}.";
        if (SetupFile.Answer(feature, "CREATEORJOIN") != "Join")
            return $"The Management database {database} on {server} exists already.";
        Connect(computer, server, database);
        tables.Run([("IF NOT EXISTS (SELECT 1 FROM dbo.adm_Server WHERE Name = @n) INSERT INTO dbo.adm_Server (Name) VALUES (@n);", [("@n", computer.Name)])]);
        return null;
    }

    /// <summary>Writes where the group is into the registry.</summary>
    public static void Connect(LabComputer computer, string server, string database)
    {
        foreach (RegistryView view in (RegistryView[])[RegistryView.Registry64, RegistryView.Registry32])
        {
            computer.Registry.Set(Product + @"\Administration", new RegistryValue("MgmtDBServer", RegistryValueType.String, server), view);
            computer.Registry.Set(Product + @"\Administration", new RegistryValue("MgmtDBName", RegistryValueType.String, database), view);
        }
    }

    private string? AddHost(XElement feature)
    {
        if (SetupFile.Answer(feature, "HOST") != "Yes")
            return null;
        string host = SetupFile.Find(feature, "Name", "BTS_HOST_NAME")?.Element("Value")?.Value.Trim() ?? string.Empty;
        XElement service = SetupFile.Find(feature, "NTService", "{B64F63FA-E24E-4991-86F0-ED9F65B68A98}")!;
        if (computer.Services.Find("BTSSvc$" + host) is not null)
            return Skip();
        if (ManagementTables.Of(computer) is not { } tables)
            return "The group has to be configured first.";
        if ((SetupFile.Find(feature, "NTCredential", "BTS_HOST_GROUP")?.Element("NTAccount")?.Value.Trim() ?? string.Empty).Length == 0)
            return "No Windows group is given for the host.";
        if (LabAccounts.WhyNot(computer.Lab, service) is { } refused)
            return refused;
        if (!EntSso.IsRunning(computer) || EntSso.Held(computer) is null)
            return "Cannot perform encryption or decryption because the secret is not available from the master secret server. (0xC0002A1F)";
        (string, object)[] parameters = [("@s", computer.Name), ("@h", host), ("@a", LabAccounts.Of(service)), ("@n", $"Microsoft BizTalk Server {host} {computer.Name}")];
        tables.Run(
        [
            ("IF NOT EXISTS (SELECT 1 FROM dbo.adm_Host WHERE Name = @h) INSERT INTO dbo.adm_Host (GroupId, Name, HostTracking) VALUES (1, @h, 0);", parameters),
            ("IF NOT EXISTS (SELECT 1 FROM dbo.adm_Server2HostMapping AS m INNER JOIN dbo.adm_Server AS s ON s.Id = m.ServerId INNER JOIN dbo.adm_Host AS h ON h.Id = m.HostId WHERE s.Name = @s AND h.Name = @h) "
                + "INSERT INTO dbo.adm_Server2HostMapping (ServerId, HostId, IsMapped) SELECT s.Id, h.Id, 1 FROM dbo.adm_Server AS s CROSS JOIN dbo.adm_Host AS h WHERE s.Name = @s AND h.Name = @h;", parameters),
            ("IF NOT EXISTS (SELECT 1 FROM dbo.adm_HostInstance WHERE Name = @n) INSERT INTO dbo.adm_HostInstance (Svr2HostMappingId, Name, LoginName, DisableHostInstance, ConfigurationState, UniqueId, InstallationContext) "
                + "SELECT m.Id, @n, @a, 0, 1, NEWID(), N'' FROM dbo.adm_Server2HostMapping AS m INNER JOIN dbo.adm_Server AS s ON s.Id = m.ServerId INNER JOIN dbo.adm_Host AS h ON h.Id = m.HostId WHERE s.Name = @s AND h.Name = @h;", parameters),
        ]);
        Install("BTSSvc$" + host, $"BizTalk Service BizTalk Group : {host}", service, "BTSSvc", EntSso.Service);
        computer.Services.Start("BTSSvc$" + host, s_patience);
        return null;
    }

    private string? AddRules(XElement feature)
    {
        if (computer.Services.Find(RulesService) is not null)
            return Skip();
        XElement service = SetupFile.Find(feature, "NTService", "{6ABAD351-9C7B-423e-9FDE-3A5C52441C00}")!;
        if (LabAccounts.WhyNot(computer.Lab, service) is { } refused)
            return refused;
        (string server, string database) = Sql(feature, "{E6C5E071-D6EB-4c31-BFE6-CA16637FBEEB}");
        if (ManagementTables.Of(computer.Lab, server, database) is not { } tables)
            return $"The SQL Server {server} does not answer.";
        tables.Rows("SELECT COUNT(*) FROM dbo.re_ruleset;", r => r.GetInt32(0));
        Install(RulesService, "Rule Engine Update Service", service, null, EntSso.Service);
        computer.Services.Start(RulesService, s_patience);
        return null;
    }

    private string? AddBam(XElement feature)
    {
        if (SetupFile.Answer(feature, "{FC99D786-2D26-489b-A748-42AE4DD0F6FC}") == "Yes")
            return "Removing a feature from the group is not simulated.";
        (string server, string database) = Sql(feature, "{E1FC3106-8DD4-4f12-9EB6-849DD8BDD605}");
        if (ManagementTables.Of(computer.Lab, server, database) is not { } tables)
            return $"The SQL Server {server} does not answer.";
        tables.Rows("SELECT COUNT(*) FROM dbo.bam_Metadata_Configuration;", r => r.GetInt32(0));
        ComputerContent.AddBamTools(computer, server, database);
        return null;
    }

    private string? AddPortal(XElement feature)
    {
        XElement service = SetupFile.Find(feature, "NTService", "{FAAB0AD8-C414-4735-91E5-3DCEC8CB96A8}")!;
        if (LabAccounts.WhyNot(computer.Lab, service) is { } refused)
            return refused;
        XElement? tools = feature.Parent?.Elements("Feature").FirstOrDefault(f => (string?)f.Attribute("Name") == "BAMTools");
        if (tools is null)
            return "The BAM tools have to be configured first.";
        (string server, string database) = Sql(tools, "{E1FC3106-8DD4-4f12-9EB6-849DD8BDD605}");
        ComputerContent.AddPortal(computer, server, database, LabAccounts.Of(service), service.Element("Password")!.Value);
        return null;
    }

    private string? Skip()
    {
        say("It is configured already.");
        return null;
    }

    private void Install(string name, string display, XElement account, string? program, params string[] needs) =>
        computer.Services.Install(new StoredService(name, display, ServiceState.Stopped, ServiceStart.Automatic, LabAccounts.Of(account)) { Program = program, DependsOn = needs });

    private string Value(string name) => computer.Registry.Values(Product).FirstOrDefault(v => v.Name == name)?.Data as string ?? string.Empty;

    private static (string Server, string Database) Sql(XElement feature, string id)
    {
        XElement? sql = SetupFile.Find(feature, "SQL", id);
        return (sql?.Element("Server")?.Value.Trim() ?? string.Empty, sql?.Element("Database")?.Value.Trim() ?? string.Empty);
    }
}
