using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer;

/// <summary>Command lines of ssoconfig and ssomanage. Passwords are asked for: none has a place in them.</summary>
internal static class SingleSignOnCommands
{
    public static ToolCommand Display() => new(ExternalTool.SsoManage, ["-displayDB"]);

    public static ToolCommand Update(string file) => new(ExternalTool.SsoManage, ["-updateDB", file]);

    public static ToolCommand Backup(string file) => new(ExternalTool.SsoConfig, ["-backupSecret", file]);

    public static ToolCommand Restore(string file) => new(ExternalTool.SsoConfig, ["-restoreSecret", file]);
}
