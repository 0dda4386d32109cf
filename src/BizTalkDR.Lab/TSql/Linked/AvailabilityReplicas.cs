using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Tds;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.TSql;

/// <summary>What the replicas of an availability group ask of each other: who is the primary one, which databases there are, and a first copy of each.</summary>
/// <remarks>
/// Not simulated: the transport of the log, redo, failover. A copy stays as it was seeded; it is in step by its membership alone. A replica that does not run is passed over.
/// </remarks>
internal sealed class AvailabilityReplicas
{
    private const int AskTimeout = 60;
    private readonly LabSqlServer _server;

    public AvailabilityReplicas(LabSqlServer server) => _server = server;

    private LabInstance Instance => _server.Instance;

    /// <summary>The group whose primary replica this instance is a replica of, as that one knows it.</summary>
    public AvailabilityGroup? FindPrimary(string group)
    {
        foreach (string server in _server.Directory.Names.Where(n => !Same(n, _server.ServerName)))
        {
            Guid id = Guid.Empty;
            List<AvailabilityReplicaEntry> replicas = [];
            if (TryAsk(server, $"SELECT g.group_id, r.replica_id, r.replica_server_name, r.endpoint_url, r.availability_mode, r.failover_mode, r.seeding_mode FROM sys.availability_groups AS g INNER JOIN sys.availability_replicas AS r ON r.group_id = g.group_id INNER JOIN sys.dm_hadr_availability_replica_states AS s ON s.group_id = g.group_id AND s.is_local = 1 AND s.role = 1 WHERE g.name = {Literal(group)};", row =>
            {
                id = (Guid)row[0]!;
                replicas.Add(new AvailabilityReplicaEntry((Guid)row[1]!, (string)row[2]!, (string)row[3]!, Convert.ToInt32(row[4], null) == 1, Convert.ToInt32(row[5], null) == 0) { SeedsAutomatically = Convert.ToInt32(row[6], null) == 0 });
            })
                && replicas.Exists(r => Same(r.Server, _server.ServerName)))
            {
                return new AvailabilityGroup(id, group, replicas, []) { Primary = server };
            }
        }

        return null;
    }

    /// <summary>Ids of the databases that have joined on another replica; null when it does not answer.</summary>
    public IReadOnlyList<Guid>? JoinedOn(string server)
    {
        List<Guid> joined = [];
        return TryAsk(server, "SELECT d.group_database_id FROM sys.databases AS d WHERE d.group_database_id IS NOT NULL;", row => joined.Add((Guid)row[0]!)) ? joined : null;
    }

    /// <summary>The databases of a group, as its primary replica has them.</summary>
    public IReadOnlyList<AvailabilityDatabaseEntry> MembersOf(AvailabilityGroup group)
    {
        List<AvailabilityDatabaseEntry> members = [];
        TryAsk(group.Primary, $"SELECT c.group_database_id, c.database_name FROM sys.availability_databases_cluster AS c WHERE c.group_id = '{group.Id}';", row => members.Add(new AvailabilityDatabaseEntry((Guid)row[0]!, (string)row[1]!)));
        return members;
    }

    /// <summary>Tells every other replica.</summary>
    public void Tell(AvailabilityGroup group, string text)
    {
        foreach (AvailabilityReplicaEntry replica in group.Replicas.Where(r => !Same(r.Server, _server.ServerName)))
        {
            TryAsk(replica.Server, text, _ => { });
        }
    }

    /// <summary>Gives this secondary replica a copy of every database that it lacks: where it seeds automatically, may create databases, and has none of the name.</summary>
    public void Seed(AvailabilityGroup group)
    {
        if (!group.MayCreateDatabases || group.Replicas.FirstOrDefault(r => Same(r.Server, _server.ServerName)) is not { SeedsAutomatically: true })
        {
            return;
        }

        foreach (AvailabilityDatabaseEntry member in MembersOf(group).Where(m => Instance.Find(m.Database) is null))
        {
            string file = Path.Combine(Instance.Options.Folder, $"seed-{Guid.NewGuid():N}.tmp");
            try
            {
                if (TryAsk(group.Primary, $"BACKUP DATABASE {Quote(member.Database)} TO DISK = {Literal(file)} WITH COPY_ONLY, INIT;", _ => { }))
                {
                    Restore(member.Database, file);
                    Join(group, member);
                }
            }
            finally
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>Notes that a database of this replica has joined.</summary>
    public void Join(AvailabilityGroup group, AvailabilityDatabaseEntry member) =>
        Instance.ChangeAvailabilityGroups(all => [.. all.Select(g => g.Id == group.Id ? g with { Databases = [.. g.Databases, member] } : g)]);

    private void Restore(string database, string file)
    {
        ResultTable files = _server.Backups.FileListOnly([file], 1);
        int logical = files.Columns.ToList().FindIndex(c => c.Name == "LogicalName");
        int physical = files.Columns.ToList().FindIndex(c => c.Name == "PhysicalName");
        int type = files.Columns.ToList().FindIndex(c => c.Name == "Type");
        _server.Backups.Restore(
            new RestoreRequest
            {
                Database = database,
                Kind = RestoreKind.Database,
                Disks = [file],
                File = 1,
                Moves = [.. files.Rows.Select(r => ((string)r[logical]!, Path.Combine(((string)r[type]!).Trim() == "L" ? Instance.LogFolder : Instance.DataFolder, Path.GetFileName((string)r[physical]!))))],
                Recovery = RecoveryOption.NoRecovery,
                UserName = "sa",
                InUseError = _ => 0,
            },
            new Silence(),
            CancellationToken.None);
    }

    private bool TryAsk(string server, string text, Action<object?[]> row)
    {
        if (_server.Directory.Find(server) is not { } endpoint)
        {
            return false;
        }

        try
        {
            using LinkedConnection link = LinkedConnection.Open(endpoint, "sa", _server.Directory.LinkSecret, "master", AskTimeout);
            link.Run(text, [], AskTimeout, _ => { }, null, row, null, CancellationToken.None);
            return true;
        }
        catch (Exception error) when (error is SqlException or SocketException or LabSqlException)
        {
            return false;
        }
    }

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    private static string Literal(string text) => "N'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    private static string Quote(string name) => "[" + name.Replace("]", "]]", StringComparison.Ordinal) + "]";

    private sealed class Silence : IMessageSink
    {
        public void Message(SqlMessage message)
        {
        }
    }
}
