using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Availability groups: who is in them, and first copies. Neither failover nor the transport of the log.
internal sealed partial class Interpreter
{
    private bool ExecuteAvailability(TSqlStatement statement, ExecutionFrame frame)
    {
        switch (statement)
        {
            case CreateAvailabilityGroupStatement create:
                frame.RequireSysAdmin();
                CreateGroup(create);
                break;
            case AlterAvailabilityGroupStatement alter:
                if (!frame.HasServerPermission("ALTER", alter.Name.Value))
                {
                    throw NoGroup(alter.Name.Value);
                }

                AlterGroup(alter);
                break;
            case DropAvailabilityGroupStatement drop:
                frame.RequireSysAdmin();
                AvailabilityGroup gone = GroupNamed(drop.Name.Value);
                Instance.ChangeAvailabilityGroups(all => [.. all.Where(g => g.Id != gone.Id)]);
                if (IsPrimary(gone))
                {
                    Replicas.Tell(gone, $"DROP AVAILABILITY GROUP [{gone.Name.Replace("]", "]]", StringComparison.Ordinal)}];");
                }

                break;
            default:
                return false;
        }

        _session.LastRowCount = 0;
        return true;
    }

    private void CreateGroup(CreateAvailabilityGroupStatement create)
    {
        string name = create.Name.Value;
        if (Instance.AvailabilityGroups.Any(g => Same(g.Name, name)))
        {
            throw new LabSqlException(41042, 16, 1, $"The availability group '{name}' already exists.  This error could be caused by a previous failed CREATE AVAILABILITY GROUP or DROP AVAILABILITY GROUP operation.  If the availability group name you specified is correct, try dropping the availability group and then retry CREATE AVAILABILITY GROUP operation.");
        }

        if (create.Options.Count > 0)
        {
            throw ServerErrors.NotSupported("CREATE AVAILABILITY GROUP WITH options");
        }

        List<AvailabilityReplicaEntry> replicas = [.. create.Replicas.Select(Replica)];
        if (!replicas.Exists(r => Same(r.Server, Server.ServerName)))
        {
            throw new LabSqlException(35237, 16, 1, $"None of the specified replicas for availability group {name} maps to the instance of SQL Server to which you are connected.  Reenter the command, specifying this server instance to host one of the replicas.  This replica will be the initial primary replica.");
        }

        List<AvailabilityDatabaseEntry> databases = [.. create.Databases.Select(d => Join(d.Value))];
        Instance.ChangeAvailabilityGroups(all => [.. all, new AvailabilityGroup(Guid.NewGuid(), name, replicas, databases) { Primary = Server.ServerName }]);
    }

    private void AlterGroup(AlterAvailabilityGroupStatement alter)
    {
        if (alter is { AlterAvailabilityGroupStatementType: AlterAvailabilityGroupStatementType.Action, Action.ActionType: var action })
        {
            ActOnGroup(alter.Name.Value, action);
            return;
        }

        AvailabilityGroup group = GroupNamed(alter.Name.Value);
        if (!IsPrimary(group))
        {
            throw new LabSqlException(41190, 16, 1, $"Availability group '{group.Name}' failed to process the {alter.AlterAvailabilityGroupStatementType} command.  The local availability replica is not in a state that could process the command.  Verify that the availability group is online and that the local availability replica is the primary replica, then retry the command.");
        }

        AvailabilityGroup changed = alter.AlterAvailabilityGroupStatementType switch
        {
            AlterAvailabilityGroupStatementType.AddDatabase => group with { Databases = [.. group.Databases, .. alter.Databases.Select(d => Join(d.Value))] },
            AlterAvailabilityGroupStatementType.RemoveDatabase => group with { Databases = [.. group.Databases.Where(d => !alter.Databases.Any(n => Same(n.Value, d.Database)))] },
            _ => throw ServerErrors.NotSupported("ALTER AVAILABILITY GROUP " + alter.AlterAvailabilityGroupStatementType),
        };
        Instance.ChangeAvailabilityGroups(all => [.. all.Select(g => g.Id == group.Id ? changed : g)]);
        string name = changed.Name.Replace("'", "''", StringComparison.Ordinal);
        if (alter.AlterAvailabilityGroupStatementType == AlterAvailabilityGroupStatementType.AddDatabase)
        {
            Replicas.Tell(changed, $"EXEC sys.sp_lab_seed @group = N'{name}';");
            return;
        }

        foreach (AvailabilityDatabaseEntry gone in group.Databases.Except(changed.Databases))
        {
            Replicas.Tell(changed, $"ALTER DATABASE [{gone.Database.Replace("]", "]]", StringComparison.Ordinal)}] SET HADR OFF;");
        }
    }

    /// <summary>JOIN and, as the parser gives it, GRANT CREATE ANY DATABASE.</summary>
    private void ActOnGroup(string name, AlterAvailabilityGroupActionType action)
    {
        switch (action)
        {
            case AlterAvailabilityGroupActionType.Join:
                if (Instance.AvailabilityGroups.Any(g => Same(g.Name, name)))
                {
                    throw ServerErrors.NotSupported("ALTER AVAILABILITY GROUP JOIN of a replica that has joined");
                }

                AvailabilityGroup found = Replicas.FindPrimary(name) ?? throw NoGroup(name);
                Instance.ChangeAvailabilityGroups(all => [.. all, found]);
                break;
            case AlterAvailabilityGroupActionType.Online:
                AvailabilityGroup group = GroupNamed(name);
                Instance.ChangeAvailabilityGroups(all => [.. all.Select(g => g.Id == group.Id ? g with { MayCreateDatabases = true } : g)]);
                if (!IsPrimary(group))
                {
                    Replicas.Seed(GroupNamed(name));
                }

                break;
            default:
                throw ServerErrors.NotSupported("ALTER AVAILABILITY GROUP " + action);
        }
    }

    /// <summary>ALTER DATABASE … SET HADR, on a secondary replica.</summary>
    private void SetHadr(LabDatabase database, HadrDatabaseOption option)
    {
        if (option is HadrAvailabilityGroupDatabaseOption joining)
        {
            AvailabilityGroup group = GroupNamed(joining.GroupName.Value);
            AvailabilityDatabaseEntry? member = IsPrimary(group) ? null : Replicas.MembersOf(group).FirstOrDefault(m => Same(m.Database, database.Name));
            if (member is null || group.Member(database.Name) is not null || database.State != DatabaseState.Restoring)
            {
                throw ServerErrors.NotSupported("ALTER DATABASE SET HADR AVAILABILITY GROUP but for a database that is RESTORING on a secondary replica and in the group on the primary one");
            }

            Replicas.Join(group, member);
            return;
        }

        AvailabilityGroup? left = Instance.GroupOf(database);
        if (option.HadrOption != HadrDatabaseOptionKind.Off || left is null || IsPrimary(left))
        {
            throw ServerErrors.NotSupported("ALTER DATABASE SET HADR but OFF on a secondary replica");
        }

        Instance.ChangeAvailabilityGroups(all => [.. all.Select(g => g.Id == left.Id ? g with { Databases = [.. g.Databases.Where(d => !Same(d.Database, database.Name))] } : g)]);
    }

    private AvailabilityReplicas Replicas => new(Server);

    private bool IsPrimary(AvailabilityGroup group) => AvailabilityViews.IsPrimary(Server, group);

    private AvailabilityGroup GroupNamed(string name) => Instance.AvailabilityGroups.FirstOrDefault(g => Same(g.Name, name))
        ?? throw NoGroup(name);

    private static LabSqlException NoGroup(string name) => new(15151, 16, 1, $"Cannot alter the availability group '{name}', because it does not exist or you do not have permission.");

    private static AvailabilityReplicaEntry Replica(AvailabilityReplica replica) => new(
        Guid.NewGuid(),
        replica.ServerName.Value,
        replica.Options.OfType<LiteralReplicaOption>().FirstOrDefault(o => o.OptionKind == AvailabilityReplicaOptionKind.EndpointUrl)?.Value.Value ?? string.Empty,
        replica.Options.OfType<AvailabilityModeReplicaOption>().FirstOrDefault()?.Value == AvailabilityModeOptionKind.SynchronousCommit,
        replica.Options.OfType<FailoverModeReplicaOption>().FirstOrDefault()?.Value == FailoverModeOptionKind.Automatic)
    {
        SeedsAutomatically = replica.Options.OfType<LiteralReplicaOption>().FirstOrDefault(o => o.OptionKind == AvailabilityReplicaOptionKind.ApplyDelay)?.Value.Value == "1",
    };

    private AvailabilityDatabaseEntry Join(string name)
    {
        LabDatabase database = Instance.Find(name) ?? throw ServerErrors.UnknownDatabase(name);
        DatabaseAccess.RequireOpen(database);
        if (Instance.GroupOf(database) is not null)
        {
            throw InGroup(database);
        }

        return database.RecoveryModel == RecoveryModel.Full && !database.LogChainStartLsn.IsZero && !IsSystemDatabase(database.Name)
            ? new AvailabilityDatabaseEntry(Guid.NewGuid(), database.Name)
            : throw new LabSqlException(1465, 16, 1, $"Database \"{database.Name}\" database is not in full recovery mode on each of the server instances. The full recovery model is required for a database to participate in database mirroring or in an availability group.");
    }

    /// <summary>Refuses what a member of an availability group does not allow.</summary>
    private void RefuseMember(LabDatabase database)
    {
        if (Instance.GroupOf(database) is not null)
        {
            throw InGroup(database);
        }
    }

    private static LabSqlException InGroup(LabDatabase database) => new(
        1468, 16, 2, $"The operation cannot be performed on database \"{database.Name}\" because it is involved in a database mirroring session or an availability group. Some operations are not allowed on a database that is participating in a database mirroring session or in an availability group.");
}
