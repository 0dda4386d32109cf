using System;
using System.Collections.Generic;
using BizTalkDR.Ports;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Portal;

/// <summary>Command lines of appcmd and bm.exe.</summary>
/// <remarks>
/// Microsoft's documentation, "Getting Started with AppCmd.exe", "Application Pools", "Applications", and "BAM Management Utility". appcmd shows the password of a pool's
/// account in clear text when it is asked for the pool's whole configuration: single attributes are asked for instead, and never that one.
/// </remarks>
internal static class PortalCommands
{
    /// <summary>Asks for one attribute of a pool; ends with 1 and says nothing when there is no such pool.</summary>
    public static ToolCommand PoolAttribute(string pool, string attribute) => AppCmd("list", "apppool", pool, "/text:" + attribute);

    public static ToolCommand ListApplications(string pool) => AppCmd("list", "app", "/apppool.name:" + pool, "/xml");

    public static ToolCommand ListDirectories(string application) => AppCmd("list", "vdir", "/app.name:" + application, "/xml");

    public static ToolCommand AddPool(PortalPool pool) => AppCmd(
        "add", "apppool", "/name:" + pool.Name, "/managedRuntimeVersion:" + pool.RuntimeVersion, "/managedPipelineMode:" + pool.PipelineMode, "/enable32BitAppOnWin64:" + (pool.Is32Bit ? "true" : "false"));

    public static ToolCommand SetIdentityType(string pool, string identityType) => AppCmd("set", "apppool", pool, "/processModel.identityType:" + identityType);

    public static ToolCommand StartPool(string pool) => AppCmd("start", "apppool", pool);

    public static ToolCommand AddApplication(PortalApplication application) =>
        AppCmd("add", "app", "/site.name:" + application.Site, "/path:" + application.Path, "/physicalPath:" + application.PhysicalPath);

    public static ToolCommand SetPool(PortalApplication application, string pool) => AppCmd("set", "app", application.Name, "/applicationPool:" + pool);

    /// <summary>Does not overwrite an existing file.</summary>
    public static ToolCommand GetConfiguration(string file, DatabaseAddress primaryImport) => Bm("get-config", file, primaryImport);

    /// <summary>Activities and views.</summary>
    public static ToolCommand GetDefinitions(string file, DatabaseAddress primaryImport) => Bm("get-defxml", file, primaryImport);

    private static ToolCommand AppCmd(params string[] arguments) => new(ExternalTool.AppCmd, arguments);

    private static ToolCommand Bm(string verb, string file, DatabaseAddress primaryImport) =>
        new(ExternalTool.Bm, [verb, "-FileName:" + file, "-Server:" + primaryImport.Server, "-Database:" + primaryImport.Database]);
}
