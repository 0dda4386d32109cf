using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml;
using System.Xml.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Configuration.Portal;

/// <summary>A Web.config of the portal: the settings in it that name a computer or a database.</summary>
/// <remarks>Microsoft's documentation, "How to Update References to the BAM Primary Import Database Name and Connection String": BamServer and BamDatabase; and of the portal BamQueryWSUrl and BamManagementWSUrl, which hold the name of the computer.</remarks>
internal sealed class WebConfig
{
    private static readonly string[] s_addresses = ["BamQueryWSUrl", "BamManagementWSUrl"];
    private readonly XDocument _document;

    private WebConfig(XDocument document) => _document = document;

    /// <exception cref="RecoveryException"><see cref="RecoveryError.WebConfigInvalid"/>.</exception>
    public static WebConfig Read(Stream stream, string name)
    {
        try
        {
            using XmlReader reader = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            XDocument document = XDocument.Load(reader, LoadOptions.PreserveWhitespace);
            return document.Root?.Name.LocalName == "configuration" ? new WebConfig(document)
                : throw new RecoveryException(RecoveryError.WebConfigInvalid, name, $"{name} is no configuration file: its root element is {document.Root?.Name.LocalName}.");
        }
        catch (XmlException damaged)
        {
            throw new RecoveryException(RecoveryError.WebConfigInvalid, name, $"{name} is no configuration file, or it is damaged: {damaged.Message}", null, damaged);
        }
    }

    /// <summary>Gives a setting; null when it is not there.</summary>
    public string? Setting(string key) => Find(key)?.Value;

    /// <summary>Puts the destination's computer and database in.</summary>
    /// <param name="oldComputer">The computer it was taken from.</param>
    /// <param name="newComputer">The computer it is for.</param>
    /// <param name="primaryImport">Where BAM Primary Import is now.</param>
    /// <returns>The settings that were changed.</returns>
    public IReadOnlyList<string> Adapt(string oldComputer, string newComputer, DatabaseAddress primaryImport)
    {
        List<string> changed = [];
        foreach (string key in s_addresses)
        {
            // Behind a load balancer the host is another name: only the old computer's own name is replaced.
            if (Find(key) is { } address && Uri.TryCreate(address.Value, UriKind.Absolute, out Uri? uri) && string.Equals(uri.Host.Split('.')[0], oldComputer, StringComparison.OrdinalIgnoreCase))
                Set(address, new UriBuilder(uri) { Host = newComputer, Port = uri.IsDefaultPort ? -1 : uri.Port }.Uri.ToString(), key);
        }

        foreach ((string key, string value) in new[] { ("BamServer", primaryImport.Server), ("BamDatabase", primaryImport.Database) })
        {
            if (Find(key) is { } setting)
                Set(setting, value, key);
        }

        return changed;

        void Set(XAttribute attribute, string value, string key)
        {
            if (string.Equals(attribute.Value, value, StringComparison.OrdinalIgnoreCase))
                return;
            attribute.Value = value;
            changed.Add(key);
        }
    }

    public void Save(Stream stream) => _document.Save(stream, SaveOptions.DisableFormatting);

    private XAttribute? Find(string key) => _document.Root!.Element("appSettings")?.Elements("add").FirstOrDefault(e => string.Equals((string?)e.Attribute("key"), key, StringComparison.OrdinalIgnoreCase))?.Attribute("value");
}
