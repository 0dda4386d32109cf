using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>A database that a restore puts under another name instead of replacing it.</summary>
/// <param name="Database">The database as it was when the restore was planned.</param>
/// <param name="As">Its name from then on.</param>
public sealed record KeptDatabase(DatabaseFacts Database, string As)
{
    /// <summary>Whether a database is this one, under either name.</summary>
    /// <remarks>sys.databases.create_date changes with the name ("date the database was created or renamed"); the ids of sys.database_recovery_status do not.</remarks>
    public bool Is(DatabaseFacts? now) =>
        now is { IsOnline: true, IsInStandby: false, DatabaseGuid: { } id } && id == Database.DatabaseGuid && now.RecoveryForkGuid == Database.RecoveryForkGuid;
}

/// <summary>Says which databases that are in the way are kept under another name, and under which. Pure.</summary>
/// <remarks>
/// ALTER DATABASE … MODIFY NAME leaves the files where they are, under the names they have: the member that is restored gets files of other names. Nothing of the
/// kept database is overwritten, so no tail of it is taken; its log stays in it.
/// </remarks>
internal static class KeepPlanner
{
    private const int LongestName = 128;

    /// <summary>Gives what is kept; null when the database is not to be.</summary>
    public static KeptDatabase? Of(string database, DatabaseFacts existing, RestorePlanInput input) =>
        IsWanted(database, input.Request) ? new KeptDatabase(existing, Cut(database, "_kept_" + Stamp(input.PlannedUtc))) : null;

    /// <summary>What the files of a member are named for: a name of its own where the database that is kept has the usual one.</summary>
    public static string FileNameOf(string database, KeptDatabase? kept, RestorePlanInput input) => kept is null ? database : Cut(database, "_" + Stamp(input.PlannedUtc));

    /// <summary>Refuses names that are no database in the way, and databases that cannot be put under another name.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.DatabaseNotFound"/>, <see cref="RecoveryError.KeepNotPossible"/>.</exception>
    public static void Refuse(IReadOnlyList<MemberPlan> members, RestoreRequest request)
    {
        string? unknown = request.KeepExisting.FirstOrDefault(n => !members.Any(m => m.Keeps is not null && Same(m.Database, n)));
        if (unknown is not null)
        {
            throw new RecoveryException(
                RecoveryError.DatabaseNotFound, unknown, $"No database '{unknown}' is in the way of this restore, so there is none to keep under another name. Nothing was changed.", "Name with -KeepExisting only databases that exist at the destination and that a member is restored to.");
        }

        foreach (MemberPlan member in members.Where(m => m.Keeps is not null).OrderBy(m => m.Database, StringComparer.OrdinalIgnoreCase))
        {
            if (WhyNot(member.Keeps!.Database) is { } reason)
            {
                throw new RecoveryException(RecoveryError.KeepNotPossible, member.ToString(), $"{member} cannot be put under another name: {reason}. Nothing was changed.");
            }
        }
    }

    /// <summary>Why a database cannot be put under another name; null when it can.</summary>
    public static string? WhyNot(DatabaseFacts existing) => existing switch
    {
        { AvailabilityGroup: { } group } => $"it is in the availability group '{group}'",
        { IsOnline: false } => $"it is {existing.State}, and only an open database can",
        { IsInStandby: true } => "it is in standby, and only a database that is open for writing can",
        { DatabaseGuid: null } => "its server does not tell its identity (sys.database_recovery_status), without which nobody could say afterwards that the kept database is this one",
        _ => null,
    };

    private static bool IsWanted(string database, RestoreRequest request) => request.KeepExisting.Any(n => Same(n, database));

    private static string Stamp(DateTime time) => time.ToString("yyyy_MM_dd_HH_mm_ss_fff", CultureInfo.InvariantCulture);

    private static string Cut(string database, string end) => database.Substring(0, Math.Min(database.Length, LongestName - end.Length)) + end;

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
