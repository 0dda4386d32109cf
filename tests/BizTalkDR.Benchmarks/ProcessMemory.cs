using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;

namespace BizTalkDR.Benchmarks;

/// <summary>The most memory a process ever had resident.</summary>
internal static class ProcessMemory
{
    /// <summary>Gives the peak so far in bytes; null when the process has ended.</summary>
    public static long? PeakOf(Process process)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                process.Refresh();
                return process.PeakWorkingSet64;
            }

            string? line = File.ReadLines($"/proc/{process.Id.ToString(CultureInfo.InvariantCulture)}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? null : long.Parse(line["VmHWM:".Length..].Replace("kB", string.Empty, StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception error) when (error is IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
