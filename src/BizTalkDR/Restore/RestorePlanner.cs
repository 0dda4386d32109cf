using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Everything a plan is made from.</summary>
/// <param name="Catalogue">The files.</param>
/// <param name="Point">The recovery point, reachable by every member.</param>
/// <param name="Request">What was asked for.</param>
/// <param name="Destinations">What is known of the destinations.</param>
/// <param name="MarkPositions">Where the mark stands in each member's last log; empty for a quiesced point.</param>
/// <param name="FileLists">The files inside each member's full.</param>
public sealed record RestorePlanInput(
    BackupCatalogue Catalogue,
    RecoveryPoint Point,
    RestoreRequest Request,
    IReadOnlyList<DestinationFacts> Destinations,
    IReadOnlyDictionary<MemberKey, MarkPosition> MarkPositions,
    IReadOnlyDictionary<MemberKey, IReadOnlyList<BackupDataFile>> FileLists)
{
    /// <summary>When the plan is made: names the files of tails.</summary>
    public DateTime PlannedUtc { get; init; }
}

/// <summary>Plans the restore of a whole group to one point. Pure: the same input gives the same plan.</summary>
public static class RestorePlanner
{
    /// <summary>Makes the plan.</summary>
    /// <exception cref="RecoveryException">
    /// <see cref="RecoveryError.InstanceMapIncomplete"/>, <see cref="RecoveryError.NameConflict"/>, <see cref="RecoveryError.DatabaseExists"/>,
    /// <see cref="RecoveryError.MemberInAvailabilityGroup"/>, <see cref="RecoveryError.TailNotPossible"/>, <see cref="RecoveryError.KeepNotPossible"/>, <see cref="RecoveryError.DestinationTooOld"/>, <see cref="RecoveryError.MarkPositionUnknown"/>, <see cref="RecoveryError.LogMarkNotFound"/>,
    /// or what keeps the point from being reached.
    /// </exception>
    public static RestorePlan Plan(RestorePlanInput input)
    {
        if (!input.Point.IsReachable)
        {
            throw RecoveryPoints.Unreachable(input.Point);
        }

        IReadOnlyDictionary<string, DestinationFacts> map = InstanceMapping.Map(input.Point.Chains.Select(c => c.Member.Server), input.Request, input.Destinations);
        RefuseNameConflicts(input, map);
        List<MemberPlan> members = input.Point.Chains
            .Select(chain => MemberPlanOf(chain, map[chain.Member.Server], input))
            .OrderByDescending(m => m.WorkBytes)
            .ThenBy(m => m.Database, StringComparer.OrdinalIgnoreCase)
            .ToList();
        KeepPlanner.Refuse(members, input.Request);
        RefuseExisting(members, input.Request.Force);
        RefuseMembersOfAvailabilityGroups(members);
        TailPlanner.RefuseLosses(members, input.Request);
        return new RestorePlan(input.Point.Mark, input.Point.MarkTimeUtc, members)
        {
            Kind = input.Point.Kind,
            Findings = PlanFindings.Of(input, members),
            Limits = input.Request.Limits,
            PathMap = input.Request.PathMap.Folders.Count == 0 ? null : input.Request.PathMap.Folders,
        };
    }

    private static void RefuseNameConflicts(RestorePlanInput input, IReadOnlyDictionary<string, DestinationFacts> map)
    {
        IGrouping<MemberKey, MemberChain>? conflict = input.Point.Chains
            .GroupBy(c => new MemberKey(map[c.Member.Server].Identity.ServerName, NameOf(c, input.Request)))
            .FirstOrDefault(g => g.Count() > 1);
        if (conflict is not null)
        {
            throw new RecoveryException(
                RecoveryError.NameConflict,
                conflict.Key,
                $"The database '{conflict.Key.Database}' of {string.Join(" and ", conflict.Select(c => c.Member.Server))} would both go to '{conflict.Key.Server}'.");
        }
    }

    private static void RefuseExisting(IReadOnlyList<MemberPlan> members, bool force)
    {
        List<MemberPlan> existing = members.Where(m => m.Replaces is not null).OrderBy(m => m.Database, StringComparer.OrdinalIgnoreCase).ToList();
        if (!force && existing.Count > 0)
        {
            throw new RecoveryException(
                RecoveryError.DatabaseExists,
                existing[0].ToString(),
                $"The destination has {(existing.Count == 1 ? "this database" : $"{existing.Count} of these databases")} already: {string.Join(", ", existing.Select(m => $"{m} ({m.Replaces!.State})"))}. Nothing was changed.");
        }
    }

    /// <summary>RESTORE cannot operate on a database that is in an availability group (3104).</summary>
    private static void RefuseMembersOfAvailabilityGroups(IReadOnlyList<MemberPlan> members)
    {
        List<MemberPlan> joined = members.Where(m => m is { Replaces.AvailabilityGroup: not null, Availability: null }).OrderBy(m => m.Database, StringComparer.OrdinalIgnoreCase).ToList();
        if (joined.Count > 0)
        {
            throw new RecoveryException(
                RecoveryError.MemberInAvailabilityGroup,
                joined[0].ToString(),
                $"{string.Join(", ", joined.Select(m => $"{m} is in the availability group '{m.Replaces!.AvailabilityGroup}'"))}. SQL Server restores no such database (3104). Nothing was changed.",
                AvailabilityHint.Of(joined.Select(m => m.Replaces!)));
        }
    }

    private static MemberPlan MemberPlanOf(MemberChain chain, DestinationFacts destination, RestorePlanInput input)
    {
        Version source = chain.Last.Header.SoftwareVersion;
        if (source.Major > destination.Identity.Version.Major)
        {
            throw new RecoveryException(
                RecoveryError.DestinationTooOld, chain.Member, $"The backups of {chain.Member} were written by version {source}; '{destination.Identity.ServerName}' has version {destination.Identity.Version}.");
        }

        if (destination.Identity.DataPath.Length == 0 || destination.Identity.LogPath.Length == 0)
        {
            throw new RecoveryException(RecoveryError.DestinationInvalid, destination.Identity.ServerName, $"'{destination.Identity.ServerName}' does not say its default folders for data and log files.", "Set the instance's default data and log folders.");
        }

        MarkPosition position = PositionOf(chain, input);
        string name = NameOf(chain, input.Request);
        SqlNames.Check(name, "database");
        DatabaseFacts? existing = destination.Databases.FirstOrDefault(d => string.Equals(d.Name, name, StringComparison.OrdinalIgnoreCase));
        KeptDatabase? kept = existing is null ? null : KeepPlanner.Of(name, existing, input);
        DatabaseFacts? replaced = kept is null ? existing : null;
        TailStatement? tail = replaced is null || !input.Request.Force ? null : TailPlanner.Of(name, replaced, destination, input);
        bool upgrade = source.Major < destination.Identity.Version.Major;
        IReadOnlyList<RestoreStep> steps = RestoreSteps.Of(chain, name, destination, input, replaced, tail, kept);
        return new MemberPlan(
            chain,
            input.Catalogue.RoleOf(chain.Member),
            destination.Address,
            destination.Identity.ServerName,
            position,
            steps)
        {
            Database = name,
            Replaces = replaced,
            Keeps = kept,
            Availability = AvailabilityPlanner.Of(replaced, destination, input),
            Volumes = VolumePlace.NamesOf(steps, destination),
            LogFileBytes = input.FileLists[chain.Member].Where(f => f.Type == 'L').Sum(f => f.SizeBytes),
            LaterStamp = input.Point.Proof is null ? RepeatedHour.LaterStamp(chain, position.Lsn, input.Point.Mark, input.Catalogue) : null,
            NewestMark = input.Point.Proof is { } proof ? QuiescedPoint.NewestMarkOf(proof, chain.Member) : null,
            WithoutTail = replaced is not null && TailPlanner.IsGivenUp(name, input.Request),
            StandbyFile = upgrade ? null : FileLayout.StandbyFile(name, destination.Identity),
            NoStandbyReason = upgrade ? $"the destination is a newer version ({destination.Identity.Version.Major}, the backup is from {source.Major}), so SQL Server cannot open the database before recovery (3180)" : null,
        };
    }

    private static MarkPosition PositionOf(MemberChain chain, RestorePlanInput input)
    {
        if (input.Point.Kind == RecoveryPointKind.Quiesced)
        {
            return QuiescedPoint.EndOf(chain.Full);
        }

        if (!input.MarkPositions.TryGetValue(chain.Member, out MarkPosition? position))
        {
            throw new RecoveryException(RecoveryError.MarkPositionUnknown, chain.Member, $"Where the mark '{input.Point.Mark}' stands in {chain.Last} is not known.");
        }

        BackupHeader log = chain.Last.Header;
        if (position.Lsn < log.FirstLsn || position.Lsn >= log.LastLsn)
        {
            throw new RecoveryException(
                RecoveryError.LogMarkNotFound, chain.Member, $"The mark '{input.Point.Mark}' stands at LSN {position.Lsn}, outside {chain.Last} ({log.FirstLsn} to {log.LastLsn}).");
        }

        return position;
    }

    private static string NameOf(MemberChain chain, RestoreRequest request) => request.Names.TryGetValue(chain.Member, out string? name) ? name : chain.Member.Database;
}
