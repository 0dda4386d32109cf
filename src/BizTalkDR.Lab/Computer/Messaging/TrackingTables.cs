using System;
using BizTalkDR.Lab.Hosting;

namespace BizTalkDR.Lab.Computer.Messaging;

/// <summary>The Tracking database of a lab, as host instances use it.</summary>
internal sealed class TrackingTables(string connectionString) : LabTables(connectionString)
{
    /// <summary>Opens it; null when the instance does not run.</summary>
    public static TrackingTables? Of(LabFolder lab, string server, string database) => ConnectionTo(lab, server, database) is { } connection ? new TrackingTables(connection) : null;

    /// <summary>Notes that a service instance started; the second time, that it completed.</summary>
    public void Note(Guid instance) => Run([("EXEC dbo.LabTrack @i;", [("@i", instance)])]);
}
