using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Availability groups as this replica sees them; the primary one asks the others for what has joined there.</summary>
internal static class AvailabilityViews
{
    public static IReadOnlyList<SystemView> All { get; } =
    [
        new SystemView("sys", "availability_groups", "group_id uniqueidentifier, name sysname, resource_id nvarchar(40), resource_group_id nvarchar(40), failure_condition_level int=3, health_check_timeout int=30000, automated_backup_preference tinyint=2, automated_backup_preference_desc nvarchar(60)=SECONDARY, is_distributed bit=0, cluster_type tinyint=0, cluster_type_desc nvarchar(60)=WSFC", (frame, _, shape) => Groups(frame).Select(g => shape.Row(("group_id", g.Id), ("name", g.Name)))),
        new SystemView("sys", "availability_replicas", "replica_id uniqueidentifier, group_id uniqueidentifier, replica_metadata_id int, replica_server_name nvarchar(256), owner_sid varbinary(85), endpoint_url nvarchar(128), availability_mode tinyint, availability_mode_desc nvarchar(60), failover_mode tinyint, session_timeout int=10, seeding_mode tinyint, seeding_mode_desc nvarchar(60)", (frame, _, shape) => Replicas(frame).Select(r => shape.Row(("replica_id", r.Replica.Id), ("group_id", r.Group.Id), ("replica_metadata_id", IsLocal(frame, r.Replica) ? 65536 : null), ("replica_server_name", r.Replica.Server), ("endpoint_url", r.Replica.EndpointUrl), ("availability_mode", r.Replica.IsSynchronous ? 1 : 0), ("availability_mode_desc", r.Replica.IsSynchronous ? "SYNCHRONOUS_COMMIT" : "ASYNCHRONOUS_COMMIT"), ("failover_mode", r.Replica.IsAutomatic ? 0 : 1), ("seeding_mode", r.Replica.SeedsAutomatically ? 0 : 1), ("seeding_mode_desc", r.Replica.SeedsAutomatically ? "AUTOMATIC" : "MANUAL")))),
        new SystemView("sys", "availability_databases_cluster", "group_id uniqueidentifier, group_database_id uniqueidentifier, database_name sysname", (frame, _, shape) => Groups(frame).SelectMany(g => g.Databases.Select(d => shape.Row(("group_id", g.Id), ("group_database_id", d.Id), ("database_name", d.Database))))),
        State("dm_hadr_availability_replica_states", "replica_id uniqueidentifier, group_id uniqueidentifier, is_local bit, role tinyint, role_desc nvarchar(60), operational_state tinyint, connected_state tinyint, synchronization_health tinyint", (frame, shape) => Replicas(frame).Where(r => IsLocal(frame, r.Replica) || IsPrimary(frame.Session.Server, r.Group)).Select(r => (r.Group, r.Replica, Role: IsPrimaryReplica(frame, r.Group, r.Replica), Connected: IsLocal(frame, r.Replica) || JoinedOn(frame, r.Replica) is not null)).Select(r => shape.Row(("replica_id", r.Replica.Id), ("group_id", r.Group.Id), ("is_local", IsLocal(frame, r.Replica)), ("role", r.Role ? 1 : 2), ("role_desc", r.Role ? "PRIMARY" : "SECONDARY"), ("operational_state", IsLocal(frame, r.Replica) ? 2 : null), ("connected_state", r.Connected ? 1 : 0), ("synchronization_health", r.Connected ? 2 : 0)))),
        State("dm_hadr_availability_replica_cluster_states", "replica_id uniqueidentifier, replica_server_name nvarchar(256), group_id uniqueidentifier, join_state tinyint", (frame, shape) => Replicas(frame).Select(r => shape.Row(("replica_id", r.Replica.Id), ("replica_server_name", r.Replica.Server), ("group_id", r.Group.Id), ("join_state", IsLocal(frame, r.Replica) ? 1 : 0)))),
        State("dm_hadr_database_replica_states", "database_id int, group_id uniqueidentifier, replica_id uniqueidentifier, group_database_id uniqueidentifier, is_local bit, is_primary_replica bit, synchronization_state tinyint, synchronization_state_desc nvarchar(60), synchronization_health tinyint, database_state tinyint", (frame, shape) => Members(frame).Select(m => shape.Row(("database_id", frame.Instance.Find(m.Member.Database)?.Id), ("group_id", m.Group.Id), ("replica_id", m.Replica.Id), ("group_database_id", m.Member.Id), ("is_local", IsLocal(frame, m.Replica)), ("is_primary_replica", IsPrimaryReplica(frame, m.Group, m.Replica)), ("synchronization_state", IsInStep(frame, m) ? 2 : 1), ("synchronization_state_desc", IsInStep(frame, m) ? "SYNCHRONIZED" : "SYNCHRONIZING"), ("synchronization_health", 2), ("database_state", 0)))),
        State("dm_hadr_database_replica_cluster_states", "replica_id uniqueidentifier, group_database_id uniqueidentifier, database_name sysname, is_failover_ready bit, is_pending_secondary_suspend bit, is_database_joined bit", (frame, shape) => Members(frame).Select(m => shape.Row(("replica_id", m.Replica.Id), ("group_database_id", m.Member.Id), ("database_name", m.Member.Database), ("is_failover_ready", true), ("is_pending_secondary_suspend", false), ("is_database_joined", true)))),
    ];

    /// <summary>Whether a database is a copy on a secondary replica: RESTORING in truth, and shown as ONLINE while it is in the group.</summary>
    public static bool IsCopy(ExecutionFrame frame, LabDatabase database) => frame.Instance.GroupOf(database) is { } group && !IsPrimary(frame.Session.Server, group);

    /// <summary>Replica and group database of a member, for sys.databases.</summary>
    public static (Guid? Replica, Guid? Member) Of(ExecutionFrame frame, LabDatabase database) =>
        frame.Instance.GroupOf(database) is { } group ? (group.Replicas.FirstOrDefault(r => IsLocal(frame, r))?.Id, group.Member(database.Name)?.Id) : (null, null);

    /// <summary>The dynamic management views of the groups.</summary>
    private static SystemView State(string name, string columns, Func<ExecutionFrame, RowShape, IEnumerable<object?[]>> rows) =>
        new("sys", name, columns, (frame, _, shape) => frame.HasServerPermission("VIEW SERVER STATE") ? rows(frame, shape) : throw ServerErrors.NoServerState());

    private static IReadOnlyList<AvailabilityGroup> Groups(ExecutionFrame frame) => frame.Instance.AvailabilityGroups;

    private static IEnumerable<(AvailabilityGroup Group, AvailabilityReplicaEntry Replica)> Replicas(ExecutionFrame frame) => Groups(frame).SelectMany(g => g.Replicas.Select(r => (g, r)));

    private static IEnumerable<(AvailabilityGroup Group, AvailabilityReplicaEntry Replica, AvailabilityDatabaseEntry Member)> Members(ExecutionFrame frame) =>
        Replicas(frame).SelectMany(r => IsLocal(frame, r.Replica) ? r.Group.Databases.Select(d => (r.Group, r.Replica, d))
            : IsPrimary(frame.Session.Server, r.Group) && JoinedOn(frame, r.Replica) is { } joined ? r.Group.Databases.Where(d => joined.Contains(d.Id)).Select(d => (r.Group, r.Replica, d))
            : []);

    /// <summary>Whether an instance has the primary replica of a group.</summary>
    public static bool IsPrimary(LabSqlServer server, AvailabilityGroup group) => group.Primary.Length == 0 || string.Equals(group.Primary, server.ServerName, StringComparison.OrdinalIgnoreCase);

    private static bool IsPrimaryReplica(ExecutionFrame frame, AvailabilityGroup group, AvailabilityReplicaEntry replica) =>
        group.Primary.Length == 0 ? IsLocal(frame, replica) : string.Equals(group.Primary, replica.Server, StringComparison.OrdinalIgnoreCase);

    private static bool IsInStep(ExecutionFrame frame, (AvailabilityGroup Group, AvailabilityReplicaEntry Replica, AvailabilityDatabaseEntry Member) member) =>
        member.Replica.IsSynchronous || IsPrimaryReplica(frame, member.Group, member.Replica);

    private static IReadOnlyList<Guid>? JoinedOn(ExecutionFrame frame, AvailabilityReplicaEntry replica) => new AvailabilityReplicas(frame.Session.Server).JoinedOn(replica.Server);

    private static bool IsLocal(ExecutionFrame frame, AvailabilityReplicaEntry replica) => string.Equals(replica.Server, frame.Session.Server.ServerName, StringComparison.OrdinalIgnoreCase);
}
