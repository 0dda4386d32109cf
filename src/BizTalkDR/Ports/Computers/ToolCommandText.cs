using System.Linq;

namespace BizTalkDR.Ports.Computers;

/// <summary>Writes a command line for people, quoted as cmd.exe wants it.</summary>
internal static class ToolCommandText
{
    public static string Of(ToolCommand command) => string.Join(" ", new[] { NameOf(command.Tool) }.Concat(command.Arguments.Select(Quote)));

    private static string NameOf(ExternalTool tool) => tool switch
    {
        ExternalTool.SsoConfig => "ssoconfig",
        ExternalTool.SsoManage => "ssomanage",
        ExternalTool.BtsTask => "BTSTask",
        ExternalTool.Bm => "bm.exe",
        ExternalTool.Configuration => "Configuration.exe",
        ExternalTool.AppCmd => "appcmd",
        ExternalTool.CScript => "cscript",
        ExternalTool.GacUtil => "gacutil",
        ExternalTool.MsiExec => "msiexec",
        ExternalTool.Sc => "sc.exe",
        ExternalTool.WevtUtil => "wevtutil",
        _ => "nscontrol",
    };

    private static string Quote(string argument) => argument.Length == 0 || argument.Any(c => c is ' ' or '\t' or '&' or ';') ? "\"" + argument + "\"" : argument;
}
