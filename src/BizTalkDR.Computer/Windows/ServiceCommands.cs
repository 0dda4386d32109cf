using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Windows;

/// <summary>Command lines of sc.exe.</summary>
/// <remarks>https://learn.microsoft.com/windows-server/administration/windows-commands/sc-query and sc-config (an option's name ends with its equals sign); start and stop: https://learn.microsoft.com/windows/win32/services/controlling-a-service-using-sc.</remarks>
internal static class ServiceCommands
{
    // The largest buffer that the enumeration takes.
    private const string BufferBytes = "262144";

    public static ToolCommand QueryAll() => new(ExternalTool.Sc, ["query", "type=", "service", "state=", "all", "bufsize=", BufferBytes]);

    public static ToolCommand Query(string name) => new(ExternalTool.Sc, ["query", name]);

    public static ToolCommand Start(string name) => new(ExternalTool.Sc, ["start", name]);

    public static ToolCommand Stop(string name) => new(ExternalTool.Sc, ["stop", name]);

    public static ToolCommand SetStart(string name, ServiceStart start) => new(ExternalTool.Sc, ["config", name, "start=", start switch
    {
        ServiceStart.Automatic => "auto",
        ServiceStart.DelayedAutomatic => "delayed-auto",
        ServiceStart.Manual => "demand",
        _ => "disabled",
    }]);
}
