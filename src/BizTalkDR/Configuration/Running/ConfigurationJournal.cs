using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Errors;
using BizTalkDR.Restore;

namespace BizTalkDR.Configuration;

/// <summary>What the journal of a computer's recovery says.</summary>
/// <param name="Path">The journal.</param>
/// <param name="Computer">The computer that is brought back.</param>
/// <param name="SourceComputer">The computer whose backup it is brought back from.</param>
/// <param name="ManifestUtc">Time of the backup.</param>
/// <param name="Parts">Parts that were asked for.</param>
public sealed record ConfigurationJournal(string Path, string Computer, string SourceComputer, string ManifestUtc, IReadOnlyList<ConfigurationPart> Parts)
{
    internal const string Started = "computer-start";
    internal const string StepStarted = "computer-step-start";
    internal const string StepEnded = "computer-step-end";
    internal const string Resumed = "computer-resume";
    internal const string Done = "computer-done";

    /// <summary>Steps that are done, by key.</summary>
    public IReadOnlyCollection<string> DoneSteps { get; private init; } = [];

    /// <summary>Steps that were begun and of which nobody knows how they ended, by key.</summary>
    public IReadOnlyCollection<string> OpenSteps { get; private init; } = [];

    /// <summary>Whether the recovery came to its end.</summary>
    public bool IsDone { get; private init; }

    /// <summary>Reads a journal; a last line that a kill cut short is left out.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.JournalInvalid"/>.</exception>
    public static ConfigurationJournal Read(string path)
    {
        List<JournalLine> lines = Lines(path);
        if (lines.Count == 0 || lines[0] is not { Event: Started } first || first["computer"] is not { } computer || first["source"] is not { } source || first["manifestUtc"] is not { } taken)
            throw Invalid(path, $"The file '{path}' does not begin as the journal of a computer's recovery; if it was cut short there, nothing had been done.");
        HashSet<string> done = new(StringComparer.Ordinal), open = new(StringComparer.Ordinal), begunInRun = new(StringComparer.Ordinal);
        foreach (JournalLine line in lines)
        {
            if (line.Event == Resumed)
                begunInRun.Clear();
            if (line["step"] is not { } step)
                continue;
            if (line.Event == StepStarted)
            {
                open.Add(step);
                begunInRun.Add(step);
                done.Remove(step);
            }
            else if (line.Event == StepEnded)
            {
                // A run that was resumed only asked about a step that was cut short before it: nobody knows yet whether it took effect.
                if (line["state"] != nameof(StepState.Manual) || begunInRun.Contains(step))
                    open.Remove(step);
                if (line["state"] is nameof(StepState.Done) or nameof(StepState.NotNeeded) or nameof(StepState.Confirmed))
                    done.Add(step);
            }
        }

        return new ConfigurationJournal(path, computer, source, taken, PartsOf(first["parts"], path)) { DoneSteps = done, OpenSteps = open, IsDone = lines.Any(l => l.Event == Done) };
    }

    /// <summary>Reads a journal, or of a folder the newest of a computer.</summary>
    /// <exception cref="RecoveryException">JournalInvalid; NothingToResume: there is none of that computer, or it came to its end.</exception>
    public static ConfigurationJournal Find(string path, string computer)
    {
        ConfigurationJournal? found = !Directory.Exists(path) ? Read(path) : new DirectoryInfo(path).GetFiles("computer-*.jsonl")
            .OrderByDescending(f => f.LastWriteTimeUtc).ThenByDescending(f => f.Name, StringComparer.Ordinal)
            .Select(f => Read(f.FullName)).FirstOrDefault(j => string.Equals(j.Computer, computer, StringComparison.OrdinalIgnoreCase));
        if (found is null || found.IsDone)
        {
            throw new RecoveryException(
                RecoveryError.NothingToResume, computer, found is null ? $"There is no journal of a recovery of {computer} in {path}." : $"The recovery of {computer} in the journal {found.Path} came to its end.",
                found is null ? "Pass the journal with -JournalPath, or start the restore without -Resume." : null);
        }

        return found;
    }

    /// <summary>Refuses to go on with another computer or from another backup than the journal's.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.JournalInvalid"/>.</exception>
    public void Refuse(string computer, ComputerManifest manifest)
    {
        bool isOurs = string.Equals(Computer, computer, StringComparison.OrdinalIgnoreCase) && string.Equals(SourceComputer, manifest.Computer, StringComparison.OrdinalIgnoreCase);
        if (!isOurs || ManifestUtc != ConfigurationRunner.TimeOf(manifest))
        {
            throw new RecoveryException(
                RecoveryError.JournalInvalid, Path, $"The journal '{Path}' is of {Computer} from the backup of {SourceComputer} of {ManifestUtc}, not of {computer} from that of {manifest.Computer} of {ConfigurationRunner.TimeOf(manifest)}.",
                "Pass the journal that belongs to this computer and this backup, or start the restore without -Resume.");
        }
    }

    private static IReadOnlyList<ConfigurationPart> PartsOf(string? text, string path) => (text ?? string.Empty).Split([','], StringSplitOptions.RemoveEmptyEntries)
        .Select(p => Enum.TryParse(p, out ConfigurationPart part) ? part : throw Invalid(path, $"The journal '{path}' names a part that this version does not know: {p}.")).ToList();

    private static List<JournalLine> Lines(string path)
    {
        string[] texts;
        try
        {
            texts = File.ReadAllLines(path).Where(l => l.Length > 0).ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Invalid(path, $"The journal '{path}' cannot be read: {e.Message}", e);
        }

        List<JournalLine> lines = [];
        for (int i = 0; i < texts.Length; i++)
        {
            if (JournalLine.TryParse(texts[i]) is { } line)
                lines.Add(line);
            else if (i < texts.Length - 1 && JournalLine.TryParse(texts[i + 1]) is not { Event: Resumed })
                throw Invalid(path, $"Line {i + 1} of the journal '{path}' is damaged.");
        }

        return lines;
    }

    private static RecoveryException Invalid(string path, string message, Exception? cause = null) =>
        new(RecoveryError.JournalInvalid, path, message, "Pass the journal of a restore of a computer, or start the restore without -Resume.", cause);
}
