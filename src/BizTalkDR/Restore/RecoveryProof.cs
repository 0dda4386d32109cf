using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Everything the second proof judges one recovered member by.</summary>
/// <param name="Mark">The mark, or the name of the quiesced point.</param>
/// <param name="Database">State of the database; null when it is not there.</param>
/// <param name="MarkLog">Its MarkLog; null when it could not be read.</param>
/// <param name="History">Newest rows of restorehistory, newest first.</param>
public sealed record ProofEvidence(string Mark, DatabaseFacts? Database, MarkLogFacts? MarkLog, IReadOnlyList<RestoreHistoryRow> History)
{
    /// <summary>family_guid that the backups name; empty when they name none.</summary>
    public Guid ExpectedFamily { get; init; }

    /// <summary>The mark with the latest stamp that MarkLog can hold; by default the mark itself.</summary>
    public string NewestMark { get; init; } = Mark;

    /// <summary>What a member at a quiesced point must show; null at a mark.</summary>
    public QuiescedEvidence? Quiesced { get; init; }
}

/// <summary>Decides whether a recovered member is what it should be. Pure.</summary>
public static class RecoveryProof
{
    /// <summary>Gives what does not hold; empty when everything does.</summary>
    public static IReadOnlyList<string> Faults(ProofEvidence evidence)
    {
        var faults = new List<string>();
        if (evidence.Database is not { } database)
        {
            return ["the database is not there"];
        }

        if (!database.IsOnline || database.IsInStandby)
        {
            faults.Add($"the database is {database.State}{(database.IsInStandby ? " (standby)" : string.Empty)} instead of ONLINE");
        }

        if (database.FamilyGuid is { } family && evidence.ExpectedFamily != Guid.Empty && family != evidence.ExpectedFamily)
        {
            faults.Add("the database is another one than the backups were planned for (family GUID differs)");
        }

        if (evidence.Quiesced is { } quiesced)
        {
            AddQuiescedFaults(quiesced, evidence.MarkLog, faults);
            return faults;
        }

        AddMarkFaults(evidence, faults);
        RestoreHistoryRow? log = evidence.History.FirstOrDefault(r => r.Kind == 'L');
        if (log is null)
        {
            faults.Add("msdb's restore history has no log restore of this database");
        }
        else if (!string.Equals(log.StopAtMark, evidence.Mark, StringComparison.Ordinal))
        {
            faults.Add($"msdb's restore history says that the last log was restored to {(log.StopAtMark is null ? "its end" : $"mark '{log.StopAtMark}'")}");
        }

        return faults;
    }

    private static void AddQuiescedFaults(QuiescedEvidence quiesced, MarkLogFacts? log, List<string> faults)
    {
        if ((log is null ? "MarkLog could not be read" : quiesced.FaultOf(log)) is { } fault)
        {
            faults.Add(fault);
        }

        if (!quiesced.IsRestored)
        {
            faults.Add("msdb's restore history does not end with the full backup of the set");
        }
    }

    private static void AddMarkFaults(ProofEvidence evidence, List<string> faults)
    {
        if (evidence.MarkLog is not { TableExists: true } log)
        {
            faults.Add("MarkLog could not be read");
            return;
        }

        if (log.MarkCount != 1)
        {
            faults.Add($"MarkLog holds the mark '{evidence.Mark}' {log.MarkCount} times instead of once");
        }

        if (LogMark.IsNewer(log.NewestMark, evidence.NewestMark))
        {
            faults.Add($"MarkLog holds the newer mark '{log.NewestMark}'");
        }
    }
}
