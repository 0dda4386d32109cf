using System;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>Compares index keys as the collation does: case ignored unless the collation says otherwise, trailing blanks ignored, NULL equal to NULL.</summary>
internal sealed class KeyComparer : IEqualityComparer<object>
{
    private static readonly KeyComparer _ignoreCase = new(StringComparison.OrdinalIgnoreCase);
    private static readonly KeyComparer _caseSensitive = new(StringComparison.Ordinal);
    private readonly StringComparison _comparison;

    private KeyComparer(StringComparison comparison) => _comparison = comparison;

    /// <summary>Gives the comparer of a collation by its name (…_CS_…, …_BIN, …_BIN2 tell cases apart).</summary>
    public static KeyComparer Of(string collation) =>
        collation.Contains("_CS", StringComparison.OrdinalIgnoreCase) || collation.Contains("_BIN", StringComparison.OrdinalIgnoreCase)
            ? _caseSensitive
            : _ignoreCase;

    public new bool Equals(object? x, object? y)
    {
        switch (x)
        {
            case null or DBNull:
                return y is null or DBNull;
            case string left:
                return y is string right && left.AsSpan().TrimEnd(' ').Equals(right.AsSpan().TrimEnd(' '), _comparison);
            case byte[] left:
                return y is byte[] bytes && left.AsSpan().SequenceEqual(bytes);
            case SqlVariant left:
                return y is SqlVariant variant && Equals(left.Value, variant.Value);
            case object?[] left:
                return y is object?[] parts && EqualParts(left, parts);
            default:
                return x.Equals(y);
        }
    }

    public int GetHashCode(object obj)
    {
        switch (obj)
        {
            case null or DBNull:
                return 0;
            case string text:
                return string.GetHashCode(text.AsSpan().TrimEnd(' '), _comparison);
            case byte[] bytes:
                HashCode binary = default;
                binary.AddBytes(bytes);
                return binary.ToHashCode();
            case SqlVariant variant:
                return GetHashCode(variant.Value);
            case object?[] parts:
                HashCode hash = default;
                foreach (object? part in parts)
                {
                    hash.Add(part is null ? 0 : GetHashCode(part));
                }

                return hash.ToHashCode();
            default:
                return obj.GetHashCode();
        }
    }

    private bool EqualParts(object?[] left, object?[] right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        for (int i = 0; i < left.Length; i++)
        {
            if (!Equals(left[i], right[i]))
            {
                return false;
            }
        }

        return true;
    }
}
