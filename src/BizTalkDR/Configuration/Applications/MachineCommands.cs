using System;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration.Applications;

/// <summary>Command lines of msiexec and gacutil.</summary>
internal static class MachineCommands
{
    private const int RestartBegun = 1641;
    private const int RestartNeeded = 3010;

    /// <summary>Microsoft's documentation, "Command-Line Options" of Windows Installer: installs without a dialogue and without a restart.</summary>
    public static ToolCommand Install(string package) => new(ExternalTool.MsiExec, ["/i", package, "/qn", "/norestart"]) { Timeout = TimeSpan.FromMinutes(30) };

    /// <summary>Microsoft's documentation, "Gacutil.exe (Global Assembly Cache Tool)".</summary>
    public static ToolCommand AddToCache(string assembly) => new(ExternalTool.GacUtil, ["/i", assembly, "/nologo"]);

    /// <summary>Microsoft's documentation, "MsiExec.exe and InstMsi.exe Error Messages": installed, with a restart to come.</summary>
    public static bool IsInstalled(int exitCode) => exitCode is 0 or RestartBegun or RestartNeeded;
}
