using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace BizTalkDR.Module.Tests;

/// <summary>What the manifest, the classes, the pages, the tests and the changelog must agree on.</summary>
public sealed class ConventionTests
{
    private static IEnumerable<string> Cmdlets => CmdletClass.All.Select(c => c.Name);

    [Fact]
    public void The_manifest_exports_every_cmdlet_class_and_nothing_else()
    {
        Assert.Equal(Cmdlets, Repository.ManifestList(Repository.Manifest, "CmdletsToExport").Order(StringComparer.Ordinal));
        Assert.Empty(Repository.ManifestList(Repository.Manifest, "FunctionsToExport"));
        Assert.Empty(Repository.ManifestList(Repository.Manifest, "AliasesToExport"));
        Assert.Empty(Repository.ManifestList(Repository.Manifest, "VariablesToExport"));
    }

    [Fact]
    public void Every_cmdlet_has_one_page() => Assert.Equal(
        Cmdlets,
        Directory.GetFiles(Repository.In("docs", "en-US"), "*.md").Select(f => Path.GetFileNameWithoutExtension(f)!).Where(n => !n.StartsWith("about_", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_cmdlet_has_one_Pester_file() => Assert.Equal(
        Cmdlets,
        Directory.GetFiles(Repository.In("tests", "Pester"), "*-*.Tests.ps1").Select(f => Path.GetFileName(f).Replace(".Tests.ps1", string.Empty, StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Fact]
    public void There_is_one_version()
    {
        string version = XDocument.Load(Repository.In("Directory.Build.props")).Descendants("Version").Single().Value;
        Assert.Equal(version, Repository.ManifestValue(Repository.Manifest, "ModuleVersion"));
        Match newest = Regex.Match(File.ReadAllText(Repository.In("CHANGELOG.md")), @"^## (?!\[Unreleased\])(?<version>\S+)", RegexOptions.Multiline);
        Assert.Equal(version, newest.Groups["version"].Value);
        Assert.Equal(new Version(version + ".0"), CmdletClass.Load("BizTalkDR.Module").GetName().Version);
    }

    [Fact]
    public void Nothing_that_ships_holds_a_placeholder()
    {
        Regex placeholder = new(@"\bTODO\b|\bFIXME\b|\bTBD\b|\{\{|lorem ipsum|<your |Fill in|example\.com", RegexOptions.IgnoreCase);
        string[] texts = [".md", ".psd1", ".psm1", ".ps1xml", ".xml", ".txt", ""];
        IEnumerable<string> files = Directory.EnumerateFiles(Repository.Package, "*", SearchOption.AllDirectories)
            .Where(f => texts.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))
            .Concat(Directory.EnumerateFiles(Repository.In("docs"), "*.md", SearchOption.AllDirectories));
        Assert.Empty(files.Where(f => placeholder.IsMatch(File.ReadAllText(f))));
    }

    [Fact]
    public void The_manifest_says_who_what_and_under_which_license()
    {
        foreach (string key in (string[])["RootModule", "GUID", "Author", "Description", "Copyright", "PowerShellVersion"])
            Assert.NotEqual(string.Empty, Repository.ManifestValue(Repository.Manifest, key));
        Assert.True(Guid.TryParse(Repository.ManifestValue(Repository.Manifest, "GUID"), out _));
        Assert.Contains("MIT", File.ReadAllText(Repository.In("LICENSE")), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_source_file_of_the_skin_is_short()
    {
        foreach (string file in Directory.EnumerateFiles(Repository.In("src", "BizTalkDR.Module", "Commands"), "*.cs"))
            Assert.True(File.ReadAllLines(file).Length <= 120, $"{Path.GetFileName(file)}: a cmdlet binds parameters and decides nothing.");
    }
}
