using System;

namespace BizTalkDR.Lab.TSql;

/// <summary>Compares character values by the rules of a collation; trailing blanks never count.</summary>
/// <remarks>
/// The default stands for SQL_Latin1_General_CP1_CI_AS: case-insensitive, accent-sensitive; punctuation sorts before digits, digits before
/// letters, an accented letter right after its base letter. Names that end in _BIN or _BIN2 compare code units; _CS makes case count
/// (lower before upper when all else is equal); _AI makes accents not count.
/// </remarks>
internal sealed class StringRules
{
    public static readonly StringRules Default = new(binary: false, caseSensitive: false, accentSensitive: true);

    private static readonly StringRules Binary = new(binary: true, caseSensitive: true, accentSensitive: true);
    private static readonly StringRules CaseSensitive = new(binary: false, caseSensitive: true, accentSensitive: true);
    private static readonly StringRules AccentInsensitive = new(binary: false, caseSensitive: false, accentSensitive: false);
    private static readonly StringRules CaseOnly = new(binary: false, caseSensitive: true, accentSensitive: false);
    private static readonly int[] Primary = BuildPrimary();
    private static readonly char[] Folded = BuildFolded();

    private readonly bool _binary;
    private readonly bool _case;
    private readonly bool _accent;

    private StringRules(bool binary, bool caseSensitive, bool accentSensitive)
    {
        _binary = binary;
        _case = caseSensitive;
        _accent = accentSensitive;
    }

    /// <summary>Finds the rules of a collation by its name; throws 448 for a name that is none.</summary>
    public static StringRules Of(string? collation)
    {
        if (collation is null || collation.Equals("database_default", StringComparison.OrdinalIgnoreCase)
            || collation.Equals("catalog_default", StringComparison.OrdinalIgnoreCase))
        {
            return Default;
        }

        bool Has(string part) => collation.Contains(part, StringComparison.OrdinalIgnoreCase);
        if (Has("_BIN"))
        {
            return Binary;
        }

        if (!Has("_CI") && !Has("_CS"))
        {
            throw SqlErrors.Make(448, 16, 1, $"Invalid collation '{collation}'.");
        }

        return (Has("_CS"), Has("_AI")) switch
        {
            (true, false) => CaseSensitive,
            (true, true) => CaseOnly,
            (false, true) => AccentInsensitive,
            _ => Default,
        };
    }

    public bool Equals(string a, string b)
    {
        ReadOnlySpan<char> x = a.AsSpan().TrimEnd(' ');
        ReadOnlySpan<char> y = b.AsSpan().TrimEnd(' ');
        if (x.Length != y.Length)
        {
            return false;
        }

        for (int i = 0; i < x.Length; i++)
        {
            if (x[i] != y[i] && Fold(x[i]) != Fold(y[i]))
            {
                return false;
            }
        }

        return true;
    }

    public int GetHashCode(string value)
    {
        HashCode hash = default;
        foreach (char c in value.AsSpan().TrimEnd(' '))
        {
            hash.Add(Fold(c));
        }

        return hash.ToHashCode();
    }

    public bool CharEquals(char a, char b) => a == b || Fold(a) == Fold(b);

    /// <summary>Orders two characters of a LIKE range.</summary>
    public int CompareChars(char a, char b) => _binary ? a.CompareTo(b) : Weight(a).CompareTo(Weight(b));

    public int Compare(string a, string b)
    {
        ReadOnlySpan<char> x = a.AsSpan().TrimEnd(' ');
        ReadOnlySpan<char> y = b.AsSpan().TrimEnd(' ');
        if (_binary)
        {
            return x.SequenceCompareTo(y);
        }

        int accent = 0;
        int letterCase = 0;
        int common = Math.Min(x.Length, y.Length);
        for (int i = 0; i < common; i++)
        {
            char p = x[i];
            char q = y[i];
            if (p == q)
            {
                continue;
            }

            int difference = Weight(p) - Weight(q);
            if (difference != 0)
            {
                return difference;
            }

            char fp = char.ToUpperInvariant(p);
            char fq = char.ToUpperInvariant(q);
            accent = accent != 0 ? accent : fp - fq;
            letterCase = letterCase != 0 || fp != fq ? letterCase : q - p;
        }

        if (x.Length != y.Length)
        {
            return x.Length - y.Length;
        }

        return accent != 0 && _accent ? accent : _case ? letterCase : 0;
    }

    private static int Weight(char c) => c < Primary.Length ? Primary[c] : char.ToUpperInvariant(c) + 4096;

    private static int[] BuildPrimary()
    {
        int[] weights = new int[0x180];
        for (int c = 0; c < weights.Length; c++)
        {
            char folded = BaseLetter((char)c);
            weights[c] = folded switch
            {
                >= '0' and <= '9' => 1000 + folded,
                _ when char.IsLetter(folded) => 2000 + char.ToUpperInvariant(folded),
                _ => folded,
            };
        }

        return weights;
    }

    private static char[] BuildFolded()
    {
        char[] folded = new char[0x180];
        for (int c = 0; c < folded.Length; c++)
        {
            folded[c] = char.ToUpperInvariant(BaseLetter((char)c));
        }

        return folded;
    }

    // Decomposition tables of the framework are not there under invariant globalization; Latin-1 and Latin Extended-A are enough here.
    private static char BaseLetter(char c)
    {
        const string Accented = "ÀÁÂÃÄÅàáâãäåÇçÈÉÊËèéêëÌÍÎÏìíîïÑñÒÓÔÕÖØòóôõöøÙÚÛÜùúûüÝýÿĀāĂăĄąĆćĈĉĊċČčĎďĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĨĩĪīĬĭĮįİĴĵĶķĹĺĻļĽľŃńŅņŇňŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽž";
        const string Plain = "AAAAAAaaaaaaCcEEEEeeeeIIIIiiiiNnOOOOOOooooooUUUUuuuuYyyAaAaAaCcCcCcCcDdEeEeEeEeEeGgGgGgGgHhIiIiIiIiIJjKkLlLlLlNnNnNnOoOoOoRrRrRrSsSsSsSsTtTtUuUuUuUuUuUuWwYyYZzZzZz";
        int at = c < 0xC0 ? -1 : Accented.IndexOf(c, StringComparison.Ordinal);
        return at < 0 ? c : Plain[at];
    }

    private char Fold(char c)
    {
        if (_case)
        {
            return _accent ? c : BaseLetter(c);
        }

        if (!_accent && c < Folded.Length)
        {
            return Folded[c];
        }

        return char.ToUpperInvariant(c);
    }
}
