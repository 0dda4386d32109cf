using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Folder;

/// <summary>Services of a simulated computer: <c>services.json</c>. One that depends on a service which does not run starts it first; one with a program runs when that program says so.</summary>
internal sealed class FolderServices(string folder) : IServiceControl
{
    private readonly string _path = Path.Combine(folder, "services.json");

    public IReadOnlyList<ServiceInfo> List() => Load().Select(Info).ToList();

    public ServiceInfo? Find(string name) => Of(Load(), name) is { } found ? Info(found) : null;

    public void Start(string name, TimeSpan timeout)
    {
        StartIn(Load(), name, [], timeout);
    }

    /// <summary>Installs a service, or replaces one of that name.</summary>
    public void Install(StoredService service)
    {
        List<StoredService> all = Load();
        all.RemoveAll(s => string.Equals(s.Name, service.Name, StringComparison.OrdinalIgnoreCase));
        all.Add(service);
        FolderJson.Write(_path, all);
    }

    public void Stop(string name, TimeSpan timeout)
    {
        List<StoredService> all = Load();
        if (Of(all, name) is null)
            throw new RecoveryException(RecoveryError.ServiceNotStopped, name, $"The service {name} is not installed on this computer (1060).");
        StopIn(all, name, timeout);
    }

    public void SetStart(string name, ServiceStart start)
    {
        List<StoredService> all = Load();
        if (Of(all, name) is null)
            throw new RecoveryException(RecoveryError.ServiceStartNotSet, name, $"How the service {name} starts cannot be set to {start}: it is not installed on this computer (1060).");
        Put(all, name, s => s with { Start = start });
        FolderJson.Write(_path, all);
    }

    /// <summary>What is running is written down before the next one starts: its program may look.</summary>
    private void StartIn(List<StoredService> all, string name, HashSet<string> under, TimeSpan timeout)
    {
        StoredService service = Of(all, name) ?? throw NotStarted(name, "the service is not installed on this computer (1060)");
        if (service.State == ServiceState.Running)
            return;
        if (service.Start == ServiceStart.Disabled)
            throw NotStarted(name, "the service is disabled (1058)");
        if (!under.Add(service.Name))
            throw NotStarted(name, "its dependencies form a circle (1059)");
        foreach (string needed in service.DependsOn)
            StartIn(all, needed, under, timeout);
        if (service.StartError is { Length: > 0 } reason)
            throw NotStarted(name, reason);
        if (service.Program is { } program && FolderProgram.Run(folder, program, "start", timeout) is { } refused)
            throw NotStarted(name, refused);
        Put(all, name, s => s with { State = ServiceState.Running });
        FolderJson.Write(_path, all);
    }

    private void StopIn(List<StoredService> all, string name, TimeSpan timeout)
    {
        foreach (StoredService dependent in all.Where(s => s.State != ServiceState.Stopped && s.DependsOn.Contains(name, StringComparer.OrdinalIgnoreCase)).ToList())
            StopIn(all, dependent.Name, timeout);
        if (Of(all, name) is { Program: { } program, State: ServiceState.Running } && FolderProgram.Run(folder, program, "stop", timeout) is { } refused)
            throw new RecoveryException(RecoveryError.ServiceNotStopped, name, $"The service {name} did not stop: {refused}.");
        Put(all, name, s => s with { State = ServiceState.Stopped });
        FolderJson.Write(_path, all);
    }

    private static RecoveryException NotStarted(string name, string reason) =>
        new(RecoveryError.ServiceNotStarted, name, $"The service {name} did not start: {reason}.");

    private static void Put(List<StoredService> all, string name, Func<StoredService, StoredService> change)
    {
        int at = all.FindIndex(s => string.Equals(s.Name, name, StringComparison.OrdinalIgnoreCase));
        all[at] = change(all[at]);
    }

    private static StoredService? Of(List<StoredService> all, string name) => all.Find(s => string.Equals(s.Name, name, StringComparison.OrdinalIgnoreCase));

    private static ServiceInfo Info(StoredService s) => new(s.Name, s.DisplayName, s.State, s.Start, s.Account);

    private List<StoredService> Load() => FolderJson.Read<List<StoredService>>(_path) ?? [];
}
