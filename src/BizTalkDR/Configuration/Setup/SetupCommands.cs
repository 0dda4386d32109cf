using System;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Setup;

/// <summary>Command lines that configure a computer.</summary>
/// <remarks>Microsoft's documentation, "Working with the Configuration Framework" (Configuration.exe /S, /L) and "Recovering a Computer That Runs BizTalk Server" (RestoreConfig.vbe, from the 32-bit command prompt). Neither takes a password.</remarks>
internal static class SetupCommands
{
    /// <summary>Configures what a file says, without a window.</summary>
    public static ToolCommand Configure(string file, string log) => new(ExternalTool.Configuration, ["/S", file, "/L", log]) { Timeout = TimeSpan.FromHours(1) };

    /// <summary>Connects a computer of Standard Edition with its group again.</summary>
    public static ToolCommand RestoreGroup(string script, string file) => new(ExternalTool.CScript, ["//nologo", script, file]) { Wow64 = true };
}
