using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;

namespace BizTalkDR.Lab.Engine;

public sealed partial class LabDatabase
{
    /// <summary>Log written since the last checkpoint that makes the next one due.</summary>
    private const long CheckpointEveryBytes = 16 << 20;

    private readonly object _checkpointGate = new();
    private PageStore _pages;
    private Lsn _redoStart;

    /// <summary>First LSN of the snapshot being read, or of the first full backup until it is recorded; zero = none.</summary>
    private Lsn _keepFrom;
    private Lsn _snapshotCheckpoint;
    private bool _hasSnapshot;
    private Exception? _pageFailure;

    /// <summary>Whether the disk had no room for the last checkpoint: its rows wait in memory and in the log.</summary>
    private volatile bool _isFull;

    /// <summary>Writes changed pages and a checkpoint record; frees log that is neither needed nor waiting for a log backup.</summary>
    /// <remarks>While a full backup reads the data file, nothing is written to it and the log stays.</remarks>
    public void Checkpoint()
    {
        ThrowIfUnreadable();
        if (IsTemp || IsInStandby)
        {
            return;
        }

        lock (_checkpointGate)
        {
            if (!_hasSnapshot)
            {
                WriteCheckpoint(null);
            }
        }
    }

    /// <summary>Checkpoints when enough log has been written since the last time.</summary>
    internal void CheckpointWhenDue()
    {
        if ((Interlocked.Read(ref _loggedBytes) < CheckpointEveryBytes && !_isFull) || _hasSnapshot || !Monitor.TryEnter(_checkpointGate))
        {
            return;
        }

        try
        {
            if (State == DatabaseState.Online && !_hasSnapshot)
            {
                WriteCheckpoint(null);
            }
        }
        catch (LabSqlException e) when (e.Number is 1105 or 9002 or 823)
        {
            // Whoever committed has committed; the next change that needs room is told.
            _loggedBytes = 0;
        }
        finally
        {
            Monitor.Exit(_checkpointGate);
        }
    }

    internal IDatabaseSnapshot BeginSnapshot()
    {
        ThrowIfUnreadable();
        lock (_checkpointGate)
        {
            if (_hasSnapshot)
            {
                throw new LabSqlException(
                    3023, 16, 2, "Backup and file manipulation operations on a database must be serialized. Reissue the statement after the current backup or file manipulation operation is completed.");
            }

            WriteCheckpoint(null);
            _hasSnapshot = true;
            _keepFrom = _redoStart;
            return new Snapshot(this, _snapshotCheckpoint, _redoStart);
        }
    }

    internal void FullBackedUp(Lsn checkpointLsn, Guid backupSetGuid)
    {
        lock (_checkpointGate)
        {
            Lsn first = _snapshotCheckpoint == checkpointLsn && !_keepFrom.IsZero ? _keepFrom : checkpointLsn;
            Update(e => e with
            {
                LastFullCheckpointLsn = checkpointLsn,
                LastFullBackupGuid = backupSetGuid,
                LogChainStartLsn = e.RecoveryModel == RecoveryModel.Simple || !e.LogChainStartLsn.IsZero ? e.LogChainStartLsn : first,
            });
            _keepFrom = _hasSnapshot ? _keepFrom : Lsn.Zero;
        }
    }

    /// <summary>A differential backup begins the log chain of a database that has none, as a full one does.</summary>
    internal void DifferentialBackedUp(Lsn firstLsn) => Update(e => e with
    {
        LogChainStartLsn = e.RecoveryModel == RecoveryModel.Simple || !e.LogChainStartLsn.IsZero ? e.LogChainStartLsn : firstLsn,
    });

    /// <summary>Notes in the log that what follows is logged only in part; in another recovery model than BULK_LOGGED nothing is.</summary>
    internal void NoteBulkChange()
    {
        if (RecoveryModel == RecoveryModel.BulkLogged && !IsTemp)
        {
            lock (Gate)
            {
                ThrowIfUnwritable();
                Append(new LogRecord { Op = LogOp.BulkChange });
            }
        }
    }

    internal void LogBackedUp(Lsn endLsn)
    {
        Update(e => e with { LastLogBackupLsn = endLsn });
        lock (_checkpointGate)
        {
            FreeLog();
        }
    }

    /// <summary>Writes the committed rows as of now; the caller holds the checkpoint gate.</summary>
    /// <param name="at">Redo point of a restoring database, whose log takes no records; null = begin with a checkpoint record.</param>
    private void WriteCheckpoint(Lsn? at)
    {
        if (_pageFailure is not null)
        {
            throw new LabSqlException(823, 24, 2, $"The data file of database '{Name}' could not be written before and is not written any more: {_pageFailure.Message}");
        }

        List<(int Number, byte[] Page)> images;
        IReadOnlyCollection<int> freed;
        ulong stamp = NewStamp();
        KeyValuePair<RowSlot, LabTable>[] written;
        Lsn lsn;
        IReadOnlyDictionary<int, int> pageCounts;
        (Lsn redoBefore, Lsn snapshotBefore) = (_redoStart, _snapshotCheckpoint);
        lock (Gate)
        {
            lsn = at ?? Append(new LogRecord { Op = LogOp.BeginCheckpoint, Time = Instance.Now });
            _redoStart = OldestOpen(lsn);
            SaveCounters();
            written = PlaceDirty();
            images = _pages.TakeDirty(new BootRecord(lsn, _redoStart, _nextObjectId, Instance.LastTransactionId, _rowVersion, stamp));
            freed = _pages.TakeFreed();
            pageCounts = _pages.Space.PageCounts;
            _snapshotCheckpoint = lsn;
            _loggedBytes = 0;
        }

        // Log first: pages must not show what the log could still lose.
        if (at is null)
        {
            Flush(lsn);
        }

        try
        {
            _file!.Write(images, pageCounts, stamp, freed);
        }
        catch (IOException e)
        {
            (_redoStart, _snapshotCheckpoint) = (redoBefore, snapshotBefore);
            throw NotWritten(e, written);
        }

        _isFull = false;
        lock (Gate)
        {
            _pages.Written(images);
            foreach ((RowSlot slot, LabTable table) in written)
            {
                slot.IsBeingWritten = false;
                table.Rows.Forget(slot);
            }
        }

        if (at is null)
        {
            lock (Gate)
            {
                Append(new LogRecord { Op = LogOp.EndCheckpoint, Time = Instance.Now });
            }

            FreeLog();
        }
    }

    /// <summary>Takes a checkpoint back that could not be written; one the disk had no room for is tried again later.</summary>
    private LabSqlException NotWritten(IOException e, KeyValuePair<RowSlot, LabTable>[] written)
    {
        if (!DiskSpace.IsFull(e))
        {
            _pageFailure = e;
            return new LabSqlException(823, 24, 3, $"The operating system returned error 1117(The request could not be performed because of an I/O device error.) to SQL Server during a write in a data file of database '{Name}'. {e.Message}");
        }

        lock (Gate)
        {
            _pages.TakeBack();
            foreach ((RowSlot slot, LabTable table) in written)
            {
                slot.IsBeingWritten = false;
                MarkDirty(slot, table);
            }
        }

        _isFull = true;
        return FullError(string.Empty);
    }

    /// <summary>Refuses a change that needs room while the data files have none.</summary>
    /// <exception cref="LabSqlException">1105.</exception>
    internal void RequireRoom(LabTable table)
    {
        if (_isFull && !IsTemp)
        {
            throw FullError($"{table.Def.Schema}.{table.Def.Name}");
        }
    }

    /// <summary>Tries once more to write the data files when there was no room for the last checkpoint.</summary>
    internal void RetryWhenFull()
    {
        if (_isFull)
        {
            CheckpointWhenDue();
        }
    }

    private LabSqlException FullError(string table) => new(
        1105, 17, 2, $"Could not allocate space for object '{table}' in database '{Name}' because the 'PRIMARY' filegroup is full. Create disk space by deleting unneeded files, dropping objects in the filegroup, adding additional files to the filegroup, or setting autogrowth on for existing files in the filegroup.");

    /// <summary>Puts the rows with newer values on pages. What left goes first: a row id may have come back.</summary>
    private KeyValuePair<RowSlot, LabTable>[] PlaceDirty()
    {
        KeyValuePair<RowSlot, LabTable>[] rows = [.. _dirty.OrderBy(d => d.Key.IsCommitted).ThenBy(d => d.Key.Page).ThenBy(d => d.Value.Def.ObjectId).ThenBy(d => d.Key.Id)];
        foreach ((RowSlot slot, LabTable table) in rows)
        {
            _pages.Place(table, slot);
            slot.IsDirty = false;
            slot.IsBeingWritten = true;
        }

        _dirty.Clear();
        return rows;
    }

    private Lsn OldestOpen(Lsn checkpoint)
    {
        Lsn oldest = checkpoint;
        foreach (DatabaseBranch branch in _active)
        {
            oldest = branch.BeginLsn < oldest ? branch.BeginLsn : oldest;
        }

        foreach (PendingTransaction pending in _redo?.Pending ?? [])
        {
            oldest = pending.BeginLsn < oldest ? pending.BeginLsn : oldest;
        }

        return oldest;
    }

    /// <summary>Writes identities into the rows that keep them.</summary>
    private void SaveCounters()
    {
        LabTable counters = _catalogue[CatalogueTables.Counters];
        foreach (LabTable table in _tables.Values.Where(t => t.IdentityChanged))
        {
            // A table whose creation is not committed is not in the file yet; its rows in the log will teach its counter.
            if (table.CurrentIdentity is { } value && _catalogue[CatalogueTables.Tables].Rows.Find(table.Def.ObjectId)?.IsCommitted == true
                && counters.SetCommitted(table.Def.ObjectId, [value]) is { } slot)
            {
                MarkDirty(slot, counters);
                table.IdentityChanged = false;
            }
        }
    }

    /// <summary>Frees log before whatever still needs it: redo, the next log backup, a full backup being read.</summary>
    private void FreeLog()
    {
        if (State != DatabaseState.Online || IsInStandby)
        {
            return;
        }

        Lsn keep = _redoStart;
        if (RecoveryModel != RecoveryModel.Simple && !LogChainStartLsn.IsZero)
        {
            Lsn waiting = LastLogBackupLsn.IsZero ? LogChainStartLsn : LastLogBackupLsn;
            keep = waiting < keep ? waiting : keep;
        }

        if (!_keepFrom.IsZero && _keepFrom < keep)
        {
            keep = _keepFrom;
        }

        Log.TruncateBefore(keep);
    }

    private void EndSnapshot()
    {
        lock (_checkpointGate)
        {
            _hasSnapshot = false;

            // Without a log chain yet, the backup may be about to start one: its log stays until that is recorded or another backup begins.
            _keepFrom = LogChainStartLsn.IsZero && RecoveryModel != RecoveryModel.Simple ? _keepFrom : Lsn.Zero;
        }
    }

    private const int PagesPerExtent = 8;

    /// <summary>A number no other checkpoint of any database has.</summary>
    private static ulong NewStamp()
    {
        Span<byte> stamp = stackalloc byte[8];
        System.Security.Cryptography.RandomNumberGenerator.Fill(stamp);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(stamp) | 1;
    }
}
