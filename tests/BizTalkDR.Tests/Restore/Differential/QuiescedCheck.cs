using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Restore.Model;

namespace BizTalkDR.Tests.Restore.Differential;

/// <summary>Compares planner and model on the full sets of one case: which are points, which of these can be reached, and where their plans end.</summary>
/// <param name="restoreCase">The case.</param>
/// <param name="count">Takes what the plans made use of.</param>
internal sealed class QuiescedCheck(RestoreCase restoreCase, Action<string, bool> count)
{
    private readonly IReadOnlyList<CaseManifest> _proven = [.. restoreCase.Manifests.GroupBy(m => m.Point).Select(g => g.OrderBy(m => m.Found.Content.WrittenUtc).Last()).Where(m => m.Proves)];

    /// <summary>How many points the model reaches, and how many it does not, the sets that are no points among them.</summary>
    public (int Reachable, int Unreachable) Seen { get; private set; }

    /// <summary>Why the model says that a full set cannot be restored as a point by itself; null when it can.</summary>
    public string? Refusal(string point) => _proven.FirstOrDefault(p => p.Point == point) is { } proof ? Refusal(proof) : "nothing proves that processing was stopped";

    /// <summary>The backups that a point consists of; empty when the set is no point.</summary>
    public IReadOnlyList<ManifestedFull> FullsOf(string point) => _proven.FirstOrDefault(p => p.Point == point)?.Fulls ?? [];

    /// <summary>Compares.</summary>
    /// <returns>The first disagreement; null when there is none.</returns>
    public string? Run()
    {
        if (_proven.FirstOrDefault(p => !restoreCase.FullSets.Single(s => s.Point == p.Point).IsStill) is { } lie)
        {
            return $"the case is wrong: {lie.Found} proves what is not true";
        }

        string[] offered = [.. RecoveryPoints.From(new CaseReader(restoreCase).Catalogue()).Where(p => p.Kind == RecoveryPointKind.Quiesced && (p.IsReachable || _proven.Any(m => m.Point == p.Mark && IsThere(m)))).Select(p => $"{p.Mark}{(p.IsReachable ? string.Empty : " unreachable")}").Order(StringComparer.Ordinal)];
        string[] points = [.. _proven.Where(IsThere).Select(p => $"{p.Point}{(Refusal(p) is null ? string.Empty : " unreachable")}").Order(StringComparer.Ordinal)];
        return offered.SequenceEqual(points)
            ? restoreCase.FullSets.Select(s => Compare(s.Point) is { } difference ? $"{s.Point}: {difference}" : null).FirstOrDefault(d => d is not null)
            : $"the model has the quiesced points {string.Join(", ", points)}; offered are {string.Join(", ", offered)}";
    }

    /// <summary>The newest point that the model reaches and that is newer than the one chosen; null when there is none, or when stamps or names deceive about the order.</summary>
    public string? NewerThan(string? chosen)
    {
        int at = chosen is null ? -1 : restoreCase.Order.ToList().LastIndexOf(chosen);
        return chosen is not null && (restoreCase.ClockWasSetBack || restoreCase.Files.Any(IsMisnamed)) ? null : restoreCase.Order.Skip(at + 1).LastOrDefault(p => restoreCase.FullSets.Any(s => s.Point == p) && Refusal(p) is null);
    }

    /// <summary>Whether a file of the job bears the name of another, or holds another's backup too: of a set without a manifest, names are all that tells which backups are its own.</summary>
    private static bool IsMisnamed(CaseFile file)
    {
        string name = file.File.Path[(file.File.Path.LastIndexOf('/') + 1)..];
        return name.Contains("_BTS_", StringComparison.Ordinal) && (file.File.Sets.Count > 1 || !file.WrittenTo.EndsWith("/" + name, StringComparison.Ordinal));
    }

    /// <summary>Runs a plan's statements in the model: each member's only one is the restore of the very backup that the manifest was written for.</summary>
    public string? Execute(RestorePlan plan)
    {
        var server = new ServerModel(restoreCase.ModelFiles);
        List<ManifestedFull> left = [.. FullsOf(plan.Mark)];
        foreach (MemberPlan member in plan.Members)
        {
            if (member.Steps.Count != 1)
            {
                return $"{member}: {member.Steps.Count} steps instead of one\n{plan}";
            }

            ModelStatement statement = PlanCheck.StatementOf(member.Steps[0].Statement!);
            ModelAnswer answer = server.Run(null, statement);
            if (answer.Error != 0 || answer.Database!.State != ModelState.Restoring)
            {
                return $"{member}: {member.Steps[0].Text} fails with {answer.Error}\n{plan}";
            }

            ManifestedFull? meant = left.Find(f => f.Set.SetId == server.SetOf(statement).SetId);
            if (meant is null || answer.Database.Redo != meant.Set.LastLsn || answer.Database.Fork != meant.Set.LastFork)
            {
                return $"{member}: ends at {answer.Database.Redo}, which is not the end of its full backup of the set\n{plan}";
            }

            left.Remove(meant);
            if (AtTheGate(plan, member, answer.Database) is { } fault)
            {
                return $"{member}: {fault}\n{plan}";
            }

            MediaBackup full = member.Chain.Full;
            count("quiesced: members", true);
            count("quiesced: stripes", full.Stripes.Count > 0);
            count("quiesced: second set of a file", full.Header.Position > 1);
            count("quiesced: other folder or name", full.Name?.Mark != plan.Mark || full.Path.StartsWith("/c", StringComparison.Ordinal));
        }

        return left.Count > 0 ? $"nothing is restored of {string.Join(", ", left)}\n{plan}" : null;
    }

    /// <summary>What the gate says of the state that the model ends in, and of states that look like it.</summary>
    private static string? AtTheGate(RestorePlan plan, MemberPlan member, ModelDatabase end)
    {
        Guid full = member.Chain.Full.Header.BackupSetGuid;
        GateVerdict Judge(Guid newest, char kind, long redo, Guid fork) => GateDecision.Decide(new GateEvidence(
            plan.Mark, member.MarkPosition, [member.Chain.Full.Header.RecoveryForkGuid], new DatabaseFacts(member.Database, "RESTORING"), [new RedoFile(1, false, "data", "/d", "RESTORING", new LogPosition(redo), fork)])
        {
            Quiesced = new QuiescedEvidence(full, member.NewestMark, [new RestoreHistoryRow(2, member.Database, kind, null, false) { BackupSetGuid = newest }, new RestoreHistoryRow(1, member.Database, 'D', null, false) { BackupSetGuid = full }]),
        });
        return (Judge(full, 'D', end.Redo, end.Fork).Passed, Judge(Guid.Empty, 'D', end.Redo, end.Fork).Passed, Judge(Guid.Empty, 'L', end.Redo, end.Fork).Passed, Judge(full, 'D', end.Redo + 1, end.Fork).Passed, Judge(full, 'D', end.Redo, Guid.Empty).Passed) switch
        {
            (false, _, _, _, _) => "the gate refuses the end of the full backup",
            (_, true, _, _, _) => "the gate passes what was restored from another full backup",
            (_, _, true, _, _) => "the gate passes what a log was restored to",
            (_, _, _, true, _) => "the gate passes what was rolled forward",
            (_, _, _, _, true) => "the gate passes another recovery fork",
            _ => null,
        };
    }

    private string? Compare(string name)
    {
        string? refusal = Refusal(name);
        Seen = refusal is null ? (Seen.Reachable + 1, Seen.Unreachable) : (Seen.Reachable, Seen.Unreachable + 1);
        var reader = new CaseReader(restoreCase);
        BackupCatalogue catalogue = reader.Catalogue();
        try
        {
            RecoveryPoint point = new RecoveryPointChooser(catalogue, reader, NullRecoveryLog.Instance).Choose(new PointChoice(name), "/b");
            if (refusal is not null)
            {
                return $"planned, but the model refuses: {refusal}";
            }

            return Execute(PlanCheck.PlanOf(catalogue, point)) ?? WhereItCannotGo(catalogue, point);
        }
        catch (RecoveryException error)
        {
            return refusal is null ? $"possible for the model, but refused: {error.Code}: {error.Message}" : null;
        }
    }

    /// <summary>Faults of a destination: a database is in the way, or the server is older than the backups (3169).</summary>
    private static string? WhereItCannotGo(BackupCatalogue catalogue, RecoveryPoint point)
    {
        var address = new SqlInstanceAddress("DST");
        return IsRefused(catalogue, point, new DestinationFacts(address, PlanCheck.Destination, [new DatabaseFacts(point.Chains[0].Member.Database, "ONLINE")]), RecoveryError.DatabaseExists)
            ?? IsRefused(catalogue, point, new DestinationFacts(address, PlanCheck.Destination with { Version = new Version(15, 0, 4000) }, []), RecoveryError.DestinationTooOld);
    }

    private static string? IsRefused(BackupCatalogue catalogue, RecoveryPoint point, DestinationFacts destination, RecoveryError code)
    {
        try
        {
            return $"planned although {code}:\n{PlanCheck.PlanOf(catalogue, point, destination)}";
        }
        catch (RecoveryException error)
        {
            return error.Code == code ? null : $"refused with {error.Code} instead of {code}";
        }
    }

    private string? Refusal(CaseManifest proof)
    {
        foreach (ManifestedFull full in proof.Fulls)
        {
            List<ModelFile> files = restoreCase.ModelFiles.Where(f => f.IsReadable && f.Sets.Any(s => s.SetId == full.Set.SetId)).ToList();
            if (!new ModelSearch(files, string.Empty).EndsOf(full.Set.SetId).Any(e => e.Redo == full.Set.LastLsn))
            {
                return $"no statement restores the full of {full.Database}";
            }
        }

        // Who belongs to the group by other knowledge has to be one of those that the manifest was written for, under whatever name.
        CaseMember? strange = restoreCase.Recipe.KnowsGroup ? restoreCase.Members.FirstOrDefault(m => !proof.Fulls.Any(f => IsOf(m, f))) : null;
        return strange is null ? null : $"{strange.Database} is not in it";
    }

    private bool IsOf(CaseMember member, ManifestedFull full) =>
        (member.Server == full.Server && member.Database == full.Database)
        || restoreCase.Files.Any(f => f.ShowsHeader && f.Server == member.Server && f.Database == member.Database && f.File.Sets.Any(s => s.Family == full.Set.Family));

    /// <summary>Whether a header of any of its backups can be read; what is said of a set that left nothing but its manifest makes no difference.</summary>
    private bool IsThere(CaseManifest proof) => restoreCase.Files.Any(f => f.ShowsHeader && f.File.Sets.Any(s => proof.Fulls.Any(p => p.Set.SetId == s.SetId)));
}
