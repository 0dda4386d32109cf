using System.Collections.Generic;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Computer.Folder;

/// <summary>A service as <c>services.json</c> holds it. <paramref name="StartError"/>: why it does not start; null when it does.</summary>
internal sealed record StoredService(string Name, string DisplayName, ServiceState State, ServiceStart Start, string Account, string? StartError = null)
{
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>Program in <c>tools/services</c> that is run with <c>start</c> and <c>stop</c>; the state changes when it ends with 0. Null for none.</summary>
    public string? Program { get; init; }
}
