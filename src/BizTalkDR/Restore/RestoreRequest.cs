using System;
using System.Collections.Generic;
using BizTalkDR.Catalogue;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>What the operator asks for.</summary>
/// <param name="Folders">Backup folders as the destinations see them.</param>
/// <param name="Destinations">Instances to restore to: one for all, or as many as there are source instances.</param>
public sealed record RestoreRequest(IReadOnlyList<string> Folders, IReadOnlyList<SqlInstanceAddress> Destinations)
{
    /// <summary>Mark to restore to; null for the newest that every member can reach.</summary>
    public string? Mark { get; init; }

    /// <summary>Takes the newest mark before this time; null when no time was named.</summary>
    public DateTime? BeforeUtc { get; init; }

    /// <summary>Takes the newest mark there is, or none: an older one is not taken in its place.</summary>
    public bool Latest { get; init; }

    /// <summary>Looks into the folders of the folders too.</summary>
    public bool Recurse { get; init; }

    /// <summary>Instances whose memory is held against the files; empty for none.</summary>
    public IReadOnlyList<SqlInstanceAddress> Histories { get; init; } = [];

    /// <summary>Name of the Management database on one of them.</summary>
    public string ManagementDatabase { get; init; } = "BizTalkMgmtDb";

    /// <summary>Where this computer sees the folders.</summary>
    public PathMap PathMap { get; init; } = PathMap.None;

    /// <summary>Source instance to the name of a destination. Empty: one destination for all, or by order of the sources' names.</summary>
    public IReadOnlyDictionary<string, string> InstanceMap { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Replace databases that exist at the destination.</summary>
    public bool Force { get; init; }

    /// <summary>Folder for the tails of databases that are replaced, as their instances see it; null for each instance's default backup folder.</summary>
    public string? TailFolder { get; init; }

    /// <summary>Databases, by their names at the destination, that may be replaced without a backup of their tail: their newest work is lost.</summary>
    public IReadOnlyCollection<string> WithoutTail { get; init; } = [];

    /// <summary>Databases, by their names at the destination, that are put under another name instead of being replaced.</summary>
    public IReadOnlyCollection<string> KeepExisting { get; init; } = [];

    /// <summary>Take databases that are replaced out of their availability groups, and bring them back after the restore.</summary>
    public bool RemoveFromAvailabilityGroup { get; init; }

    /// <summary>Folder for the backups that bring databases back into their groups, as every replica sees it; null for the folder of the tails.</summary>
    public string? SeedFolder { get; init; }

    /// <summary>Addresses of secondary replicas by their real names; others are reached under their names.</summary>
    public IReadOnlyDictionary<string, SqlInstanceAddress> Replicas { get; init; } = new Dictionary<string, SqlInstanceAddress>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names at the destination for members that get another one.</summary>
    public IReadOnlyDictionary<MemberKey, string> Names { get; init; } = new Dictionary<MemberKey, string>();

    /// <summary>Where the databases' files go; by default into the destination's default folders.</summary>
    public FilePlacement Files { get; init; } = FilePlacement.Default;

    /// <summary>How many members are restored at once.</summary>
    public RestoreLimits Limits { get; init; } = RestoreLimits.Default;

    /// <summary>The members, when the group is known; otherwise they follow from the files.</summary>
    public IReadOnlyList<GroupMember>? ExpectedMembers { get; init; }

    /// <summary>The members as the operator names them: a database, or <c>database from server</c>; empty when nobody does.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];
}

/// <summary>What was found out about a destination before planning.</summary>
/// <param name="Address">How it is reached.</param>
/// <param name="Identity">What it says about itself.</param>
/// <param name="Databases">Those of the members' names that exist there already.</param>
public sealed record DestinationFacts(SqlInstanceAddress Address, SqlInstanceIdentity Identity, IReadOnlyList<DatabaseFacts> Databases)
{
    /// <summary>Its databases that are in availability groups, with their copies; empty when nobody asked to take them out.</summary>
    public IReadOnlyDictionary<string, AvailabilityFacts> Availability { get; init; } = new Dictionary<string, AvailabilityFacts>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Its computer; instances of one computer share its volumes and its memory.</summary>
    public string? Computer { get; init; }

    /// <summary>Its volumes; null when its login may not ask.</summary>
    public IReadOnlyList<Volume>? Volumes { get; init; }

    /// <summary>Bytes of memory free on its computer; null when its login may not ask, or the computer is short of memory.</summary>
    public long? FreeMemoryBytes { get; init; }
}
