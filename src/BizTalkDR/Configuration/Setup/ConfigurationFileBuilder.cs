using System.Collections.Generic;
using System.Linq;
using System.Xml.Linq;

namespace BizTalkDR.Configuration.Setup;

/// <summary>Builds a configuration file that sets a computer up as it is; pure. There is no switch of Configuration.exe that writes one.</summary>
/// <remarks>What nobody can ask for (the Windows group of a host) stays as the snapshot has it; without a snapshot it stays empty, and the check of the file names it.</remarks>
internal static class ConfigurationFileBuilder
{
    /// <summary>Gives the file.</summary>
    /// <param name="snapshot">ConfigMain.xml, which Configuration left when it ran; null when there is none.</param>
    /// <param name="live">What is set now.</param>
    public static ConfigurationFile Build(ConfigurationFile? snapshot, LiveSetup live)
    {
        List<string> there = [SetupIds.SingleSignOn, SetupIds.Group];
        if (live.Host is not null)
            there.Add(SetupIds.Runtime);
        if (live.RuleEngineAccount is not null)
            there.Add(SetupIds.RulesEngine);
        if (live.Databases.PrimaryImport is not null)
            there.Add(SetupIds.BamTools);
        if (live.PortalAccount is not null)
            there.Add(SetupIds.BamPortal);
        // A feature of the snapshot that nobody can look for stays; one that is not configured any more goes; one that is new comes from the skeleton.
        ConfigurationFile file = (snapshot ?? Skeleton(there)).Only(f => there.Contains(f) || !SetupIds.IsLookedAt(f));
        if (snapshot is not null && there.Any(f => !file.Features.Contains(f)))
            file = file.With(Skeleton(there.Where(f => !file.Features.Contains(f)).ToList()));
        live.Databases.PutInto(file);
        file.SetAccount(SetupIds.SsoService, live.SsoAccount);
        if (live.Host is not null)
            file.SetValue(SetupIds.HostName, live.Host);
        foreach ((string id, string? account) in new[] { (SetupIds.HostService, live.HostAccount), (SetupIds.RuleEngineService, live.RuleEngineAccount), (SetupIds.PortalPool, live.PortalAccount) })
        {
            if (account is not null)
                file.SetAccount(id, account);
        }

        file.JoinAndKeep();
        file.EmptySecrets();
        return file;
    }

    private static ConfigurationFile Skeleton(IReadOnlyCollection<string> features)
    {
        XElement root = new("Configuration", Features().Where(f => features.Contains(f.Attribute("Name")!.Value)));
        return new ConfigurationFile(new XDocument(root));
    }

    private static IEnumerable<XElement> Features() =>
    [
        Feature(
            SetupIds.SingleSignOn, "1.0",
            Question("IsSecretServer", Answer("Create", "{FB7268BE-82D4-4cad-8CFF-6930303DA7E2}"), Answer("Join", "{B9432756-1620-4bec-8CD9-E6D0B7805AA5}")),
            Service(SetupIds.SsoService),
            Sql(SetupIds.SsoDatabase)),
        Feature(
            SetupIds.Group, "1.0",
            Sql(SetupIds.ManagementDatabase),
            Question("CREATEORJOIN", Answer("Create", "{C4DEF4B8-163E-4a8d-AB01-6C43917248B1}"), Answer("Join", "{4D12E6A3-552E-4936-9DD3-59E1190FA324}"))),
        Feature(
            SetupIds.Runtime, "1.0",
            Question(
                "HOST",
                Answer(
                    "Yes", "{8E714C78-05B8-45d1-9B50-D737EF7AD682}", true,
                    new XElement("NTCredential", new XAttribute("ID", SetupIds.HostGroup), new XElement("NTAccount")),
                    new XElement("Name", new XAttribute("ID", SetupIds.HostName), new XElement("Value")),
                    Service(SetupIds.HostService)),
                Answer("No", "{D9164C48-8179-4a40-912D-1BF4C3EFE70B}"))),
        Feature(SetupIds.RulesEngine, "3.0", Sql(SetupIds.RuleEngineDatabase), Service(SetupIds.RuleEngineService)),
        Feature(SetupIds.BamTools, "1.0", Sql(SetupIds.PrimaryImportDatabase)),
        Feature(SetupIds.BamPortal, "1.0", Service(SetupIds.PortalPool)),
    ];

    private static XElement Feature(string name, string version, params XElement[] content) => new("Feature", new XAttribute("Name", name), new XAttribute("Version", version), content);

    private static XElement Question(string id, params XElement[] answers) => new("Question", new XAttribute("ID", id), new XAttribute("Answers", string.Join(",", answers.Select(a => a.Attribute("Value")!.Value))), answers);

    private static XElement Answer(string value, string id, bool isSelected = false, params XElement[] content) =>
        new("Answer", new XAttribute("Value", value), new XAttribute("GUID", id), new XAttribute("Selected", isSelected ? "Yes" : "No"), content);

    private static XElement Sql(string id) => new("SQL", new XAttribute("ID", id), new XElement("Server"), new XElement("Database"), new XElement("WindowsSecurity", "yes"), new XElement("UserName"), new XElement("Password"));

    private static XElement Service(string id) => new("NTService", new XAttribute("ID", id), new XElement("UserName"), new XElement("Domain"), new XElement("Password"));
}
