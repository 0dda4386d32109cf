using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Catalogue;
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

        BackupCatalogue catalogue = new FolderCatalogueReader(_ports).Read(request.Folders, request.Destinations[0], request.ExpectedMembers, cancellationToken);
        (RecoveryPoint point, Dictionary<MemberKey, MarkPosition> positions) = Choose(catalogue, request, cancellationToken);
        var destinations = new List<DestinationFacts>();
        string[] names = point.Chains.Select(c => c.Member.Database).Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        foreach (SqlInstanceAddress address in request.Destinations)
        {
            using ISqlInstance instance = _ports.Sql.Open(address, cancellationToken);
            CheckFolders(request.Folders, instance, cancellationToken);
            destinations.Add(new DestinationFacts(address, instance.Identity, instance.ReadDatabases(names, cancellationToken)));
        }

        return RestorePlanner.Plan(new RestorePlanInput(catalogue, point, request, destinations, positions, ReadFileLists(point, request.Destinations[0], cancellationToken)));
    }

    private static void CheckFolders(IReadOnlyList<string> folders, ISqlInstance instance, CancellationToken cancellationToken)
    {
        foreach (string folder in folders)
        {
            if (!instance.ListFolder(folder, cancellationToken).IsVisible)
            {
                throw new RecoveryException(RecoveryError.FolderNotVisibleToServer, folder, $"The instance '{instance.Address.Name}' cannot see the folder '{folder}'.");
            }
        }
    }

    private (RecoveryPoint Point, Dictionary<MemberKey, MarkPosition> Positions) Choose(BackupCatalogue catalogue, RestoreRequest request, CancellationToken cancellationToken)
    {
        IBackupMarkReader reader = _ports.Marks
            ?? throw new RecoveryException(RecoveryError.MarkPositionUnknown, request.Mark, "Nothing here can read where a mark stands in a log file, so no stop point could be proven.");
        RecoveryException? newest = null;
        foreach (RecoveryPoint point in RecoveryPoints.Candidates(RecoveryPoints.From(catalogue), request.Mark, string.Join("; ", request.Folders)))
        {
            try
            {
                Dictionary<MemberKey, MarkPosition> positions = FindMark(reader, point, cancellationToken);
                RecoveryPoint exact = RecoveryPoints.WithPositions(catalogue, point, positions);
                return exact.IsReachable ? (exact, positions) : throw RecoveryPoints.Unreachable(exact);
            }
            catch (RecoveryException error) when (error.Code is not RecoveryError.OperationCancelled)
            {
                _ports.Log.Warning($"The mark {point.Mark} {(error.Code is RecoveryError.MarkUnconfirmed ? "stays on offer, unconfirmed, and is not used now" : "is not used")}: {error.Message}");
                newest ??= error;
            }
        }

        throw newest!;
    }

    private static Dictionary<MemberKey, MarkPosition> FindMark(IBackupMarkReader reader, RecoveryPoint point, CancellationToken cancellationToken)
    {
        var positions = new Dictionary<MemberKey, MarkPosition>();
        foreach (MemberChain chain in point.Chains)
        {
            cancellationToken.ThrowIfCancelled(point.Mark, "Looking for the mark");
            MediaBackup log = chain.LastLog;
            try
            {
                positions[chain.Member] = reader.Find(log.Path, log.Header.Position, point.Mark, cancellationToken)
                    ?? throw new RecoveryException(RecoveryError.LogMarkNotFound, log.Path, $"The log file {log} was read to its end and does not hold the mark '{point.Mark}'.");
            }
            catch (RecoveryException error) when (error.Code is RecoveryError.MarkUnconfirmed)
            {
                throw new RecoveryException(
                    RecoveryError.MarkUnconfirmed, log.Path, $"{error.Message} Until then nothing could prove that a restore of {chain.Member} stops there, so none is begun.", cause: error);
            }
            catch (RecoveryException error) when (error.Code is RecoveryError.BackupMediaUnreadable)
            {
                throw new RecoveryException(RecoveryError.MarkPositionUnknown, log.Path, $"Where the mark '{point.Mark}' stands in {log} could not be read: {error.Message}", cause: error);
            }
        }

        return positions;
    }

    private Dictionary<MemberKey, IReadOnlyList<BackupDataFile>> ReadFileLists(RecoveryPoint point, SqlInstanceAddress address, CancellationToken cancellationToken)
    {
        using ISqlInstance instance = _ports.Sql.Open(address, cancellationToken);
        return point.Chains.ToDictionary(c => c.Member, c => instance.ReadFileList(c.Full.Path, c.Full.Header.Position, cancellationToken));
    }
}
