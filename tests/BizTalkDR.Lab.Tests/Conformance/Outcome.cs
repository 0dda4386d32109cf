using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO.Enumeration;
using System.Linq;
using BizTalkDR.Lab.Tests.Foreign;

namespace BizTalkDR.Lab.Tests.Conformance;

/// <summary>Compares what a client saw with what a row expects.</summary>
internal static class Outcome
{
    /// <summary>Says what differs; null when nothing does.</summary>
    public static string? Differs(string expected, IReadOnlyList<ClientEvent> events)
    {
        string[] wanted = expected.Split(" ; ");
        if (wanted is ["nothing"])
            return events.Any(e => e.Kind is "columns" or "error" or "failure" or "refused") ? "more than nothing: " + Describe(events) : null;
        bool wantsMessages = wanted.Any(w => w.StartsWith("info ", StringComparison.Ordinal) || w.StartsWith("print ", StringComparison.Ordinal));
        List<Seen> seen = Collect(events, wantsMessages);
        int next = 0;
        foreach (string want in wanted)
        {
            (string word, string rest) = want.IndexOf(' ', StringComparison.Ordinal) is var at and >= 0 ? (want[..at], want[(at + 1)..]) : (want, string.Empty);
            if (word == "any")
                return null;
            Seen? now = next < seen.Count ? seen[next] : null;
            if (now is null)
                return $"'{want}' is missing: {Describe(events)}";
            if (!Matches(word, rest, now))
                return $"'{want}' is expected, this came: {now}";
            next += word == "cols" ? 0 : 1;
        }

        return next == seen.Count ? null : "this came too: " + string.Join(" ; ", seen.Skip(next));
    }

    private static bool Matches(string word, string rest, Seen seen) => word switch
    {
        "cols" => seen.Columns is { } columns && string.Join(',', columns) == rest,
        "rows" => seen.Columns is not null && (rest == "*" ? seen.Rows.Count > 0 : string.Join(" / ", seen.Rows) == rest),
        "empty" => seen.Columns is not null && seen.Rows.Count == 0,
        "has" => seen.Columns is not null && seen.Rows.Exists(row => FileSystemName.MatchesSimpleExpression(Escape(rest), row, ignoreCase: false)),
        "err" => seen.Event?.Kind == "error" && IsError(rest.Split(','), seen.Event),
        "info" => seen.Event?.Kind == "info" && Number(seen.Event.Number) == rest,
        "print" => seen.Event?.Kind == "info" && seen.Event.Text == rest,
        "refused" => seen.Event?.Kind == "refused" && Number(seen.Event.Number) == rest,
        _ => throw new ArgumentException($"'{word}' is no word of the conformance table.", nameof(word)),
    };

    // Only the star has a meaning in the table.
    private static string Escape(string pattern) => pattern.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("?", "\\?", StringComparison.Ordinal);

    private static bool IsError(string[] facets, ClientEvent error) =>
        Number(error.Number) == facets[0] && (facets.Length < 2 || Number(error.Severity) == facets[1]) && (facets.Length < 3 || Number(error.State) == facets[2]);

    private static string Number(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? string.Empty;

    private static List<Seen> Collect(IReadOnlyList<ClientEvent> events, bool withMessages)
    {
        List<Seen> all = [];
        foreach (ClientEvent e in events)
        {
            if (e.Kind == "columns")
                all.Add(new Seen(e.Names, [], null));
            else if (e.Kind == "row")
                all[^1].Rows.Add(string.Join('|', e.Values!.Select(v => v ?? "NULL")));
            else if (e.Kind is "error" or "failure" or "refused" || (e.Kind == "info" && withMessages))
                all.Add(new Seen(null, [], e));
        }

        // Whether the columns of a statement that fails at its first row are sent before its error is not documented.
        return [.. all.Where((s, i) => s.Columns is null || s.Rows.Count > 0 || i + 1 == all.Count || all[i + 1].Event?.Kind != "error")];
    }

    private static string Describe(IReadOnlyList<ClientEvent> events) => string.Join(" ; ", Collect(events, withMessages: true));

    private sealed record Seen(string[]? Columns, List<string> Rows, ClientEvent? Event)
    {
        public override string ToString() => Event is { } e
            ? string.Create(CultureInfo.InvariantCulture, $"{e.Kind} {e.Number},{e.Severity},{e.State} {e.Text}")
            : $"cols {string.Join(',', Columns!)} rows {string.Join(" / ", Rows)}";
    }
}
