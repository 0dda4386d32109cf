using System.Collections.Generic;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Windows;

/// <summary>Where the tools are on a computer that runs Windows; pure.</summary>
/// <remarks>
/// https://learn.microsoft.com/biztalk/core/sso-utilities (the folder of Enterprise SSO is below the 64-bit Common Files), https://learn.microsoft.com/biztalk/core/btstask-command-line-reference (BizTalk Server's own
/// folder), https://learn.microsoft.com/biztalk/core/bam-management-utility (Tracking below it), https://learn.microsoft.com/iis/get-started/getting-started-with-iis/getting-started-with-appcmdexe.
/// </remarks>
internal static class WindowsToolPlaces
{
    private const string System = @"%windir%\System32\", System32Bit = @"%windir%\SysWOW64\";

    /// <summary>Folder of Enterprise SSO.</summary>
    public const string SingleSignOn = @"%CommonProgramW6432%\Enterprise Single Sign-On\";

    /// <summary>Gives full paths in the order to look at; a star stands for folders of any name, the highest first.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="wow64">Whether the 32-bit program is wanted where there are two.</param>
    /// <param name="install">Folder of BizTalk Server by the registry; null when it does not say.</param>
    public static IReadOnlyList<string> Of(ExternalTool tool, bool wow64, string? install)
    {
        string name = ToolNames.Of(tool) + ".exe";
        return tool switch
        {
            ExternalTool.SsoConfig or ExternalTool.SsoManage => [SingleSignOn + name],
            ExternalTool.BtsTask or ExternalTool.Configuration => Below(install, name),
            ExternalTool.Bm => Below(install, @"Tracking\" + name),
            ExternalTool.AppCmd => [System + @"inetsrv\" + name],
            ExternalTool.GacUtil => [@"%ProgramFiles(x86)%\Microsoft SDKs\Windows\*\bin\*\" + name],
            ExternalTool.NsControl => [@"%ProgramFiles%\Microsoft SQL Server\*\NotificationServices\*\bin\" + name, @"%ProgramFiles(x86)%\Microsoft SQL Server\*\NotificationServices\*\bin\" + name],
            _ => wow64 ? [System32Bit + name, System + name] : [System + name],
        };
    }

    private static string[] Below(string? install, string name) => string.IsNullOrEmpty(install) ? [] : [install!.TrimEnd('\\') + "\\" + name];
}
