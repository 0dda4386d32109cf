using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text;

namespace BizTalkDR.Lab.Group;

/// <summary>One T-SQL script of the practice group: batches separated by GO, with <c>$(Name)</c> where sqlcmd would put a variable.</summary>
/// <remarks>A value is quoted for the place it lands in: in <c>'text'</c> apostrophes are doubled, in <c>[name]</c> closing brackets;
/// anywhere else only a whole number is accepted. The same file runs with sqlcmd on a real server.</remarks>
public sealed class SqlScript
{
    private const string ResourceFolder = "BizTalkDR.Lab.Group.Scripts.";

    private SqlScript(string name, IReadOnlyList<string> batches)
    {
        Name = name;
        Batches = batches;
    }

    /// <summary>File name without extension.</summary>
    public string Name { get; }

    /// <summary>Texts between the separators, variables still in place; never empty ones.</summary>
    public IReadOnlyList<string> Batches { get; }

    /// <summary>Names of all scripts.</summary>
    public static IReadOnlyList<string> Names { get; } = Assembly.GetExecutingAssembly().GetManifestResourceNames()
        .Where(name => name.StartsWith(ResourceFolder, StringComparison.Ordinal))
        .Select(name => name[ResourceFolder.Length..^".sql".Length])
        .Order(StringComparer.Ordinal)
        .ToList();

    /// <summary>Reads a script that is part of the program.</summary>
    public static SqlScript Load(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(ResourceFolder + name + ".sql")
            ?? throw new ArgumentException($"There is no script '{name}'.", nameof(name));
        using StreamReader reader = new(stream, Encoding.UTF8);
        return Parse(name, reader.ReadToEnd());
    }

    /// <summary>Splits a text at lines that hold nothing but GO.</summary>
    public static SqlScript Parse(string name, string text)
    {
        List<string> batches = [];
        StringBuilder batch = new();
        foreach (string line in text.Split('\n').Append("GO"))
        {
            if (!line.Trim().Equals("GO", StringComparison.OrdinalIgnoreCase))
            {
                batch.Append(line.TrimEnd('\r')).Append('\n');
                continue;
            }

            if (batch.ToString().Trim() is { Length: > 0 } found)
                batches.Add(found);
            batch.Clear();
        }

        return new SqlScript(name, batches);
    }

    /// <summary>Gives the batches with every variable replaced.</summary>
    /// <exception cref="ArgumentException">A variable has no value, or stands where its value cannot be quoted.</exception>
    public IEnumerable<string> Expand(IReadOnlyDictionary<string, string> variables) => Batches.Select(batch => new Expansion(Name, batch, variables).Run());

    /// <summary>Walks a batch once, always knowing what kind of text it is in.</summary>
    private sealed class Expansion(string script, string text, IReadOnlyDictionary<string, string> variables)
    {
        private readonly StringBuilder _result = new(text.Length);
        private int _at;

        public string Run()
        {
            while (_at < text.Length)
            {
                switch (text[_at])
                {
                    case '\'':
                        Enclosed('\'');
                        break;
                    case '[':
                        Enclosed(']');
                        break;
                    case '"':
                        Enclosed('"');
                        break;
                    case '-' when Next('-'):
                        Comment("\n");
                        break;
                    case '/' when Next('*'):
                        Comment("*/");
                        break;
                    case '$' when Next('('):
                        _result.Append(Number(Variable()));
                        break;
                    default:
                        _result.Append(text[_at++]);
                        break;
                }
            }

            return _result.ToString();
        }

        private bool Next(char expected) => _at + 1 < text.Length && text[_at + 1] == expected;

        // A doubled closing character ends the part and starts the next one: the outcome is the same.
        private void Enclosed(char close)
        {
            _result.Append(text[_at++]);
            while (_at < text.Length && text[_at] != close)
            {
                if (text[_at] == '$' && Next('('))
                    _result.Append(Variable().Value.Replace(close.ToString(), new string(close, 2), StringComparison.Ordinal));
                else
                    _result.Append(text[_at++]);
            }

            if (_at < text.Length)
                _result.Append(text[_at++]);
        }

        private void Comment(string end)
        {
            int close = text.IndexOf(end, _at, StringComparison.Ordinal);
            int stop = close < 0 ? text.Length : close + end.Length;
            _result.Append(text, _at, stop - _at);
            _at = stop;
        }

        private (string Name, string Value) Variable()
        {
            int close = text.IndexOf(')', _at);
            string name = close < 0 ? text[(_at + 2)..] : text[(_at + 2)..close];
            if (close < 0 || !variables.TryGetValue(name, out string? value))
                throw new ArgumentException($"Script '{script}' needs a value for $({name}).");
            _at = close + 1;
            return (name, value);
        }

        private string Number((string Name, string Value) variable) => variable.Value.Length > 0 && variable.Value.All(char.IsAsciiDigit)
            ? variable.Value
            : throw new ArgumentException($"$({variable.Name}) of script '{script}' stands outside quotes: only a whole number may go there.");
    }
}
