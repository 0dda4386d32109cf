using System.Collections.Generic;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>A replica of an availability group that members leave and come back to, and what it says about that.</summary>
/// <param name="Server">Real name of its instance.</param>
/// <param name="Group">The group.</param>
/// <param name="Rights">What the login may do there.</param>
/// <param name="Members">The members of the plan in this group; on a secondary replica with how it gets each back.</param>
public sealed record ReplicaEvidence(string Server, string Group, AvailabilityRights Rights, IReadOnlyList<ReplicaMember> Members)
{
    /// <summary>Folders that seeding backups are written to, or read from, and what is in each.</summary>
    public IReadOnlyDictionary<string, ServerFolder> Folders { get; init; } = new Dictionary<string, ServerFolder>();

    /// <summary>What the result is about.</summary>
    public string Subject => $"'{Group}' on {Server}";
}

/// <summary>A member on a replica.</summary>
/// <param name="Database">The database.</param>
/// <param name="SeedFolder">Where the backups are that bring it back.</param>
/// <param name="Secondary">How this replica gets it back; null on the primary one.</param>
public sealed record ReplicaMember(string Database, string SeedFolder, SecondaryPlan? Secondary)
{
    /// <summary>Whether this replica reads or writes the backups.</summary>
    public bool UsesFolder => Secondary is not { SeedsAutomatically: true };
}
