using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace BizTalkDR.Lab.Engine;

public sealed partial class LabDatabase
{
    private const int AppendBatchBytes = 1 << 20;

    /// <summary>Makes new, empty files for a restore; the content is unknown until pages are loaded.</summary>
    internal void CreateFilesForRestore()
    {
        _failure = null;
        _pageFailure = null;
        lock (Gate)
        {
            ResetContent();
        }

        _file = DataFile.Create(_entry.Files, Instance.Storage);
        _log = LabLog.Create(LogPath, 1, Instance.Storage);
    }

    internal void LoadBackup(IEnumerable<NumberedPage> pages, Lsn redoLsn, bool acceptDamage)
    {
        RequireRestoring();
        lock (_checkpointGate)
        {
            TakePages(() => _file!.Replace(pages), redoLsn, null, acceptDamage);
        }
    }

    internal void LoadDifferential(DifferentialPages differential)
    {
        RequireRestoring();
        lock (_checkpointGate)
        {
            // What was written here since the base is not in the backup: going over to another recovery fork wrote pages.
            if (_pages.Space.ChangedSince(differential.BaseLsn).Any(p => !differential.Numbers.Contains(p)))
            {
                throw RestoreErrors.WrongBase();
            }

            TakePages(() => _file!.Replace(differential.Pages, differential.PageCounts), differential.RedoLsn, differential.Fork, differential.AcceptDamage);
        }
    }

    /// <summary>Replaces pages; a crash before the end leaves a database that must be restored from the start.</summary>
    private void TakePages(Action replace, Lsn redoLsn, Guid? fork, bool acceptDamage)
    {
        Update(e => e with { State = DatabaseState.Restoring, IsInStandby = false, StandbyFile = null, RedoLsn = null });
        lock (Gate)
        {
            ResetContent();
        }

        replace();
        Log.Restart(redoLsn.Vlf);
        try
        {
            RollOn(LoadPages(), []);
        }
        catch (DamagedPageException e)
        {
            throw RestoreErrors.DamagedPage(e.Page.Number, Name);
        }
        catch (InvalidDataException)
        {
            // The pages are not the lab's: those of another server, or nonsense.
            throw RestoreErrors.DamagedPage(PageFormat.BootPage, Name);
        }

        if (!acceptDamage && _pages.Damaged.Count > 0)
        {
            throw RestoreErrors.DamagedPage(_pages.Damaged[0].Number, Name);
        }

        Update(e => e with { RedoLsn = redoLsn, RecoveryForkGuid = fork ?? e.RecoveryForkGuid });
    }

    internal void NoteDamage() => Update(e => e with { HasAcceptedDamage = true });

    internal void NoteTime(DateTime? time) => Update(e => e with { RedoTime = e.RedoTime > time ? e.RedoTime : time ?? e.RedoTime });

    /// <summary>Rolls forward; see <see cref="IRestorePrimitives.RollForward"/>.</summary>
    internal RollForwardResult RollForward(IEnumerable<RawLogBlock> blocks, StopRule? stop, Lsn? endLsn)
    {
        RequireRestoring();
        if (IsInStandby)
        {
            LeaveStandby();
        }

        lock (_checkpointGate)
        {
            Lsn from = _entry.RedoLsn ?? throw new LabSqlException(
                3117, 16, 1, "The log or differential backup cannot be restored because no files are ready to rollforward.");
            try
            {
                DateTime? time = _entry.RedoTime;
                (Lsn? stoppedAt, Lsn end, long records) = Roll(blocks, stop, from, ref time);
                Lsn reached = stoppedAt ?? Later(endLsn ?? end, from);
                DateTime? redoTime = time;
                Update(e => e with { RedoLsn = reached, RedoTime = redoTime });
                return new RollForwardResult(reached, stoppedAt is not null, records);
            }
            catch
            {
                // Memory may be beyond the redo point on record: start again from the disk, at that point.
                Reload();
                throw;
            }
        }
    }

    internal void Recover()
    {
        RequireRestoring();
        lock (_checkpointGate)
        {
            Lsn redo = _entry.RedoLsn ?? throw new LabSqlException(
                4333, 16, 1, $"The database cannot be recovered because the content of \"{Name}\" is not known; restore it from a full backup.");

            // First all pages as of the redo point, still restoring; then the word that recovery has begun, which cannot be taken back.
            WriteCheckpoint(redo);
            uint next = Math.Max(redo.Vlf, Log.EndLsn.Vlf) + 1;
            Update(e => e with { State = DatabaseState.Recovering, IsInStandby = false, StandbyFile = null, NextVlf = next });
            CloseFiles();
            FinishRecover();
            if (_failure is not null)
            {
                throw StateError();
            }
        }
    }

    internal void EnterStandby(string standbyFile)
    {
        RequireRestoring();
        if (_entry.RedoLsn is not { } redo)
        {
            throw new LabSqlException(3117, 16, 4, "The log or differential backup cannot be restored because no files are ready to rollforward.");
        }

        // What a SQL Server would undo for the readers and keep here is never applied by this store: the file only says where roll-forward goes on.
        string content = $"BizTalkDR lab standby file\ndatabase {DatabaseGuid}\nredo {redo}\npending {string.Join(' ', Pending.Select(p => p.Id))}\n";
        Instance.Storage.ReplaceFile(standbyFile, Encoding.UTF8.GetBytes(content));
        Update(e => e with { State = DatabaseState.Online, IsInStandby = true, StandbyFile = standbyFile });
    }

    internal void LeaveStandby()
    {
        if (!IsInStandby)
        {
            return;
        }

        string file = _entry.StandbyFile!;
        if (!File.Exists(file))
        {
            throw new LabSqlException(
                3441, 21, 1, $"During startup of warm standby database '{Name}' (database ID {Id}), its standby file ('{file}') was inaccessible to the RESTORE statement. The operating system error was '2(The system cannot find the file specified.)'.");
        }

        Update(e => e with { State = DatabaseState.Restoring, IsInStandby = false, StandbyFile = null });
        Instance.Storage.Delete(file);
    }

    internal void EnterRestoring(bool isClosing)
    {
        if (State == DatabaseState.Suspect)
        {
            // What the data files hold cannot be told: the restore begins with a full backup.
            Update(e => e with { State = DatabaseState.Restoring, RedoLsn = null });
            Reload();
            return;
        }

        ThrowIfUnreadable();
        lock (_checkpointGate)
        {
            ThrowIfBusy(3101, "Exclusive access could not be obtained because the database is in use.");
            Lsn end = Log.FlushAll();
            Update(e => e with { State = DatabaseState.Restoring, RedoLsn = end, IsClosing = isClosing });
            Reload();
        }
    }

    /// <summary>The backup of the tail is whole: from here on the database is RESTORING until somebody restores or recovers it.</summary>
    internal void StayRestoring() => Update(e => e with { IsClosing = false });

    /// <summary>An entry without the backup of the tail that was not finished.</summary>
    internal static DatabaseEntry Opened(DatabaseEntry entry) => entry.IsClosing ? entry with { State = DatabaseState.Online, RedoLsn = null, IsClosing = false } : entry;

    /// <summary>Takes <see cref="EnterRestoring"/> back: nothing was changed since, and the log still holds what no backup does.</summary>
    internal void LeaveRestoring()
    {
        RequireRestoring();
        lock (_checkpointGate)
        {
            try
            {
                Update(Opened);
            }
            catch (Exception e) when (e is IOException or LabSqlException)
            {
                // What ended the backup may keep the catalogue from being written too. There it is closing, and is opened at the next start.
                SetEntry(Opened(Entry));
            }

            Reload();
        }
    }

    /// <summary>Finishes a recovery that has begun: a new log, a checkpoint in it, ONLINE on a new fork. Repeatable after a crash at any point.</summary>
    private void FinishRecover()
    {
        Lsn redo = _entry.RedoLsn ?? Lsn.Zero;
        _file = DataFile.Open(_entry.Files, Instance.Storage);
        BootRecord boot = LoadPages();
        LastTransactionId = boot.LastTransactionId;
        Instance.LearnTransactionId(boot.LastTransactionId);
        _log = LabLog.Create(LogPath, _entry.NextVlf, Instance.Storage);
        _hasSnapshot = false;
        _keepFrom = Lsn.Zero;
        WriteCheckpoint(null);
        Update(e => e with
        {
            State = DatabaseState.Online,
            RedoLsn = null,
            RedoTime = null,
            HasAcceptedDamage = false,
            NextVlf = 0,
            FirstRecoveryForkGuid = e.RecoveryForkGuid,
            RecoveryForkGuid = Guid.NewGuid(),
            ForkPointLsn = redo,
            LastLogBackupLsn = Lsn.Zero,

            // The chain goes on: the next log backup begins where roll-forward ended, without a new full backup.
            LogChainStartLsn = e.RecoveryModel == RecoveryModel.Simple ? Lsn.Zero : redo,
        });
    }

    private static Lsn EndOf(RawLogBlock block) => new(block.FirstLsn.Vlf, block.FirstLsn.Block + (uint)(block.Bytes.Length / LogBlock.SectorSize), 1);

    private static Lsn Later(Lsn left, Lsn right) => left > right ? left : right;

    /// <summary>Redoes records from the redo point on and copies the blocks they came from, stop block included.</summary>
    private (Lsn? StoppedAt, Lsn End, long Records) Roll(IEnumerable<RawLogBlock> blocks, StopRule? stop, Lsn from, ref DateTime? time)
    {
        List<RawLogBlock> copied = [];
        long records = 0;
        Lsn? stoppedAt = null;
        foreach (LogRecord record in LabLog.Join(Copying(blocks, copied)))
        {
            if (record.Lsn < from)
            {
                continue;
            }

            records++;
            StopDecision decision = stop?.Invoke(record) ?? StopDecision.GoOn;
            if (decision == StopDecision.StopBefore)
            {
                stoppedAt = record.Lsn;
                break;
            }

            _redo!.Take(record);
            time = record.Op == LogOp.Commit ? record.Time : time;
            if (decision == StopDecision.StopAfter)
            {
                stoppedAt = record.Lsn with { Slot = (ushort)(record.Lsn.Slot + 1) };
                break;
            }
        }

        Lsn end = copied.Count == 0 ? from : EndOf(copied[^1]);
        Log.AppendBlocks(copied);
        return (stoppedAt, end, records);
    }

    private IEnumerable<RawLogBlock> Copying(IEnumerable<RawLogBlock> blocks, List<RawLogBlock> copied)
    {
        int bytes = 0;
        foreach (RawLogBlock block in blocks)
        {
            if (bytes > AppendBatchBytes)
            {
                Log.AppendBlocks(copied);
                copied.Clear();
                bytes = 0;
            }

            copied.Add(block);
            bytes += block.Bytes.Length;
            yield return block;
        }
    }

    /// <summary>Goes over to the fork that was started at the redo point by a recovery: nothing open there was ever committed on it.</summary>
    /// <remarks>
    /// The last block copied may hold records of the old fork behind the redo point, so the log begins anew. The fork is recorded first:
    /// after a crash the same log backup repeats this step, and logs of the old fork are refused.
    /// </remarks>
    internal void EnterFork(Guid fork)
    {
        RequireRestoring();
        lock (_checkpointGate)
        {
            Lsn redo = _entry.RedoLsn ?? throw new LabSqlException(
                3117, 16, 1, "The log or differential backup cannot be restored because no files are ready to rollforward.");
            Update(e => e with { RecoveryForkGuid = fork });
            _redo!.DropPending();
            WriteCheckpoint(redo);
            Log.Restart(redo.Vlf);
            Reload();
        }
    }

    private void RequireRestoring()
    {
        if (_failure is not null || (_entry.State != DatabaseState.Restoring && !IsInStandby))
        {
            throw new LabSqlException(3117, 16, 1, "The log or differential backup cannot be restored because no files are ready to rollforward.");
        }
    }

    private void Reload()
    {
        _failure = null;
        CloseFiles();
        lock (Gate)
        {
            ResetContent();
        }

        Open();
        if (_failure is not null)
        {
            throw StateError();
        }
    }
}
