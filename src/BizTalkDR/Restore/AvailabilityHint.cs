using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Words the statements that take databases out of their availability groups before a restore, and back into them after it. Pure.</summary>
/// <remarks>
/// "Remove a primary database from an Always On availability group": the primary database stays online, the secondary ones become RESTORING. These are kept until the restore is proven,
/// since each is a copy to fall back on; a secondary replica takes the restored database only when the old one is gone ("Prepare a secondary database for an Always On availability group").
/// </remarks>
internal static class AvailabilityHint
{
    /// <summary>Gives the next step of the error.</summary>
    /// <param name="joined">Databases that are in a group.</param>
    public static string Of(IEnumerable<DatabaseFacts> joined)
    {
        List<DatabaseFacts> databases = joined.OrderBy(d => d.Name, StringComparer.OrdinalIgnoreCase).ToList();
        return databases.Exists(d => d.AvailabilityGroup is null or DatabaseFacts.HiddenGroup)
            ? ErrorCatalogue.HintOf(RecoveryError.MemberInAvailabilityGroup)
            : $"On the primary replica: {Each(databases, d => $"ALTER AVAILABILITY GROUP {SqlNames.Quote(d.AvailabilityGroup!)} REMOVE DATABASE {SqlNames.Quote(d.Name)};")} Then plan again: the tail of each is backed up before it is replaced. "
                + $"When the restore has come to its end, take a full backup of the group; then on each secondary replica, where the old copy has stayed RESTORING until then: {Each(databases, d => $"DROP DATABASE {SqlNames.Quote(d.Name)};")} "
                + $"And on the primary replica: {Each(databases, d => $"ALTER AVAILABILITY GROUP {SqlNames.Quote(d.AvailabilityGroup!)} ADD DATABASE {SqlNames.Quote(d.Name)};")} Without automatic seeding, each secondary replica then needs a restored copy that joins the group. -RemoveFromAvailabilityGroup does all of this as part of the restore.";
    }

    private static string Each(List<DatabaseFacts> databases, Func<DatabaseFacts, string> statement) => string.Join(" ", databases.Select(statement));
}
