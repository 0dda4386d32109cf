using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using BizTalkDR.BackupFiles.Tests;

namespace BizTalkDR.Fuzzing;

/// <summary>
/// Coverage-guided fuzzing of the reader: <c>dotnet run --project tests/BizTalkDR.Fuzzing -c Release -- SECONDS SEED [FOLDER…]</c>. Exit code 0 when every
/// input was read or refused by name, in time and within bounds.
/// </summary>
internal static class Program
{
    private const string Reader = "BizTalkDR.BackupFiles.dll";

    private static int Main(string[] arguments)
    {
        if (arguments.Length > 0 && arguments[0] == "instrumented")
            return Loop(arguments);

        // The reader is loaded by its name from the program's own folder, so an instrumented one needs a folder of its own.
        string folder = Directory.CreateTempSubdirectory("biztalkdr-fuzzing-").FullName;
        try
        {
            foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            Console.WriteLine($"{Instrumentation.Apply(Path.Combine(folder, Reader))} blocks of code are counted.");
            using Process loop = Process.Start("dotnet", [Path.Combine(folder, "BizTalkDR.Fuzzing.dll"), "instrumented", .. arguments]);
            loop.WaitForExit();
            return loop.ExitCode;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Loop(string[] arguments)
    {
        int seconds = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 60;
        int seed = arguments.Length > 2 ? int.Parse(arguments[2], CultureInfo.InvariantCulture) : 1;
        return new FuzzLoop(seed, Console.Out).Run(Built().Concat(arguments.Skip(3).SelectMany(Files)), TimeSpan.FromSeconds(seconds)) == 0 ? 0 : 1;
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Built()
    {
        byte[] block = new LogBlockBuilder(30, 100).Begin("BTS_1", marked: true).Commit(new BackupFiles.Lsn(30, 100, 1), "BTS_1", new DateTime(2024, 5, 6)).Other(700).Build();
        BackupBuilder builder = new() { First = new(30, 100, 1), Last = new(30, 104, 1) };
        builder.Log.Add([block]);
        byte[] log = builder.Build();
        yield return ("built log", log);
        yield return ("built compressed log", CompressedContainer.Wrap(log));
        yield return ("built full", new BackupBuilder { Type = 'D', WithChecksum = true, Pages = new byte[65536] }.Build());
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".bak", StringComparison.OrdinalIgnoreCase) || f.EndsWith(".trn", StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal).Select(f => (Path.GetFileName(f), File.ReadAllBytes(f)));
}
