using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace BizTalkDR.Lab.Hosting;

/// <summary>Says what is wrong with a command line; the program ends with exit code 2.</summary>
public sealed class UsageException : Exception
{
    public UsageException(string message)
        : base(message)
    {
    }
}

/// <summary>The words after the command: <c>--name value</c>, <c>--name=value</c> or a lone <c>--flag</c>.</summary>
public sealed class CommandLine
{
    private readonly Dictionary<string, string?> _options = new(StringComparer.Ordinal);

    private CommandLine(string command) => Command = command;

    /// <summary>First word; empty when there is none.</summary>
    public string Command { get; }

    /// <summary>Reads the arguments of a command.</summary>
    /// <param name="arguments">All words of the command line.</param>
    /// <param name="withValue">Options that need a value, with their hyphens.</param>
    /// <param name="flags">Options that stand alone.</param>
    /// <exception cref="UsageException">A word is unknown, comes twice, or lacks its value.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments, IReadOnlyCollection<string> withValue, IReadOnlyCollection<string> flags)
    {
        CommandLine line = new(arguments.Count > 0 ? arguments[0] : string.Empty);
        for (int i = 1; i < arguments.Count; i++)
        {
            string word = arguments[i];
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            string name = equals > 0 ? word[..equals] : word;
            string? value = equals > 0 ? word[(equals + 1)..] : null;
            if (flags.Contains(name, StringComparer.Ordinal))
            {
                if (value is not null)
                    throw new UsageException($"{name} takes no value.");
            }
            else if (!withValue.Contains(name, StringComparer.Ordinal))
            {
                throw new UsageException($"'{word}' is no option of '{line.Command}'.");
            }
            else if (value is null)
            {
                if (i + 1 >= arguments.Count || arguments[i + 1].StartsWith("--", StringComparison.Ordinal))
                    throw new UsageException($"{name} needs a value.");
                value = arguments[++i];
            }

            if (!line._options.TryAdd(name, value))
                throw new UsageException($"{name} is given twice.");
        }

        return line;
    }

    public bool Has(string name) => _options.ContainsKey(name);

    /// <summary>Gives the value; null when the option is absent.</summary>
    public string? Value(string name) => _options.GetValueOrDefault(name);

    /// <exception cref="UsageException">The option is absent or empty.</exception>
    public string Required(string name) => Value(name) is { Length: > 0 } value ? value : throw new UsageException($"{name} is missing.");

    /// <exception cref="UsageException">The value is no whole number in the range.</exception>
    public int Number(string name, int otherwise, int least, int most)
    {
        if (Value(name) is not { } text)
            return otherwise;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new UsageException($"{name} needs a whole number from {least.ToString(CultureInfo.InvariantCulture)} to {most.ToString(CultureInfo.InvariantCulture)}, not '{text}'.");
    }
}
