using System;
using System.Collections.Generic;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Configuration;

/// <summary>Runs tools, and gives them files in the computer's temporary folder that are gone afterwards.</summary>
internal sealed class ToolScratch(IComputer computer) : IDisposable
{
    private readonly List<string> _files = [];

    /// <summary>Gives the path of a file that does not exist yet.</summary>
    /// <param name="ending">How its name ends.</param>
    public string NewFile(string ending)
    {
        string path = computer.Files.Expand(@"%TEMP%\biztalkdr-" + Guid.NewGuid().ToString("N") + ending);
        _files.Add(path);
        return path;
    }

    /// <summary>Runs a tool.</summary>
    /// <param name="command">The command line.</param>
    /// <param name="isSuccess">Whether an exit code other than 0 is none of a failure.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.ToolFailed"/>, with what it said.</exception>
    public ToolResult Run(ToolCommand command, Func<int, bool>? isSuccess = null, CancellationToken cancellationToken = default)
    {
        ToolResult result = computer.Tools.Run(command, cancellationToken);
        if (result.Succeeded || isSuccess?.Invoke(result.ExitCode) == true)
            return result;
        throw new RecoveryException(RecoveryError.ToolFailed, command.ToString(), $"{command} ended with {result.ExitCode} on {computer.Name}. It said: {result.Said}");
    }

    public void Dispose() => _files.ForEach(computer.Files.Delete);
}
