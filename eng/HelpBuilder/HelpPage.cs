using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Markdig;
using Markdig.Syntax;

namespace HelpBuilder;

internal sealed record HelpParameter(string Name, IReadOnlyList<string> Text, IReadOnlyDictionary<string, string> Facts)
{
    public string Fact(string key, string fallback) => Facts.TryGetValue(key, out string? value) && value.Length > 0 ? value : fallback;

    public IEnumerable<string> Sets => Fact("Parameter Sets", "(All)").Split(',').Select(s => s.Trim());
}

internal sealed record HelpExample(string Title, string Code, IReadOnlyList<string> Text);

/// <summary>One page: the headings are platyPS's, so the pages can move to it one day.</summary>
internal sealed class HelpPage
{
    public required string Name { get; init; }

    public IReadOnlyList<string> Synopsis { get; private set; } = [];

    public IReadOnlyList<string> Description { get; private set; } = [];

    public IReadOnlyList<string> Inputs { get; private set; } = [];

    public IReadOnlyList<string> Outputs { get; private set; } = [];

    public IReadOnlyList<string> Notes { get; private set; } = [];

    public List<HelpExample> Examples { get; } = [];

    public List<HelpParameter> Parameters { get; } = [];

    public static HelpPage Read(string path)
    {
        string markdown = File.ReadAllText(path);
        MarkdownDocument document = Markdown.Parse(markdown);
        var sections = Split(document, markdown, 2);
        string name = Path.GetFileNameWithoutExtension(path);
        var page = new HelpPage { Name = name };
        foreach ((string title, List<Block> blocks) in sections)
        {
            switch (title.ToUpperInvariant())
            {
                case "SYNOPSIS": page.Synopsis = Text(blocks, markdown); break;
                case "DESCRIPTION": page.Description = Text(blocks, markdown); break;
                case "INPUTS": page.Inputs = Text(blocks, markdown); break;
                case "OUTPUTS": page.Outputs = Text(blocks, markdown); break;
                case "NOTES": page.Notes = Text(blocks, markdown); break;
                case "EXAMPLES":
                    page.Examples.AddRange(Split(blocks, markdown, 3).Select(e => new HelpExample(e.Title, Code(e.Blocks), Text(e.Blocks, markdown))));
                    break;
                case "PARAMETERS":
                    page.Parameters.AddRange(Split(blocks, markdown, 3).Select(p => new HelpParameter(p.Title.TrimStart('-'), Text(p.Blocks, markdown), Facts(p.Blocks))));
                    break;
                default:
                    throw new FormatException($"{name}: unknown heading '{title}'.");
            }
        }

        if (page.Synopsis.Count == 0 || page.Description.Count == 0 || page.Examples.Count == 0)
        {
            throw new FormatException($"{name}: SYNOPSIS, DESCRIPTION and at least one example are needed.");
        }

        return page;
    }

    private static List<(string Title, List<Block> Blocks)> Split(IEnumerable<Block> blocks, string markdown, int level)
    {
        var result = new List<(string, List<Block>)>();
        foreach (Block block in blocks)
        {
            if (block is HeadingBlock heading && heading.Level <= level)
            {
                if (heading.Level == level)
                {
                    result.Add((Slice(heading, markdown).TrimStart('#').Trim(), []));
                }
            }
            else if (result.Count > 0)
            {
                result[^1].Item2.Add(block);
            }
        }

        return result;
    }

    private static List<string> Text(IEnumerable<Block> blocks, string markdown) => blocks
        .Where(b => b is not FencedCodeBlock)
        .Select(b => b is ParagraphBlock ? Plain(Slice(b, markdown)).Replace("\n", " ", StringComparison.Ordinal) : Plain(Slice(b, markdown)))
        .Where(t => t.Length > 0)
        .ToList();

    private static string Plain(string text) => text.Replace("`", string.Empty, StringComparison.Ordinal).Replace("**", string.Empty, StringComparison.Ordinal).Trim();

    private static string Slice(Block block, string markdown) => markdown.Substring(block.Span.Start, block.Span.Length).Replace("\r", string.Empty, StringComparison.Ordinal);

    private static string Code(IEnumerable<Block> blocks) => string.Join(
        "\n", blocks.OfType<FencedCodeBlock>().Where(b => !string.Equals(b.Info, "yaml", StringComparison.Ordinal)).Select(b => b.Lines.ToString()));

    private static Dictionary<string, string> Facts(IEnumerable<Block> blocks)
    {
        var facts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (FencedCodeBlock block in blocks.OfType<FencedCodeBlock>().Where(b => string.Equals(b.Info, "yaml", StringComparison.Ordinal)))
        {
            foreach (string line in block.Lines.ToString().Split('\n'))
            {
                int colon = line.IndexOf(':', StringComparison.Ordinal);
                if (colon > 0)
                {
                    facts[line[..colon].Trim()] = line[(colon + 1)..].Trim();
                }
            }
        }

        return facts;
    }
}
