using System.Collections.Generic;
using System.Threading;
using BizTalkDR.Restore;

namespace BizTalkDR.Tests.Support;

/// <summary>Keeps the journal in memory.</summary>
internal sealed class MemoryJournal : IRestoreJournal
{
    private readonly Lock _gate = new();

    public string? Path => null;

    public List<(string What, IReadOnlyDictionary<string, string?> Details)> Events { get; } = [];

    public void Write(string what, IReadOnlyDictionary<string, string?> details)
    {
        lock (_gate)
        {
            Events.Add((what, details));
        }
    }
}
