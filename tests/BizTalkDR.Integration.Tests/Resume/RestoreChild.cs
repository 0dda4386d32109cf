using System;
using System.Diagnostics;
using System.IO;
using System.Text.Json;
using System.Threading.Tasks;
using BizTalkDR.RestoreProcess;
using Xunit;

namespace BizTalkDR.Integration.Tests.Resume;

/// <summary>How a restore in a process of its own came to its end.</summary>
/// <param name="ExitCode">0 done, 3 an error of the catalogue, 137 killed.</param>
/// <param name="Said">What it printed.</param>
internal sealed record RestoreEnd(int ExitCode, string Said)
{
    public bool WasKilled => ExitCode == 137;
}

/// <summary>Runs restores in processes of their own.</summary>
internal static class RestoreChild
{
    /// <summary>Runs an order to its end, which may be sudden.</summary>
    /// <param name="folder">For the order's file.</param>
    /// <param name="order">What to do.</param>
    /// <param name="password">Of the login.</param>
    /// <param name="fileBlocks">Largest file it may write, in blocks of 1024 bytes; 0 = no limit.</param>
    public static async Task<RestoreEnd> RunAsync(string folder, RestoreOrder order, string password, int fileBlocks = 0)
    {
        string file = Path.Combine(folder, Guid.NewGuid().ToString("N") + ".order.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(order));
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        ProcessStartInfo start = new(fileBlocks == 0 ? host : "bash") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (fileBlocks > 0)
        {
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add($"trap '' XFSZ; ulimit -f {fileBlocks.ToString(System.Globalization.CultureInfo.InvariantCulture)}; exec \"$0\" \"$@\"");
            start.ArgumentList.Add(host);
        }

        foreach (string argument in (string[])["exec", typeof(RestoreOrder).Assembly.Location, file])
            start.ArgumentList.Add(argument);
        start.Environment[RestoreOrder.PasswordVariable] = password;

        // Its diagnostics would write files of their own, and so would the protection of its code, on which the limit counts too.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        if (fileBlocks > 0)
            start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        using Process process = Process.Start(start)!;
        Task<string> said = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        string all = (await said + await errors).Trim();
        Assert.True(process.ExitCode is 0 or 3 or 137, $"exit code {process.ExitCode}: {all}");
        return new RestoreEnd(process.ExitCode, all);
    }
}
