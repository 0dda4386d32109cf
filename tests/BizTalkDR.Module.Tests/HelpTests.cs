using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace BizTalkDR.Module.Tests;

/// <summary>The pages say what the classes are, and Get-Help gets what the pages say.</summary>
public sealed class HelpTests : IDisposable
{
    private static readonly string[] s_common = ["WhatIf", "Confirm"];
    private static readonly XNamespace s_command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace s_dev = "http://schemas.microsoft.com/maml/dev/2004/10";
    private static readonly XNamespace s_maml = "http://schemas.microsoft.com/maml/2004/10";

    private readonly string _folder = Directory.CreateTempSubdirectory("help").FullName;

    public static TheoryData<string> Names => [.. CmdletClass.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_parameter_is_documented_and_no_other(string name)
    {
        CmdletClass cmdlet = CmdletClass.ByName(name);
        IEnumerable<string> expected = cmdlet.Parameters.Select(p => p.Name).Concat(cmdlet.SupportsShouldProcess ? s_common : []);
        Assert.Equal(expected.Order(StringComparer.Ordinal), Parameters(name).Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_parameter_is_documented_as_it_is(string name)
    {
        Dictionary<string, (string Text, Dictionary<string, string> Facts)> pages = Parameters(name);
        foreach (CmdletParameter parameter in CmdletClass.ByName(name).Parameters)
        {
            (string text, Dictionary<string, string> facts) = pages[parameter.Name];
            Assert.True(text.Length > 10, $"{parameter.Name} has no text.");
            string Fact(string key, string otherwise) => facts.GetValueOrDefault(key, otherwise);
            Assert.Equal(
                (parameter.Name, parameter.TypeName, parameter.IsMandatory ? "True" : "False", parameter.Position, string.Join(", ", parameter.Aliases), parameter.PipelineInput, string.Join(", ", parameter.Sets)),
                (parameter.Name, Fact("Type", "?"), Fact("Required", "?"), Fact("Position", "?"), Fact("Aliases", string.Empty), Fact("Accept pipeline input", "False"), Fact("Parameter Sets", string.Empty)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_outputs_on_the_page_are_those_of_the_class(string name)
    {
        CmdletClass cmdlet = CmdletClass.ByName(name);
        string outputs = Section(File.ReadAllText(Page(name)), "OUTPUTS");
        Assert.Equal(
            cmdlet.OutputTypes.Count == 0 ? ["None"] : cmdlet.OutputTypes.Select(t => t.FullName!),
            outputs.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Examples_use_parameters_that_exist(string name)
    {
        foreach (string line in Regex.Matches(File.ReadAllText(Page(name)), "```powershell\n(?<code>.*?)```", RegexOptions.Singleline).SelectMany(m => m.Groups["code"].Value.Split('\n')))
        {
            CmdletClass? cmdlet = CmdletClass.All.SingleOrDefault(c => Regex.IsMatch(line, $@"\b{Regex.Escape(c.Name)}\b"));
            if (cmdlet is null)
                continue;
            string after = line[line.IndexOf(cmdlet.Name, StringComparison.Ordinal)..].Split('|', ')')[0][cmdlet.Name.Length..];
            IEnumerable<string> known = cmdlet.Parameters.SelectMany(p => p.Aliases.Append(p.Name)).Concat(["Verbose", "Debug"]).Concat(cmdlet.SupportsShouldProcess ? s_common : []);
            foreach (Match used in Regex.Matches(after, @"(?<=\s)-(?<name>[A-Za-z]+)"))
                Assert.Contains(used.Groups["name"].Value, known);
        }
    }

    [Fact]
    public void The_package_has_help_for_every_cmdlet_with_its_syntax()
    {
        XElement help = XDocument.Load(Path.Combine(Repository.Package, "en-US", "BizTalkDR.Module.dll-Help.xml")).Root!;
        Assert.Equal(CmdletClass.All.Select(c => c.Name), help.Elements(s_command + "command").Select(Name).Order(StringComparer.Ordinal));
        foreach (XElement command in help.Elements(s_command + "command"))
        {
            CmdletClass cmdlet = CmdletClass.ByName(Name(command));
            Assert.Equal(cmdlet.Verb, command.Element(s_command + "details")!.Element(s_command + "verb")!.Value);
            Assert.Equal(cmdlet.Noun, command.Element(s_command + "details")!.Element(s_command + "noun")!.Value);
            Assert.NotEmpty(command.Element(s_command + "examples")!.Elements().Where(e => e.Element(s_dev + "code")!.Value.Length > 0));
            int sets = Math.Max(1, cmdlet.Parameters.SelectMany(p => p.Sets).Distinct().Count());
            List<XElement> syntax = command.Element(s_command + "syntax")!.Elements(s_command + "syntaxItem").ToList();
            Assert.Equal(sets, syntax.Count);
            Assert.All(syntax, s => Assert.NotEmpty(s.Elements(s_command + "parameter")));
            Assert.All(command.Element(s_command + "parameters")!.Elements(), p => Assert.NotEqual(string.Empty, p.Element(s_maml + "description")!.Value));
        }
    }

    [Fact]
    public void The_help_builder_refuses_a_page_without_an_example()
    {
        File.WriteAllText(Path.Combine(_folder, "Get-Thing.md"), "# Get-Thing\n\n## SYNOPSIS\nGets.\n\n## DESCRIPTION\nGets it.\n");
        (int code, string errors) = Build();
        Assert.Equal(1, code);
        Assert.Contains("Get-Thing", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void The_help_builder_refuses_a_heading_it_does_not_know()
    {
        File.WriteAllText(Path.Combine(_folder, "Get-Thing.md"), "# Get-Thing\n\n## SYNOPSIS\nGets.\n\n## DESCRIPTOIN\nGets it.\n");
        (int code, string errors) = Build();
        Assert.Equal(1, code);
        Assert.Contains("DESCRIPTOIN", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void The_help_builder_keeps_what_a_page_says()
    {
        File.WriteAllText(
            Path.Combine(_folder, "Get-Thing.md"),
            "# Get-Thing\n\n## SYNOPSIS\nGets a <thing>.\n\n## DESCRIPTION\nFirst.\n\nSecond.\n\n## EXAMPLES\n\n### Example 1: Get\n```powershell\nGet-Thing -Name 'a & b'\n```\n\nGets it.\n\n"
            + "## PARAMETERS\n\n### -Name\nIts name.\n\n```yaml\nType: String[]\nRequired: True\nPosition: 0\n```\n\n## INPUTS\n\nNone\n\n## OUTPUTS\n\nSystem.String\n");
        File.WriteAllText(Path.Combine(_folder, "about_Thing.md"), "# about_Thing\n");
        Assert.Equal((0, string.Empty), Build());
        XElement command = XDocument.Load(Path.Combine(_folder, "out", "BizTalkDR.Module.dll-Help.xml")).Root!.Element(s_command + "command")!;
        Assert.Equal("Gets a <thing>.", command.Element(s_command + "details")!.Element(s_maml + "description")!.Value);
        Assert.Equal(["First.", "Second."], command.Element(s_maml + "description")!.Elements().Select(e => e.Value));
        Assert.Equal("Get-Thing -Name 'a & b'", command.Descendants(s_dev + "code").Single().Value);
        XElement parameter = command.Element(s_command + "parameters")!.Element(s_command + "parameter")!;
        Assert.Equal(("true", "0", "String[]"), (parameter.Attribute("required")!.Value, parameter.Attribute("position")!.Value, parameter.Element(s_command + "parameterValue")!.Value));
        Assert.True(File.Exists(Path.Combine(_folder, "out", "about_Thing.help.txt")));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Name(XElement command) => command.Element(s_command + "details")!.Element(s_command + "name")!.Value;

    private static string Page(string name) => Repository.In("docs", "en-US", name + ".md");

    private static string Section(string page, string heading) => Regex.Match(page.Replace("\r", string.Empty, StringComparison.Ordinal), $@"^## {heading}\n(?<text>.*?)(?=^## |\z)", RegexOptions.Singleline | RegexOptions.Multiline).Groups["text"].Value;

    private static Dictionary<string, (string Text, Dictionary<string, string> Facts)> Parameters(string name) =>
        Regex.Matches(Section(File.ReadAllText(Page(name)), "PARAMETERS"), @"^### -(?<name>\w+)\n(?<text>.*?)```yaml\n(?<facts>.*?)```", RegexOptions.Singleline | RegexOptions.Multiline)
            .ToDictionary(
                m => m.Groups["name"].Value,
                m => (m.Groups["text"].Value.Trim(), m.Groups["facts"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(':', 2)).ToDictionary(l => l[0].Trim(), l => l[1].Trim())));

    private (int Code, string Errors) Build()
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in (string[])["exec", Repository.In("eng", "HelpBuilder", "bin", Repository.Configuration, "net8.0", "HelpBuilder.dll"), _folder, Path.Combine(_folder, "out")])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors);
    }
}
