using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Reads databases that a restore may replace, with what tells whether those that are closed hold work of their own.</summary>
internal static class ExistingReader
{
    /// <summary>Reads one; null when it is not there.</summary>
    public static DatabaseFacts? Read(ISqlInstance instance, string name, CancellationToken cancellationToken) => Read(instance, [name], cancellationToken).FirstOrDefault();

    /// <summary>Reads those of the named databases that exist.</summary>
    public static IEnumerable<DatabaseFacts> Read(ISqlInstance instance, IReadOnlyCollection<string> names, CancellationToken cancellationToken) => instance.ReadDatabases(names, cancellationToken)
        .Select(d => d.IsRestoring || d.IsInStandby ? d with { Closed = ReadClosed(instance, d, cancellationToken) } : d);

    private static ClosedDatabase ReadClosed(ISqlInstance instance, DatabaseFacts database, CancellationToken cancellationToken)
    {
        List<RedoFile> data = instance.ReadRedoFiles(database.Name, cancellationToken).Where(f => !f.IsLog).ToList();
        bool isKnown = data.Count > 0 && data.TrueForAll(f => f.RedoStartLsn is not null);
        List<Guid?> forks = data.Select(f => f.RedoStartForkGuid).Distinct().ToList();
        RestoreHistoryRow? restored = Ask(() => instance.ReadRestoreHistory(database.Name, 8, cancellationToken).FirstOrDefault(r => r.Kind is 'D' or 'I' or 'L'));
        ClosingBackup? closing = Ask(() => instance.ReadClosingBackup(database.Name, cancellationToken));
        return new ClosedDatabase
        {
            IsContentUnknown = database.IsRestoring && data.Count > 0 && data.TrueForAll(f => f.RedoStartLsn is null),
            StandsAt = isKnown ? data.Max(f => f.RedoStartLsn!.Value) : null,

            // A database in standby is open, and tells its fork itself.
            ForkGuid = isKnown ? (forks.Count == 1 ? forks[0] : null) : database.IsInStandby ? database.RecoveryForkGuid : null,
            Restored = restored is null ? null : new RestoredBackup { RestoredLocal = restored.RestoredLocal, LastLsn = restored.LastLsn, ForkGuid = restored.ForkGuid },
            ClosedBy = closing is null ? null : closing with { IsThere = IsThere(instance, closing, cancellationToken) },
        };
    }

    private static bool IsThere(ISqlInstance instance, ClosingBackup backup, CancellationToken cancellationToken)
    {
        try
        {
            return instance.ReadHeaders(backup.Path, cancellationToken).Any(h => h.BackupSetGuid == backup.BackupSetGuid);
        }
        catch (RecoveryException error) when (error.Code is not (RecoveryError.OperationCancelled or RecoveryError.ConnectionLost))
        {
            return false;
        }
    }

    /// <summary>What msdb may not be asked proves nothing.</summary>
    private static T? Ask<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.PermissionDenied or RecoveryError.StatementFailed)
        {
            return null;
        }
    }
}
