using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Computer.Applications;

namespace BizTalkDR.Lab.Computer.Messaging;

/// <summary>A place from which messages are taken: a folder and a pattern.</summary>
internal sealed record ReceivePlace(string Port, string Address);

/// <summary>A place to which messages are written. <paramref name="Certificate"/>: thumbprint of the certificate to encrypt with; empty for none.</summary>
internal sealed record SendPlace(string Port, string Address, string Certificate);

/// <summary>What a host instance reads of its group's configuration. Ports with a transport other than FILE are left alone.</summary>
internal sealed class GroupSettings(ManagementTables tables)
{
    // A send port that is started has 3 (MSBTS_SendPort.Status).
    private const string SendPorts = """
        SELECT s.nvcName, t.nvcAddress, s.nvcEncryptionCertHash, p.nvcName
        FROM dbo.bts_sendport AS s INNER JOIN dbo.bts_sendport_transport AS t ON t.nSendPortID = s.nID INNER JOIN dbo.bts_receiveport AS p ON p.nApplicationID = s.nApplicationID
        WHERE s.nPortStatus = 3 AND t.bIsPrimary = 1
        ORDER BY s.nvcName;
        """;

    private readonly List<(SendPlace Place, string Source)> _sendPorts =
        tables.Rows(SendPorts, r => (new SendPlace(r.GetString(0), r.GetString(1), r.IsDBNull(2) ? string.Empty : r.GetString(2)), r.GetString(3))).Where(s => IsFile(s.Item1.Address)).ToList();

    /// <summary>Server and database of the master MessageBox and of tracking.</summary>
    public (string Server, string Database, string TrackingServer, string TrackingDatabase) Databases { get; } =
        tables.Rows("SELECT SubscriptionDBServerName, SubscriptionDBName, TrackingDBServerName, TrackingDBName FROM dbo.adm_Group;", r => (r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3))).Single();

    /// <summary>Thumbprint of the certificate the group signs with; empty for none.</summary>
    public string SignCertificate { get; } = tables.Rows("SELECT SignCertThumbprint FROM dbo.adm_Group;", r => r.IsDBNull(0) ? string.Empty : r.GetString(0)).Single();

    /// <summary>Receive locations that are enabled.</summary>
    public IReadOnlyList<ReceivePlace> Locations { get; } =
        tables.Rows("SELECT p.nvcName, l.InboundTransportURL FROM dbo.adm_ReceiveLocation AS l INNER JOIN dbo.bts_receiveport AS p ON p.nID = l.ReceivePortId WHERE l.Disabled = 0 ORDER BY l.Name;",
            r => new ReceivePlace(r.GetString(0), r.GetString(1))).Where(l => IsFile(l.Address)).ToList();

    /// <summary>Started send ports of the application that a receive port belongs to: they subscribe to what comes in there.</summary>
    public IReadOnlyList<string> Subscribers(string receivePort) => _sendPorts.Where(s => s.Source == receivePort).Select(s => s.Place.Port).Distinct().ToList();

    /// <summary>A started send port; null when there is none of that name.</summary>
    public SendPlace? SendPort(string name) => _sendPorts.Select(s => s.Place).FirstOrDefault(p => p.Port == name);

    /// <summary>Full names of the assemblies that a port's application and those it references need.</summary>
    public IReadOnlyList<string> Assemblies(string receivePort) => tables.Rows(
        "SELECT DISTINCT a.nvcFullName FROM dbo.bts_receiveport AS p LEFT JOIN dbo.bts_application_reference AS r ON r.nApplicationID = p.nApplicationID "
        + "INNER JOIN dbo.bts_assembly AS a ON a.nApplicationID = p.nApplicationID OR a.nApplicationID = r.nReferencedApplicationID WHERE p.nvcName = @p AND a.nSystemAssembly = 0 ORDER BY a.nvcFullName;",
        r => r.GetString(0), ("@p", receivePort));

    private static bool IsFile(string address) => !address.Contains("://", System.StringComparison.Ordinal);
}
