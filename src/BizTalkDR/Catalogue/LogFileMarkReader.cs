using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Files;
using BizTalkDR.Ports;
using Offline = BizTalkDR.BackupFiles;

namespace BizTalkDR.Catalogue;

/// <summary>Finds marks by reading the log inside a backup file, without a server.</summary>
/// <remarks>Takes marked commits only, never the mere text of a name: old memory and the rows of MarkLog hold it too (facts: backup-file-format.md §9).</remarks>
public sealed class LogFileMarkReader : IBackupMarkReader
{
    private readonly IBlobStore? _blobs;

    /// <summary>Creates a reader.</summary>
    /// <param name="blobs">Opens what a URL names; null when URLs are not read.</param>
    public LogFileMarkReader(IBlobStore? blobs = null) => _blobs = blobs;

    /// <inheritdoc/>
    public MarkPosition? Find(string path, int position, string markName, CancellationToken cancellationToken = default) => Guarded<MarkPosition?>(path, $"Looking for the mark '{markName}'", () =>
    {
        using Stream? blob = BlobOf(path, cancellationToken);
        Offline.LogMarkReading marks = SetOf(path, blob, position, cancellationToken).ReadMarks(cancellationToken);
        Offline.LogMark? mark = marks.FirstOrDefault(m => string.Equals(m.Name, markName, StringComparison.Ordinal));
        if (mark is not null)
        {
            return PositionOf(path, mark);
        }

        return marks.WhyAbsenceProvesNothing is { } why
            ? throw new RecoveryException(RecoveryError.MarkUnconfirmed, path, $"The mark '{markName}' was not seen in '{path}', which proves nothing: {why}. {FileMarks.WhatConfirms}.")
            : null;
    });

    /// <inheritdoc/>
    public MarkReading Read(string path, int position, CancellationToken cancellationToken = default) => Guarded(path, "Reading the marks", () =>
    {
        using Stream? blob = BlobOf(path, cancellationToken);
        Offline.LogMarkReading reading = SetOf(path, blob, position, cancellationToken).ReadMarks(cancellationToken);
        List<Offline.LogMark> all = reading.ToList();
        List<(string, MarkPosition)> placed = all.Where(m => m.NextLsn is not null).Select(m => (m.Name, PositionOf(path, m))).ToList();
        string? why = placed.Count < all.Count ? "what follows one of its marks cannot be read" : reading.WhyAbsenceProvesNothing;
        return new MarkReading(placed, why);
    });

    private Stream? BlobOf(string path, CancellationToken cancellationToken) => _blobs is not null && BlobUrl.Is(path) ? _blobs.Open(path, cancellationToken) : null;

    private static Offline.BackupSet SetOf(string path, Stream? blob, int position, CancellationToken cancellationToken)
    {
        Offline.BackupFile file = blob is null ? Offline.BackupFile.Open(path, cancellation: cancellationToken) : Offline.BackupFile.Open(blob, path, cancellation: cancellationToken);
        return file.Sets.FirstOrDefault(s => s.Position == position) ?? throw Unreadable(path, $"it holds {file.Sets.Count} backup sets, not one at position {position}", null);
    }

    private static T Guarded<T>(string path, string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Offline.BackupFileException error)
        {
            throw Unreadable(path, error.Message, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, error.Message, error);
        }
        catch (OperationCanceledException error)
        {
            throw new RecoveryException(RecoveryError.OperationCancelled, path, $"{what} in '{path}' was cancelled.", cause: error);
        }
    }

    private static MarkPosition PositionOf(string path, Offline.LogMark mark)
    {
        if (mark.NextLsn is not { } next)
        {
            throw Unreadable(path, $"the mark '{mark.Name}' is there, but what follows it cannot be read, so an overshoot could not be noticed", null);
        }

        string behind = mark.NextLsnKind switch
        {
            Offline.NextLsnKind.SameBlock => "the next record of its log block follows",
            Offline.NextLsnKind.NextBlock => "the first record of the next log block follows",
            _ => "it is the last record of the backup, whose LastLSN bounds it",
        };
        return new MarkPosition(
            new LogPosition(mark.Lsn.ToDecimal()),
            new LogPosition(next.ToDecimal()),
            MarkCertainty.Exact,
            $"marked commit read from the log file; {behind}")
        {
            MarkedLocal = mark.TimeLocal.IsKnown ? mark.TimeLocal.Value : null,
        };
    }

    private static RecoveryException Unreadable(string path, string why, Exception? cause) =>
        new(RecoveryError.BackupMediaUnreadable, path, $"The log in '{path}' could not be read: {why}", cause: cause);
}
