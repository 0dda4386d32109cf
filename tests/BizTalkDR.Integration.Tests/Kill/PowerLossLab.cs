using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using BizTalkDR.Lab.Engine;
using BizTalkDR.Lab.Faults;

namespace BizTalkDR.Integration.Tests.Kill;

/// <summary>What a run of power losses has seen.</summary>
internal sealed class PowerLossCount
{
    public int Losses { get; set; }

    public int LossesAtStart { get; set; }

    public int Sent { get; set; }

    public int Acknowledged { get; set; }

    public int Kept { get; set; }
}

/// <summary>Two instances on disks with one power supply, two databases each, and three clients that write in all of them.</summary>
internal sealed class PowerLossLab : IDisposable
{
    private const int Clients = 3;
    private static readonly string[] s_servers = ["ONE", "TWO"];
    private static readonly (int Server, string Name)[] s_databases = [(0, "A"), (0, "B"), (1, "C"), (1, "D")];

    private readonly string _root = Directory.CreateTempSubdirectory("power-loss-").FullName;
    private readonly Random _random;
    private readonly PowerLossCount _count;
    private readonly PowerSupply _power = new();
    private readonly PowerLossDisk[] _disks;

    /// <summary>Databases each transaction wrote, and whether it was acknowledged.</summary>
    private readonly ConcurrentDictionary<int, (int[] Databases, bool Acknowledged)> _sent = [];

    private readonly ConcurrentBag<string> _unexpected = [];

    /// <summary>Transactions known to be there, or known to be gone, since an earlier start.</summary>
    private readonly Dictionary<int, bool> _known = [];
    private LabInstance[] _instances = [];
    private int _lastId;

    public PowerLossLab(int seed, PowerLossCount count)
    {
        _random = new Random(seed);
        _count = count;
        _disks = [.. s_servers.Select(s => new PowerLossDisk(_power, Path.Combine(_root, "lost-" + s)))];
        _instances = [.. s_servers.Select((_, i) => LabInstance.Create(Options(i)))];
        SetTimeouts();
        foreach ((int server, string name) in s_databases)
        {
            LabInstance instance = _instances[server];
            LabDatabase database = instance.CreateDatabase(name, "sa");
            LabTransaction transaction = instance.Begin();
            database.CreateTable(transaction, Table("T"));
            instance.Commit(transaction);
        }
    }

    /// <summary>Lets the clients work until the power fails somewhere among the changes of files they cause.</summary>
    public void RunUntilPowerFails()
    {
        _power.FailAfter(_random.Next(1, 400));
        int[] seeds = [.. Enumerable.Range(0, Clients).Select(_ => _random.Next())];
        Thread[] clients = [.. seeds.Select(s => new Thread(() => Work(new Random(s))) { IsBackground = true })];
        foreach (Thread client in clients)
            client.Start();
        foreach (Thread client in clients)
        {
            if (!client.Join(TimeSpan.FromMinutes(1)))
                throw new TimeoutException("A client hangs after the power has failed.");
        }

        // When the clients came to an end by themselves, the power fails now.
        _power.Fail();
        LosePower();
    }

    /// <summary>Starts both instances, perhaps losing power once more, and compares what is there with what was said.</summary>
    public IReadOnlyList<string> StartAgain()
    {
        while (_random.Next(3) == 0)
        {
            // Starts are short: a few writes end them.
            _power.FailAfter(_random.Next(1, 30));
            if (TryStart())
                break;
            _count.LossesAtStart++;
            LosePower();
        }

        _power.Restore();
        if (_instances.Length == 0 && !TryStart())
            return ["an instance does not start"];
        if (_instances.SelectMany(i => i.Databases).FirstOrDefault(d => d.Failure is not null) is { } failed)
            return [$"{failed.Name} is suspect: {failed.Failure}"];
        Resolve(_instances[0], _instances[1]);
        Resolve(_instances[1], _instances[0]);
        return Compare();
    }

    public void Dispose()
    {
        foreach (LabInstance instance in _instances)
            instance.Abandon();
        Directory.Delete(_root, recursive: true);
    }

    private static TableDef Table(string name) => new()
    {
        Name = name,
        Columns = [new ColumnDef { Name = "Id", Type = SqlType.Int, Nullable = false }, new ColumnDef { Name = "Content", Type = SqlType.VarBinaryMax }],
        Indexes = [new IndexDef { Name = "PK_" + name, IsUnique = true, IsPrimaryKey = true, Columns = [("Id", false)] }],
    };

    /// <summary>Content that tells a torn row from a whole one.</summary>
    private static byte[] Content(int id, int length)
    {
        byte[] content = new byte[length];
        new Random(id).NextBytes(content);
        return content;
    }

    private InstanceOptions Options(int server) => new()
    {
        ServerName = s_servers[server],
        Folder = Path.Combine(_root, s_servers[server]),
        Storage = new LabStorage { Disk = _disks[server] },
    };

    private void LosePower()
    {
        if (!_power.HasFailed)
            throw new InvalidOperationException("The power did not fail.");
        foreach (LabInstance instance in _instances)
            instance.Abandon();
        _instances = [];
        foreach (PowerLossDisk disk in _disks)
            disk.LoseUnsynced(_random);
        _power.Restore();
        _count.Losses++;
    }

    /// <summary>When one client has met the failure, others wait for what it holds: not for long.</summary>
    private void SetTimeouts()
    {
        foreach (LabInstance instance in _instances)
            instance.BarrierTimeout = TimeSpan.FromSeconds(1);
    }

    private bool TryStart()
    {
        List<LabInstance> started = [];
        try
        {
            for (int i = 0; i < s_servers.Length; i++)
                started.Add(LabInstance.Open(Options(i)));
        }
        catch (Exception failure) when (_power.HasFailed && failure is IOException or InvalidDataException or LabSqlException or ObjectDisposedException)
        {
            _instances = [.. started];
            return false;
        }

        _instances = [.. started];
        SetTimeouts();
        return !_power.HasFailed;
    }

    private void Work(Random random)
    {
        while (!_power.HasFailed)
        {
            int id = Interlocked.Increment(ref _lastId);
            try
            {
                if (random.Next(12) == 0)
                    Maintain(random);
                Write(id, random);
            }
            catch (Exception failure)
            {
                // Before the power fails nothing may fail.
                if (!_power.HasFailed)
                {
                    _unexpected.Add($"transaction {id} failed before the power did: {failure}");
                    return;
                }
            }
        }
    }

    /// <summary>What goes on beside the transactions: checkpoints, and log that is freed.</summary>
    private void Maintain(Random random)
    {
        (int server, string name) = s_databases[random.Next(s_databases.Length)];
        LabDatabase database = _instances[server].Find(name)!;
        if (random.Next(2) == 0)
            database.Checkpoint();
        else
            database.Restore.LogBackedUp(database.Log.FlushAll());
    }

    private void Write(int id, Random random)
    {
        int coordinator = random.Next(2);
        LabInstance here = _instances[coordinator];
        LabInstance there = _instances[1 - coordinator];
        LabTransaction transaction = here.Begin("M");
        if (random.Next(6) == 0)
            transaction.MarkName = "M" + id;
        int kind = random.Next(4);
        int[] databases = [.. Enumerable.Range(0, s_databases.Length).Where(d => s_databases[d].Server == coordinator || kind == 3).Take(kind == 0 ? 1 : 4)];
        LabTransaction? branch = null;
        if (kind == 3)
        {
            branch = there.BeginBranch(transaction.GlobalId, here.Options.ServerName);
            branch.MarkName = transaction.MarkName;
            transaction.Participants.Add(new DirectLink(there, branch));
        }

        _sent[id] = (databases, false);
        int length = random.Next(5) == 0 ? random.Next(8000, 60_000) : random.Next(10, 900);
        try
        {
            foreach (int number in databases)
            {
                (int server, string name) = s_databases[number];
                LabTransaction part = server == coordinator ? transaction : branch!;
                LabTable table = _instances[server].Find(name)!.FindTable("dbo", "T") ?? throw new IOException($"{name} is closed.");
                table.Insert(part, [id, Content(id, length)]);
            }

            here.Commit(transaction);
            _sent[id] = (databases, true);
        }
        catch
        {
            here.Rollback(transaction);
            throw;
        }
    }

    private List<string> Compare()
    {
        List<string> wrong = [.. _unexpected];
        Dictionary<int, byte[]>[] found = [.. s_databases.Select(d => Read(_instances[d.Server].Find(d.Name)!))];
        foreach ((int id, (int[] databases, bool acknowledged)) in _sent.OrderBy(s => s.Key))
        {
            bool[] there = [.. databases.Select(d => found[d].ContainsKey(id))];
            bool isNew = !_known.TryGetValue(id, out bool was);
            if (there.Distinct().Count() > 1)
                wrong.Add($"transaction {id} is half there: {string.Join(", ", databases.Zip(there, (d, t) => s_databases[d].Name + "=" + t))}");
            else if (acknowledged && !there[0])
                wrong.Add($"transaction {id} was acknowledged and is gone");
            else if (!isNew && was != there[0])
                wrong.Add($"transaction {id} was {(was ? "there" : "gone")} after an earlier start and is not now");
            foreach (int database in databases.Where(d => found[d].ContainsKey(id)))
            {
                if (!found[database][id].AsSpan().SequenceEqual(Content(id, found[database][id].Length)))
                    wrong.Add($"row {id} of {s_databases[database].Name} is torn");
            }

            _known[id] = there[0];
            _count.Sent += isNew ? 1 : 0;
            _count.Acknowledged += isNew && acknowledged ? 1 : 0;
            _count.Kept += isNew && !acknowledged && there[0] ? 1 : 0;
        }

        wrong.AddRange(found.SelectMany((rows, d) => rows.Keys.Except(_sent.Where(s => s.Value.Databases.Contains(d)).Select(s => s.Key)).Select(id => $"row {id} of {s_databases[d].Name} was never sent")));
        return wrong;
    }

    private static Dictionary<int, byte[]> Read(LabDatabase database) =>
        database.FindTable("dbo", "T")!.Scan(null).ToDictionary(r => (int)r.Values[0]!, r => (byte[])r.Values[1]!);

    private static void Resolve(LabInstance coordinator, LabInstance participant)
    {
        foreach ((Guid id, string server) in participant.InDoubt.Where(d => d.Coordinator == coordinator.Options.ServerName))
        {
            if (coordinator.QueryOutcome(id) == TransactionOutcome.Committed)
                participant.CommitPrepared(id);
            else
                participant.AbortPrepared(id);
        }

        coordinator.RetryUnconfirmed(_ => new DirectLink(participant, null));
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
