using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue.Chains;
using BizTalkDR.Catalogue.History;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Groups;
using BizTalkDR.Ports;
using BizTalkDR.Reports;

namespace BizTalkDR.Catalogue;

/// <summary>Everything known of a group's backup files.</summary>
public sealed class BackupCatalogue
{
    private readonly Dictionary<MemberKey, List<MediaBackup>> _byMember;
    private readonly Dictionary<Guid, List<MediaBackup>> _byFamily;
    private readonly ConcurrentDictionary<MemberKey, ChainIndex> _chains = new();
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<MediaBackup, bool>> _learned = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<MediaBackup, MarkKnowledge> _marks = new(ReferenceComparer.Instance);
    private readonly ManifestEvidence _manifests;
    private readonly HistoryEvidence _history;
    private readonly IReadOnlyList<MediaBackup> _files;
    private readonly IReadOnlyList<Finding> _noticed;

    /// <summary>Puts the catalogue together; copies of the same backup set count once.</summary>
    /// <param name="backups">What was read.</param>
    /// <param name="findings">What was noticed while reading.</param>
    /// <param name="expectedMembers">The members, when a group is known; otherwise they follow from the files.</param>
    /// <param name="manifests">The manifests found beside the files.</param>
    /// <param name="records">What histories know.</param>
    public BackupCatalogue(
        IEnumerable<MediaBackup> backups, IEnumerable<Finding>? findings = null, IReadOnlyList<GroupMember>? expectedMembers = null, IEnumerable<FoundManifest>? manifests = null, BackupRecords? records = null)
    {
        _files = [.. backups];
        _noticed = [.. findings ?? []];
        _manifests = new ManifestEvidence(manifests ?? []);
        _history = new HistoryEvidence(records ?? BackupRecords.None);
        var notes = new List<Finding>(_noticed);
        Backups = MediaAssembly.Assemble(_manifests.Check(_files, notes), notes);
        ExpectedMembers = expectedMembers;
        _byMember = Backups.GroupBy(b => b.Member).ToDictionary(g => g.Key, g => g.OrderBy(b => b.Header.LastLsn).ToList());
        _byFamily = Backups.Where(b => b.Header.FamilyGuid != Guid.Empty).GroupBy(b => b.Header.FamilyGuid).ToDictionary(g => g.Key, g => g.ToList());
        AddNameFindings(Backups, notes);
        IEnumerable<(MediaBackup Log, KnownMark Mark)> manifested = Backups.Where(b => b.Header.Kind == MediaBackupKind.Log).Select(l => (Log: l, Mark: _manifests.MarkIn(l)!)).Where(l => l.Mark is not null);
        foreach (IGrouping<MediaBackup, KnownMark> known in _history.Check(Backups, notes).Concat(manifested).GroupBy(m => m.Log, m => m.Mark, ReferenceComparer.Instance))
        {
            Learn(known.Key, new MarkKnowledge([.. known.Distinct()], IsComplete: false));
        }

        Findings = notes;
        Sets = BackupSets.From(this);
    }

    /// <summary>Every backup set, by path and position.</summary>
    public IReadOnlyList<MediaBackup> Backups { get; }

    /// <summary>What was noticed.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>The members, when a group is known.</summary>
    public IReadOnlyList<GroupMember>? ExpectedMembers { get; }

    /// <summary>What manifests say.</summary>
    internal ManifestEvidence Manifests => _manifests;

    /// <summary>What histories say.</summary>
    internal HistoryEvidence History => _history;

    /// <summary>Group backup sets by stamp, oldest first.</summary>
    public IReadOnlyList<BackupSet> Sets { get; }

    /// <summary>Whose backups there are.</summary>
    public IReadOnlyList<MemberKey> Members =>
        _byMember.Keys.OrderBy(m => m.Database, StringComparer.OrdinalIgnoreCase).ThenBy(m => m.Server, StringComparer.OrdinalIgnoreCase).ToList();

    /// <summary>The members of the group where it is known, else whoever has backups.</summary>
    internal IReadOnlyList<MemberKey> MemberKeys => ExpectedMembers?.Select(m => new MemberKey(m.Server ?? m.ConfiguredServer, m.Database)).ToList() ?? Members;

    /// <summary>Gives a member's backups by LSN; empty when there are none.</summary>
    public IReadOnlyList<MediaBackup> Of(MemberKey member) => _byMember.TryGetValue(member, out List<MediaBackup>? own) ? own : [];

    /// <summary>Gives a member's backups and those that the same database has under other names: a database that was renamed or moved keeps its family.</summary>
    /// <returns>By LSN; empty when there are none.</returns>
    public IReadOnlyList<MediaBackup> LineageOf(MemberKey member)
    {
        IReadOnlyList<MediaBackup> own = Of(member);
        List<Guid> families = own.Select(b => b.Header.FamilyGuid).Where(f => f != Guid.Empty).Distinct().ToList();
        List<MediaBackup> all = families.SelectMany(f => _byFamily[f]).ToList();
        return all.Count <= own.Count ? own : all.Concat(own.Where(b => b.Header.FamilyGuid == Guid.Empty)).OrderBy(b => b.Header.LastLsn).ToList();
    }

    /// <summary>Whether two names are those of one database, by its family.</summary>
    internal bool AreOneDatabase(MemberKey left, MemberKey right) =>
        Of(left).Any(l => l.Header.FamilyGuid != Guid.Empty && Of(right).Any(r => r.Header.FamilyGuid == l.Header.FamilyGuid));

    /// <summary>What is known of a log's marks from elsewhere than its name.</summary>
    public MarkKnowledge MarksOf(MediaBackup log) => _marks.TryGetValue(log, out MarkKnowledge? known) ? known : MarkKnowledge.None;

    /// <summary>Where a mark stands in a log; null when that is not known.</summary>
    public MarkPosition? PositionOf(MediaBackup log, string mark) =>
        MarksOf(log).Marks.FirstOrDefault(m => m.Position is not null && string.Equals(m.Name, mark, StringComparison.Ordinal))?.Position;

    /// <summary>Takes in what was found out about a log's marks.</summary>
    public void Learn(MediaBackup log, MarkKnowledge knowledge)
    {
        _marks[log] = knowledge;
        foreach (KnownMark mark in knowledge.Marks)
        {
            _learned.GetOrAdd(mark.Name, _ => new ConcurrentDictionary<MediaBackup, bool>(ReferenceComparer.Instance))[log] = true;
        }

        // How a chain can change forks depends on marks.
        foreach (KeyValuePair<MemberKey, ChainIndex> index in _chains.Where(c => c.Value.DependsOnMarks))
        {
            _chains.TryRemove(index.Key, out _);
        }
    }

    /// <summary>The logs of a member in which a mark is known to be, or whose names say so; by LSN.</summary>
    internal IReadOnlyList<MediaBackup> LogsFor(MemberKey member, string mark)
    {
        ChainIndex index = ChainsOf(member);
        IReadOnlyList<MediaBackup> named = index.NamedFor(mark);
        return _learned.TryGetValue(mark, out ConcurrentDictionary<MediaBackup, bool>? logs)
            ? named.Union(logs.Keys.Where(index.Contains), ReferenceComparer.Instance).OrderBy(b => b.Header.LastLsn).ToList()
            : named;
    }

    /// <summary>The member's backups, prepared for building chains.</summary>
    internal ChainIndex ChainsOf(MemberKey member) => _chains.GetOrAdd(member, m => new ChainIndex(LineageOf(m), MarksOf));

    /// <summary>Gives a member's role; unknown when neither the group is known nor a manifest tells.</summary>
    public MemberRole RoleOf(MemberKey member) =>
        ExpectedMembers?.FirstOrDefault(m => member.Equals(new MemberKey(m.Server ?? m.ConfiguredServer, m.Database)))?.Role is { } role and not MemberRole.Unknown ? role : _manifests.RoleOf(member);

    /// <summary>Gives the same files with a list of members that somebody vouches for.</summary>
    public BackupCatalogue With(IReadOnlyList<GroupMember> members) => new(_files, _noticed, members, _manifests.All, _history.Records);

    /// <summary>Gives the same files with what histories know of them.</summary>
    /// <param name="records">What they know.</param>
    /// <param name="findings">What of them could not be read.</param>
    public BackupCatalogue With(BackupRecords records, IEnumerable<Finding> findings) => new(_files, [.. _noticed, .. findings], ExpectedMembers, _manifests.All, _history.Records.And(records));

    private static void AddNameFindings(IReadOnlyList<MediaBackup> backups, List<Finding> notes)
    {
        foreach (MediaBackup backup in backups)
        {
            BackupHeader header = backup.Header;
            if (!backup.IsUsable)
            {
                notes.Add(new Finding(FindingLevel.Error, backup.ToString(), header.IsDamaged ? "The server marked this backup as damaged when it wrote it." : $"This backup cannot be used: {backup.ConditionText ?? "it is damaged"}."));
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
