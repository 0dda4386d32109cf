using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Reports;

namespace BizTalkDR.Catalogue.Manifests;

/// <summary>What manifests say about files and members, held against the files themselves.</summary>
internal sealed class ManifestEvidence
{
    private readonly Dictionary<(BackupSetKind Kind, string Key), FoundManifest> _bySet = [];
    private readonly Dictionary<string, (ManifestFile File, FoundManifest By)> _byPath = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes manifests in; of copies the newest counts.</summary>
    public ManifestEvidence(IEnumerable<FoundManifest> manifests)
    {
        All = [.. manifests.OrderBy(m => m.Content.Set.Stamp, StringComparer.Ordinal).ThenBy(m => m.Content.WrittenUtc)];
        foreach (FoundManifest manifest in All)
        {
            _bySet[(manifest.Content.Set.Kind, KeyOf(manifest.Content.Set))] = manifest;
            string folder = manifest.Path.Substring(0, manifest.Path.Length - ServerPath.NameOf(manifest.Path).Length);
            foreach (ManifestFile file in manifest.Content.Files)
            {
                _byPath[folder + file.Name] = (file, manifest);
            }
        }
    }

    /// <summary>All manifests by the stamps of their sets.</summary>
    public IReadOnlyList<FoundManifest> All { get; }

    /// <summary>One manifest for each set.</summary>
    public IEnumerable<FoundManifest> OfSets => _bySet.Values;

    /// <summary>Gives the manifest of a set; null when there is none.</summary>
    public FoundManifest? Of(BackupSetKind kind, string stamp, string? mark) =>
        _bySet.TryGetValue((kind, kind == BackupSetKind.Log ? mark ?? stamp : stamp), out FoundManifest? found) ? found : null;

    /// <summary>Gives the newest manifest that names a member; null when none does.</summary>
    public FoundManifest? Naming(MemberKey member) => All.LastOrDefault(m => m.Content.MemberKeys().Contains(member));

    /// <summary>Gives a member's role by the newest manifest that names it.</summary>
    public MemberRole RoleOf(MemberKey member) => Naming(member)?.Content.RoleOf(member) ?? MemberRole.Unknown;

    /// <summary>Holds files against what was written down of them.</summary>
    /// <param name="files">What was read.</param>
    /// <param name="notes">Takes what does not agree.</param>
    /// <returns>The files; one that is shorter than it was written cannot be used.</returns>
    public IReadOnlyList<MediaBackup> Check(IReadOnlyList<MediaBackup> files, ICollection<Finding> notes) =>
        files.Select(b => _byPath.TryGetValue(b.Path, out var known) ? Check(b, known.File, known.By, notes) : b).ToList();

    /// <summary>Gives the mark that msdb saw in the member's log when the backup was confirmed; null when the manifest does not tell.</summary>
    public KnownMark? MarkIn(MediaBackup log) =>
        _byPath.TryGetValue(log.Path, out var known) && known.File is { MarkLsn: { } lsn, Header: { } header }
            && header.BackupSetGuid == log.Header.BackupSetGuid && lsn >= log.Header.FirstLsn && lsn < log.Header.LastLsn
            ? new KnownMark(known.By.Content.Set.Mark!, null, MarkSource.History)
            : null;

    private static MediaBackup Check(MediaBackup backup, ManifestFile file, FoundManifest by, ICollection<Finding> notes)
    {
        if (file.Header is { } header && header.Position == backup.Header.Position && header.BackupSetGuid != backup.Header.BackupSetGuid && header.BackupSetGuid != Guid.Empty)
        {
            notes.Add(new Finding(FindingLevel.Error, backup.ToString(), $"It holds another backup than {by} says: {backup.Header.Kind} of {backup.Member}, set {backup.Header.BackupSetGuid} instead of {header.BackupSetGuid}. The content counts."));
            return backup;
        }

        if (file.SizeBytes is not { } then || backup.SizeBytes is not { } now || now == then)
        {
            return backup;
        }

        if (now > then)
        {
            notes.Add(new Finding(FindingLevel.Information, backup.ToString(), $"It has grown from {then} to {now} bytes since {by}: something was appended."));
            return backup;
        }

        return backup.IsUsable ? backup with { Condition = BackupCondition.Unfinished, ConditionText = $"it has {now} bytes, and had {then} when {by} was written" } : backup;
    }

    private static string KeyOf(ManifestSet set) => set.Kind == BackupSetKind.Log ? set.Mark! : set.Stamp;
}
