using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Narrows down where in one fork's logs a mark may be that no file is named for.</summary>
internal static class MarkNeighbourhood
{
    /// <summary>Gives the logs to read.</summary>
    /// <param name="logs">Logs of one fork of one database.</param>
    /// <param name="mark">The mark looked for.</param>
    /// <param name="marksOf">The marks a log is known or named to hold.</param>
    /// <returns>Those between the nearest marks before and after it, and those whose names say nothing or do not fit.</returns>
    public static IEnumerable<MediaBackup> Of(IReadOnlyList<MediaBackup> logs, string mark, Func<MediaBackup, IEnumerable<string>> marksOf)
    {
        if (LogMark.TryParse(mark) is not { } wanted)
        {
            return logs;
        }

        var low = LogPosition.Zero;
        var high = new LogPosition(decimal.MaxValue);
        foreach (MediaBackup log in logs)
        {
            foreach (LogMark other in marksOf(log).Select(LogMark.TryParse).OfType<LogMark>())
            {
                if (other.Time < wanted.Time - RepeatedHour.Margin && log.Header.FirstLsn > low)
                {
                    low = log.Header.FirstLsn;
                }
                else if (other.Time > wanted.Time + RepeatedHour.Margin && log.Header.LastLsn < high)
                {
                    high = log.Header.LastLsn;
                }
            }
        }

        if (low > high)
        {
            // Names that were mixed up say "behind this one" of a later log and "before that one" of an earlier: reading all from one to the other shows which are wrong.
            (low, high) = (high, low);
        }

        return logs.Where(l => SaysNothing(l) || (l.Header.LastLsn >= low && l.Header.FirstLsn <= high));
    }

    private static bool SaysNothing(MediaBackup log) =>
        log.Mark is null || !string.Equals(log.Name!.Prefix, BackupFileName.PrefixOf(log.Header.ServerName, log.Header.DatabaseName), StringComparison.OrdinalIgnoreCase);
}
