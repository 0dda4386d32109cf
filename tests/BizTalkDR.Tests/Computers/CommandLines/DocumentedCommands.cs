using System.Collections.Generic;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Tests.Computers.CommandLines;

/// <summary>The documented syntax of every command that the product may run, one row each.</summary>
internal static class DocumentedCommands
{
    private static readonly string[] s_database = ["/Server:", "/Database:"];

    public static IReadOnlyList<DocumentedCommand> All { get; } =
    [
        new(ExternalTool.BtsTask, "ListApp", "ListApp Command") { Optional = [.. s_database, "/ApplicationName:", "/ResourceSpec:"] },
        new(ExternalTool.BtsTask, "ExportApp", "ExportApp Command") { Required = ["/Package:"], Optional = [.. s_database, "/ApplicationName:", "/ResourceSpec:", "/GlobalParties"] },
        new(ExternalTool.BtsTask, "ImportApp", "ImportApp Command") { Required = ["/Package:"], Optional = [.. s_database, "/Environment:", "/ApplicationName:", "/Overwrite"] },
        new(ExternalTool.BtsTask, "ExportBindings", "ExportBindings Command") { Required = ["/Destination:"], Optional = [.. s_database, "/GlobalParties"], OneOf = ["/GroupLevel", "/ApplicationName:", "/AssemblyName:"] },
        new(ExternalTool.BtsTask, "ImportBindings", "ImportBindings Command") { Required = ["/Source:"], Optional = [.. s_database, "/ImportTrackingSettings:", "/ExcludeParties"], OneOf = ["/GroupLevel", "/ApplicationName:"] },
        new(ExternalTool.BtsTask, "ExportParties", "ExportParties Command") { Required = ["/Destination:"], Optional = s_database },
        new(ExternalTool.MsiExec, "/i", "Command-Line Options (Windows Installer)") { Positional = 1, Optional = ["/qn", "/norestart"] },
        new(ExternalTool.GacUtil, "/i", "Gacutil.exe (Global Assembly Cache Tool)") { Positional = 1, Optional = ["/f", "/nologo", "/silent"] },
        new(ExternalTool.AppCmd, "list apppool", "Getting Started with AppCmd.exe") { Positional = 1, OneOf = ["/text:", "/xml", "/config"] },
        new(ExternalTool.AppCmd, "list app", "Getting Started with AppCmd.exe") { Optional = ["/apppool.name:", "/site.name:", "/path:", "/xml"] },
        new(ExternalTool.AppCmd, "list vdir", "Getting Started with AppCmd.exe") { Optional = ["/app.name:", "/path:", "/xml"] },
        new(ExternalTool.AppCmd, "add apppool", "Application Pools <applicationPools>") { Required = ["/name:"], Optional = ["/managedRuntimeVersion:", "/managedPipelineMode:", "/enable32BitAppOnWin64:"] },
        new(ExternalTool.AppCmd, "set apppool", "Process Model Settings for an Application Pool") { Positional = 1, Required = ["/processModel.identityType:"] },
        new(ExternalTool.AppCmd, "start apppool", "Start or Stop an Application Pool") { Positional = 1 },
        new(ExternalTool.AppCmd, "add app", "Application <application>") { Required = ["/site.name:", "/path:", "/physicalPath:"] },
        new(ExternalTool.AppCmd, "set app", "Specify an Application Pool for an Application") { Positional = 1, Required = ["/applicationPool:"] },
        new(ExternalTool.SsoConfig, "-backupSecret", "How to Back Up the Master Secret") { Positional = 1 },
        new(ExternalTool.SsoConfig, "-restoreSecret", "How to Restore the Master Secret") { Positional = 1 },
        new(ExternalTool.SsoManage, "-displayDB", "How to Display the SSO Database"),
        new(ExternalTool.SsoManage, "-updateDB", "How to Move the Master Secret Server") { Positional = 1 },
        new(ExternalTool.Configuration, "/S", "Working with the Configuration Framework") { Positional = 1, Pairs = ["/L"] },
        new(ExternalTool.CScript, "//nologo", "Recovering a Computer That Runs BizTalk Server") { Positional = 2 },
        new(ExternalTool.Bm, "get-config", "BAM Management Utility: Infrastructure Management Commands") { Required = ["-FileName:"], Optional = ["-Server:", "-Database:", "-Trace:"] },
        new(ExternalTool.Bm, "get-defxml", "BAM Management Utility: Definition Management Commands") { Required = ["-FileName:"], Optional = ["-Server:", "-Database:", "-Trace:"] },
        new(ExternalTool.Sc, "query", "Sc.exe query") { Positional = 1 },
        new(ExternalTool.Sc, "query", "Sc.exe query") { Pairs = ["type=", "state=", "bufsize=", "ri=", "group="] },
        new(ExternalTool.Sc, "config", "Sc.exe config") { Positional = 1, Pairs = ["start="] },
        new(ExternalTool.Sc, "start", "Controlling a Service Using SC") { Positional = 1 },
        new(ExternalTool.Sc, "stop", "Controlling a Service Using SC") { Positional = 1 },
        new(ExternalTool.WevtUtil, "qe", "Wevtutil") { Positional = 1, Optional = ["/q:", "/c:", "/rd:", "/f:", "/e:", "/lf:", "/l:"] },
    ];
}
