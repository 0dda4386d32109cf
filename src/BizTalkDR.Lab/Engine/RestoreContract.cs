using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

// CONTRACT between the store (LabDatabase, LabInstance) and the backup engine.

/// <summary>Identity and settings a RESTORE DATABASE takes from the backup header.</summary>
public sealed record RestoredIdentity(
    Guid FamilyGuid, Guid DatabaseGuid, Guid RecoveryForkGuid, DateTime CreateDate, RecoveryModel RecoveryModel, string Collation, byte CompatibilityLevel)
{
    /// <summary>Checkpoint and set id of the full backup, which stays the differential base; zero and empty for a copy-only backup.</summary>
    public Lsn BaseCheckpointLsn { get; init; }

    public Guid BaseSetGuid { get; init; }

    public IReadOnlyList<FileGroupEntry> FileGroups { get; init; } = [FileGroupEntry.PrimaryGroup];

    public DatabaseEncryption? Encryption { get; init; }
}

/// <summary>What a full backup needs of a running database.</summary>
public interface IDatabaseSnapshot : IDisposable
{
    /// <summary>LSN of the checkpoint that began the backup.</summary>
    Lsn CheckpointLsn { get; }

    /// <summary>Where redo must start: the oldest begin of a transaction active at the checkpoint, or the checkpoint itself.</summary>
    Lsn FirstLsn { get; }

    /// <summary>The pages of each data file, as of the checkpoint (committed rows only).</summary>
    /// <param name="since">Only extents with a page written after this checkpoint; null = all.</param>
    IReadOnlyList<SnapshotFile> Files(Lsn? since = null);

    /// <summary>Whether the page holds something: only then its checksum means anything.</summary>
    bool IsUsed(int page);
}

/// <summary>What a differential backup brings.</summary>
/// <param name="Numbers">Pages it holds.</param>
/// <param name="Pages">The pages.</param>
/// <param name="PageCounts">Pages each data file has, by file id.</param>
/// <param name="BaseLsn">Checkpoint of its base.</param>
/// <param name="RedoLsn">Where redo begins.</param>
/// <param name="Fork">Recovery fork it lies on.</param>
/// <param name="AcceptDamage">Whether a damaged page of a table is taken as it is.</param>
public sealed record DifferentialPages(
    IReadOnlySet<int> Numbers, IEnumerable<NumberedPage> Pages, IReadOnlyDictionary<int, int> PageCounts, Lsn BaseLsn, Lsn RedoLsn, Guid Fork, bool AcceptDamage);

/// <summary>Where roll-forward stopped.</summary>
/// <param name="RedoLsn">
/// Where the next RESTORE LOG must go on. Stopped after a record: its LSN with slot + 1, also when it was the last of its block (there is no record
/// between the two, so every comparison holds). Stopped before a record: its LSN. Not stopped: the end of the set, or of the last block.
/// </param>
/// <param name="StopReached">Whether the stop point was met.</param>
/// <param name="Records">Records read.</param>
public sealed record RollForwardResult(Lsn RedoLsn, bool StopReached, long Records);

/// <summary>Decides at each record whether to stop; called in log order. Commit records carry mark names and times.</summary>
public delegate StopDecision StopRule(LogRecord record);

public enum StopDecision : byte
{
    GoOn,

    /// <summary>Stop before this record (STOPBEFOREMARK, STOPAT).</summary>
    StopBefore,

    /// <summary>Apply this record, then stop (STOPATMARK).</summary>
    StopAfter,
}

/// <summary>The steps of a restore, implemented by the store; each is durable when it returns.</summary>
public interface IRestorePrimitives
{
    /// <summary>Takes a snapshot for a full backup; log from its FirstLsn on is kept until it is disposed.</summary>
    IDatabaseSnapshot BeginSnapshot();

    /// <summary>Records that a log backup ended here: the log before it may be freed.</summary>
    void LogBackedUp(Lsn endLsn);

    /// <summary>Records a full backup (needed before a log backup, else 4214) and its checkpoint.</summary>
    void FullBackedUp(Lsn checkpointLsn, Guid backupSetGuid);

    /// <summary>Records a differential backup that begins at this LSN: it can begin a log chain.</summary>
    void DifferentialBackedUp(Lsn firstLsn);

    /// <summary>Replaces the content by backup pages (state RESTORING, no rows visible) and restarts the log at this VLF.</summary>
    /// <param name="pages">All pages of all data files.</param>
    /// <param name="redoLsn">Where redo begins.</param>
    /// <param name="acceptDamage">Whether a damaged page of a table is taken as it is (CONTINUE_AFTER_ERROR); otherwise 3183.</param>
    void LoadPages(IEnumerable<NumberedPage> pages, Lsn redoLsn, bool acceptDamage = false);

    /// <summary>Replaces the pages a differential backup holds, in a database restored to its base, and restarts the log.</summary>
    void LoadDifferential(DifferentialPages differential);

    /// <summary>Copies blocks into the log file and redoes committed transactions from the redo point on until the stop rule says so. Transactions without an outcome stay pending.</summary>
    /// <param name="blocks">Blocks of one set in log order; those before the redo point are passed over.</param>
    /// <param name="stop">Asked for each record from the redo point on; null = to the end.</param>
    /// <param name="endLsn">LastLSN of the set: the redo point when no stop is met. It differs from the end of the last block where the log goes over to another virtual log file.</param>
    RollForwardResult RollForward(IEnumerable<RawLogBlock> blocks, StopRule? stop, Lsn? endLsn = null);

    /// <summary>Notes that damage was accepted: every further step of the sequence must accept it too.</summary>
    void NoteDamage();

    /// <summary>Notes when the backup that was restored ended: no stop point can lie before.</summary>
    void NoteTime(DateTime? time);

    /// <summary>Goes over to the fork that begins at the redo point; pending transactions are dropped, as the recovery that began it dropped them.</summary>
    void EnterFork(Guid fork);

    /// <summary>Drops pending transactions, starts a new recovery fork at the redo point, restarts the log in a new VLF, brings the database ONLINE.</summary>
    void Recover();

    /// <summary>Opens the restoring database for reading without ending the restore; pending transactions are kept in the standby file's place.</summary>
    void EnterStandby(string standbyFile);

    /// <summary>Back from standby to RESTORING (the next RESTORE does it by itself).</summary>
    void LeaveStandby();

    /// <summary>Puts an online database back to RESTORING (BACKUP LOG … WITH NORECOVERY).</summary>
    /// <param name="isClosing">Only for the length of a backup of the tail: what ends it before <see cref="StayRestoring"/> leaves the database open.</param>
    void EnterRestoring(bool isClosing = false);

    /// <summary>The backup of the tail is whole: from here on it is RESTORING until somebody restores or recovers it.</summary>
    void StayRestoring();

    /// <summary>Takes <see cref="EnterRestoring"/> back when the backup that it was for was not written.</summary>
    void LeaveRestoring();
}
