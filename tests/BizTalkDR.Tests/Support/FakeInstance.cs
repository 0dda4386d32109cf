using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Tests.Support;

/// <summary>A connection to a fake server; every call that changes something is written down.</summary>
internal sealed class FakeInstance(FakeWorld world, FakeServer server, SqlInstanceAddress address) : ISqlInstance
{
    public SqlInstanceAddress Address { get; } = address;

    public SqlInstanceIdentity Identity => server.Identity;

    // How groups are left and joined is tried on the lab; the planner gets its facts as they are.
    public AvailabilityMembership? ReadMembership(string database, CancellationToken cancellationToken = default) => null;

    public AvailabilityRights ReadRights(string group, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public StatementOutcome Change(AvailabilityStatement statement, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    // No test of a restore asks for artifacts; those of the parts ask a server.
    public IReadOnlyList<KeyUse> ReadKeyUses(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public StatementOutcome BackUpCertificate(string certificate, string path, string keyPath, System.Security.SecureString password, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IReadOnlyList<SqlObject> ReadObjects(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IReadOnlyList<string> ReadUserSids(string database, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public StatementOutcome CreateObject(SqlObject what, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IReadOnlyList<CertificateRecord> ReadCertificateRecords(string managementDatabase, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IReadOnlyList<ApplicationRecord> ReadApplications(string managementDatabase, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IReadOnlyList<PolicyRecord> ReadPolicies(string ruleEngineDatabase, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IReadOnlyList<HostInstanceRecord> ReadHostInstances(string managementDatabase, string computer, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public void Dispose()
    {
        lock (server.Locks)
        {
            foreach (string name in server.Locks.Where(l => l.Value == this).Select(l => l.Key).ToList())
            {
                server.Locks.Remove(name);
            }
        }
    }

    public bool TakeLock(string resource, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        lock (server.Locks)
        {
            return server.Locks.TryAdd(resource, this) || server.Locks[resource] == this;
        }
    }

    public bool HoldsLocks(IReadOnlyCollection<string> resources, CancellationToken cancellationToken = default)
    {
        lock (server.Locks)
        {
            return resources.All(r => server.Locks.GetValueOrDefault(r) == this);
        }
    }

    public IReadOnlyList<MemberJob> ReadJobs(IReadOnlyCollection<string> databases, CancellationToken cancellationToken = default) =>
        server.Jobs.Where(j => databases.Contains(j.Database)).Select(j => j.Job).DistinctBy(j => j.Id).ToList();

    public StatementOutcome SetJobEnabled(Guid id, bool enabled, CancellationToken cancellationToken = default) => Run(
        $"{server.Name}: {(enabled ? "JobOn" : "JobOff")} {server.Jobs.First(j => j.Job.Id == id).Job.Name}",
        () =>
        {
            int at = server.Jobs.FindIndex(j => j.Job.Id == id);
            server.Jobs[at] = (server.Jobs[at].Database, server.Jobs[at].Job with { IsEnabled = enabled });
            return [];
        },
        cancellationToken);

    public InstanceActivity? ReadActivity(IReadOnlyCollection<string> databases, CancellationToken cancellationToken = default) =>
        world.NoPermission ? null : new InstanceActivity(server.Started, [.. databases.Where(server.Databases.ContainsKey).Select(d => server.Activity(d))]);

    public GroupRecords ReadGroup(string managementDatabase, CancellationToken cancellationToken = default) =>
        server.Databases.TryGetValue(managementDatabase, out FakeDatabase? database) ? database.Group ?? new GroupRecords(true, false) : new GroupRecords(false, false);

    public string? ResolveServerName(string managementDatabase, string configuredServer, string database, CancellationToken cancellationToken = default) => world.RealNameOf(configuredServer);

    public IReadOnlyList<HistoryRow> ReadBackupHistory(string managementDatabase, long afterSetId, CancellationToken cancellationToken = default) =>
        world.History.Where(r => r.SetId > afterSetId).OrderBy(r => r.SetId).ToList();

    public StatementOutcome RunProcedure(GroupProcedureCall call, Action<ServerMessage>? onMessage, CancellationToken cancellationToken = default) =>
        Run($"{server.Name}: {call.Procedure} {call.MarkName} {call.Path}".TrimEnd(), () => world.RunProcedure(call), cancellationToken);

    public MarkLogFacts ReadMarkLog(string database, string markName, CancellationToken cancellationToken = default)
    {
        if (world.NoPermission)
        {
            throw new RecoveryException(RecoveryError.PermissionDenied, database, "No permission.");
        }

        FakeDatabase found = server.Databases[database];
        IReadOnlyList<FakeMark> marks = found.VisibleMarks;
        return found.HasMarkLog
            ? new MarkLogFacts(true, marks.Count(m => m.Name == markName), marks.OrderBy(m => m.Name[^23..], StringComparer.Ordinal).LastOrDefault()?.Name)
            : new MarkLogFacts(false, 0, null);
    }

    public IReadOnlyList<RecordedSet> ReadRecordedBackups(CancellationToken cancellationToken = default) => world.NoPermission
        ? throw new RecoveryException(RecoveryError.PermissionDenied, "msdb", "No permission.")
        : world.Recorded.Where(r => r.Header.ServerName == server.Name).ToList();

    public IReadOnlyList<MarkHistoryRow> ReadRecordedMarks(CancellationToken cancellationToken = default) =>
        server.Databases.Values.SelectMany(d => d.Marks.Select(m => new MarkHistoryRow(d.Name, m.Name, new LogPosition(m.Lsn), default))).ToList();

    public IReadOnlyList<HistoryRow> ReadShippedHistory(CancellationToken cancellationToken = default) => world.Shipped;

    public MarkHistoryRow? ReadMarkHistory(string database, string markName, CancellationToken cancellationToken = default)
    {
        if (world.NoPermission)
        {
            throw new RecoveryException(RecoveryError.PermissionDenied, "msdb", "No permission.");
        }

        FakeMark? mark = server.Databases[database].Marks.FirstOrDefault(m => m.Name == markName);
        return mark is null || world.NoMarkHistory ? null : new MarkHistoryRow(database, markName, new LogPosition(mark.Lsn), default);
    }

    public DestinationReadiness ReadReadiness(IReadOnlyCollection<string> paths, CancellationToken cancellationToken = default) =>
        server.Readiness with { Paths = paths.ToDictionary(p => p, p => new PathState(false, true)) };

    public DestinationCapacity ReadCapacity(CancellationToken cancellationToken = default) =>
        new(server.Readiness.Computer) { Volumes = server.Readiness.Volumes, FreeMemoryBytes = server.FreeMemoryBytes };

    public TrackingFacts ReadTracking(string database, DateTime fromUtc, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    // The imitated world ends with the restore; what comes after it is tested on facts, and on the lab.
    public DatabaseUpkeep? ReadDatabaseUpkeep(string database, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public InstanceUpkeep ReadInstanceUpkeep(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public bool ReadForcedFull(string managementDatabase, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public StatementOutcome Mend(UpkeepStatement statement, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ServerFolder ListFolder(string folder, CancellationToken cancellationToken = default) =>
        folder + "/" == server.Identity.BackupPath ? new ServerFolder(true, [])
        : server.SeesFolder ? world.ListFolder(folder)
        : new ServerFolder(false, []);

    public IReadOnlyList<BackupHeader> ReadHeaders(string path, CancellationToken cancellationToken = default)
    {
        FakeFile? file = world.Files.Concat(world.Tails).FirstOrDefault(f => f.Path == world.Behind(path));
        return file is { UnreadableWith: 0 } ? [file.Header] : throw new RecoveryException(RecoveryError.BackupMediaUnreadable, path, $"{file?.UnreadableWith ?? 3201}: cannot read '{path}'.");
    }

    public MediaLabel? ReadLabel(string path, CancellationToken cancellationToken = default) => world.Files.FirstOrDefault(f => f.Path == path)?.Label ?? new(Guid.Empty, 1, 1);

    public IReadOnlyList<BackupDataFile> ReadFileList(IReadOnlyList<string> paths, int position, CancellationToken cancellationToken = default) =>
        [new BackupDataFile("data", "/src/data.mdf", 'D', 8192, 1), new BackupDataFile("log", "/src/log.ldf", 'L', 8192, 2)];

    public StatementOutcome Verify(string path, int position, bool checksum, CancellationToken cancellationToken = default) => Run(
        $"{server.Name}: VERIFYONLY {path}{(checksum ? " CHECKSUM" : string.Empty)}",
        () => world.Files.Concat(world.Tails).First(f => f.Path == path).UnreadableWith is > 0 and var number ? [new ServerMessage(number, 16, 1, "Damaged.")] : [new ServerMessage(3262, 0, 1, "The backup set on file 1 is valid.")],
        cancellationToken);

    public IReadOnlyList<DatabaseFacts> ReadDatabases(IReadOnlyCollection<string> names, CancellationToken cancellationToken = default) =>
        names.Where(server.Databases.ContainsKey).Select(n => server.Databases[n].Facts).ToList();

    public string? ReadLogEnd(string database, CancellationToken cancellationToken = default) => server.Databases.GetValueOrDefault(database) is { State: "ONLINE" } open ? open.LogEnd : null;

    public IReadOnlyList<RedoFile> ReadRedoFiles(string database, CancellationToken cancellationToken = default) =>
        server.Databases.TryGetValue(database, out FakeDatabase? found) && found is { State: "RESTORING", Standby: false }
            ? found.RedoUnknown ? [new RedoFile(1, false, "data", "/d", "RESTORING", null, null)] : [new RedoFile(1, false, "data", "/d", "RESTORING", new LogPosition(found.RedoLsn), found.Fork), new RedoFile(2, true, "log", "/l", "RESTORING", new LogPosition(found.RedoLsn), found.Fork)]
            : [];

    public StatementOutcome Restore(RestoreStatement statement, Action<int>? onPercent, CancellationToken cancellationToken = default)
    {
        world.PassHalfAStatement();
        onPercent?.Invoke(50);
        world.PassHalfAStatement();
        RestoreStatement sent = world.Tamper?.Invoke(statement) ?? statement;
        return Run($"{server.Name}: {Describe(sent)}", () => server.Restore(sent), cancellationToken);
    }

    public StatementOutcome BackUpTail(TailStatement statement, Action<int>? onPercent, CancellationToken cancellationToken = default) =>
        Run($"{server.Name}: Tail {statement.Database}{(statement.IsDamaged ? " NO_TRUNCATE" : string.Empty)}", () => server.BackUpTail(statement), cancellationToken);

    public StatementOutcome SetAccess(string database, DatabaseAccess access, CancellationToken cancellationToken = default) => Run(
        $"{server.Name}: {access} {database}",
        () =>
        {
            server.Databases[database].Access = access;
            server.Databases[database].LogEnd = server.Databases[database].LogEnd is { } end ? end + "1" : null;
            return [];
        },
        cancellationToken);

    public StatementOutcome Rename(string database, string name, CancellationToken cancellationToken = default) => Run($"{server.Name}: Rename {database}", () => server.Rename(database, name), cancellationToken);

    public IReadOnlyList<RestoreHistoryRow> ReadRestoreHistory(string database, int rows, CancellationToken cancellationToken = default) =>
        server.Databases.TryGetValue(database, out FakeDatabase? found) ? found.Restores.Take(rows).ToList() : [];

    public ClosingBackup? ReadClosingBackup(string database, CancellationToken cancellationToken = default) => world.NoPermission
        ? throw new RecoveryException(RecoveryError.PermissionDenied, "msdb", "No permission.")
        : world.Tails.LastOrDefault(f => f.Header.ServerName == server.Name && f.Header.DatabaseName == database && server.Databases[database].State == "RESTORING") is { } tail
            ? new ClosingBackup(tail.Path, tail.Header.BackupSetGuid, tail.Header.FinishedLocal)
            : null;

    private static string Describe(RestoreStatement statement)
    {
        string text = $"{statement.Action} {statement.Database}";
        if (statement.Path is { } path)
        {
            text += " from " + path[(path.LastIndexOf('/') + 1)..];
        }

        text += statement.StopAtMark is { } mark ? " to " + mark : string.Empty;
        return statement.Replace ? text + " REPLACE" : text;
    }

    private StatementOutcome Run(string line, Func<List<ServerMessage>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (world.IsDead)
        {
            throw new KilledException();
        }

        world.Write(line);
        FakeFault? fault = world.TakeFault(line);
        if (fault?.Throws is { } error)
        {
            throw error;
        }

        List<ServerMessage> messages = fault?.Messages ?? work();
        return new StatementOutcome(line, messages, TimeSpan.FromSeconds(1));
    }
}
