using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tests.Log;

namespace BizTalkDR.Lab.Tests.Backup;

/// <summary>Instances in a temporary folder with short words for what backup tests do.</summary>
internal sealed class BackupFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<LabInstance> _instances = [];

    public BackupFixture()
    {
        Source = NewInstance("LABSQL1");
        Engine = new BackupEngine(Source);
    }

    public LabInstance Source { get; }

    public BackupEngine Engine { get; }

    public TestClock Clock { get; } = new();

    public string File(string name) => _folder.File(name);

    public LabInstance NewInstance(string name)
    {
        LabInstance instance = LabInstance.Create(new InstanceOptions { ServerName = name, Folder = _folder.File(name), Clock = Clock });
        _instances.Add(instance);
        return instance;
    }

    /// <summary>Stops an instance and starts it again.</summary>
    /// <param name="engine">Its engine.</param>
    /// <param name="meanwhile">What happens to the files while it is stopped.</param>
    public BackupEngine Restart(BackupEngine engine, Action? meanwhile = null)
    {
        InstanceOptions options = engine.Instance.Options;
        _instances.Remove(engine.Instance);
        engine.Instance.Dispose();
        meanwhile?.Invoke();
        LabInstance instance = LabInstance.Open(options);
        _instances.Add(instance);
        return new BackupEngine(instance);
    }

    /// <summary>Creates a database with a table of numbers.</summary>
    public static LabDatabase NewDatabase(LabInstance instance, string name)
    {
        LabDatabase database = instance.CreateDatabase(name, "sa");
        LabTransaction transaction = instance.Begin();
        database.CreateTable(transaction, new TableDef
        {
            ObjectId = database.NewObjectId(),
            Name = "Numbers",
            Columns = [new ColumnDef { Name = "N", Type = SqlType.Int, ColumnId = 1, Nullable = false }],
        });
        instance.Commit(transaction);
        return database;
    }

    public static void Insert(LabDatabase database, int number, string? mark = null)
    {
        LabTransaction transaction = database.Instance.Begin(mark);
        transaction.MarkName = mark;
        database.FindTable("dbo", "Numbers")!.Insert(transaction, [number]);
        database.Instance.Commit(transaction);
    }

    public static int[] Numbers(LabDatabase database) => [.. database.FindTable("dbo", "Numbers")!.Scan(null).Select(r => (int)r.Values[0]!).Order()];

    public Messages Full(LabDatabase database, string file, bool copyOnly = false, bool init = false, bool checksum = false, BackupEngine? engine = null) =>
        Run(sink => (engine ?? Engine).Backup(
            new BackupRequest { Database = database.Name, Disks = [File(file)], CopyOnly = copyOnly, Init = init, Checksum = checksum, Name = "full" }, sink, CancellationToken.None));

    public Messages Differential(string database, string file, bool checksum = false, BackupEngine? engine = null) =>
        Run(sink => (engine ?? Engine).Backup(
            new BackupRequest { Database = database, Kind = BackupKind.Differential, Disks = [File(file)], Checksum = checksum }, sink, CancellationToken.None));

    /// <summary>Runs a BACKUP with any options; the devices are files of the fixture.</summary>
    public Messages Backup(BackupRequest request, BackupEngine? engine = null) => Run(sink => (engine ?? Engine).Backup(request, sink, CancellationToken.None));

    /// <summary>Restores a full or differential backup from several files to new places.</summary>
    public Messages RestoreFrom(
        BackupEngine engine, string database, string[] files, int position = 1, RestoreKind kind = RestoreKind.Database, RecoveryOption recovery = RecoveryOption.NoRecovery, bool continueAfterError = false) =>
        Run(sink => engine.Restore(
            new RestoreRequest
            {
                Database = database,
                Kind = kind,
                Disks = [.. files.Select(File)],
                File = position,
                Recovery = recovery,
                ContinueAfterError = continueAfterError,
                Moves = kind == RestoreKind.Log || engine.Instance.Find(database) is not null
                    ? []
                    : [.. engine.FileListOnly([File(files[0])], position).Rows.Select(r => ((string)r[0]!, Path.Combine(engine.Instance.DataFolder, database + "_" + r[0])))],
            },
            sink,
            CancellationToken.None));

    public Messages Log(string database, string file, bool noRecovery = false, BackupEngine? engine = null) =>
        Run(sink => (engine ?? Engine).Backup(
            new BackupRequest { Database = database, Kind = BackupKind.Log, Disks = [File(file)], NoRecovery = noRecovery }, sink, CancellationToken.None));

    public Messages RestoreFull(
        BackupEngine engine, string database, string file, RecoveryOption recovery = RecoveryOption.NoRecovery, bool replace = false, bool move = true,
        bool checksum = false, StopPoint? stop = null, Func<LabDatabase, int>? inUse = null, int position = 1, string? standby = null) =>
        Run(sink => engine.Restore(
            new RestoreRequest
            {
                Database = database,
                Disks = [File(file)],
                File = position,
                Recovery = recovery,
                Replace = replace,
                Checksum = checksum,
                Stop = stop,
                InUseError = inUse,
                StandbyFile = standby,
                Moves = move
                    ? [.. engine.FileListOnly([File(file)], position).Rows.Select(r => ((string)r[0]!, Path.Combine(
                        engine.Instance.DataFolder, database + ((string)r[2]! == "L" ? ".ldf" : ".mdf"))))]
                    : [],
            },
            sink,
            CancellationToken.None));

    public Messages RestoreLog(
        BackupEngine engine, string database, string file, StopPoint? stop = null, RecoveryOption recovery = RecoveryOption.NoRecovery, string? standby = null) =>
        Run(sink => engine.Restore(
            new RestoreRequest { Database = database, Kind = RestoreKind.Log, Disks = [File(file)], Stop = stop, Recovery = recovery, StandbyFile = standby },
            sink,
            CancellationToken.None));

    public static Messages Recover(BackupEngine engine, string database) =>
        Run(sink => engine.Restore(new RestoreRequest { Database = database }, sink, CancellationToken.None));

    public static StopPoint AtMark(string name) => new(name, false, null, null);

    /// <summary>Runs a statement and collects its messages; the exception that ended it is the last.</summary>
    public static Messages Run(Action<IMessageSink> statement)
    {
        Messages messages = new();
        try
        {
            statement(messages);
        }
        catch (LabSqlException e)
        {
            messages.Message(e.Error);
        }

        return messages;
    }

    public void Dispose()
    {
        foreach (LabInstance instance in _instances)
        {
            instance.Dispose();
        }

        _folder.Dispose();
    }
}

internal sealed class Messages : IMessageSink
{
    public List<SqlMessage> All { get; } = [];

    public IEnumerable<int> Numbers => All.Select(m => m.Number);

    public IEnumerable<int> Errors => All.Where(m => m.IsError).Select(m => m.Number);

    public bool Succeeded => !All.Any(m => m.IsError) && All.Count(m => m.Number == 3014) == 1;

    public string this[int number] => All.First(m => m.Number == number).Text;

    public void Message(SqlMessage message) => All.Add(message);

    public override string ToString() => string.Join(" | ", All.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Number}/{m.Class} {m.Text}")));
}

/// <summary>Time that goes on by 10 ms with each look, so that no two moments are the same.</summary>
internal sealed class TestClock : TimeProvider
{
    private long _ticks = new DateTime(2024, 5, 6, 7, 0, 0, DateTimeKind.Utc).Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Add(ref _ticks, TimeSpan.TicksPerMillisecond * 10), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Add(ref _ticks, TimeSpan.TicksPerMillisecond * 10);
}
