using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Reports;

namespace BizTalkDR.Catalogue;

/// <summary>Everything known of a group's backup files.</summary>
public sealed class BackupCatalogue
{
    private readonly Dictionary<MemberKey, List<MediaBackup>> _byMember;

    /// <summary>Puts the catalogue together; copies of the same backup set count once.</summary>
    /// <param name="backups">What was read.</param>
    /// <param name="findings">What was noticed while reading.</param>
    /// <param name="expectedMembers">The members, when a group is known; otherwise they follow from the files.</param>
    public BackupCatalogue(IEnumerable<MediaBackup> backups, IEnumerable<Finding>? findings = null, IReadOnlyList<GroupMember>? expectedMembers = null)
    {
        var notes = new List<Finding>(findings ?? []);
        Backups = WithoutCopies(backups, notes);
        ExpectedMembers = expectedMembers;
        _byMember = Backups.GroupBy(b => b.Member).ToDictionary(g => g.Key, g => g.OrderBy(b => b.Header.LastLsn).ToList());
        AddNameFindings(Backups, notes);
        Findings = notes;
        Sets = BackupSets.From(this);
    }

    /// <summary>Every backup set, by path and position.</summary>
    public IReadOnlyList<MediaBackup> Backups { get; }

    /// <summary>What was noticed.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>The members, when a group is known.</summary>
    public IReadOnlyList<GroupMember>? ExpectedMembers { get; }

    /// <summary>Group backup sets by stamp, oldest first.</summary>
    public IReadOnlyList<BackupSet> Sets { get; }

    /// <summary>Whose backups there are.</summary>
    public IReadOnlyList<MemberKey> Members =>
        _byMember.Keys.OrderBy(m => m.Database, StringComparer.OrdinalIgnoreCase).ThenBy(m => m.Server, StringComparer.OrdinalIgnoreCase).ToList();

    /// <summary>Gives a member's backups by LSN; empty when there are none.</summary>
    public IReadOnlyList<MediaBackup> Of(MemberKey member) => _byMember.TryGetValue(member, out List<MediaBackup>? own) ? own : [];

    /// <summary>Gives a member's role; unknown when no group is known.</summary>
    public MemberRole RoleOf(MemberKey member) =>
        ExpectedMembers?.FirstOrDefault(m => member.Equals(new MemberKey(m.Server ?? m.ConfiguredServer, m.Database)))?.Role ?? MemberRole.Unknown;

    private static List<MediaBackup> WithoutCopies(IEnumerable<MediaBackup> backups, List<Finding> notes)
    {
        var seen = new Dictionary<Guid, MediaBackup>();
        var kept = new List<MediaBackup>();
        foreach (MediaBackup backup in backups.OrderBy(b => b.Path, StringComparer.OrdinalIgnoreCase).ThenBy(b => b.Header.Position))
        {
            Guid id = backup.Header.BackupSetGuid;
            if (id != Guid.Empty && seen.TryGetValue(id, out MediaBackup? first))
            {
                notes.Add(new Finding(FindingLevel.Information, backup.ToString(), $"This is a copy of {first}."));
                continue;
            }

            if (id != Guid.Empty)
            {
                seen.Add(id, backup);
            }

            kept.Add(backup);
        }

        return kept;
    }

    private static void AddNameFindings(IReadOnlyList<MediaBackup> backups, List<Finding> notes)
    {
        foreach (MediaBackup backup in backups)
        {
            BackupHeader header = backup.Header;
            if (header.IsDamaged)
            {
                notes.Add(new Finding(FindingLevel.Error, backup.ToString(), "The server marked this backup as damaged when it wrote it."));
            }

            if (backup.Name is not { } name)
            {
                continue;
            }

            MediaBackupKind named = name.Kind == BackupSetKind.Log ? MediaBackupKind.Log : MediaBackupKind.Full;
            if (named != header.Kind || !string.Equals(name.Prefix, BackupFileName.PrefixOf(header.ServerName, header.DatabaseName), StringComparison.OrdinalIgnoreCase))
            {
                notes.Add(new Finding(FindingLevel.Warning, backup.ToString(), $"The name does not fit the content: a {header.Kind} backup of {backup.Member}. The content counts."));
            }
        }
    }
}
