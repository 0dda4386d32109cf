using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Hosting;

namespace BizTalkDR.Lab.Computer.Messaging;

/// <summary>A service instance that waits in the MessageBox, with its message.</summary>
internal sealed record WaitingInstance(Guid Id, string Service, Guid Message, string MessageType, byte[] Body);

/// <summary>The MessageBox of a lab, as host instances use it.</summary>
/// <remarks>States are those of Microsoft's documentation, "MSBTS_ServiceInstance.ServiceStatus Property (WMI)": 1 ready to run, 4 suspended (resumable).</remarks>
internal sealed class MessageBox(string connectionString) : LabTables(connectionString)
{
    private const string InsertInstance = "INSERT INTO dbo.Instances (uidInstanceID, nvcServiceName, nState) VALUES (@i, @s, 1);";
    private const string InsertMessage = "INSERT INTO dbo.Spool (uidMessageID, uidInstanceID, nvcMessageType, imgBody) VALUES (@m, @i, @t, @b);";

    /// <summary>Opens it; null when the instance does not run.</summary>
    public static MessageBox? Of(LabFolder lab, string server, string database) => ConnectionTo(lab, server, database) is { } connection ? new MessageBox(connection) : null;

    /// <summary>Takes a message in for a service.</summary>
    public void Take(string service, byte[] body) => Run(Adding(Guid.NewGuid(), service, string.Empty, body));

    /// <summary>Hands the message of an instance on to those who subscribe to it; the instance has done its work.</summary>
    /// <returns>Their instances.</returns>
    public IReadOnlyList<Guid> Route(WaitingInstance instance, string messageType, IReadOnlyList<string> subscribers)
    {
        List<(Guid Id, string Service)> added = subscribers.Select(s => (Guid.NewGuid(), s)).ToList();
        Run([.. added.SelectMany(a => Adding(a.Id, a.Service, messageType, instance.Body)), .. Removing(instance)]);
        return added.ConvertAll(a => a.Id);
    }

    /// <summary>The instance has done its work.</summary>
    public void Complete(WaitingInstance instance) => Run(Removing(instance));

    /// <summary>Keeps the instance and its message until somebody resumes it.</summary>
    public void Suspend(WaitingInstance instance, string reason) =>
        Run([("UPDATE dbo.Instances SET nState = 4, nvcErrorDescription = @r WHERE uidInstanceID = @i;", [("@r", reason), ("@i", instance.Id)])]);

    /// <summary>Instances that are ready to run, the oldest first.</summary>
    public IReadOnlyList<WaitingInstance> Ready() => Rows(
        "SELECT i.uidInstanceID, i.nvcServiceName, s.uidMessageID, s.nvcMessageType, s.imgBody FROM dbo.Instances AS i INNER JOIN dbo.Spool AS s ON s.uidInstanceID = i.uidInstanceID WHERE i.nState = 1 ORDER BY i.dtCreated;",
        r => new WaitingInstance(r.GetGuid(0), r.GetString(1), r.GetGuid(2), r.GetString(3), (byte[])r[4]));

    private static (string, (string, object)[])[] Adding(Guid instance, string service, string type, byte[] body) =>
        [(InsertInstance, [("@i", instance), ("@s", service)]), (InsertMessage, [("@m", Guid.NewGuid()), ("@i", instance), ("@t", type), ("@b", body)])];

    private static (string, (string, object)[])[] Removing(WaitingInstance instance) =>
        [("DELETE FROM dbo.Spool WHERE uidInstanceID = @i;", [("@i", instance.Id)]), ("DELETE FROM dbo.Instances WHERE uidInstanceID = @i;", [("@i", instance.Id)])];
}
