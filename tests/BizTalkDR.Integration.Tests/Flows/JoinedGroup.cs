using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Tests.Group;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using Microsoft.Data.SqlClient;
using Xunit;

namespace BizTalkDR.Integration.Tests.Flows;

/// <summary>A restored group on DR1 with two members in availability groups with DR2: one group seeds by itself, the other does not.</summary>
internal static class JoinedGroup
{
    private const string StatesText =
        "SELECT g.name, c.database_name, r.replica_server_name, x.synchronization_state_desc FROM sys.availability_groups AS g JOIN sys.availability_databases_cluster AS c ON c.group_id = g.group_id "
        + "JOIN sys.availability_replicas AS r ON r.group_id = g.group_id LEFT JOIN sys.dm_hadr_database_replica_states AS x ON x.replica_id = r.replica_id AND x.group_database_id = c.group_database_id ORDER BY c.database_name, r.replica_server_name;";

    /// <summary>Both members in step on both replicas.</summary>
    public static readonly string[] InStep = ["AG 2|BizTalkMsgBoxDb|DR1|SYNCHRONIZED", "AG 2|BizTalkMsgBoxDb|DR2|SYNCHRONIZING", "AG [1]|SSODB|DR1|SYNCHRONIZED", "AG [1]|SSODB|DR2|SYNCHRONIZED"];

    /// <summary>Restores the group to DR1, and takes two of its members into groups with DR2.</summary>
    public static RestoreRequest Create(Destination lab, string backups)
    {
        string seed = Directory.CreateDirectory(lab["seed"]).FullName;
        var request = new RestoreRequest([backups], [Address(lab, "DR1")])
        {
            Force = true,
            RemoveFromAvailabilityGroup = true,
            SeedFolder = seed,
            Replicas = new Dictionary<string, SqlInstanceAddress>(StringComparer.OrdinalIgnoreCase) { ["DR2"] = Address(lab, "DR2") },
        };
        Assert.True(lab.Restore(request).IsSuccess);
        Execute(lab, "DR1", $"""
            BACKUP DATABASE SSODB TO DISK = N'{lab["sso.bak"]}';
            CREATE AVAILABILITY GROUP [AG [1]]] FOR DATABASE SSODB REPLICA ON N'DR1' WITH (ENDPOINT_URL = N'TCP://a:5022', AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, FAILOVER_MODE = AUTOMATIC, SEEDING_MODE = AUTOMATIC), N'DR2' WITH (ENDPOINT_URL = N'TCP://b:5022', AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL, SEEDING_MODE = AUTOMATIC);
            BACKUP DATABASE BizTalkMsgBoxDb TO DISK = N'{lab["box.bak"]}' WITH INIT;
            CREATE AVAILABILITY GROUP [AG 2] FOR DATABASE BizTalkMsgBoxDb REPLICA ON N'DR1' WITH (ENDPOINT_URL = N'TCP://a:5022', AVAILABILITY_MODE = SYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL), N'DR2' WITH (ENDPOINT_URL = N'TCP://b:5022', AVAILABILITY_MODE = ASYNCHRONOUS_COMMIT, FAILOVER_MODE = MANUAL, SEEDING_MODE = MANUAL);
            """);
        Execute(lab, "DR2", """
            ALTER AVAILABILITY GROUP [AG [1]]] JOIN;
            ALTER AVAILABILITY GROUP [AG [1]]] GRANT CREATE ANY DATABASE;
            ALTER AVAILABILITY GROUP [AG 2] JOIN;
            """);
        JoinByHand(lab);
        Assert.Equal(InStep, States(lab));
        return request;
    }

    /// <summary>Each replica of each member, and how it stands there.</summary>
    public static string[] States(Destination lab) => Rows(lab, "DR1", StatesText);

    /// <summary>Opens the copies on DR2, reads every row of theirs, and gives the groups new copies.</summary>
    public static IReadOnlyList<string> ReadCopies(Destination lab, Func<SqlConnection, string> read)
    {
        var found = new List<string>();
        foreach (string database in (string[])["BizTalkMsgBoxDb", "SSODB"])
        {
            Execute(lab, "DR2", $"ALTER DATABASE {database} SET HADR OFF; RESTORE DATABASE {database} WITH RECOVERY;");
            using (SqlConnection copy = lab.Open("DR2", database))
                found.Add($"{database}: {read(copy)}");
            Execute(lab, "DR2", $"DROP DATABASE {database};");
        }

        Execute(lab, "DR1", $"""
            ALTER AVAILABILITY GROUP [AG [1]]] REMOVE DATABASE SSODB; ALTER AVAILABILITY GROUP [AG [1]]] ADD DATABASE SSODB;
            ALTER AVAILABILITY GROUP [AG 2] REMOVE DATABASE BizTalkMsgBoxDb; BACKUP DATABASE BizTalkMsgBoxDb TO DISK = N'{lab["box.bak"]}' WITH INIT; ALTER AVAILABILITY GROUP [AG 2] ADD DATABASE BizTalkMsgBoxDb;
            """);
        JoinByHand(lab);
        Assert.Equal(InStep, States(lab));
        return found;
    }

    public static SqlInstanceAddress Address(Destination lab, string server) => FlowLab.At(lab.Environment.ConnectionStrings[server]);

    public static string[] Rows(Destination lab, string server, string text)
    {
        using SqlConnection connection = lab.Open(server, "master");
        return [.. PracticeLab.Rows(connection, text).Select(r => string.Join('|', r))];
    }

    private static void JoinByHand(Destination lab)
    {
        string[] files = Rows(lab, "DR1", "SELECT name FROM sys.master_files WHERE database_id = DB_ID(N'BizTalkMsgBoxDb') ORDER BY file_id;");
        string moves = string.Join(", ", files.Select((f, i) => $"MOVE N'{f}' TO N'{lab[$"copy{i}.file"]}'"));
        Execute(lab, "DR2", $"RESTORE DATABASE BizTalkMsgBoxDb FROM DISK = N'{lab["box.bak"]}' WITH NORECOVERY, {moves}; ALTER DATABASE BizTalkMsgBoxDb SET HADR AVAILABILITY GROUP = [AG 2];");
    }

    private static void Execute(Destination lab, string server, string text)
    {
        using SqlConnection connection = lab.Open(server, "master");
        PracticeLab.Execute(connection, text);
    }
}
