using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;

namespace BizTalkDR.Lab.Engine;

/// <summary>One BACKUP statement: checks, snapshot or log range, medium, bookkeeping in the database.</summary>
internal sealed class BackupRun
{
    private static readonly ConditionalWeakTable<LabDatabase, object> _logGates = [];

    private readonly LabInstance _instance;
    private readonly BackupDevices _devices;
    private readonly BackupRequest _request;
    private readonly StatementProgress _progress;

    public BackupRun(LabInstance instance, BackupDevices devices, BackupRequest request, StatementProgress progress)
    {
        _instance = instance;
        _devices = devices;
        _request = request;
        _progress = progress;
    }

    /// <summary>The files written, with their labels.</summary>
    public IReadOnlyList<(MediaInfo Media, string Path)> Media { get; private set; } = [];

    public BackupSetInfo Result { get; private set; } = new();

    public long PagesProcessed { get; private set; }

    /// <summary>Damaged pages that were stored as they are (CONTINUE_AFTER_ERROR), or the one the backup failed at.</summary>
    public IReadOnlyList<DamagedPage> Damage { get; private set; } = [];

    public LabDatabase? Database { get; private set; }

    public void Run()
    {
        LabDatabase database = BackupChecks.Database(_instance, _request);
        Database = database;
        IReadOnlyList<(string Path, string Device)> devices = _devices.All(_request.Disks, forRestore: false);
        using BackupTargets targets = BackupTargets.Open(_instance.Storage, devices, _request, _instance.Now);
        Media = [.. targets.Files.Select(f => (f.Media, f.Path))];
        BackupSetInfo start = BackupHeaders.Start(database, _request) with { Position = targets.NextPosition };
        if (_request.Kind == BackupKind.Log)
        {
            Log(database, targets, start);
        }
        else
        {
            Data(database, targets, start);
        }
    }

    private void Data(LabDatabase database, BackupTargets targets, BackupSetInfo start)
    {
        bool isDifferential = _request.Kind == BackupKind.Differential;
        using IDatabaseSnapshot snapshot = database.Restore.BeginSnapshot();
        IReadOnlyList<SnapshotFile> files = snapshot.Files(isDifferential ? database.LastFullCheckpointLsn : null);
        Dictionary<int, long> counts = files.ToDictionary(f => f.FileId, f => f.PageCount);
        start = start with { FirstLsn = snapshot.FirstLsn, LastLsn = snapshot.CheckpointLsn, CheckpointLsn = snapshot.CheckpointLsn };
        StripedSetWriter writer = targets.Begin(start);
        _progress.Expect(counts.Values.Sum() * PageFormat.PageSize);
        PageCheck check = new(database, snapshot, _request);
        try
        {
            foreach (SnapshotFile file in files)
            {
                writer.Pages(file.PageCount, Counted(check.Checked(file.Pages)));
            }
        }
        finally
        {
            Damage = check.Damage;
        }

        Lsn end = database.Log.FlushAll();
        LogCopy log = new(database.Log, database.Id, writer, _progress);
        log.Copy(snapshot.FirstLsn, end);
        int damaged = check.Damage.Count > 0 ? BackupSetInfo.FlagDamaged : 0;
        Result = writer.End(start with
        {
            LastLsn = end,
            FinishDate = _instance.Now,
            Flags = start.Flags | damaged,
            Files = BackupHeaders.Files(database, start, counts, log.Bytes),
        });
        targets.Finish();
        if (isDifferential)
        {
            database.Restore.DifferentialBackedUp(snapshot.FirstLsn);
        }
        else if (!_request.CopyOnly)
        {
            database.Restore.FullBackedUp(snapshot.CheckpointLsn, Result.SetGuid);
        }

        Report(database, counts, log.Bytes);
    }

    /// <summary>One log backup of a database at a time: each begins where the one before ended.</summary>
    private void Log(LabDatabase database, BackupTargets targets, BackupSetInfo start)
    {
        lock (_logGates.GetOrCreateValue(database))
        {
            WriteLogBackup(database, targets, start);
        }
    }

    private void WriteLogBackup(LabDatabase database, BackupTargets targets, BackupSetInfo start)
    {
        bool isSuspect = database.State == DatabaseState.Suspect;
        if (_request.NoRecovery && !isSuspect)
        {
            // From here on nobody can write: the backup holds the very end of the log.
            database.Restore.EnterRestoring(isClosing: true);
            try
            {
                WriteLog(database, database.Log, targets, start);
                database.Restore.StayRestoring();
            }
            catch (Exception failed) when (failed is LabSqlException or IOException or OperationCanceledException)
            {
                // "Backs up the tail of the log and leaves the database in the RESTORING state": what was not backed up leaves it open, with its log.
                database.Restore.LeaveRestoring();
                throw;
            }

            return;
        }

        using LabLog? own = isSuspect ? database.OpenLogAlone() : null;
        LabLog log = own ?? database.Log;
        WriteLog(database, log, targets, start);
        if (_request.NoRecovery && isSuspect)
        {
            own?.Dispose();
            database.Restore.EnterRestoring();
        }
    }

    private void WriteLog(LabDatabase database, LabLog source, BackupTargets targets, BackupSetInfo start)
    {
        Lsn first = database.LastLogBackupLsn > database.LogChainStartLsn ? database.LastLogBackupLsn : database.LogChainStartLsn;
        Lsn end = source.FlushAll();
        (Lsn? checkpoint, bool bulk) = LogCopy.Look(source, first, end);
        if (bulk && database.State == DatabaseState.Suspect)
        {
            throw new LabSqlException(4202, 16, 1, "BACKUP LOG is not possible because bulk logged changes exist in the database and one or more filegroups are unavailable.");
        }

        start = start with
        {
            FirstLsn = first,
            LastLsn = end,
            CheckpointLsn = checkpoint ?? database.LastFullCheckpointLsn,
            Flags = start.Flags | (bulk ? BackupSetInfo.FlagBulkLogged : 0),
            FirstRecoveryForkId = !database.ForkPointLsn.IsZero && first <= database.ForkPointLsn ? database.FirstRecoveryForkGuid : database.RecoveryForkGuid,
        };
        StripedSetWriter writer = targets.Begin(start);
        _progress.Expect(Math.Max(1, source.SizeBytes));
        LogCopy log = new(source, database.Id, writer, _progress);
        log.Copy(first, end);
        Result = writer.End(start with
        {
            FinishDate = _instance.Now,
            Files = BackupHeaders.Files(database, start, [], log.Bytes),
        });
        targets.Finish();
        if (!_request.CopyOnly && !_request.NoTruncate)
        {
            database.Restore.LogBackedUp(end);
        }

        Report(database, [], log.Bytes);
    }

    private IEnumerable<NumberedPage> Counted(IEnumerable<NumberedPage> pages)
    {
        foreach (NumberedPage page in pages)
        {
            _progress.Advance(page.Bytes.Length);
            yield return page;
        }
    }

    private void Report(LabDatabase database, Dictionary<int, long> pages, long logBytes)
    {
        long logPages = (logBytes + 8191) / 8192;
        _progress.Complete();
        foreach (DatabaseFile file in database.Files.OrderBy(f => f.IsLog))
        {
            if (file.IsLog || pages.ContainsKey(file.FileId))
            {
                _progress.Processed(file.IsLog ? logPages : pages[file.FileId], database.Name, file.LogicalName, Result.Position);
            }
        }

        PagesProcessed = pages.Values.Sum() + logPages;
    }
}
