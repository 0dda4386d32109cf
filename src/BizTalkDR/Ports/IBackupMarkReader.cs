using System;
using System.Collections.Generic;
using System.Threading;

namespace BizTalkDR.Ports;

/// <summary>Finds where a transaction mark stands in a log backup, without a server.</summary>
public interface IBackupMarkReader
{
    /// <summary>Finds the first commit that carries the mark.</summary>
    /// <param name="path">The backup file, as the product sees it.</param>
    /// <param name="position">Backup set in the file, from 1.</param>
    /// <param name="markName">Name of the mark.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>The position, or null when the log was read to its end and does not hold the mark.</returns>
    /// <exception cref="Errors.RecoveryException">
    /// <see cref="Errors.RecoveryError.BackupMediaUnreadable"/>: the log could not be read, so nothing is known;
    /// <see cref="Errors.RecoveryError.MarkUnconfirmed"/>: the mark was not seen, and that does not prove that it is not there.
    /// </exception>
    MarkPosition? Find(string path, int position, string markName, CancellationToken cancellationToken = default);

    /// <summary>Reads every mark of a log.</summary>
    /// <param name="path">The backup file, as the product sees it.</param>
    /// <param name="position">Backup set in the file, from 1.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.BackupMediaUnreadable"/>: the log could not be read, so nothing is known.</exception>
    MarkReading Read(string path, int position, CancellationToken cancellationToken = default);
}

/// <summary>The marks of a log.</summary>
/// <param name="Marks">Name and position, in log order; those whose position could not be bounded are left out.</param>
/// <param name="WhyAbsenceProvesNothing">Why a mark that is not among them may be there all the same; null when it may not.</param>
public sealed record MarkReading(IReadOnlyList<(string Name, MarkPosition Position)> Marks, string? WhyAbsenceProvesNothing);

/// <summary>How sure a mark's position is.</summary>
public enum MarkCertainty
{
    /// <summary>Derived from something else than the log record.</summary>
    Inferred,

    /// <summary>Recorded by the server that placed the mark (msdb.dbo.logmarkhistory).</summary>
    Recorded,

    /// <summary>Read from the commit record in the log itself.</summary>
    Exact,
}

/// <summary>Where a mark stands in a log.</summary>
/// <param name="Lsn">The commit of the marked transaction.</param>
/// <param name="NextLsn">The record right behind it: roll-forward that stopped at the mark has not gone beyond this.</param>
/// <param name="Certainty">How sure this is.</param>
/// <param name="Statement">The same in words, for reports.</param>
public sealed record MarkPosition(LogPosition Lsn, LogPosition NextLsn, MarkCertainty Certainty, string Statement)
{
    /// <summary>Time of the commit as the source server's clock showed it (local time); null when not known.</summary>
    public DateTime? MarkedLocal { get; init; }
}
