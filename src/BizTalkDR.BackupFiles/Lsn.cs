using System;
using System.Globalization;

namespace BizTalkDR.BackupFiles;

/// <summary>A log sequence number: the place of one log record in a database's log.</summary>
/// <remarks>Ten bytes in the file: virtual log file, block in units of 512 bytes, slot in the block (backup-file-format.md §6).</remarks>
public readonly struct Lsn : IEquatable<Lsn>, IComparable<Lsn>, IComparable
{
    private const decimal VlfUnit = 1_000_000_000_000_000m;
    private const decimal BlockUnit = 100_000m;

    /// <summary>Makes an LSN from its three parts.</summary>
    public Lsn(uint vlf, uint block, ushort slot)
    {
        Vlf = vlf;
        Block = block;
        Slot = slot;
    }

    /// <summary>The LSN that means "none".</summary>
    public static Lsn None => default;

    /// <summary>Sequence number of the virtual log file.</summary>
    public uint Vlf { get; }

    /// <summary>Block inside the virtual log file, in units of 512 bytes.</summary>
    public uint Block { get; }

    /// <summary>Record in the block, from 1.</summary>
    public ushort Slot { get; }

    /// <summary>True for the all-zero LSN that stands for "none".</summary>
    public bool IsNone => Vlf == 0 && Block == 0 && Slot == 0;

    public static bool operator ==(Lsn left, Lsn right) => left.Equals(right);

    public static bool operator !=(Lsn left, Lsn right) => !left.Equals(right);

    public static bool operator <(Lsn left, Lsn right) => left.CompareTo(right) < 0;

    public static bool operator >(Lsn left, Lsn right) => left.CompareTo(right) > 0;

    public static bool operator <=(Lsn left, Lsn right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Lsn left, Lsn right) => left.CompareTo(right) >= 0;

    /// <summary>Reads the T-SQL number (<c>19000000020400003</c>) or the form <c>vlf:block:slot</c> in decimal.</summary>
    /// <exception cref="FormatException">The text is neither.</exception>
    public static Lsn Parse(string text) =>
        TryParse(text, out Lsn lsn) ? lsn : throw new FormatException($"'{text}' is not a log sequence number.");

    /// <summary>Reads the T-SQL number or the form <c>vlf:block:slot</c> in decimal.</summary>
    public static bool TryParse(string? text, out Lsn lsn)
    {
        lsn = default;
        if (string.IsNullOrWhiteSpace(text))
            return false;
        string[] parts = text!.Trim().Split(':');
        if (parts.Length == 3)
        {
            if (!uint.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out uint vlf)
                || !uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint block)
                || !ushort.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out ushort slot))
            {
                return false;
            }

            lsn = new Lsn(vlf, block, slot);
            return true;
        }

        return decimal.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out decimal number) && TryFromDecimal(number, out lsn);
    }

    /// <summary>Makes an LSN from the number T-SQL shows.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number has a part that does not fit.</exception>
    public static Lsn FromDecimal(decimal number) =>
        TryFromDecimal(number, out Lsn lsn) ? lsn : throw new ArgumentOutOfRangeException(nameof(number), number, "Not a log sequence number.");

    /// <summary>The number T-SQL shows: VLF × 10^15 + block × 10^5 + slot.</summary>
    public decimal ToDecimal() => (Vlf * VlfUnit) + (Block * BlockUnit) + Slot;

    /// <summary>The form <c>vlf:block:slot</c>, each part in decimal.</summary>
    public string ToPartsString() => string.Format(CultureInfo.InvariantCulture, "{0}:{1}:{2}", Vlf, Block, Slot);

    /// <summary>The number T-SQL shows, as text.</summary>
    public override string ToString() => ToDecimal().ToString(CultureInfo.InvariantCulture);

    public bool Equals(Lsn other) => Vlf == other.Vlf && Block == other.Block && Slot == other.Slot;

    public override bool Equals(object? obj) => obj is Lsn other && Equals(other);

    public override int GetHashCode() => unchecked((int)((((Vlf * 397u) ^ Block) * 397u) ^ Slot));

    public int CompareTo(Lsn other)
    {
        int byVlf = Vlf.CompareTo(other.Vlf);
        if (byVlf != 0)
            return byVlf;
        int byBlock = Block.CompareTo(other.Block);
        return byBlock != 0 ? byBlock : Slot.CompareTo(other.Slot);
    }

    int IComparable.CompareTo(object? obj) => obj is Lsn other ? CompareTo(other) : obj is null ? 1 : throw new ArgumentException("Not an LSN.", nameof(obj));

    private static bool TryFromDecimal(decimal number, out Lsn lsn)
    {
        lsn = default;
        if (number < 0 || number != decimal.Truncate(number))
            return false;
        decimal vlf = decimal.Truncate(number / VlfUnit);
        decimal rest = number - (vlf * VlfUnit);
        decimal block = decimal.Truncate(rest / BlockUnit);
        decimal slot = rest - (block * BlockUnit);
        if (vlf > uint.MaxValue || block > uint.MaxValue || slot > ushort.MaxValue)
            return false;
        lsn = new Lsn((uint)vlf, (uint)block, (ushort)slot);
        return true;
    }
}
