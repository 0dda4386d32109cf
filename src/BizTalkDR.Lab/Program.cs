using System;
using System.Reflection;
using System.Threading.Tasks;
using BizTalkDR.Lab.Group;
using BizTalkDR.Lab.Hosting;

namespace BizTalkDR.Lab;

/// <summary>The lab's command line. Exit codes: 0 done, 1 failed, 2 the command line is wrong.</summary>
internal static class Program
{
    private const string Help = """
        Usage: dotnet BizTalkDR.Lab.dll <command> [options]

        drill      Builds a sample group, runs business on it, backs it up, destroys it, restores it elsewhere and proves the result.
          --seed N             repeats a run (default 1)
          --json FILE          writes the result as JSON
          --keep DIR           keeps all files there

        serve      Starts the lab for any SQL client and prints the connection strings; Ctrl+C stops it.
          --folder DIR         builds the lab there, or opens the one that is there (default: a temporary folder, deleted at the end)
          --seed N             seed of the generated content (default 1)
          --instances A,B      network names of the two instances (default LABSQL1,LABSQL2)
          --size-kb N          generated content of each of the eight databases, in KB (default 256, at most 2621440: 20 GB in all)
          --scenario NAME      lets something go wrong once the lab runs, and proves that it has; list shows what there is
          --empty              starts the instances without a group: somewhere to restore to
          --agent              starts Agent jobs when their schedules are due, not only on request
          --until-stdin-closes stops when the input is closed, not on Ctrl+C, and prints no connection strings: for programs

        wipe       Sets a BizTalk computer of a lab up anew: Windows and BizTalk Server installed, nothing configured, everything else lost.
          --folder DIR         the lab
          --computer NAME      the computer (LABBTS1, LABBTS2)

        The password of sa is random. It is in connection.json in the lab's folder, which only its owner can read.

        --help     Prints this text.
        --version  Prints the version.
        """;

    private static async Task<int> Main(string[] arguments)
    {
        try
        {
            return await RunAsync(arguments).ConfigureAwait(false);
        }
        catch (UsageException wrong)
        {
            await Console.Error.WriteLineAsync(wrong.Message).ConfigureAwait(false);
            await Console.Error.WriteLineAsync("--help shows the commands and their options.").ConfigureAwait(false);
            return 2;
        }
        catch (Exception failure) when (failure is LabException or Faults.FaultException or BizTalkDR.Errors.RecoveryException or GroupBuildException or System.IO.IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(failure.Message).ConfigureAwait(false);
            return 1;
        }
    }

    private static async Task<int> RunAsync(string[] arguments)
    {
        switch (arguments.Length > 0 ? arguments[0] : string.Empty)
        {
            case "serve":
                return await ServeCommand.RunAsync(arguments, Console.In, Console.Out).ConfigureAwait(false);
            case "instance":
                return await InstanceCommand.RunAsync(arguments, Console.In, Console.Out, Console.Error).ConfigureAwait(false);
            case Computer.Tools.ComputerTools.ToolCommand or Computer.Tools.ComputerTools.ServiceCommand:
                return Computer.Tools.ComputerTools.Run(arguments, Console.In, Console.Out);
            case "wipe":
                return Computer.WipeCommand.Run(arguments, Console.Out);
            case "drill":
                return await DrillCommand.RunAsync(DrillOptions.Parse(arguments), Console.Out).ConfigureAwait(false);
            case "--help" or "-h" or "help" when arguments.Length == 1:
                await Console.Out.WriteLineAsync(LabBanner.Text + Environment.NewLine + Environment.NewLine + Help).ConfigureAwait(false);
                return 0;
            case "--version" when arguments.Length == 1:
                await Console.Out.WriteLineAsync(typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown").ConfigureAwait(false);
                return 0;
            case "":
                throw new UsageException("A command is missing: drill, serve or wipe.");
            default:
                throw new UsageException($"'{arguments[0]}' is no command of the lab.");
        }
    }
}
