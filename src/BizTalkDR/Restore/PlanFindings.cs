using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Ports;
using BizTalkDR.Reports;

namespace BizTalkDR.Restore;

/// <summary>Says what the operator should know of a plan.</summary>
internal static class PlanFindings
{
    private const int MostOfSources = 20;

    /// <summary>Gives the findings.</summary>
    public static List<Finding> Of(RestorePlanInput input, IReadOnlyList<MemberPlan> members)
    {
        var findings = new List<Finding>();
        AddProof(input.Point, findings);
        AddLosses(input, findings);
        AddMemberList(input, members, findings);
        foreach (MemberPlan member in members)
        {
            AddReplaced(member, findings);
            AddOlderStart(input.Catalogue, member, findings);
        }

        AddIncompleteSets(input.Catalogue, members, findings);
        AddSources(input.Catalogue, findings);
        return findings;
    }

    /// <summary>What was noticed of the files, and where histories and manifests disagree with them: the plan goes around it, whoever reviews it should know.</summary>
    private static void AddSources(BackupCatalogue catalogue, List<Finding> findings)
    {
        List<Finding> noticed = [.. catalogue.Findings.Where(f => f.Level != FindingLevel.Information).OrderByDescending(f => f.Level)];
        findings.AddRange(noticed.Take(MostOfSources).Select(f => f with { Level = FindingLevel.Warning }));
        if (noticed.Count > MostOfSources)
        {
            findings.Add(new Finding(FindingLevel.Warning, "the backup files", $"{noticed.Count - MostOfSources} more findings of this kind are left out here; Get-BizTalkRecoveryPoint gives all of them for the same folders."));
        }
    }

    /// <summary>What a point without a mark rests on.</summary>
    private static void AddProof(RecoveryPoint point, List<Finding> findings)
    {
        if (point.Proof is { } proof)
        {
            findings.Add(new Finding(FindingLevel.Information, point.Mark, $"This point has no mark: {proof} proves that {point.Proven}."));
        }
    }

    private static void AddLosses(RestorePlanInput input, List<Finding> findings)
    {
        BackupSet? chosen = RecoveryPoints.SetOf(input.Catalogue, input.Point.Mark);
        List<BackupSet> newer = input.Catalogue.Sets.Reverse()
            .TakeWhile(s => chosen is null ? s.MarkTimeUtc > input.Point.MarkTimeUtc : !ReferenceEquals(s, chosen))
            .Where(s => s.Point is not null)
            .ToList();
        if (newer.Count > 0)
        {
            string others = newer.Count == 1 ? string.Empty : $", and {newer.Count - 1} between it and the chosen one";
            TimeSpan? lost = newer[0].MarkTimeUtc - input.Point.MarkTimeUtc;
            string time = lost is { } span && span > TimeSpan.Zero ? $", at least {(span.TotalSeconds < 1 ? FormattableString.Invariant($"{span.TotalSeconds:0.00} s") : TimeText.Of(span))} of work" : string.Empty;
            findings.Add(new Finding(FindingLevel.Warning, newer[0].Point!, $"This newer {(newer[0].Mark is null ? "quiesced point" : "mark")} is not used{others}: everything after {input.Point.Mark} is lost{time}."));
        }
    }

    /// <summary>The newest work of a database that lives is in no backup until the tail of its log is.</summary>
    private static void AddReplaced(MemberPlan member, List<Finding> findings)
    {
        string? text = member switch
        {
            { Keeps: { } kept } => $"This database will be kept under the name {kept.As}, with what it holds and with its files, which take their room until somebody drops it. Nothing backs it up any more, and whoever uses it now is disconnected.",
            { Replaces: null } => null,
            { Tail: { IsDamaged: true } tail } => $"This database is {member.Replaces!.State} and will be replaced. What can be read of the tail of its log is backed up to {tail.Path} first.",
            { Tail: { } tail } => $"This database is {member.Replaces!.State} and will be replaced. The tail of its log is backed up to {tail.Path} first; from then on nobody can use it.",
            { WithoutTail: true } => $"This database is {member.Replaces!.State} and will be replaced without a backup of the tail of its log, as you chose: what it holds after its newest log backup is lost.{TailPlanner.NameClosing(member.Replaces!.Closed)}{(member.Replaces is { IsOnline: true, LogEnd: null } ? " Whether it is written to until then cannot be seen: the server does not say where its log ends." : string.Empty)}",
            { Replaces.Closed: { IsContentUnknown: true } closed } => $"This database is {member.Replaces!.State} and will be replaced: a restore of a full backup was cut short, and nothing in it can be used.{TailPlanner.NameClosing(closed)}",
            _ => null,
        };
        if (text is not null)
        {
            findings.Add(new Finding(FindingLevel.Warning, member.ToString(), text));
        }
    }

    /// <summary>Files alone cannot tell of a member that has none: what the list of members rests on must be said before anything is touched.</summary>
    private static void AddMemberList(RestorePlanInput input, IReadOnlyList<MemberPlan> members, List<Finding> findings)
    {
        HashSet<MemberKey> planned = [.. members.Select(m => m.Chain.Member)];
        foreach (MemberKey left in input.Catalogue.Members.Where(m => !planned.Contains(m) && !planned.Any(p => input.Catalogue.AreOneDatabase(p, m))))
        {
            findings.Add(new Finding(FindingLevel.Warning, left.ToString(), "The folder holds backups of this database, but it was not a member at the chosen mark; it is not restored."));
        }

        if (input.Request.Members.Count > 0 && input.Catalogue.Manifests.All is { Count: > 0 } all)
        {
            FoundManifest newest = all[all.Count - 1];
            findings.AddRange(newest.Content.MemberKeys()
                .Where(m => !planned.Contains(m) && input.Catalogue.Of(m).Count == 0)
                .Select(m => new Finding(FindingLevel.Warning, m.ToString(), $"{newest} names this database as a member; -Member does not, and it is not restored.")));
        }

        findings.Add(MemberSource(input, members.Count));
    }

    private static Finding MemberSource(RestorePlanInput input, int count)
    {
        const string Rest = "is not known before the restored Management database is looked at, ahead of recovery.";
        if (input.Catalogue.ExpectedMembers is { } expected)
        {
            return new Finding(FindingLevel.Information, "members", $"The list of {expected.Count} members comes from {(input.Request.Members.Count > 0 ? "-Member" : "the group")}.");
        }

        BackupSet? set = RecoveryPoints.SetOf(input.Catalogue, input.Point.Mark);
        if (set is { ManifestPath: not null } && input.Catalogue.Manifests.Of(set.Kind, set.Stamp, set.Mark) is { } own)
        {
            return new Finding(FindingLevel.Information, "members", $"The list of {count} members comes from {own}.");
        }

        FoundManifest? before = input.Catalogue.Manifests.All.LastOrDefault(m => set is null || string.CompareOrdinal(m.Content.Set.Stamp, set.Stamp) <= 0);
        return new Finding(FindingLevel.Warning, "members", before is null
            ? $"The list of {count} members comes from the files of {input.Catalogue.Sets.Count} backup sets alone: a member without any file there {Rest}"
            : $"The list of {count} members comes from {before} and the files after it: a member that was enlisted since and has no file there {Rest}");
    }

    private static void AddOlderStart(BackupCatalogue catalogue, MemberPlan member, List<Finding> findings)
    {
        if (member.Chain.LastLog is not { } log)
        {
            return;
        }

        MediaBackup? newerFull = catalogue.LineageOf(member.Chain.Member)
            .LastOrDefault(b => b.Header.Kind == MediaBackupKind.Full
                && b.Header.LastLsn <= member.MarkPosition.Lsn
                && (b.Header.RecoveryForkGuid == log.Header.RecoveryForkGuid || b.Header.RecoveryForkGuid == log.StartFork));
        if (newerFull is not null && newerFull.Header.LastLsn > member.Chain.Full.Header.LastLsn && (member.Chain.Differential is null || !newerFull.IsUsable))
        {
            findings.Add(new Finding(FindingLevel.Warning, member.ToString(), $"The newest full backup {newerFull} cannot be used; an older one is."));
        }
    }

    private static void AddIncompleteSets(BackupCatalogue catalogue, IReadOnlyList<MemberPlan> members, List<Finding> findings)
    {
        HashSet<string> used = [.. members.SelectMany(m => m.Chain.Logs).Select(l => l.Path)];
        foreach (BackupSet set in catalogue.Sets.Where(s => !s.IsComplete))
        {
            int files = set.Files.Count(f => used.Contains(f.Path));
            if (files > 0)
            {
                findings.Add(new Finding(FindingLevel.Information, set.Mark ?? set.Stamp, $"The plan uses {files} {(files == 1 ? "file" : "files")} of this incomplete set as links of chains."));
            }
        }
    }
}
