using System;
using System.Collections.Generic;
using System.Globalization;

namespace BizTalkDR.BackupFiles;

/// <summary>How well a value read from a file is established.</summary>
public enum Certainty
{
    /// <summary>The value cannot be told from the file.</summary>
    Unknown = 0,

    /// <summary>Written before the backup was finished; the final value is not in the file.</summary>
    Provisional,

    /// <summary>Follows from a rule that fits every file seen but is not documented or checked on this version.</summary>
    Inferred,

    /// <summary>Read from a place checked against known values.</summary>
    Verified,
}

/// <summary>A value that may be unknown, with how well it is established and why it is not better.</summary>
/// <remarks>The default of this type is <em>unknown</em>, so a forgotten field never looks like a fact.</remarks>
public readonly struct Known<T> : IEquatable<Known<T>>
{
    private readonly T _value;
    private readonly string? _why;

    internal Known(T value, Certainty certainty, string? why)
    {
        _value = value;
        Certainty = certainty;
        _why = why;
    }

    /// <summary>How well the value is established.</summary>
    public Certainty Certainty { get; }

    /// <summary>True when there is a value, however well it is established.</summary>
    public bool IsKnown => Certainty != Certainty.Unknown;

    /// <summary>Why the value is unknown, provisional or inferred; <see langword="null"/> for a verified value.</summary>
    public string? Why => _why ?? (IsKnown ? null : "the file is damaged, or ends, before the place that holds it");

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">The value is unknown.</exception>
    public T Value => IsKnown ? _value : throw new InvalidOperationException("The value is unknown: " + Why + ".");

    public static bool operator ==(Known<T> left, Known<T> right) => left.Equals(right);

    public static bool operator !=(Known<T> left, Known<T> right) => !left.Equals(right);

    /// <summary>Gives the value when there is one.</summary>
    public bool TryGet(out T value)
    {
        value = _value;
        return IsKnown;
    }

    /// <summary>The value, or what the caller wants to see instead of an unknown one.</summary>
    public T ValueOr(T fallback) => IsKnown ? _value : fallback;

    public bool Equals(Known<T> other) =>
        Certainty == other.Certainty && (!IsKnown || EqualityComparer<T>.Default.Equals(_value, other._value));

    public override bool Equals(object? obj) => obj is Known<T> other && Equals(other);

    public override int GetHashCode() => IsKnown && _value is not null ? EqualityComparer<T>.Default.GetHashCode(_value) : 0;

    /// <summary>The value as text, or <c>unknown</c>.</summary>
    public override string ToString() =>
        !IsKnown ? "unknown" : Convert.ToString(_value, CultureInfo.InvariantCulture) ?? string.Empty;
}

/// <summary>Makes values of <see cref="Known{T}"/>.</summary>
public static class Known
{
    /// <summary>A value read from a checked place.</summary>
    public static Known<T> Fact<T>(T value) => new(value, Certainty.Verified, why: null);

    /// <summary>A value that follows from an unproven rule.</summary>
    public static Known<T> Inferred<T>(T value, string why) => new(value, Certainty.Inferred, why);

    /// <summary>A value the server wrote before it knew the final one.</summary>
    public static Known<T> Provisional<T>(T value, string why) => new(value, Certainty.Provisional, why);

    /// <summary>No value, and why.</summary>
    public static Known<T> Unknown<T>(string why) => new(default!, Certainty.Unknown, why);
}
