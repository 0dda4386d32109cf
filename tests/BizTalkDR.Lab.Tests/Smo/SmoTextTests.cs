using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using BizTalkDR.Lab.Tests.Tds;
using Xunit;
using Xunit.Abstractions;

namespace BizTalkDR.Lab.Tests.Smo;

/// <summary>
/// The texts SMO sends (facts: smo-and-tds.md, appendix B), each known by a hash of its words: real SMO sends it to the lab, and the lab answers with the columns and
/// types, or the messages, SQL Server's documentation gives it.
/// </summary>
[Collection("tds")]
public sealed partial class SmoTextTests(CertificateFolder certificate, ITestOutputHelper output)
{
    [Fact]
    public void Each_text_of_smo_is_answered_with_its_columns_and_types()
    {
        using SmoSession session = new(certificate);
        session.Run();
        RecordedText[] texts = [.. session.Recorder.Texts];
        ILookup<string, RecordedText> seen = texts.ToLookup(t => HashOf(t.Text, session.Root));
        List<string> wrong = [];
        foreach (SmoText expected in SmoText.All)
        {
            string[] outcomes = [.. seen[expected.Hash].Select(t => t.Outcome).Distinct()];
            if (!outcomes.Contains(expected.Outcome))
                wrong.Add($"{expected.Id}: {expected.Outcome}\n  but  {(outcomes.Length == 0 ? "SMO did not send it" : string.Join("\n  and  ", outcomes))}");
        }

        HashSet<string> known = [.. SmoText.All.Select(t => t.Hash)];
        foreach (IGrouping<string, RecordedText> other in seen.Where(s => !known.Contains(s.Key)))
            output.WriteLine($"{other.Key} not in the table: {Plain(other.First().Text, session.Root)[..Math.Min(400, Plain(other.First().Text, session.Root).Length)]} => {other.First().Outcome}");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static string HashOf(string text, string root) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Plain(text, root))))[..16];

    /// <summary>Leaves out what differs from run to run: folder, session, identity, database asked for, time of a script; and how words are set apart.</summary>
    private static string Plain(string text, string root)
    {
        text = text.Replace(root, string.Empty, StringComparison.Ordinal);
        text = ScriptDate().Replace(text, "Script Date: <now>");
        text = DatabaseAsked().Replace(text, "has_dbaccess(N'labdb')");
        text = SessionIdOfKill().Replace(text, "KILL 77");
        text = SessionIdOfText().Replace(text, "'77 is not active");
        text = MediaSetId().Replace(text, "media_set_id = 0");
        return Blank().Replace(text, " ").Trim();
    }

    [GeneratedRegex(@"Script Date: [^*]*?(?= \*)")]
    private static partial Regex ScriptDate();

    [GeneratedRegex(@"has_dbaccess\(N'\w*'\)")]
    private static partial Regex DatabaseAsked();

    [GeneratedRegex(@"KILL \d+")]
    private static partial Regex SessionIdOfKill();

    [GeneratedRegex(@"'\d+ is not active")]
    private static partial Regex SessionIdOfText();

    [GeneratedRegex(@"media_set_id = \d+")]
    private static partial Regex MediaSetId();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();

    private sealed record SmoText(string Id, string Hash, string Outcome)
    {
        public static IReadOnlyList<SmoText> All { get; } = [.. File.ReadLines(Path.Combine(Folder(), "smo-texts.txt"))
            .Where(l => l.Length > 0 && l[0] != '#')
            .Select(l => l.Split('|', 3, StringSplitOptions.TrimEntries))
            .Select(p => new SmoText(p[0], p[1], p[2]))];

        private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
    }
}
