using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Plans how databases leave their availability groups and come back. Pure.</summary>
/// <remarks>
/// "Remove a primary database from an Always On availability group": the copies on the secondary replicas become RESTORING. They are a copy to fall back on, so they are dropped only when the
/// restore is proven. "Add a database to an Always On availability group", prerequisites: full recovery model, multi-user, at least one full backup. "Use automatic seeding…": no database of the
/// name on the secondary, CREATE ANY DATABASE for the group there; else "Prepare a secondary database…": a full and a log backup restored WITH NORECOVERY, to the same paths.
/// </remarks>
internal static class AvailabilityPlanner
{
    private const string HiddenGroup = "in a group that this login may not see, for which it needs VIEW SERVER STATE";

    /// <summary>Plans for one database.</summary>
    /// <param name="existing">The database that is replaced.</param>
    /// <param name="destination">What is known of its instance.</param>
    /// <param name="input">What the plan is made from.</param>
    /// <returns>Null when it is in no group, or the operator did not ask that it is taken out: then the plan is refused elsewhere.</returns>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.MemberInAvailabilityGroup"/>, <see cref="RecoveryError.DestinationChanged"/>.</exception>
    public static AvailabilityPlan? Of(DatabaseFacts? existing, DestinationFacts destination, RestorePlanInput input)
    {
        if (existing?.AvailabilityGroup is null || !input.Request.RemoveFromAvailabilityGroup)
        {
            return null;
        }

        string server = destination.Identity.ServerName;
        AvailabilityFacts facts = destination.Availability.FirstOrDefault(a => string.Equals(a.Key, existing.Name, StringComparison.OrdinalIgnoreCase)).Value
            ?? throw Refused(existing, server, "this login may not see the group", "Use a login with VIEW ANY DEFINITION and VIEW SERVER STATE, or take it out by hand.");
        AvailabilityMembership membership = facts.Membership;
        if (!membership.IsPrimary)
        {
            throw Refused(existing, server, $"'{server}' is a secondary replica, whose databases nobody can restore", "Plan again with the primary replica as the destination.");
        }

        AvailabilityCopy? foreign = facts.Copies.FirstOrDefault(c => c.Database is not null && c.GroupDatabaseId != membership.GroupDatabaseId);
        if (foreign is not null)
        {
            throw new RecoveryException(
                RecoveryError.DestinationChanged,
                $"{existing.Name} on {foreign.Server}",
                $"The database '{existing.Name}' on the secondary replica '{foreign.Server}' is not the copy of '{existing.Name}' in the availability group '{membership.Group}': it is {foreign.Database!.State} and {(foreign.GroupDatabaseId is null ? "in no group" : foreign.GroupDatabaseId == Guid.Empty ? HiddenGroup : "another one of a group")}. It would be in the way of the new copy. Nothing was changed.",
                foreign.GroupDatabaseId == Guid.Empty ? "Use a login with VIEW SERVER STATE on every replica, then plan again." : "See whose database it is; move it away or join it to the group again, then plan again.");
        }

        string folder = input.Request.SeedFolder ?? input.Request.TailFolder ?? destination.Identity.BackupPath
            ?? throw new RecoveryException(RecoveryError.DestinationInvalid, server, $"'{server}' does not say its default backup folder, and the backups that bring {existing.Name} back into its group have to go somewhere.", "Name a folder with -SeedFolder.");
        string name = string.Format(CultureInfo.InvariantCulture, "{0}_{1}_Seed_{2:yyyy_MM_dd_HH_mm_ss_fff}", FileLayout.SafeName(server), FileLayout.SafeName(existing.Name), input.PlannedUtc);
        return new AvailabilityPlan(
            membership.Group,
            membership.GroupDatabaseId,
            ServerPath.Join(folder, name + ".bak"),
            ServerPath.Join(folder, name + ".trn"),
            membership.Replicas.Where(r => !r.IsLocal).OrderBy(r => r.Server, StringComparer.OrdinalIgnoreCase).Select(r => SecondaryOf(r, facts)).ToList());
    }

    /// <summary>Says why a membership is not the one that was planned for; null when it is.</summary>
    public static string? WhyNotThatGroup(AvailabilityPlan plan, AvailabilityMembership? now) =>
        now is null ? "it is in none any more"
        : !now.IsPrimary ? $"its instance is not the primary replica of '{now.Group}' any more"
        : now.GroupDatabaseId != plan.GroupDatabaseId ? $"it left '{plan.Group}' and joined '{now.Group}' since"
        : !now.Replicas.Where(r => !r.IsLocal).Select(r => r.Server).OrderBy(s => s, StringComparer.OrdinalIgnoreCase).SequenceEqual(plan.Secondaries.Select(s => s.Server), StringComparer.OrdinalIgnoreCase) ? "the group has other replicas now"
        : null;

    /// <summary>Says why a copy is not the one that the plan lets go; null when it is, or there is none.</summary>
    /// <param name="plan">The copy as it was planned.</param>
    /// <param name="copy">What is there now.</param>
    /// <param name="joined">The membership that it may still have; null when it must have none.</param>
    /// <param name="fork">Recovery fork of the database that was in the group; null when nobody can tell.</param>
    public static string? WhyNotThatCopy(SecondaryPlan plan, AvailabilityCopy copy, Guid? joined, Guid? fork)
    {
        if (copy.Database is not { } database)
        {
            return null;
        }

        List<Guid?> forks = copy.Files.Where(f => !f.IsLog && f.RedoStartForkGuid is not null).Select(f => f.RedoStartForkGuid).Distinct().ToList();
        return database.CreatedLocal != plan.CreatedLocal ? (plan.CreatedLocal is null ? "it was not there when the restore was planned" : "it was created at another time than the copy that was planned for")
            : joined is not null && copy.GroupDatabaseId == joined ? null
            : copy.GroupDatabaseId == Guid.Empty ? "it is " + HiddenGroup
            : copy.GroupDatabaseId is not null ? "it is in an availability group again"
            : !database.IsRestoring ? $"it is {database.State}, not RESTORING"
            : fork is not null && forks.Exists(f => f != fork) ? "it stands on another recovery fork than the database that was in the group"
            : null;
    }

    private static SecondaryPlan SecondaryOf(AvailabilityReplicaFacts replica, AvailabilityFacts facts)
    {
        AvailabilityCopy copy = facts.Copies.First(c => string.Equals(c.Server, replica.Server, StringComparison.OrdinalIgnoreCase));
        return new SecondaryPlan(copy.Address, copy.Server, replica.IsSynchronous, replica.SeedsAutomatically, copy.Database?.CreatedLocal, copy.Files.Select(f => new FileMove(f.LogicalName, f.PhysicalName)).ToList());
    }

    private static RecoveryException Refused(DatabaseFacts database, string server, string why, string hint) =>
        new(RecoveryError.MemberInAvailabilityGroup, $"{database.Name} on {server}", $"{database.Name} on {server} is in an availability group, and cannot be taken out: {why}. Nothing was changed.", hint);
}
