using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Catalogue.Manifests;

/// <summary>Decides whether what was seen proves that processing was stopped and nothing was committed while a full set was written. Pure.</summary>
/// <remarks>
/// The group's own procedure writes its history into the Management database between the members' backups (facts: backup-job.md §6 and §7). These transactions
/// are known by their tables; whatever else was changed there, and any commit in another member, means that the backups show different moments.
/// </remarks>
public static class QuiescenceJudge
{
    /// <summary>The tables of the Management database that the group's procedure for a full writes.</summary>
    public static IReadOnlyCollection<string> OwnTables { get; } = new HashSet<string>(["dbo.adm_BackupHistory", "dbo.adm_BackupSettings", "dbo.adm_BackupSetId", "dbo.adm_ForceFullBackup"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Judges a full set by its manifest.</summary>
    /// <returns>Why it is not proven; null when it is.</returns>
    public static string? WhyNot(BackupManifest manifest) => manifest.Set.Quiescence is { } seen
        ? WhyNot(seen, manifest.Files, manifest.Group)
        : "nobody looked whether processing was stopped while it was written";

    /// <summary>Judges what was seen.</summary>
    /// <param name="seen">What was seen.</param>
    /// <param name="files">The files of the set.</param>
    /// <param name="group">Says which member is the Management database.</param>
    /// <returns>Why it proves nothing; null when it does.</returns>
    public static string? WhyNot(Quiescence seen, IReadOnlyList<ManifestFile> files, ManifestGroup group)
    {
        if (seen.AfterUtc < seen.BeforeUtc)
        {
            return "the clock was set back while it was written";
        }

        if (files.Count == 0)
        {
            return "it names no file";
        }

        if (files.FirstOrDefault(f => f.Header is null) is { } unread)
        {
            return $"the manifest does not say which backup of {unread.Database} it means";
        }

        if (files.FirstOrDefault(f => !seen.Members.Any(m => IsOf(m, f))) is { } unseen)
        {
            return $"nobody looked at {unseen.Database} on {unseen.Server}";
        }

        return seen.Members.Select(m => WhyNot(m, IsManagement(m, group)) is { } why ? $"{m}: {why}" : null).FirstOrDefault(w => w is not null);
    }

    private static string? WhyNot(MemberQuiescence member, bool isManagement) => member switch
    {
        { Sessions: { Count: > 0 } sessions } => $"in use by {string.Join(", ", sessions)}",
        { OpenBefore: null } or { OpenAfter: null } => "open transactions could not be seen",
        { OpenBefore: > 0 } => $"{member.OpenBefore} open transactions had written before the first backup",
        { OpenAfter: > 0 } => $"{member.OpenAfter} open transactions had written behind the last backup",
        { ChangedTables: null } => "what was changed could not be seen",
        { ChangedTables: { } tables } when tables.FirstOrDefault(t => !isManagement || !OwnTables.Contains(t)) is { } table => $"{table} was changed",
        { Commits: null } => "committed transactions could not be counted",
        { Commits: not 0 } when !isManagement => $"{member.Commits} transactions were committed",
        _ => null,
    };

    private static bool IsManagement(MemberQuiescence member, ManifestGroup group) =>
        string.Equals(member.Database, group.ManagementDatabase, StringComparison.OrdinalIgnoreCase) && string.Equals(member.Server, group.ManagementServer, StringComparison.OrdinalIgnoreCase);

    private static bool IsOf(MemberQuiescence member, ManifestFile file) =>
        string.Equals(member.Database, file.Database, StringComparison.OrdinalIgnoreCase) && string.Equals(member.Server, file.Server, StringComparison.OrdinalIgnoreCase);
}
