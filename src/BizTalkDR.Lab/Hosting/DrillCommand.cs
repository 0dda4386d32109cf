using System;
using System.IO;
using System.Threading.Tasks;
using BizTalkDR.Lab.Drill;

namespace BizTalkDR.Lab.Hosting;

/// <summary>The rehearsed recovery, from a running group to the proof.</summary>
internal static class DrillCommand
{
    /// <summary>Runs the drill; 0 only when every proof holds.</summary>
    public static async Task<int> RunAsync(DrillOptions options, TextWriter output)
    {
        if (options.KeepFolder is not null && Directory.Exists(options.KeepFolder) && Directory.GetFileSystemEntries(options.KeepFolder).Length > 0)
            throw new LabException($"The folder {options.KeepFolder} is not empty: choose another one.");

        Empty(options.JsonFile);
        await output.WriteLineAsync(LabBanner.Text).ConfigureAwait(false);
        using StopRequest stop = new();
        string folder = options.KeepFolder is null ? Directory.CreateTempSubdirectory("biztalkdr-drill-").FullName : Directory.CreateDirectory(options.KeepFolder).FullName;
        DrillConsole console = new(output, TimeProvider.System);
        try
        {
            DrillResult result = await new DrillRun(options.Seed, folder, console, TimeProvider.System).RunAsync(stop.Token).ConfigureAwait(false);
            console.Show(result);
            if (options.JsonFile is not null)
                await File.WriteAllTextAsync(options.JsonFile, result.ToJson()).ConfigureAwait(false);
            if (options.KeepFolder is not null)
                await output.WriteLineAsync($"All files are in {folder}.").ConfigureAwait(false);
            return result.Ok ? 0 : 1;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            await output.WriteLineAsync("Stopped. Nothing is proven.").ConfigureAwait(false);
            return 1;
        }
        finally
        {
            if (options.KeepFolder is null)
                Directory.Delete(folder, recursive: true);
        }
    }

    // Before the drill begins: a path nobody can write to is told at once, and a run that fails leaves no older result behind.
    private static void Empty(string? jsonFile)
    {
        try
        {
            if (jsonFile is not null)
                File.WriteAllText(jsonFile, string.Empty);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new LabException($"The result cannot be written to {jsonFile}: {refused.Message}", refused);
        }
    }
}
