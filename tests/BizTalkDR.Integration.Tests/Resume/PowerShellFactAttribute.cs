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
        if (!OperatingSystem.IsLinux() || !(Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Any(p => File.Exists(Path.Combine(p, "pwsh"))))
            Skip = "Needs Linux and pwsh on PATH.";
        else if (!File.Exists(Path.Combine(ModulePath, "BizTalkDR.psd1")))
            Skip = $"Needs the module in {ModulePath}: build the solution.";
    }

    /// <summary>The module as the build has laid it out, beside the repository's other folders.</summary>
    public static string ModulePath { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "..", "out", "BizTalkDR"));
}
