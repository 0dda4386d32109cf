using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Asks a member's server for everything <see cref="ResumeDecision"/> needs.</summary>
internal static class ResumeReader
{
    /// <summary>Reads the evidence on a connection that holds the lock of the member's statements: nothing moves while it looks.</summary>
    public static ResumeEvidence Read(MemberPlan member, RestoreJournalRecord record, ISqlInstance instance, CancellationToken cancellationToken)
    {
        DatabaseFacts? database = ExistingReader.Read(instance, member.Database, cancellationToken);
        return new ResumeEvidence(
            member,
            record.Plan.Mark,
            database,
            database is null ? [] : instance.ReadRedoFiles(member.Database, cancellationToken),
            instance.ReadRestoreHistory(member.Database, member.Steps.Count + 8, cancellationToken))
        {
            TailStarted = record.TailAttempts(member) > 0,
            Kept = member.Keeps is { } kept ? ExistingReader.Read(instance, kept.As, cancellationToken) : null,
            FullStarted = record.HasStartedFull(member),
            GatePassed = record.GatePassed,
            UndoFileThere = database is { IsInStandby: true } ? LooksForUndoFile(member, instance, cancellationToken) : null,
        };
    }

    private static bool? LooksForUndoFile(MemberPlan member, ISqlInstance instance, CancellationToken cancellationToken)
    {
        if (member.StandbyFile is not { } file)
        {
            return null;
        }

        try
        {
            string name = ServerPath.NameOf(file);
            ServerFolder folder = instance.ListFolder(file.Substring(0, file.Length - name.Length), cancellationToken);
            return folder.IsVisible ? folder.Files.Any(f => string.Equals(f.Name, name, StringComparison.OrdinalIgnoreCase)) : null;
        }
        catch (RecoveryException error) when (error.Code is RecoveryError.PermissionDenied or RecoveryError.StatementFailed)
        {
            return null;
        }
    }
}
