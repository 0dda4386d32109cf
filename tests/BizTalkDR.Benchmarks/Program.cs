using System;
using System.Threading.Tasks;
using BizTalkDR.Benchmarks.Files;
using BizTalkDR.Benchmarks.Layer;
using BizTalkDR.Lab.Hosting;

namespace BizTalkDR.Benchmarks;

/// <summary>Measurements of the product on the lab. Exit codes: 0 measured, 1 a measured run failed, 2 the command line is wrong.</summary>
internal static class Program
{
    private const string Help = """
        Usage: dotnet run --project tests/BizTalkDR.Benchmarks -c Release -- <command> [options]

        layer        Backup and restore of one member through the product's layer, paired with the same statements as plain SqlCommand text.
          --size-mb N    content of the member (default 64)
          --rounds N     pairs (default 15)
          --mb-per-second N  the volume takes no more; makes statements long without much content (default: no limit)
          --json FILE    writes every figure as JSON

        group-restore  A group sized 8:7:6:5:4:3:2:1 is restored to a volume of a fixed rate, members at once paired with one after the other.
          --unit-mb N        content of the smallest member (default 16)
          --mb-per-second N  what the volume takes; one file a quarter of it (default 24)
          --rounds N         pairs (default 3)
          --json FILE        writes every figure as JSON

        drill-time   Wall time and peak memory of the drill, a process of its own.
          --seeds A..B   seeds, one run each (default 1..3)
          --json FILE    writes every figure as JSON

        headers      Headers of log backups the lab writes, paired with a program that opens each file and reads as many bytes.
          --files N      backups (default 13440)
          --rounds N     pairs (default 11)
          --folder DIR   measures over the *.bak files there; a folder that does not exist yet is filled and kept

        verify       Content of a large full backup the lab writes, paired with sha256sum on one processor; then on all of them.
          --size-gb N    gigabytes of content (default 1)
          --rounds N     pairs (default 7)
          --file FILE    measures over that backup instead

        lab-files    Measures nothing: fills a folder with fulls and logs of the lab, with and without CHECKSUM, for the damage tests of the reader.
          --folder DIR   the folder

        plan         Planning over headers in memory: 10 members, a mark each 15 minutes, a full each day, at 1, 2 and 4 times the size.
          --sets N       log files at the first size (default 13440: 14 days)
          --json FILE    writes every figure as JSON

        lab-size     Backup, restore and start of one big database: peak memory of the instance's process, throughput beside cp.
          --size-gb N    content of the database (default 5)
          --size-mb N    the same in MB
          --folder DIR   where there is room for four times that (default: the folder for temporary files)
          --json FILE    writes every figure as JSON
        """;

    private static async Task<int> Main(string[] arguments)
    {
        try
        {
            switch (arguments.Length > 0 ? arguments[0] : string.Empty)
            {
                case "layer":
                    return await LayerCommand.RunAsync(arguments, Console.Out);
                case "group-restore":
                    return await GroupRestore.RunAsync(arguments, Console.Out);
                case "drill-time":
                    return await DrillTime.RunAsync(arguments, Console.Out);
                case "headers":
                    return await HeadersCommand.RunAsync(arguments, Console.Out);
                case "verify":
                    return await VerifyCommand.RunAsync(arguments, Console.Out);
                case "lab-files":
                    LabBackups.WriteMixed(CommandLine.Parse(arguments, ["--folder"], []).Required("--folder"));
                    return 0;
                case "plan":
                    return await PlanTime.RunAsync(arguments, Console.Out);
                case "lab-size":
                    return await LabSize.RunAsync(arguments, Console.Out);
                case "--help" or "-h" when arguments.Length == 1:
                    await Console.Out.WriteLineAsync(Help);
                    return 0;
                default:
                    throw new UsageException("A command is missing: layer, group-restore, drill-time, headers, verify, lab-files, plan or lab-size.");
            }
        }
        catch (UsageException wrong)
        {
            await Console.Error.WriteLineAsync(wrong.Message);
            await Console.Error.WriteLineAsync(Help);
            return 2;
        }
    }
}
