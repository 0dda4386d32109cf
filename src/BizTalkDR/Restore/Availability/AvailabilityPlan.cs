using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>How a database that is replaced leaves its availability group before the restore, and comes back after it.</summary>
/// <param name="Group">The group.</param>
/// <param name="GroupDatabaseId">Tells the membership from a later one of the same name.</param>
/// <param name="FullPath">File for the full backup that ADD DATABASE asks for, as every replica that seeds by hand sees it.</param>
/// <param name="LogPath">File for the log backup behind it.</param>
/// <param name="Secondaries">The other replicas.</param>
public sealed record AvailabilityPlan(string Group, Guid GroupDatabaseId, string FullPath, string LogPath, IReadOnlyList<SecondaryPlan> Secondaries)
{
    /// <summary>What is done before the database's tail is saved.</summary>
    internal string LeaveText(string database) =>
        $"take {database} out of the availability group '{Group}'; its copies on {Names} stay until the restore is proven";

    /// <summary>What is done when the group is open again.</summary>
    internal IEnumerable<string> ReturnTexts(string database)
    {
        foreach (SecondaryPlan secondary in Secondaries.Where(s => s.CreatedLocal is not null))
        {
            yield return $"on {secondary.Server}: drop the old copy of {database}, when it is RESTORING and the very one of now";
        }

        yield return $"full and log backup of {database} to {FullPath} and {LogPath}";
        yield return $"add {database} to the availability group '{Group}'";
        foreach (SecondaryPlan secondary in Secondaries)
        {
            yield return secondary.SeedsAutomatically ? $"on {secondary.Server}: let the group create databases; it seeds {database} by itself" : $"on {secondary.Server}: restore both backups WITH NORECOVERY and join {database} to the group";
        }

        if (Secondaries.Count > 0)
        {
            yield return $"wait until {database} is in step on {Names}";
        }
    }

    private string Names => Secondaries.Count == 0 ? "no other replica" : string.Join(", ", Secondaries.Select(s => s.Server));
}

/// <summary>A secondary replica, and the copy of the database there.</summary>
/// <param name="Address">How it is reached.</param>
/// <param name="Server">Real name of its instance.</param>
/// <param name="IsSynchronous">Whether it commits synchronously.</param>
/// <param name="SeedsAutomatically">Whether the group seeds it by itself.</param>
/// <param name="CreatedLocal">When the copy there was created; null when there is none.</param>
/// <param name="Moves">Where the files of the copy are, which a restored one takes again.</param>
public sealed record SecondaryPlan(SqlInstanceAddress Address, string Server, bool IsSynchronous, bool SeedsAutomatically, DateTime? CreatedLocal, IReadOnlyList<FileMove> Moves);

/// <summary>What was found out about a database in an availability group.</summary>
/// <param name="Membership">As its instance sees it.</param>
/// <param name="Copies">What each secondary replica has; empty where the instance is not the primary one.</param>
public sealed record AvailabilityFacts(AvailabilityMembership Membership, IReadOnlyList<AvailabilityCopy> Copies);

/// <summary>What a secondary replica has under a database's name.</summary>
/// <param name="Address">How it is reached.</param>
/// <param name="Server">Real name of its instance.</param>
/// <param name="Database">The database; null when there is none.</param>
/// <param name="GroupDatabaseId">Its membership there; null when it is in no group.</param>
/// <param name="Files">Its files.</param>
public sealed record AvailabilityCopy(SqlInstanceAddress Address, string Server, DatabaseFacts? Database, Guid? GroupDatabaseId, IReadOnlyList<RedoFile> Files);
