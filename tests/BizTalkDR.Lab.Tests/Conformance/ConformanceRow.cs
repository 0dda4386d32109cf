using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using BizTalkDR.Lab.Tests.Foreign;

namespace BizTalkDR.Lab.Tests.Conformance;

/// <summary>A row of the conformance table: what is said, what Microsoft documents, where, and what the lab does when that is something else.</summary>
/// <param name="Documented">See README.md beside the rows for the words.</param>
/// <param name="Deviation">What the lab does instead; null = as documented.</param>
internal sealed partial record ConformanceRow(string Area, int Line, string Statement, string Documented, string Source, string? Deviation)
{
    public bool IsSetup => Documented == "setup";

    /// <summary>What the test expects.</summary>
    public string Expected => Deviation ?? Documented;

    public string Id => $"{Area} {Line}";

    public static IReadOnlyList<ConformanceRow> All { get; } = [.. Directory.EnumerateFiles(Path.Combine(Folder(), "rows"), "*.tsv").Order(StringComparer.Ordinal).SelectMany(Read)];

    /// <summary>Splits a statement at its marks: <c>[ON login]</c> first, <c>[GO]</c>, <c>[GO 2]</c> on another connection, <c>[GO~]</c> without waiting for the answer.</summary>
    public IReadOnlyList<ConversationPart> Parts(string database)
    {
        string text = Statement.Replace("\\n", "\n", StringComparison.Ordinal);
        string on = "1";
        Match first = On().Match(text);
        if (first.Success)
        {
            on = first.Groups[1].Value;
            text = text[first.Length..];
        }

        List<ConversationPart> parts = [];
        HashSet<string> seen = [];
        bool wait = true;
        int start = 0;
        foreach (Match? mark in Go().Matches(text).Cast<Match?>().Append(null))
        {
            if (char.IsAsciiDigit(on[0]) && !IsSetup && seen.Add(on))
                parts.Add(new ConversationPart(on, $"USE {database}"));
            parts.Add(new ConversationPart(on, text[start..(mark?.Index ?? text.Length)], wait));
            if (mark is null)
                break;
            start = mark.Index + mark.Length;
            wait = !mark.Groups[1].Success;
            on = mark.Groups[2].Success ? mark.Groups[2].Value : on;
        }

        return parts;
    }

    private static IEnumerable<ConformanceRow> Read(string path) => File.ReadLines(path).Select((line, index) => (Fields: line.Split('\t'), Line: index + 1)).Where(row => row.Fields[0].Length > 0)
        .Select(row => row.Fields.Length is 3 or 4
            ? new ConformanceRow(Path.GetFileNameWithoutExtension(path), row.Line, row.Fields[0], row.Fields[1], row.Fields[2], row.Fields.Length == 4 ? row.Fields[3] : null)
            : throw new InvalidDataException($"{path} line {row.Line}: three or four fields are expected, separated by tabs."));

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

    [GeneratedRegex(@"^\[ON (\w+)\]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex On();

    [GeneratedRegex(@"\[GO(~)?(?: (\w+))?\]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Go();
}
