using System;
using System.IO;
using System.Linq;
using Xunit;

namespace BizTalkDR.Integration.Tests.Resume;

/// <summary>A fact that starts PowerShell with the module as a process: it runs on Linux where pwsh is on PATH and the build has laid out the module.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PowerShellFactAttribute : FactAttribute
{
    public PowerShellFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
            Skip = "SIGINT is sent to a process of its own on Linux alone.";
        else if (!(Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Any(p => File.Exists(Path.Combine(p, "pwsh"))))
            Skip = "There is no PowerShell (pwsh) on PATH.";
        else if (!File.Exists(Path.Combine(ModulePath, "BizTalkDR.psd1")))
            Skip = $"Needs the module in {ModulePath}: build the solution.";
    }

    /// <summary>The module as the build has laid it out, beside the repository's other folders.</summary>
    public static string ModulePath { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "..", "out", "BizTalkDR"));
}
