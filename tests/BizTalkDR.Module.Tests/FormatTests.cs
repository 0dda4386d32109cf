using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace BizTalkDR.Module.Tests;

/// <summary>Views name types and properties that exist; a wrong name would show an empty column and no error.</summary>
public sealed class FormatTests
{
    private static readonly XElement s_root = XDocument.Load(Repository.In("src", "BizTalkDR.Module", "Package", "BizTalkDR.Format.ps1xml")).Root!;

    public static TheoryData<string> Views => [.. s_root.Descendants("View").Select(v => v.Element("Name")!.Value)];

    [Theory]
    [MemberData(nameof(Views))]
    public void The_type_exists_and_has_every_property_the_view_shows(string name)
    {
        XElement view = View(name);
        Type type = TypeNamed(view.Element("ViewSelectedBy")!.Element("TypeName")!.Value);
        IEnumerable<string> used = view.Descendants("PropertyName").Select(p => p.Value).Concat(
            view.Descendants("ScriptBlock").Select(s => s.Value).SelectMany(OwnProperties));
        Assert.Empty(used.Distinct().Where(p => type.GetProperty(p, BindingFlags.Public | BindingFlags.Instance) is null));
    }

    [Theory]
    [MemberData(nameof(Views))]
    public void A_table_has_as_many_headers_as_columns(string name)
    {
        foreach (XElement table in View(name).Elements("TableControl"))
            Assert.Equal(table.Element("TableHeaders")!.Elements().Count(), table.Descendants("TableColumnItem").Count());
    }

    [Fact]
    public void Every_type_a_cmdlet_returns_has_one_view()
    {
        List<string> shown = s_root.Descendants("TypeName").Select(t => t.Value).ToList();
        Assert.Equal(shown.Distinct(), shown);
        Assert.Empty(CmdletClass.All.SelectMany(c => c.OutputTypes).Where(t => t != typeof(bool)).Select(t => t.FullName!).Except(shown));
    }

    [Fact]
    public void The_view_of_a_lab_says_that_it_is_simulated_and_shows_no_credential()
    {
        string view = View("BizTalkDR.BizTalkLab").ToString();
        Assert.Contains("SIMULATED", view, StringComparison.Ordinal);
        Assert.DoesNotContain("SqlCredential", view, StringComparison.Ordinal);
    }

    private static XElement View(string name) => s_root.Descendants("View").Single(v => v.Element("Name")!.Value == name);

    private static Type TypeNamed(string name) => CmdletClass.Load("BizTalkDR").GetType(name) ?? CmdletClass.Load("BizTalkDR.Module").GetType(name)
        ?? throw new InvalidOperationException($"There is no type {name}.");

    // Inside ForEach-Object, $_ is something else: only what stands before it belongs to the shown type.
    private static IEnumerable<string> OwnProperties(string script) =>
        Regex.Matches(script.Split("ForEach-Object")[0], @"\$_\.(?<name>\w+)").Select(m => m.Groups["name"].Value);
}
