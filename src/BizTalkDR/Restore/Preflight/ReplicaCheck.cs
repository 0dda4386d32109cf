using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Judges whether the login may do on each replica what takes members out of their availability groups and brings them back, and whether the replicas see the backups that do. Pure.</summary>
/// <remarks>
/// ALTER AVAILABILITY GROUP (REMOVE, ADD, GRANT CREATE ANY DATABASE): ALTER on the group. DROP DATABASE: CONTROL on the database, ALTER ANY DATABASE, or db_owner, of which a copy that is RESTORING
/// tells only the second. RESTORE of a database that is not there: CREATE DATABASE; ALTER DATABASE SET HADR then by its owner. "Use automatic seeding…": the group, not the login, creates databases.
/// </remarks>
internal static class ReplicaCheck
{
    /// <summary>Every result for the replicas of one group, the primary one first.</summary>
    public static IEnumerable<PlanTestResult> Of(IReadOnlyList<ReplicaEvidence> replicas) => replicas.SelectMany(r => Rights(r).Concat(Folders(r, replicas[0])));

    private static IEnumerable<PlanTestResult> Rights(ReplicaEvidence replica)
    {
        AvailabilityRights rights = replica.Rights;
        List<ReplicaMember> seeded = replica.Members.Where(m => m.Secondary is { SeedsAutomatically: true }).ToList();
        List<ReplicaMember> copied = replica.Members.Where(m => m.Secondary is { SeedsAutomatically: false }).ToList();
        List<ReplicaMember> dropped = replica.Members.Where(m => m.Secondary?.CreatedLocal is not null).ToList();
        bool isPrimary = replica.Members.All(m => m.Secondary is null);
        if (isPrimary || seeded.Count > 0)
        {
            string what = isPrimary ? $"take {Names(replica.Members)} out of the group and add {(replica.Members.Count == 1 ? "it" : "them")} again" : $"let the group create {Names(seeded)} here, for automatic seeding";
            yield return Right(replica, rights.MayAlterGroup, what, "ALTER on the group", $"GRANT ALTER ON AVAILABILITY GROUP::{Groups.SqlNames.Quote(replica.Group)}");
        }

        if (dropped.Count > 0)
        {
            yield return Right(replica, rights.MayAlterDatabases, $"drop the old {(dropped.Count == 1 ? "copy" : "copies")} of {Names(dropped)}", "ALTER ANY DATABASE", "GRANT ALTER ANY DATABASE");
        }

        if (copied.Count > 0)
        {
            yield return Right(replica, rights.MayCreateDatabases, $"restore new copies of {Names(copied)}", "CREATE ANY DATABASE", "GRANT CREATE ANY DATABASE");
        }

        yield return Right(replica, rights.MaySeeState, "see how the replicas and their copies stand", "VIEW SERVER STATE", "GRANT VIEW SERVER STATE");
    }

    private static PlanTestResult Right(ReplicaEvidence replica, bool? may, string what, string right, string grant)
    {
        string remedy = $"On {replica.Server}: {grant} TO the login, or use a login of the role sysadmin.";
        return may switch
        {
            true => PreflightJudge.Passed(PlanCheck.Permission, replica.Subject, $"the login may {what} ({right})"),
            false => PreflightJudge.Failed(PlanCheck.Permission, replica.Subject, RecoveryError.PermissionDenied, $"the login may not {what}: it lacks {right}", remedy),
            null => PreflightJudge.NotChecked(PlanCheck.Permission, replica.Subject, $"whether the login may {what} is not known: the instance does not say whether it has {right}", remedy),
        };
    }

    /// <summary>A local path is another folder on another computer: where names alone do not tell, what is in both folders does.</summary>
    private static IEnumerable<PlanTestResult> Folders(ReplicaEvidence replica, ReplicaEvidence primary)
    {
        foreach (string folder in replica.Members.Where(m => m.UsesFolder).Select(m => m.SeedFolder).Distinct(StringComparer.Ordinal))
        {
            ServerFolder seen = replica.Folders[folder];
            ServerFolder there = primary.Folders[folder];
            string remedy = "Name a folder that the service account of the primary replica may write to and those of all the others may read, under the same path, with -SeedFolder.";
            bool isSamePlace = ReferenceEquals(replica, primary) || folder.StartsWith(@"\\", StringComparison.Ordinal) || string.Equals(replica.Rights.Computer, primary.Rights.Computer, StringComparison.OrdinalIgnoreCase);
            yield return !seen.IsVisible ? PreflightJudge.Failed(PlanCheck.AvailabilityGroup, replica.Subject, RecoveryError.FolderNotVisibleToServer, $"the instance does not see the folder '{folder}' of the backups that bring {Names(replica.Members)} back", remedy)
                : isSamePlace ? PreflightJudge.Passed(PlanCheck.AvailabilityGroup, replica.Subject, $"it sees the folder '{folder}' of the backups that bring members back")
                : !there.IsVisible ? PreflightJudge.NotChecked(PlanCheck.AvailabilityGroup, replica.Subject, $"it sees a folder '{folder}', and {primary.Server} sees none to compare it with", remedy)
                : !Content(seen).SetEquals(Content(there)) ? PreflightJudge.Failed(PlanCheck.AvailabilityGroup, replica.Subject, RecoveryError.FolderNotVisibleToServer, $"its folder '{folder}' is another one than that of {primary.Server}: they hold different files", remedy)
                : Content(seen).Count > 0 ? PreflightJudge.Passed(PlanCheck.AvailabilityGroup, replica.Subject, $"it sees the same files in '{folder}' as {primary.Server}")
                : PreflightJudge.NotChecked(PlanCheck.AvailabilityGroup, replica.Subject, $"whether '{folder}' is the same folder here as on {primary.Server} is not known: both are empty", remedy);
        }
    }

    private static HashSet<string> Content(ServerFolder folder) => new(folder.Files.Select(f => f.Path).Concat(folder.Folders), StringComparer.OrdinalIgnoreCase);

    private static string Names(IEnumerable<ReplicaMember> members) => string.Join(", ", members.Select(m => m.Database));
}
