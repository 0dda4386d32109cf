using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Notices that the clock was set back around a mark: then a second transaction may bear the mark's name.</summary>
internal static class RepeatedHour
{
    /// <summary>A clock that is set back repeats at most an hour; within it stamps say nothing about order.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(61);

    /// <summary>Whether stamps go back near a mark while the log goes on.</summary>
    public static bool Contains(IReadOnlyList<MediaBackup> backups, string mark)
    {
        if (LogMark.TryParse(mark) is not { } wanted)
        {
            return false;
        }

        foreach (IGrouping<Guid, MediaBackup> fork in backups.Where(b => b.Header.Kind == MediaBackupKind.Log && b.Mark is not null).GroupBy(b => b.Header.RecoveryForkGuid))
        {
            MediaBackup? before = null;
            foreach (MediaBackup log in fork)
            {
                if (before is not null
                    && string.CompareOrdinal(log.Name!.Stamp, before.Name!.Stamp) <= 0
                    && LogMark.TimeOf(log.Name.Stamp) is { } low
                    && LogMark.TimeOf(before.Name.Stamp) is { } high
                    && wanted.Time >= low - Margin
                    && wanted.Time <= high + Margin)
                {
                    return true;
                }

                before = log;
            }
        }

        return false;
    }
}
