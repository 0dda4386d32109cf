using System.Collections.Generic;
using System.Threading;

namespace BizTalkDR.Ports;

/// <summary>Reads what an instance remembers of backups.</summary>
public interface IBackupHistory
{
    /// <summary>Reads msdb's backup sets: full, differential and log, oldest first.</summary>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.PermissionDenied"/>: msdb may not be read.</exception>
    IReadOnlyList<RecordedSet> ReadRecordedBackups(CancellationToken cancellationToken = default);

    /// <summary>Reads msdb's history of marks.</summary>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.PermissionDenied"/>: msdb may not be read.</exception>
    IReadOnlyList<MarkHistoryRow> ReadRecordedMarks(CancellationToken cancellationToken = default);

    /// <summary>Reads the history that BizTalk's log shipping copied here.</summary>
    /// <returns>The rows; empty when the instance is no destination of log shipping.</returns>
    IReadOnlyList<HistoryRow> ReadShippedHistory(CancellationToken cancellationToken = default);
}

/// <summary>A backup set in msdb.</summary>
/// <param name="Path">First file of its medium.</param>
/// <param name="Header">What msdb knows of it: kind, names, LSNs, identity.</param>
public sealed record RecordedSet(string Path, BackupHeader Header);
