using System;
using System.Collections.Generic;

namespace BizTalkDR.Computer.Folder;

/// <summary>What <c>computer.json</c> holds.</summary>
/// <param name="SchemaVersion">1.</param>
/// <param name="Name">NetBIOS name.</param>
internal sealed record FolderDescription(int SchemaVersion, string Name)
{
    /// <summary>Environment variables, by name.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Folder with <c>server/share/…</c>, seen from the computer's folder: shares of other computers, which are not lost with this one.</summary>
    public string Shares { get; init; } = "files/UNC";
}
