using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>One option of sp_configure.</summary>
internal sealed record ConfigurationOption(int Id, string Name, int Minimum, int Maximum, int Value, int InUse, bool IsAdvanced);

/// <summary>Keeps the options of sp_configure; those the lab has no use for are kept and shown all the same.</summary>
internal sealed class ServerConfiguration
{
    private static readonly ConfigurationOption[] s_defaults =
    [
        Option(109, "fill factor (%)", 0, 100, 0, true), Option(115, "nested triggers", 0, 1, 1), Option(117, "remote access", 0, 1, 1), Option(124, "default language", 0, 9999, 0),
        Option(503, "max worker threads", 128, 65535, 0, true), Option(505, "network packet size (B)", 512, 32767, 4096, true), Option(518, "show advanced options", 0, 1, 0), Option(542, "remote proc trans", 0, 1, 0),
        Option(1126, "default full-text language", 0, int.MaxValue, 1033, true), Option(1127, "two digit year cutoff", 1753, 9999, 2049, true), Option(1519, "remote login timeout (s)", 0, int.MaxValue, 10),
        Option(1520, "remote query timeout (s)", 0, int.MaxValue, 600), Option(1538, "cost threshold for parallelism", 0, 32767, 5, true), Option(1539, "max degree of parallelism", 0, 32767, 0, true),
        Option(1540, "min memory per query (KB)", 512, int.MaxValue, 1024, true), Option(1541, "query wait (s)", -1, int.MaxValue, -1, true), Option(1543, "min server memory (MB)", 0, int.MaxValue, 0, true),
        Option(1544, "max server memory (MB)", 128, int.MaxValue, int.MaxValue, true), Option(1555, "transform noise words", 0, 1, 0, true), Option(1562, "clr enabled", 0, 1, 0), Option(1579, "backup compression default", 0, 1, 0),
        Option(1580, "filestream access level", 0, 2, 0), Option(1581, "optimize for ad hoc workloads", 0, 1, 0, true), Option(1584, "backup checksum default", 0, 1, 0), Option(16384, "Agent XPs", 0, 1, 1, true),
        Option(16386, "Database Mail XPs", 0, 1, 0, true), Option(16388, "Ole Automation Procedures", 0, 1, 0, true), Option(16390, "xp_cmdshell", 0, 1, 0, true), Option(16391, "Ad Hoc Distributed Queries", 0, 1, 0, true),
    ];

    private readonly HiddenTable _stored;
    private readonly object _gate = new();
    private readonly Dictionary<int, ConfigurationOption> _options = [];

    public ServerConfiguration(LabInstance instance)
    {
        _stored = new HiddenTable(instance.Find("master")!, "lab_configuration", ("id", SqlType.Int), ("value", SqlType.Int));
        foreach (ConfigurationOption option in s_defaults)
        {
            _options[option.Id] = option;
        }

        foreach (LabRow row in _stored.Rows())
        {
            int id = (int)row.Values[0]!;
            _options[id] = _options[id] with { Value = (int)row.Values[1]!, InUse = (int)row.Values[1]! };
        }
    }

    public IReadOnlyList<ConfigurationOption> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _options.Values.OrderBy(o => o.Id)];
            }
        }
    }

    public int InUse(string name) => All.First(o => o.Name == name).InUse;

    /// <summary>Finds options whose name begins with the text; exact names win.</summary>
    public IReadOnlyList<ConfigurationOption> Find(string name)
    {
        List<ConfigurationOption> exact = [.. All.Where(o => string.Equals(o.Name, name, StringComparison.OrdinalIgnoreCase))];
        return exact.Count > 0 ? exact : [.. All.Where(o => o.Name.StartsWith(name, StringComparison.OrdinalIgnoreCase))];
    }

    public void Set(ConfigurationOption option, int value)
    {
        if (value < option.Minimum || value > option.Maximum)
        {
            throw new LabSqlException(15129, 16, 1, $"'{value}' is not a valid value for configuration option '{option.Name}'.");
        }

        lock (_gate)
        {
            _options[option.Id] = option with { Value = value };
        }

        _stored.Change(t =>
        {
            _stored.Delete(t, r => (int)r.Values[0]! == option.Id);
            _stored.Insert(t, option.Id, value);
        });
    }

    /// <summary>RECONFIGURE.</summary>
    public void Apply()
    {
        lock (_gate)
        {
            foreach (ConfigurationOption option in _options.Values.ToList())
            {
                _options[option.Id] = option with { InUse = option.Value };
            }
        }
    }

    private static ConfigurationOption Option(int id, string name, int minimum, int maximum, int value, bool advanced = false) => new(id, name, minimum, maximum, value, value, advanced);
}
