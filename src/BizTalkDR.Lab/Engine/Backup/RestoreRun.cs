using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>One RESTORE DATABASE or RESTORE LOG statement with a backup.</summary>
internal sealed class RestoreRun
{
    private readonly LabInstance _instance;
    private readonly RestoreRequest _request;
    private readonly MediaReader _reader;
    private readonly StatementProgress _progress;
    private readonly IMessageSink _messages;
    private readonly StopPlan? _stop;
    private long _pages;
    private long _logBytes;

    public RestoreRun(LabInstance instance, RestoreRequest request, MediaReader reader, StatementProgress progress, IMessageSink messages)
    {
        _instance = instance;
        _request = request;
        _reader = reader;
        _progress = progress;
        _messages = messages;
        _stop = StopPlan.From(request.Stop);
        Set = reader.Find(request.File);
    }

    public MediaSet Set { get; }

    /// <summary>Whether the database was brought online.</summary>
    public bool Recovered { get; private set; }

    public IReadOnlyList<DatabaseFile> Files { get; private set; } = [];

    public long PagesProcessed { get; private set; }

    public void Run()
    {
        RequireUsableSet();
        if (_request.Recovery == RecoveryOption.Standby)
        {
            RestoreErrors.StandbyPath(_request, _instance);
        }

        LabDatabase database;
        bool reached;
        if (_request.Kind == RestoreKind.Log)
        {
            database = _instance.Find(_request.Database) ?? throw RestoreErrors.NoDatabase(_request.Database);
            reached = Log(database);
        }
        else
        {
            (database, reached) = Full();
        }

        Files = database.Files;
        _progress.Complete();
        Report(database);
        if (_stop is not null && !reached)
        {
            // The database stays restoring, even when it was to be recovered: the stop point may lie in the next log.
            _messages.Message(_stop.NotReached());
            return;
        }

        Recovered = RecoveryRun.Finish(database, _request, _instance);
    }

    private void RequireUsableSet()
    {
        if (_reader.Media.FamilyCount > 1)
        {
            throw new LabSqlException(
                3132, 16, 1, $"The media set has {_reader.Media.FamilyCount} media families but only 1 are provided. All members must be provided.");
        }

        bool isLog = Set.Info.Type == 'L';
        if (isLog != (_request.Kind == RestoreKind.Log) || Set.Info.Type is not ('L' or 'D'))
        {
            throw RestoreErrors.WrongKind(_reader.Device, Set.Info.Type);
        }

        if (Set.Info.DatabaseVersion > BackupSetVersion)
        {
            throw RestoreErrors.NewerVersion(Set.Info.DatabaseVersion, BackupSetVersion);
        }

        BackupEngine.RequireChecksums(_request.Checksum, Set);
    }

    /// <summary>Database version of SQL Server 2022.</summary>
    private const int BackupSetVersion = 957;

    private (LabDatabase Database, bool Reached) Full()
    {
        if (_stop is { IsNamedMark: true })
        {
            throw RestoreErrors.MarkOnlyForLog();
        }

        BackupSetInfo info = Set.Info;
        if (_stop?.At < info.FinishDate || _stop?.Target < info.LastLsn)
        {
            throw RestoreErrors.StopTooEarly();
        }

        LabDatabase? existing = _instance.Find(_request.Database);
        if (existing is not null)
        {
            RequireReplaceable(existing);
        }

        List<DatabaseFile> files = new RestoreFiles(_instance, _request, _messages).Place(info, existing);
        if (existing is not null)
        {
            RestoreErrors.RequireExclusive(_request, existing);
        }

        bool isCopy = (info.Flags & BackupSetInfo.FlagCopyOnly) != 0;
        RestoredIdentity identity = new(
            info.FamilyId,
            Guid.NewGuid(),
            info.RecoveryForkId,
            info.DatabaseCreationDate ?? _instance.Now,
            info.RecoveryModel,
            info.Collation ?? _instance.Options.Collation,
            info.CompatibilityLevel)
        {
            BaseCheckpointLsn = isCopy ? Lsn.Zero : info.CheckpointLsn,
            BaseSetGuid = isCopy ? Guid.Empty : info.SetGuid,
        };
        LabDatabase database = _instance.CreateForRestore(_request.Database, files, identity);
        _progress.Expect(ExpectedBytes());
        database.Restore.LoadPages(CountedPages(), info.FirstLsn);
        database.Restore.RollForward(CountedLog(), null, info.LastLsn);
        return (database, false);
    }

    private bool Log(LabDatabase database)
    {
        BackupSetInfo info = Set.Info;
        if (database.State != DatabaseState.Restoring && !database.IsInStandby)
        {
            throw RestoreErrors.NotReadyToRollForward();
        }

        if (info.FamilyId != database.FamilyGuid)
        {
            throw RestoreErrors.OtherDatabase(database.Name);
        }

        if (database.RedoStartLsn is not { } redo)
        {
            throw RestoreErrors.NotReadyToRollForward();
        }

        RequireSamePath(database, redo);
        RequireContinuation(redo);
        RequireStopAhead(redo);
        RestoreErrors.RequireExclusive(_request, database);
        if (database.IsInStandby)
        {
            database.Restore.LeaveStandby();
        }

        if (info.FirstRecoveryForkId != info.RecoveryForkId && redo == info.ForkPointLsn)
        {
            database.Restore.EnterFork(info.RecoveryForkId);
        }

        _progress.Expect(ExpectedBytes());
        RollForwardResult result = database.Restore.RollForward(CountedLog(), _stop is null ? null : _stop.Decide, info.LastLsn);
        return result.StopReached;
    }

    private void RequireReplaceable(LabDatabase existing)
    {
        if (_request.Replace)
        {
            return;
        }

        if (existing.FamilyGuid != Set.Info.FamilyId)
        {
            throw RestoreErrors.OtherDatabase(existing.Name);
        }

        bool keepsLog = existing.RecoveryModel != RecoveryModel.Simple && !existing.LogChainStartLsn.IsZero;
        if (existing.State == DatabaseState.Online && !existing.IsInStandby && keepsLog && existing.Log.EndLsn > existing.LastLogBackupLsn)
        {
            throw RestoreErrors.TailNotBackedUp(existing.Name);
        }
    }

    /// <summary>The set must lie on the database's fork, or begin on it, and the database must not be past the point where the set's own fork left it.</summary>
    private void RequireSamePath(LabDatabase database, Lsn redo)
    {
        BackupSetInfo info = Set.Info;
        Guid fork = database.RedoStartForkGuid ?? database.RecoveryForkGuid;
        bool same = info.RecoveryForkId == fork
            ? info.FirstRecoveryForkId == fork || redo >= info.ForkPointLsn
            : info.FirstRecoveryForkId == fork && redo <= info.ForkPointLsn;
        if (!same)
        {
            throw RestoreErrors.OtherPath();
        }
    }

    private void RequireContinuation(Lsn redo)
    {
        BackupSetInfo info = Set.Info;
        bool isEmpty = info.FirstLsn == info.LastLsn;
        if (info.LastLsn < redo || (info.LastLsn == redo && !isEmpty))
        {
            throw RestoreErrors.TooEarly(info.LastLsn, redo);
        }

        if (info.FirstLsn > redo)
        {
            throw RestoreErrors.TooRecent(info.FirstLsn, redo);
        }
    }

    /// <summary>A log that overlaps what is applied may hold the mark only in that part: the database cannot go back to it.</summary>
    private void RequireStopAhead(Lsn redo)
    {
        if (_stop?.Target is { } target && target < redo)
        {
            throw RestoreErrors.AlreadyBeyond();
        }

        if (_stop is not { IsNamedMark: true } || Set.Info.FirstLsn >= redo)
        {
            return;
        }

        bool behind = false;
        foreach (LogRecord record in LabLog.Join(_reader.LogBlocks(Set)))
        {
            if (_stop.IsMark(record))
            {
                if (record.Lsn >= redo)
                {
                    return;
                }

                behind = true;
            }
        }

        if (behind)
        {
            throw RestoreErrors.AlreadyBeyond();
        }
    }

    private long ExpectedBytes()
    {
        long bytes = 0;
        foreach (MediaSegment segment in Set.Segments)
        {
            bytes += segment.Length;
        }

        return bytes;
    }

    private IEnumerable<ReadOnlyMemory<byte>> CountedPages()
    {
        foreach (ReadOnlyMemory<byte> page in _reader.Pages(Set))
        {
            _pages++;
            _progress.Advance(page.Length);
            yield return page;
        }
    }

    private IEnumerable<RawLogBlock> CountedLog()
    {
        foreach (RawLogBlock block in _reader.CompleteLog(Set))
        {
            _logBytes += block.Bytes.Length;
            _progress.Advance(block.Bytes.Length);
            yield return block;
        }
    }

    private void Report(LabDatabase database)
    {
        long logPages = (_logBytes + 8191) / 8192;
        foreach (DatabaseFile file in database.Files)
        {
            _progress.Processed(file.IsLog ? logPages : _pages, database.Name, file.LogicalName, Set.Info.Position);
        }

        PagesProcessed = _pages + logPages;
    }
}
