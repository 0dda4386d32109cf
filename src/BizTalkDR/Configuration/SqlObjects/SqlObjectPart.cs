using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Configuration.SqlObjects;

/// <summary>What the group's instances hold outside their databases: logins, jobs, linked servers, mail, settings.</summary>
public sealed class SqlObjectPart : IConfigurationPart
{
    /// <inheritdoc/>
    public ConfigurationPart Part => ConfigurationPart.SqlObject;

    /// <inheritdoc/>
    public string? WhyNot(PartContext context, CancellationToken cancellationToken = default) => null;

    /// <inheritdoc/>
    public PartManifest Backup(PartContext context, CancellationToken cancellationToken = default)
    {
        List<string> leftOut = [];
        List<KeptInstance> instances = ReadGroup(context, leftOut, cancellationToken);
        string folder = InventoryFile.NewFolder(context, SqlObjectInventory.Folder);
        SortedDictionary<string, string> secrets = new(StringComparer.Ordinal);
        SecretKeeper keeper = new(context, folder);
        SqlObjectInventory inventory = new(1, instances.Select(i => SqlObjectSecrets.Split(i, secrets)).ToList());
        if (secrets.Count > 0 && keeper.CanKeep)
            keeper.Keep(SqlObjectInventory.SecretsName, SqlObjectSecrets.Write(secrets));
        KeptFile file = InventoryFile.Write(context.Folder, $"{folder}/{SqlObjectInventory.FileName}", inventory);
        leftOut.AddRange(inventory.Instances.SelectMany(i => i.Objects.SelectMany(o => SqlObjectLeftOut.Of(i.Server, o, keeper.CanKeep))));
        return new PartManifest(Part, context.Ports.Clock.UtcNow, [.. keeper.Files, file])
        {
            Facts = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["instances"] = string.Join(",", instances.Select(i => i.Server)),
                ["enabled"] = string.Join(";", instances.SelectMany(i => i.Objects).Where(SqlObjectDifferences.WasEnabled).Select(o => o.Name)),
            },
            LeftOut = leftOut,
        };
    }

    /// <inheritdoc/>
    public IReadOnlyList<PartCheck> Test(PartContext context, PartManifest? kept, CancellationToken cancellationToken = default) => kept is null
        ? [PartCheck.NothingKept(context.Computer.Name, Part, "Export-BizTalkSqlObject")]
        : ManagementSource.Checks(context.Computer, Part, () => SqlObjectChecks.Of(context, kept, ReadGroup(context, [], cancellationToken)));

    /// <inheritdoc/>
    public IReadOnlyList<PartStep> Plan(PartContext context, ComputerManifest manifest, PartManifest kept, CancellationToken cancellationToken = default)
    {
        SqlObjectInventory inventory = SqlObjectInventory.Read(context.Folder, kept);
        List<ObjectDestination> destinations = inventory.Instances.Select(i => SqlObjectRun.ReadDestination(context, i.Server, cancellationToken)).ToList();
        List<PartStep> steps = Steps(context, inventory, destinations);
        if (!steps.OfType<MakeObjectStep>().Any(s => SqlObjectSecrets.Lacks(s.What)))
            return steps;

        // Secrets are asked for only when something that is missing needs them.
        IReadOnlyDictionary<string, string> secrets = SqlObjectSecrets.Read(context, kept);
        return Steps(context, inventory with { Instances = inventory.Instances.Select(i => SqlObjectSecrets.Join(i, secrets)).ToList() }, destinations);
    }

    /// <inheritdoc/>
    public PartStepResult Run(PartContext context, PartStep step, CancellationToken cancellationToken = default) => step switch
    {
        MakeObjectStep make => SqlObjectRun.Make(context, make, cancellationToken),
        _ => SqlObjectRun.Check(context, (ObjectCheckStep)step, cancellationToken),
    };

    private static List<PartStep> Steps(PartContext context, SqlObjectInventory inventory, IReadOnlyList<ObjectDestination> destinations)
    {
        List<(KeptInstance Kept, ObjectDestination At, IReadOnlyList<SqlObject> Wanted)> all = inventory.Instances
            .Zip(destinations, (kept, at) => (kept, at, SqlObjectPlanner.Wanted(kept, at.Server, context.Options.InstanceMap, context.Options.ExcludedObjects))).ToList();
        List<string> conflicts = all.SelectMany(a => SqlObjectPlanner.Conflicts(a.Wanted, a.At)).ToList();
        return conflicts.Count == 0
            ? all.SelectMany(a => SqlObjectPlanner.Plan(a.Kept.Server, a.Wanted, a.At)).ToList()
            : throw new RecoveryException(RecoveryError.SqlObjectConflict, all[0].At.Server, $"What was kept cannot be made beside what is there: {string.Join("; ", conflicts)}. Nothing was changed.");
    }

    /// <summary>Reads what the group uses of each of its instances.</summary>
    private static List<KeptInstance> ReadGroup(PartContext context, List<string> leftOut, CancellationToken cancellationToken)
    {
        BizTalkGroup group = ManagementSource.Read(context, (instance, database) => GroupDiscovery.Read(instance, database, cancellationToken), cancellationToken);
        List<string> servers = [.. group.Servers, .. group.Members.Select(m => m.ConfiguredServer)];
        List<KeptInstance> instances = [];
        foreach (string server in group.Servers)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using ISqlInstance instance = context.Ports.Sql.Open(ManagementSource.AddressOf(server, context.Options), cancellationToken);
            List<string> databases = group.Members.Where(m => string.Equals(m.Server ?? m.ConfiguredServer, server, StringComparison.OrdinalIgnoreCase)).Select(m => m.Database).ToList();
            List<string> open = instance.ReadDatabases(databases, cancellationToken).Where(d => d.IsOnline).Select(d => d.Name).ToList();
            leftOut.AddRange(databases.Except(open, StringComparer.OrdinalIgnoreCase).Select(d => $"{d} on {server} is not open: logins that are its users alone are not kept."));
            GroupNeeds needs = new(databases, open.SelectMany(d => instance.ReadUserSids(d, cancellationToken)).ToList(), servers);
            instances.Add(new KeptInstance(server, SqlObjectScope.Choose(instance.ReadObjects(cancellationToken), needs, context.Options.AllSqlObjects)));
        }

        return instances;
    }
}
