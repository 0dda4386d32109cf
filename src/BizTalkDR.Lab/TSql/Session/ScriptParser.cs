using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

/// <summary>Holds one parsed batch. Syntax trees are never changed, so sessions share them.</summary>
/// <param name="Text">The whole text of the batch.</param>
/// <param name="Statements">Its statements in order.</param>
internal sealed record ParsedBatch(string Text, IReadOnlyList<TSqlStatement> Statements);

/// <summary>Parses batches with Microsoft's own parser and words its errors as the server does.</summary>
internal sealed partial class ScriptParser
{
    private const int CacheLimit = 4000;
    private readonly ConcurrentDictionary<(string, bool), ParsedBatch> _cache = new();
    private readonly ConcurrentDictionary<string, IList<ProcedureParameter>> _parameters = new(StringComparer.Ordinal);

    /// <summary>Parses one batch; throws 102, 105, 113 or 156 with the line of the first error.</summary>
    public ParsedBatch Parse(string text, bool quotedIdentifiers = true)
    {
        if (_cache.TryGetValue((text, quotedIdentifiers), out ParsedBatch? known))
        {
            return known;
        }

        var parser = new TSql150Parser(quotedIdentifiers);
        using var reader = new StringReader(text);
        TSqlFragment fragment = parser.Parse(reader, out IList<ParseError> errors);
        if (errors.Count > 0)
        {
            // The parser's version does not know backups to URL: read them as DISK; the statement knows them by their address.
            // SEEDING_MODE and GRANT CREATE ANY DATABASE are read as what SQL Server's groups do not have, APPLY_DELAY and ONLINE.
            string rewritten = UrlDevice().Replace(text, "$1DISK$2");
            rewritten = SeedingMode().Replace(rewritten, m => $"APPLY_DELAY = {(m.Groups[1].Value.Equals("AUTOMATIC", StringComparison.OrdinalIgnoreCase) ? 1 : 0)}");
            rewritten = GrantCreate().Replace(rewritten, "$1ONLINE");
            return rewritten == text ? throw Translate(errors[0], text, quotedIdentifiers) : Parse(rewritten, quotedIdentifiers);
        }

        var script = (TSqlScript)fragment;
        if (script.Batches.Count > 1)
        {
            throw ServerErrors.Syntax("GO", script.Batches[1].StartLine);
        }

        var batch = new ParsedBatch(text, script.Batches.Count == 0 ? [] : [.. script.Batches[0].Statements]);
        BatchCheck.RejectMixedModules(batch);
        if (_cache.Count > CacheLimit)
        {
            _cache.Clear();
        }

        _cache[(text, quotedIdentifiers)] = batch;
        return batch;
    }

    /// <summary>Parses a list of parameter declarations as sp_executesql takes it.</summary>
    public IList<ProcedureParameter> ParseParameters(string declarations)
    {
        if (string.IsNullOrWhiteSpace(declarations))
        {
            return [];
        }

        return _parameters.GetOrAdd(declarations, text =>
        {
            ParsedBatch batch = Parse("CREATE PROCEDURE p " + text + "\nAS RETURN");
            return batch.Statements is [CreateProcedureStatement create] ? create.Parameters : throw ServerErrors.Syntax(text);
        });
    }

    /// <summary>Parses a multi-part object name such as <c>[a].b..c</c>; null when it is none.</summary>
    public static SchemaObjectName? ParseName(string name)
    {
        using var reader = new StringReader(name);
        SchemaObjectName? parsed = new TSql150Parser(true).ParseSchemaObjectName(reader, out IList<ParseError> errors);
        return errors.Count == 0 ? parsed : null;
    }

    /// <summary>Gives the source text of a fragment.</summary>
    public static string SourceOf(TSqlFragment fragment) =>
        string.Concat(fragment.ScriptTokenStream.Skip(fragment.FirstTokenIndex).Take(fragment.LastTokenIndex - fragment.FirstTokenIndex + 1).Select(t => t.Text));

    private static LabSqlException Translate(ParseError error, string text, bool quotedIdentifiers)
    {
        if (error.Number is 46030 or 46031 || error.Message.Contains("quot", StringComparison.OrdinalIgnoreCase))
        {
            string rest = text.Length > error.Offset ? text[error.Offset..].TrimStart('N', 'n').TrimStart('\'', '"') : string.Empty;
            return Located(102, $"Incorrect syntax near '{Shorten(rest)}'.", error.Line).After(Located(105, $"Unclosed quotation mark after the character string '{Shorten(rest)}'.", error.Line));
        }

        if (error.Message.Contains("comment", StringComparison.OrdinalIgnoreCase))
        {
            return Located(113, "Missing end comment mark '*/'.", error.Line);
        }

        if (error.Message.Contains("too long", StringComparison.OrdinalIgnoreCase) || error.Number == 46095)
        {
            Match identifier = Quoted().Match(error.Message);
            return Located(103, $"The identifier that starts with '{Shorten(identifier.Groups[1].Value)}' is too long. Maximum length is 128.", error.Line);
        }

        if (Named(error, text) is { } named)
        {
            return named;
        }

        if (UnknownOption(error, text, quotedIdentifiers) is { } unknown)
        {
            return unknown;
        }

        string near = NearToken(error, text, quotedIdentifiers, out bool keyword);
        return keyword
            ? Located(156, $"Incorrect syntax near the keyword '{near}'.", error.Line)
            : Located(102, $"Incorrect syntax near '{near}'.", error.Line);
    }

    /// <summary>Errors that have a number of their own.</summary>
    private static LabSqlException? Named(ParseError error, string text)
    {
        switch (error.Number)
        {
            case 46097:
                return Located(10713, "A MERGE statement must be terminated by a semi-colon (;).", error.Line);
            case 46089:
                return Located(119, error.Message, error.Line);
            default:
                Match module = Module().Match(text, Math.Min(error.Offset, text.Length));
                return module.Success && module.Index == error.Offset && text[..error.Offset].TrimEnd() is { Length: > 0 } before && before[^1] is not '('
                    ? Located(111, $"'{module.Groups[1].Value.ToUpperInvariant()} {module.Groups[2].Value.ToUpperInvariant()}' must be the first statement in a query batch.", error.Line)
                    : null;
        }
    }

    private static string NearToken(ParseError error, string text, bool quotedIdentifiers, out bool keyword)
    {
        keyword = false;
        using var reader = new StringReader(text);
        IList<TSqlParserToken> tokens = new TSql150Parser(quotedIdentifiers).GetTokenStream(reader, out _);
        TSqlParserToken? last = null;
        foreach (TSqlParserToken token in tokens)
        {
            if (token.TokenType is TSqlTokenType.WhiteSpace or TSqlTokenType.SingleLineComment or TSqlTokenType.MultilineComment or TSqlTokenType.EndOfFile)
            {
                continue;
            }

            last = token;
            if (token.Offset >= error.Offset)
            {
                break;
            }
        }

        if (last is null)
        {
            return string.Empty;
        }

        keyword = last.IsKeyword() && last.Offset >= error.Offset;
        return last.Text.Trim('\'', '"', '[', ']') is { Length: > 0 } trimmed ? trimmed : last.Text;
    }

    private static string Shorten(string text) => text.Length <= 128 ? text : text[..128];

    private static LabSqlException Located(int number, string text, int line) => new(new SqlMessage(number, 15, 1, text, null, line));

    [GeneratedRegex(@"(\b(?:TO|FROM)\s+|,\s*)URL(\s*=\s*(?:N?'|@))", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex UrlDevice();

    [GeneratedRegex(@"\bSEEDING_MODE\s*=\s*(AUTOMATIC|MANUAL)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex SeedingMode();

    [GeneratedRegex(@"(\bALTER\s+AVAILABILITY\s+GROUP\s+(?:\[(?:[^\]]|\]\])+\]|\w+)\s+)GRANT\s+CREATE\s+ANY\s+DATABASE\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex GrantCreate();

    [GeneratedRegex(@"\G(CREATE|ALTER)\s+(?:OR\s+ALTER\s+)?(VIEW|PROCEDURE|PROC|FUNCTION|TRIGGER|SCHEMA)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Module();

    [GeneratedRegex("'([^']*)'", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Quoted();
}
