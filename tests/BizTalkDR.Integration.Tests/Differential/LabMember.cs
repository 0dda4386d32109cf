using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using BizTalkDR.Tests.Restore.Differential;
using BizTalkDR.Tests.Restore.Model;

namespace BizTalkDR.Integration.Tests.Differential;

/// <summary>A member that is a database of the lab: everything that happens to it is a statement, and its sets are what HEADERONLY says of the files.</summary>
internal sealed class LabMember : IMemberHistory
{
    /// <summary>Logical names of the two files of every member.</summary>
    public const string DataFile = "data";
    public const string LogFile = "log";
    private const int NoFullBackup = 4214;
    private readonly LabServer _server;
    private readonly string _folder;
    private readonly List<ModelMark> _marks = [];
    private readonly Dictionary<int, int[]> _rowsAt = [];
    private readonly Dictionary<Guid, int[]> _rowsIn = [];
    private readonly List<int> _rows = [];
    private IReadOnlyList<ModelStatement> _way = [];
    private int _lastRow;
    private int _tables;
    private bool _hasBase;

    /// <param name="instance">Where it lives.</param>
    /// <param name="server">Name of that instance.</param>
    /// <param name="database">Its name.</param>
    /// <param name="folder">Takes its files, and logs that nobody but its own history sees.</param>
    public LabMember(LabServer instance, string server, string database, string folder)
    {
        _server = instance;
        _folder = folder;
        Server = server;
        Database = database;
        string files = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        _server.Run($"CREATE DATABASE {LabServer.Name(database)} ON PRIMARY (NAME = {DataFile}, FILENAME = {LabServer.Text(files + ".mdf")}) LOG ON (NAME = {LogFile}, FILENAME = {LabServer.Text(files + ".ldf")}); ALTER DATABASE {LabServer.Name(database)} SET RECOVERY FULL;");
        _server.Run($"CREATE TABLE {LabServer.Name(database)}.dbo.MarkLog (MarkName nvarchar(128) NULL); CREATE TABLE {LabServer.Name(database)}.dbo.T (Id int NOT NULL PRIMARY KEY); CREATE TABLE {LabServer.Name(database)}.dbo.adm_BackupHistory (Id int NOT NULL);");
    }

    public string Server { get; }

    public string Database { get; private set; }

    public Guid Family { get; private set; }

    public IReadOnlyList<ModelMark> Marks => _marks;

    private string Quoted => LabServer.Name(Database);

    /// <summary>Ids of the rows that were there when a marked transaction was committed, its own row included.</summary>
    public IReadOnlyList<int> RowsAt(int transaction) => _rowsAt[transaction];

    /// <summary>Ids of the rows that were there when a full backup was written.</summary>
    public IReadOnlyList<int> RowsIn(Guid set) => _rowsIn[set];

    public int Commits { get; private set; }

    public void Bookkeep() => _server.Run($"INSERT INTO {Quoted}.dbo.adm_BackupHistory (Id) VALUES (1);");

    public void Work(int records)
    {
        Commits += records;
        for (int i = 0; i < records; i++)
            _server.Run($"INSERT INTO {Quoted}.dbo.T (Id) VALUES ({NextRow()});");
    }

    public void BulkLoad()
    {
        Commits++;
        _server.Run(string.Create(
            CultureInfo.InvariantCulture,
            $"ALTER DATABASE {Quoted} SET RECOVERY BULK_LOGGED; SELECT Id INTO {Quoted}.dbo.B{++_tables} FROM {Quoted}.dbo.T; ALTER DATABASE {Quoted} SET RECOVERY FULL;"));
    }

    public void Mark(string name, int transaction, int records)
    {
        _server.Run($"BEGIN TRANSACTION {LabServer.Name(name)} WITH MARK; INSERT INTO {Quoted}.dbo.MarkLog (MarkName) VALUES ({LabServer.Text(name)}); INSERT INTO {Quoted}.dbo.T (Id) VALUES ({NextRow()}); COMMIT TRANSACTION;");
        long lsn = (long)(decimal)_server.Rows($"SELECT TOP (1) lsn FROM msdb.dbo.logmarkhistory WHERE database_name = {LabServer.Text(Database)} AND mark_name = {LabServer.Text(name)} ORDER BY mark_time DESC, lsn DESC;")[0][0]!;

        // The lab's roll-forward stands one slot behind the commit after it stopped there, wherever the next record is.
        _marks.Add(new ModelMark(name, lsn, lsn + 1, transaction));
        _rowsAt[transaction] = [.. _rows];
        Commits++;
    }

    public void BreakChain() => _server.Run($"ALTER DATABASE {Quoted} SET RECOVERY SIMPLE; ALTER DATABASE {Quoted} SET RECOVERY FULL;");

    public ModelSet Full(IReadOnlyList<string> paths, int records, bool copyOnly)
    {
        Work(records);
        _server.Run($"BACKUP DATABASE {Quoted} TO {LabServer.Disks(paths)} WITH CHECKSUM{(copyOnly ? ", COPY_ONLY" : string.Empty)};");
        _hasBase |= !copyOnly;
        ModelSet set = LastSetOf(paths);
        Family = set.Family;
        _rowsIn[set.SetId] = [.. _rows];
        return set;
    }

    public ModelSet? Differential(IReadOnlyList<string> paths, int records)
    {
        if (!_hasBase)
            return null;
        Work(records);
        _server.Run($"BACKUP DATABASE {Quoted} TO {LabServer.Disks(paths)} WITH DIFFERENTIAL, CHECKSUM;");
        return LastSetOf(paths);
    }

    public ModelSet? Log(IReadOnlyList<string> paths, bool copyOnly)
    {
        int error = _server.Try($"BACKUP LOG {Quoted} TO {LabServer.Disks(paths)} WITH CHECKSUM{(copyOnly ? ", COPY_ONLY" : string.Empty)};");
        return error switch
        {
            0 => LastSetOf(paths),
            NoFullBackup => null,
            _ => throw new InvalidOperationException($"BACKUP LOG of {Database} ended with {error}."),
        };
    }

    /// <summary>Looks for a way in the model; the end of the log that no file holds yet comes from a log of its own.</summary>
    public bool CanReturnTo(int transaction, IReadOnlyList<CaseFile> files)
    {
        string name = _marks.First(m => m.Transaction == transaction).Name;
        List<ModelFile> own = [.. files.Select(f => f.File).Where(f => f.Sets.Any(s => s.Family == Family))];
        string tail = Path.Combine(_folder, Guid.NewGuid().ToString("N") + ".trn");
        if (Log([tail], copyOnly: true) is { } rest)
            own.Add(new ModelFile(tail, Guid.NewGuid(), 1, 1, [rest]));
        _way = new ModelSearch(own, name).WayTo(name, transaction) ?? [];
        return _way.Count > 0;
    }

    public void ReturnTo(int transaction)
    {
        _server.Run($"ALTER DATABASE {Quoted} SET SINGLE_USER WITH ROLLBACK IMMEDIATE;");
        foreach (ModelStatement statement in _way)
            _server.Run(LabServer.Restore(Database, statement, ReferenceEquals(statement, _way[0]) ? ", REPLACE" : string.Empty));
        _server.Run($"RESTORE DATABASE {Quoted} WITH RECOVERY; ALTER DATABASE {Quoted} SET MULTI_USER;");
        _marks.RemoveRange(_marks.FindIndex(m => m.Transaction == transaction) + 1, _marks.Count - 1 - _marks.FindIndex(m => m.Transaction == transaction));
        _rows.Clear();
        _rows.AddRange(_rowsAt[transaction]);
        _hasBase = false;
    }

    public void Rename(string name)
    {
        _server.Run($"ALTER DATABASE {Quoted} MODIFY NAME = {LabServer.Name(name)};");
        Database = name;
    }

    /// <summary>A member of the lab stays where it is.</summary>
    public void MoveTo(string newServer)
    {
    }

    private string NextRow()
    {
        _rows.Add(++_lastRow);
        return _lastRow.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>What the server says of the backup that was just written.</summary>
    private ModelSet LastSetOf(IReadOnlyList<string> paths)
    {
        Dictionary<string, object?> header = _server.LastHeader(paths);
        T Value<T>(string column) => header[column] is { } value ? (T)value : default!;
        ModelKind kind = Value<short>("BackupType") switch { 1 => ModelKind.Full, 2 => ModelKind.Log, _ => ModelKind.Differential };
        Guid last = Value<Guid>("RecoveryForkID");
        Guid first = Value<Guid>("FirstRecoveryForkID");
        (long firstLsn, long lastLsn) = ((long)Value<decimal>("FirstLSN"), (long)Value<decimal>("LastLSN"));
        return new ModelSet(kind, Value<Guid>("BackupSetGUID"))
        {
            Family = Value<Guid>("FamilyGUID"),
            FirstLsn = firstLsn,
            LastLsn = lastLsn,
            CheckpointLsn = (long)Value<decimal>("CheckpointLSN"),
            FirstFork = first == Guid.Empty ? last : first,
            LastFork = last,
            ForkPoint = (long)Value<decimal>("ForkPointLSN"),
            BaseId = Value<Guid>("DifferentialBaseGUID"),
            BaseLsn = (long)Value<decimal>("DifferentialBaseLSN"),
            IsCopyOnly = Value<bool>("IsCopyOnly"),
            IsBulkLogged = Value<bool>("HasBulkLoggedData"),
            Marks = kind == ModelKind.Log ? [.. _marks.Where(m => m.Lsn >= firstLsn && m.Lsn < lastLsn)] : [],
        };
    }
}
