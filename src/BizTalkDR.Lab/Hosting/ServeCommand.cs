using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Computer;
using BizTalkDR.Lab.Faults;
using BizTalkDR.Lab.Group;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Hosting;

/// <summary>Runs a practice lab for any SQL client until it is asked to stop.</summary>
internal static class ServeCommand
{
    private const string Empty = "--empty";
    private const string Agent = "--agent";
    private const string UntilInputCloses = "--until-stdin-closes";

    /// <summary>Line that says to a program that the lab can be used now.</summary>
    public const string ReadyLine = "ready";

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextReader input, TextWriter output)
    {
        CommandLine line = CommandLine.Parse(arguments, ["--folder", "--seed", "--instances", "--size-kb", "--scenario"], [Empty, Agent, UntilInputCloses]);
        if (string.Equals(line.Value("--scenario"), "list", StringComparison.OrdinalIgnoreCase))
        {
            foreach (LabFault known in FaultCatalogue.All)
                await output.WriteLineAsync($"{known.Name,-18}{known.Summary}").ConfigureAwait(false);
            return 0;
        }

        LabFault? fault = line.Value("--scenario") is not { } scenario
            ? null
            : FaultCatalogue.Find(scenario) ?? throw new UsageException($"There is no scenario '{scenario}'; --scenario list shows them.");
        int seed = line.Number("--seed", 1, 0, int.MaxValue);
        int sizeKb = line.Number("--size-kb", 256, 0, 2560 * 1024);
        string[] names = (line.Value("--instances") ?? "LABSQL1,LABSQL2").Split(',', StringSplitOptions.TrimEntries);
        if (names.Length != 2)
            throw new UsageException("--instances needs two names, separated by a comma.");

        bool isChild = line.Has(UntilInputCloses);
        using StopRequest stop = new(hearsInterrupt: !isChild);
        if (isChild)
            _ = EndOfInput.OfAsync(input).ContinueWith(_ => stop.Stop(), TaskScheduler.Default);
        string? chosen = line.Value("--folder");
        string path = chosen ?? Directory.CreateTempSubdirectory("biztalkdr-lab-").FullName;
        try
        {
            LabFolder folder = OpenOrCreate(line, path, names, seed);
            await ServeAsync(folder, line, sizeKb, fault, output, stop.Token).ConfigureAwait(false);
            return 0;
        }
        catch (Exception failure) when (stop.Token.IsCancellationRequested && failure is OperationCanceledException or GroupBuildException or SqlException or LabException)
        {
            // The terminal sends Ctrl+C to the instances as well: building may fail before the request to stop is noticed here.
            await output.WriteLineAsync("Stopped before the lab was ready.").ConfigureAwait(false);
            return 1;
        }
        finally
        {
            if (chosen is null)
            {
                Directory.Delete(path, recursive: true);
                await output.WriteLineAsync($"The temporary folder {path} is deleted.").ConfigureAwait(false);
            }
        }
    }

    private static LabFolder OpenOrCreate(CommandLine line, string path, string[] names, int seed)
    {
        if (!LabFolder.IsLab(path))
            return LabFolder.Create(path, names, seed, password: null);

        LabFolder folder = LabFolder.Open(path);
        foreach (string option in (string[])["--seed", "--instances", "--size-kb", Empty])
        {
            if (line.Has(option))
                throw new UsageException($"{option} is decided when a lab is made; {folder.FullPath} holds one already.");
        }

        return folder.IsBuilt
            ? folder
            : throw new LabException($"The lab in {folder.FullPath} was never finished: delete the folder and start again.");
    }

    private static async Task ServeAsync(LabFolder folder, CommandLine line, int sizeKb, LabFault? fault, TextWriter output, CancellationToken stop)
    {
        await output.WriteLineAsync(LabBanner.Text).ConfigureAwait(false);
        LabEnvironment environment = await LabEnvironment.StartAsync(folder, new LabEnvironmentOptions { SeparateProcesses = true, RunsAgent = line.Has(Agent) }, stop).ConfigureAwait(false);
        try
        {
            if (!folder.IsBuilt && line.Has(Empty))
                folder.MarkBuilt();
            else if (!folder.IsBuilt)
                await BuildAsync(environment, sizeKb, output, stop).ConfigureAwait(false);

            LabComputers.InstallTools(folder);
            await AskAllAsync(environment, stop).ConfigureAwait(false);
            using FaultTarget target = new(environment, folder.Seed);
            if (fault is not null)
                await output.WriteLineAsync("Scenario " + fault.Name + ": " + await fault.ApplyAsync(target, stop).ConfigureAwait(false)).ConfigureAwait(false);
            await AnnounceAsync(environment, line.Has(UntilInputCloses), output).ConfigureAwait(false);
            await Task.WhenAny(Task.Delay(Timeout.Infinite, stop)).ConfigureAwait(false);
        }
        finally
        {
            await environment.DisposeAsync().ConfigureAwait(false);
        }

        await output.WriteLineAsync("The lab is stopped.").ConfigureAwait(false);
    }

    private static async Task AskAllAsync(LabEnvironment environment, CancellationToken stop)
    {
        foreach ((string name, string connectionString) in environment.ConnectionStrings)
        {
            SqlConnection connection = new(connectionString);
            await using (connection.ConfigureAwait(false))
            {
                try
                {
                    await connection.OpenAsync(stop).ConfigureAwait(false);
                }
                catch (SqlException refused)
                {
                    throw new LabException($"Instance {name} runs but does not answer: {refused.Message}", refused);
                }
            }
        }
    }

    // What a program is told goes into its logs: it takes the password from the private file, an operator may read it here.
    private static async Task AnnounceAsync(LabEnvironment environment, bool isChild, TextWriter output)
    {
        LabFolder folder = environment.Folder;
        await output.WriteLineAsync($"Lab folder: {folder.FullPath}").ConfigureAwait(false);
        await output.WriteLineAsync($"Backups:    {folder.BackupFolder}").ConfigureAwait(false);
        foreach (string computer in LabComputers.Folders(folder))
            await output.WriteLineAsync($"Computer:   {computer}").ConfigureAwait(false);
        foreach (string name in folder.Instances)
            await output.WriteLineAsync($"{name}: {(isChild ? environment.Addresses[name] : environment.ConnectionStrings[name])}").ConfigureAwait(false);
        await output.WriteLineAsync(isChild ? ReadyLine : "Press Ctrl+C to stop.").ConfigureAwait(false);
        await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private static async Task BuildAsync(LabEnvironment environment, int sizeKb, TextWriter output, CancellationToken stop)
    {
        LabFolder folder = environment.Folder;
        GroupDefinition group = GroupDefinition.Default(folder.Instances[0], folder.Instances[1], sizeKb * 1024L);
        GroupBuilder builder = new(group, environment.ConnectionStrings, folder.Seed, what => output.WriteLine("Building " + what));
        await builder.BuildAsync(stop).ConfigureAwait(false);
        LabComputers.Create(folder, group, environment.ConnectionStrings, environment.Password);
        folder.MarkBuilt();
    }
}
