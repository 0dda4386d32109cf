using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>A replica of an availability group, as its statement named it.</summary>
public sealed record AvailabilityReplicaEntry(Guid Id, string Server, string EndpointUrl, bool IsSynchronous, bool IsAutomatic)
{
    /// <summary>SEEDING_MODE = AUTOMATIC.</summary>
    public bool SeedsAutomatically { get; init; }
}

/// <summary>A database that has joined an availability group.</summary>
public sealed record AvailabilityDatabaseEntry(Guid Id, string Database);

/// <summary>An availability group as one replica knows it: all its databases on the primary one, those that have joined on another. Nothing but membership and first copies goes from replica to replica.</summary>
public sealed record AvailabilityGroup(Guid Id, string Name, IReadOnlyList<AvailabilityReplicaEntry> Replicas, IReadOnlyList<AvailabilityDatabaseEntry> Databases)
{
    /// <summary>Instance with the primary replica; there is no failover.</summary>
    public string Primary { get; init; } = string.Empty;

    /// <summary>GRANT CREATE ANY DATABASE, on this replica.</summary>
    public bool MayCreateDatabases { get; init; }

    public AvailabilityDatabaseEntry? Member(string database) => Databases.FirstOrDefault(d => string.Equals(d.Database, database, StringComparison.OrdinalIgnoreCase));
}

public sealed partial class LabInstance
{
    private IReadOnlyList<AvailabilityGroup> _availabilityGroups = [];

    public IReadOnlyList<AvailabilityGroup> AvailabilityGroups => _availabilityGroups;

    /// <summary>The group a database has joined; null when it is in none.</summary>
    public AvailabilityGroup? GroupOf(LabDatabase database)
    {
        ArgumentNullException.ThrowIfNull(database);
        return _availabilityGroups.FirstOrDefault(g => g.Member(database.Name) is not null);
    }

    /// <summary>Changes the groups: durable when it returns.</summary>
    public void ChangeAvailabilityGroups(Func<IReadOnlyList<AvailabilityGroup>, IReadOnlyList<AvailabilityGroup>> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        Save(() =>
        {
            IReadOnlyList<AvailabilityGroup> before = _availabilityGroups;
            _availabilityGroups = change(before);
            return () => _availabilityGroups = before;
        });
    }
}
