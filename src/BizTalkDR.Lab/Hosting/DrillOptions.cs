using System.Collections.Generic;

namespace BizTalkDR.Lab.Hosting;

/// <summary>What the command line of <c>drill</c> says.</summary>
/// <param name="Seed">Repeats a run.</param>
/// <param name="JsonFile">Where the result goes; null = nowhere.</param>
/// <param name="KeepFolder">Where the files stay; null = a temporary folder, deleted at the end.</param>
public sealed record DrillOptions(int Seed, string? JsonFile, string? KeepFolder)
{
    /// <exception cref="UsageException">An option is wrong.</exception>
    public static DrillOptions Parse(IReadOnlyList<string> arguments)
    {
        CommandLine line = CommandLine.Parse(arguments, ["--seed", "--json", "--keep"], []);
        return new DrillOptions(line.Number("--seed", 1, 0, int.MaxValue), Optional(line, "--json"), Optional(line, "--keep"));
    }

    private static string? Optional(CommandLine line, string name) => line.Has(name) ? line.Required(name) : null;
}
