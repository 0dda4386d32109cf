using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Computer.Tools;

namespace BizTalkDR.Lab.Computer.Applications;

/// <summary>gacutil: puts an assembly into the global assembly cache.</summary>
/// <remarks>Microsoft's documentation, "Gacutil.exe (Global Assembly Cache Tool)"; the wording of its output is from memory.</remarks>
internal sealed class GacUtilTool : IComputerTool
{
    public string Name => "gacutil";

    public int Run(ToolContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count < 2 || arguments[0].ToLowerInvariant() is not ("/i" or "-i") || arguments.Skip(2).Any(a => a.TrimStart('/', '-').ToLowerInvariant() is not ("f" or "nologo" or "silent")))
            return context.Fail("Usage: gacutil /i <assembly path> [/f] [/nologo] [/silent]");
        if (!context.Computer.Files.FileExists(arguments[1]))
            return context.Fail("Failure adding assembly to the cache: The system cannot find the file specified.");
        using StreamReader reader = new(context.Computer.Files.Read(arguments[1]));
        string content = reader.ReadToEnd();
        if (LabAssembly.NameOf(content) is not { } name)
            return context.Fail("Failure adding assembly to the cache: The module was expected to contain an assembly manifest.");
        LabAssembly.AddToCache(context.Computer.Files, name, content);
        context.Say("Assembly successfully added to the cache");
        return 0;
    }
}
