using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;

namespace BizTalkDR.Lab.Engine;

/// <summary>Settings of an instance, fixed when its folder is created.</summary>
public sealed class InstanceOptions
{
    /// <summary>Network name: SERVERPROPERTY('ServerName') and the name linked servers use, for example LABSQL1 or LABSQL1\BTS.</summary>
    public required string ServerName { get; init; }

    /// <summary>Folder that holds everything of the instance (sub-folders: data, log, backup, coordinator).</summary>
    public required string Folder { get; init; }

    public string Collation { get; init; } = "SQL_Latin1_General_CP1_CI_AS";

    /// <summary>Injected clock: server time. Local = UTC plus <see cref="UtcOffset"/>.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Difference between server local time and UTC.</summary>
    public TimeSpan UtcOffset { get; init; } = TimeSpan.Zero;

    public LabStorage? Storage { get; init; }
}

/// <summary>Outcome of a distributed transaction as its coordinator knows it.</summary>
public enum TransactionOutcome : byte
{
    /// <summary>Not decided yet: ask again.</summary>
    Active,
    Committed,

    /// <summary>Presumed abort: nothing known of it.</summary>
    Aborted,
}

/// <summary>An instance: a folder with databases, a durable commit record for transactions over several of them.</summary>
public sealed partial class LabInstance : IDisposable
{
    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true };
    private readonly object _catalogueGate = new();
    private readonly List<LabDatabase> _databases = [];

    /// <summary>The list as readers see it: they must not wait while the catalogue is being saved.</summary>
    private volatile LabDatabase[] _published = [];
    private readonly CoordinatorFile _coordinator;
    private long _lastTransactionId;

    private LabInstance(InstanceOptions options)
    {
        Options = options;
        Storage = options.Storage ?? new LabStorage();
        _coordinator = CoordinatorFile.Open(Storage, Path.Combine(options.Folder, "coordinator", "decisions"));
    }

    public InstanceOptions Options { get; }

    public string DataFolder => Path.Combine(Options.Folder, "data");

    public string LogFolder => Path.Combine(Options.Folder, "log");

    public string BackupFolder => Path.Combine(Options.Folder, "backup");

    /// <summary>Server local time, 1/300 s.</summary>
    public DateTime Now => Round(Options.Clock.GetUtcNow().UtcDateTime + Options.UtcOffset);

    public DateTime UtcNow => Round(Options.Clock.GetUtcNow().UtcDateTime);

    /// <summary>All databases by id.</summary>
    public IReadOnlyList<LabDatabase> Databases => _published;

    internal LabStorage Storage { get; }

    /// <summary>Sixteen megabytes of pages, and the rows read from them.</summary>
    internal PageBudget Pages { get; } = new(2048);

    /// <summary>Damaged pages somebody asked for, to be listed in msdb.</summary>
    internal ConcurrentQueue<(LabDatabase Database, DamagedPage Page)> MetDamage { get; } = [];

    internal LockWaits Waits { get; } = new();

    internal long LastTransactionId => Interlocked.Read(ref _lastTransactionId);

    private string CataloguePath => CatalogueFile(Options.Folder);

    /// <summary>Creates the folder with master, model, msdb, tempdb.</summary>
    /// <exception cref="IOException">The folder holds an instance already.</exception>
    public static LabInstance Create(InstanceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (Exists(options.Folder))
        {
            throw new IOException($"{options.Folder} holds an instance already.");
        }

        foreach (string folder in (string[])["data", "log", "backup", "coordinator"])
        {
            Directory.CreateDirectory(Path.Combine(options.Folder, folder));
        }

        LabInstance instance = new(options);
        instance.CreateSystemDatabases();
        return instance;
    }

    /// <summary>Starts an existing instance: recovery of every database; transactions in doubt stay so until resolved.</summary>
    /// <exception cref="InvalidDataException">The folder belongs to an instance of another name, or master cannot be opened.</exception>
    public static LabInstance Open(InstanceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        InstanceEntry entry = JsonSerializer.Deserialize<InstanceEntry>(File.ReadAllBytes(CatalogueFile(options.Folder)), _json)
            ?? throw new InvalidDataException($"{options.Folder} holds no instance.");
        if (!string.Equals(entry.ServerName, options.ServerName, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidDataException($"The folder {options.Folder} is of instance {entry.ServerName}, not {options.ServerName}.");
        }

        LabInstance instance = new(options) { _availabilityGroups = entry.AvailabilityGroups };
        instance.OpenDatabases(entry);
        return instance;
    }

    public static bool Exists(string folder) => File.Exists(CatalogueFile(folder));

    public LabDatabase? Find(string name) => Databases.FirstOrDefault(d => string.Equals(d.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Stops the instance: checkpoints, then closes the files. What is not committed is rolled back at the next start.</summary>
    public void Dispose()
    {
        _marked = null;
        foreach (LabDatabase database in Databases)
        {
            database.Close();
        }

        _coordinator.Dispose();
    }

    /// <summary>Ends the instance as a crash would: nothing more is written.</summary>
    internal void Abandon()
    {
        _marked = null;
        foreach (LabDatabase database in Databases)
        {
            database.CloseFiles();
        }

        _coordinator.Dispose();
    }

    /// <summary>Makes a change of the catalogue and saves it; the change gives what takes it back when saving fails.</summary>
    internal void Save(Func<Action> change)
    {
        lock (_catalogueGate)
        {
            Action undo = change();
            try
            {
                SaveCatalogue();
            }
            catch (IOException e) when (DiskSpace.IsFull(e))
            {
                undo();
                throw new LabSqlException(
                    1105, 17, 2, "Could not allocate space for object 'sys.databases' in database 'master' because the 'PRIMARY' filegroup is full. Create disk space by deleting unneeded files, dropping objects in the filegroup, adding additional files to the filegroup, or setting autogrowth on for existing files in the filegroup.");
            }
            catch
            {
                undo();
                throw;
            }
            finally
            {
                _published = [.. _databases];
            }
        }
    }

    internal void LearnTransactionId(long id)
    {
        long last = LastTransactionId;
        while (id > last)
        {
            long seen = Interlocked.CompareExchange(ref _lastTransactionId, id, last);
            last = seen == last ? id : seen;
        }
    }

    private static string CatalogueFile(string folder) => Path.Combine(folder, "instance.json");

    /// <summary>Rounds to what a datetime holds: .000, .003, .007 seconds.</summary>
    private static DateTime Round(DateTime time)
    {
        long parts = ((time.TimeOfDay.Ticks * 300) + (TimeSpan.TicksPerSecond / 2)) / TimeSpan.TicksPerSecond;
        long milliseconds = ((parts * 20L) + 3) / 6;
        return DateTime.SpecifyKind(time.Date, DateTimeKind.Unspecified).AddMilliseconds(milliseconds);
    }

    private void SaveCatalogue()
    {
        InstanceEntry entry = new()
        {
            ServerName = Options.ServerName,
            Collation = Options.Collation,
            Databases = [.. _databases.Select(d => d.Entry)],
            AvailabilityGroups = _availabilityGroups,
        };
        Storage.ReplaceFile(CataloguePath, JsonSerializer.SerializeToUtf8Bytes(entry, _json));
    }

    private void CreateSystemDatabases()
    {
        foreach ((int id, string name, string data, string log, RecoveryModel model) in (ReadOnlySpan<(int, string, string, string, RecoveryModel)>)
        [
            (1, "master", "master", "mastlog", RecoveryModel.Simple),
            (LabDatabase.TempDbId, "tempdb", "tempdev", "templog", RecoveryModel.Simple),
            (3, "model", "modeldev", "modellog", RecoveryModel.Full),
            (4, "msdb", "MSDBData", "MSDBLog", RecoveryModel.Simple),
        ])
        {
            string dataFile = name is "msdb" ? "MSDBData.mdf" : name + ".mdf";
            string logFile = name switch
            {
                "master" => "mastlog.ldf",
                "tempdb" => "templog.ldf",
                "msdb" => "MSDBLog.ldf",
                _ => "modellog.ldf",
            };
            DatabaseEntry entry = NewEntry(
                id, name, Options.Collation, FilesOf(data, Path.Combine(DataFolder, dataFile), log, Path.Combine(LogFolder, logFile))) with
            {
                RecoveryModel = model,
            };
            Add(new LabDatabase(this, entry));
        }
    }

    private void OpenDatabases(InstanceEntry entry)
    {
        foreach (DatabaseEntry database in entry.Databases)
        {
            LabDatabase opened = new(this, LabDatabase.Opened(database));
            _databases.Add(opened);
            if (opened.IsTemp)
            {
                opened.OpenTemp();
            }
            else if (database.State != DatabaseState.Offline)
            {
                opened.Open();
                LearnTransactionId(opened.LastTransactionId);
            }
        }

        _published = [.. _databases];
        if (_databases.Find(d => d.Id == 1)?.Failure is { } failure)
        {
            throw new InvalidDataException($"master cannot be opened: {failure.Message}", failure);
        }

        ResolvePending(_databases);
    }

    private static void CreateFiles(LabDatabase database)
    {
        try
        {
            database.CreateFiles();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LabSqlException { Number: 1105 })
        {
            database.DeleteFiles();
            string cause = e is UnauthorizedAccessException ? "5(Access is denied.)" : "112(There is not enough space on the disk.)";
            throw new LabSqlException(5123, 16, 1, $"CREATE FILE encountered operating system error {cause} while attempting to open or create the physical file '{database.DataPath}'.");
        }
    }

    private void Add(LabDatabase database)
    {
        if (database.IsTemp)
        {
            database.OpenTemp();
        }
        else
        {
            CreateFiles(database);
        }

        Save(() =>
        {
            _databases.Add(database);
            _databases.Sort((x, y) => x.Id.CompareTo(y.Id));
            return () => _databases.Remove(database);
        });
    }
}
