using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Xml;
using System.Xml.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Windows;

/// <summary>Reads events as wevtutil writes them with <c>/f:RenderedXml /e:Events</c>.</summary>
/// <remarks>
/// https://learn.microsoft.com/windows/win32/wes/eventschema-elements. An event whose source is not registered any more has no message: then the strings it was written with stand for it.
/// </remarks>
internal static class EventText
{
    private static readonly XNamespace s_event = "http://schemas.microsoft.com/win/2004/08/events/event";

    /// <exception cref="RecoveryException"><see cref="RecoveryError.ToolFailed"/>: it is not in this form.</exception>
    public static IReadOnlyList<LoggedEvent> Read(string output)
    {
        try
        {
            return XDocument.Parse(output.Trim()).Descendants(s_event + "Event").Select(Event).ToList();
        }
        catch (Exception wrong) when (wrong is XmlException or FormatException or OverflowException)
        {
            throw new RecoveryException(RecoveryError.ToolFailed, "wevtutil", $"The events that wevtutil wrote cannot be read: {wrong.Message}", null, wrong);
        }
    }

    private static LoggedEvent Event(XElement element)
    {
        XElement system = element.Element(s_event + "System") ?? throw new FormatException("an event has no System");
        string? source = (string?)system.Element(s_event + "Provider")?.Attribute("Name"), id = system.Element(s_event + "EventID")?.Value, time = (string?)system.Element(s_event + "TimeCreated")?.Attribute("SystemTime");
        if (source is null || id is null || time is null)
            throw new FormatException("an event has no source, id or time");
        string message = element.Element(s_event + "RenderingInfo")?.Element(s_event + "Message")?.Value.Trim() is { Length: > 0 } rendered ? rendered
            : string.Join(", ", element.Element(s_event + "EventData")?.Elements(s_event + "Data").Select(d => d.Value) ?? []);
        return new LoggedEvent(source, int.Parse(id, CultureInfo.InvariantCulture), DateTime.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal), message);
    }
}
