using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Lists recovery points for an operator: what each needs, what it gives up, and how sure it is.</summary>
public static class RecoveryPointList
{
    /// <summary>Lists the points of a catalogue.</summary>
    /// <param name="catalogue">The files.</param>
    /// <param name="nowUtc">The time that ages are counted to.</param>
    /// <param name="folders">Where the files are.</param>
    /// <param name="recurse">Whether the folders of those folders were looked into.</param>
    /// <param name="rates">What restore times are predicted from; null for none.</param>
    /// <returns>The points, newest first; the first reachable one is the default.</returns>
    public static IReadOnlyList<RecoveryPoint> Of(BackupCatalogue catalogue, DateTime nowUtc, IReadOnlyList<string> folders, bool recurse = false, RestoreRates? rates = null)
    {
        IReadOnlyList<RecoveryPoint> points = RecoveryPoints.From(catalogue);
        var list = new List<RecoveryPoint>(points.Count);
        string[] marks = [.. points.Select(p => p.Mark)];
        bool found = false;
        for (int i = 0; i < points.Count; i++)
        {
            bool first = !found && points[i].IsReachable;
            found |= first;
            list.Add(points[i] with
            {
                Path = folders,
                Recurse = recurse,
                RestoreTime = rates is null ? null : RestoreForecast.Of(points[i], rates),
                Age = nowUtc - points[i].MarkTimeUtc,
                IsDefault = first,
                LosesMarks = new ArraySegment<string>(marks, 0, i),
                LosesAtLeast = points[0].MarkTimeUtc > points[i].MarkTimeUtc ? points[0].MarkTimeUtc - points[i].MarkTimeUtc : TimeSpan.Zero,
            });
        }

        return list;
    }

    /// <summary>Reads logs until the default point is confirmed, or all points when asked.</summary>
    /// <param name="catalogue">The files; learns what is read.</param>
    /// <param name="reader">Reads marks in logs.</param>
    /// <param name="all">Whether every point that is reachable by its names is confirmed.</param>
    /// <param name="log">Hears why a point is not what its names say.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static void Confirm(BackupCatalogue catalogue, IBackupMarkReader reader, bool all, IRecoveryLog log, CancellationToken cancellationToken = default)
    {
        var confirmation = new MarkConfirmation(catalogue, reader);
        foreach (RecoveryPoint point in RecoveryPoints.From(catalogue))
        {
            try
            {
                RecoveryPoint exact = confirmation.Confirm(point, false, cancellationToken);
                if (exact.IsReachable && !all)
                {
                    return;
                }
            }
            catch (RecoveryException error) when (error.Code is RecoveryError.MarkPositionUnknown)
            {
                log.Verbose($"{point.Mark}: {error.Message}");
            }
        }
    }
}
