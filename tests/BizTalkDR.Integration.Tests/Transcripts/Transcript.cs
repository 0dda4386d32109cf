using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Reports;
using BizTalkDR.Restore;
using Xunit;

namespace BizTalkDR.Integration.Tests.Transcripts;

/// <summary>Everything an operation says, statements included, beside the text that somebody has read and approved.</summary>
/// <remarks>
/// What differs from run to run is numbered by its first appearance, so that a transcript still shows which mark, LSN or file is meant.
/// With <c>BIZTALKDR_APPROVE=1</c> what is said now becomes the approved text: read the difference before you commit it.
/// </remarks>
internal sealed partial class Transcript : IRecoveryLog
{
    private readonly StringBuilder _text = new();
    private readonly List<(string Member, string Text)> _atOnce = [];
    private Phase _phase;

    public void Write(RecoveryLogEntry entry)
    {
        if (entry.Level == RecoveryLogLevel.Progress)
            return;
        string text = entry.Level switch { RecoveryLogLevel.Debug => "SQL: ", RecoveryLogLevel.Warning => "WARNING: ", _ => string.Empty } + entry.Text;
        lock (_text)
        {
            if (Member().Match(entry.Text) is not { Success: true } member)
            {
                Say(text);
                return;
            }

            if (_phase != PhaseOf(text))
                Flush();
            _phase = PhaseOf(text);
            _atOnce.Add((member.Groups["name"].Value, text));
        }
    }

    public void Title(string title) => Say((_text.Length + _atOnce.Count == 0 ? "# " : "\n# ") + title);

    public void Say(string text)
    {
        Flush();
        _text.Append(text.TrimEnd()).Append('\n');
    }

    /// <summary>What members say who work at once has no order; each one's own words have, and no member may be a phase ahead.</summary>
    private void Flush()
    {
        foreach ((_, string said) in _atOnce.OrderBy(m => m.Member, StringComparer.Ordinal))
            _text.Append(said.TrimEnd()).Append('\n');
        _atOnce.Clear();
    }

    private static Phase PhaseOf(string text) => text.Contains(" SET MULTI_USER ", StringComparison.Ordinal) ? Phase.Open : text.Contains(" WITH RECOVERY", StringComparison.Ordinal) ? Phase.Recover
        : text.Contains("RESTORE ", StringComparison.Ordinal) || text.Contains(": Restore the ", StringComparison.Ordinal) ? Phase.Restore : Phase.Prepare;

    public void Result(RestoreResult result)
    {
        Title("Result");
        Say(result.ToString());
        foreach (MemberResult member in result.Members)
        {
            Say(FormattableString.Invariant($"{member.Name} on {member.DestinationInstance}: {member.State ?? "unknown"}, {(member.ReachedMark ? "reached" : "did not reach")} the mark, redo LSN {member.RedoLsn}, mark at {member.MarkLsn}, newest mark {member.NewestMark}"));
            foreach (TailResult tail in member.Tails)
                Say($"  its tail is in {tail}, {tail.FirstLsn} to {tail.LastLsn}");
        }

        foreach (Finding finding in result.Findings)
            Say($"{finding}");
    }

    public void Error(RecoveryException error)
    {
        Title($"Error {error.Code} ({error.Category})");
        Say($"{error.Message}\nNext: {error.Hint}");
        if (error.StateLeftBehind is { } left)
            Say($"Left behind: {left}");
    }

    /// <summary>Compares with the approved text.</summary>
    /// <param name="folders">Folders whose place differs from run to run, with the word for each.</param>
    public void IsApproved(IEnumerable<(string Folder, string Word)> folders, [CallerMemberName] string name = "", [CallerFilePath] string source = "")
    {
        string file = Path.Combine(Path.GetDirectoryName(source)!, name + ".txt");
        Say(string.Empty);
        string said = Plain(_text.ToString(), folders).TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable("BIZTALKDR_APPROVE") == "1")
            File.WriteAllText(file, said);
        Assert.True(File.Exists(file), $"{file} does not exist: approve what is said with BIZTALKDR_APPROVE=1.");
        string[] approved = File.ReadAllText(file).ReplaceLineEndings("\n").Split('\n');
        string[] now = said.Split('\n');
        int line = Enumerable.Range(0, Math.Max(approved.Length, now.Length)).FirstOrDefault(i => approved.ElementAtOrDefault(i) != now.ElementAtOrDefault(i), -1);
        Assert.True(line < 0, FormattableString.Invariant(
            $"{Path.GetFileName(file)}, line {line + 1}: approved is\n  {approved.ElementAtOrDefault(line)}\nand said was\n  {now.ElementAtOrDefault(line)}\nWhole:\n{said}"));
    }

    private static string Plain(string text, IEnumerable<(string Folder, string Word)> folders)
    {
        foreach ((string folder, string word) in folders)
            text = text.Replace(folder.TrimEnd('/'), $"<{word}>", StringComparison.Ordinal);
        text = Elapsed().Replace(text, "<duration>");
        text = text.Replace(", at least <duration> of work", string.Empty, StringComparison.Ordinal);
        text = Numbered(Guids(), text, "guid");
        text = Numbered(Addresses(), text, "address");
        text = Numbered(Marks(), text, "mark");
        text = Numbered(FileTimes(), text, "stamp");
        text = Numbered(Lsns(), text, "lsn");
        text = Times().Replace(text, "<time>");
        return Sizes().Replace(text, "<size>");
    }

    private static string Numbered(Regex what, string text, string word)
    {
        Dictionary<string, int> known = new(StringComparer.OrdinalIgnoreCase);
        return what.Replace(text, m =>
        {
            if (!known.TryGetValue(m.Value, out int number))
                known.Add(m.Value, number = known.Count + 1);
            return string.Create(CultureInfo.InvariantCulture, $"<{word} {number}>");
        });
    }

    private enum Phase
    {
        Prepare,
        Restore,
        Recover,
        Open,
    }

    [GeneratedRegex(@"^(?<name>\w+) on \w+: |^\w+ (DATABASE|LOG) \[(?<name>\w+)\]")]
    private static partial Regex Member();

    [GeneratedRegex(@"\b[0-9]+(\.[0-9]+)? (ms|s|min)\b")]
    private static partial Regex Elapsed();

    [GeneratedRegex(@"\b[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b|\b[0-9a-f]{32}\b")]
    private static partial Regex Guids();

    [GeneratedRegex(@"\b(127\.0\.0\.1|localhost),[0-9]+")]
    private static partial Regex Addresses();

    [GeneratedRegex(@"\bBTS_[0-9]{4}(_[0-9]{2}){5}_[0-9]{2,3}\b")]
    private static partial Regex Marks();

    [GeneratedRegex(@"[0-9]{4}(_[0-9]{2}){5}_[0-9]{2,3}")]
    private static partial Regex FileTimes();

    [GeneratedRegex(@"\b[0-9]{16,25}\b")]
    private static partial Regex Lsns();

    [GeneratedRegex(@"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?Z?|\b[0-9]{2}:[0-9]{2}:[0-9]{2}(?= UTC)")]
    private static partial Regex Times();

    [GeneratedRegex(@"\b[0-9]+(\.[0-9]+)? (bytes|KB|MB|GB)\b")]
    private static partial Regex Sizes();
}
