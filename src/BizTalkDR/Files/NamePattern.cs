using System;

namespace BizTalkDR.Files;

/// <summary>A name with <c>*</c> for any text and <c>?</c> for any one character; case does not count.</summary>
/// <remarks>Compared in time proportional to the product of the lengths, whatever the pattern.</remarks>
public readonly record struct NamePattern(string Text)
{
    /// <summary>Says whether a name fits.</summary>
    public bool Fits(string? name)
    {
        if (name is null)
        {
            return false;
        }

        int at = 0, from = 0, star = -1, retry = 0;
        while (from < name.Length)
        {
            if (at < Text.Length && Text[at] == '*')
            {
                star = at++;
                retry = from;
            }
            else if (at < Text.Length && (Text[at] == '?' || Same(Text[at], name[from])))
            {
                at++;
                from++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                from = ++retry;
            }
            else
            {
                return false;
            }
        }

        while (at < Text.Length && Text[at] == '*')
        {
            at++;
        }

        return at == Text.Length;
    }

    private static bool Same(char a, char b) => a == b || char.ToUpperInvariant(a) == char.ToUpperInvariant(b);
}
