using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

public sealed partial class LabInstance
{
    private const int FirstUserDatabaseId = 5;
    private readonly object _createGate = new();

    /// <exception cref="LabSqlException">1801 the name is taken, 1834 a file is another database's, 5170 a file exists, 5133 its folder does not.</exception>
    public LabDatabase CreateDatabase(string name, string owner, string? collation = null, string? dataPath = null, string? logPath = null)
    {
        IReadOnlyList<DatabaseFile> files = FilesOf(
            name, dataPath ?? Path.Combine(DataFolder, name + ".mdf"), name + "_log", logPath ?? Path.Combine(LogFolder, name + "_log.ldf"));
        return CreateDatabase(name, owner, collation, files, [FileGroupEntry.PrimaryGroup]);
    }

    /// <summary>Makes a database of these files; file 1 is the primary one, one file is the log.</summary>
    /// <exception cref="LabSqlException">1801 the name is taken, 1834 a file is another database's, 5170 a file exists, 5133 its folder does not.</exception>
    public LabDatabase CreateDatabase(string name, string owner, string? collation, IReadOnlyList<DatabaseFile> files, IReadOnlyList<FileGroupEntry> groups)
    {
        ArgumentNullException.ThrowIfNull(files);
        lock (_createGate)
        {
            RefuseName(name);
            foreach (DatabaseFile file in files)
            {
                RefuseFolder(file.PhysicalName);
                RefuseUsed(file.PhysicalName, null);
                if (File.Exists(file.PhysicalName))
                {
                    throw new LabSqlException(
                        5170, 16, 1, $"Cannot create file '{file.PhysicalName}' because it already exists. Change the file path or the file name, and retry the operation.");
                }
            }

            RecoveryModel model = Find("model")?.RecoveryModel ?? RecoveryModel.Full;
            LabDatabase database = new(this, NewEntry(NextId(), name, collation ?? Options.Collation, files) with { Owner = owner, RecoveryModel = model, FileGroups = groups });
            Add(database);
            return database;
        }
    }

    /// <summary>Makes (or, when it exists, takes over and replaces) a database in state RESTORING with these files and identity; content follows by LoadPages.</summary>
    /// <remarks>Files that exist and belong to no other database are overwritten.</remarks>
    /// <exception cref="LabSqlException">1834 a file is another database's, 5133 its folder does not exist.</exception>
    public LabDatabase CreateForRestore(string name, IReadOnlyList<DatabaseFile> files, RestoredIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(identity);
        lock (_createGate)
        {
            LabDatabase? existing = Find(name);
            foreach (DatabaseFile file in files)
            {
                RefuseFolder(file.PhysicalName);
                RefuseUsed(file.PhysicalName, existing);
            }

            DatabaseEntry entry = (existing?.Entry ?? NewEntry(NextId(), name, identity.Collation, files)) with
            {
                Files = [.. files],
                State = DatabaseState.Restoring,
                RedoLsn = null,
                RedoTime = null,
                HasAcceptedDamage = false,
                FileGroups = identity.FileGroups,
                Encryption = identity.Encryption,
                IsInStandby = false,
                StandbyFile = null,
                IsReadOnly = false,
                UserAccess = UserAccess.MultiUser,
                Collation = identity.Collation,
                CompatibilityLevel = identity.CompatibilityLevel,
                CreateDate = identity.CreateDate,
                RecoveryModel = identity.RecoveryModel,
                FamilyGuid = identity.FamilyGuid,
                DatabaseGuid = identity.DatabaseGuid,
                RecoveryForkGuid = identity.RecoveryForkGuid,
                FirstRecoveryForkGuid = Guid.Empty,
                ForkPointLsn = Lsn.Zero,
                LastLogBackupLsn = Lsn.Zero,
                LastFullCheckpointLsn = identity.BaseCheckpointLsn,
                LastFullBackupGuid = identity.BaseSetGuid,
                LogChainStartLsn = Lsn.Zero,
            };
            return existing is null ? AddRestoring(entry) : Replace(existing, entry);
        }
    }

    public void DropDatabase(LabDatabase database)
    {
        ArgumentNullException.ThrowIfNull(database);
        if (database.Id < FirstUserDatabaseId)
        {
            throw new LabSqlException(3708, 16, 1, $"Cannot drop the database '{database.Name}' because it is a system database.");
        }

        database.ThrowIfBusy(3702, $"Cannot drop database \"{database.Name}\" because it is currently in use.");
        Save(() =>
        {
            _databases.Remove(database);
            return () => _databases.Add(database);
        });
        database.DeleteFiles();
    }

    public void RenameDatabase(LabDatabase database, string name)
    {
        ArgumentNullException.ThrowIfNull(database);
        lock (_createGate)
        {
            if (Find(name) is { } other && other != database)
            {
                RefuseName(name);
            }

            // sys.databases.create_date: "date the database was created or renamed".
            database.Update(e => e with { Name = name, CreateDate = Now });
        }
    }

    /// <remarks>SIMPLE ends the log chain; the next one begins with a full backup in another model.</remarks>
    public void SetRecoveryModel(LabDatabase database, RecoveryModel model)
    {
        ArgumentNullException.ThrowIfNull(database);
        database.Update(e => e with
        {
            RecoveryModel = model,
            LogChainStartLsn = model == RecoveryModel.Simple ? Lsn.Zero : e.LogChainStartLsn,
            LastLogBackupLsn = model == RecoveryModel.Simple ? Lsn.Zero : e.LastLogBackupLsn,
        });
    }

    public void SetUserAccess(LabDatabase database, UserAccess access)
    {
        ArgumentNullException.ThrowIfNull(database);
        database.Update(e => e with { UserAccess = access });
    }

    public void SetReadOnly(LabDatabase database, bool value)
    {
        ArgumentNullException.ThrowIfNull(database);
        database.Update(e => e with { IsReadOnly = value });
    }

    /// <exception cref="LabSqlException">5061 while transactions are open in it.</exception>
    public void SetOffline(LabDatabase database, bool offline)
    {
        ArgumentNullException.ThrowIfNull(database);
        if (offline == (database.Entry.State == DatabaseState.Offline))
        {
            return;
        }

        if (offline)
        {
            database.TakeOffline();
            return;
        }

        database.Update(e => e with { State = DatabaseState.Online });
        database.Open();
        LearnTransactionId(database.LastTransactionId);
        ResolvePending([database]);
    }

    private static IReadOnlyList<DatabaseFile> FilesOf(string data, string dataPath, string log, string logPath) =>
    [
        new DatabaseFile { FileId = 1, LogicalName = data, PhysicalName = dataPath, FileGuid = Guid.NewGuid() },
        new DatabaseFile { FileId = 2, IsLog = true, LogicalName = log, PhysicalName = logPath, FileGuid = Guid.NewGuid() },
    ];

    private DatabaseEntry NewEntry(int id, string name, string collation, IReadOnlyList<DatabaseFile> files)
    {
        Guid family = Guid.NewGuid();
        return new DatabaseEntry
        {
            Id = id,
            Name = name,
            Collation = collation,
            CreateDate = Now,
            DatabaseGuid = Guid.NewGuid(),
            FamilyGuid = family,
            RecoveryForkGuid = family,
            Files = files,
        };
    }

    private int NextId()
    {
        HashSet<int> taken = [.. Databases.Select(d => d.Id)];
        return Enumerable.Range(FirstUserDatabaseId, int.MaxValue - FirstUserDatabaseId).First(id => !taken.Contains(id));
    }

    private void RefuseName(string name)
    {
        if (Find(name) is not null)
        {
            throw new LabSqlException(1801, 16, 3, $"Database '{name}' already exists. Choose a different database name.");
        }
    }

    private void RefuseUsed(string path, LabDatabase? except)
    {
        string full = Path.GetFullPath(path);
        LabDatabase? user = Databases.FirstOrDefault(d => d != except && d.Entry.Files.Any(f => Path.GetFullPath(f.PhysicalName) == full));
        if (user is not null)
        {
            throw new LabSqlException(1834, 16, 1, $"The file '{path}' cannot be overwritten. It is being used by database '{user.Name}'.");
        }
    }

    private static void RefuseFolder(string path)
    {
        if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            throw new LabSqlException(
                5133, 16, 1, $"Directory lookup for the file \"{path}\" failed with the operating system error 2(The system cannot find the file specified.).");
        }
    }

    private LabDatabase AddRestoring(DatabaseEntry entry)
    {
        LabDatabase database = new(this, entry);
        database.CreateFilesForRestore();
        Save(() =>
        {
            _databases.Add(database);
            _databases.Sort((x, y) => x.Id.CompareTo(y.Id));
            return () => _databases.Remove(database);
        });
        return database;
    }

    /// <summary>First the word that the content is gone, then the files: a crash in between leaves a database that must be restored from the start.</summary>
    private static LabDatabase Replace(LabDatabase database, DatabaseEntry entry)
    {
        database.ThrowIfBusy(3101, "Exclusive access could not be obtained because the database is in use.");
        string[] kept = [.. entry.Files.Select(f => f.PhysicalName)];
        string[] old = [.. database.Entry.Files.Select(f => f.PhysicalName), .. DataFile.PathsBeside(database.DataPath)];
        database.Update(_ => entry);
        database.CloseFiles();
        foreach (string path in old.Where(p => !kept.Contains(p)))
        {
            database.Instance.Storage.Delete(path);
        }

        database.CreateFilesForRestore();
        return database;
    }
}
