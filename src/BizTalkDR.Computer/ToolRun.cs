using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer;

/// <summary>One run of a tool. Each answer is sent only when its prompt has been seen; after the last one standard input is closed, so that an unexpected prompt ends the tool instead of hanging it.</summary>
internal sealed class ToolRun(string program, ToolCommand command, IReadOnlyDictionary<string, string> environment)
{
    private static readonly TimeSpan s_end = TimeSpan.FromSeconds(30);
    private readonly ToolOutput _output = new(command.Answers);

    /// <exception cref="RecoveryException">ToolNotFound, ToolTimedOut, OperationCancelled.</exception>
    public ToolResult ToEnd(CancellationToken cancellationToken)
    {
        using Process process = Start();
        try
        {
            return Follow(process, cancellationToken);
        }
        finally
        {
            End(process);
        }
    }

    private ToolResult Follow(Process process, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(command.Timeout);
        Task output = Task.Run(() => _output.Follow(process.StandardOutput, process.StandardInput.BaseStream), CancellationToken.None);
        Task<string> errors = Task.Run(process.StandardError.ReadToEnd, CancellationToken.None);
        try
        {
            Task.WaitAll([output, errors, Task.Run(process.WaitForExit, CancellationToken.None)], limit.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new RecoveryException(RecoveryError.OperationCancelled, command.ToString(), $"Cancelled while this ran: {command}. It was ended; what it had done by then stays.");
        }
        catch (OperationCanceledException)
        {
            string missing = _output.Waiting is { } prompt ? $" It had not asked for '{prompt}'." : string.Empty;
            throw new RecoveryException(RecoveryError.ToolTimedOut, command.ToString(), $"This did not end within {command.Timeout}: {command}.{missing} It was ended. It said: {_output.Text.Trim()}");
        }

        return new ToolResult(process.ExitCode, _output.Text, _output.Masked(errors.Result));
    }

    private Process Start()
    {
        ProcessStartInfo start = new(program, ArgumentLine.Of(command.Arguments))
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (KeyValuePair<string, string> one in environment)
            start.Environment[one.Key] = one.Value;
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception refused)
        {
            throw new RecoveryException(RecoveryError.ToolNotFound, program, $"{program} could not be started: {refused.Message}", null, refused);
        }
    }

    private static void End(Process process)
    {
        try
        {
            if (process.HasExited)
                return;
#if NETFRAMEWORK
            process.Kill();
#else
            process.Kill(entireProcessTree: true);
#endif
            // Whoever is told that it was ended may rely on it.
            process.WaitForExit((int)s_end.TotalMilliseconds);
        }
        catch (InvalidOperationException)
        {
            // It ended by itself meanwhile.
        }
    }
}
