using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Configuration;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Windows;

/// <summary>Tools of this computer, where Windows, BizTalk Server and Enterprise SSO put them.</summary>
internal sealed class WindowsTools(IRegistry registry) : IExternalTools
{
    private static readonly Dictionary<string, string> s_noEnvironment = new(StringComparer.Ordinal);

    public string? Find(ExternalTool tool, bool wow64 = false) => Places(tool, wow64).SelectMany(p => Matches(Environment.ExpandEnvironmentVariables(p))).FirstOrDefault();

    public ToolResult Run(ToolCommand command, CancellationToken cancellationToken = default)
    {
        string program = Find(command.Tool, command.Wow64) ?? throw new RecoveryException(
            RecoveryError.ToolNotFound, ToolNames.Of(command.Tool), $"{ToolNames.Of(command.Tool)} is not installed on this computer. {Looked(command)}");
        return new ToolRun(program, command, s_noEnvironment).ToEnd(cancellationToken);
    }

    /// <summary>Files that fit a path whose folders may be stars.</summary>
    internal static IEnumerable<string> Matches(string path)
    {
        int star = path.IndexOf('*');
        if (star < 0)
            return File.Exists(path) ? [path] : [];
        string above = path.Substring(0, star), rest = path.Substring(star + 1);
        return !Directory.Exists(above) ? [] : Directory.GetDirectories(above).OrderByDescending(f => f, StringComparer.OrdinalIgnoreCase).SelectMany(f => Matches(f + rest));
    }

    private IReadOnlyList<string> Places(ExternalTool tool, bool wow64) =>
        WindowsToolPlaces.Of(tool, wow64, registry.Values(ProductKey.Path).FirstOrDefault(v => string.Equals(v.Name, "InstallPath", StringComparison.OrdinalIgnoreCase))?.Data as string);

    private string Looked(ToolCommand command) => Places(command.Tool, command.Wow64) is { Count: > 0 } places
        ? $"Looked for {string.Join("; ", places)}." : "The registry does not say where BizTalk Server is (InstallPath).";
}
