using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace BizTalkDR.Module.Tests;

/// <summary>Each row of Microsoft's checklists about computers, SSO, configuration, applications, alerts and the portal has a documented command and tests that are there.</summary>
public sealed class ChecklistTests
{
    // Titles of the rows of "Checklist: Back Up BizTalk Server" and "Checklist: Restore BizTalk Server", by what stands for them in docs/testing.md; and what those lists leave to everybody.
    private static readonly string[] s_rows =
    [
        "Back up the master secret", "Back up the configuration file", "Back up the BAM portal's application pools and virtual directories", "Back up BizTalk applications",
        "Restore the master secret", "Restore the certificate store (Standard Edition)", "Restore Enterprise SSO", "restore the group (Standard Edition: RestoreConfig.vbe)", "restore the configuration",
        "Restore BAM alerts", "Restore the BAM portal", "Restore applications",
        "Back up the computer: registry, services, configuration files", "Certificates (not covered by Microsoft's guide)",
        "Logins, jobs, linked servers and mail of the instances", "Certificates that encrypt databases and backups",
    ];

    private static readonly Lazy<List<(string Row, string Commands, string Tests)>> s_table = new(() => File.ReadLines(Repository.In("docs", "testing.md"))
        .SkipWhile(l => l != "## Rows of Microsoft's checklists").TakeWhile(l => !l.StartsWith("None of this", StringComparison.Ordinal))
        .Where(l => l.StartsWith("| ", StringComparison.Ordinal) && !l.StartsWith("| ---", StringComparison.Ordinal)).Skip(1)
        .Select(l => l.Split('|')).Select(c => (c[1].Trim(), c[2].Trim(), c[3].Trim())).ToList());

    public static TheoryData<string> Rows => [.. s_rows];

    public static TheoryData<string, string, string> Table
    {
        get
        {
            TheoryData<string, string, string> rows = [];
            foreach ((string row, string commands, string tests) in s_table.Value)
                rows.Add(row, commands, tests);
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_row_of_the_checklists_is_in_the_table(string row) => Assert.Single(s_table.Value, r => r.Row.Contains(row, StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Table))]
    public void Its_commands_have_a_page_and_its_tests_are_there(string row, string commands, string tests)
    {
        string[] cmdlets = [.. Words(commands).Select(c => c.Split(' ')[0])];
        Assert.True(cmdlets.Length > 0, row);
        Assert.All(cmdlets, c => Assert.True(File.Exists(Repository.In("docs", "en-US", c + ".md")), $"{row}: {c} has no page."));
        string[] files = [.. Words(tests).Select(t => t.EndsWith(".ps1", StringComparison.Ordinal) ? t : t + ".cs")];
        Assert.True(files.Length > 0, row);
        Assert.All(files, f =>
        {
            string file = Assert.Single(Directory.EnumerateFiles(Repository.In("tests"), f, SearchOption.AllDirectories), p => !p.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
            Assert.Matches(@"(?m)\[(Fact|Theory|PowerShellFact|ShellFact)|^\s+It '", File.ReadAllText(file));
        });
    }

    [Fact]
    public void Every_cmdlet_for_computers_stands_in_a_row() => Assert.Empty(
        CmdletClass.All.Where(c => c.Parameters.Any(p => p.Name == "ComputerName")).Select(c => c.Name)
            .Except(s_table.Value.SelectMany(r => Words(r.Commands)).Select(c => c.Split(' ')[0])).Except(["Test-BizTalkConfiguration"]));

    private static IEnumerable<string> Words(string cell) => Regex.Matches(cell, "`([^`]+)`").Select(m => m.Groups[1].Value);
}
