using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml;
using System.Xml.Linq;
using BizTalkDR.Errors;

namespace BizTalkDR.Configuration.Applications;

/// <summary>A port's transport in a binding file.</summary>
/// <param name="Port">Send port or receive location.</param>
/// <param name="Address">Element with the address; null when there is none.</param>
/// <param name="Data">Element with the adapter's configuration, XML as text; null when there is none.</param>
/// <param name="IsReceiveLocation">Whether the port is a receive location.</param>
internal sealed record BoundTransport(string Port, XElement? Address, XElement? Data, bool IsReceiveLocation)
{
    /// <summary>Its place in a group. A send port and a receive location may have one name.</summary>
    public BoundPort Place => new(Port, IsReceiveLocation);
}

/// <summary>A send port or a receive location; its name does not tell upper from lower case.</summary>
internal sealed record BoundPort(string Name, bool IsReceiveLocation)
{
    public bool Equals(BoundPort? other) => other is not null && IsReceiveLocation == other.IsReceiveLocation && string.Equals(Name, other.Name, StringComparison.OrdinalIgnoreCase);

    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Name);

    public override string ToString() => Name;
}

/// <summary>A binding file that BTSTask ExportBindings wrote.</summary>
/// <remarks>Microsoft's documentation, "Binding Files and Application Deployment": passwords are not in it and have to be put in again.</remarks>
internal sealed class BindingFile
{
    private readonly XDocument _document;

    private BindingFile(XDocument document) => _document = document;

    /// <summary>Transports of all send ports and receive locations.</summary>
    public IReadOnlyList<BoundTransport> Transports => _document.Descendants("SendPort").SelectMany(OfSendPort)
        .Concat(_document.Descendants("ReceiveLocation").Select(l => new BoundTransport(NameOf(l), l.Element("Address"), l.Element("ReceiveLocationTransportTypeData"), IsReceiveLocation: true))).ToList();

    /// <summary>Reads a file.</summary>
    /// <param name="stream">Its content.</param>
    /// <param name="name">What it is called, for messages.</param>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.BindingsInvalid"/>.</exception>
    public static BindingFile Read(Stream stream, string name)
    {
        try
        {
            using XmlReader reader = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            XDocument document = XDocument.Load(reader, LoadOptions.PreserveWhitespace);
            return document.Root?.Name.LocalName == "BindingInfo"
                ? new BindingFile(document)
                : throw new RecoveryException(RecoveryError.BindingsInvalid, name, $"{name} is no binding file: its root element is {document.Root?.Name.LocalName}, not BindingInfo.");
        }
        catch (XmlException damaged)
        {
            throw new RecoveryException(RecoveryError.BindingsInvalid, name, $"{name} is no binding file, or it is damaged: {damaged.Message}", null, damaged);
        }
    }

    /// <summary>Leaves only these ports: what is not in a file, an import does not touch.</summary>
    public void KeepOnly(IReadOnlyCollection<BoundPort> ports)
    {
        _document.Descendants("SendPort").Where(p => !ports.Contains(new BoundPort(NameOf(p), IsReceiveLocation: false))).Remove();
        _document.Descendants("ReceiveLocation").Where(l => !ports.Contains(new BoundPort(NameOf(l), IsReceiveLocation: true))).Remove();
        _document.Descendants("ReceivePort").Where(p => !p.Descendants("ReceiveLocation").Any()).Remove();
        foreach (string collection in new[] { "ModuleRefCollection", "DistributionListCollection", "PartyCollection" })
            _document.Root!.Element(collection)?.RemoveNodes();
    }

    /// <summary>Says which ports of this file a group needs: those it lacks, and those that are to be changed and are not yet as here.</summary>
    /// <param name="there">The group's bindings.</param>
    /// <param name="changed">Ports that are to be as in this file.</param>
    /// <returns>Secrets are not compared: a file never holds them.</returns>
    public IReadOnlyCollection<BoundPort> PortsToImport(BindingFile there, IReadOnlyCollection<string> changed)
    {
        ILookup<BoundPort, string> now = there.Transports.ToLookup(t => t.Place, Shape);
        return Transports.GroupBy(t => t.Place)
            .Where(p => !now.Contains(p.Key) || (changed.Contains(p.Key.Name, StringComparer.OrdinalIgnoreCase) && p.Any(t => !now[p.Key].Contains(Shape(t), StringComparer.Ordinal))))
            .Select(p => p.Key).ToList();
    }

    public void Save(Stream stream) => _document.Save(stream, SaveOptions.DisableFormatting);

    private static IEnumerable<BoundTransport> OfSendPort(XElement port) => new[] { "PrimaryTransport", "SecondaryTransport" }.Select(name => port.Element(name))
        .Where(t => t is not null).Select(t => new BoundTransport(NameOf(port), t!.Element("Address"), t.Element("TransportTypeData"), IsReceiveLocation: false));

    private static string Shape(BoundTransport transport) => transport.Address?.Value + "\n" + (transport.Data is null ? string.Empty : MissingPasswords.WithoutSecrets(transport.Data.Value));

    private static string NameOf(XElement element) => (string?)element.Attribute("Name") ?? string.Empty;
}
