using System;
using System.Collections.Generic;
using System.Linq;
using System.Xml.Linq;

namespace BizTalkDR.Lab.Computer.Applications;

/// <summary>Binding files of the lab: the elements of BindingInfo that hold what the lab's tables hold.</summary>
/// <remarks>Microsoft's documentation, "Binding Files and Application Deployment": passwords are not exported; here they are masked.</remarks>
internal static class BindingDocument
{
    private const string Ports = """
        SELECT s.nvcName, a.nvcName, t.nvcAddress, t.nvcTransportTypeData, t.bIsPrimary, s.nvcEncryptionCertHash
        FROM dbo.bts_sendport AS s INNER JOIN dbo.bts_application AS a ON a.nID = s.nApplicationID INNER JOIN dbo.bts_sendport_transport AS t ON t.nSendPortID = s.nID
        ORDER BY s.nvcName, t.nID;
        """;

    private const string Locations = """
        SELECT p.nvcName, a.nvcName, l.Name, l.InboundTransportURL, l.CustomCfg
        FROM dbo.adm_ReceiveLocation AS l INNER JOIN dbo.bts_receiveport AS p ON p.nID = l.ReceivePortId INNER JOIN dbo.bts_application AS a ON a.nID = p.nApplicationID
        ORDER BY p.nvcName, l.Name;
        """;

    /// <summary>Writes the bindings of an application, or of all.</summary>
    /// <param name="tables">The Management database.</param>
    /// <param name="application">Its name; null for all.</param>
    /// <param name="withParties">Whether parties are in it.</param>
    public static XDocument Export(ManagementTables tables, string? application, bool withParties)
    {
        bool IsWanted(string owner) => application is null || string.Equals(owner, application, StringComparison.OrdinalIgnoreCase);
        var ports = tables.Rows(Ports, r => (Name: r.GetString(0), Owner: r.GetString(1), Address: r.GetString(2), Data: Text(r, 3), Primary: r.GetBoolean(4), Certificate: Text(r, 5))).Where(p => IsWanted(p.Owner)).ToList();
        var locations = tables.Rows(Locations, r => (Port: r.GetString(0), Owner: r.GetString(1), Name: r.GetString(2), Address: r.GetString(3), Data: Text(r, 4))).Where(l => IsWanted(l.Owner)).ToList();
        List<string> parties = withParties ? tables.Rows("SELECT nvcName FROM dbo.bts_party ORDER BY nvcName;", r => r.GetString(0)) : [];
        return new XDocument(new XElement(
            "BindingInfo",
            new XAttribute("BindingStatus", "FullyBound"),
            new XElement("ModuleRefCollection"),
            new XElement("SendPortCollection", ports.GroupBy(p => p.Name, StringComparer.Ordinal).Select(p => new XElement(
                "SendPort",
                new XAttribute("Name", p.Key),
                p.Select(t => new XElement(t.Primary ? "PrimaryTransport" : "SecondaryTransport", new XElement("Address", t.Address), new XElement("TransportTypeData", t.Data))),
                p.First().Certificate.Length > 0 ? new XElement("EncryptionCert", new XAttribute("ShortName", p.First().Certificate)) : null,
                new XElement("ApplicationName", p.First().Owner)))),
            new XElement("ReceivePortCollection", locations.GroupBy(l => l.Port, StringComparer.Ordinal).Select(p => new XElement(
                "ReceivePort",
                new XAttribute("Name", p.Key),
                new XElement("ReceiveLocations", p.Select(l => new XElement(
                    "ReceiveLocation", new XAttribute("Name", l.Name), new XElement("Address", l.Address), new XElement("ReceiveLocationTransportTypeData", l.Data)))),
                new XElement("ApplicationName", p.First().Owner)))),
            new XElement("PartyCollection", parties.Select(p => new XElement("Party", new XAttribute("Name", p))))));
    }

    /// <summary>Gives the statements that put bindings into an application. A masked password takes the place of the one that was there, as it does in BizTalk Server.</summary>
    public static IEnumerable<(string Statement, (string Name, object Value)[] Parameters)> Import(XDocument document, int application)
    {
        foreach (XElement port in document.Descendants("SendPort"))
        {
            string name = (string)port.Attribute("Name")!;
            yield return (
                "IF NOT EXISTS (SELECT 1 FROM dbo.bts_sendport WHERE nvcName = @n) INSERT INTO dbo.bts_sendport (nvcName, nvcEncryptionCertHash, bDynamic, bTwoWay, nPortStatus, DateModified, nApplicationID) VALUES (@n, @c, 0, 0, 1, GETUTCDATE(), @a);",
                [("@n", name), ("@c", (string?)port.Element("EncryptionCert")?.Attribute("ShortName") ?? string.Empty), ("@a", application)]);
            yield return ("DELETE FROM dbo.bts_sendport_transport WHERE nSendPortID IN (SELECT nID FROM dbo.bts_sendport WHERE nvcName = @n);", [("@n", name)]);
            foreach (XElement transport in port.Elements().Where(e => e.Name.LocalName is "PrimaryTransport" or "SecondaryTransport"))
            {
                yield return (
                    "INSERT INTO dbo.bts_sendport_transport (nvcAddress, nvcTransportTypeData, bIsPrimary, nSendPortID) SELECT @u, @d, @p, nID FROM dbo.bts_sendport WHERE nvcName = @n;",
                    [("@u", transport.Element("Address")?.Value ?? string.Empty), ("@d", transport.Element("TransportTypeData")?.Value ?? string.Empty), ("@p", transport.Name.LocalName == "PrimaryTransport"), ("@n", name)]);
            }
        }

        foreach (XElement port in document.Descendants("ReceivePort"))
        {
            string name = (string)port.Attribute("Name")!;
            yield return ("IF NOT EXISTS (SELECT 1 FROM dbo.bts_receiveport WHERE nvcName = @n) INSERT INTO dbo.bts_receiveport (nvcName, bTwoWay, DateModified, nApplicationID) VALUES (@n, 0, GETUTCDATE(), @a);", [("@n", name), ("@a", application)]);
            foreach (XElement location in port.Descendants("ReceiveLocation"))
            {
                string locationName = (string)location.Attribute("Name")!;
                yield return ("DELETE FROM dbo.adm_ReceiveLocation WHERE Name = @l;", [("@l", locationName)]);
                yield return (
                    "INSERT INTO dbo.adm_ReceiveLocation (Name, InboundTransportURL, Disabled, CustomCfg, ReceivePortId) SELECT @l, @u, 1, @d, nID FROM dbo.bts_receiveport WHERE nvcName = @n;",
                    [("@l", locationName), ("@u", location.Element("Address")?.Value ?? string.Empty), ("@d", location.Element("ReceiveLocationTransportTypeData")?.Value ?? string.Empty), ("@n", name)]);
            }
        }
    }

    private static string Text(Microsoft.Data.SqlClient.SqlDataReader reader, int column) => reader.IsDBNull(column) ? string.Empty : reader.GetString(column);
}
