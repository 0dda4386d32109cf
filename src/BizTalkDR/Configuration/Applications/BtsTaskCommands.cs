using System;
using System.Collections.Generic;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Applications;

/// <summary>Command lines of BTSTask.</summary>
/// <param name="management">The Management database, by the names BizTalk knows it by.</param>
/// <remarks>
/// Microsoft's documentation, "BTSTask Command-Line Reference". Server and database are always passed. ImportApp without an application name would import into the
/// default application; it waits up to an hour (3600 s) for itself.
/// </remarks>
internal sealed class BtsTaskCommands(DatabaseAddress management)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(65);

    /// <summary>"ExportApp Command": overwrites an existing package.</summary>
    public ToolCommand ExportApplication(string application, string package) => Command("ExportApp", "/ApplicationName:" + application, "/Package:" + package);

    /// <summary>"ListApp Command" with a resource specification.</summary>
    public ToolCommand ListResources(string application, string specification) => Command("ListApp", "/ApplicationName:" + application, "/ResourceSpec:" + specification);

    /// <summary>"ExportBindings Command", of one application.</summary>
    public ToolCommand ExportBindings(string application, string destination) => Command("ExportBindings", "/Destination:" + destination, "/ApplicationName:" + application);

    /// <summary>"ExportBindings Command", of the whole group with its parties.</summary>
    public ToolCommand ExportGroupBindings(string destination) => Command("ExportBindings", "/Destination:" + destination, "/GroupLevel", "/GlobalParties");

    /// <summary>"ExportParties Command": BizTalk Server 2016 and later.</summary>
    public ToolCommand ExportParties(string destination) => Command("ExportParties", "-Destination:" + destination);

    /// <summary>"ImportApp Command".</summary>
    public ToolCommand ImportApplication(string application, string package) => Command("ImportApp", "/Package:" + package, "/ApplicationName:" + application);

    /// <summary>"ImportBindings Command".</summary>
    public ToolCommand ImportBindings(string application, string source) => Command("ImportBindings", "/Source:" + source, "/ApplicationName:" + application);

    private ToolCommand Command(string verb, params string[] options) =>
        new(ExternalTool.BtsTask, [verb, .. options, "/Server:" + management.Server, "/Database:" + management.Database]) { Timeout = s_longest };
}
