using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Ports.Computers;

namespace BizTalkDR.Tests.Computers.CommandLines;

/// <summary>A command of a tool as its maker documents it.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="Verb">Its first words.</param>
/// <param name="Source">Title of the page.</param>
internal sealed record DocumentedCommand(ExternalTool Tool, string Verb, string Source)
{
    /// <summary>Options that must be there; with a colon at the end they take a value.</summary>
    public string[] Required { get; init; } = [];

    /// <summary>Options that may be there.</summary>
    public string[] Optional { get; init; } = [];

    /// <summary>Options of which one at most may be there.</summary>
    public string[] OneOf { get; init; } = [];

    /// <summary>Words without a name that follow the verb.</summary>
    public int Positional { get; init; }

    /// <summary>Options that may be there, each followed by a word.</summary>
    public string[] Pairs { get; init; } = [];

    /// <summary>Says what of a command line is not as documented; null when all is.</summary>
    public string? WhatIsWrong(IReadOnlyList<string> arguments)
    {
        string[] verb = Verb.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (!arguments.Take(verb.Length).SequenceEqual(verb, StringComparer.OrdinalIgnoreCase))
            return $"it does not begin with {Verb}";
        List<string> rest = [.. arguments.Skip(verb.Length)];
        if (rest.Count < Positional || rest.Take(Positional).Any(IsOption))
            return $"{Positional} words are to follow the verb";
        rest.RemoveRange(0, Positional);
        foreach (int at in Pairs.Select(p => rest.FindIndex(o => Fits(o, p))).Where(i => i >= 0))
        {
            if (at + 1 >= rest.Count)
                return $"a word is to follow {rest[at]}";
            rest.RemoveRange(at, 2);
        }

        string? wrong = rest.FirstOrDefault(o => !Required.Concat(Optional).Concat(OneOf).Any(d => Fits(o, d)));
        if (wrong is not null)
            return $"{wrong} is no documented option";
        string? missing = Required.FirstOrDefault(d => !rest.Exists(o => Fits(o, d)));
        if (missing is not null)
            return $"{missing} is missing";
        return rest.Count(o => OneOf.Any(d => Fits(o, d))) > 1 ? "only one may be given of " + string.Join(", ", OneOf) : null;
    }

    private static bool IsOption(string word) => word.Length > 1 && word[0] is '/' or '-' && !word[1..].Contains('/', StringComparison.Ordinal);

    /// <summary>Slash and hyphen are the same; names do not mind case.</summary>
    private static bool Fits(string option, string documented)
    {
        if (documented[0] is not ('/' or '-'))
            return string.Equals(option, documented, StringComparison.OrdinalIgnoreCase);
        if (option.Length < documented.Length || option[0] is not ('/' or '-'))
            return false;
        bool same = option.AsSpan(1, documented.Length - 1).Equals(documented.AsSpan(1), StringComparison.OrdinalIgnoreCase);
        return same && (documented[^1] == ':' ? option.Length > documented.Length : option.Length == documented.Length);
    }
}
