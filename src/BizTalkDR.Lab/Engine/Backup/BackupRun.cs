using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;

namespace BizTalkDR.Lab.Engine;

/// <summary>One BACKUP statement: checks, snapshot or log range, medium, bookkeeping in the database.</summary>
internal sealed class BackupRun
{
    private const long UnlimitedData = 35184372080640;
    private const long UnlimitedLog = 2199023255552;

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

    public MediaInfo Media { get; private set; } = new();

    public BackupSetInfo Result { get; private set; } = new();

    public string Path { get; private set; } = string.Empty;

    public long PagesProcessed { get; private set; }

    public void Run()
    {
        LabDatabase database = BackupChecks.Database(_instance, _request);
        string device = BackupDevices.Single(_request.Disks);
        Path = _devices.PathOf(device, forRestore: false);
        using BackupTarget target = BackupTarget.Open(_instance.Storage, Path, device, _request, _instance.Now);
        Media = target.Media;
        MediaFileWriter file = new(target.File, device, target.Position);
        BackupSetInfo start = Header(database) with { Position = target.Sets.Count + 1 };
        if (_request.Kind == BackupKind.Log)
        {
            Log(database, target, file, start);
        }
        else
        {
            Full(database, target, file, start);
        }
    }

    private void Full(LabDatabase database, BackupTarget target, MediaFileWriter file, BackupSetInfo start)
    {
        using IDatabaseSnapshot snapshot = database.Restore.BeginSnapshot();
        long pages = snapshot.PageCount;
        start = start with { FirstLsn = snapshot.FirstLsn, LastLsn = snapshot.CheckpointLsn, CheckpointLsn = snapshot.CheckpointLsn };
        BackupSetWriter writer = Begin(target, file, start);
        _progress.Expect(pages * 8192);
        writer.Pages(pages, Counted(snapshot.Pages()));
        Lsn end = database.Log.FlushAll();
        long logBytes = WriteLog(database, writer, snapshot.FirstLsn, end);
        BackupSetInfo final = start with { LastLsn = end, FinishDate = _instance.Now, Files = Files(database, start, pages, logBytes) };
        Result = writer.End(final);
        file.Finish();
        if (!_request.CopyOnly)
        {
            database.Restore.FullBackedUp(snapshot.CheckpointLsn, Result.SetGuid);
        }

        Report(database, pages, logBytes);
    }

    /// <summary>One log backup of a database at a time: each begins where the one before ended.</summary>
    private void Log(LabDatabase database, BackupTarget target, MediaFileWriter file, BackupSetInfo start)
    {
        lock (_logGates.GetOrCreateValue(database))
        {
            WriteLogBackup(database, target, file, start);
        }
    }

    private void WriteLogBackup(LabDatabase database, BackupTarget target, MediaFileWriter file, BackupSetInfo start)
    {
        if (_request.NoRecovery)
        {
            // From here on nobody can write: the backup holds the very end of the log.
            database.Restore.EnterRestoring();
        }

        Lsn first = database.LastLogBackupLsn > database.LogChainStartLsn ? database.LastLogBackupLsn : database.LogChainStartLsn;
        Lsn end = database.Log.FlushAll();
        start = start with
        {
            FirstLsn = first,
            LastLsn = end,
            CheckpointLsn = LastCheckpoint(database, first, end),
            FirstRecoveryForkId = !database.ForkPointLsn.IsZero && first <= database.ForkPointLsn ? database.FirstRecoveryForkGuid : database.RecoveryForkGuid,
        };
        BackupSetWriter writer = Begin(target, file, start);
        _progress.Expect(Math.Max(1, database.Log.SizeBytes));
        long logBytes = WriteLog(database, writer, first, end);
        BackupSetInfo final = start with
        {
            FinishDate = _instance.Now,
            Files = Files(database, start, 0, logBytes),
        };
        Result = writer.End(final);
        file.Finish();
        if (!_request.CopyOnly)
        {
            database.Restore.LogBackedUp(end);
        }

        Report(database, 0, logBytes);
    }

    private static BackupSetWriter Begin(BackupTarget target, MediaFileWriter file, BackupSetInfo start)
    {
        BackupSetWriter writer = new(file, target.Media, target.Sets, target.Filemarks, start);
        if (target.Position == 0)
        {
            writer.Label();
        }

        writer.Begin();
        return writer;
    }

    /// <summary>Writes the log of a range, one virtual log file after the other; those without a part of it are only listed.</summary>
    private long WriteLog(LabDatabase database, BackupSetWriter writer, Lsn first, Lsn end)
    {
        Dictionary<uint, VlfInfo> files = database.Log.VirtualLogFiles.ToDictionary(v => v.Number);
        List<RawLogBlock> blocks = [];
        long bytes = 0;
        foreach (RawLogBlock block in Blocks(database, first, end))
        {
            if (blocks.Count > 0 && blocks[0].FirstLsn.Vlf != block.FirstLsn.Vlf)
            {
                bytes += WritePiece(database, writer, files, blocks);
                blocks = [];
            }

            blocks.Add(block);
        }

        if (blocks.Count > 0)
        {
            bytes += WritePiece(database, writer, files, blocks);
        }

        // The end may lie at the very beginning of a virtual log file that holds nothing yet.
        if (bytes > 0 && files.Remove(end.Vlf, out VlfInfo? last))
        {
            writer.Log(new LogPiece(last, [], end), database.Id);
        }

        foreach (VlfInfo unused in files.Values.OrderBy(v => v.Number))
        {
            writer.Log(new LogPiece(unused, [], Lsn.Zero), database.Id);
        }

        return bytes;
    }

    private long WritePiece(LabDatabase database, BackupSetWriter writer, Dictionary<uint, VlfInfo> files, List<RawLogBlock> blocks)
    {
        uint number = blocks[0].FirstLsn.Vlf;
        if (!files.Remove(number, out VlfInfo? vlf))
        {
            // The log went over to a new virtual log file while the backup ran.
            vlf = database.Log.VirtualLogFiles.First(v => v.Number == number);
        }

        long bytes = writer.Log(new LogPiece(vlf, blocks, Lsn.Zero), database.Id);
        _progress.Advance(bytes);
        return bytes;
    }

    private IEnumerable<ReadOnlyMemory<byte>> Counted(IEnumerable<ReadOnlyMemory<byte>> pages)
    {
        foreach (ReadOnlyMemory<byte> page in pages)
        {
            _progress.Advance(page.Length);
            yield return page;
        }
    }

    private BackupSetInfo Header(LabDatabase database)
    {
        BackupSetInfo info = new()
        {
            Name = _request.Name,
            Description = _request.Description,
            UserName = _request.UserName,
            Type = _request.Kind == BackupKind.Log ? 'L' : 'D',
            Flags = Flags(database),
            SetGuid = Guid.NewGuid(),
            StartDate = _instance.Now,
            TimeZoneQuarters = (sbyte)(_instance.Options.UtcOffset.TotalMinutes / 15),
            DatabaseBackupLsn = database.LastFullCheckpointLsn,
            LastFullSetGuid = database.LastFullBackupGuid,
            DatabaseCreationDate = database.CreateDate,
            DatabaseName = database.Name,
            ServerName = _instance.Options.ServerName,
            MachineName = _instance.Options.ServerName.Split('\\')[0],
            Collation = database.Collation,
            DatabaseId = database.Id,
            CompatibilityLevel = database.CompatibilityLevel,
            BindingId = database.DatabaseGuid,
            RecoveryForkId = database.RecoveryForkGuid,
            FirstRecoveryForkId = database.RecoveryForkGuid,
            ForkPointLsn = database.ForkPointLsn,
            ParentForkId = database.FirstRecoveryForkGuid,
            FamilyId = database.FamilyGuid,
            RecoveryModel = database.RecoveryModel,
            LogChainStartLsn = database.LogChainStartLsn,
        };
        return info with { Files = Files(database, info, 0, 0) };
    }

    private int Flags(LabDatabase database)
    {
        int flags = BackupSetInfo.FlagAlways;
        flags |= database.IsReadOnly ? BackupSetInfo.FlagReadOnly : 0;
        flags |= database.UserAccess == UserAccess.SingleUser ? BackupSetInfo.FlagSingleUser : 0;
        flags |= _request.Checksum ? BackupSetInfo.FlagChecksums : 0;
        flags |= _request.NoRecovery ? BackupSetInfo.FlagNoRecovery | BackupSetInfo.FlagTailLog : 0;
        flags |= _request.CopyOnly ? BackupSetInfo.FlagCopyOnly : 0;
        return flags;
    }

    private static BackupFileInfo[] Files(LabDatabase database, BackupSetInfo info, long pages, long logBytes) =>
    [
        .. database.Files.Select(f => new BackupFileInfo
        {
            FileId = f.FileId,
            IsLog = f.IsLog,
            LogicalName = f.LogicalName,
            PhysicalName = f.PhysicalName,
            UniqueId = f.FileGuid,
            SizeBytes = f.SizeBytes,
            MaxSizeBytes = f.IsLog ? UnlimitedLog : UnlimitedData,
            PagesInBackup = f.IsLog ? 0 : (int)pages,
            BackupSizeBytes = f.IsLog ? logBytes : pages * 8192,
            DifferentialBaseLsn = f.IsLog ? Lsn.Zero : info.Type == 'D' ? info.CheckpointLsn : database.LastFullCheckpointLsn,
            DifferentialBaseGuid = f.IsLog ? Guid.Empty : info.Type == 'D' ? info.SetGuid : database.LastFullBackupGuid,
        }),
    ];

    /// <summary>Finds the last checkpoint in a range of the log before it is written: both headers of a log backup tell it, as SQL Server's do.</summary>
    private static Lsn LastCheckpoint(LabDatabase database, Lsn first, Lsn end)
    {
        Lsn last = database.LastFullCheckpointLsn;
        foreach (RawLogBlock block in Blocks(database, first, end))
            last = LastCheckpoint(block) ?? last;
        return last;
    }

    /// <summary>Reads a range; after a recovery the log begins anew behind the fork point, and nothing is between the two.</summary>
    private static IEnumerable<RawLogBlock> Blocks(LabDatabase database, Lsn first, Lsn end) =>
        database.Log.ReadBlocks(database.Log.StartLsn > first ? database.Log.StartLsn : first, end);

    private static Lsn? LastCheckpoint(RawLogBlock block)
    {
        byte[] plain = LogBlock.Unprotect(block.Bytes);
        Lsn? found = null;
        ushort slot = block.FirstLsn.Slot;
        foreach ((int start, int length) in LogBlock.Slots(plain))
        {
            if (length > 0x16 && plain[start + 0x16] == (byte)LogOp.BeginCheckpoint)
            {
                found = block.FirstLsn with { Slot = slot };
            }

            slot++;
        }

        return found;
    }

    private void Report(LabDatabase database, long pages, long logBytes)
    {
        long logPages = (logBytes + 8191) / 8192;
        _progress.Complete();
        foreach (DatabaseFile file in database.Files)
        {
            if (file.IsLog || pages > 0)
            {
                _progress.Processed(file.IsLog ? logPages : pages, database.Name, file.LogicalName, Result.Position);
            }
        }

        PagesProcessed = pages + logPages;
    }
}
