using System;
using System.Collections.Generic;
using System.Threading;

namespace BizTalkDR.Ports;

/// <summary>One connection to one SQL Server instance, in master, in our words. Used by one thread at a time.</summary>
/// <remarks>
/// Queries throw <see cref="Errors.RecoveryException"/>; statements that change something return everything the server said and
/// leave the judgement to the caller, because success is what the messages say (3014 and no error), not the absence of an exception.
/// A lost connection always throws (<see cref="Errors.RecoveryError.ConnectionLost"/>): what the statement did is then unknown.
/// </remarks>
public interface ISqlInstance : IGroupDatabase, IBackupHistory, IBackupMedia, IRestoreDestination, IGroupUpkeep, IApplicationLocks, IMemberJobs, IGroupArtifacts, IReadinessSource, ITrackingSource, ISqlObjects, IEncryptionKeys, IAvailabilityGroups, IGroupActivity, IDisposable
{
    /// <summary>The address it was opened with.</summary>
    SqlInstanceAddress Address { get; }

    /// <summary>What the instance says about itself; read once.</summary>
    SqlInstanceIdentity Identity { get; }
}

/// <summary>Reads and drives the Management database.</summary>
public interface IGroupDatabase
{
    /// <summary>Reads what the Management database says about its group.</summary>
    GroupRecords ReadGroup(string managementDatabase, CancellationToken cancellationToken = default);

    /// <summary>Asks, from the Management instance, for the real name of the server behind a configured name, the way the product does.</summary>
    /// <returns>The real name; null when it cannot be reached.</returns>
    string? ResolveServerName(string managementDatabase, string configuredServer, string database, CancellationToken cancellationToken = default);

    /// <summary>Reads adm_BackupHistory rows with a set id above the given one, ordered by set id.</summary>
    IReadOnlyList<HistoryRow> ReadBackupHistory(string managementDatabase, long afterSetId, CancellationToken cancellationToken = default);

    /// <summary>Runs one of the group's procedures to its end, and ends a transaction it may have left open.</summary>
    StatementOutcome RunProcedure(GroupProcedureCall call, Action<ServerMessage>? onMessage, CancellationToken cancellationToken = default);

    /// <summary>Reads MarkLog of a database on this instance.</summary>
    MarkLogFacts ReadMarkLog(string database, string markName, CancellationToken cancellationToken = default);

    /// <summary>Reads msdb's history of marks.</summary>
    /// <returns>The row; null when there is none.</returns>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.PermissionDenied"/>: msdb may not be read.</exception>
    MarkHistoryRow? ReadMarkHistory(string database, string markName, CancellationToken cancellationToken = default);
}

/// <summary>Reads backup files through the server: paths are the server's.</summary>
public interface IBackupMedia
{
    /// <summary>Lists a folder.</summary>
    ServerFolder ListFolder(string folder, CancellationToken cancellationToken = default);

    /// <summary>RESTORE HEADERONLY.</summary>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.BackupMediaUnreadable"/>.</exception>
    IReadOnlyList<BackupHeader> ReadHeaders(string path, CancellationToken cancellationToken = default);

    /// <summary>RESTORE LABELONLY.</summary>
    /// <returns>The label; null when the server gives none.</returns>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.BackupMediaUnreadable"/>.</exception>
    MediaLabel? ReadLabel(string path, CancellationToken cancellationToken = default);

    /// <summary>RESTORE FILELISTONLY.</summary>
    /// <param name="paths">The file, or every stripe of the medium.</param>
    /// <param name="position">Backup set in the file, from 1.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.BackupMediaUnreadable"/>.</exception>
    IReadOnlyList<BackupDataFile> ReadFileList(IReadOnlyList<string> paths, int position, CancellationToken cancellationToken = default);

    /// <summary>RESTORE VERIFYONLY; demands checksums only when asked. Valid when it says 3262 and no error.</summary>
    StatementOutcome Verify(string path, int position, bool checksum, CancellationToken cancellationToken = default);
}

/// <summary>Restores and looks at databases.</summary>
public interface IRestoreDestination
{
    /// <summary>Reads those of the named databases that exist.</summary>
    IReadOnlyList<DatabaseFacts> ReadDatabases(IReadOnlyCollection<string> names, CancellationToken cancellationToken = default);

    /// <summary>Reads where the log of an open database ends.</summary>
    /// <returns>The LSN as the server writes it; null where the server cannot tell (before SQL Server 2016 SP2, without the right to, or not open).</returns>
    string? ReadLogEnd(string database, CancellationToken cancellationToken = default);

    /// <summary>Reads where roll-forward stands, one row per file; empty when there is no such database.</summary>
    IReadOnlyList<RedoFile> ReadRedoFiles(string database, CancellationToken cancellationToken = default);

    /// <summary>Runs one restore statement.</summary>
    /// <param name="statement">What to do.</param>
    /// <param name="onPercent">Called with 0 to 100 while it runs.</param>
    /// <param name="cancellationToken">Cancels the statement on the server.</param>
    StatementOutcome Restore(RestoreStatement statement, Action<int>? onPercent, CancellationToken cancellationToken = default);

    /// <summary>Backs up the tail of a database's log, with checksums.</summary>
    /// <param name="statement">What to do.</param>
    /// <param name="onPercent">Called with 0 to 100 while it runs.</param>
    /// <param name="cancellationToken">Cancels the statement on the server.</param>
    StatementOutcome BackUpTail(TailStatement statement, Action<int>? onPercent, CancellationToken cancellationToken = default);

    /// <summary>ALTER DATABASE … SET SINGLE_USER / RESTRICTED_USER / MULTI_USER WITH ROLLBACK IMMEDIATE.</summary>
    StatementOutcome SetAccess(string database, DatabaseAccess access, CancellationToken cancellationToken = default);

    /// <summary>ALTER DATABASE … MODIFY NAME; the files stay as they are.</summary>
    StatementOutcome Rename(string database, string name, CancellationToken cancellationToken = default);

    /// <summary>Reads the newest rows of msdb.dbo.restorehistory for a database, newest first.</summary>
    IReadOnlyList<RestoreHistoryRow> ReadRestoreHistory(string database, int rows, CancellationToken cancellationToken = default);

    /// <summary>Reads the newest log backup of a database that this instance took WITH NORECOVERY.</summary>
    /// <returns>The backup; null when msdb knows none.</returns>
    ClosingBackup? ReadClosingBackup(string database, CancellationToken cancellationToken = default);
}
