using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Files;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Turns what file names say about a recovery point into what the logs say, by reading as few logs as that takes.</summary>
internal sealed class MarkConfirmation
{
    private readonly BackupCatalogue _catalogue;
    private readonly IBackupMarkReader _reader;
    private readonly HashSet<MediaBackup> _tried = new(ReferenceComparer.Instance);

    public MarkConfirmation(BackupCatalogue catalogue, IBackupMarkReader reader)
    {
        _catalogue = catalogue;
        _reader = reader;
    }

    /// <summary>Confirms a point.</summary>
    /// <param name="point">The point by what is known so far.</param>
    /// <param name="everyFault">Whether to look for a way around any fault; otherwise only a mark that no file is named for is looked for.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>The point by what is known then: every chain's mark was read in its log, or there is a fault. A quiesced point is proven by its manifest; there is nothing to read.</returns>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.MarkPositionUnknown"/>: a log that must hold the mark could not be read.</exception>
    public RecoveryPoint Confirm(RecoveryPoint point, bool everyFault, CancellationToken cancellationToken)
    {
        if (point.Kind == RecoveryPointKind.Quiesced)
        {
            return point;
        }

        // Every round reads at least one more log or ends.
        while (true)
        {
            List<MediaBackup> unread = NextToRead(point, everyFault).Where(l => !_catalogue.MarksOf(l).IsComplete && !_tried.Contains(l)).ToList();
            if (unread.Count == 0)
            {
                RefuseUnknown(point);
                return point;
            }

            foreach (MediaBackup log in unread)
            {
                cancellationToken.ThrowIfCancelled(point.Mark, "Looking for the mark");
                Read(log);
            }

            point = RecoveryPoints.Again(_catalogue, point);
        }
    }

    private IEnumerable<MediaBackup> NextToRead(RecoveryPoint point, bool everyFault)
    {
        if (point.IsReachable)
        {
            // Every log that may hold the mark, not only the chosen one: the name of the mark may occur twice.
            IEnumerable<MediaBackup> candidates = point.Chains.SelectMany(c => _catalogue.LogsFor(c.Member, point.Mark).Where(l => l.IsUsable).Concat(c.Turns.Keys));
            return point.Chains.Any(c => RepeatedHour.Contains(_catalogue.ChainsOf(c.Member).Backups, point.Mark))
                ? candidates.Concat(point.Chains.SelectMany(c => Neighbours(c.Member, point.Mark)))
                : candidates.Concat(point.Chains.Where(c => WasNotSeen(c.Last, point.Mark)).SelectMany(c => Neighbours(c.Member, point.Mark)));
        }

        List<ChainFault> curable = point.Faults.Where(f => everyFault || f.Code == RecoveryError.LogMarkNotFound).ToList();
        return curable.Count < point.Faults.Count ? [] : curable.SelectMany(f => Around(f.Member, point.Mark));
    }

    /// <summary>Whether a log was read and did not show the mark it is named for: the mark may be in another, whose name is wrong too.</summary>
    private bool WasNotSeen(MediaBackup log, string mark) => _catalogue.MarksOf(log).WasRead && _catalogue.PositionOf(log, mark) is null;

    /// <summary>The logs in which the mark of a member may be though no file is named for it: those around its time, and those with names that say nothing.</summary>
    private IEnumerable<MediaBackup> Around(MemberKey member, string mark)
    {
        IEnumerable<MediaBackup> named = _catalogue.LogsFor(member, mark).Where(l => l.IsUsable && !_catalogue.MarksOf(l).IsComplete && !_tried.Contains(l));
        if (named.Any())
        {
            return named;
        }

        return Neighbours(member, mark);
    }

    private IEnumerable<MediaBackup> Neighbours(MemberKey member, string mark)
    {
        IEnumerable<MediaBackup> logs = _catalogue.ChainsOf(member).Backups.Where(b => b.Header.Kind == MediaBackupKind.Log && b.IsUsable && !b.Header.HasBulkLoggedData);
        return logs.GroupBy(l => l.Header.RecoveryForkGuid).SelectMany(fork => MarkNeighbourhood.Of([.. fork], mark, MarksOrName));
    }

    private IEnumerable<string> MarksOrName(MediaBackup log)
    {
        MarkKnowledge known = _catalogue.MarksOf(log);
        return known.Marks.Count > 0 || known.IsComplete ? known.Marks.Select(m => m.Name) : log.Mark is { } name ? [name] : [];
    }

    private void Read(MediaBackup log)
    {
        _tried.Add(log);
        try
        {
            MarkReading reading = _reader.Read(log.Path, log.Header.Position);
            _catalogue.Learn(log, new MarkKnowledge(
                [.. reading.Marks.Select(m => new KnownMark(m.Name, m.Position, MarkSource.LogContents))], reading.WhyAbsenceProvesNothing is null)
            {
                WasRead = true,
                WhyUnknown = reading.WhyAbsenceProvesNothing,
            });
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.BackupMediaUnreadable)
        {
            _catalogue.Learn(log, MarkKnowledge.None with { WhyUnknown = error.Message });
        }
    }

    /// <summary>A chain whose mark nobody saw cannot be proven at the gate, so it is none.</summary>
    private void RefuseUnknown(RecoveryPoint point)
    {
        if (!point.IsReachable)
        {
            return;
        }

        foreach (MemberChain chain in point.Chains)
        {
            if (_catalogue.PositionOf(chain.Last, point.Mark) is null)
            {
                throw Unknown(chain.Last, point.Mark);
            }

            foreach (KeyValuePair<MediaBackup, KnownMark> turn in chain.Turns.Where(t => t.Value.Position is null))
            {
                throw Unknown(turn.Key, turn.Value.Name);
            }
        }
    }

    private RecoveryException Unknown(MediaBackup log, string mark)
    {
        MarkKnowledge known = _catalogue.MarksOf(log);
        return known.WasRead
            ? new RecoveryException(
                RecoveryError.MarkUnconfirmed,
                log.Path,
                $"The mark '{mark}' was not seen in {log}, which proves nothing: {known.WhyUnknown}. {FileMarks.WhatConfirms}. Until then nothing could prove that a restore of {log.Member} stops there, so none is begun.")
            : new RecoveryException(RecoveryError.MarkPositionUnknown, log.Path, $"Where the mark '{mark}' stands in {log} could not be read: {known.WhyUnknown ?? "nobody could say"}");
    }
}
