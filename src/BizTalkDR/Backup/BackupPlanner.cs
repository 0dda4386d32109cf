using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Groups;
using BizTalkDR.Ports;

namespace BizTalkDR.Backup;

/// <summary>Plans a backup of a whole group by the group's own procedures, the only supported way while BizTalk runs.</summary>
public static class BackupPlanner
{
    /// <summary>Length of the procedures' parameter @MarkName.</summary>
    public const int MaxMarkNameLength = 8;

    /// <summary>Length of the procedures' parameter @BackupPath.</summary>
    public const int MaxDestinationLength = 128;

    /// <summary>Checks the request and puts the calls in order.</summary>
    /// <exception cref="RecoveryException">
    /// <see cref="RecoveryError.MarkNameTooLong"/>, <see cref="RecoveryError.MarkNameInvalid"/>, <see cref="RecoveryError.DestinationTooLong"/>,
    /// <see cref="RecoveryError.DestinationInvalid"/>, <see cref="RecoveryError.QuiescenceNotPossible"/>, <see cref="RecoveryError.MemberUnresolved"/>.
    /// </exception>
    /// <remarks>
    /// SQL Server cuts arguments that are too long for a parameter without a word (facts: backup-job.md §6), so lengths are
    /// checked before anything else.
    /// </remarks>
    public static BackupPlan Plan(BizTalkGroup group, BackupRequest request)
    {
        Check(request);
        GroupMember? unresolved = group.Members.FirstOrDefault(m => m.Server is null);
        if (unresolved is not null)
        {
            throw new RecoveryException(
                RecoveryError.MemberUnresolved, unresolved, $"The server '{unresolved.ConfiguredServer}' of member '{unresolved.Database}' does not answer through the Management instance '{group.ManagementServer}'.");
        }

        return new BackupPlan(group, request, StepsOf(group.ManagementDatabase, request).ToList());
    }

    /// <summary>Refuses what no server needs to be asked about.</summary>
    /// <exception cref="RecoveryException">
    /// <see cref="RecoveryError.MarkNameTooLong"/>, <see cref="RecoveryError.MarkNameInvalid"/>, <see cref="RecoveryError.DestinationTooLong"/>,
    /// <see cref="RecoveryError.DestinationInvalid"/>, <see cref="RecoveryError.QuiescenceNotPossible"/>.
    /// </exception>
    public static void Check(BackupRequest request)
    {
        CheckMarkName(request.MarkName);
        CheckDestination(request.Destination);
        if (request.RequireQuiesced)
        {
            CheckQuiescence(request);
        }
    }

    private static void CheckQuiescence(BackupRequest request)
    {
        if (request.Type == BackupType.Log)
        {
            throw new RecoveryException(RecoveryError.QuiescenceNotPossible, request.Type, "A log set is consistent by its mark; only a full set can prove that nothing was at work.");
        }

        if (request.Destination.IndexOf("://", StringComparison.Ordinal) > 0)
        {
            throw new RecoveryException(RecoveryError.QuiescenceNotPossible, request.Destination, $"The proof is in the manifest beside the files, and none is written to the container '{request.Destination}'.");
        }
    }

    /// <summary>Refuses a mark name that SQL Server would cut or that would spoil file names.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.MarkNameTooLong"/>, <see cref="RecoveryError.MarkNameInvalid"/>.</exception>
    public static void CheckMarkName(string? markName)
    {
        if (string.IsNullOrEmpty(markName))
        {
            throw new RecoveryException(RecoveryError.MarkNameInvalid, markName, "The mark name is empty.");
        }

        if (markName!.Length > MaxMarkNameLength)
        {
            throw new RecoveryException(RecoveryError.MarkNameTooLong, markName, $"The mark name '{markName}' has {markName.Length} characters; SQL Server would cut it to {MaxMarkNameLength} without a word.");
        }

        if (!markName.All(c => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9')))
        {
            throw new RecoveryException(RecoveryError.MarkNameInvalid, markName, $"The mark name '{markName}' holds something else than letters and digits.");
        }
    }

    /// <summary>Refuses a folder that SQL Server would cut or that nobody configured.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.DestinationTooLong"/>, <see cref="RecoveryError.DestinationInvalid"/>.</exception>
    public static void CheckDestination(string? destination)
    {
        if (string.IsNullOrWhiteSpace(destination))
        {
            throw new RecoveryException(RecoveryError.DestinationInvalid, destination, "The destination is empty.");
        }

        if (destination!.Length > MaxDestinationLength)
        {
            throw new RecoveryException(RecoveryError.DestinationTooLong, destination, $"The destination '{destination}' has {destination.Length} characters; SQL Server would cut it to {MaxDestinationLength} without a word.");
        }

        if (destination.Any(char.IsControl) || destination.IndexOfAny(['<', '>', '|', '"', '*', '\'']) >= 0)
        {
            throw new RecoveryException(RecoveryError.DestinationInvalid, destination, $"The destination '{destination}' holds a character that no folder of a backup may have.");
        }

        if (!ServerPath.IsFull(destination))
        {
            throw new RecoveryException(RecoveryError.DestinationInvalid, destination, $"The destination '{destination}' is not a full path, so each SQL Server would take it for another folder.");
        }
    }

    private static IEnumerable<BackupStep> StepsOf(string database, BackupRequest request)
    {
        if (request.Compression is { } compress)
        {
            yield return new BackupStep(
                compress ? "Set the group's backup compression on" : "Set the group's backup compression off",
                new GroupProcedureCall(database, GroupProcedure.SetBackupCompression) { Compression = compress },
                null);
        }

        if (request.Type != BackupType.Log)
        {
            yield return new BackupStep("Make the next scheduled backup a full", new GroupProcedureCall(database, GroupProcedure.ForceFullBackup), null);
            yield return new BackupStep("Back up every database in full", CallOf(database, GroupProcedure.BackupAllFull, request), BackupSetKind.Full);
        }

        if (request.Type != BackupType.Full)
        {
            yield return new BackupStep("Mark every log, then back up every log", CallOf(database, GroupProcedure.MarkAll, request), BackupSetKind.Log);
        }
    }

    private static GroupProcedureCall CallOf(string database, GroupProcedure procedure, BackupRequest request) => new(database, procedure)
    {
        MarkName = request.MarkName,
        Path = request.Destination,
        UseLocalTime = request.UseLocalTime,
    };
}
