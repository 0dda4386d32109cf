using System;
using System.IO;
using System.Linq;
using System.Xml;
using System.Xml.Linq;
using BizTalkDR.Lab.Computer.Applications;
using BizTalkDR.Lab.Computer.SingleSignOn;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Lab.Computer.Messaging;

/// <summary>A host instance at work: takes messages from the FILE receive locations into the MessageBox, and those that are ready there through to the FILE send ports.</summary>
/// <remarks>
/// A message is deleted from where it came only when the next place has it: it may arrive twice, it is never lost. What it needs is looked up for each message, and a message
/// that cannot have it is suspended with the reason (Microsoft's documentation, "Error Handling"; event ids 5719, 5720 and 5754 and the wording of events are from memory).
/// </remarks>
internal sealed class HostInstance(LabComputer computer, GroupSettings group, MessageBox box, TrackingTables tracking)
{
    private const string Source = "BizTalk Server";

    /// <summary>Opens the group that the computer's registry names.</summary>
    /// <exception cref="MessageException">The registry names none, or an instance does not answer.</exception>
    /// <exception cref="Microsoft.Data.SqlClient.SqlException">A database of it cannot be used.</exception>
    public static HostInstance Open(LabComputer computer)
    {
        ManagementTables tables = ManagementTables.Of(computer) ?? throw new MessageException("the registry names no Management database, or its SQL Server does not answer");
        GroupSettings group = new(tables);
        (string server, string database, string trackingServer, string trackingDatabase) = group.Databases;
        MessageBox box = MessageBox.Of(computer.Lab, server, database) ?? throw new MessageException($"the SQL Server {server} of the MessageBox does not answer");
        TrackingTables tracking = TrackingTables.Of(computer.Lab, trackingServer, trackingDatabase) ?? throw new MessageException($"the SQL Server {trackingServer} of the Tracking database does not answer");
        box.Require();
        tracking.Require();
        return new HostInstance(computer, group, box, tracking);
    }

    /// <summary>Does all there is to do.</summary>
    /// <returns>How many messages were sent, and how many were suspended.</returns>
    public (int Sent, int Suspended) Work()
    {
        foreach (ReceivePlace place in group.Locations)
            Take(place);
        int sent = 0, suspended = 0;
        // What a receive port hands on is ready in the next round.
        for (var ready = box.Ready(); ready.Count > 0; ready = box.Ready())
        {
            foreach (WaitingInstance instance in ready)
            {
                try
                {
                    sent += group.SendPort(instance.Service) is { } port ? Send(instance, port) : Receive(instance);
                }
                catch (MessageException refused)
                {
                    box.Suspend(instance, refused.Message);
                    suspended++;
                }
            }
        }

        return (sent, suspended);
    }

    private void Take(ReceivePlace place)
    {
        int end = place.Address.LastIndexOf('\\');
        foreach (ComputerFile file in computer.Files.List(place.Address[..end], place.Address[(end + 1)..]))
        {
            using MemoryStream body = new();
            using (Stream stream = computer.Files.Read(file.Path))
                stream.CopyTo(body);
            box.Take(place.Port, body.ToArray());
            computer.Files.Delete(file.Path);
        }
    }

    /// <summary>The receive pipeline: loads what the application needs, reads the type of the message, hands it to who subscribes.</summary>
    private int Receive(WaitingInstance instance)
    {
        foreach (string missing in group.Assemblies(instance.Service).Where(a => !computer.Files.FileExists(LabAssembly.CachePath(computer.Files, a))))
            throw Failed(5719, $"There was a failure executing the receive pipeline of {instance.Service}: could not load file or assembly '{missing}'");
        string type = MessageType(instance);
        string[] subscribers = [.. group.Subscribers(instance.Service)];
        if (subscribers.Length == 0)
            throw Failed(5719, $"The message of {instance.Service} could not be routed because no subscribers were found");
        foreach (Guid started in box.Route(instance, type, subscribers))
            tracking.Note(started);
        return 0;
    }

    private string MessageType(WaitingInstance instance)
    {
        try
        {
            using MemoryStream body = new(instance.Body);
            XName root = XDocument.Load(body).Root!.Name;
            return root.NamespaceName.Length == 0 ? root.LocalName : root.NamespaceName + "#" + root.LocalName;
        }
        catch (XmlException wrong)
        {
            throw Failed(5719, $"There was a failure executing the receive pipeline of {instance.Service}: {wrong.Message}");
        }
    }

    private int Send(WaitingInstance instance, SendPlace port)
    {
        byte[] body = instance.Body;
        if (WhyNoSettings() is { } reason)
            throw Failed(5754, $"A message sent to adapter \"FILE\" on send port \"{port.Port}\" is suspended: {reason}");
        try
        {
            if (port.Certificate.Length > 0)
                body = new SecureEnvelope(computer).Close(body, group.SignCertificate, port.Certificate);
            computer.Files.Write(port.Address.Replace("%MessageID%", instance.Message.ToString("B"), StringComparison.OrdinalIgnoreCase), FileProtection.Inherited, s => s.Write(body));
        }
        catch (MessageException refused)
        {
            throw Failed(5720, $"There was a failure executing the send pipeline of {port.Port}: {refused.Message}");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw Failed(5754, $"A message sent to adapter \"FILE\" on send port \"{port.Port}\" is suspended: {refused.Message}");
        }

        box.Complete(instance);
        tracking.Note(instance.Id);
        return 1;
    }

    /// <summary>Says why the settings of the adapters cannot be decrypted; null when they can.</summary>
    private string? WhyNoSettings()
    {
        if (EntSso.Held(computer) is not { } secrets)
            return "cannot perform encryption or decryption because the secret is not available from the master secret server (0xC0002A1F)";
        return SsoDatabase.Of(computer) is { } database ? database.WhyNotReadable(secrets) : "the SSO database does not answer";
    }

    private MessageException Failed(int id, string what)
    {
        computer.Log(Source, id, what + ".");
        return new MessageException(what);
    }
}
