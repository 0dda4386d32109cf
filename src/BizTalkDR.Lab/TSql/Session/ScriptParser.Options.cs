using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace BizTalkDR.Lab.TSql;

// An option the grammar does not know is a syntax error to the parser; the server says which option it is.
internal sealed partial class ScriptParser
{
    /// <summary>Words an unknown option of SET (195), BACKUP or RESTORE (155); null when the error is something else.</summary>
    private static LabSqlException? UnknownOption(ParseError error, string text, bool quotedIdentifiers)
    {
        using var reader = new StringReader(text);
        List<TSqlParserToken> tokens = new TSql150Parser(quotedIdentifiers).GetTokenStream(reader, out _)
            .Where(t => t.TokenType is not (TSqlTokenType.WhiteSpace or TSqlTokenType.SingleLineComment or TSqlTokenType.MultilineComment or TSqlTokenType.EndOfFile))
            .ToList();
        int at = tokens.FindIndex(t => t.Offset >= error.Offset);
        if (at < 1 || tokens[at].TokenType != TSqlTokenType.Identifier)
        {
            return null;
        }

        string option = tokens[at].Text;
        TSqlTokenType before = tokens[at - 1].TokenType;
        bool first = at == 1 || tokens[at - 2].TokenType == TSqlTokenType.Semicolon;
        if (before == TSqlTokenType.Set && first)
        {
            return at + 1 < tokens.Count && tokens[at + 1].TokenType is TSqlTokenType.On or TSqlTokenType.Off
                ? Located(195, $"'{option}' is not a recognized SET option.", error.Line)
                : null;
        }

        if (before is not (TSqlTokenType.With or TSqlTokenType.Comma))
        {
            return null;
        }

        int with = tokens.FindLastIndex(at - 1, t => t.TokenType == TSqlTokenType.With);
        int start = tokens.FindLastIndex(at - 1, t => t.TokenType is TSqlTokenType.Backup or TSqlTokenType.Restore or TSqlTokenType.Semicolon);
        return start >= 0 && with > start && tokens[start].TokenType != TSqlTokenType.Semicolon
            ? Located(155, $"'{option}' is not a recognized {tokens[start].Text.ToUpperInvariant()} option.", error.Line)
            : null;
    }
}
