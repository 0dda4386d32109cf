using System;
using System.Linq;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Chooses the recovery point: the one asked for, or the newest that every member can reach and whose mark was read in every member's log.</summary>
internal sealed class RecoveryPointChooser
{
    private readonly BackupCatalogue _catalogue;
    private readonly MarkConfirmation _confirmation;
    private readonly IRecoveryLog _log;

    public RecoveryPointChooser(BackupCatalogue catalogue, IBackupMarkReader reader, IRecoveryLog log)
    {
        _catalogue = catalogue;
        _confirmation = new MarkConfirmation(catalogue, reader);
        _log = log;
    }

    /// <summary>Chooses.</summary>
    /// <param name="choice">What was asked for.</param>
    /// <param name="folders">Where the files are, for messages.</param>
    /// <param name="cancellationToken">Stops reading logs.</param>
    /// <exception cref="RecoveryException">What keeps the point asked for, or else the newest, from being reached.</exception>
    public RecoveryPoint Choose(PointChoice choice, string? folders, CancellationToken cancellationToken = default)
    {
        string? mark = choice.Mark;
        RecoveryException? newest = null;
        foreach (RecoveryPoint point in RecoveryPoints.Candidates(_catalogue, choice, folders))
        {
            try
            {
                RecoveryPoint exact = _confirmation.Confirm(point, everyFault: choice.IsOne || point.IsReachable, cancellationToken);
                if (exact.IsReachable)
                {
                    WarnOfClock(choice, exact);
                    return exact;
                }

                newest ??= RecoveryPoints.Unreachable(exact);
                if (point.IsReachable && !choice.IsOne)
                {
                    _log.Warning($"The mark {point.Mark} is not used: {RecoveryPoints.Unreachable(exact).Message}");
                }
            }
            catch (RecoveryException error) when (error.Code is not RecoveryError.OperationCancelled && !choice.IsOne)
            {
                _log.Warning($"The mark {point.Mark} {(error.Code is RecoveryError.MarkUnconfirmed ? "stays on offer, unconfirmed, and is not used now" : "is not used")}: {error.Message}");
                newest ??= error;
            }
        }

        throw newest is { Code: RecoveryError.LogMarkNotFound } && mark is not null && !_catalogue.Backups.Any(b => Holds(b, mark))
            ? new RecoveryException(RecoveryError.LogMarkNotFound, mark, $"No log backup carries the mark '{mark}'; the newest is '{_catalogue.Sets.LastOrDefault(s => s.Point is not null)?.Point ?? "none"}'.")
            : newest!;
    }

    /// <summary>Stamps are UTC by the group's default. Where they agree with the clock of the server that wrote the files, they may be local time.</summary>
    private void WarnOfClock(PointChoice choice, RecoveryPoint point)
    {
        BackupSet? set = RecoveryPoints.SetOf(_catalogue, point.Mark);
        if (choice.BeforeUtc is not null
            && set?.ManifestPath is null
            && LogMark.TryParse(point.Mark) is { } stamp
            && point.Chains.Any(c => (c.Last.Header.StartedLocal - stamp.Time).Duration() < TimeSpan.FromMinutes(10)))
        {
            _log.Warning($"-Before was compared with the stamp of {point.Mark} as UTC. The stamp agrees with the clock of the server that wrote the log: it is UTC only if that server runs on UTC, or the group's job uses UTC.");
        }
    }

    private bool Holds(MediaBackup backup, string mark) =>
        string.Equals(backup.Mark, mark, StringComparison.Ordinal) || _catalogue.MarksOf(backup).Marks.Any(m => string.Equals(m.Name, mark, StringComparison.Ordinal));
}
