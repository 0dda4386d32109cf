using System;
using System.Collections;
using System.Collections.Generic;
using System.Threading;
using BizTalkDR.BackupFiles.Format;
using BizTalkDR.BackupFiles.Images;

namespace BizTalkDR.BackupFiles;

/// <summary>
/// The marks in a set's log, read from the file while they are enumerated, and, once enumerated, what the reading says about marks it did not find.
/// </summary>
/// <remarks>Every enumeration reads anew. One reading is for one thread.</remarks>
public sealed class LogMarkReading : IEnumerable<LogMark>
{
    private readonly BackupSet _set;
    private readonly CancellationToken _cancellation;
    private List<Finding> _findings = [];

    internal LogMarkReading(BackupSet set, CancellationToken cancellation)
    {
        _set = set;
        _cancellation = cancellation;
    }

    /// <summary>True when the last enumeration went to the end of the set's log.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Log blocks read.</summary>
    public long BlockCount { get; private set; }

    /// <summary>Log records looked at.</summary>
    public long RecordCount { get; private set; }

    /// <summary>Damage met on the way; the reading went on behind it where it could.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>True when a mark that was not found is not there: the log was read without a gap, and the layout is verified for this version.</summary>
    public bool AbsenceIsEvidence => WhyAbsenceProvesNothing is null;

    /// <summary>Why a mark that was not found may be there all the same; <see langword="null"/> when it may not.</summary>
    public string? WhyAbsenceProvesNothing { get; private set; } = "the marks were not read to the end";

    /// <summary>Reads the marks.</summary>
    /// <exception cref="BackupFileException">The file cannot be opened again, or was changed since.</exception>
    /// <exception cref="OperationCanceledException">The reading was ended early.</exception>
    public IEnumerator<LogMark> GetEnumerator()
    {
        IsFinished = false;
        BlockCount = 0;
        RecordCount = 0;
        _findings = [];
        WhyAbsenceProvesNothing = "the marks were not read to the end";
        return Scan().GetEnumerator();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private IEnumerable<LogMark> Scan()
    {
        using BackupImage image = _set.File.OpenImage();
        var scan = new Log.MarkScan(_set, image, _findings, _cancellation);
        while (scan.TryNext(out LogMark? mark))
        {
            BlockCount = scan.BlockCount;
            RecordCount = scan.RecordCount;
            yield return mark!;
        }

        BlockCount = scan.BlockCount;
        RecordCount = scan.RecordCount;
        IsFinished = scan.ReachedEnd;
        WhyAbsenceProvesNothing = scan.WhyAbsenceProvesNothing();
    }
}
