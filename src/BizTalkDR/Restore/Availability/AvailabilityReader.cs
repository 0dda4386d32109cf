using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Reads what the replicas of a group have of a database. Changes nothing.</summary>
internal static class AvailabilityReader
{
    /// <summary>Reads the databases of a destination that are in groups.</summary>
    /// <param name="ports">Opens the secondary replicas.</param>
    /// <param name="instance">The destination.</param>
    /// <param name="databases">Its databases.</param>
    /// <param name="addresses">Addresses of replicas by their real names; others are reached under their names with the destination's login.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static Dictionary<string, AvailabilityFacts> Read(
        RecoveryPorts ports, ISqlInstance instance, IEnumerable<DatabaseFacts> databases, IReadOnlyDictionary<string, SqlInstanceAddress> addresses, CancellationToken cancellationToken)
    {
        var facts = new Dictionary<string, AvailabilityFacts>(StringComparer.OrdinalIgnoreCase);
        foreach (DatabaseFacts database in databases.Where(d => d.AvailabilityGroup is not null))
        {
            if (instance.ReadMembership(database.Name, cancellationToken) is { } membership)
            {
                facts[database.Name] = new AvailabilityFacts(membership, !membership.IsPrimary ? [] : membership.Replicas.Where(r => !r.IsLocal)
                    .Select(r => ReadCopy(ports, addresses.TryGetValue(r.Server, out SqlInstanceAddress? address) ? address : instance.Address with { Name = r.Server }, r.Server, database.Name, cancellationToken)).ToList());
            }
        }

        return facts;
    }

    /// <summary>Reads what a secondary replica has.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.DestinationChanged"/>: the address leads to another instance; or why it cannot be reached.</exception>
    public static AvailabilityCopy ReadCopy(RecoveryPorts ports, SqlInstanceAddress address, string server, string database, CancellationToken cancellationToken)
    {
        using ISqlInstance replica = Open(ports, address, server, cancellationToken);
        return ReadCopy(replica, address, server, database, cancellationToken);
    }

    /// <summary>Reads what a secondary replica has.</summary>
    public static AvailabilityCopy ReadCopy(ISqlInstance replica, SqlInstanceAddress address, string server, string database, CancellationToken cancellationToken)
    {
        IReadOnlyList<DatabaseFacts> found = replica.ReadDatabases([database], cancellationToken);
        DatabaseFacts? there = found.Count > 0 ? found[0] : null;
        return new AvailabilityCopy(
            address, server, there, there?.AvailabilityGroup is null ? null : replica.ReadMembership(database, cancellationToken)?.GroupDatabaseId ?? Guid.Empty, there is null ? [] : replica.ReadRedoFiles(database, cancellationToken));
    }

    /// <summary>Opens a secondary replica.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.DestinationChanged"/>: the address leads to another instance; or why it cannot be reached.</exception>
    public static ISqlInstance Open(RecoveryPorts ports, SqlInstanceAddress address, string server, CancellationToken cancellationToken)
    {
        ISqlInstance replica;
        try
        {
            replica = ports.Sql.Open(address, cancellationToken);
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.InstanceUnreachable)
        {
            throw new RecoveryException(error.Code, server, $"The secondary replica '{server}' cannot be reached: {error.Message}", "Pass the address of each secondary replica with -ReplicaInstance, or start the replica.", error);
        }

        if (string.Equals(replica.Identity.ServerName, server, StringComparison.OrdinalIgnoreCase))
        {
            return replica;
        }

        string real = replica.Identity.ServerName;
        replica.Dispose();
        throw new RecoveryException(RecoveryError.DestinationChanged, server, $"The address '{address.Name}' leads to '{real}', not to the secondary replica '{server}'. Nothing was touched.", "Pass the address of each secondary replica with -ReplicaInstance.");
    }
}
