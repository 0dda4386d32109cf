using System.Collections.Generic;

namespace BizTalkDR.Tests.Restore.Mutants;

/// <summary>A planner that is wrong in one place.</summary>
/// <param name="Name">What it does wrong.</param>
/// <param name="File">Source file under src/BizTalkDR.</param>
/// <param name="From">Text that occurs in it exactly once.</param>
/// <param name="To">What stands there instead.</param>
public sealed record PlannerMutant(string Name, string File, string From, string To)
{
    public override string ToString() => Name;
}

/// <summary>The wrong planners that the tests have to tell from the right one.</summary>
internal static class PlannerMutants
{
    private const string Index = "Catalogue/Chains/ChainIndex.cs";
    private const string Link = "Catalogue/Chains/ChainLink.cs";
    private const string Steps = "Restore/RestoreSteps.cs";
    private const string Assembly = "Catalogue/MediaAssembly.cs";
    private const string Quiesced = "Restore/Chains/QuiescedPoint.cs";
    private const string Planner = "Restore/RestorePlanner.cs";

    public static IReadOnlyList<PlannerMutant> All { get; } =
    [
        new("takes touching logs for a gap", Index, "ways[i].Link.Reached >= low", "ways[i].Link.Reached > low"),
        new("takes a log that touches the full for a gap", Index, "starts[i].Reached >= low", "starts[i].Reached > low"),
        new("starts from a full that ends behind the mark", Index, "Limit = mark ?? Before(log.Header.LastLsn)", "Limit = Before(log.Header.LastLsn)"),
        new("puts a differential on any full", Index, "full.Header.BackupSetGuid == header.DifferentialBaseGuid\n            && full.Header.CheckpointLsn == header.DifferentialBaseLsn", "true"),
        new("takes a copy-only full for a base", Index, "&& !full.Header.IsCopyOnly", string.Empty),
        new("forgets how far a differential leads", Link, "(Differential ?? Full).Header.LastLsn", "Full.Header.LastLsn"),
        new("mixes databases of one name", Index, "if (starts[i].Full.IsOfFamilyOf(of))", "if (i >= 0)"),
        new("enters a fork behind its point", Index, "known && header.ForkPointLsn < link.Limit ? header.ForkPointLsn : link.Limit", "link.Limit"),
        new("enters a fork before its point", Index, "known && header.ForkPointLsn > header.FirstLsn ? header.ForkPointLsn : header.FirstLsn", "header.FirstLsn"),
        new("ignores forks", Index, "_starts.TryGetValue(fork, out List<ChainStart>? starts)", "_starts.TryGetValue(new List<Guid>(_starts.Keys)[0], out List<ChainStart>? starts)"),
        new("never stops an abandoned fork", Index, "DependsOnMarks ? Turns(logs) : []", "new List<ChainLink>()"),
        new("stops an abandoned fork before its end only", Index, "p.Lsn < point &&", "p.NextLsn < point &&"),
        new("uses damaged logs", Index, "b.Header.Kind == MediaBackupKind.Log && b.IsUsable &&", "b.Header.Kind == MediaBackupKind.Log &&"),
        new("uses damaged fulls", Index, "b.Header.Kind == MediaBackupKind.Full && b.IsUsable", "b.Header.Kind == MediaBackupKind.Full"),
        new("prefers the older full", Index, "start.Reached >= before.Start.Reached", "start.Reached < before.Start.Reached"),
        new("takes the first copy, damaged or not", Assembly, "copies.Find(c => c.IsUsable) ?? copies.FirstOrDefault()", "copies.FirstOrDefault()"),
        new("does not miss a stripe", Assembly, "missing.Count > 0 ? BackupCondition.StripeMissing : BackupCondition.Usable", "BackupCondition.Usable"),
        new("asks bulk-logged logs to stop", Steps, "log.Header.HasBulkLoggedData ? statement : statement with", "statement with"),
        new("lets the last log run to its end", Steps, "up to the mark\", log, statement with { StopAtMark = mark })", "up to the mark\", log, statement)"),
        new("stops an abandoned fork at the wrong mark", Steps, "StopAtMark = turn.Name", "StopAtMark = mark"),
        new("always takes the first set of a file", Steps, "Position = backup.Header.Position", "Position = 1"),
        new("names one stripe only", Steps, "Stripes = backup.Stripes", "Stripes = []"),
        new("never replaces", Steps, "Replace = replaced is not null", "Replace = false"),
        new("always replaces", Steps, "Replace = replaced is not null", "Replace = true"),
        new("trusts a name against the log", "Restore/Chains/MarkCandidates.cs", "found.Count == 0 && !knowledge.IsComplete &&", "found.Count == 0 &&"),
        new("tells transactions of one name apart by nothing", "Restore/Chains/MarkCandidates.cs", "return second is null ? null : (first!, second);", "return null;"),
        new("never looks into a log that is not named for the mark", "Restore/Chains/MarkConfirmation.cs", "MarkNeighbourhood.Of([.. fork], mark, MarksOrName)", "Array.Empty<MediaBackup>()"),
        new("believes stamps in the repeated hour", "Restore/Chains/RepeatedHour.cs", "TimeSpan.FromMinutes(61)", "TimeSpan.Zero"),
        new("orders marks by their stamps alone", "Catalogue/BackupSets.cs", "SetOrder.Correct(drafts, d => d.Manifest is { } by && Identified(by, byId).ToList() is { Count: > 0 } own ? own : d.Backups);", ""),
        new("loses a database that was renamed", "Catalogue/BackupCatalogue.cs", "return all.Count <= own.Count ? own :", "return all.Count >= 0 ? own :"),
        new("replaces without being told to", Planner, "if (!force && existing.Count > 0)", "if (existing.Count > 1000)"),
        new("accepts a mark outside its log", Planner, "position.Lsn >= log.LastLsn", "position.Lsn > new LogPosition(decimal.MaxValue)"),
        new("takes any full of a member for the one of a quiesced set", Quiesced, "b.Header.BackupSetGuid == file.Header!.BackupSetGuid && b.Header.BackupSetGuid != Guid.Empty", "file.Header is not null"),
        new("takes a damaged full of a quiesced set", Quiesced, "fulls.Find(f => f.IsUsable)", "fulls.Find(f => f.Stripes is not null)"),
        new("takes a quiesced set that lacks a member's full", Quiesced, "faults.Add(fault!);", "_ = fault;"),
        new("misses a member of a quiesced set that was renamed since", Quiesced, "!known.Contains(n) && catalogue.AreOneDatabase(m, n)", "false"),
        new("believes a manifest with one commit", "Catalogue/Manifests/QuiescenceJudge.cs", "{ Commits: not 0 } when", "{ Commits: > 1 } when"),
        new("believes a manifest with an open transaction", "Catalogue/Manifests/QuiescenceJudge.cs", "{ OpenAfter: > 0 }", "{ OpenAfter: > 1 }"),
        new("believes an older manifest against a newer", "Catalogue/Manifests/ManifestEvidence.cs", ".ThenBy(m => m.Content.WrittenUtc)", ".ThenByDescending(m => m.Content.WrittenUtc)"),
        new("passes the gate whatever was restored last", "Restore/GateDecision.cs", "evidence.Quiesced is { IsRestored: false }", "evidence.Quiesced is { IsRestored: false, History.Count: 0 }"),
        new("refuses a destination of the same version", Planner, "source.Major > destination.Identity.Version.Major)", "source.Major >= destination.Identity.Version.Major)"),
    ];
}
