using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Loss;

/// <summary>What is asked of a surviving Tracking database.</summary>
/// <param name="Instance">Where it is.</param>
/// <param name="Database">Its name there.</param>
public sealed record DataLossRequest(SqlInstanceAddress Instance, string Database)
{
    /// <summary>The mark that the group was restored to; null when a time is given.</summary>
    public string? Mark { get; init; }

    /// <summary>The time, when no mark is given.</summary>
    public DateTime? AfterUtc { get; init; }
}

/// <summary>What was found out about the database before its instances are read.</summary>
/// <param name="Database">The database; null when there is none of that name.</param>
/// <param name="MarkLog">What its MarkLog says of the mark; null when no mark is given, or it cannot be read.</param>
/// <param name="MarkHistory">The mark in msdb of this instance; null when msdb does not know it or may not be read.</param>
/// <param name="LastRestore">The newest restore of the database; null when it was never restored here.</param>
/// <param name="UtcOffset">The server's local time minus UTC.</param>
public sealed record DataLossEvidence(DatabaseFacts? Database, MarkLogFacts? MarkLog, MarkHistoryRow? MarkHistory, RestoreHistoryRow? LastRestore, TimeSpan UtcOffset);

/// <summary>Decides whether a database can tell what came after a mark, and what did. Pure.</summary>
internal static class DataLossJudge
{
    private static readonly TimeSpan Close = TimeSpan.FromMinutes(5);

    /// <summary>Gives the time after which things are lost.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="evidence">What is known of the database.</param>
    /// <param name="doubt">What could not be checked; null when nothing.</param>
    /// <exception cref="RecoveryException">
    /// <see cref="RecoveryError.DatabaseNotFound"/>, <see cref="RecoveryError.TrackingNotReadable"/>, <see cref="RecoveryError.InvalidName"/>, <see cref="RecoveryError.LogMarkNotFound"/>,
    /// <see cref="RecoveryError.TrackingNotAhead"/>, <see cref="RecoveryError.MarkTimeUncertain"/>: it cannot answer.
    /// </exception>
    public static DateTime From(DataLossRequest request, DataLossEvidence evidence, out string? doubt)
    {
        string where = $"{request.Database} on {request.Instance.Name}";
        doubt = null;
        RefuseUnreadable(request, evidence.Database, where);
        if (request.AfterUtc is { } after)
        {
            RefuseRestoredTo(evidence.LastRestore, stop => stop.Time <= after, where);
            return after;
        }

        LogMark mark = LogMark.TryParse(request.Mark)
            ?? throw new RecoveryException(RecoveryError.InvalidName, request.Mark, $"'{request.Mark}' is not a mark of a BizTalk group.", "Pass the mark as the restore's result or Get-BizTalkRecoveryPoint gives it, or a time with -After.");
        RefuseRestoredTo(evidence.LastRestore, stop => string.CompareOrdinal(stop.Stamp, mark.Stamp) <= 0, where);
        RefuseStranger(mark, evidence.MarkLog, where);
        doubt = DoubtOf(mark, evidence, where);
        return DateTime.SpecifyKind(mark.Time, DateTimeKind.Utc);
    }

    /// <summary>Gives what happened from that time on.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.TrackingNotReadable"/> or <see cref="RecoveryError.TrackingNotAhead"/>: nothing it holds tells.</exception>
    public static IReadOnlyList<LostInstance> Lost(DataLossRequest request, DateTime fromUtc, TrackingFacts facts)
    {
        string where = $"{request.Database} on {request.Instance.Name}";
        if (facts.MissingColumns.Count > 0)
        {
            throw new RecoveryException(RecoveryError.TrackingNotReadable, where, $"{where} lacks what a Tracking database has: the view dbo.dtav_ServiceFacts with {string.Join(", ", facts.MissingColumns.Select(c => $"[{c}]"))}.");
        }

        if (facts.Instances.Count == 0)
        {
            throw new RecoveryException(
                RecoveryError.TrackingNotAhead,
                where,
                $"{where} knows of nothing that started or ended at {Utc(fromUtc)} or later{(facts.NewestUtc is { } newest ? $"; its newest instance is of {Utc(newest)}" : ", nor of any instance at all")}. That does not show that nothing was lost.");
        }

        return facts.Instances.Select(i => LostFrom(i, fromUtc, where)).ToList();
    }

    /// <summary>Says how far the answer goes.</summary>
    public static IEnumerable<string> Limits(DataLossRequest request, TrackingFacts facts, DateTime nowUtc)
    {
        yield return $"What {request.Database} on {request.Instance.Name} knows ends at {Utc(facts.NewestUtc!.Value)}. What was not tracked, or was still on its way there from the MessageBox, is not listed.";
        if (facts.NewestUtc - nowUtc > Close)
        {
            yield return "That time has not come yet: the tracked times are no UTC, or a clock is wrong, so what is listed may be too much or too little.";
        }
    }

    private static LostInstance LostFrom(TrackedInstance instance, DateTime fromUtc, string where)
    {
        bool started = instance.StartedUtc >= fromUtc;
        bool ended = instance.EndedUtc >= fromUtc;
        return new LostInstance(instance.InstanceId, started ? ended ? LossKind.StartedAndCompleted : LossKind.Started : LossKind.Completed, instance.Service)
        {
            ServiceType = instance.ServiceType,
            ActivityId = instance.ActivityId,
            Host = instance.Host,
            State = instance.State,
            StartedUtc = instance.StartedUtc,
            EndedUtc = instance.EndedUtc,
            Source = where,
        };
    }

    private static void RefuseUnreadable(DataLossRequest request, DatabaseFacts? database, string where)
    {
        if (database is null)
        {
            throw new RecoveryException(RecoveryError.DatabaseNotFound, where, $"The instance '{request.Instance.Name}' has no database '{request.Database}'.", "Name the instance that still has the Tracking database; with -Database its name there, or the name of a copy that survived.");
        }

        if (!database.IsOnline)
        {
            throw new RecoveryException(RecoveryError.TrackingNotReadable, where, $"{where} is {database.State} and cannot be read.");
        }
    }

    /// <summary>What was itself restored to the mark holds nothing of what came after it: what it holds beyond is the restored group's own.</summary>
    private static void RefuseRestoredTo(RestoreHistoryRow? restore, Func<LogMark, bool> isNoLater, string where)
    {
        if (LogMark.TryParse(restore?.StopAtMark) is { } stop && isNoLater(stop))
        {
            throw new RecoveryException(RecoveryError.TrackingNotAhead, where, $"{where} was itself restored to the mark '{stop}': what it holds beyond is the work of the restored group, not what was lost.");
        }
    }

    private static void RefuseStranger(LogMark mark, MarkLogFacts? log, string where)
    {
        if (log is { MarkCount: > 0 })
        {
            return;
        }

        if (LogMark.IsNewer(mark.Text, log?.NewestMark))
        {
            throw new RecoveryException(RecoveryError.TrackingNotAhead, where, $"The newest mark of {where} is '{log!.NewestMark}', older than '{mark}': it cannot know what came after.");
        }

        throw new RecoveryException(
            RecoveryError.LogMarkNotFound, where, $"The mark '{mark}' is not in MarkLog of {where}: it is no copy from this group, or the mark was cleaned up there.", "Name another copy with -Database; or, when you know that it is of this group, pass the time of the mark with -After.");
    }

    /// <summary>The stamp of a mark is UTC unless the backup job uses local time; msdb notes when the mark was placed, in the server's local time (logmarkhistory).</summary>
    private static string? DoubtOf(LogMark mark, DataLossEvidence evidence, string where)
    {
        if (evidence.MarkHistory is not { } row)
        {
            return $"Whether the stamp of '{mark}' is UTC could not be checked: msdb of the instance of {where} does not tell when it was placed. It was taken as UTC; when the backup job uses local time, pass the UTC time with -After.";
        }

        TimeSpan ahead = row.MarkedLocal - mark.Time;
        TimeSpan odd = TimeSpan.FromTicks(Math.Abs(ahead.Ticks) % TimeSpan.FromMinutes(15).Ticks);
        bool isOffset = ahead.Duration() <= TimeSpan.FromHours(14) + Close && (odd <= Close || TimeSpan.FromMinutes(15) - odd <= Close);
        bool isLocal = ahead.Duration() <= Close && evidence.UtcOffset.Duration() > Close;
        return isOffset && !isLocal ? null : throw new RecoveryException(
            RecoveryError.MarkTimeUncertain,
            mark.Text,
            isLocal
                ? $"The stamp of '{mark}' is local time of its server, which msdb notes too; it is not known how far that was from UTC then."
                : $"msdb notes that '{mark}' was placed at {row.MarkedLocal.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} local time, which does not fit its stamp.");
    }

    private static string Utc(DateTime time) => time.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture) + " UTC";
}
