using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using BizTalkDR.Errors;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>A job of SQL Server Agent that a restore switched off.</summary>
/// <param name="Server">Real name of its instance.</param>
/// <param name="Id">Its id in msdb.</param>
/// <param name="Name">Its name.</param>
public sealed record DisabledJob(string Server, Guid Id, string Name);

/// <summary>What the journal of a restore says: its plan, and how far it came.</summary>
/// <param name="Path">The journal.</param>
/// <param name="Plan">The plan its first line holds.</param>
/// <param name="StartedUtc">When the restore began.</param>
public sealed record RestoreJournalRecord(string Path, RestorePlan Plan, DateTime StartedUtc)
{
    /// <summary>How the restore of a backup on a secondary replica begins in the journal.</summary>
    internal const string CopyStep = "restore ";

    /// <summary>Events, by line; a line that a kill cut short is left out.</summary>
    public IReadOnlyList<JournalLine> Lines { get; init; } = [];

    /// <summary>Whether the gate passed.</summary>
    public bool GatePassed => Lines.Any(l => l.Event == "gate-passed");

    /// <summary>Whether the restore came to its end.</summary>
    public bool IsDone => Lines.Any(l => l.Event == "run-done");

    /// <summary>Jobs that were switched off and not on again.</summary>
    public IReadOnlyList<DisabledJob> DisabledJobs
    {
        get
        {
            var jobs = new Dictionary<(string, Guid), DisabledJob>();
            foreach (JournalLine line in Lines.Where(l => l.Event is "job-off" or "job-on"))
            {
                if (Guid.TryParse(line["id"], out Guid id) && line["destination"] is { } server)
                {
                    if (line.Event == "job-off")
                    {
                        jobs[(server, id)] = new DisabledJob(server, id, line["job"] ?? string.Empty);
                    }
                    else
                    {
                        jobs.Remove((server, id));
                    }
                }
            }

            return jobs.Values.ToList();
        }
    }

    /// <summary>Whether the restore of a member's full backup was begun, or anything after it.</summary>
    public bool HasStartedFull(MemberPlan member)
    {
        int full = member.Steps.FirstOrDefault(s => s.Statement?.Action == RestoreAction.Full)?.Number ?? 1;
        return Lines.Any(l => l.Event == "step-start"
            && IsOf(l, member)
            && int.TryParse(l["number"], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= full);
    }

    /// <summary>Whether any step of a member was begun.</summary>
    public bool HasStartedAny(MemberPlan member) => Lines.Any(l => l.Event == "step-start" && IsOf(l, member));

    /// <summary>Where the log of a member ended when this restore had closed it; null when it had not, or nobody could tell.</summary>
    public string? LogEndOf(MemberPlan member) => Lines.LastOrDefault(l => l.Event == "step-closed" && IsOf(l, member))?["logEnd"];

    /// <summary>Whether a copy of a member was begun on a secondary replica.</summary>
    public bool HasBegunCopy(MemberPlan member, string server) =>
        Lines.Any(l => l.Event == "availability-start" && IsOf(l, member) && string.Equals(l["instance"], server, StringComparison.OrdinalIgnoreCase) && l["step"]?.StartsWith(CopyStep, StringComparison.Ordinal) == true);

    /// <summary>How often the backup of a member's tail was begun.</summary>
    public int TailAttempts(MemberPlan member) => TailStarts(member).Count();

    /// <summary>Where the next log backup of a member would have begun when the first backup of its tail was; null when that is not known.</summary>
    public LogPosition? TailFrom(MemberPlan member) =>
        decimal.TryParse(TailStarts(member).FirstOrDefault()?["from"], NumberStyles.None, CultureInfo.InvariantCulture, out decimal from) ? new LogPosition(from) : null;

    /// <summary>The backups of a member's tail that were read back whole.</summary>
    public IReadOnlyList<TailResult> TailsOf(MemberPlan member)
    {
        var tails = new List<TailResult>();
        foreach (JournalLine line in Lines.Where(l => l.Event == "tail" && IsOf(l, member)))
        {
            if (line["path"] is { } path
                && int.TryParse(line["position"], NumberStyles.None, CultureInfo.InvariantCulture, out int position)
                && Guid.TryParse(line["set"], out Guid set)
                && decimal.TryParse(line["firstLsn"], NumberStyles.None, CultureInfo.InvariantCulture, out decimal first)
                && decimal.TryParse(line["lastLsn"], NumberStyles.None, CultureInfo.InvariantCulture, out decimal last))
            {
                tails.Add(new TailResult(path, position, set, new LogPosition(first), new LogPosition(last)));
            }
        }

        return tails;
    }

    /// <summary>Reads a journal.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.JournalInvalid"/>; <see cref="RecoveryError.PlanInvalid"/> when its plan was edited.</exception>
    public static RestoreJournalRecord Read(string path)
    {
        List<JournalLine> lines = ReadLines(path);
        if (lines.Count == 0 || lines[0].Event != "run-start" || lines[0]["plan"] is not { } plan || lines[0].TimeUtc is not { } started)
        {
            throw new RecoveryException(RecoveryError.JournalInvalid, path, $"The file '{path}' does not begin with the plan of a restore; if it was cut short there, nothing had been done.");
        }

        return new RestoreJournalRecord(path, RestorePlanFile.FromJson(plan, path), started) { Lines = lines };
    }

    /// <summary>Finds the newest journal of a folder: of the restore that began last.</summary>
    /// <exception cref="RecoveryException">
    /// <see cref="RecoveryError.JournalInvalid"/>: there is none; <see cref="RecoveryError.PlanInvalid"/>: the plan of one that did not come to its end cannot be used;
    /// <see cref="RecoveryError.NothingToResume"/>: the newest came to its end, and its plan cannot be used.
    /// </exception>
    public static RestoreJournalRecord Newest(string folder)
    {
        RestoreJournalRecord? newest = null;
        (string Path, DateTime StartedUtc)? ended = null;
        try
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*.jsonl"))
            {
                try
                {
                    RestoreJournalRecord record = Read(file);
                    newest = newest is null || record.StartedUtc > newest.StartedUtc ? record : newest;
                }
                catch (RecoveryException error) when (error.Code is RecoveryError.JournalInvalid)
                {
                    // Not a journal, or cut short before anything was done: there is nothing to resume in it.
                    continue;
                }
                catch (RecoveryException error) when (error.Code is RecoveryError.PlanInvalid && ReadLines(file) is var lines && lines.Exists(l => l.Event == "run-done"))
                {
                    // Nothing is to be resumed in it, so it does not matter that its plan is refused today; but nothing older is resumed instead.
                    DateTime started = lines[0].TimeUtc!.Value;
                    ended = ended is null || started > ended.Value.StartedUtc ? (file, started) : ended;
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new RecoveryException(RecoveryError.JournalInvalid, folder, $"The folder '{folder}' cannot be searched for journals: {error.Message}", cause: error);
        }

        if (ended is { } last && (newest is null || last.StartedUtc > newest.StartedUtc))
        {
            throw new RecoveryException(RecoveryError.NothingToResume, last.Path, $"The restore in the journal '{last.Path}', the newest of the folder, came to its end.");
        }

        return newest ?? throw new RecoveryException(RecoveryError.JournalInvalid, folder, $"The folder '{folder}' holds no journal of a restore.");
    }

    private IEnumerable<JournalLine> TailStarts(MemberPlan member) => member.Steps.FirstOrDefault(s => s.Tail is not null) is { } step
        ? Lines.Where(l => l.Event == "step-start" && IsOf(l, member) && l["number"] == step.Number.ToString(CultureInfo.InvariantCulture))
        : [];

    private static bool IsOf(JournalLine line, MemberPlan member) => line["member"] == member.Database && line["destination"] == member.DestinationServer;

    private static List<JournalLine> ReadLines(string path)
    {
        string[] texts;
        try
        {
            // A run that is still going on writes to it.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            texts = reader.ReadToEnd().Split('\n');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new RecoveryException(RecoveryError.JournalInvalid, path, $"The journal '{path}' cannot be read: {error.Message}", cause: error);
        }

        var lines = new List<JournalLine>();
        bool torn = false;
        for (int i = 0; i < texts.Length; i++)
        {
            if (texts[i].Trim().Length == 0)
            {
                continue;
            }

            JournalLine? line = JournalLine.TryParse(texts[i]);

            // A kill cuts the last line short; a resumed run goes on below it. Anywhere else the file was damaged.
            if (torn && line is not { Event: "run-resume" })
            {
                throw new RecoveryException(RecoveryError.JournalInvalid, path, $"The journal '{path}' is damaged before its line {i + 1}.");
            }

            torn = line is null;
            if (line is not null)
            {
                lines.Add(line);
            }
        }

        return lines;
    }
}
