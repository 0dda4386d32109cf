using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.History;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Gathers the facts a plan needs and makes the plan. Changes nothing anywhere.</summary>
public sealed class RestorePreparer
{
    private readonly RecoveryPorts _ports;

    /// <summary>Creates a preparer.</summary>
    public RestorePreparer(RecoveryPorts ports) => _ports = ports;

    /// <summary>Reads folders and destinations, chooses the recovery point, plans.</summary>
    /// <exception cref="RecoveryException">Whatever keeps the group from being restored; nothing was changed.</exception>
    public RestorePlan Prepare(RestoreRequest request, CancellationToken cancellationToken = default)
    {
        if (request.Destinations.Count == 0)
        {
            throw new RecoveryException(RecoveryError.InstanceMapIncomplete, null, "No destination instance was named.");
        }

        BackupCatalogue catalogue = ReadCatalogue(request, cancellationToken);
        foreach (string folder in request.PathMap.Folders.Keys.Where(f => !catalogue.Backups.Any(b => ServerPath.IsUnder(b.Path, f))))
        {
            _ports.Log.Warning($"The path map names the folder '{folder}', under which no backup file lies.");
        }

        IBackupMarkReader reader = _ports.Marks
            ?? throw new RecoveryException(RecoveryError.MarkPositionUnknown, request.Mark, "Nothing here can read where a mark stands in a log file, so no stop point could be proven.");
        RecoveryPoint point = new RecoveryPointChooser(catalogue, request.PathMap.Over(reader), _ports.Log).Choose(PointChoice.From(request), string.Join("; ", request.Folders), cancellationToken);
        Dictionary<MemberKey, MarkPosition> positions = point.Kind == RecoveryPointKind.Quiesced ? [] : point.Chains.ToDictionary(c => c.Member, c => catalogue.PositionOf(c.Last, point.Mark)!);
        var destinations = new List<DestinationFacts>();
        string[] names = point.Chains.Select(c => c.Member.Database).Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        foreach (SqlInstanceAddress address in request.Destinations)
        {
            using ISqlInstance instance = _ports.Sql.Open(address, cancellationToken);
            CheckFolders(request.Folders.Where(f => !ReadsBlobs(f)), instance, cancellationToken);
            CheckCredentials(request.Folders.Where(ReadsBlobs).ToList(), instance, cancellationToken);
            DestinationCapacity capacity = instance.ReadCapacity(cancellationToken);
            List<DatabaseFacts> databases = ReadDatabases(instance, names, request, cancellationToken);
            destinations.Add(new DestinationFacts(address, instance.Identity, databases)
            {
                Availability = request.RemoveFromAvailabilityGroup ? AvailabilityReader.Read(_ports, instance, databases, request.Replicas, cancellationToken) : [],
                Computer = capacity.Computer,
                Volumes = capacity.Volumes,
                FreeMemoryBytes = capacity.FreeMemoryBytes,
            });
        }

        var input = new RestorePlanInput(catalogue, point, request, destinations, positions, ReadFileLists(point, request.Destinations[0], cancellationToken)) { PlannedUtc = _ports.Clock.UtcNow };
        RestorePlan plan = RestorePlanner.Plan(input);
        CheckTailFolders(plan, cancellationToken);
        CheckSeedFolders(plan, cancellationToken);
        return plan;
    }

    private BackupCatalogue ReadCatalogue(RestoreRequest request, CancellationToken cancellationToken)
    {
        BackupCatalogue files = new FolderCatalogueReader(_ports) { PathMap = request.PathMap, Recurse = request.Recurse }.Read(request.Folders, request.Destinations[0], request.ExpectedMembers, cancellationToken);
        BackupCatalogue known = request.Histories.Count == 0 ? files : HistoryReader.Apply(files, request.Histories, request.ManagementDatabase, _ports.Sql, cancellationToken);
        return MemberNames.Apply(request.Members, known);
    }

    /// <summary>Of a database that is replaced without its tail, the end of the log is read too: what is written after the operator gave up its newest work must be noticed.</summary>
    private static List<DatabaseFacts> ReadDatabases(ISqlInstance instance, string[] names, RestoreRequest request, CancellationToken cancellationToken) => ExistingReader.Read(instance, names, cancellationToken)
        .Select(d => d.IsOnline && TailPlanner.IsGivenUp(d.Name, request) ? d with { LogEnd = instance.ReadLogEnd(d.Name, cancellationToken) } : d)
        .ToList();

    private void CheckTailFolders(RestorePlan plan, CancellationToken cancellationToken)
    {
        foreach (IGrouping<string, MemberPlan> server in plan.Members.Where(m => m.Tail is not null).GroupBy(m => m.DestinationServer, StringComparer.OrdinalIgnoreCase))
        {
            string folder = TailPlanner.FolderOf(server.First().Tail!);
            using ISqlInstance instance = _ports.Sql.Open(server.First().Destination, cancellationToken);
            if (!instance.ListFolder(folder, cancellationToken).IsVisible)
            {
                throw new RecoveryException(
                    RecoveryError.FolderNotVisibleToServer, folder, $"The instance '{server.Key}' cannot see the folder '{folder}', which the tails of its databases go to before they are replaced.", "Make the folder, or name another one that the instance can write to with -TailFolder.");
            }
        }
    }

    /// <summary>A replica that does not seed by itself restores the backups of the primary one.</summary>
    private void CheckSeedFolders(RestorePlan plan, CancellationToken cancellationToken)
    {
        foreach (MemberPlan member in plan.Members.Where(m => m.Availability is not null))
        {
            string folder = ServerPath.FolderOf(member.Availability!.FullPath);
            IEnumerable<SqlInstanceAddress> readers = [member.Destination, .. member.Availability.Secondaries.Where(s => !s.SeedsAutomatically).Select(s => s.Address)];
            foreach (SqlInstanceAddress address in readers)
            {
                using ISqlInstance instance = _ports.Sql.Open(address, cancellationToken);
                if (!instance.ListFolder(folder, cancellationToken).IsVisible)
                {
                    throw new RecoveryException(
                        RecoveryError.FolderNotVisibleToServer, folder, $"The instance '{instance.Identity.ServerName}' cannot see the folder '{folder}', which the backups that bring {member} back into its availability group go to.", "Name a folder that the primary and the secondary replicas see under one path with -SeedFolder.");
                }
            }
        }
    }

    private bool ReadsBlobs(string folder) => _ports.Blobs is not null && BlobUrl.Is(folder);

    /// <summary>Without the credential a server says of every file that it cannot be opened.</summary>
    private static void CheckCredentials(List<string> folders, ISqlInstance instance, CancellationToken cancellationToken)
    {
        if (folders.Count == 0 || instance.ReadReadiness([], cancellationToken).SharedAccessCredentials is not { } known)
        {
            return;
        }

        if (folders.Select(BlobUrl.ContainerOf).FirstOrDefault(c => !known.Any(k => string.Equals(k.TrimEnd('/'), c, StringComparison.OrdinalIgnoreCase))) is { } missing)
        {
            throw new RecoveryException(RecoveryError.CredentialMissing, missing, $"The instance '{instance.Address.Name}' has no credential with a shared access signature for the container '{missing}', so it cannot restore from there.");
        }
    }

    private static void CheckFolders(IEnumerable<string> folders, ISqlInstance instance, CancellationToken cancellationToken)
    {
        foreach (string folder in folders)
        {
            if (!instance.ListFolder(folder, cancellationToken).IsVisible)
            {
                throw new RecoveryException(RecoveryError.FolderNotVisibleToServer, folder, $"The instance '{instance.Address.Name}' cannot see the folder '{folder}'.");
            }
        }
    }

    private Dictionary<MemberKey, IReadOnlyList<BackupDataFile>> ReadFileLists(RecoveryPoint point, SqlInstanceAddress address, CancellationToken cancellationToken)
    {
        using ISqlInstance instance = _ports.Sql.Open(address, cancellationToken);
        return point.Chains.ToDictionary(c => c.Member, c => instance.ReadFileList(c.Full.Paths, c.Full.Header.Position, cancellationToken));
    }
}
