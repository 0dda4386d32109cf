using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer;

/// <summary>File names of the tools, without their ending.</summary>
internal static class ToolNames
{
    public static string Of(ExternalTool tool) => tool switch
    {
        ExternalTool.SsoConfig => "ssoconfig",
        ExternalTool.SsoManage => "ssomanage",
        ExternalTool.BtsTask => "BTSTask",
        ExternalTool.Bm => "bm",
        ExternalTool.Configuration => "Configuration",
        ExternalTool.AppCmd => "appcmd",
        ExternalTool.CScript => "cscript",
        ExternalTool.GacUtil => "gacutil",
        ExternalTool.MsiExec => "msiexec",
        ExternalTool.Sc => "sc",
        ExternalTool.WevtUtil => "wevtutil",
        _ => "nscontrol",
    };
}
