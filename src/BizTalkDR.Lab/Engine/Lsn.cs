using System;
using System.Buffers.Binary;
using System.Globalization;

namespace BizTalkDR.Lab.Engine;

/// <summary>Names one log record: virtual log file, block (512-byte sectors from the start of the virtual log file) and slot in the block.</summary>
/// <remarks>As a T-SQL number: VLF × 10^15 + block × 10^5 + slot (facts: backup-file-format.md §6).</remarks>
public readonly record struct Lsn(uint Vlf, uint Block, ushort Slot) : IComparable<Lsn>
{
    /// <summary>Bytes of the stored form.</summary>
    public const int Size = 10;

    /// <summary>No position.</summary>
    public static readonly Lsn Zero;

    /// <summary>Whether this is no position at all.</summary>
    public bool IsZero => Vlf == 0 && Block == 0 && Slot == 0;

    public static bool operator <(Lsn left, Lsn right) => left.CompareTo(right) < 0;

    public static bool operator >(Lsn left, Lsn right) => left.CompareTo(right) > 0;

    public static bool operator <=(Lsn left, Lsn right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Lsn left, Lsn right) => left.CompareTo(right) >= 0;

    /// <summary>Reads the 10-byte form (u32 VLF, u32 block, u16 slot, little-endian).</summary>
    public static Lsn Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(source),
        BinaryPrimitives.ReadUInt32LittleEndian(source[4..]),
        BinaryPrimitives.ReadUInt16LittleEndian(source[8..]));

    /// <summary>Reads the numeric(25,0) form.</summary>
    public static Lsn FromDecimal(decimal value)
    {
        uint vlf = (uint)decimal.Truncate(value / 1_000_000_000_000_000m);
        decimal rest = value - (vlf * 1_000_000_000_000_000m);
        uint block = (uint)decimal.Truncate(rest / 100_000m);
        return new Lsn(vlf, block, (ushort)(rest - (block * 100_000m)));
    }

    /// <summary>Writes the 10-byte form.</summary>
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, Vlf);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], Block);
        BinaryPrimitives.WriteUInt16LittleEndian(target[8..], Slot);
    }

    /// <summary>Gives the numeric(25,0) form.</summary>
    public decimal ToDecimal() => (Vlf * 1_000_000_000_000_000m) + (Block * 100_000m) + Slot;

    /// <inheritdoc/>
    public int CompareTo(Lsn other)
    {
        int c = Vlf.CompareTo(other.Vlf);
        if (c == 0)
        {
            c = Block.CompareTo(other.Block);
        }

        return c == 0 ? Slot.CompareTo(other.Slot) : c;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Vlf}:{Block}:{Slot}");
}
