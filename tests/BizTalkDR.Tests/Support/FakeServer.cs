using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Tests.Support;

/// <summary>A SQL Server that keeps the documented rules of restoring, as far as the domain meets them.</summary>
internal sealed class FakeServer(FakeWorld world, string name)
{
    public string Name { get; } = name;

    public Version Version { get; set; } = new(16, 0, 4135);

    public Dictionary<string, FakeDatabase> Databases { get; } = new(StringComparer.OrdinalIgnoreCase);

    public bool SeesFolder { get; set; } = true;

    public bool HasNoBackupPath { get; set; }

    /// <summary>Application locks by name.</summary>
    public Dictionary<string, FakeInstance> Locks { get; } = new(StringComparer.Ordinal);

    public List<(string Database, MemberJob Job)> Jobs { get; } = [];

    public long? FreeMemoryBytes { get; set; }

    public DateTime Started { get; set; } = new(2026, 5, 1);

    /// <summary>What is at work in a database: nothing.</summary>
    public Func<string, DatabaseActivity> Activity { get; set; } = database => new DatabaseActivity(database) { WriteTransactions = 7 };

    /// <summary>What it says of a restore to come: enough of everything.</summary>
    public DestinationReadiness Readiness { get; set; } = new("COMPUTER", "Latin1_General_CI_AS")
    {
        IsSysAdmin = true,
        Files = [],
        Volumes = [new Volume("/", "disk", 1 << 30)],
        Keys = [],
        SharedAccessCredentials = [],
        Sessions = [],
        LinkedServers = [new LinkedServer("DST1", true), new LinkedServer("DST2", true)],
    };

    public RecoveryError? RefusesConnections { get; set; }

    public SqlInstanceIdentity Identity => new(Name, Version, "Developer", "/data/" + Name + "/", "/log/" + Name + "/", TimeSpan.FromHours(2)) { BackupPath = HasNoBackupPath ? null : "/bak/" + Name + "/" };

    public List<ServerMessage> Restore(RestoreStatement statement)
    {
        Databases.TryGetValue(statement.Database, out FakeDatabase? database);
        return statement.Action switch
        {
            RestoreAction.Full => RestoreFull(statement, database),
            RestoreAction.Log => RestoreLog(statement, database),
            RestoreAction.Standby => OpenStandby(database),
            RestoreAction.Resume => ChangeState(database, d => d.Standby = false),
            RestoreAction.BringBack => ChangeState(database, d =>
            {
                d.State = "ONLINE";
                d.Fork = Guid.NewGuid();
            }),
            _ => ChangeState(database, d =>
            {
                d.Standby = false;
                d.State = "ONLINE";
                d.Fork = Guid.NewGuid();
                d.Marks.RemoveAll(m => m.Lsn >= d.RedoLsn);
                d.Access = DatabaseAccess.RestrictedUser;
            }),
        };
    }

    public List<ServerMessage> Rename(string from, string to)
    {
        if (Databases[from] is not { State: "ONLINE", Standby: false, Access: not DatabaseAccess.MultiUser } database || !Databases.TryAdd(to, database))
        {
            return Error(Databases.ContainsKey(to) ? 1801 : 5030);
        }

        Databases.Remove(from);
        database.Name = to;
        database.Created = database.Created.AddDays(1);
        return [new ServerMessage(5030, 10, 1, "The database name has been set.")];
    }

    public List<ServerMessage> BackUpTail(TailStatement statement)
    {
        FakeDatabase database = Databases[statement.Database];
        if (statement.IsDamaged ? database.State is not ("SUSPECT" or "RECOVERY_PENDING") : database is not { State: "ONLINE", Standby: false, IsSimple: false })
        {
            return Error(database.IsSimple ? 4208 : 927);
        }

        if (!statement.IsDamaged && database.Access == DatabaseAccess.MultiUser)
        {
            return Error(3101);
        }

        if (world.Tails.Exists(f => f.Path == statement.Path))
        {
            throw new InvalidOperationException($"{statement.Path} is written twice.");
        }

        decimal end = Math.Max(database.RedoLsn, database.LastLogBackupLsn) + 1;
        world.Tails.Add(new FakeFile
        {
            Path = statement.Path,
            Header = new BackupHeader(1, MediaBackupKind.Log, Name, database.Name) { FirstLsn = new LogPosition(database.LastLogBackupLsn), LastLsn = new LogPosition(end), BackupSetGuid = Guid.NewGuid(), FamilyGuid = database.Family, HasBackupChecksums = true, FinishedLocal = world.UtcNow },
        });
        database.LastLogBackupLsn = statement.IsDamaged ? database.LastLogBackupLsn : end;
        database.State = statement.IsDamaged ? database.State : "RESTORING";
        return Success();
    }

    private static List<ServerMessage> Error(int number) => [new ServerMessage(number, 16, 1, $"Message {number}."), new ServerMessage(3013, 16, 1, "RESTORE is terminating abnormally.")];

    private static List<ServerMessage> Success(params ServerMessage[] before) => [.. before, new ServerMessage(3014, 0, 1, "RESTORE successfully processed 0 pages.")];

    private static List<ServerMessage> ChangeState(FakeDatabase? database, Action<FakeDatabase> change)
    {
        if (database is null || database.State != "RESTORING")
        {
            return Error(3117);
        }

        change(database);
        return Success();
    }

    private RestoreHistoryRow RowOf(int id, RestoreStatement statement, char kind, FakeFile file) => new(id, statement.Database, kind, statement.StopAtMark, false)
    {
        BackupSetGuid = file.Header.BackupSetGuid,
        RestoredLocal = world.UtcNow,
        LastLsn = file.Header.LastLsn,
        ForkGuid = file.Header.RecoveryForkGuid,
    };

    private List<ServerMessage> OpenStandby(FakeDatabase? database) => world.NoStandby ? Error(3180) : ChangeState(database, d => d.Standby = true);

    private List<ServerMessage> RestoreFull(RestoreStatement statement, FakeDatabase? existing)
    {
        if (world.Files.FirstOrDefault(f => f.Path == statement.Path) is not { } file || file.UnreadableWith != 0)
        {
            return Error(3201);
        }

        if (existing is not null && !statement.Replace)
        {
            return Error(3159);
        }

        if (existing is { State: "ONLINE", Access: DatabaseAccess.MultiUser })
        {
            return Error(3101);
        }

        Databases[statement.Database] = new FakeDatabase
        {
            Name = statement.Database,
            State = "RESTORING",
            Family = file.Header.FamilyGuid,
            Fork = file.Header.RecoveryForkGuid,
            RedoLsn = file.Header.LastLsn.Value,
            Group = world.GroupOf(file.Header.DatabaseName),
        };
        Databases[statement.Database].Marks.AddRange(file.Marks);
        Databases[statement.Database].Restores.Insert(0, RowOf(1, statement, 'D', file));
        return Success();
    }

    private List<ServerMessage> RestoreLog(RestoreStatement statement, FakeDatabase? database)
    {
        if (world.Files.FirstOrDefault(f => f.Path == statement.Path) is not { } file || file.UnreadableWith != 0)
        {
            return Error(3201);
        }

        if (database is null || database.State != "RESTORING")
        {
            return Error(3117);
        }

        if (file.Header.FirstLsn.Value > database.RedoLsn)
        {
            return Error(4305);
        }

        if (file.Header.LastLsn.Value <= database.RedoLsn)
        {
            return Error(4326);
        }

        FakeMark? stop = file.Marks.FirstOrDefault(m => m.Name == statement.StopAtMark && m.Lsn >= database.RedoLsn);
        database.Marks.AddRange(file.Marks.Where(m => !database.Marks.Contains(m)));
        database.RedoLsn = stop?.NextLsn ?? file.Header.LastLsn.Value;
        database.Restores.Insert(0, RowOf(database.Restores.Count + 1, statement, 'L', file));
        database.Fork = file.Header.RecoveryForkGuid;
        return stop is null && statement.StopAtMark is not null ? Success(new ServerMessage(4329, 10, 1, "This log file contains records logged before the designated mark.")) : Success();
    }
}
