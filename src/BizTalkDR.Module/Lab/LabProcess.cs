using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Security;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Errors;

namespace BizTalkDR.Module.Lab;

/// <summary>Runs the lab as a child process and ends exactly that process.</summary>
/// <remarks>
/// The lab runs until its standard input closes, so it also ends when this PowerShell does. What it says at the start, the address
/// of each instance and the administrator's password included, it writes to <c>connection.json</c> in its folder, readable by this account alone.
/// </remarks>
internal static class LabProcess
{
    private static readonly Dictionary<int, Process> s_running = [];

    /// <summary>Starts a lab and waits until its instances answer.</summary>
    /// <param name="program">BizTalkDR.Lab.dll.</param>
    /// <param name="arguments">Arguments of its <c>serve</c> command.</param>
    /// <param name="folder">Folder of the lab.</param>
    /// <param name="onLine">Takes the lab's own messages.</param>
    /// <param name="cancellationToken">Stops waiting and ends the process.</param>
    /// <exception cref="RecoveryException">LabRuntimeMissing, LabStartFailed.</exception>
    public static BizTalkLab Start(string program, IReadOnlyList<string> arguments, string folder, Action<string> onLine, CancellationToken cancellationToken)
    {
        if (!File.Exists(program))
        {
            throw new RecoveryException(RecoveryError.LabStartFailed, program, $"The lab's program is not at '{program}'.");
        }

        Process process = Launch(CommandLineOf([program, "serve", "--folder", folder, "--until-stdin-closes", .. arguments]));
        try
        {
            WaitUntilReady(process, folder, onLine, cancellationToken);
            BizTalkLab lab = Read(Path.Combine(folder, "connection.json"), folder, process.Id);
            lock (s_running)
            {
                s_running[process.Id] = process;
            }

            return lab;
        }
        catch
        {
            using (process)
            {
                End(process, TimeSpan.Zero);
            }

            throw;
        }
    }

    /// <summary>Stops a lab this PowerShell started.</summary>
    /// <param name="lab">The lab.</param>
    /// <exception cref="RecoveryException">LabNotRunning: this PowerShell did not start it, or it has ended.</exception>
    public static void Stop(BizTalkLab lab)
    {
        Process? process;
        lock (s_running)
        {
            if (!s_running.TryGetValue(lab.ProcessId, out process))
            {
                throw new RecoveryException(RecoveryError.LabNotRunning, lab.Path, $"No lab with process id {lab.ProcessId} was started by this PowerShell, or it was stopped before.");
            }

            s_running.Remove(lab.ProcessId);
        }

        using (process)
        {
            End(process, TimeSpan.FromSeconds(30));
        }
    }

    private static Process Launch(string arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException("No process was started.");
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            throw new RecoveryException(RecoveryError.LabRuntimeMissing, "dotnet", "The lab could not be started: the command 'dotnet' was not found.", cause: e);
        }
    }

    private static void WaitUntilReady(Process process, string folder, Action<string> onLine, CancellationToken cancellationToken)
    {
        Task<string> errors = ToItsEnd(process.StandardError);
        using (cancellationToken.Register(() => End(process, TimeSpan.Zero)))
        {
            while (process.StandardOutput.ReadLine() is { } line)
            {
                if (string.Equals(line, "ready", StringComparison.Ordinal))
                {
                    // What it says later is of no use, but an unread pipe would fill up and hold the lab.
                    _ = ToItsEnd(process.StandardOutput);
                    return;
                }

                onLine(line);
            }

            process.WaitForExit();
        }

        cancellationToken.ThrowIfCancellationRequested();
        string said = string.Join(" ", errors.GetAwaiter().GetResult().Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
        throw new RecoveryException(RecoveryError.LabStartFailed, folder, $"The lab in '{folder}' did not start (exit code {process.ExitCode}). {said}".TrimEnd());
    }

    private static void End(Process process, TimeSpan patience)
    {
        try
        {
            process.StandardInput.Close();
            if (!process.WaitForExit((int)patience.TotalMilliseconds))
            {
                process.Kill();
                process.WaitForExit();
            }
        }
        catch (InvalidOperationException)
        {
            // It had ended by itself: that is what was wanted.
        }
    }

    private static BizTalkLab Read(string path, string folder, int processId)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        JsonElement root = document.RootElement;
        JsonElement[] instances = root.GetProperty("instances").EnumerateArray().ToArray();
        var password = new SecureString();
        foreach (char c in root.GetProperty("password").GetString() ?? string.Empty)
        {
            password.AppendChar(c);
        }

        password.MakeReadOnly();
        return new BizTalkLab
        {
            SqlInstance = instances.Select(i => i.GetProperty("address").GetString()!).ToArray(),
            ServerName = instances.Select(i => i.GetProperty("name").GetString()!).ToArray(),
            SqlCredential = new PSCredential(root.GetProperty("login").GetString()!, password),
            ManagementDatabase = root.GetProperty("managementDatabase").GetString()!,
            BackupFolder = root.GetProperty("backupFolder").GetString()!,
            Path = folder,
            Computer = ComputersOf(Path.Combine(folder, "computers")),
            ProcessId = processId,
        };
    }

    private static string[] ComputersOf(string folder) => Directory.Exists(folder) ? Directory.GetDirectories(folder).OrderBy(f => f, StringComparer.OrdinalIgnoreCase).ToArray() : [];

    private static Task<string> ToItsEnd(StreamReader reader) => Task.Run(reader.ReadToEnd, CancellationToken.None);

    // By the rules of the C runtime, which dotnet follows everywhere: a backslash means something only before a quotation mark.
    private static string CommandLineOf(IEnumerable<string> arguments)
    {
        var text = new StringBuilder();
        foreach (string argument in arguments)
        {
            text.Append(text.Length == 0 ? "\"" : " \"");
            int backslashes = 0;
            foreach (char c in argument)
            {
                text.Append('\\', c == '"' ? backslashes + 1 : 0).Append(c);
                backslashes = c == '\\' ? backslashes + 1 : 0;
            }

            text.Append('\\', backslashes).Append('"');
        }

        return text.ToString();
    }
}
