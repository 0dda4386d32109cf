using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Folder;

/// <summary>The Application log of a simulated computer: <c>events.jsonl</c>, one event a line, oldest first.</summary>
internal sealed class FolderEventLog(string path) : IEventLog
{
    public IReadOnlyList<LoggedEvent> Read(string source, IReadOnlyCollection<int> ids, int most = 1000)
    {
        if (!File.Exists(path))
            return [];
        return File.ReadAllLines(path).Where(l => l.Length > 0).Select(FolderJson.Line<LoggedEvent>).Reverse()
            .Where(e => string.Equals(e.Source, source, StringComparison.OrdinalIgnoreCase) && (ids.Count == 0 || ids.Contains(e.Id)))
            .OrderByDescending(e => e.TimeUtc).Take(most).ToList();
    }
}
