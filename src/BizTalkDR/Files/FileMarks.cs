using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.BackupFiles;
using BizTalkDR.Ports;
using Finding = BizTalkDR.Reports.Finding;
using FindingLevel = BizTalkDR.Reports.FindingLevel;
using Offline = BizTalkDR.BackupFiles;

namespace BizTalkDR.Files;

/// <summary>Reads the marks of a log backup and weighs them against the one that the file's name claims.</summary>
/// <remarks>
/// A mark that was found is there. A mark that was not found is missing only where the log was read without a gap in a layout that was checked against
/// real files with marks; anywhere else it stays offered, as unconfirmed.
/// </remarks>
public static class FileMarks
{
    /// <summary>Says what would turn an unconfirmed mark into a fact.</summary>
    public const string WhatConfirms =
        "RESTORE LOG with STOPATMARK to a scratch database, or the row in msdb.dbo.logmarkhistory of the server that placed it, would confirm it";

    /// <summary>Adds the marks of a log backup to its record; another kind of backup is given back as it is.</summary>
    /// <exception cref="BackupFileException">The file cannot be read again, or was changed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The reading was stopped.</exception>
    internal static FileBackup AddTo(FileBackup backup, CancellationToken cancellationToken)
    {
        if (backup.Header is not { } set || backup.Type is not (MediaBackupKind.Log or null))
        {
            return backup;
        }

        LogMarkReading reading = set.ReadMarks(cancellationToken);
        List<FileMark> marks = reading.Select(Seen).ToList();
        IEnumerable<Finding> findings = reading.Findings.Select(f => FileBackupBuilder.Translate(f, backup.Name));
        (FileMark? unconfirmed, Finding? about) = Weigh(backup.ClaimedMark, marks, reading.WhyAbsenceProvesNothing, backup.Name);
        if (unconfirmed is not null)
        {
            marks.Add(unconfirmed with { Support = backup.MarkSupport });
        }

        return backup with { Marks = marks, Findings = [.. backup.Findings, .. findings, .. about is null ? [] : new[] { about }] };
    }

    /// <summary>Weighs a claim against what was read.</summary>
    /// <param name="claimed">The mark that a name or a history claims; null for none.</param>
    /// <param name="seen">The marks that were read.</param>
    /// <param name="whyAbsenceProvesNothing">Why a mark that was not seen may be there all the same; null when it may not.</param>
    /// <param name="subject">The file.</param>
    /// <returns>The claimed mark as an unconfirmed one when it may be there, and what to tell the operator.</returns>
    internal static (FileMark? Unconfirmed, Finding? About) Weigh(string? claimed, IReadOnlyList<FileMark> seen, string? whyAbsenceProvesNothing, string subject)
    {
        if (claimed is null || seen.Any(m => string.Equals(m.Name, claimed, StringComparison.Ordinal)))
        {
            return (null, null);
        }

        if (whyAbsenceProvesNothing is { } why)
        {
            string note = $"The file's name claims the mark '{claimed}'. It was not seen, which proves nothing: {why}. {WhatConfirms}.";
            return (new FileMark(claimed, MarkEvidence.Unconfirmed, note), new Finding(FindingLevel.Warning, subject, note));
        }

        string others = seen.Count == 0 ? "holds no mark" : $"holds {string.Join(", ", seen.Select(m => $"'{m.Name}'"))}";
        return (null, new Finding(FindingLevel.Warning, subject, $"The file's name claims the mark '{claimed}', but its log was read to the end and {others}."));
    }

    private static FileMark Seen(Offline.LogMark mark)
    {
        string note = mark.BeginSeen ? "marked commit read from the log, with its beginning" : "marked commit read from the log; its beginning is in an earlier backup";
        return new FileMark(mark.Name, MarkEvidence.Seen, note)
        {
            Lsn = mark.Lsn.ToDecimal(),
            NextLsn = mark.NextLsn?.ToDecimal(),
            TimeLocal = mark.TimeLocal.IsKnown ? mark.TimeLocal.Value : null,
            Support = mark.Support,
        };
    }
}
