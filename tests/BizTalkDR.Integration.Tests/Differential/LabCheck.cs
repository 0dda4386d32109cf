using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Integration.Tests.Flows;
using BizTalkDR.Integration.Tests.Resume;
using BizTalkDR.Ports;
using BizTalkDR.Restore;
using BizTalkDR.Tests.Restore.Differential;
using BizTalkDR.Tests.Restore.Model;
using PlanCheck = BizTalkDR.Tests.Restore.Differential.PlanCheck;

namespace BizTalkDR.Integration.Tests.Differential;

/// <summary>Compares planner, model and lab on one case: what is possible, and where it ends.</summary>
/// <param name="restoreCase">The case as the model has it.</param>
/// <param name="stage">What was really done.</param>
/// <param name="folders">The folders that are left.</param>
/// <param name="destination">Where it is restored.</param>
/// <param name="address">The same for the product.</param>
/// <param name="tally">Takes what was seen.</param>
internal sealed class LabCheck(RestoreCase restoreCase, LabStage stage, IReadOnlyList<string> folders, LabServer destination, SqlInstanceAddress address, LabTally tally)
{
    private const string Trial = "trial";
    private const int Starts = 2;
    private readonly ServerModel _model = new(restoreCase.ModelFiles);
    private readonly Dictionary<string, ModelFile> _files = restoreCase.ModelFiles.ToDictionary(f => f.Path, StringComparer.Ordinal);
    private readonly PlanCheck _planCheck = new(restoreCase);

    /// <summary>Compares.</summary>
    /// <returns>The first disagreement; null when there is none.</returns>
    public string? Run()
    {
        if (_planCheck.Run() is { } difference)
            return $"planner and model: {difference}";
        foreach (string mark in Chosen())
        {
            try
            {
                if ((restoreCase.FullSets.Any(s => s.Point == mark) ? CompareSet(mark) : Compare(mark)) is { } other)
                    return $"{mark}: {other}";
            }
            finally
            {
                foreach (string database in destination.States().Keys)
                    destination.Drop(database);
            }
        }

        return null;
    }

    /// <summary>The newest mark, and one of the others; where processing was stopped for full sets, one of these instead.</summary>
    private IEnumerable<string> Chosen()
    {
        List<string> names = [.. restoreCase.Marks.Distinct(StringComparer.Ordinal)];
        if (restoreCase.FullSets.Count > 0)
            return names.TakeLast(1).Append((restoreCase.FullSets.LastOrDefault(s => _planCheck.Quiesced.Refusal(s.Point) is null) ?? restoreCase.FullSets[^1]).Point);
        return names.Count == 0 ? [] : new[] { names[^1], names[restoreCase.Recipe.Events.Sum(e => e % 1000) % names.Count] }.Distinct(StringComparer.Ordinal);
    }

    private string? Compare(string mark)
    {
        IReadOnlyCollection<string?> refusals = [.. _planCheck.Refusals(mark).Values];
        bool possible = refusals.Count > 0 && refusals.All(r => r is null);
        RestorePlan plan;
        try
        {
            plan = new RestorePreparer(FlowLab.Ports()).Prepare(new RestoreRequest(folders, [address]) { Mark = mark, ExpectedMembers = Expected() });
        }
        catch (RecoveryException error)
        {
            tally.Refused++;
            return possible ? $"possible for the model, but refused: {error.Code}: {error.Message}" : TryAll(mark);
        }

        if (plan.Members.SelectMany(m => m.Steps).SelectMany(s => s.Backup?.Paths ?? []).Any(p => !_files[p].IsReadable))
            return MeetsDamage(plan);
        return possible || refusals.All(r => r is null or PlanCheck.Ambiguous) ? Restores(plan, mark) : $"planned, but the model refuses: {string.Join("; ", refusals)}\n{plan}";
    }

    private string? CompareSet(string point)
    {
        string? refusal = _planCheck.Quiesced.Refusal(point);
        RestorePlan plan;
        try
        {
            plan = new RestorePreparer(FlowLab.Ports()).Prepare(new RestoreRequest(folders, [address]) { Mark = point, ExpectedMembers = Expected() });
        }
        catch (RecoveryException error)
        {
            tally.NotQuiesced++;
            return refusal is null ? $"possible for the model, but refused: {error.Code}: {error.Message}" : TryFulls(point);
        }

        if (plan.Members.SelectMany(m => m.Steps).SelectMany(s => s.Backup?.Paths ?? []).Any(p => !_files[p].IsReadable))
            return MeetsDamage(plan);
        return refusal is null ? RestoresSet(plan) : $"planned, but the model refuses: {refusal}\n{plan}";
    }

    /// <summary>Every member must hold exactly what it held when its full backup of the set was written.</summary>
    private string? RestoresSet(RestorePlan plan)
    {
        if (_planCheck.Quiesced.Execute(plan) is { } difference)
            return difference;
        if (Execute(plan, out string journal) is { } error)
            return $"the run of the plan ended with {error.Code}: {error.Message}\n{plan}";
        tally.Quiesced++;
        Dictionary<string, string> states = destination.States();
        IReadOnlyList<string> redo = GroupState.RedoLsns(journal);
        foreach (MemberPlan member in plan.Members)
        {
            ModelSet full = _planCheck.Quiesced.FullsOf(plan.Mark).Single(f => f.Set.SetId == member.Chain.Full.Header.BackupSetGuid).Set;
            if (states[member.Database] != "ONLINE MULTI_USER")
                return $"{member} is {states[member.Database]}";
            if (!redo.Contains($"{member.Database} {full.LastLsn}", StringComparer.Ordinal))
                return $"{member}: the model stands at {full.LastLsn}, the lab stood at {string.Join(", ", redo)}";
            IEnumerable<int> rows = destination.Rows($"SELECT Id FROM {LabServer.Name(member.Database)}.dbo.T ORDER BY Id;").Select(r => (int)r[0]!);
            if (!rows.SequenceEqual(stage.MemberOf(full.Family).RowsIn(full.SetId).Order()))
                return $"{member}: other rows than in its full backup: {string.Join(" ", rows)}";
        }

        return null;
    }

    /// <summary>Lets the lab try the backups of a set that is a point and cannot be reached: at least one of them must be beyond both.</summary>
    private string? TryFulls(string point)
    {
        foreach (ManifestedFull full in _planCheck.Quiesced.FullsOf(point))
        {
            List<ModelFile> own = [.. _files.Values.Where(f => f.IsReadable && f.Sets.Any(s => s.SetId == full.Set.SetId))];
            if (new ModelSearch(own, point).DatabaseStatements.Find(s => SetOf(s).SetId == full.Set.SetId) is { } statement && TryOne([statement]) is { } difference)
                return difference;
        }

        return null;
    }

    private IReadOnlyList<GroupMember>? Expected() =>
        restoreCase.Recipe.KnowsGroup ? [.. restoreCase.Members.Select(m => new GroupMember(MemberRole.Custom, m.Database, m.Server, m.Server))] : null;

    private RecoveryException? Execute(RestorePlan plan, out string journal)
    {
        string file = Path.Combine(stage.Root, Guid.NewGuid().ToString("N") + ".jsonl");
        RecoveryPorts ports = FlowLab.Ports();
        try
        {
            using var open = new RestoreJournalFile(file, ports.Clock);
            new RestoreRunner(ports).Run(plan, open);
            return null;
        }
        catch (RecoveryException error)
        {
            return error;
        }
        finally
        {
            journal = File.ReadAllText(file);
        }
    }

    /// <summary>A header says nothing of what is damaged behind it: the server refuses the file, and nothing is recovered.</summary>
    private string? MeetsDamage(RestorePlan plan)
    {
        tally.StoppedByDamage++;
        RecoveryException? error = Execute(plan, out _);
        if (error?.Code is not (RecoveryError.BackupMediaUnreadable or RecoveryError.ChecksumMismatch))
            return $"a damaged file ended with {error?.Code.ToString() ?? "success"}: {error?.Message}\n{plan}";
        return NothingIsRecovered();
    }

    private string? NothingIsRecovered() =>
        destination.States().FirstOrDefault(s => !s.Value.StartsWith("RESTORING", StringComparison.Ordinal)) is { Key: { } left } other ? $"{left} was left {other.Value}" : null;

    private string? Restores(RestorePlan plan, string mark)
    {
        RecoveryException? error = Execute(plan, out string journal);
        if (error is not null && restoreCase.Repeated.Contains(mark))
        {
            tally.StoppedByName++;
            return NothingIsRecovered();
        }

        if (error is not null)
            return $"the run of the plan ended with {error.Code}: {error.Message}\n{plan}";
        tally.Restored++;
        Dictionary<string, string> states = destination.States();
        IReadOnlyList<string> redo = GroupState.RedoLsns(journal);
        foreach (MemberPlan member in plan.Members)
        {
            ModelAnswer end = new(0, null);
            foreach (RestoreStep step in member.Steps)
                end = _model.Run(end.Database, PlanCheck.StatementOf(step.Statement!));
            if (end.StoppedAt is not { } stop)
                return $"{member}: restored, but the model ends with {end.Error} and stops at nothing\n{plan}";
            if (states[member.Database] != "ONLINE MULTI_USER")
                return $"{member} is {states[member.Database]}";
            if (!redo.Contains($"{member.Database} {end.Database!.Redo}", StringComparer.Ordinal))
                return $"{member}: the model stands at {end.Database.Redo}, the lab stood at {string.Join(", ", redo)}";
            IEnumerable<int> rows = destination.Rows($"SELECT Id FROM {LabServer.Name(member.Database)}.dbo.T ORDER BY Id;").Select(r => (int)r[0]!);
            if (!rows.SequenceEqual(stage.MemberOf(member.Chain.Full.Header.FamilyGuid).RowsAt(stop.Transaction).Order()))
                return $"{member}: other rows than at the mark: {string.Join(" ", rows)}";
        }

        return null;
    }

    /// <summary>Lets the lab try every member's files, and the model say of each statement what must come of it.</summary>
    private string? TryAll(string mark)
    {
        foreach (Guid family in restoreCase.Members.Select(m => m.Family))
        {
            List<ModelFile> own = [.. _files.Values.Where(f => f.IsReadable && f.Sets.Any(s => s.Family == family))];
            var search = new ModelSearch(own, mark);
            List<ModelStatement> fulls = [.. Distinct(search.DatabaseStatements.Where(s => SetOf(s).Kind == ModelKind.Full)).OrderByDescending(s => SetOf(s).LastLsn).Take(Starts)];
            List<ModelStatement> others =
            [
                .. Distinct(search.DatabaseStatements.Where(s => SetOf(s).Kind == ModelKind.Differential)).OrderBy(s => SetOf(s).LastLsn),
                .. Distinct(search.LogStatements.Where(s => s.StopAtMark == (TakesStop(SetOf(s), mark) ? mark : null))).OrderBy(s => SetOf(s).LastLsn).ThenBy(s => SetOf(s).FirstLsn),
            ];
            foreach (ModelStatement full in fulls)
            {
                if (TryOne([full, .. others]) is { } difference)
                    return difference;
            }
        }

        return null;
    }

    private string? TryOne(IReadOnlyList<ModelStatement> statements)
    {
        destination.Drop(Trial);
        ModelDatabase? state = null;
        string moves = $", MOVE N'{LabMember.DataFile}' TO {LabServer.Text(Path.Combine(stage.Root, Trial + ".mdf"))}, MOVE N'{LabMember.LogFile}' TO {LabServer.Text(Path.Combine(stage.Root, Trial + ".ldf"))}";
        foreach (ModelStatement statement in statements)
        {
            tally.Statements++;
            string text = LabServer.Restore(Trial, statement, state is null ? moves : string.Empty);
            ModelAnswer answer = _model.Run(state, statement);
            int error = destination.Try(text);
            if ((answer.Error == 0) != (error == 0))
                return $"{text}: the model says {answer.Error}, the lab {error}; the model stood at {state}";
            if (error != 0)
                tally.NoteRefusal(answer.Error, error);
            state = answer.Database;
            if (state is not null && destination.RedoOf(Trial) != (state.Redo, state.Fork))
                return $"{text}: the model stands at {state}, the lab at {destination.RedoOf(Trial)}";
        }

        return null;
    }

    /// <summary>Whether a bulk-logged log is refused because of a mark that is not even in it, the documentation does not say: the planner gives none there.</summary>
    private static bool TakesStop(ModelSet set, string mark) => !set.IsBulkLogged || set.Marks.Any(m => m.Name == mark);

    private IEnumerable<ModelStatement> Distinct(IEnumerable<ModelStatement> statements) => statements.DistinctBy(s => SetOf(s).SetId);

    private ModelSet SetOf(ModelStatement statement) => _files[statement.Paths[0]].Sets[statement.Position - 1];
}
