using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>One file of a database, as sys.master_files shows it.</summary>
public sealed class DatabaseFile
{
    /// <summary>1 = primary data file, 2 = log file.</summary>
    public int FileId { get; set; }

    public bool IsLog { get; set; }

    /// <summary>data_space_id of a data file; 0 for the log.</summary>
    public int FileGroupId { get; set; } = FileGroupEntry.Primary;

    public required string LogicalName { get; set; }

    public required string PhysicalName { get; set; }

    public Guid FileGuid { get; set; }

    public long SizeBytes { get; set; }
}

/// <summary>A database: tables, modules, state. Row changes are logged; committed changes survive SIGKILL.</summary>
/// <remarks>
/// The data file holds the rows as of the last checkpoint, the log and memory everything since; rows are read from the file when they are asked for. <see cref="Gate"/> guards all of it;
/// it is held for moments only, never while waiting for a row or for the disk (but for the log's own buffers).
/// </remarks>
public sealed partial class LabDatabase
{
    /// <summary>Id of tempdb: made anew at each start, not logged.</summary>
    internal const int TempDbId = 2;

    private DatabaseEntry _entry;
    private LabLog? _log;
    private DataFile? _file;
    private Exception? _failure;

    internal LabDatabase(LabInstance instance, DatabaseEntry entry)
    {
        Instance = instance;
        _entry = entry;
        _pages = new PageStore(this);
        Restore = new RestoreSteps(this);
        ResetContent();
    }

    public int Id => _entry.Id;

    public string Name => _entry.Name;

    public LabInstance Instance { get; }

    public DatabaseState State => _failure is not null ? DatabaseState.Suspect : _entry.State;

    public bool IsInStandby => _entry.IsInStandby;

    public bool IsReadOnly => _entry.IsReadOnly || _entry.IsInStandby;

    public RecoveryModel RecoveryModel => _entry.RecoveryModel;

    public UserAccess UserAccess => _entry.UserAccess;

    public string Collation => _entry.Collation;

    public DateTime CreateDate => _entry.CreateDate;

    public byte CompatibilityLevel => _entry.CompatibilityLevel;

    /// <summary>The files with their present sizes.</summary>
    public IReadOnlyList<DatabaseFile> Files => [.. _entry.Files.Select(WithSize)];

    /// <summary>File groups, PRIMARY first.</summary>
    public IReadOnlyList<FileGroupEntry> FileGroups => _entry.FileGroups;

    /// <summary>Encryption key of the database; null when it has none.</summary>
    public DatabaseEncryption? Encryption
    {
        get => _entry.Encryption;
        set => Update(e => e with { Encryption = value });
    }

    public Guid DatabaseGuid => _entry.DatabaseGuid;

    public Guid FamilyGuid => _entry.FamilyGuid;

    public Guid RecoveryForkGuid => _entry.RecoveryForkGuid;

    /// <summary>Where roll-forward stands while RESTORING or in STANDBY (sys.master_files.redo_start_lsn); null otherwise, and while the content is unknown.</summary>
    public Lsn? RedoStartLsn => _entry.RedoLsn;

    /// <summary>Time of the last commit rolled forward.</summary>
    public DateTime? RedoTime => _entry.RedoTime;

    public Guid? RedoStartForkGuid => _entry.RedoLsn is null ? null : _entry.RecoveryForkGuid;

    public Lsn LastLogBackupLsn => _entry.LastLogBackupLsn;

    public LabLog Log => _log ?? throw StateError();

    /// <summary>Name of the owner login.</summary>
    public string Owner
    {
        get => _entry.Owner;
        set => Update(e => e with { Owner = value });
    }

    /// <summary>The steps BACKUP and RESTORE are made of.</summary>
    public IRestorePrimitives Restore { get; }

    /// <summary>CheckpointLSN and set GUID of the last full backup (not copy-only); zero and empty before the first.</summary>
    public Lsn LastFullCheckpointLsn => _entry.LastFullCheckpointLsn;

    public Guid LastFullBackupGuid => _entry.LastFullBackupGuid;

    /// <summary>First LSN of the current log chain (first log backup possible from here); zero when there is none (SIMPLE, or no full backup yet).</summary>
    public Lsn LogChainStartLsn => _entry.LogChainStartLsn;

    /// <summary>LSN at which the current recovery fork began, and the fork it came from; zero and empty when never restored.</summary>
    public Lsn ForkPointLsn => _entry.ForkPointLsn;

    public Guid FirstRecoveryForkGuid => _entry.FirstRecoveryForkGuid;

    /// <summary>Why the database is SUSPECT; null when it is not.</summary>
    public Exception? Failure => _failure;

    /// <summary>Pages of tables that could not be read, as far as they have been asked for.</summary>
    public IReadOnlyList<DamagedPage> DamagedPages => _pages.Damaged;

    /// <summary>Whether a restore step went on after an error: further steps must do so too (4323).</summary>
    public bool HasAcceptedDamage => _entry.HasAcceptedDamage;

    internal object Gate { get; } = new();

    internal DatabaseEntry Entry => _entry;

    /// <summary>The pages rows are read from.</summary>
    internal PageStore Store => _pages;

    internal bool IsTemp => Id == TempDbId;

    internal bool IsDropped { get; private set; }

    internal string DataPath => _entry.Files.First(f => f.FileId == 1).PhysicalName;

    internal string LogPath => _entry.Files.First(f => f.IsLog).PhysicalName;

    /// <summary>Changes what the catalogue file remembers: durable when it returns.</summary>
    internal void Update(Func<DatabaseEntry, DatabaseEntry> change) => Instance.Save(() =>
    {
        DatabaseEntry before = _entry;
        _entry = change(before);
        return () => _entry = before;
    });

    /// <summary>Gives a file another logical name.</summary>
    public void RenameFile(int fileId, string logicalName) => Update(e => e with
    {
        Files = [.. e.Files.Select(f => f.FileId == fileId ? Renamed(f, logicalName) : f)],
    });

    internal void SetEntry(DatabaseEntry entry) => _entry = entry;

    internal void ThrowIfUnreadable()
    {
        if (State != DatabaseState.Online || IsDropped)
        {
            throw StateError();
        }
    }

    internal void ThrowIfUnwritable()
    {
        ThrowIfUnreadable();
        if (IsReadOnly)
        {
            throw new LabSqlException(3906, 16, 1, $"Failed to update database \"{Name}\" because the database is read-only.");
        }
    }

    /// <summary>Takes the database out of use after a failure of its files; a restart finds out what is durable.</summary>
    internal void Fail(Exception cause) => _failure ??= cause;

    internal void CloseFiles()
    {
        lock (Gate)
        {
            _log?.Dispose();
            _file?.Dispose();
            _log = null;
            _file = null;
        }
    }

    /// <summary>Refuses to take the database away from transactions that have written in it, those in doubt included.</summary>
    internal void ThrowIfBusy(int number, string text)
    {
        lock (Gate)
        {
            if (_active.Count > 0)
            {
                throw new LabSqlException(number, 16, 1, text);
            }
        }
    }

    /// <summary>The data files rows are read from.</summary>
    internal DataFile OpenFile() => _file ?? throw new ObjectDisposedException(Name);

    /// <summary>Opens the log of a database whose data files cannot be used.</summary>
    internal LabLog OpenLogAlone() => LabLog.Open(LogPath, Instance.Storage);

    internal bool HasLog(LabLog log) => _log == log;

    /// <summary>Checkpoints, where there is something to, and closes the files.</summary>
    internal void Close()
    {
        if (State == DatabaseState.Online && !IsTemp && !IsInStandby && _log is not null && _pageFailure is null)
        {
            Checkpoint();
            Log.FlushAll();
        }

        CloseFiles();
    }

    internal void TakeOffline()
    {
        if (State == DatabaseState.Online)
        {
            ThrowIfBusy(5061, $"ALTER DATABASE failed because a lock could not be placed on database '{Name}'. Try again later.");
            Checkpoint();
            Log.FlushAll();
        }
        else
        {
            throw StateError();
        }

        Update(e => e with { State = DatabaseState.Offline });
        CloseFiles();
        lock (Gate)
        {
            ResetContent();
        }
    }

    internal void DeleteFiles()
    {
        CloseFiles();
        IsDropped = true;
        foreach (DatabaseFile file in _entry.Files)
        {
            Instance.Storage.Delete(file.PhysicalName);
        }

        foreach (string path in DataFile.PathsBeside(DataPath))
        {
            Instance.Storage.Delete(path);
        }
    }

    private LabSqlException StateError() => State switch
    {
        _ when IsDropped => new LabSqlException(911, 16, 1, $"Database '{Name}' does not exist. Make sure that the name is entered correctly."),
        DatabaseState.Restoring => new LabSqlException(927, 14, 2, $"Database '{Name}' cannot be opened. It is in the middle of a restore."),
        DatabaseState.Offline => new LabSqlException(942, 14, 4, $"Database '{Name}' cannot be opened because it is offline."),
        DatabaseState.Suspect => new LabSqlException(
            926, 14, 1, $"Database '{Name}' cannot be opened. It has been marked SUSPECT by recovery. {_failure?.Message}"),
        _ => new LabSqlException(922, 14, 1, $"Database '{Name}' is being recovered. Waiting until recovery is finished."),
    };

    private static DatabaseFile Renamed(DatabaseFile file, string logicalName) => new()
    {
        FileId = file.FileId,
        IsLog = file.IsLog,
        FileGroupId = file.FileGroupId,
        LogicalName = logicalName,
        PhysicalName = file.PhysicalName,
        FileGuid = file.FileGuid,
        SizeBytes = file.SizeBytes,
    };

    private DatabaseFile WithSize(DatabaseFile file)
    {
        FileInfo info = new(file.PhysicalName);
        return new DatabaseFile
        {
            FileId = file.FileId,
            IsLog = file.IsLog,
            FileGroupId = file.IsLog ? 0 : file.FileGroupId,
            LogicalName = file.LogicalName,
            PhysicalName = file.PhysicalName,
            FileGuid = file.FileGuid,
            SizeBytes = info.Exists ? info.Length : file.SizeBytes,
        };
    }
}
