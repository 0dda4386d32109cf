using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;

namespace BizTalkDR.Computer.Folder;

/// <summary>Runs the program of a simulated service.</summary>
internal static class FolderProgram
{
    /// <summary>Gives what it said when it did not end with 0; null when it did.</summary>
    public static string? Run(string folder, string name, string argument, TimeSpan timeout)
    {
        string program = Path.Combine(folder, "tools", "services", name + (Path.DirectorySeparatorChar == '\\' ? ".cmd" : string.Empty));
        ProcessStartInfo start = new(program, argument)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[FolderTools.FolderVariable] = folder;
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit((int)timeout.TotalMilliseconds))
            {
                process.Kill();
                process.WaitForExit();
                return $"it did not respond in a timely fashion (1053; {timeout})";
            }

            string said = (output.Result.Trim() + " " + errors.Result.Trim()).Trim();
            return process.ExitCode == 0 ? null : said.Length > 0 ? said : $"its program ended with {process.ExitCode}";
        }
        catch (Win32Exception missing)
        {
            return $"its program could not be started: {missing.Message}";
        }
    }
}
