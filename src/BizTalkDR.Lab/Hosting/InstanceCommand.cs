using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Faults;

namespace BizTalkDR.Lab.Hosting;

/// <summary>Runs one instance of an existing lab in this process: the program that <see cref="ChildInstance"/> starts.</summary>
/// <remarks>Prints one ready line; stops when its input is closed or the system asks it to. Whoever started it and dies closes that input too.</remarks>
internal static class InstanceCommand
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextReader input, TextWriter output, TextWriter errors)
    {
        CommandLine line = CommandLine.Parse(arguments, ["--lab", "--name", "--port"], [ChildInstance.AgentOption]);
        LabFolder folder = LabFolder.Open(line.Required("--lab"));
        string name = line.Required("--name");
        if (!folder.Instances.Contains(name, StringComparer.Ordinal))
            throw new UsageException($"The lab in {folder.FullPath} has no instance '{name}'.");

        using StopRequest stop = new(hearsInterrupt: false);
        LabStorage storage = new();
        SuddenEnd? end = SuddenEnd.FromEnvironment(storage);
        MovedClock clock = new();
        InstanceOrders orders = new(storage, clock);
        InstanceOptions options = new() { ServerName = name, Folder = folder.InstanceFolder(name), Storage = storage, Clock = clock };
        InstanceHost host = InstanceHost.Start(
            options,
            LabDirectory.Open(folder.DirectoryFile),
            folder.ReadPassword(),
            folder.FullPath,
            fault => errors.WriteLine(fault),
            line.Number("--port", 0, 0, ushort.MaxValue));
        await using (host.ConfigureAwait(false))
        {
            if (line.Has(ChildInstance.AgentOption))
                host.Server.Schedules.Start();
            await output.WriteLineAsync(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{ChildInstance.ReadyWord} {name} {host.Port}")).ConfigureAwait(false);
            await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            await Task.WhenAny(EndOfInput.OfAsync(input, line => Answer(output, end?.Follow(line) ?? orders.Follow(line))), Task.Delay(Timeout.Infinite, stop.Token)).ConfigureAwait(false);
        }

        return 0;
    }

    private static void Answer(TextWriter output, string? text)
    {
        if (text is null)
            return;
        output.WriteLine(text);
        output.Flush();
    }
}
