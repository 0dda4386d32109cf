using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Groups;
using BizTalkDR.Tests.Restore.Model;

namespace BizTalkDR.Tests.Restore.Differential;

/// <summary>One full set that was written while processing should have been stopped: what is seen of the group before and after it, and the manifests that come of that.</summary>
/// <param name="members">The group; the first one is the Management database.</param>
/// <param name="number">Draws what goes wrong, if anything does.</param>
internal sealed class StoppedSet(IReadOnlyList<IMemberHistory> members, int number)
{
    private static readonly DateTime Start = new(2026, 10, 25, 0, 0, 0, DateTimeKind.Utc);
    private readonly int[] _before = [.. members.Select(m => m.Commits)];
    private readonly string?[] _newest = [.. members.Select(m => m.Marks.Select(x => x.Name).OrderBy(n => n[4..], StringComparer.Ordinal).LastOrDefault())];
    private readonly List<ManifestedFull> _fulls = [];

    private enum Fate
    {
        Proven,
        Committed,
        CommittedUncounted,
        OpenBefore,
        OpenAfter,
        OpenUnknown,
        ChangedUnknown,
        Changed,
        InUse,
        NotSeen,
        NoHeader,
        NotCounted,
        ClockSetBack,
        NobodyLooked,
        NoManifest,
        ManifestOfAnother,
        NewerSaysNo,
        NewerSaysYes,
        Elsewhere,
    }

    /// <summary>Whether nothing was committed since before the first backup.</summary>
    public bool IsStill => members.Select((m, i) => m.Commits == _before[i]).All(still => still);

    /// <summary>Whether the full of the member is striped.</summary>
    public bool IsStriped => number / 1000 % 5 == 0;

    /// <summary>The member that something is wrong with, or that somebody works in.</summary>
    private int Victim => number / 10 % members.Count;

    private Fate Spoiler => Fate.OpenBefore + (number / 10 % (Fate.NoManifest - Fate.OpenBefore));

    private Fate Lot => (number % 40) switch
    {
        < 17 or > 36 => Fate.Proven,
        17 or 18 or 19 => Fate.Committed,
        int n => (Fate)(n - 18),
    };

    /// <summary>Takes a backup in, and does what is done behind it: the group's procedure writes its history, and somebody may work on.</summary>
    public void Wrote(IMemberHistory member, ModelSet set)
    {
        _fulls.Add(new ManifestedFull(member.Server, member.Database, set));
        members[0].Bookkeep();
        if (Lot is Fate.Committed or Fate.CommittedUncounted && _fulls.Count == 1 + (number / 100 % members.Count))
        {
            members[Victim].Work(1);
        }
    }

    /// <summary>Writes the manifests.</summary>
    /// <param name="root">Folder above all others.</param>
    /// <param name="name">File name of the first member's full.</param>
    /// <param name="stamp">Stamp of the set.</param>
    /// <param name="fileOf">Tells name and size of a backup's file.</param>
    /// <param name="earlier">Manifests of the sets before.</param>
    public IEnumerable<CaseManifest> Manifests(string root, string name, string stamp, Func<ManifestedFull, (string Name, long Size)> fileOf, IReadOnlyList<CaseManifest> earlier)
    {
        string file = name[..^4] + BackupManifestFile.Extension;
        CaseManifest Manifest(string folder, string? suffix, Fate fate, int minutes) => new(
            new FoundManifest($"{root}/{folder}/{suffix}{file}", Content(stamp, fate, fileOf, Start.AddMinutes(minutes))), "BTS_" + stamp, fate is Fate.Proven, [.. _fulls]);
        return Lot switch
        {
            Fate.NoManifest => [],
            Fate.ManifestOfAnother => earlier.Count == 0 ? [] : [earlier[^1] with { Found = earlier[^1].Found with { Path = $"{root}/b/{file}" } }],
            Fate.NewerSaysNo => [Manifest("b", null, Fate.Proven, 0), Manifest("b", "again ", Spoiler, 5)],
            Fate.NewerSaysYes => [Manifest("b", "again ", Spoiler, 0), Manifest("b", null, Fate.Proven, 5)],
            Fate.Elsewhere => [Manifest("c1", null, Fate.Proven, 0)],
            Fate fate => [Manifest("b", null, fate, 0)],
        };
    }

    private BackupManifest Content(string stamp, Fate fate, Func<ManifestedFull, (string Name, long Size)> fileOf, DateTime written) => new(
        written,
        new ManifestGroup("Group", _fulls[0].Database, _fulls[0].Server),
        new ManifestSet(BackupSetKind.Full, stamp)
        {
            Quiescence = fate is Fate.NobodyLooked ? null : new Quiescence(Start, fate is Fate.ClockSetBack ? Start.AddHours(-1) : Start, [.. _fulls.Select((f, i) => i == Victim ? Spoil(Seen(f, i), fate) : Seen(f, i)).Where((_, i) => fate is not Fate.NotSeen || i != Victim)]),
        },
        [.. _fulls.Select(f => new GroupMember(MemberRole.Custom, f.Database, f.Server, f.Server))],
        [.. _fulls.Select((f, i) => new ManifestFile(fileOf(f).Name, f.Server, f.Database)
        {
            SizeBytes = fileOf(f).Size,
            WhyNoHash = "not asked for",
            Header = fate is Fate.NoHeader && i == Victim ? null : CaseReader.HeaderOf(f.Set, 1, f.Server, f.Database),
        })]);

    private MemberQuiescence Seen(ManifestedFull full, int at) => new(full.Server, full.Database)
    {
        Commits = members[at].Commits - _before[at] + (at == 0 ? members.Count : 0),
        OpenBefore = 0,
        OpenAfter = 0,
        ChangedTables = [.. at == 0 ? ["dbo.adm_BackupHistory"] : Array.Empty<string>(), .. at == 0 && members[at].Commits > _before[at] ? ["dbo.T"] : Array.Empty<string>()],
        NewestMark = _newest[at],
    };

    private static MemberQuiescence Spoil(MemberQuiescence member, Fate fate) => fate switch
    {
        Fate.CommittedUncounted => member with { ChangedTables = [.. member.ChangedTables!, "dbo.T"], Commits = 0 },
        Fate.OpenBefore => member with { OpenBefore = 1 },
        Fate.OpenAfter => member with { OpenAfter = 1 },
        Fate.OpenUnknown => member with { OpenAfter = null },
        Fate.ChangedUnknown => member with { ChangedTables = null },
        Fate.Changed => member with { ChangedTables = [.. member.ChangedTables!, "dbo.bts_orchestration"] },
        Fate.InUse => member with { Sessions = ["BTSNTSvc on BTS1"] },
        Fate.NotCounted => member with { Commits = null },
        _ => member,
    };
}
