using System;
using System.Collections.Generic;
using System.Threading;

namespace BizTalkDR.Ports;

/// <summary>Sees and changes which databases of an instance are in availability groups.</summary>
public interface IAvailabilityGroups
{
    /// <summary>Reads the group that a database of this instance is in, as this replica sees it.</summary>
    /// <returns>The membership; null when it is in no group, or the login may not see it.</returns>
    AvailabilityMembership? ReadMembership(string database, CancellationToken cancellationToken = default);

    /// <summary>Asks what this login may do to a group on this instance.</summary>
    AvailabilityRights ReadRights(string group, CancellationToken cancellationToken = default);

    /// <summary>Runs one statement.</summary>
    StatementOutcome Change(AvailabilityStatement statement, CancellationToken cancellationToken = default);
}

/// <summary>A database in an availability group.</summary>
/// <param name="Group">Name of the group.</param>
/// <param name="GroupDatabaseId">group_database_id: the same on every replica, another one after the database was added again.</param>
/// <param name="IsPrimary">Whether this instance is the primary replica.</param>
/// <param name="Replicas">Every replica that this one knows.</param>
public sealed record AvailabilityMembership(string Group, Guid GroupDatabaseId, bool IsPrimary, IReadOnlyList<AvailabilityReplicaFacts> Replicas);

/// <summary>What a login may do to an availability group on one of its replicas: effective rights, those of its roles included.</summary>
/// <param name="Computer">SERVERPROPERTY('ComputerNamePhysicalNetBIOS'): instances of one computer see the same folders.</param>
public sealed record AvailabilityRights(string Computer)
{
    /// <summary>ALTER on the group; null when the instance does not say, which it does not of a group that the login may not see.</summary>
    public bool? MayAlterGroup { get; init; }

    /// <summary>ALTER ANY DATABASE: DROP DATABASE of a database that another login owns.</summary>
    public bool MayAlterDatabases { get; init; }

    /// <summary>CREATE ANY DATABASE: RESTORE of a database that is not there.</summary>
    public bool MayCreateDatabases { get; init; }

    /// <summary>VIEW SERVER STATE, or VIEW SERVER PERFORMANCE STATE from SQL Server 2022 on: the views of how replicas and their databases stand.</summary>
    public bool MaySeeState { get; init; }
}

/// <summary>A replica of a group.</summary>
/// <param name="Server">replica_server_name: the real name of its instance.</param>
/// <param name="IsLocal">Whether it is the instance that was asked.</param>
/// <param name="IsSynchronous">availability_mode: a synchronous one can be SYNCHRONIZED, another is SYNCHRONIZING at best.</param>
/// <param name="SeedsAutomatically">seeding_mode.</param>
/// <param name="Synchronization">synchronization_state_desc of the database there; null when this replica knows none.</param>
public sealed record AvailabilityReplicaFacts(string Server, bool IsLocal, bool IsSynchronous, bool SeedsAutomatically, string? Synchronization)
{
    /// <summary>Whether the database there is as far as it can be.</summary>
    public bool IsInStep => Synchronization is "SYNCHRONIZED" || (!IsSynchronous && Synchronization is "SYNCHRONIZING");
}

/// <summary>What a statement about an availability group does.</summary>
public enum AvailabilityAction
{
    /// <summary>On the primary replica: ALTER AVAILABILITY GROUP … REMOVE DATABASE.</summary>
    Remove,

    /// <summary>On a secondary replica: DROP DATABASE, of a copy that is in no group any more.</summary>
    DropCopy,

    /// <summary>On the primary replica: BACKUP DATABASE.</summary>
    BackUpFull,

    /// <summary>On the primary replica: BACKUP LOG.</summary>
    BackUpLog,

    /// <summary>On a secondary replica: ALTER AVAILABILITY GROUP … GRANT CREATE ANY DATABASE, for automatic seeding.</summary>
    GrantCreate,

    /// <summary>On the primary replica: ALTER AVAILABILITY GROUP … ADD DATABASE.</summary>
    Add,

    /// <summary>On a secondary replica: ALTER DATABASE … SET HADR AVAILABILITY GROUP.</summary>
    Join,
}

/// <summary>One statement about an availability group, in our words.</summary>
/// <param name="Action">What it does.</param>
/// <param name="Group">The group.</param>
/// <param name="Database">The database.</param>
public sealed record AvailabilityStatement(AvailabilityAction Action, string Group, string Database)
{
    /// <summary>File of a backup, as every replica sees it.</summary>
    public string? Path { get; init; }
}
