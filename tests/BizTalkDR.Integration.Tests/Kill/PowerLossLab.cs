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
    private readonly string _root = Directory.CreateTempSubdirectory("power-loss-").FullName;
    private readonly Random _random;
    private readonly PowerLossCount _count;
    private readonly PowerSupply _power = new();
    private readonly PowerLossDisk[] _disks;

    private readonly EngineLedger _ledger = new();
    private readonly ConcurrentBag<string> _unexpected = [];

    private LabInstance[] _instances = [];
    private int _lastId;

    public PowerLossLab(int seed, PowerLossCount count)
    {
        _random = new Random(seed);
        _count = count;
        _disks = [.. EngineLoad.Servers.Select(s => new PowerLossDisk(_power, Path.Combine(_root, "lost-" + s)))];
        _instances = [.. EngineLoad.Servers.Select((_, i) => LabInstance.Create(Options(i)))];
        SetTimeouts();
        EngineLoad.CreateDatabases(_instances);
    }

    /// <summary>Lets the clients work until the power fails somewhere among the changes of files they cause.</summary>
    public void RunUntilPowerFails()
    {
        _power.FailAfter(_random.Next(1, 400));
        int[] seeds = [.. Enumerable.Range(0, EngineLoad.Clients).Select(_ => _random.Next())];
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
        EngineLoad.Resolve(_instances);
        return [.. _unexpected, .. _ledger.Compare(EngineLoad.Read(_instances, _unexpected.Add))];
    }

    public void Dispose()
    {
        foreach (LabInstance instance in _instances)
            instance.Abandon();
        _count.Sent += _ledger.SentCount;
        _count.Acknowledged += _ledger.AcknowledgedCount;
        _count.Kept += _ledger.KeptCount;
        Directory.Delete(_root, recursive: true);
    }

    private InstanceOptions Options(int server) => EngineLoad.Options(_root, server, new LabStorage { Disk = _disks[server] });

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
            for (int i = 0; i < EngineLoad.Servers.Length; i++)
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
        EngineLoad load = new(_instances) { Sent = _ledger.Sent, Acknowledged = _ledger.Acknowledged };
        while (!_power.HasFailed)
        {
            int id = Interlocked.Increment(ref _lastId);
            try
            {
                if (random.Next(12) == 0)
                    load.Maintain(random);
                load.Write(id, random);
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
}
