using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Setup;

/// <summary>A configuration file of Configuration.exe: features with questions, databases, accounts.</summary>
/// <remarks>Microsoft's documentation, "Working with the Configuration Framework". What lies below an answer that is not selected is not in use.</remarks>
internal sealed class ConfigurationFile
{
    private readonly XDocument _document;

    public ConfigurationFile(XDocument document) => _document = document;

    /// <summary>Names of its features.</summary>
    public IReadOnlyList<string> Features => _document.Root!.Elements("Feature").Select(f => Of(f, "Name")).ToList();

    /// <summary>Elements that are in use.</summary>
    private IEnumerable<XElement> Active => _document.Root!.Elements("Feature").SelectMany(ActiveBelow);

    /// <exception cref="RecoveryException"><see cref="RecoveryError.ConfigurationFileInvalid"/>: damaged, or no configuration file.</exception>
    public static ConfigurationFile Read(Stream stream, string name)
    {
        try
        {
            using XmlReader reader = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            XDocument document = XDocument.Load(reader);
            return document.Root is { Name.LocalName: "Configuration" } root && root.Elements("Feature").Any() ? new ConfigurationFile(document)
                : throw new RecoveryException(RecoveryError.ConfigurationFileInvalid, name, $"{name} is no configuration file of BizTalk Server: it holds no Configuration with a Feature.");
        }
        catch (XmlException damaged)
        {
            throw new RecoveryException(RecoveryError.ConfigurationFileInvalid, name, $"{name} is no configuration file of BizTalk Server, or it is damaged: {damaged.Message}", null, damaged);
        }
    }

    /// <summary>Gives a copy with some of its features.</summary>
    public ConfigurationFile Only(Func<string, bool> feature)
    {
        XDocument copy = new(_document);
        copy.Root!.Elements("Feature").Where(f => !feature(Of(f, "Name"))).Remove();
        return new ConfigurationFile(copy);
    }

    /// <summary>Gives a copy with the features of another file behind its own.</summary>
    public ConfigurationFile With(ConfigurationFile other)
    {
        XDocument copy = new(_document);
        copy.Root!.Add(other._document.Root!.Elements());
        return new ConfigurationFile(copy);
    }

    /// <summary>Gives the answer that is selected; null when there is no such question or none is.</summary>
    public string? Answer(string question) => Questions(question).SelectMany(q => q.Elements("Answer")).Where(IsSelected).Select(a => Of(a, "Value")).FirstOrDefault();

    /// <summary>Gives a database that is in use.</summary>
    public DatabaseAddress? Database(string id) => Find("SQL", id) is { } sql ? new DatabaseAddress(Text(sql, "Server"), Text(sql, "Database")) : null;

    /// <summary>Gives a value that is in use.</summary>
    public string? Value(string id) => Find("Name", id) is { } name ? Text(name, "Value") : null;

    /// <summary>Accounts in use that run services, without those that have no password; each once.</summary>
    public IReadOnlyList<string> Accounts() => Services().Select(AccountOf).Where(a => a.Length > 0 && !IsBuiltIn(a)).Distinct(StringComparer.OrdinalIgnoreCase).ToList();

    /// <summary>What is set, by a name of its own; questions of creating or joining are no settings.</summary>
    public IReadOnlyDictionary<string, string> Settings()
    {
        SortedDictionary<string, string> settings = new(StringComparer.OrdinalIgnoreCase);
        foreach (XElement element in Active)
        {
            string key = Of(element.AncestorsAndSelf("Feature").Last(), "Name") + "/" + Of(element, "ID");
            string? value = element.Name.LocalName switch
            {
                "SQL" => Text(element, "Server") + "/" + Text(element, "Database"),
                "NTService" => AccountOf(element),
                "NTCredential" => Text(element, "NTAccount"),
                "WebSite" => Text(element, "WebSiteName"),
                "Name" when !IsSecret(element) => Text(element, "Value"),
                "Question" when !SetupIds.CreateOrJoin.Contains(Of(element, "ID"), StringComparer.OrdinalIgnoreCase) => element.Elements("Answer").Where(IsSelected).Select(a => Of(a, "Value")).FirstOrDefault(),
                _ => null,
            };
            if (value is not null)
                settings[key] = value;
        }

        return settings;
    }

    /// <summary>Joins what exists instead of creating it, and takes nothing away from the group.</summary>
    public void JoinAndKeep()
    {
        foreach (string question in SetupIds.CreateOrJoin)
            Choose(question, "Join");
        foreach (string question in SetupIds.Removals)
            Choose(question, "No");
    }

    /// <summary>Empties every password, and the place of the secret's first backup.</summary>
    /// <returns>Whether there was one.</returns>
    public bool EmptySecrets()
    {
        bool found = false;
        foreach (XElement element in _document.Root!.Descendants().Where(e => e.Name.LocalName == "Password" || (e.Name.LocalName == "Value" && e.Parent is { } owner && IsSecret(owner))))
        {
            found |= element.Value.Trim().Length > 0;
            element.RemoveNodes();
        }

        return found;
    }

    public void SetDatabase(string id, DatabaseAddress address)
    {
        foreach (XElement sql in _document.Root!.Descendants("SQL").Where(e => SetupIds.Same(Of(e, "ID"), id)))
        {
            sql.SetElementValue("Server", address.Server);
            sql.SetElementValue("Database", address.Database);
        }
    }

    public void SetAccount(string id, string account)
    {
        string[] parts = account.Split(['\\'], 2);
        foreach (XElement service in _document.Root!.Descendants("NTService").Where(e => SetupIds.Same(Of(e, "ID"), id)))
        {
            service.SetElementValue("UserName", parts[parts.Length - 1]);
            service.SetElementValue("Domain", parts.Length == 2 ? parts[0] : string.Empty);
        }
    }

    public void SetValue(string id, string value)
    {
        foreach (XElement name in _document.Root!.Descendants("Name").Where(e => SetupIds.Same(Of(e, "ID"), id)))
            name.SetElementValue("Value", value);
    }

    /// <summary>Says everything that keeps Configuration.exe from being run with it, or that would do harm; empty when nothing does.</summary>
    public IReadOnlyList<string> WhatIsWrong() =>
    [
        .. Features.GroupBy(f => f, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1 || g.Key.Length == 0).Select(g => $"the feature '{g.Key}' is in it {g.Count()} times"),
        .. Active.Where(e => e.Name.LocalName == "Question").Select(q => (Id: Of(q, "ID"), Count: q.Elements("Answer").Count(IsSelected))).Where(q => q.Count != 1).Select(q => $"the question {q.Id} has {q.Count} selected answers"),
        .. SetupIds.Removals.Where(q => Answer(q) is { } answer && !SetupIds.Same(answer, "No")).Select(q => $"the question {q} would take a feature away from the group"),
        .. Active.Where(e => e.Name.LocalName == "SQL" && (Text(e, "Server").Length == 0 || Text(e, "Database").Length == 0)).Select(e => $"the database {Of(e, "ID")} has no server or no name"),
        .. Services().Where(s => AccountOf(s).Length == 0).Select(s => $"the service {Of(s, "ID")} has no account"),
        .. Active.Where(e => e.Name.LocalName == "NTCredential" && SetupIds.Same(Of(e, "ID"), SetupIds.HostGroup) && Text(e, "NTAccount").Length == 0).Select(e => $"the group {Of(e, "ID")} is empty"),
    ];

    /// <summary>Writes it as it is.</summary>
    public void Save(Stream stream) => _document.Save(stream);

    /// <summary>Writes it with passwords, which are nowhere but in the stream.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="passwords">Passwords by account; there is one for each of <see cref="Accounts"/>.</param>
    public void Save(Stream stream, IReadOnlyDictionary<string, SecureString> passwords)
    {
        XDocument copy = new(_document);
        List<(string Token, SecureString Secret)> places = [];
        foreach (XElement service in new ConfigurationFile(copy).Services().Where(s => !IsBuiltIn(AccountOf(s))))
        {
            string token = "place-" + Guid.NewGuid().ToString("N");
            service.SetElementValue("Password", token);
            places.Add((token, passwords[AccountOf(service)]));
        }

        string text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>" + Environment.NewLine + copy.ToString(SaveOptions.DisableFormatting);
        foreach ((string token, SecureString secret) in places.OrderBy(p => text.IndexOf(p.Token, StringComparison.Ordinal)).ToList())
        {
            int at = text.IndexOf(token, StringComparison.Ordinal);
            Write(stream, text.Substring(0, at));
            SecretText.WriteXml(stream, secret);
            text = text.Substring(at + token.Length);
        }

        Write(stream, text);
    }

    /// <summary>Whether an account is one of Windows' own, without a password.</summary>
    public static bool IsBuiltIn(string account) => account.StartsWith(@"NT AUTHORITY\", StringComparison.OrdinalIgnoreCase) || account.StartsWith(@"NT SERVICE\", StringComparison.OrdinalIgnoreCase)
        || account.EndsWith("$", StringComparison.Ordinal) || SetupIds.Same(account, "LocalSystem");

    private static void Write(Stream stream, string text)
    {
        byte[] bytes = new UTF8Encoding(false).GetBytes(text);
        stream.Write(bytes, 0, bytes.Length);
    }

    private IEnumerable<XElement> Services() => Active.Where(e => e.Name.LocalName == "NTService");

    private IEnumerable<XElement> Questions(string id) => _document.Root!.Descendants("Question").Where(q => SetupIds.Same(Of(q, "ID"), id));

    private void Choose(string question, string answer)
    {
        foreach (XElement one in Questions(question).SelectMany(q => q.Elements("Answer")))
            one.SetAttributeValue("Selected", SetupIds.Same(Of(one, "Value"), answer) ? "Yes" : "No");
    }

    private XElement? Find(string name, string id) => Active.FirstOrDefault(e => e.Name.LocalName == name && SetupIds.Same(Of(e, "ID"), id));

    private static IEnumerable<XElement> ActiveBelow(XElement element) => element.Elements().Where(e => e.Name.LocalName != "Answer" || IsSelected(e)).SelectMany(e => new[] { e }.Concat(ActiveBelow(e)));

    private static bool IsSelected(XElement answer) => SetupIds.Same(Of(answer, "Selected"), "Yes");

    /// <summary>Whether a value is a password, or the place where the secret's first backup goes.</summary>
    private static bool IsSecret(XElement element) => Of(element, "ID").StartsWith("SSO_ID_BACKUP_SECRET", StringComparison.OrdinalIgnoreCase) || SetupIds.Same(Of(element, "Hidden"), "true");

    private static string AccountOf(XElement service)
    {
        string user = Text(service, "UserName"), domain = Text(service, "Domain");
        return user.Length == 0 || domain.Length == 0 || user.IndexOf('\\') >= 0 ? user : domain + "\\" + user;
    }

    private static string Text(XElement element, string child) => element.Element(child)?.Value.Trim() ?? string.Empty;

    private static string Of(XElement element, string attribute) => element.Attribute(attribute)?.Value ?? string.Empty;
}
