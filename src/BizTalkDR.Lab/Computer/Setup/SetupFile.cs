using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml;
using System.Xml.Linq;
using BizTalkDR.Lab.Group;

namespace BizTalkDR.Lab.Computer.Setup;

/// <summary>Configuration files as the lab reads and writes them.</summary>
/// <remarks>Microsoft's documentation, "Working with the Configuration Framework": the sample file. An answer without Selected="Yes" and all below it is not in use.</remarks>
internal static class SetupFile
{
    public const string MainFile = "ConfigMain.xml";

    /// <summary>Reads a file; null when it is none.</summary>
    public static XElement? Read(Stream stream)
    {
        try
        {
            return XDocument.Load(stream).Root is { Name.LocalName: "Configuration" } root ? root : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>The answer that is selected.</summary>
    public static string? Answer(XElement feature, string question) =>
        feature.Descendants("Question").FirstOrDefault(q => (string?)q.Attribute("ID") == question)?.Elements("Answer").FirstOrDefault(a => (string?)a.Attribute("Selected") == "Yes")?.Attribute("Value")?.Value;

    /// <summary>An element that is in use.</summary>
    public static XElement? Find(XElement feature, string name, string id) => feature.Descendants(name).FirstOrDefault(e =>
        string.Equals((string?)e.Attribute("ID"), id, StringComparison.OrdinalIgnoreCase) && e.Ancestors("Answer").All(a => (string?)a.Attribute("Selected") == "Yes"));

    /// <summary>What Configuration leaves in the install folder when it ran: here of the group's first day.</summary>
    public static XDocument FirstDay(GroupDefinition group, bool isFirst)
    {
        MemberDefinition sso = group.Find(MemberRole.Sso)!;
        List<XElement> features =
        [
            Feature(
                "SSOServer,Engine", "1.0",
                Question(
                    "IsSecretServer", isFirst ? "Create" : "Join",
                    ("Create", [Credential("SSOAdminGroup", @"LAB\SSO Administrators"), Named("FILE", "SSO_ID_BACKUP_SECRET_FILE"), Named("Name", "SSO_ID_BACKUP_SECRET_PASSWORD"), Named("Name", "SSO_ID_BACKUP_SECRET_REMINDER")]),
                    ("Join", [])),
                Service("ENTSSO", "SsoService"),
                Sql("SSO_DB_ID", sso)),
            Feature("WMI", "1.0", Sql("{D757DBF9-5D71-4995-9F20-A552B7DFE7F1}", group.Management), Question("CREATEORJOIN", isFirst ? "Create" : "Join", ("Create", []), ("Join", []))),
            Feature(
                "Engine,BTSCfg", "1.0",
                Question(
                    "HOST", "Yes",
                    ("Yes", [Credential("BTS_HOST_GROUP", @"LAB\BizTalk Application Users"), Named("Name", "BTS_HOST_NAME", "BizTalkServerApplication"), Service("{B64F63FA-E24E-4991-86F0-ED9F65B68A98}", "BizTalkHost")]),
                    ("No", [])),
                Question("ISOHOST", "No", ("Yes", []), ("No", []))),
            Feature("MOT", "1.0"),
        ];
        if (group.Find(MemberRole.RuleEngine) is { } rules)
            features.Add(Feature("RulesEngine", "3.0", Sql("{E6C5E071-D6EB-4c31-BFE6-CA16637FBEEB}", rules), Service("{6ABAD351-9C7B-423e-9FDE-3A5C52441C00}", "RuleEngine")));
        if (group.Find(MemberRole.BamPrimaryImport) is { } bam)
        {
            features.Add(Feature("BAMTools", "1.0", Sql("{E1FC3106-8DD4-4f12-9EB6-849DD8BDD605}", bam), Question("{FC99D786-2D26-489b-A748-42AE4DD0F6FC}", "No", ("Yes", []), ("No", []))));
            if (isFirst)
                features.Add(Feature("BAMPortal", "1.0", Service("{FAAB0AD8-C414-4735-91E5-3DCEC8CB96A8}", "BamPortal"), new XElement("WebSite", new XAttribute("ID", "{DA1ABC72-465B-4953-ADD7-98CEA6F4E503}"), new XElement("WebSiteName", "Default Web Site"))));
        }

        features.Add(Feature("MsEDIAS2", "1.0", Question("EDI", "Yes", ("Yes", []), ("No", [])), Question("RemoveEDI", "No", ("Yes", []), ("No", []))));
        return new XDocument(new XElement("Configuration", features, new[] { "WMI", "Engine", "MOT", "BAMTools", "BAMPortal", "MsEDIAS2" }.Select(n => new XElement("InstalledFeature", n))));
    }

    private static XElement Feature(string name, string version, params XElement[] content) => new("Feature", new XAttribute("Name", name), new XAttribute("Version", version), content);

    private static XElement Question(string id, string selected, params (string Value, XElement[] Content)[] answers) => new(
        "Question", new XAttribute("ID", id),
        answers.Select(a => new XElement("Answer", new XAttribute("Value", a.Value), a.Value == selected ? new XAttribute("Selected", "Yes") : null, a.Content)));

    private static XElement Sql(string id, MemberDefinition member) =>
        new("SQL", new XAttribute("ID", id), new XElement("Server", member.Server), new XElement("Database", member.Database), new XElement("WindowsSecurity", "yes"), new XElement("UserName"), new XElement("Password"));

    private static XElement Service(string id, string user) => new("NTService", new XAttribute("ID", id), new XElement("UserName", user), new XElement("Domain", LabAccounts.Domain), new XElement("Password"));

    private static XElement Credential(string id, string account) => new("NTCredential", new XAttribute("ID", id), new XElement("NTAccount", account));

    private static XElement Named(string name, string id, string value = "") => new(name, new XAttribute("ID", id), new XElement("Value", value));
}
