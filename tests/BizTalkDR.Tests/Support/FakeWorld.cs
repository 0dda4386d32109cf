using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using BizTalkDR.Backup;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Restore;

namespace BizTalkDR.Tests.Support;

/// <summary>What happens instead of a call whose line holds a text.</summary>
internal sealed record FakeFault(string Line, List<ServerMessage>? Messages, Exception? Throws);

/// <summary>A small world: a group on two fake servers, its backup files, and two empty servers to restore to.</summary>
internal sealed class FakeWorld : ISqlInstanceFactory, IFileStore, IClock, IRecoveryLog, IBackupMarkReader
{
    public const string Folder = "/backup";
    public const string ManagementDatabase = "BizTalkMgmtDb";

    private readonly Lock _gate = new();
    private readonly List<FakeFault> _faults = [];
    private DateTime _now = new(2026, 5, 6, 14, 0, 0, DateTimeKind.Utc);
    private decimal _lsn = 1000;

    public FakeWorld()
    {
        foreach (string name in new[] { "SRC1", "SRC2", "DST1", "DST2" })
        {
            Servers.Add(name, new FakeServer(this, name));
        }

        foreach ((string database, string server) in Members)
        {
            Servers[server].Databases.Add(database, new FakeDatabase { Name = database });
        }

        Servers["SRC1"].Databases[ManagementDatabase].Group = Records;
    }

    public static IReadOnlyList<(string Database, string Server)> Members { get; } =
        [(ManagementDatabase, "SRC1"), ("BizTalkMsgBoxDb", "SRC1"), ("BizTalkDTADb", "SRC2"), ("SSODB", "SRC2")];

    public Dictionary<string, FakeServer> Servers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public List<FakeFile> Files { get; } = [];

    /// <summary>Backups of tails, in folders of their own.</summary>
    public List<FakeFile> Tails { get; } = [];

    public List<FolderEntry> StrangeFiles { get; } = [];

    /// <summary>Links to folders: path to the folder behind it.</summary>
    public Dictionary<string, string> Links { get; } = [];

    /// <summary>Folders that are listed in theirs and that no server can look into.</summary>
    public List<string> ClosedFolders { get; } = [];

    public List<HistoryRow> History { get; } = [];

    public List<RecordedSet> Recorded { get; } = [];

    public List<HistoryRow> Shipped { get; } = [];

    public List<string> Calls { get; } = [];

    public List<RecoveryLogEntry> Said { get; } = [];

    /// <summary>The process under test was ended: nothing it does arrives any more.</summary>
    public bool IsDead { get; set; }

    public bool NoStandby { get; set; }

    public bool NoPermission { get; set; }

    public bool NoMarkHistory { get; set; }

    /// <summary>Changes a restore statement before it is carried out, to see whether the gate notices.</summary>
    public Func<RestoreStatement, RestoreStatement?>? Tamper { get; set; }

    /// <summary>Changes the history rows of a run before they are written.</summary>
    public Func<List<HistoryRow>, List<HistoryRow>>? TamperHistory { get; set; }

    public DateTime UtcNow => _now = _now.AddMilliseconds(1);

    /// <summary>Every address that was connected to.</summary>
    public List<SqlInstanceAddress> Opened { get; } = [];

    /// <summary>Time that the clock goes on before and after the half of every restore statement.</summary>
    public TimeSpan HalfAStatement { get; set; }

    public RecoveryPorts Ports => new(this, this, this, this) { Marks = this };

    public GroupRecords Records { get; } = new(true, true)
    {
        GroupName = "Group",
        BackupDatabases = [.. Members.Select(m => new DatabaseAddress(m.Server, m.Database))],
        MessageBoxes = [new MessageBoxRecord("SRC1", "BizTalkMsgBoxDb", true)],
        Tracking = new DatabaseAddress("SRC2", "BizTalkDTADb"),
        Others = [new OtherDatabaseRecord("SSO", "SSODB", "SRC2")],
    };

    public InstanceDirectory Directory { get; } = new(new SqlInstanceAddress("SRC1"));

    public BizTalkGroup Group => GroupDiscovery.Read(new FakeInstance(this, Servers["SRC1"], new SqlInstanceAddress("SRC1")), ManagementDatabase);

    public void FailWith(string line, params int[] numbers) => _faults.Add(new FakeFault(line, [.. numbers.Select(n => new ServerMessage(n, 16, 1, $"Message {n}."))], null));

    public void Say(string line, params ServerMessage[] messages) => _faults.Add(new FakeFault(line, [.. messages], null));

    public void Throw(string line, Exception error) => _faults.Add(new FakeFault(line, null, error));

    public FakeFault? TakeFault(string line)
    {
        lock (_gate)
        {
            FakeFault? fault = _faults.FirstOrDefault(f => line.Contains(f.Line, StringComparison.Ordinal));
            if (fault is not null)
            {
                _faults.Remove(fault);
            }

            return fault;
        }
    }

    /// <summary>What servers do when the connections of a process break.</summary>
    public void ReleaseLocks()
    {
        foreach (FakeServer server in Servers.Values)
        {
            lock (server.Locks)
            {
                server.Locks.Clear();
            }
        }
    }

    public void Write(string line)
    {
        lock (_gate)
        {
            Calls.Add(line);
        }
    }

    public string? RealNameOf(string configured) => Servers.ContainsKey(configured) ? configured.ToUpperInvariant() : null;

    public GroupRecords? GroupOf(string database) => database == ManagementDatabase ? Records with { } : null;

    public void PassHalfAStatement() => _now += HalfAStatement;

    public ISqlInstance Open(SqlInstanceAddress address, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            Opened.Add(address);
        }

        return Servers.TryGetValue(address.Name, out FakeServer? server) && server.RefusesConnections is null
            ? new FakeInstance(this, server, address)
            : throw new RecoveryException(server?.RefusesConnections ?? RecoveryError.InstanceUnreachable, address.Name, $"The instance '{address.Name}' could not be reached.");
    }

    public IReadOnlyList<FolderEntry>? ListFiles(string folder) => folder == Folder ? [] : null;

    /// <summary>Gives a folder's own files and folders as servers do, which do not tell a link from a folder.</summary>
    public ServerFolder ListFolder(string folder)
    {
        string real = Behind(folder) + "/";
        List<(string Name, FolderEntry? File)> entries = [.. Files.Select(f => (f.Path, (long?)f.SizeBytes)).Concat(StrangeFiles.Select(f => (f.Path, f.SizeBytes)))
            .Where(f => f.Path.StartsWith(real, StringComparison.Ordinal))
            .Select(f => (Name: f.Path[real.Length..].Split('/')[0], IsFile: !f.Path[real.Length..].Contains('/', StringComparison.Ordinal), Size: f.Item2))
            .Select(f => (f.Name, f.IsFile ? new FolderEntry(f.Name, folder + "/" + f.Name, f.Size) : null))];
        return new ServerFolder((real == Folder + "/" || entries.Count > 0) && !ClosedFolders.Contains(folder), [.. entries.Select(e => e.File).OfType<FolderEntry>(), .. StrangeFiles.Where(f => real == Folder + "/" && !f.Path.StartsWith(real, StringComparison.Ordinal))])
        {
            Folders = [.. entries.Where(e => e.File is null).Select(e => e.Name)
                .Concat(Links.Keys.Concat(ClosedFolders).Where(l => l.StartsWith(real, StringComparison.Ordinal) && !l[real.Length..].Contains('/', StringComparison.Ordinal)).Select(l => l[real.Length..]))
                .Distinct().Order(StringComparer.Ordinal).Select(n => folder + "/" + n)],
        };
    }

    /// <summary>Gives a path without the links in it.</summary>
    public string Behind(string path)
    {
        while (Links.FirstOrDefault(l => path == l.Key || path.StartsWith(l.Key + "/", StringComparison.Ordinal)) is { Key: { } link } found)
        {
            path = found.Value + path[link.Length..];
        }

        return path;
    }

    public byte[]? Read(string path, int mostBytes) => throw new NotSupportedException();

    public long? SizeOf(string path) => Files.FirstOrDefault(f => f.Path == path)?.SizeBytes;

    public void Write(RecoveryLogEntry entry)
    {
        lock (_gate)
        {
            Said.Add(entry);
        }
    }

    public MarkPosition? Find(string path, int position, string markName, CancellationToken cancellationToken = default) =>
        Files.First(f => f.Path == path).Marks.FirstOrDefault(m => m.Name == markName) is { } mark
            ? new MarkPosition(new LogPosition(mark.Lsn), new LogPosition(mark.NextLsn), MarkCertainty.Exact, "read from the log")
            : Files.First(f => f.Path == path).AbsenceProvesNothing
                ? throw new RecoveryException(RecoveryError.MarkUnconfirmed, path, $"The mark '{markName}' was not seen, which proves nothing.")
                : null;

    public MarkReading Read(string path, int position, CancellationToken cancellationToken = default) =>
        new([.. Files.First(f => f.Path == path).Marks.Select(m => (m.Name, new MarkPosition(new LogPosition(m.Lsn), new LogPosition(m.NextLsn), MarkCertainty.Exact, "read from the log")))], Files.First(f => f.Path == path).AbsenceProvesNothing ? "the layout is not verified" : null);

    /// <summary>Runs a procedure of the group as the real ones do: return code 0, history rows, files.</summary>
    public List<ServerMessage> RunProcedure(GroupProcedureCall call)
    {
        if (call.Procedure is GroupProcedure.BackupAllFull or GroupProcedure.MarkAll)
        {
            BackUp(call.Procedure == GroupProcedure.MarkAll, call.MarkName, call.Path);
        }

        return [];
    }

    public void BackUpFull() => BackUp(false, "BTS", Folder);

    public string BackUpLog()
    {
        BackUp(true, "BTS", Folder);
        return History[^1].MarkName!;
    }

    public RestoreRequest RestoreTo(params string[] destinations) => new([Folder], [.. destinations.Select(d => new SqlInstanceAddress(d))]);

    public RestorePlan Prepare(RestoreRequest? request = null) => new RestorePreparer(Ports).Prepare(request ?? RestoreTo("DST1", "DST2"));

    public RestoreResult Restore(RestorePlan? plan = null, CancellationToken cancellationToken = default) =>
        new RestoreRunner(Ports) { Parallelism = 1 }.Run(plan ?? Prepare(), new MemoryJournal(), cancellationToken);

    public IReadOnlyList<BackupSet> BackUp(BackupRequest request) => new BackupRunner(Ports, Directory).Run(BackupPlanner.Plan(Group, request));

    private void BackUp(bool log, string markName, string path)
    {
        _now = _now.AddMinutes(15);
        string stamp = _now.ToString("yyyy_MM_dd_HH_mm_ss_fff", CultureInfo.InvariantCulture);
        string mark = markName + "_" + stamp;
        long set = History.Select(r => r.SetId).DefaultIfEmpty(0).Max() + 1;
        var rows = new List<HistoryRow>();
        foreach ((string name, string server) in Members)
        {
            FakeDatabase database = Servers[server].Databases[name];
            string file = $"{server}_{name}_{(log ? "Log" : "Full")}_{mark}.bak";
            decimal first = log ? database.RedoLsn : _lsn;
            decimal markLsn = _lsn + 50;
            var marks = new List<FakeMark>();
            if (log)
            {
                var own = new FakeMark(mark, markLsn, markLsn + 1);
                marks.Add(own);
                database.Marks.Add(own);
            }

            _lsn += 100;
            BackupHeader header = HeaderOf(database, server, log, first, _lsn);
            Files.Add(new FakeFile { Path = path + "/" + file, Header = header, Marks = log ? marks : [.. database.Marks] });
            Recorded.Add(new RecordedSet(path + "/" + file, header));

            // RedoLsn of a source is where its next log backup begins.
            database.RedoLsn = log ? _lsn : database.RedoLsn == 0 ? first : database.RedoLsn;
            rows.Add(new HistoryRow(set, log ? mark : null, name, server, file, path, log, _now, true));
        }

        History.AddRange(TamperHistory?.Invoke(rows) ?? rows);
    }

    private static BackupHeader HeaderOf(FakeDatabase database, string server, bool log, decimal first, decimal last) =>
        new(1, log ? MediaBackupKind.Log : MediaBackupKind.Full, server, database.Name)
        {
            FirstLsn = new LogPosition(first),
            LastLsn = new LogPosition(last),
            BackupSetGuid = Guid.NewGuid(),
            FamilyGuid = database.Family,
            RecoveryForkGuid = database.Fork,
            FirstRecoveryForkGuid = database.Fork,
            SoftwareVersion = new Version(16, 0, 4135),
            BackupSizeBytes = 1000 + database.Name.Length,
            Collation = "Latin1_General_CI_AS",
            RecoveryModel = "FULL",
        };
}
