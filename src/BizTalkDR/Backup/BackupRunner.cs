using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Catalogue.Manifests;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Backup;

/// <summary>Carries out a backup plan and reads everything back.</summary>
/// <remarks>
/// The procedures' return code is 0 after a failure (facts: backup-job.md §7), so it is never asked. What a killed run leaves
/// behind: at most one set whose SetComplete is 0, its files, and the flag that makes the next scheduled backup a full.
/// </remarks>
public sealed class BackupRunner
{
    private readonly RecoveryPorts _ports;
    private readonly InstanceDirectory _directory;

    /// <summary>Creates a runner.</summary>
    public BackupRunner(RecoveryPorts ports, InstanceDirectory directory)
    {
        _ports = ports;
        _directory = directory;
    }

    /// <summary>Runs the plan.</summary>
    /// <returns>One set for each backup made: a full, a log set, or both in this order.</returns>
    /// <exception cref="RecoveryException">
    /// <see cref="RecoveryError.BackupFailed"/> or the error the server's number stands for; <see cref="RecoveryError.BackupSetIncomplete"/>;
    /// <see cref="RecoveryError.BackupNotConfirmed"/>; <see cref="RecoveryError.FullBackupMissing"/>; when the full has to be a quiesced recovery point
    /// <see cref="RecoveryError.GroupInUse"/>, and <see cref="RecoveryError.QuiescenceUnproven"/> when all is done.
    /// </exception>
    public IReadOnlyList<BackupSet> Run(BackupPlan plan, CancellationToken cancellationToken = default)
    {
        string activity = plan.Action;
        var sets = new List<BackupSet>();
        using ISqlInstance management = _ports.Sql.Open(_directory.AddressOf(plan.Group.ManagementServer), cancellationToken);
        var manifests = new BackupManifestWriter(_ports, plan.Group);
        var watch = new GroupWatch(_ports, _directory, plan);
        bool forced = false;
        try
        {
            RefuseLogWithoutFull(plan, management, cancellationToken);
            RefuseInvisibleFolder(plan, watch, cancellationToken);
            RefuseWhatIsAtWork(plan, watch, cancellationToken);
            for (int i = 0; i < plan.Steps.Count; i++)
            {
                BackupStep step = plan.Steps[i];
                _ports.Log.Verbose(step.Text);
                _ports.Log.Progress(activity, null, step.Text, i * 100 / plan.Steps.Count);
                forced |= step.Call.Procedure == GroupProcedure.ForceFullBackup;
                (BackupSet? set, Quiescence? seen) = RunStep(plan, step, management, watch, activity, cancellationToken);
                if (set is not null)
                {
                    sets.Add(manifests.Write(set, seen));
                    forced = false;
                }
            }

            // Last: reading big fulls must not put off the mark.
            foreach (BackupSet set in sets)
            {
                manifests.AddHashes(set, cancellationToken);
            }
        }
        catch (RecoveryException error) when (forced || sets.Count > 0)
        {
            throw WithWhatCameBefore(error, forced, sets);
        }
        finally
        {
            _ports.Log.Progress(activity, null, "Done", 100, completed: true);
        }

        if (plan.Request.RequireQuiesced && manifests.WhyNotQuiesced is { } why)
        {
            throw Unproven(plan, sets, why);
        }

        return sets;
    }

    private static RecoveryException Unproven(BackupPlan plan, IReadOnlyList<BackupSet> sets, string why)
    {
        BackupSet full = sets.First(s => s.Kind == BackupSetKind.Full);
        string log = string.Concat(sets.Where(s => s.Kind == BackupSetKind.Log).Select(s => $" The log set {s.SetId} after it is complete and confirmed; its mark is a recovery point."));
        return new RecoveryException(RecoveryError.QuiescenceUnproven, plan.Group, $"That nothing was at work in group '{plan.Group.Name}' while its full set {full.SetId} was written is not proven: {why}.")
        {
            StateLeftBehind = $"The full set {full.SetId} is complete and confirmed, but it is no quiesced recovery point.{log}",
            PartialResult = full,
        };
    }

    /// <summary>Refuses, before anything is done, a group with something at work when the full has to prove that nothing was.</summary>
    private static void RefuseWhatIsAtWork(BackupPlan plan, GroupWatch watch, CancellationToken cancellationToken)
    {
        if (!plan.Request.RequireQuiesced)
        {
            return;
        }

        IReadOnlyList<string> atWork = watch.Look(cancellationToken).AtWork();
        cancellationToken.ThrowIfCancelled(plan.Group, "Looking at what is at work");
        if (atWork.Count > 0)
        {
            throw new RecoveryException(RecoveryError.GroupInUse, plan.Group, $"The group '{plan.Group.Name}' is not at rest: {string.Join("; ", atWork)}.") { StateLeftBehind = "Nothing was done." };
        }
    }

    private static void RefuseLogWithoutFull(BackupPlan plan, ISqlInstance management, CancellationToken cancellationToken)
    {
        if (plan.Request.Type == BackupType.Log
            && !management.ReadBackupHistory(plan.Group.ManagementDatabase, 0, cancellationToken).Any(r => !r.IsLog && r.SetComplete))
        {
            throw new RecoveryException(RecoveryError.FullBackupMissing, plan.Group.Name, $"The group '{plan.Group.Name}' has no complete full backup yet; a log set alone cannot be restored. Nothing was done.");
        }
    }

    /// <summary>Refuses a folder that an instance of the group does not see, before the group's flag for a full is touched.</summary>
    private void RefuseInvisibleFolder(BackupPlan plan, GroupWatch watch, CancellationToken cancellationToken)
    {
        if (plan.Request.Destination.IndexOf("://", StringComparison.Ordinal) > 0)
        {
            return;
        }

        foreach (IGrouping<string, GroupMember> server in plan.MembersByServer())
        {
            ISqlInstance instance;
            try
            {
                instance = _ports.Sql.Open(_directory.AddressOf(server.First()), cancellationToken);
            }
            catch (RecoveryException error) when (error.Code is not RecoveryError.OperationCancelled)
            {
                // Only the Management instance need be reachable from here; the procedure says what the others cannot do.
                _ports.Log.Verbose($"{server.Key} was not asked whether it sees the folder: {error.Message}");
                watch.NotReachable(server.Key, error.Message);
                continue;
            }

            using (instance)
            {
                if (!instance.ListFolder(plan.Request.Destination, cancellationToken).IsVisible)
                {
                    throw new RecoveryException(RecoveryError.FolderNotVisibleToServer, plan.Request.Destination, $"The instance '{server.Key}' cannot see the folder '{plan.Request.Destination}'. Nothing was done.");
                }
            }
        }
    }

    private static RecoveryException WithWhatCameBefore(RecoveryException error, bool forced, IReadOnlyList<BackupSet> sets)
    {
        string before = string.Join(" ", sets.Select(s => $"Set {s.SetId} ({s.Kind}) before it is complete and confirmed."));
        string left = string.Join(" ", new[] { error.StateLeftBehind, before, forced ? "The next scheduled backup will still be a full." : null }.Where(t => !string.IsNullOrEmpty(t)));
        return new RecoveryException(error.Code, error.Target, error.Message, error.Hint, error) { StateLeftBehind = left, PartialResult = error.PartialResult ?? (sets.Count > 0 ? sets[sets.Count - 1] : null) };
    }

    private (BackupSet? Set, Quiescence? Seen) RunStep(BackupPlan plan, BackupStep step, ISqlInstance management, GroupWatch watch, string activity, CancellationToken cancellationToken)
    {
        string database = plan.Group.ManagementDatabase;
        long before = management.ReadBackupHistory(database, 0, cancellationToken).Select(r => r.SetId).DefaultIfEmpty(0).Max();
        GroupLook? first = step.Produces == BackupSetKind.Full ? watch.Look(cancellationToken) : null;
        StatementOutcome outcome;
        try
        {
            outcome = management.RunProcedure(step.Call, message => Report(message, activity), cancellationToken);
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.ConnectionLost or RecoveryError.OperationCancelled)
        {
            throw new RecoveryException(error.Code, plan.Group, $"{step.Text}: {error.Message}", error.Hint, error) { StateLeftBehind = DescribeAfterLoss(plan, before) };
        }

        _ports.Log.Debug($"{outcome.Statement}  -- {outcome.Elapsed.TotalMilliseconds:0} ms");
        if (outcome.Cause is { } cause)
        {
            throw Failure(plan, step, cause, step.Produces is null ? [] : management.ReadBackupHistory(database, before, cancellationToken));
        }

        if (step.Produces is not { } kind)
        {
            return (null, null);
        }

        Quiescence? seen = first is null ? null : GroupLook.Between(first, watch.Look(cancellationToken));
        var readBack = new BackupReadBack(_ports, _directory, plan);
        return (readBack.Confirm(kind, management, before, cancellationToken), seen);
    }

    private void Report(ServerMessage message, string activity)
    {
        if (message.Number == 3211)
        {
            _ports.Log.Progress(activity, null, message.Text, 50);
        }
        else
        {
            _ports.Log.Debug(message.ToString());
        }
    }

    private string DescribeAfterLoss(BackupPlan plan, long before)
    {
        try
        {
            using ISqlInstance again = _ports.Sql.Open(_directory.AddressOf(plan.Group.ManagementServer), CancellationToken.None);
            return Describe(again.ReadBackupHistory(plan.Group.ManagementDatabase, before, CancellationToken.None));
        }
        catch (RecoveryException error)
        {
            return $"What the procedure did is not known: {error.Message}";
        }
    }

    private static RecoveryException Failure(BackupPlan plan, BackupStep step, ServerMessage cause, IReadOnlyList<HistoryRow> rows)
    {
        RecoveryError code = SqlErrorMap.From(cause.Number) switch
        {
            RecoveryError.BackupMediaUnreadable => RecoveryError.BackupMediaNotWritable,
            RecoveryError.FullBackupMissing or RecoveryError.BackupProceduresMissing or RecoveryError.LinkedServerFailed or RecoveryError.MarkFailed
                or RecoveryError.RecoveryModelUnsuitable or RecoveryError.BackupMediaNotWritable or RecoveryError.PermissionDenied
                or RecoveryError.NotEnoughSpace or RecoveryError.DatabaseNotFound => SqlErrorMap.From(cause.Number)!.Value,
            _ => RecoveryError.BackupFailed,
        };
        return new RecoveryException(code, plan.Group, $"{step.Text} of group '{plan.Group.Name}' failed: {cause.Number}, {cause.Text}")
        {
            StateLeftBehind = Describe(rows),
        };
    }

    private static string Describe(IReadOnlyList<HistoryRow> rows)
    {
        if (rows.Count == 0)
        {
            return "The history has no new row: no file of this run can be relied on.";
        }

        HistoryRow last = rows[rows.Count - 1];
        int count = rows.Count(r => r.SetId == last.SetId);
        return $"The history has set {last.SetId} with {count} files in '{last.Location}', {(last.SetComplete ? "complete" : "incomplete")}.";
    }
}
