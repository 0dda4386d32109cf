using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Windows;

/// <summary>Command lines of wevtutil.</summary>
/// <remarks>https://learn.microsoft.com/windows-server/administration/windows-commands/wevtutil; the query is XPath as in https://learn.microsoft.com/windows/win32/wes/consuming-events.</remarks>
internal static class EventCommands
{
    /// <exception cref="ArgumentException">The source cannot stand in a query.</exception>
    public static ToolCommand Query(string source, IEnumerable<int> ids, int most)
    {
        if (source.IndexOfAny(['\'', '"']) >= 0)
            throw new ArgumentException("No source of events has quotation marks.", nameof(source));
        string wanted = string.Join(" or ", ids.Select(i => "EventID=" + i.ToString(CultureInfo.InvariantCulture)));
        string query = $"*[System[Provider[@Name='{source}']{(wanted.Length == 0 ? string.Empty : $" and ({wanted})")}]]";
        return new ToolCommand(ExternalTool.WevtUtil, ["qe", "Application", "/q:" + query, "/c:" + most.ToString(CultureInfo.InvariantCulture), "/rd:true", "/f:RenderedXml", "/e:Events"]);
    }
}
