using System;
using System.Collections.Generic;
using System.IO;
using BizTalkDR.Computer.Folder;
using BizTalkDR.Lab.Hosting;

namespace BizTalkDR.Lab.Computer;

/// <summary>Loses a computer of a lab and sets up another in its place.</summary>
internal static class WipeCommand
{
    public static int Run(IReadOnlyList<string> arguments, TextWriter output)
    {
        CommandLine line = CommandLine.Parse(arguments, ["--folder", "--computer"], []);
        LabFolder lab = LabFolder.Open(line.Value("--folder") ?? throw new UsageException("wipe needs --folder, the lab."));
        string name = line.Value("--computer")?.ToUpperInvariant() ?? throw new UsageException("wipe needs --computer, the name of the computer.");
        if (!File.Exists(Path.Combine(LabComputer.FolderOf(lab, name), FolderComputer.DescriptionFile)))
            throw new UsageException($"The lab has no computer {name}.");
        LabComputers.Wipe(lab, name);
        output.WriteLine($"{name} is set up anew: BizTalk Server is installed, nothing is configured, and what was on it is lost.");
        return 0;
    }
}
