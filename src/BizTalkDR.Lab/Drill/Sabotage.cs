using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports;
using BizTalkDR.Restore;

namespace BizTalkDR.Lab.Drill;

/// <summary>Spoils a restore plan on purpose: what a careless operator, a bad script or a defect could do.</summary>
internal static class Sabotage
{
    /// <summary>Restores one member to the end of its last log instead of to the mark.</summary>
    /// <remarks>Takes a member whose last log goes on behind the mark, or the fault would have no effect.</remarks>
    public static RestorePlan WithoutStopOnTheLastLog(RestorePlan plan) =>
        Replace(plan, Overshooting(plan), member => member with { Steps = member.Steps.Select(step => step.HoldsMark ? Unstopped(step) : step).ToList() });

    /// <summary>Restores one member without any stop clause.</summary>
    public static RestorePlan WithoutStop(RestorePlan plan) =>
        Replace(plan, Overshooting(plan), member => member with { Steps = member.Steps.Select(Unstopped).ToList() });

    /// <summary>Gives two members of one instance each other's backup files.</summary>
    public static RestorePlan WithSwappedFiles(RestorePlan plan)
    {
        MemberPlan[] pair = plan.Members
            .GroupBy(member => member.DestinationServer, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(group => group.Count() > 1)?
            .OrderBy(member => member.Database, StringComparer.Ordinal)
            .Take(2)
            .ToArray() ?? throw new NoEffectException("No instance has two members whose files could be swapped.");
        RestorePlan swapped = Replace(plan, pair[0], member => member with { Steps = Exchange(member.Steps, pair[1].Steps) });
        return Replace(swapped, pair[1], member => member with { Steps = Exchange(member.Steps, pair[0].Steps) });
    }

    /// <summary>Leaves one log in the middle of a member's chain out.</summary>
    public static RestorePlan WithSkippedLog(RestorePlan plan)
    {
        MemberPlan chosen = plan.Members.FirstOrDefault(member => Logs(member).Count > 1)
            ?? throw new NoEffectException("No member has a log before the one with the mark: there is none to skip.");
        RestoreStep skipped = Logs(chosen).First(step => !step.HoldsMark);
        return Replace(plan, chosen, member => member with { Steps = member.Steps.Where(step => !ReferenceEquals(step, skipped)).ToList() });
    }

    private static List<RestoreStep> Logs(MemberPlan member) => member.Steps.Where(step => step.Statement?.Action == RestoreAction.Log).ToList();

    private static MemberPlan Overshooting(RestorePlan plan) =>
        plan.Members.FirstOrDefault(member => member.Chain.Last.Header.LastLsn > member.MarkPosition.NextLsn)
        ?? throw new NoEffectException("No member's last log goes on behind the mark: leaving the stop clause out has no effect.");

    private static RestoreStep Unstopped(RestoreStep step) =>
        step.Statement is { Action: RestoreAction.Log } statement ? step with { Statement = statement with { StopAtMark = null } } : step;

    private static List<RestoreStep> Exchange(IReadOnlyList<RestoreStep> own, IReadOnlyList<RestoreStep> other)
    {
        Queue<RestoreStatement> statements = new(other.Where(step => step.Statement?.Path is not null).Select(step => step.Statement!));
        return own.Select(step => step.Statement?.Path is null || statements.Count == 0 ? step : step with { Statement = Take(step.Statement, statements.Dequeue()) }).ToList();
    }

    // The files of the other, laid out where this member's would have gone: the server has nothing to complain about.
    private static RestoreStatement Take(RestoreStatement own, RestoreStatement other) => own with
    {
        Path = other.Path,
        Position = other.Position,
        Moves = other.Moves.Zip(own.Moves, (theirs, ours) => new FileMove(theirs.LogicalName, ours.PhysicalName)).ToList(),
    };

    private static RestorePlan Replace(RestorePlan plan, MemberPlan chosen, Func<MemberPlan, MemberPlan> change) => plan with
    {
        Members = plan.Members
            .Select(member => string.Equals(member.ToString(), chosen.ToString(), StringComparison.Ordinal) ? change(member) : member)
            .ToList(),
    };
}
