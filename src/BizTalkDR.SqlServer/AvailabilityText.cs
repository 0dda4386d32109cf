using System;
using BizTalkDR.Ports;

namespace BizTalkDR.SqlServer;

/// <summary>The questions and statements about availability groups.</summary>
/// <remarks>sys.availability_databases_cluster, sys.availability_replicas, sys.dm_hadr_availability_replica_states, sys.dm_hadr_database_replica_states; ALTER AVAILABILITY GROUP; ALTER DATABASE SET HADR.</remarks>
public static class AvailabilityText
{
    /// <summary>The group of a database, one row for each replica. The primary replica knows how the database is on every replica, another one only its own.</summary>
    public const string Membership =
        "SELECT g.name, c.group_database_id, l.role_desc, r.replica_server_name, CAST(CASE WHEN r.replica_id = l.replica_id THEN 1 ELSE 0 END AS int) AS is_local, CAST(r.availability_mode AS int), CAST(r.seeding_mode AS int), x.synchronization_state_desc "
        + "FROM sys.databases AS d INNER JOIN sys.availability_databases_cluster AS c ON c.group_database_id = d.group_database_id INNER JOIN sys.availability_groups AS g ON g.group_id = c.group_id "
        + "INNER JOIN sys.dm_hadr_availability_replica_states AS l ON l.group_id = g.group_id AND l.is_local = 1 INNER JOIN sys.availability_replicas AS r ON r.group_id = g.group_id "
        + "LEFT JOIN sys.dm_hadr_database_replica_states AS x ON x.replica_id = r.replica_id AND x.group_database_id = c.group_database_id "
        + "WHERE d.name = @database AND d.replica_id IS NOT NULL ORDER BY r.replica_server_name;";

    /// <summary>What the login may do; one row. A right of another version is NULL.</summary>
    /// <remarks>
    /// HAS_PERMS_BY_NAME gives effective permissions; "GRANT Availability Group Permissions" says what implies ALTER on a group. The page does not say whether the name of a group is taken with brackets,
    /// so both are asked. sys.dm_hadr_database_replica_states: VIEW SERVER STATE, from 2022 on VIEW SERVER PERFORMANCE STATE. "Server-level roles": dbcreator may alter any database.
    /// </remarks>
    public const string Rights =
        "SELECT CAST(SERVERPROPERTY('ComputerNamePhysicalNetBIOS') AS nvarchar(128)) AS computer, HAS_PERMS_BY_NAME(@group, N'AVAILABILITY GROUP', N'ALTER') AS may_alter, HAS_PERMS_BY_NAME(QUOTENAME(@group), N'AVAILABILITY GROUP', N'ALTER') AS may_alter_quoted, "
        + "HAS_PERMS_BY_NAME(NULL, NULL, 'ALTER ANY AVAILABILITY GROUP') AS may_alter_any, HAS_PERMS_BY_NAME(NULL, NULL, 'ALTER ANY DATABASE') AS may_alter_databases, HAS_PERMS_BY_NAME(NULL, NULL, 'CREATE ANY DATABASE') AS may_create, "
        + "HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE') AS may_see_state, HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER PERFORMANCE STATE') AS may_see_performance;";

    /// <summary>Writes a statement.</summary>
    public static string Of(AvailabilityStatement statement)
    {
        string group = SqlText.Name(statement.Group);
        string database = SqlText.Name(statement.Database);
        return statement.Action switch
        {
            AvailabilityAction.Remove => $"ALTER AVAILABILITY GROUP {group} REMOVE DATABASE {database};",
            AvailabilityAction.DropCopy => $"DROP DATABASE {database};",
            AvailabilityAction.BackUpFull => $"BACKUP DATABASE {database} TO DISK = {SqlText.Literal(PathOf(statement))} WITH INIT, CHECKSUM;",
            AvailabilityAction.BackUpLog => $"BACKUP LOG {database} TO DISK = {SqlText.Literal(PathOf(statement))} WITH INIT, CHECKSUM;",
            AvailabilityAction.GrantCreate => $"ALTER AVAILABILITY GROUP {group} GRANT CREATE ANY DATABASE;",
            AvailabilityAction.Add => $"ALTER AVAILABILITY GROUP {group} ADD DATABASE {database};",
            AvailabilityAction.Join => $"ALTER DATABASE {database} SET HADR AVAILABILITY GROUP = {group};",
            _ => throw new ArgumentOutOfRangeException(nameof(statement)),
        };
    }

    private static string PathOf(AvailabilityStatement statement) => statement.Path ?? throw new ArgumentException("A backup needs a file.", nameof(statement));
}
