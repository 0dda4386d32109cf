using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;

namespace BizTalkDR.Catalogue;

/// <summary>Puts sets into the order in which they were made where their stamps deceive: local time repeats an hour when the clock is set back.</summary>
internal static class SetOrder
{
    /// <summary>Corrects an order by stamps.</summary>
    /// <param name="sets">Sets in the order of their stamps; put in order in place.</param>
    /// <param name="backupsOf">The backups of a set.</param>
    /// <remarks>The log decides: where one member has a log in both sets, on one recovery fork, the higher LSN is the later.</remarks>
    public static void Correct<T>(List<T> sets, Func<T, IReadOnlyList<MediaBackup>> backupsOf)
    {
        List<(T Set, IReadOnlyList<MediaBackup> Backups)> ordered = sets.ConvertAll(s => (s, backupsOf(s)));
        for (int i = 1; i < ordered.Count; i++)
        {
            int at = i;
            while (at > 0 && IsLater(ordered[at - 1].Backups, ordered[at].Backups))
            {
                (ordered[at - 1], ordered[at]) = (ordered[at], ordered[at - 1]);
                at--;
            }
        }

        for (int i = 0; i < ordered.Count; i++)
        {
            sets[i] = ordered[i].Set;
        }
    }

    private static bool IsLater(IReadOnlyList<MediaBackup> left, IReadOnlyList<MediaBackup> right)
    {
        foreach (MediaBackup backup in left)
        {
            MediaBackup? other = right.FirstOrDefault(b => b.Member.Equals(backup.Member));
            if (other is not null && Comparable(backup.Header, other.Header))
            {
                return backup.Header.LastLsn > other.Header.LastLsn;
            }
        }

        return false;
    }

    private static bool Comparable(BackupHeader left, BackupHeader right) =>
        left.FamilyGuid == right.FamilyGuid && left.RecoveryForkGuid == right.RecoveryForkGuid && left.LastLsn != right.LastLsn;
}
