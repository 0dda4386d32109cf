using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.Tests.Fuzz;

/// <summary>Makes batches from a corpus: written anew by ScriptDom's generator, with parts exchanged between statements, and with tokens changed.</summary>
internal sealed class BatchMutator
{
    private static readonly string[] s_values =
        ["NULL", "0", "-1", "2147483647", "9223372036854775808", "''", "N'ß€'", "0x", "0xFF", "1e308", ".5", "$1", "@x", "@@ROWCOUNT", "GETDATE()", "'2026-02-30'", "dbo.Emp", "[a b]", "#t", "(SELECT 1)", "(SELECT TOP (0) 1)", "*"];

    private readonly Random _random;
    private readonly List<string> _corpus;
    private readonly List<string> _words;

    public BatchMutator(IEnumerable<string> corpus, int seed)
    {
        _random = new Random(seed);
        _corpus = [.. corpus];
        _words = [.. _corpus.SelectMany(Tokens).Where(t => t.TokenType is not (TSqlTokenType.WhiteSpace or TSqlTokenType.EndOfFile)).Select(t => t.Text).Distinct(StringComparer.Ordinal)];
    }

    public string Next()
    {
        string text = _corpus[_random.Next(_corpus.Count)];
        return _random.Next(4) switch
        {
            0 => Generate(text),
            1 => Generate(text) + " " + Generate(_corpus[_random.Next(_corpus.Count)]),
            _ => Mutate(text),
        };
    }

    /// <summary>Writes the batch as ScriptDom's generator words it; as it is when it does not parse.</summary>
    private static string Generate(string text)
    {
        TSqlFragment fragment = new TSql150Parser(true).Parse(new StringReader(text), out IList<ParseError> errors);
        if (errors.Count > 0)
            return text;
        new Sql150ScriptGenerator().GenerateScript(fragment, out string script);
        return script;
    }

    private string Mutate(string text)
    {
        List<string> tokens = [.. Tokens(text).Where(t => t.TokenType != TSqlTokenType.EndOfFile).Select(t => t.Text)];
        int changes = 1 + _random.Next(3);
        for (int i = 0; i < changes && tokens.Count > 1; i++)
        {
            int at = _random.Next(tokens.Count);
            switch (_random.Next(6))
            {
                case 0:
                    tokens.RemoveAt(at);
                    break;
                case 1:
                    tokens.Insert(at, " " + tokens[_random.Next(tokens.Count)] + " ");
                    break;
                case 2:
                    int other = _random.Next(tokens.Count);
                    (tokens[at], tokens[other]) = (tokens[other], tokens[at]);
                    break;
                case 3:
                    tokens[at] = " " + s_values[_random.Next(s_values.Length)] + " ";
                    break;
                case 4:
                    string donor = _corpus[_random.Next(_corpus.Count)];
                    tokens.InsertRange(at, Tokens(donor).Skip(_random.Next(20)).Take(_random.Next(12)).Select(t => t.Text).Prepend(" "));
                    break;
                default:
                    tokens[at] = " " + _words[_random.Next(_words.Count)] + " ";
                    break;
            }
        }

        return string.Concat(tokens);
    }

    private static IList<TSqlParserToken> Tokens(string text) => new TSql150Parser(true).GetTokenStream(new StringReader(text), out _);
}
