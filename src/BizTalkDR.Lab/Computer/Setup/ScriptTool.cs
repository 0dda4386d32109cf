using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using BizTalkDR.Lab.Computer.Tools;

namespace BizTalkDR.Lab.Computer.Setup;

/// <summary>cscript, for one script: RestoreConfig.vbe, which an operator brings along.</summary>
/// <remarks>
/// Microsoft's documentation, "Recovering a Computer That Runs BizTalk Server": RestoreConfig.vbe and the saved file, for Standard Edition; no output means success. The script is
/// encoded and not at hand: what it does on a lab is to connect the computer with the group that the file names.
/// </remarks>
internal sealed class ScriptTool : IComputerTool
{
    public string Name => "cscript";

    public int Run(ToolContext context, IReadOnlyList<string> arguments)
    {
        List<string> words = arguments.Where(a => !a.StartsWith("//", StringComparison.Ordinal)).ToList();
        if (words.Count == 0 || !context.Computer.Files.FileExists(words[0]))
            return context.Fail($"Input Error: Can not find script file \"{words.FirstOrDefault()}\".");
        if (!words[0].EndsWith("RestoreConfig.vbe", StringComparison.OrdinalIgnoreCase) || words.Count != 2)
            return context.Fail("RestoreConfig.vbe <configuration file> is all that the lab runs.");
        if (!context.Computer.Files.FileExists(words[1]))
            return context.Fail($"The file {words[1]} was not found.");
        using Stream stream = context.Computer.Files.Read(words[1]);
        if (SetupFile.Read(stream)?.Elements("Feature").Select(f => SetupFile.Find(f, "SQL", "{D757DBF9-5D71-4995-9F20-A552B7DFE7F1}")).FirstOrDefault(e => e is not null) is not XElement management)
            return context.Fail($"{words[1]} names no Management database.");
        ConfigurationRun.Connect(context.Computer, management.Element("Server")!.Value.Trim(), management.Element("Database")!.Value.Trim());
        return 0;
    }
}
