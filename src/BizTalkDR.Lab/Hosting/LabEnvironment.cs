using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BizTalkDR.Lab.Engine;
using Microsoft.Data.SqlClient;

namespace BizTalkDR.Lab.Hosting;

/// <summary>How the instances of a lab run.</summary>
public sealed record LabEnvironmentOptions
{
    /// <summary>Each instance in a process of its own; otherwise all in this one.</summary>
    public bool SeparateProcesses { get; init; }

    /// <summary>Clock of in-process instances.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Difference between server local time and UTC, in-process only.</summary>
    public TimeSpan UtcOffset { get; init; }

    /// <summary>Is told of defects of the lab itself; null = nobody is.</summary>
    public Action<Exception>? Faulted { get; init; }

    /// <summary>Whether Agent jobs start by themselves when their schedules are due; otherwise only on request.</summary>
    public bool RunsAgent { get; init; }

    /// <summary>Whether instances in processes of their own take the order to end suddenly.</summary>
    internal bool CanEndSuddenly { get; init; }
}

/// <summary>A running lab: its instances, how to reach them, and how to take them away again.</summary>
public sealed class LabEnvironment : IAsyncDisposable
{
    private readonly LabEnvironmentOptions _options;
    private readonly FileStream _guard;
    private readonly LabDirectory _directory;
    private readonly Dictionary<string, IRunningInstance> _running = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> _ports = new(StringComparer.OrdinalIgnoreCase);

    private LabEnvironment(LabFolder folder, LabEnvironmentOptions options, FileStream guard)
    {
        Folder = folder;
        _options = options;
        _guard = guard;
        Password = folder.ReadPassword();
        _directory = LabDirectory.Open(folder.DirectoryFile);
    }

    public LabFolder Folder { get; }

    /// <summary>Password of sa on every instance.</summary>
    public string Password { get; }

    /// <summary>Connection strings of the instances that run, by network name.</summary>
    public IReadOnlyDictionary<string, string> ConnectionStrings =>
        _running.Values.ToDictionary(instance => instance.Name, instance => ConnectionString(instance.Port), StringComparer.OrdinalIgnoreCase);

    /// <summary>Addresses of the instances that run, by network name.</summary>
    public IReadOnlyDictionary<string, string> Addresses =>
        _running.Values.ToDictionary(instance => instance.Name, instance => Address(instance.Port), StringComparer.OrdinalIgnoreCase);

    public LabDirectory Directory => _directory;

    /// <summary>Starts all instances of a lab; new ones are created.</summary>
    /// <exception cref="LabException">Another program runs this lab, or an instance does not start.</exception>
    public static async Task<LabEnvironment> StartAsync(LabFolder folder, LabEnvironmentOptions options, CancellationToken cancellation = default)
    {
        LabEnvironment environment = new(folder, options, Guard(folder));
        try
        {
            foreach (string name in folder.Instances)
                environment._directory.Register(name, 0);
            foreach (string name in folder.Instances)
                await environment.StartInstanceAsync(name, cancellation).ConfigureAwait(false);
            return environment;
        }
        catch
        {
            await environment.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Gives a running instance of this process.</summary>
    public InstanceHost Host(string name) => (InstanceHost)_running[name];

    /// <summary>Gives a running instance that has a process of its own.</summary>
    public ChildInstance Child(string name) => (ChildInstance)_running[name];

    /// <summary>Starts an instance that was stopped or has ended; on the port it had, so that connection strings stay good.</summary>
    public Task StartInstanceAsync(string name, CancellationToken cancellation = default) => StartInstanceAsync(name, 0, cancellation);

    /// <summary>Starts an instance, perhaps one that does not live through its start.</summary>
    /// <param name="name">Network name.</param>
    /// <param name="endAfterSync">The sync after which its process ends; 0 = none. Counts where instances can end suddenly.</param>
    /// <param name="cancellation">Ends the wait.</param>
    internal async Task StartInstanceAsync(string name, int endAfterSync, CancellationToken cancellation)
    {
        if (_running.TryGetValue(name, out IRunningInstance? old))
        {
            await old.DisposeAsync().ConfigureAwait(false);
            _running.Remove(name);
        }

        IRunningInstance instance = _options.SeparateProcesses
            ? await ChildInstance.StartAsync(Folder, name, _ports.GetValueOrDefault(name), _options.CanEndSuddenly ? endAfterSync : null, _options.RunsAgent, cancellation).ConfigureAwait(false)
            : StartHere(name);
        _running[name] = instance;
        _ports[name] = instance.Port;
        _directory.Register(name, instance.Port);
        Folder.WriteConnections(Password, Addresses);
    }

    private InstanceHost StartHere(string name)
    {
        InstanceHost host = InstanceHost.Start(InstanceOptionsOf(name), _directory, Password, Folder.FullPath, _options.Faulted, _ports.GetValueOrDefault(name));
        if (_options.RunsAgent)
            host.Server.Schedules.Start();
        return host;
    }

    public async Task StopInstanceAsync(string name)
    {
        IRunningInstance instance = _running[name];
        _running.Remove(name);
        _directory.Register(name, 0);
        await instance.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Stops all instances and deletes their data: what a lost data centre leaves. The backup folder stays.</summary>
    public async Task DestroyAsync()
    {
        await StopAllAsync().ConfigureAwait(false);
        foreach (string name in Folder.Instances)
        {
            if (System.IO.Directory.Exists(Folder.InstanceFolder(name)))
                System.IO.Directory.Delete(Folder.InstanceFolder(name), recursive: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAllAsync().ConfigureAwait(false);
        }
        finally
        {
            await _guard.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Gives the folder, name and clock of an instance.</summary>
    private InstanceOptions InstanceOptionsOf(string name) => new()
    {
        ServerName = name,
        Folder = Folder.InstanceFolder(name),
        Clock = _options.Clock,
        UtcOffset = _options.UtcOffset,
    };

    private static FileStream Guard(LabFolder folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder.FullPath, "lab.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken)
        {
            throw new LabException($"Another program runs the lab in {folder.FullPath}.", taken);
        }
    }

    private static string Address(int port) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"127.0.0.1,{port}");

    private string ConnectionString(int port) => new SqlConnectionStringBuilder
    {
        DataSource = Address(port),
        UserID = "sa",
        Password = Password,
        Encrypt = SqlConnectionEncryptOption.Mandatory,
        TrustServerCertificate = true,
    }.ConnectionString;

    private async Task StopAllAsync()
    {
        List<Exception> failures = [];
        foreach (string name in _running.Keys.ToList())
        {
            try
            {
                await StopInstanceAsync(name).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is LabException or IOException or InvalidOperationException)
            {
                failures.Add(failure);
            }
        }

        if (failures.Count > 0)
            throw new LabException(string.Join(Environment.NewLine, failures.Select(failure => failure.Message)), failures[0]);
    }
}
