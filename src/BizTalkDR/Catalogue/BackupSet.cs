using System;
using System.Collections.Generic;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Reports;

namespace BizTalkDR.Catalogue;

/// <summary>Kind of a group backup set: the group's own procedures make only these two.</summary>
public enum BackupSetKind
{
    Full,
    Log,
}

/// <summary>What one run of the group's procedures wrote: one full or one log backup per member.</summary>
/// <param name="Kind">Full or log.</param>
/// <param name="Stamp">Stamp in the file names, as text: <c>yyyy_MM_dd_HH_mm_ss_fff</c>.</param>
/// <param name="Files">One file per member.</param>
/// <param name="IsComplete">Whether every member is in it and everything that was checked holds.</param>
public sealed record BackupSet(BackupSetKind Kind, string Stamp, IReadOnlyList<BackupSetFile> Files, bool IsComplete)
{
    private readonly string? _point;

    /// <summary>Id in adm_BackupHistory; null when only the files are known.</summary>
    public long? SetId { get; init; }

    /// <summary>The mark every member of a log set carries; null for a full.</summary>
    public string? Mark { get; init; }

    /// <summary>
    /// Name of the recovery point that the set makes: its mark; for a full set the name that its files bear, when its manifest proves that processing was stopped and nothing was committed while it was
    /// written. Null for any other full set, which alone cannot be restored consistently.
    /// </summary>
    public string? Point
    {
        get => Mark ?? _point;
        init => _point = value;
    }

    /// <summary>The stamp as a time. UTC, which is the group's default; marks made with local time are converted when that is known.</summary>
    public DateTime? MarkTimeUtc { get; init; }

    /// <summary>Who should be in it, when it was put together from files.</summary>
    public IReadOnlyList<MemberKey> Members { get; init; } = [];

    /// <summary>The manifest written for it; null when there is none.</summary>
    public string? ManifestPath { get; init; }

    /// <summary>Members without a file in it, when it was put together from files.</summary>
    public IReadOnlyList<MemberKey> Missing { get; init; } = [];

    /// <summary>What was noticed.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Gives kind and mark or stamp.</summary>
    public override string ToString() => $"{Kind} {Mark ?? Stamp}, {Files.Count} files{(IsComplete ? string.Empty : ", incomplete")}";
}

/// <summary>One member's file of a set.</summary>
/// <param name="Database">Database name.</param>
/// <param name="Server">Real name of the instance that wrote it.</param>
/// <param name="Path">Full path as the server sees it.</param>
public sealed record BackupSetFile(string Database, string Server, string Path)
{
    public MemberRole Role { get; init; }

    /// <summary>Size of the file; null when nobody could tell.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>What the file says about itself; null when it was not read.</summary>
    public BackupHeader? Header { get; init; }

    /// <summary>Whether it can be restored from; null when it was not read.</summary>
    public BackupCondition? Condition { get; init; }

    /// <summary>Where msdb of the member's instance saw the mark; null for a full, or when msdb was not asked.</summary>
    public LogPosition? MarkLsn { get; init; }
}
