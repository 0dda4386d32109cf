using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Xml.Linq;

namespace HelpBuilder;

internal static class Maml
{
    public static readonly XNamespace Msh = "http://msh";
    private static readonly XNamespace s_command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace s_dev = "http://schemas.microsoft.com/maml/dev/2004/10";
    private static readonly XNamespace s_maml = "http://schemas.microsoft.com/maml/2004/10";

    public static XElement Command(HelpPage page)
    {
        string[] name = page.Name.Split('-');
        if (name.Length != 2)
        {
            throw new FormatException($"{page.Name}: a page is named for its cmdlet, Verb-Noun.");
        }

        return new XElement(
            s_command + "command",
            new XAttribute(XNamespace.Xmlns + "command", s_command),
            new XAttribute(XNamespace.Xmlns + "dev", s_dev),
            new XAttribute(XNamespace.Xmlns + "maml", s_maml),
            new XElement(
                s_command + "details",
                new XElement(s_command + "name", page.Name),
                new XElement(s_command + "verb", name[0]),
                new XElement(s_command + "noun", name[1]),
                Paragraphs(s_maml + "description", page.Synopsis)),
            Paragraphs(s_maml + "description", page.Description),
            new XElement(s_command + "syntax", SyntaxItems(page)),
            new XElement(s_command + "parameters", page.Parameters.Select(p => Parameter(p, true))),
            new XElement(s_command + "inputTypes", page.Inputs.Select(t => TypeItem("inputType", t))),
            new XElement(s_command + "returnValues", page.Outputs.Select(t => TypeItem("returnValue", t))),
            new XElement(s_maml + "alertSet", new XElement(s_maml + "alert", page.Notes.Select(t => new XElement(s_maml + "para", t)))),
            new XElement(s_command + "examples", page.Examples.Select(Example)));
    }

    private static IEnumerable<XElement> SyntaxItems(HelpPage page)
    {
        List<string> sets = page.Parameters.SelectMany(p => p.Sets).Where(s => !string.Equals(s, "(All)", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).ToList();
        if (sets.Count == 0)
        {
            sets.Add("(All)");
        }

        return sets.Select(set => new XElement(
            s_command + "syntaxItem",
            new XElement(s_maml + "name", page.Name),
            page.Parameters
                .Where(p => p.Sets.Contains(set, StringComparer.Ordinal) || p.Sets.Contains("(All)", StringComparer.Ordinal))
                .OrderBy(p => int.TryParse(p.Fact("Position", "Named"), NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : int.MaxValue)
                .Select(p => Parameter(p, false))));
    }

    private static XElement Parameter(HelpParameter parameter, bool withText)
    {
        string type = parameter.Fact("Type", "String");
        bool isSwitch = string.Equals(type, "SwitchParameter", StringComparison.Ordinal);
        bool required = string.Equals(parameter.Fact("Required", "False"), "True", StringComparison.OrdinalIgnoreCase);
        return new XElement(
            s_command + "parameter",
            new XAttribute("required", required ? "true" : "false"),
            new XAttribute("globbing", parameter.Fact("Accept wildcard characters", "False").ToLowerInvariant()),
            new XAttribute("pipelineInput", parameter.Fact("Accept pipeline input", "False")),
            new XAttribute("position", parameter.Fact("Position", "named").ToLowerInvariant()),
            new XAttribute("aliases", parameter.Fact("Aliases", "none")),
            new XElement(s_maml + "name", parameter.Name),
            withText ? Paragraphs(s_maml + "description", parameter.Text) : null,
            isSwitch ? null : new XElement(s_command + "parameterValue", new XAttribute("required", "true"), type),
            new XElement(s_dev + "type", new XElement(s_maml + "name", type)),
            new XElement(s_dev + "defaultValue", parameter.Fact("Default value", "None")));
    }

    private static XElement Example(HelpExample example) => new(
        s_command + "example",
        new XElement(s_maml + "title", example.Title),
        new XElement(s_dev + "code", example.Code),
        Paragraphs(s_dev + "remarks", example.Text));

    private static XElement TypeItem(string kind, string text) => new(
        s_command + kind, new XElement(s_dev + "type", new XElement(s_maml + "name", text)));

    private static XElement Paragraphs(XName name, IEnumerable<string> text) => new(name, text.Select(t => new XElement(s_maml + "para", t)));
}
