using System;
using System.Globalization;

namespace BizTalkDR.Ports;

/// <summary>A log sequence number as SQL Server shows it in tables and headers: numeric(25,0).</summary>
/// <param name="Value">VLF × 10^15 + block × 10^5 + slot.</param>
public readonly record struct LogPosition(decimal Value) : IComparable<LogPosition>
{
    /// <summary>No position.</summary>
    public static readonly LogPosition Zero;

    private const decimal VlfUnit = 1_000_000_000_000_000m;
    private const decimal BlockUnit = 100_000m;

    public static bool operator <(LogPosition left, LogPosition right) => left.Value < right.Value;

    public static bool operator >(LogPosition left, LogPosition right) => left.Value > right.Value;

    public static bool operator <=(LogPosition left, LogPosition right) => left.Value <= right.Value;

    public static bool operator >=(LogPosition left, LogPosition right) => left.Value >= right.Value;

    /// <summary>Puts a position together from its parts.</summary>
    public static LogPosition From(uint vlf, uint block, ushort slot) => new((vlf * VlfUnit) + (block * BlockUnit) + slot);

    /// <inheritdoc/>
    public int CompareTo(LogPosition other) => Value.CompareTo(other.Value);

    /// <summary>Gives the digits as SQL Server prints them.</summary>
    public override string ToString() => Value.ToString("0", CultureInfo.InvariantCulture);
}
