using System;
using System.Collections.Generic;
using System.Data.SqlTypes;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.TSql;

/// <summary>Compares two values of one type (converted before), not NULL.</summary>
internal static class ValueComparison
{
    public static int Compare(object a, object b, StringRules rules) => a switch
    {
        string s => rules.Compare(s, (string)b),
        int i => i.CompareTo((int)b),
        long l => l.CompareTo((long)b),
        Guid g => new SqlGuid(g).CompareTo(new SqlGuid((Guid)b)),
        byte[] bytes => CompareBytes(bytes, (byte[])b),
        SqlVariant v => CompareVariants(v, (SqlVariant)b),
        DateTimeOffset d => d.UtcDateTime.CompareTo(((DateTimeOffset)b).UtcDateTime),
        _ => ((IComparable)a).CompareTo(b),
    };

    public static bool Equals(object a, object b, StringRules rules) => a switch
    {
        string s => rules.Equals(s, (string)b),
        byte[] bytes => CompareBytes(bytes, (byte[])b) == 0,
        SqlVariant v => CompareVariants(v, (SqlVariant)b) == 0,
        _ => a.Equals(b),
    };

    public static int Hash(object? value, StringRules rules)
    {
        switch (value)
        {
            case null:
                return 0;
            case string s:
                return rules.GetHashCode(s);
            case byte[] bytes:
                HashCode hash = default;
                ReadOnlySpan<byte> significant = bytes.AsSpan().TrimEnd((byte)0);
                hash.AddBytes(significant);
                return hash.ToHashCode();
            case SqlVariant v:
                return v.Value is string text ? rules.GetHashCode(text) : Family(v.Type);
            default:
                return value.GetHashCode();
        }
    }

    /// <summary>Compares binary strings; the shorter is padded with zeros.</summary>
    public static int CompareBytes(byte[] a, byte[] b)
    {
        int common = Math.Min(a.Length, b.Length);
        int difference = a.AsSpan(0, common).SequenceCompareTo(b.AsSpan(0, common));
        if (difference != 0 || a.Length == b.Length)
        {
            return difference;
        }

        byte[] longer = a.Length > b.Length ? a : b;
        for (int i = common; i < longer.Length; i++)
        {
            if (longer[i] != 0)
            {
                return ReferenceEquals(longer, a) ? 1 : -1;
            }
        }

        return 0;
    }

    /// <summary>Compares by the family of the base types first, then, in one family, by value.</summary>
    private static int CompareVariants(SqlVariant a, SqlVariant b)
    {
        int family = Family(a.Type) - Family(b.Type);
        if (family != 0)
        {
            return family;
        }

        SqlType common = TypeRules.Common(a.Type, b.Type);
        object x = SqlConversion.Convert(a.Value, a.Type, common)!;
        object y = SqlConversion.Convert(b.Value, b.Type, common)!;
        return Compare(x, y, StringRules.Default);
    }

    private static int Family(SqlType type) => type.Kind switch
    {
        _ when type.IsDateTime => 5,
        SqlKind.Float or SqlKind.Real => 4,
        _ when type.IsNumeric => 3,
        _ when type.IsCharacter => 2,
        SqlKind.UniqueIdentifier => 1,
        _ => 0,
    };
}

/// <summary>A list of values used as a key (GROUP BY, DISTINCT, hash joins); NULLs are equal to each other here.</summary>
internal sealed class RowKeyComparer(StringRules[]? rules = null) : IEqualityComparer<object?[]>
{
    public static readonly RowKeyComparer Default = new();

    public bool Equals(object?[]? x, object?[]? y)
    {
        if (x is null || y is null || x.Length != y.Length)
        {
            return ReferenceEquals(x, y);
        }

        for (int i = 0; i < x.Length; i++)
        {
            object? a = x[i];
            object? b = y[i];
            if (a is null || b is null)
            {
                if (a is not null || b is not null)
                {
                    return false;
                }
            }
            else if (!ValueComparison.Equals(a, b, Rules(i)))
            {
                return false;
            }
        }

        return true;
    }

    public int GetHashCode(object?[] obj)
    {
        HashCode hash = default;
        for (int i = 0; i < obj.Length; i++)
        {
            hash.Add(ValueComparison.Hash(obj[i], Rules(i)));
        }

        return hash.ToHashCode();
    }

    private StringRules Rules(int i) => rules is null ? StringRules.Default : rules[i];
}

/// <summary>Orders lists of values by their sort directions; NULL comes first in ascending order.</summary>
internal sealed class SortKeyComparer(bool[] descending, StringRules[] rules) : IComparer<object?[]>
{
    public int Compare(object?[]? x, object?[]? y)
    {
        for (int i = 0; i < descending.Length; i++)
        {
            object? a = x![i];
            object? b = y![i];
            int difference = a is null ? (b is null ? 0 : -1) : b is null ? 1 : ValueComparison.Compare(a, b, rules[i]);
            if (difference != 0)
            {
                return descending[i] ? -difference : difference;
            }
        }

        return 0;
    }
}
