using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>A member of a plan, and what its destination reads in its backups.</summary>
/// <param name="Plan">What is planned.</param>
/// <param name="Headers">Of every backup that could be read.</param>
/// <param name="Files">The files its full backup makes; null when the list could not be read.</param>
public sealed record MemberEvidence(MemberPlan Plan, IReadOnlyList<BackupHeader> Headers, IReadOnlyList<BackupDataFile>? Files)
{
    /// <summary>The database there now; null when there is none.</summary>
    public DatabaseFacts? Now { get; init; }

    /// <summary>Why the files are not known; null when they are.</summary>
    public string? NoFilesReason { get; init; }

    /// <summary>Thumbprints of keys that the server missed when it was to read a backup.</summary>
    public IReadOnlyList<string> MissingKeys { get; init; } = [];

    /// <summary>The places of the files, as the plan's full restore gives them.</summary>
    public IReadOnlyList<FileMove> Moves => Plan.Steps.Select(s => s.Statement).FirstOrDefault(s => s?.Action == RestoreAction.Full)?.Moves ?? [];

    /// <summary>The backup files of the plan.</summary>
    public IEnumerable<string> BackupPaths => Plan.Steps.Where(s => s.Backup is not null).SelectMany(s => s.Backup!.Paths);

    /// <summary>The size that a planned file will have.</summary>
    public long SizeOf(FileMove move) => Files?.FirstOrDefault(f => string.Equals(f.LogicalName, move.LogicalName, StringComparison.OrdinalIgnoreCase))?.SizeBytes ?? 0;
}

/// <summary>One destination, and the members that go there.</summary>
/// <param name="Identity">What it is.</param>
/// <param name="Readiness">What it says about a restore.</param>
/// <param name="Members">The members.</param>
public sealed record InstanceEvidence(SqlInstanceIdentity Identity, DestinationReadiness Readiness, IReadOnlyList<MemberEvidence> Members)
{
    /// <summary>Its real name.</summary>
    public string Server => Identity.ServerName;

    /// <summary>The room that a planned file takes over from a file of the database it replaces.</summary>
    public long FreedBy(string path) => (Readiness.Files ?? [])
        .Where(f => string.Equals(f.PhysicalName, path, StringComparison.OrdinalIgnoreCase)
            && Members.Any(m => m.Plan.Replaces is { } replaced && string.Equals(replaced.Name, f.Database, StringComparison.OrdinalIgnoreCase)))
        .Sum(f => f.SizeBytes);
}
