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
            throw new RecoveryException(RecoveryError.JournalInvalid, path, $"The file '{path}' does not begin as the journal of a computer's recovery; if it was cut short there, nothing had been done.");
        HashSet<string> done = new(StringComparer.Ordinal), open = new(StringComparer.Ordinal);
        foreach (JournalLine line in lines.Where(l => l["step"] is not null))
        {
            string step = line["step"]!;
            if (line.Event == StepStarted)
            {
                open.Add(step);
                done.Remove(step);
            }
            else if (line.Event == StepEnded)
            {
                open.Remove(step);
                if (line["state"] is nameof(StepState.Done) or nameof(StepState.NotNeeded) or nameof(StepState.Confirmed))
                    done.Add(step);
            }
        }

        return new ConfigurationJournal(path, computer, source, taken, PartsOf(first["parts"], path)) { DoneSteps = done, OpenSteps = open, IsDone = lines.Any(l => l.Event == Done) };
    }

    /// <summary>Gives the newest journal of a folder.</summary>
    /// <exception cref="RecoveryException">NothingToResume: there is none that did not come to its end.</exception>
    public static ConfigurationJournal Newest(string folder, string computer)
    {
        IEnumerable<FileInfo> files = Directory.Exists(folder) ? new DirectoryInfo(folder).GetFiles("computer-*.jsonl").OrderByDescending(f => f.LastWriteTimeUtc).ThenByDescending(f => f.Name, StringComparer.Ordinal) : [];
        foreach (FileInfo file in files)
        {
            if (ConfigurationJournal.Read(file.FullName) is var journal && string.Equals(journal.Computer, computer, StringComparison.OrdinalIgnoreCase))
                return journal;
        }

        throw new RecoveryException(RecoveryError.NothingToResume, computer, $"There is no journal of a recovery of {computer} in {folder}.", "Pass the journal with -JournalPath, or start the restore without -Resume.");
    }

    private static IReadOnlyList<ConfigurationPart> PartsOf(string? text, string path) => (text ?? string.Empty).Split([','], StringSplitOptions.RemoveEmptyEntries)
        .Select(p => Enum.TryParse(p, out ConfigurationPart part) ? part : throw new RecoveryException(RecoveryError.JournalInvalid, path, $"The journal '{path}' names a part that this version does not know: {p}.")).ToList();

    private static List<JournalLine> Lines(string path)
    {
        string[] texts;
        try
        {
            texts = File.ReadAllLines(path).Where(l => l.Length > 0).ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecoveryException(RecoveryError.JournalInvalid, path, $"The journal '{path}' cannot be read: {e.Message}", cause: e);
        }

        List<JournalLine> lines = [];
        for (int i = 0; i < texts.Length; i++)
        {
            if (JournalLine.TryParse(texts[i]) is { } line)
                lines.Add(line);
            else if (i < texts.Length - 1 && JournalLine.TryParse(texts[i + 1]) is not { Event: Resumed })
                throw new RecoveryException(RecoveryError.JournalInvalid, path, $"Line {i + 1} of the journal '{path}' is damaged.");
        }

        return lines;
    }
}
