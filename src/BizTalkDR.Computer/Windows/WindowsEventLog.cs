using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Windows;

/// <summary>The Application log, by wevtutil.</summary>
internal sealed class WindowsEventLog(IExternalTools tools) : IEventLog
{
    public IReadOnlyList<LoggedEvent> Read(string source, IReadOnlyCollection<int> ids, int most = 1000)
    {
        ToolCommand command = EventCommands.Query(source, ids, most);
        ToolResult result = tools.Run(command);
        if (!result.Succeeded)
            throw new RecoveryException(RecoveryError.ToolFailed, command.ToString(), $"The Application log cannot be read: wevtutil ended with {result.ExitCode} and said: {(result.Output.Trim() + " " + result.ErrorOutput.Trim()).Trim()}");
        return EventText.Read(result.Output).OrderByDescending(e => e.TimeUtc).ToList();
    }
}
