using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Folder;

/// <summary>Tools of a simulated computer: programs in its <c>tools</c> folder, 32-bit ones in <c>tools/wow64</c> where they differ. Each finds its computer by <see cref="FolderVariable"/>.</summary>
internal sealed class FolderTools(string folder) : IExternalTools
{
    /// <summary>Environment variable that tells a tool the folder of the computer it runs on.</summary>
    public const string FolderVariable = "BIZTALKDR_COMPUTER";

    public string? Find(ExternalTool tool, bool wow64 = false)
    {
        string tools = Path.Combine(folder, "tools");
        string[] places = wow64 ? [Path.Combine(tools, "wow64"), tools] : [tools];
        string[] endings = Path.DirectorySeparatorChar == '\\' ? [".exe", ".cmd"] : [string.Empty];
        return places.SelectMany(p => endings.Select(e => Path.Combine(p, ToolNames.Of(tool) + e))).FirstOrDefault(File.Exists);
    }

    public ToolResult Run(ToolCommand command, CancellationToken cancellationToken = default)
    {
        string program = Find(command.Tool, command.Wow64) ?? throw new RecoveryException(
            RecoveryError.ToolNotFound, ToolNames.Of(command.Tool), $"{ToolNames.Of(command.Tool)} is not installed on this computer (looked in {Path.Combine(folder, "tools")}).");
        return new ToolRun(program, command, new Dictionary<string, string>(StringComparer.Ordinal) { [FolderVariable] = folder }).ToEnd(cancellationToken);
    }
}
