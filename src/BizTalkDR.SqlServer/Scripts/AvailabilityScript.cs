using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using BizTalkDR.Ports;
using BizTalkDR.Restore;

namespace BizTalkDR.SqlServer;

/// <summary>Writes how databases leave their availability groups before a restore, and come back to them after it.</summary>
internal static class AvailabilityScript
{
    /// <summary>The files, each with the sentence that the page has for it.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="before">Whether those are wanted that are run before all others; else those that are run at the end.</param>
    public static IEnumerable<(RestoreScriptFile File, string Order)> Write(RestorePlan plan, bool before)
    {
        List<MemberPlan> members = plan.Members.Where(m => m.Availability is not null).OrderBy(m => m.ToString(), StringComparer.OrdinalIgnoreCase).ToList();
        List<string> primaries = members.Select(m => m.DestinationServer).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        List<MemberPlan> On(string instance) => members.Where(m => string.Equals(m.DestinationServer, instance, StringComparison.OrdinalIgnoreCase)).ToList();
        if (before)
        {
            return primaries.ConvertAll(p => Of(plan, p, "0-leave-group", On(p).Select(Leave), "It takes the databases that are replaced out of their availability groups. Their copies on the secondary replicas stay RESTORING: leave them there until the restore is proven."));
        }

        List<(MemberPlan Member, SecondaryPlan Secondary)> copies = members.SelectMany(m => m.Availability!.Secondaries.Select(s => (m, s))).ToList();
        List<string> secondaries = copies.Select(c => c.Secondary.Server).Distinct(StringComparer.OrdinalIgnoreCase).OrderBy(s => s, StringComparer.OrdinalIgnoreCase).ToList();
        List<(MemberPlan Member, SecondaryPlan Secondary)> At(string instance) => copies.Where(c => string.Equals(c.Secondary.Server, instance, StringComparison.OrdinalIgnoreCase)).ToList();
        return
        [
            .. secondaries.Select(s => Of(plan, s, "3-drop-copies", At(s).Select(c => DropCopy(c.Member, c.Secondary)), "It drops the old copies, each only while it is the one that was planned for.")),
            .. primaries.Select(p => Of(plan, p, "4-add-to-group", On(p).Select(Add), "It backs the databases up and adds them to their availability groups.")),
            .. secondaries.Where(s => At(s).Exists(c => !c.Secondary.SeedsAutomatically)).Select(s => Of(plan, s, "5-join-group", At(s).Where(c => !c.Secondary.SeedsAutomatically).Select(c => Join(c.Member, c.Secondary)), "It restores these backups and joins the copies. Then wait until `sys.dm_hadr_database_replica_states` on the primary replica shows them in step.")),
        ];
    }

    private static (RestoreScriptFile File, string Order) Of(RestorePlan plan, string instance, string name, IEnumerable<string> parts, string order)
    {
        StringBuilder text = RestoreScript.Head(plan, instance, $"Availability groups: {name}");
        foreach (string part in parts)
        {
            text.Append(part).Append('\n');
        }

        return (new RestoreScriptFile($"{FileLayout.SafeName(instance)}-{name}.sql", instance, text.ToString()), order);
    }

    private static string Leave(MemberPlan member) =>
        $"IF EXISTS (SELECT 1 FROM sys.databases AS d WHERE d.name = {SqlText.Literal(member.Database)} AND d.group_database_id = '{member.Availability!.GroupDatabaseId}') {Text(member, AvailabilityAction.Remove)}";

    private static string DropCopy(MemberPlan member, SecondaryPlan secondary)
    {
        string created = secondary.CreatedLocal is { } time ? $"d.create_date <> '{time.ToString("yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture)}'" : "1 = 1";
        string text = $"IF EXISTS (SELECT 1 FROM sys.databases AS d WHERE d.name = {SqlText.Literal(member.Database)} AND (d.state_desc <> N'RESTORING' OR d.group_database_id IS NOT NULL OR {created})) THROW 50012, {SqlText.Literal($"The database {member.Database} here is not the copy that was planned for. It was not touched.")}, 1;\n"
            + $"IF DB_ID({SqlText.Literal(member.Database)}) IS NOT NULL {Text(member, AvailabilityAction.DropCopy)}";
        return secondary.SeedsAutomatically ? $"{text}\n{Text(member, AvailabilityAction.GrantCreate)}" : text;
    }

    private static string Add(MemberPlan member) => string.Join(
        "\n",
        Text(member, AvailabilityAction.BackUpFull, member.Availability!.FullPath),
        Text(member, AvailabilityAction.BackUpLog, member.Availability.LogPath),
        Text(member, AvailabilityAction.Add));

    private static string Join(MemberPlan member, SecondaryPlan secondary) => string.Join(
        "\n",
        SqlText.Restore(new RestoreStatement(RestoreAction.Full, member.Database) { Path = member.Availability!.FullPath, Moves = secondary.Moves, Checksum = true }),
        "-- 4326 means that the full backup holds all of this one; what follows is run all the same.",
        SqlText.Restore(new RestoreStatement(RestoreAction.Log, member.Database) { Path = member.Availability.LogPath, Checksum = true }),
        Text(member, AvailabilityAction.Join));

    private static string Text(MemberPlan member, AvailabilityAction action, string? path = null) => AvailabilityText.Of(new AvailabilityStatement(action, member.Availability!.Group, member.Database) { Path = path });
}
