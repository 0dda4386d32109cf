using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Folder;

/// <summary>The Application log of a simulated computer: <c>events.jsonl</c>, one event a line, oldest first.</summary>
internal sealed class FolderEventLog(string path) : IEventLog
{
    public IReadOnlyList<LoggedEvent> Read(string source, IReadOnlyCollection<int> ids, int most = 1000)
    {
        if (!File.Exists(path))
            return [];
        return File.ReadAllLines(path).Select((l, i) => (Text: l, Number: i + 1)).Where(l => l.Text.Length > 0).Select(l => Event(l.Text, l.Number)).Reverse()
            .Where(e => string.Equals(e.Source, source, StringComparison.OrdinalIgnoreCase) && (ids.Count == 0 || ids.Contains(e.Id)))
            .OrderByDescending(e => e.TimeUtc).Take(most).ToList();
    }

    /// <summary>Puts an event at the end.</summary>
    public void Append(LoggedEvent entry)
    {
        byte[] line = Encoding.UTF8.GetBytes(FolderJson.Line(entry) + "\n");
        using FileStream stream = new(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        stream.Write(line, 0, line.Length);
    }

    private LoggedEvent Event(string text, int number)
    {
        try
        {
            if (FolderJson.Line<LoggedEvent>(text) is { Source: not null, Message: not null } read)
                return read;
        }
        catch (JsonException damaged)
        {
            throw Damaged(number, damaged.Message, damaged);
        }

        throw Damaged(number, "it is no event", null);
    }

    private RecoveryException Damaged(int number, string why, System.Exception? cause) =>
        new(RecoveryError.ComputerUnreachable, path, $"Line {number} of {path}, the event log of the simulated computer, is damaged: {why}.", null, cause);
}
