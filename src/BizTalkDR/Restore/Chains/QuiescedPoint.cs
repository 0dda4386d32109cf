using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>The recovery point that a full set makes by itself, because its manifest proves that processing was stopped.</summary>
internal static class QuiescedPoint
{
    /// <summary>Builds the point of a set.</summary>
    /// <param name="catalogue">The files.</param>
    /// <param name="set">A full set with a <see cref="BackupSet.Point"/>.</param>
    public static RecoveryPoint Of(BackupCatalogue catalogue, BackupSet set)
    {
        FoundManifest manifest = catalogue.Manifests.Of(BackupSetKind.Full, set.Stamp, null)!;
        var chains = new List<MemberChain>();
        var faults = new List<ChainFault>();

        // A member that was renamed or moved since is one that the manifest names and that no member is called any more: the set holds it under its name of then.
        IReadOnlyList<MemberKey> named = manifest.Content.MemberKeys();
        IReadOnlyList<MemberKey> known = catalogue.ExpectedMembers is null ? [] : catalogue.MemberKeys;
        IEnumerable<MemberKey> members = set.Members.Select(m => named.Contains(m) ? m : named.FirstOrDefault(n => !known.Contains(n) && catalogue.AreOneDatabase(m, n)) ?? m);
        members = catalogue.ExpectedMembers is null ? members.Union(named) : members.Distinct();
        foreach (MemberKey member in members.OrderBy(m => m.Database, StringComparer.OrdinalIgnoreCase).ThenBy(m => m.Server, StringComparer.OrdinalIgnoreCase))
        {
            if (FullOf(catalogue, manifest, member, out ChainFault? fault) is { } full)
            {
                chains.Add(new MemberChain(member, full, []));
            }
            else
            {
                faults.Add(fault!);
            }
        }

        return new RecoveryPoint(set.Point!, set.MarkTimeUtc ?? default, chains, faults) { Kind = RecoveryPointKind.Quiesced, Proof = manifest };
    }

    /// <summary>Where roll-forward stands when the full was restored to its end: at its LastLSN, where the next log goes on (facts: backup-file-format.md §10). What stands before it was cut short.</summary>
    public static MarkPosition EndOf(MediaBackup full) => new(
        full.Header.LastLsn, full.Header.LastLsn, MarkCertainty.Recorded, $"the end of the full backup, which covers LSN {full.Header.FirstLsn} to {full.Header.LastLsn} by its header");

    /// <summary>What the manifest saw in a member's MarkLog; null when it held nothing.</summary>
    public static string? NewestMarkOf(FoundManifest proof, MemberKey member) =>
        FileOf(proof, member) is { } file ? proof.Content.Set.Quiescence!.Members.First(m => IsOf(m.Server, m.Database, file)).NewestMark : null;

    /// <summary>The very backup that the manifest was written for: another full of the member shows another moment.</summary>
    private static MediaBackup? FullOf(BackupCatalogue catalogue, FoundManifest manifest, MemberKey member, out ChainFault? fault)
    {
        fault = null;
        if (FileOf(manifest, member) is not { } file)
        {
            fault = new ChainFault(RecoveryError.MemberMissing, member, $"{manifest} names no full backup of this member");
            return null;
        }

        List<MediaBackup> fulls = catalogue.LineageOf(member).Where(b => b.Header.Kind == MediaBackupKind.Full && b.Header.BackupSetGuid == file.Header!.BackupSetGuid && b.Header.BackupSetGuid != Guid.Empty).ToList();
        if (fulls.Find(f => f.IsUsable) is { } full)
        {
            return full;
        }

        fault = fulls.Count > 0
            ? new ChainFault(RecoveryError.BackupMediaUnreadable, member, $"{fulls[0]} cannot be used: {fulls[0].ConditionText ?? "it is damaged"}")
            : new ChainFault(RecoveryError.MemberMissing, member, $"{file.Name}, the full backup of which {manifest} knows, is not there");
        return null;
    }

    private static ManifestFile? FileOf(FoundManifest manifest, MemberKey member) =>
        manifest.Content.Files.FirstOrDefault(f => string.Equals(f.Database, member.Database, StringComparison.OrdinalIgnoreCase) && string.Equals(f.Header!.ServerName, member.Server, StringComparison.OrdinalIgnoreCase));

    private static bool IsOf(string server, string database, ManifestFile file) =>
        string.Equals(database, file.Database, StringComparison.OrdinalIgnoreCase) && string.Equals(server, file.Server, StringComparison.OrdinalIgnoreCase);
}
