using System;
using System.Collections.Generic;
using BizTalkDR.Catalogue;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Writes one member's chain as steps.</summary>
internal static class RestoreSteps
{
    /// <summary>Gives the steps to the mark.</summary>
    public static IReadOnlyList<RestoreStep> Of(MemberChain chain, string database, DestinationFacts destination, RestorePlanInput input, DatabaseFacts? replaced, TailStatement? tail, KeptDatabase? kept)
    {
        var steps = new List<RestoreStep>();
        if ((replaced ?? kept?.Database) is { IsOnline: true, IsInStandby: false })
        {
            steps.Add(new RestoreStep(1, "End every connection to the existing database (single user)") { Access = DatabaseAccess.SingleUser });
        }

        if (kept is not null)
        {
            steps.Add(new RestoreStep(steps.Count + 1, $"Keep the existing database under the name {kept.As}; its files stay where they are") { KeepAs = kept.As });
        }

        if (tail is not null)
        {
            string how = tail.IsDamaged ? "Back up what can be read of the tail of its log" : "Back up the tail of its log, which leaves it RESTORING,";
            steps.Add(new RestoreStep(steps.Count + 1, $"{how} to {tail.Path}") { Tail = tail });
        }

        steps.Add(Step(steps, $"Restore the full backup {chain.Full}", chain.Full, StatementOf(RestoreAction.Full, database, chain.Full) with
        {
            Moves = FileLayout.Moves(KeepPlanner.FileNameOf(database, kept, input), input.FileLists[chain.Member], destination.Identity, input.Request.Files),
            Replace = replaced is not null,
            Transfer = TransferSize.Of(chain.Full, destination.FreeMemoryBytes, input.Request.Limits),
        }));
        if (chain.Differential is { } differential)
        {
            steps.Add(Step(steps, $"Restore the differential backup {differential}", differential, StatementOf(RestoreAction.Differential, database, differential) with
            {
                Transfer = TransferSize.Of(differential, destination.FreeMemoryBytes, input.Request.Limits),
            }));
        }

        foreach (MediaBackup log in chain.Logs)
        {
            steps.Add(LogStep(steps, chain, log, database, input.Point.Mark));
        }

        return steps;
    }

    private static RestoreStep LogStep(List<RestoreStep> steps, MemberChain chain, MediaBackup log, string database, string mark)
    {
        RestoreStatement statement = StatementOf(RestoreAction.Log, database, log);
        if (ReferenceEquals(log, chain.Last))
        {
            return Step(steps, $"Restore the log {log} up to the mark", log, statement with { StopAtMark = mark }) with { HoldsMark = true };
        }

        if (chain.Turns.TryGetValue(log, out KnownMark? turn))
        {
            return Step(steps, $"Restore the log {log} up to the mark {turn.Name}, where the next log leaves its recovery fork", log, statement with { StopAtMark = turn.Name }) with { LeavesFork = true };
        }

        // SQL Server takes no stop clause on a log with bulk-logged changes (4341); the mark lies behind this one anyway.
        return Step(steps, $"Restore the log {log}", log, log.Header.HasBulkLoggedData ? statement : statement with { StopAtMark = mark });
    }

    private static RestoreStep Step(List<RestoreStep> before, string text, MediaBackup backup, RestoreStatement statement) => new(before.Count + 1, text) { Backup = backup, Statement = statement };

    private static RestoreStatement StatementOf(RestoreAction action, string database, MediaBackup backup) => new(action, database)
    {
        Path = backup.Path,
        Stripes = backup.Stripes,
        Position = backup.Header.Position,
        Checksum = backup.Header.HasBackupChecksums,
    };
}
