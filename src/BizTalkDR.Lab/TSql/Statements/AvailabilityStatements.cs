using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// Availability groups: membership as metadata.
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
                frame.RequireSysAdmin();
                AlterGroup(alter);
                break;
            case DropAvailabilityGroupStatement drop:
                frame.RequireSysAdmin();
                AvailabilityGroup gone = GroupNamed(drop.Name.Value);
                Instance.ChangeAvailabilityGroups(all => [.. all.Where(g => g.Id != gone.Id)]);
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
        Instance.ChangeAvailabilityGroups(all => [.. all, new AvailabilityGroup(Guid.NewGuid(), name, replicas, databases)]);
    }

    private void AlterGroup(AlterAvailabilityGroupStatement alter)
    {
        AvailabilityGroup group = GroupNamed(alter.Name.Value);
        AvailabilityGroup changed = alter.AlterAvailabilityGroupStatementType switch
        {
            AlterAvailabilityGroupStatementType.AddDatabase => group with { Databases = [.. group.Databases, .. alter.Databases.Select(d => Join(d.Value))] },
            AlterAvailabilityGroupStatementType.RemoveDatabase => group with { Databases = [.. group.Databases.Where(d => !alter.Databases.Any(n => Same(n.Value, d.Database)))] },
            _ => throw ServerErrors.NotSupported("ALTER AVAILABILITY GROUP " + alter.AlterAvailabilityGroupStatementType),
        };
        Instance.ChangeAvailabilityGroups(all => [.. all.Select(g => g.Id == group.Id ? changed : g)]);
    }

    private AvailabilityGroup GroupNamed(string name) => Instance.AvailabilityGroups.FirstOrDefault(g => Same(g.Name, name))
        ?? throw new LabSqlException(15151, 16, 1, $"Cannot alter the availability group '{name}', because it does not exist or you do not have permission.");

    private static AvailabilityReplicaEntry Replica(AvailabilityReplica replica) => new(
        Guid.NewGuid(),
        replica.ServerName.Value,
        replica.Options.OfType<LiteralReplicaOption>().FirstOrDefault(o => o.OptionKind == AvailabilityReplicaOptionKind.EndpointUrl)?.Value.Value ?? string.Empty,
        replica.Options.OfType<AvailabilityModeReplicaOption>().FirstOrDefault()?.Value == AvailabilityModeOptionKind.SynchronousCommit,
        replica.Options.OfType<FailoverModeReplicaOption>().FirstOrDefault()?.Value == FailoverModeOptionKind.Automatic);

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
