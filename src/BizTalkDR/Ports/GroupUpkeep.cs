using System;
using System.Collections.Generic;
using System.Threading;

namespace BizTalkDR.Ports;

/// <summary>Reads and mends what a restore leaves behind outside the data: users, owners, linked servers, jobs.</summary>
public interface IGroupUpkeep
{
    /// <summary>Reads one database's upkeep; its users and roles only when it is ONLINE.</summary>
    /// <returns>The facts; null when there is no such database.</returns>
    DatabaseUpkeep? ReadDatabaseUpkeep(string database, CancellationToken cancellationToken = default);

    /// <summary>Reads linked servers and SQL Server Agent jobs.</summary>
    /// <exception cref="Errors.RecoveryException"><see cref="Errors.RecoveryError.PermissionDenied"/>: msdb may not be read.</exception>
    InstanceUpkeep ReadInstanceUpkeep(CancellationToken cancellationToken = default);

    /// <summary>Reads whether the group's next backup is to be a full.</summary>
    bool ReadForcedFull(string managementDatabase, CancellationToken cancellationToken = default);

    /// <summary>Runs one statement that mends something.</summary>
    StatementOutcome Mend(UpkeepStatement statement, CancellationToken cancellationToken = default);
}

/// <summary>A user of a database whose login the instance does not know.</summary>
/// <param name="Name">Name of the user.</param>
/// <param name="IsSqlUser">Whether it belongs to a SQL login; Windows users and groups keep their SID on every server of the domain.</param>
/// <param name="HasNamesake">Whether the instance has a login of this name and kind.</param>
public sealed record OrphanedUser(string Name, bool IsSqlUser, bool HasNamesake);

/// <summary>A user of a database and its login.</summary>
/// <param name="Name">Name of the user.</param>
/// <param name="Login">Name of the login.</param>
/// <param name="InBackupRole">Whether it is a member of BTS_BACKUP_USERS.</param>
public sealed record MappedUser(string Name, string Login, bool InBackupRole);

/// <summary>A database as its administrator sees it.</summary>
/// <param name="State">State and access.</param>
/// <param name="RecoveryModel">recovery_model_desc: FULL, SIMPLE, BULK_LOGGED.</param>
/// <param name="Owner">Login that owns it; null when the instance does not know the owner's SID.</param>
public sealed record DatabaseUpkeep(DatabaseFacts State, string RecoveryModel, string? Owner)
{
    /// <summary>Whether the user dbo stands for the owner; otherwise SQL Server raises 33009 where code runs as owner.</summary>
    public bool DboIsOwner { get; init; }

    public IReadOnlyList<OrphanedUser> OrphanedUsers { get; init; } = [];

    /// <summary>Whether the role BTS_BACKUP_USERS is there.</summary>
    public bool HasBackupRole { get; init; }

    /// <summary>Members of that role.</summary>
    public int BackupRoleMembers { get; init; }

    /// <summary>Users that belong to logins of the instance.</summary>
    public IReadOnlyList<MappedUser> Users { get; init; } = [];

    /// <summary>Newest restore of the database on this instance, its own time; null when msdb knows of none.</summary>
    public DateTime? RestoredLocal { get; init; }

    /// <summary>Newest full backup on this instance that is no copy-only one, its own time; null when msdb knows of none.</summary>
    public DateTime? FullBackupLocal { get; init; }
}

/// <summary>A linked server.</summary>
/// <param name="Name">Name it is called by.</param>
/// <param name="RpcOut">Whether procedures may be called on it.</param>
public sealed record LinkedServer(string Name, bool RpcOut);

/// <summary>A step of an Agent job.</summary>
public sealed record AgentJobStep(int Number, string Command)
{
    /// <summary>Database it runs in.</summary>
    public string Database { get; init; } = string.Empty;
}

/// <summary>An Agent job.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsEnabled">Whether it runs on its schedules.</param>
/// <param name="Steps">By number.</param>
public sealed record AgentJob(string Name, bool IsEnabled, IReadOnlyList<AgentJobStep> Steps);

/// <summary>What an instance holds outside its databases.</summary>
public sealed record InstanceUpkeep(IReadOnlyList<LinkedServer> LinkedServers, IReadOnlyList<AgentJob> Jobs);

/// <summary>What a mending statement does.</summary>
public enum UpkeepAction
{
    /// <summary>ALTER USER … WITH LOGIN: Name is the user.</summary>
    MapUser,

    /// <summary>ALTER AUTHORIZATION ON DATABASE: Name is the login.</summary>
    SetOwner,

    /// <summary>CREATE USER … FOR LOGIN: Name is both.</summary>
    CreateUser,

    /// <summary>ALTER ROLE BTS_BACKUP_USERS ADD MEMBER: Name is the user.</summary>
    AddBackupUser,

    /// <summary>sp_addlinkedserver: Name is the server.</summary>
    AddLinkedServer,

    /// <summary>sp_serveroption 'rpc out': Name is the server.</summary>
    AllowRpcOut,

    /// <summary>sp_update_jobstep: Name is the job, Step its step, Text the new command.</summary>
    SetJobStep,

    /// <summary>sp_update_job: Name is the job.</summary>
    EnableJob,

    /// <summary>The group's sp_ForceFullBackup, in the Management database.</summary>
    ForceFullBackup,
}

/// <summary>One statement that mends something.</summary>
/// <param name="Action">What it does.</param>
/// <param name="Name">To what.</param>
public sealed record UpkeepStatement(UpkeepAction Action, string Name)
{
    /// <summary>Database it works in; null for the instance.</summary>
    public string? Database { get; init; }

    public int Step { get; init; }

    public string? Text { get; init; }
}
