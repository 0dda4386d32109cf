using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Windows;

/// <summary>Services: what is set stands in the registry, what runs says sc.exe.</summary>
/// <remarks>https://learn.microsoft.com/windows/win32/services/database-of-installed-services: Start 2 automatic, 3 manual, 4 disabled; DelayedAutostart; ObjectName is the account; Type 0x10 and 0x20 are services, others drivers.</remarks>
internal sealed class WindowsServices(IExternalTools tools, IRegistry registry) : IServiceControl
{
    private const string Key = @"SYSTEM\CurrentControlSet\Services";
    private const int IsService = 0x10 | 0x20;
    private const int NotInstalled = 1060, AlreadyRunning = 1056, NotStarted = 1062;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    public IReadOnlyList<ServiceInfo> List() => Read(tools.Run(ServiceCommands.QueryAll()), "query");

    public ServiceInfo? Find(string name)
    {
        ToolResult result = tools.Run(ServiceCommands.Query(name));
        return result.ExitCode == NotInstalled ? null : Read(result, name).FirstOrDefault(s => Is(s.Name, name));
    }

    public void Start(string name, TimeSpan timeout) => Bring(name, ServiceState.Running, timeout);

    public void Stop(string name, TimeSpan timeout)
    {
        foreach (string dependent in Dependents(name).Where(d => Find(d) is { State: not ServiceState.Stopped }))
            Stop(dependent, timeout);
        Bring(name, ServiceState.Stopped, timeout);
    }

    public void SetStart(string name, ServiceStart start)
    {
        ToolResult result = tools.Run(ServiceCommands.SetStart(name, start));
        if (!result.Succeeded)
            throw new RecoveryException(RecoveryError.ServiceStartNotSet, name, $"How the service {name} starts cannot be set to {start}: {Said(result)}.");
    }

    /// <summary>Starts or stops one and waits for it.</summary>
    private void Bring(string name, ServiceState wanted, TimeSpan timeout)
    {
        bool starts = wanted == ServiceState.Running;
        RecoveryException Failed(string what) => new(starts ? RecoveryError.ServiceNotStarted : RecoveryError.ServiceNotStopped, name, $"The service {name} {what}");
        string outcome = starts ? "did not start" : "did not stop";
        ToolResult result = tools.Run(starts ? ServiceCommands.Start(name) : ServiceCommands.Stop(name));
        if (!result.Succeeded && result.ExitCode != (starts ? AlreadyRunning : NotStarted))
            throw Failed($"{outcome}: {Said(result)}.");
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            ServiceState state = (Find(name) ?? throw Failed("is not installed any more.")).State;
            if (state == wanted)
                return;
            // One that fell back from starting will not run by waiting.
            if (waited.Elapsed >= timeout || (starts && state == ServiceState.Stopped))
                throw Failed($"{outcome} within {timeout}: it is {state}.");
            Thread.Sleep(s_pause);
        }
    }

    private List<ServiceInfo> Read(ToolResult result, string what)
    {
        IReadOnlyDictionary<string, ServiceState> states = ServiceText.Read(result.Output);
        if (!result.Succeeded || states.Count == 0)
            throw new RecoveryException(RecoveryError.ToolFailed, "sc.exe query " + what, $"The services of this computer cannot be read: {Said(result)}.");
        return states.Select(s => Describe(s.Key, s.Value)).ToList();
    }

    private ServiceInfo Describe(string name, ServiceState state)
    {
        Dictionary<string, object> values = registry.Values(Key + "\\" + name).GroupBy(v => v.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => g.First().Data, StringComparer.OrdinalIgnoreCase);
        ServiceStart start = (Number(values, "Start"), Number(values, "DelayedAutostart")) switch
        {
            (4, _) => ServiceStart.Disabled,
            (3, _) => ServiceStart.Manual,
            (_, 1) => ServiceStart.DelayedAutomatic,
            _ => ServiceStart.Automatic,
        };
        return new ServiceInfo(name, Text(values, "DisplayName") ?? name, state, start, Text(values, "ObjectName") ?? "LocalSystem");
    }

    private IEnumerable<string> Dependents(string name) => registry.SubKeys(Key).Where(k =>
    {
        IReadOnlyList<RegistryValue> values = registry.Values(Key + "\\" + k);
        return values.Any(v => Is(v.Name, "Type") && v.Data is int type && (type & IsService) != 0)
            && values.Any(v => Is(v.Name, "DependOnService") && v.Data is string[] needed && needed.Contains(name, StringComparer.OrdinalIgnoreCase));
    }).ToList();

    private static int? Number(Dictionary<string, object> values, string name) => values.TryGetValue(name, out object? data) ? data as int? : null;

    private static string? Text(Dictionary<string, object> values, string name) => values.TryGetValue(name, out object? data) ? data as string : null;

    private static bool Is(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private static string Said(ToolResult result) => $"sc.exe ended with {result.ExitCode} and said: {result.Said}";
}
