using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Computer.Tools;

namespace BizTalkDR.Lab.Computer.Applications;

/// <summary>msiexec: installs the packages that the lab's BTSTask writes.</summary>
/// <remarks>Microsoft's documentation, "Command-Line Options" of Windows Installer, and its table of error codes: 1619 the package could not be opened, 1620 it is none, 1639 an invalid argument.</remarks>
internal sealed class MsiExecTool : IComputerTool
{
    private const int CannotBeOpened = 1619;
    private const int IsNoPackage = 1620;
    private const int InvalidArgument = 1639;

    public string Name => "msiexec";

    public int Run(ToolContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Count < 2 || !string.Equals(arguments[0], "/i", StringComparison.OrdinalIgnoreCase) || arguments.Skip(2).Any(a => a.ToLowerInvariant() is not ("/qn" or "/norestart")))
            return InvalidArgument;
        if (!context.Computer.Files.FileExists(arguments[1]))
            return CannotBeOpened;
        using Stream stream = context.Computer.Files.Read(arguments[1]);
        if (LabPackage.Load(stream) is not { } package)
            return IsNoPackage;
        foreach (LabResource resource in package.Resources.Where(r => r.Content is not null))
            LabAssembly.AddToCache(context.Computer.Files, resource.Luid, resource.Content!);
        return 0;
    }
}
