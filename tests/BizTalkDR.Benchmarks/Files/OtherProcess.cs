using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading.Tasks;

namespace BizTalkDR.Benchmarks.Files;

/// <summary>This program once more, as a process of its own.</summary>
internal static class OtherProcess
{
    /// <param name="arguments">Its command line.</param>
    /// <param name="core">The one processor it may use, where there is a taskset; null for all.</param>
    /// <param name="output">Gets what it says.</param>
    public static async Task<int> RunAsync(IEnumerable<string> arguments, int? core, TextWriter output)
    {
        ProcessStartInfo start = new() { RedirectStandardOutput = true };
        List<string> words = [];
        if (core is int one)
            words.AddRange(["taskset", "-c", one.ToString(CultureInfo.InvariantCulture)]);
        words.AddRange(["dotnet", Path.Combine(AppContext.BaseDirectory, "BizTalkDR.Benchmarks.dll"), .. arguments]);
        start.FileName = words[0];
        foreach (string word in words[1..])
            start.ArgumentList.Add(word);
        using Process other = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        while (await other.StandardOutput.ReadLineAsync() is { } line)
            await output.WriteLineAsync(line);
        await other.WaitForExitAsync();
        return other.ExitCode;
    }
}
