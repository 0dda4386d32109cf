using System;
using System.Collections.Generic;

namespace BizTalkDR.Configuration;

/// <summary>What a backup of a BizTalk computer holds: <c>computer.biztalkdr.json</c> in its folder.</summary>
/// <param name="SchemaVersion">Version of the form; 1.</param>
/// <param name="Computer">NetBIOS name.</param>
/// <param name="TakenUtc">When it was written.</param>
/// <param name="Parts">Its parts; each is replaced by a newer backup of it alone.</param>
public sealed record ComputerManifest(int SchemaVersion, string Computer, DateTime TakenUtc, IReadOnlyList<PartManifest> Parts)
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "computer.biztalkdr.json";

    /// <summary>Whether it was taken from a simulated computer.</summary>
    public bool IsSimulated { get; init; }

    /// <summary>Edition of BizTalk Server (Enterprise, Standard, Developer, Branch); empty when unknown.</summary>
    public string Edition { get; init; } = string.Empty;

    /// <summary>Version of BizTalk Server; empty when unknown.</summary>
    public string ProductVersion { get; init; } = string.Empty;
}
