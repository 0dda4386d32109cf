using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Restore.Model;

namespace BizTalkDR.Tests.Restore.Differential;

/// <summary>Compares planner and model on one case: whether a mark can be reached, and where the plan's own statements end.</summary>
internal sealed class PlanCheck
{
    /// <summary>What is said of a name that cannot be stopped at because two transactions bear it.</summary>
    public const string Ambiguous = "two transactions bear the name";
    private static readonly SqlInstanceIdentity Destination = new("DST", new Version(16, 0, 4135), "Developer", "/data/", "/log/", TimeSpan.Zero);
    private readonly RestoreCase _case;
    private string? _mark;
    private readonly Dictionary<(Guid Family, string Mark), IReadOnlyList<(ModelMark Mark, ModelDatabase Database)>> _ends = [];

    public PlanCheck(RestoreCase restoreCase) => _case = restoreCase;

    /// <summary>How many marks were found reachable, and how many not.</summary>
    public (int Reachable, int Unreachable) Seen { get; private set; }

    /// <summary>What the executed plans made use of, and how often.</summary>
    public Dictionary<string, int> Used { get; } = new(StringComparer.Ordinal);

    /// <summary>Compares.</summary>
    /// <returns>The first disagreement; null when there is none.</returns>
    public string? Run()
    {
        List<string> names = _case.Marks.Distinct(StringComparer.Ordinal).ToList();

        // The newest three and the oldest: enough to meet every kind of gap, and few enough for many cases.
        foreach (string mark in names.Skip(Math.Max(0, names.Count - 3)).Concat(names.Take(1)).Distinct(StringComparer.Ordinal))
        {
            if (Compare(mark) is { } difference)
            {
                return $"{mark}: {difference}";
            }
        }

        return CompareDefault() is { } other ? $"newest: {other}" : null;
    }

    private string? Compare(string mark)
    {
        BackupCatalogue catalogue = Catalogue(out CaseReader reader);
        IReadOnlyDictionary<MemberKey, string?> refusals = Refusals(catalogue, mark);
        bool possible = refusals.Count > 0 && refusals.Values.All(r => r is null);
        Seen = possible ? (Seen.Reachable + 1, Seen.Unreachable) : (Seen.Reachable, Seen.Unreachable + 1);
        try
        {
            RecoveryPoint chosen = new RecoveryPointChooser(catalogue, reader, NullRecoveryLog.Instance).Choose(new PointChoice(mark), "/b");

            // A second transaction of the name may lie in a log that nobody had a reason to read; the plan must then end at one and the same all the same.
            bool onlyAmbiguous = refusals.Values.All(r => r is null or Ambiguous);
            return possible || onlyAmbiguous ? Execute(PlanOf(catalogue, chosen), mark) : $"planned, but the model refuses: {string.Join("; ", refusals.Where(r => r.Value is not null).Select(r => $"{r.Key}: {r.Value}"))}";
        }
        catch (RecoveryException error)
        {
            return possible ? $"possible for the model, but refused: {error.Code}: {error.Message}" : null;
        }
    }

    /// <summary>Why the model says that members cannot go to a mark; null for those that can.</summary>
    public IReadOnlyDictionary<MemberKey, string?> Refusals(string mark) => Refusals(Catalogue(out _), mark);

    private Dictionary<MemberKey, string?> Refusals(BackupCatalogue catalogue, string mark)
    {
        RecoveryPoint point = RecoveryPoints.PointOf(catalogue, mark);
        return point.Chains.Select(c => c.Member).Concat(point.Faults.Select(f => f.Member)).ToDictionary(m => m, m => Refusal(catalogue, m, mark));
    }

    /// <summary>Without a mark the newest has to come out that every member reaches, among those that files are named for.</summary>
    private string? CompareDefault()
    {
        BackupCatalogue catalogue = Catalogue(out CaseReader reader);
        string? chosen = null;
        try
        {
            RecoveryPoint point = new RecoveryPointChooser(catalogue, reader, NullRecoveryLog.Instance).Choose(new PointChoice(), "/b");
            chosen = point.Mark;
            if (Execute(PlanOf(catalogue, point), chosen) is { } failure)
            {
                return failure;
            }
        }
        catch (RecoveryException error) when (error.Code is not RecoveryError.StatementFailed)
        {
            // Nothing can be reached: checked below.
        }

        foreach (RecoveryPoint newer in RecoveryPoints.From(Catalogue(out _)).TakeWhile(p => p.Mark != chosen))
        {
            if (newer.IsReachable && newer.Chains.All(c => Refusal(catalogue, c.Member, newer.Mark) is null))
            {
                return $"chose {chosen ?? "nothing"} though {newer.Mark} is newer and every member reaches it";
            }
        }

        return null;
    }

    private BackupCatalogue Catalogue(out CaseReader reader) => (reader = new CaseReader(_case)).Catalogue();

    private static RestorePlan PlanOf(BackupCatalogue catalogue, RecoveryPoint point) => RestorePlanner.Plan(new RestorePlanInput(
        catalogue,
        point,
        new RestoreRequest(["/b"], [new SqlInstanceAddress("DST")]),
        [new DestinationFacts(new SqlInstanceAddress("DST"), Destination, [])],
        point.Chains.ToDictionary(c => c.Member, c => catalogue.PositionOf(c.Last, point.Mark)!),
        point.Chains.ToDictionary(c => c.Member, c => (IReadOnlyList<BackupDataFile>)[new BackupDataFile("data", "/s/d.mdf", 'D', 1, 1)])));

    /// <summary>Why the model says that a member cannot go to a mark; null when it can.</summary>
    private string? Refusal(BackupCatalogue catalogue, MemberKey member, string mark)
    {
        Guid family = FamilyOf(catalogue, member);
        int transactions = _case.ModelFiles.Where(f => f.IsReadable).SelectMany(f => f.Sets)
            .Where(s => s.Family == family && s.Kind == ModelKind.Log)
            .SelectMany(s => s.Marks)
            .Where(m => m.Name == mark)
            .Select(m => m.Transaction)
            .Distinct()
            .Count();
        return transactions > 1 ? Ambiguous : EndsOf(family, mark).Count == 0 ? "no sequence of statements stops there" : null;
    }

    /// <summary>A member whose name no file bears is not known by its family either.</summary>
    private static Guid FamilyOf(BackupCatalogue catalogue, MemberKey member) => catalogue.Of(member).Select(b => b.Header.FamilyGuid).FirstOrDefault();

    private IReadOnlyList<(ModelMark Mark, ModelDatabase Database)> EndsOf(Guid family, string mark)
    {
        if (!_ends.TryGetValue((family, mark), out IReadOnlyList<(ModelMark, ModelDatabase)>? ends))
        {
            List<ModelFile> own = _case.ModelFiles.Where(f => f.IsReadable && f.Sets.Any(s => s.Family == family)).ToList();
            _ends[(family, mark)] = ends = new ModelSearch(own, mark).Ends(mark).Where(e => e.Database.Family == family).ToList();
        }

        return ends;
    }

    /// <summary>Runs the plan's statements in the model, member by member.</summary>
    private string? Execute(RestorePlan plan, string mark)
    {
        _mark = mark;
        var server = new ServerModel(_case.ModelFiles);
        int? transaction = null;
        foreach (MemberPlan member in plan.Members)
        {
            ModelAnswer answer = new(0, null);
            foreach (RestoreStep step in member.Steps)
            {
                answer = server.Run(answer.Database, StatementOf(step.Statement!));
                if (answer.Error != 0)
                {
                    // The stop clause met the other transaction of the name in a log before: the run fails there, and every member stays restoring.
                    return _case.Repeated.Contains(mark) ? null : $"{member}: step {step.Number} ({step.Text}) fails with {answer.Error}\n{plan}";
                }
            }

            if (answer.StoppedAt?.Name != mark || answer.Database!.Redo != (long)member.MarkPosition.NextLsn.Value || answer.Database.State != ModelState.Restoring)
            {
                return $"{member}: ends at {answer.Database?.Redo}, stopped at {answer.StoppedAt?.Name ?? "nothing"}\n{plan}";
            }

            // The later of two transactions of one name has both in MarkLog, and the gate refuses that before anything is recovered:
            // the planner cannot see it where a member has only the one log and another member only the other.
            bool refusedAtTheGate = _case.Repeated.Contains(mark);
            if (transaction is { } other && other != answer.StoppedAt.Transaction && !refusedAtTheGate)
            {
                return $"{member}: stands at another transaction of the same name than the members before it\n{plan}";
            }

            transaction = answer.StoppedAt.Transaction;
            Note(member.Chain);
        }

        return null;
    }

    private void Note(MemberChain chain)
    {
        Count("plans", true);
        Count("differential", chain.Differential is not null);
        Count("stop at an older mark to leave a fork", chain.Turns.Count > 0);
        Count("several forks", chain.Backups.Select(b => b.Header.RecoveryForkGuid).Distinct().Count() > 1);
        Count("stripes", chain.Backups.Any(b => b.Stripes.Count > 0));
        Count("second set of a file", chain.Backups.Any(b => b.Header.Position > 1));
        Count("other folder", chain.Backups.Any(b => b.Path.StartsWith("/c", StringComparison.Ordinal)));
        Count("renamed or moved", chain.Backups.Select(b => b.Member).Distinct().Count() > 1);
        Count("copy-only full", chain.Full.Header.IsCopyOnly);
        Count("bulk-logged link", chain.Logs.Any(l => l.Header.HasBulkLoggedData));
        Count("mark in a log not named for it", chain.Last.Mark != _mark);
        Count("borders touch", chain.Logs.Any(l => l.Header.FirstLsn == chain.Full.Header.LastLsn));
    }

    private void Count(string what, bool happened) => Used[what] = Used.GetValueOrDefault(what) + (happened ? 1 : 0);

    /// <summary>A statement of a plan as the model takes it.</summary>
    public static ModelStatement StatementOf(RestoreStatement statement) =>
        new(statement.Action == RestoreAction.Log ? ModelAction.RestoreLog : ModelAction.RestoreDatabase, [statement.Path!, .. statement.Stripes], statement.Position)
        {
            StopAtMark = statement.StopAtMark,
            Replace = statement.Replace,
        };
}
