using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Looks for what no plan of the planner has: steps that do not fit together, or that would do more than the plan says. Pure.</summary>
public static class RestorePlanCheck
{
    /// <summary>Gives what does not fit; empty when everything does.</summary>
    public static IReadOnlyList<string> Faults(RestorePlan plan)
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(plan.Mark))
        {
            faults.Add("it names no mark");
        }

        if (plan.Members.Count == 0)
        {
            faults.Add("it has no members");
        }

        if (plan.Limits.PerInstance < 1 || plan.Limits.PerVolume < 1)
        {
            faults.Add("it lets no member be restored");
        }

        foreach (MemberPlan member in plan.Members)
        {
            AddFaults(plan, member, faults);
        }

        Repeated(plan.Members.Select(m => m.ToString()).Concat(plan.Members.Where(m => m.Keeps is not null).Select(m => $"{m.Keeps!.As} on {m.DestinationServer}")), "is planned more than once", faults);
        Repeated(plan.Members.Where(m => m.Tail is not null).Select(m => $"{m.Tail!.Path} on {m.DestinationServer}"), "would hold more than one tail", faults);
        Repeated(
            plan.Members.SelectMany(m => m.Steps.SelectMany(s => s.Statement?.Moves.Select(f => $"{f.PhysicalName} on {m.DestinationServer}") ?? [])),
            "would hold more than one file",
            faults);
        return faults;
    }

    private static void AddFaults(RestorePlan plan, MemberPlan member, List<string> faults)
    {
        void Fault(string text) => faults.Add($"{member}: {text}");
        try
        {
            SqlNames.Check(member.Database, "database");
        }
        catch (RecoveryException error)
        {
            Fault(error.Message);
        }

        if (string.IsNullOrWhiteSpace(member.Destination.Name) || string.IsNullOrWhiteSpace(member.DestinationServer))
        {
            Fault("it has no destination");
        }

        if (plan.Kind == RecoveryPointKind.Quiesced)
        {
            AddQuiescedFaults(member, Fault);
        }
        else if (member.Chain.LastLog is not { } last)
        {
            Fault("its chain has no log");
            return;
        }
        else if (member.MarkPosition.Lsn < last.Header.FirstLsn || member.MarkPosition.Lsn >= last.Header.LastLsn || member.MarkPosition.NextLsn <= member.MarkPosition.Lsn)
        {
            Fault("the mark does not stand in its last log");
        }

        AddStepFaults(plan, member, Fault);
        AddAvailabilityFaults(member, Fault);
    }

    /// <summary>A quiesced point is the end of one full backup of each member, and nothing behind it.</summary>
    private static void AddQuiescedFaults(MemberPlan member, Action<string> fault)
    {
        BackupHeader full = member.Chain.Full.Header;
        if (member.Chain.Differential is not null || member.Chain.Logs.Count > 0 || full.BackupSetGuid == Guid.Empty || member.MarkPosition.Lsn != full.LastLsn || member.MarkPosition.NextLsn != full.LastLsn)
        {
            fault("it does not stop at the end of the full backup of a quiesced set");
        }
    }

    /// <summary>What leaves an availability group is what is replaced, and the plan says where it comes back.</summary>
    private static void AddAvailabilityFaults(MemberPlan member, Action<string> fault)
    {
        if (member.Replaces?.AvailabilityGroup is { } group ? !string.Equals(group, member.Availability?.Group, StringComparison.OrdinalIgnoreCase) : member.Availability is not null)
        {
            fault("it does not leave the availability group of the database that is replaced");
        }

        if (member.Availability is { } plan
            && (string.IsNullOrWhiteSpace(plan.FullPath) || string.IsNullOrWhiteSpace(plan.LogPath) || plan.FullPath == plan.LogPath || plan.Secondaries.Any(s => string.IsNullOrWhiteSpace(s.Server) || string.IsNullOrWhiteSpace(s.Address.Name) || string.Equals(s.Server, member.DestinationServer, StringComparison.OrdinalIgnoreCase))))
        {
            fault("it does not come back into its availability group");
        }
    }

    private static void AddStepFaults(RestorePlan plan, MemberPlan member, Action<string> fault)
    {
        for (int i = 0; i < member.Steps.Count; i++)
        {
            RestoreStep step = member.Steps[i];
            if (step.Number != i + 1)
            {
                fault($"step {i + 1} has the number {step.Number}");
            }

            if (step.Statement is { } statement)
            {
                AddStatementFaults(plan, member, step, statement, fault);
            }
        }

        AddTailFaults(member, fault);
        AddKeepFaults(member, fault);
        List<RestoreStep> fulls = member.Steps.Where(s => s.Statement?.Action == RestoreAction.Full).ToList();
        List<RestoreStep> logs = member.Steps.Where(s => s.Statement?.Action == RestoreAction.Log).ToList();
        if (fulls.Count != 1 || fulls[0].Backup?.Header.BackupSetGuid != member.Chain.Full.Header.BackupSetGuid)
        {
            fault("its steps do not restore the full backup of its chain, once");
        }

        if (!member.Steps.Where(s => s.Statement?.Action == RestoreAction.Differential).Select(s => s.Backup?.Header.BackupSetGuid).SequenceEqual(member.Chain.Differential is { } differential ? [differential.Header.BackupSetGuid] : Array.Empty<Guid?>()))
        {
            fault("its steps do not restore the differential backup of its chain");
        }

        if (!logs.Select(s => s.Backup?.Header.BackupSetGuid).SequenceEqual(member.Chain.Logs.Select(l => (Guid?)l.Header.BackupSetGuid)))
        {
            fault("its steps do not restore the logs of its chain in their order");
        }

        bool holds = plan.Kind == RecoveryPointKind.Mark;
        if (member.Steps.Count(s => s.HoldsMark) != (holds ? 1 : 0) || (holds && (logs.Count == 0 || !logs[logs.Count - 1].HoldsMark)))
        {
            fault("its last log is not the one that holds the mark");
        }
    }

    /// <summary>What lives is saved before anything is restored over it, or was given up.</summary>
    private static void AddTailFaults(MemberPlan member, Action<string> fault)
    {
        if (TailPlanner.IsUnsaved(member))
        {
            fault($"it would replace a database that is {member.Replaces!.State} without a backup of the tail of its log");
        }

        List<RestoreStep> tails = member.Steps.Where(s => s.Tail is not null).ToList();
        if (tails.Count > 1
            || tails.Exists(s => s.Statement is not null || s.Access is not null || string.IsNullOrWhiteSpace(s.Tail!.Path) || !string.Equals(s.Tail.Database, member.Database, StringComparison.Ordinal))
            || tails.Exists(s => member.Replaces is null || !member.TailSteps.Contains(s)))
        {
            fault("the backup of its tail is not one, of the database that is replaced, before its restore");
        }
    }

    /// <summary>What is kept is put under another name before anything is restored in its place, and is not overwritten.</summary>
    private static void AddKeepFaults(MemberPlan member, Action<string> fault)
    {
        if (!member.Steps.Where(s => s.KeepAs is not null).Select(s => s.KeepAs).SequenceEqual(member.Keeps is { } kept ? [kept.As] : Array.Empty<string>(), StringComparer.Ordinal)
            || member.Steps.Any(s => s.KeepAs is not null && (s.Statement is not null || s.Access is not null || s.Tail is not null || !member.TailSteps.Contains(s))))
        {
            fault("its steps do not put the database that is kept under its other name, once, before anything is restored");
        }

        if (member.Keeps is not { } keeps)
        {
            return;
        }

        if (member.Replaces is not null || KeepPlanner.WhyNot(keeps.Database) is not null || string.Equals(keeps.As, member.Database, StringComparison.OrdinalIgnoreCase))
        {
            fault("the database in its place cannot be kept as the plan says");
        }

        try
        {
            SqlNames.Check(keeps.As, "database");
        }
        catch (RecoveryException error)
        {
            fault(error.Message);
        }
    }

    private static void AddStatementFaults(RestorePlan plan, MemberPlan member, RestoreStep step, RestoreStatement statement, Action<string> fault)
    {
        if (!string.Equals(statement.Database, member.Database, StringComparison.Ordinal))
        {
            fault($"step {step.Number} is about '{statement.Database}'");
        }

        if (statement.Action == RestoreAction.Log && !StopsWhereItShould(plan, step, statement))
        {
            fault($"step {step.Number} does not stop at the mark");
        }

        if (statement.Transfer is { } transfer && (transfer.BufferCount < 1 || transfer.MaxTransferBytes is < 65536 or > TransferSize.LargestTransfer || transfer.MaxTransferBytes % 65536 != 0))
        {
            fault($"step {step.Number} has sizes of transfers that SQL Server does not take");
        }

        if (statement.Replace && member.Replaces is null)
        {
            fault($"step {step.Number} would replace a database that the plan does not know");
        }

        if (statement.Action is RestoreAction.Recover or RestoreAction.Standby or RestoreAction.Resume or RestoreAction.BringBack)
        {
            fault($"step {step.Number} does not belong before the gate");
        }

        if (step.Backup is { } backup
            && (!string.Equals(statement.Path, backup.Path, StringComparison.Ordinal) || !statement.Stripes.SequenceEqual(backup.Stripes, StringComparer.Ordinal) || statement.Position != backup.Header.Position))
        {
            fault($"step {step.Number} reads another file than it names");
        }
    }

    /// <summary>At the plan's mark, at a mark of its own where the chain leaves the log's fork, or nowhere in a log with bulk-logged changes before the last (4341).</summary>
    private static bool StopsWhereItShould(RestorePlan plan, RestoreStep step, RestoreStatement statement) => step switch
    {
        { HoldsMark: false, LeavesFork: true } => !string.IsNullOrWhiteSpace(statement.StopAtMark),
        { HoldsMark: false, Backup.Header.HasBulkLoggedData: true } when statement.StopAtMark is null => true,
        _ => string.Equals(statement.StopAtMark, plan.Mark, StringComparison.Ordinal),
    };

    private static void Repeated(IEnumerable<string> names, string what, List<string> faults)
    {
        foreach (IGrouping<string, string> group in names.GroupBy(n => n, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
        {
            faults.Add($"{group.Key} {what}");
        }
    }
}
