using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Integration.Tests.Kill;

/// <summary>Two instances with two databases each, and the transactions that write in them, without anything in front of the storage engine.</summary>
internal sealed class EngineLoad(IReadOnlyList<LabInstance> instances)
{
    public const int Clients = 3;

    public static readonly string[] Servers = ["ONE", "TWO"];

    public static readonly (int Server, string Name)[] Databases = [(0, "A"), (0, "B"), (1, "C"), (1, "D")];

    /// <summary>Is told of a transaction before its first change.</summary>
    public required Action<int, int[]> Sent { get; init; }

    /// <summary>Is told of a transaction when its commit has returned.</summary>
    public required Action<int> Acknowledged { get; init; }

    public static InstanceOptions Options(string root, int server, LabStorage storage) => new()
    {
        ServerName = Servers[server],
        Folder = Path.Combine(root, Servers[server]),
        Storage = storage,
    };

    /// <summary>Makes the databases of new instances.</summary>
    public static void CreateDatabases(IReadOnlyList<LabInstance> instances)
    {
        foreach ((int server, string name) in Databases)
        {
            LabInstance instance = instances[server];
            LabDatabase database = instance.CreateDatabase(name, "sa");
            LabTransaction transaction = instance.Begin();
            database.CreateTable(transaction, new TableDef
            {
                Name = "T",
                Columns = [new ColumnDef { Name = "Id", Type = SqlType.Int, Nullable = false }, new ColumnDef { Name = "Content", Type = SqlType.VarBinaryMax }],
                Indexes = [new IndexDef { Name = "PK_T", IsUnique = true, IsPrimaryKey = true, Columns = [("Id", false)] }],
            });
            instance.Commit(transaction);
        }
    }

    /// <summary>Brings every transaction in doubt to its end.</summary>
    public static void Resolve(IReadOnlyList<LabInstance> instances)
    {
        foreach ((LabInstance coordinator, LabInstance participant) in new[] { (instances[0], instances[1]), (instances[1], instances[0]) })
        {
            foreach ((Guid id, _) in participant.InDoubt.Where(d => d.Coordinator == coordinator.Options.ServerName))
            {
                if (coordinator.QueryOutcome(id) == TransactionOutcome.Committed)
                    participant.CommitPrepared(id);
                else
                    participant.AbortPrepared(id);
            }

            coordinator.RetryUnconfirmed(_ => new DirectLink(participant, null));
        }
    }

    /// <summary>Reads the ids in each database; a row that is not as it was written is told.</summary>
    public static IReadOnlyList<HashSet<int>> Read(IReadOnlyList<LabInstance> instances, Action<string> wrong)
    {
        List<HashSet<int>> found = [];
        foreach ((int server, string name) in Databases)
        {
            LabDatabase database = instances[server].Find(name)!;
            HashSet<int> ids = [];
            foreach (LabRow row in database.FindTable("dbo", "T")!.Scan(null))
            {
                int id = (int)row.Values[0]!;
                byte[] content = (byte[])row.Values[1]!;
                if (!ids.Add(id))
                    wrong($"row {id} of {name} is there twice");
                if (!content.AsSpan().SequenceEqual(Content(id, content.Length)))
                    wrong($"row {id} of {name} is torn");
            }

            found.Add(ids);
        }

        return found;
    }

    /// <summary>What goes on beside the transactions: checkpoints, and log that is freed.</summary>
    public void Maintain(Random random)
    {
        (int server, string name) = Databases[random.Next(Databases.Length)];
        LabDatabase database = instances[server].Find(name)!;
        if (random.Next(2) == 0)
            database.Checkpoint();
        else
            database.Restore.LogBackedUp(database.Log.FlushAll());
    }

    /// <summary>Writes one row in one database, in two, or in all four; some transactions are marked, some rows are long.</summary>
    public void Write(int id, Random random)
    {
        int coordinator = random.Next(2);
        LabInstance here = instances[coordinator];
        LabTransaction transaction = here.Begin("M");
        if (random.Next(6) == 0)
            transaction.MarkName = "M" + id;
        int kind = random.Next(4);
        int[] databases = [.. Enumerable.Range(0, Databases.Length).Where(d => Databases[d].Server == coordinator || kind == 3).Take(kind == 0 ? 1 : 4)];
        LabTransaction? branch = kind == 3 ? Branch(transaction, instances[1 - coordinator]) : null;
        Sent(id, databases);
        int length = random.Next(5) == 0 ? random.Next(8000, 60_000) : random.Next(10, 900);
        try
        {
            foreach (int number in databases)
            {
                (int server, string name) = Databases[number];
                LabTable table = instances[server].Find(name)!.FindTable("dbo", "T") ?? throw new IOException($"{name} is closed.");
                table.Insert(server == coordinator ? transaction : branch!, [id, Content(id, length)]);
            }

            here.Commit(transaction);
            Acknowledged(id);
        }
        catch
        {
            here.Rollback(transaction);
            throw;
        }
    }

    private static LabTransaction Branch(LabTransaction transaction, LabInstance there)
    {
        LabTransaction branch = there.BeginBranch(transaction.GlobalId, transaction.Instance.Options.ServerName);
        branch.MarkName = transaction.MarkName;
        transaction.Participants.Add(new DirectLink(there, branch));
        return branch;
    }

    /// <summary>Content that tells a torn row from a whole one.</summary>
    private static byte[] Content(int id, int length)
    {
        byte[] content = new byte[length];
        new Random(id).NextBytes(content);
        return content;
    }

    private sealed class DirectLink(LabInstance remote, LabTransaction? branch) : IRemoteParticipant
    {
        public string Server => remote.Options.ServerName;

        public void AcquireBarrier(Guid globalId, bool exclusive, TimeSpan timeout) => remote.AcquireBarrier(globalId, exclusive, timeout);

        public void Prepare(Guid globalId, string coordinator) => remote.Prepare(branch!);

        public void Commit(Guid globalId) => remote.CommitPrepared(globalId);

        public void Abort(Guid globalId) => remote.AbortPrepared(globalId);
    }
}
