using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.TSql;

/// <summary>A LIKE pattern taken apart: %, _, [set], [^set] and escaped characters.</summary>
internal sealed class LikePattern
{
    private readonly List<Token> _tokens = [];
    private readonly StringRules _rules;

    private LikePattern(StringRules rules) => _rules = rules;

    private enum TokenKind
    {
        Literal,
        AnyOne,
        AnyMany,
        Set,
    }

    public static LikePattern Parse(string pattern, char? escape, StringRules rules)
    {
        LikePattern result = new(rules);
        for (int i = 0; i < pattern.Length; i++)
        {
            char c = pattern[i];
            if (escape == c && i + 1 < pattern.Length)
            {
                result._tokens.Add(new Token(TokenKind.Literal, pattern[++i]));
            }
            else if (c == '%')
            {
                result._tokens.Add(new Token(TokenKind.AnyMany));
            }
            else if (c == '_')
            {
                result._tokens.Add(new Token(TokenKind.AnyOne));
            }
            else if (c == '[')
            {
                i = result.ParseSet(pattern, i, escape);
            }
            else
            {
                result._tokens.Add(new Token(TokenKind.Literal, c));
            }
        }

        return result;
    }

    /// <summary>Matches the whole text; trailing blanks of the text may be left over, those of the pattern may not.</summary>
    public bool Matches(string text)
    {
        if (Match(text, 0, text.Length, anchored: true) >= 0)
        {
            return true;
        }

        int trimmed = text.AsSpan().TrimEnd(' ').Length;
        return trimmed < text.Length && Match(text, 0, trimmed, anchored: true) >= 0;
    }

    /// <summary>Gives the 1-based place where the pattern begins in the text, as PATINDEX does; 0 when nowhere.</summary>
    public int Find(string text)
    {
        bool open = _tokens.Count > 0 && _tokens[0].Kind == TokenKind.AnyMany;
        if (!open)
        {
            return Matches(text) ? 1 : 0;
        }

        for (int start = 0; start <= text.Length; start++)
        {
            if (Run(1, text, start, text.Length))
            {
                return start + 1 > text.Length && text.Length > 0 ? 0 : start + 1;
            }
        }

        return 0;
    }

    private int Match(string text, int start, int end, bool anchored) => anchored && Run(0, text, start, end) ? start : -1;

    private bool Run(int token, string text, int at, int end)
    {
        int starToken = -1;
        int starAt = 0;
        while (true)
        {
            if (token < _tokens.Count && _tokens[token].Kind == TokenKind.AnyMany)
            {
                starToken = token++;
                starAt = at;
                continue;
            }

            if (token < _tokens.Count && at < end && MatchesOne(_tokens[token], text[at]))
            {
                token++;
                at++;
                continue;
            }

            if (token == _tokens.Count && at == end)
            {
                return true;
            }

            if (starToken < 0 || starAt >= end)
            {
                return false;
            }

            token = starToken + 1;
            at = ++starAt;
        }
    }

    private bool MatchesOne(Token token, char c)
    {
        switch (token.Kind)
        {
            case TokenKind.AnyOne:
                return true;
            case TokenKind.Literal:
                return _rules.CharEquals(token.Char, c);
            default:
                bool found = false;
                foreach ((char low, char high) in token.Ranges!)
                {
                    found |= low == high
                        ? _rules.CharEquals(low, c)
                        : _rules.CompareChars(low, c) <= 0 && _rules.CompareChars(c, high) <= 0;
                }

                return found != token.Negated;
        }
    }

    private int ParseSet(string pattern, int open, char? escape)
    {
        int i = open + 1;
        bool negated = i < pattern.Length && pattern[i] == '^';
        if (negated)
        {
            i++;
        }

        List<(char Low, char High)> ranges = [];
        while (i < pattern.Length && pattern[i] != ']')
        {
            char low = pattern[i];
            if (escape == low && i + 1 < pattern.Length)
            {
                low = pattern[++i];
            }

            if (i + 2 < pattern.Length && pattern[i + 1] == '-' && pattern[i + 2] != ']')
            {
                ranges.Add((low, pattern[i + 2]));
                i += 3;
            }
            else
            {
                ranges.Add((low, low));
                i++;
            }
        }

        if (i >= pattern.Length)
        {
            // A bracket that is never closed matches nothing.
            _tokens.Add(new Token(TokenKind.Set, Ranges: []));
            return pattern.Length;
        }

        _tokens.Add(new Token(TokenKind.Set, Ranges: ranges, Negated: negated));
        return i;
    }

    private sealed record Token(TokenKind Kind, char Char = '\0', List<(char Low, char High)>? Ranges = null, bool Negated = false);
}
