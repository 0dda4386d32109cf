using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Numerics;

namespace BizTalkDR.Lab.Engine;

/// <summary>Reads and checks the raw form of a log block (facts: backup-file-format.md §9.2).</summary>
internal static class LogBlock
{
    public const int SectorSize = 512;

    /// <summary>Largest block: 60 KB.</summary>
    public const int MaxSize = 61440;

    /// <summary>Offset of the first record in blocks written here, as in SQL Server 2019 and later.</summary>
    public const int HeaderSize = 0x48;

    private const int ChecksumOffset = 0x18;

    /// <summary>Gives the size a block claims, or 0 when this cannot be a block.</summary>
    public static int SizeOf(ReadOnlySpan<byte> raw)
    {
        if (raw.Length < SectorSize)
        {
            return 0;
        }

        int size = BinaryPrimitives.ReadUInt16LittleEndian(raw[0x06..]);
        int used = BinaryPrimitives.ReadUInt16LittleEndian(raw[0x04..]);
        bool plausible = (raw[0] & 0x10) != 0 && (raw[0] & 0xC0) is 0x40 or 0x80
            && size >= SectorSize && size <= MaxSize && size % SectorSize == 0 && used <= size;
        return plausible ? size : 0;
    }

    public static Lsn LsnOf(ReadOnlySpan<byte> raw) => Lsn.Read(raw[0x0C..]);

    public static byte ParityOf(ReadOnlySpan<byte> raw) => (byte)(raw[0] & 0xC0);

    /// <summary>Gives the size of the block at the start of the span when it is whole and has the expected LSN; 0 otherwise.</summary>
    /// <remarks>Blocks written here always have a checksum: one without is torn.</remarks>
    public static int Check(ReadOnlySpan<byte> raw, Lsn expected)
    {
        int size = SizeOf(raw);
        if (size == 0 || size > raw.Length || LsnOf(raw) != expected)
        {
            return 0;
        }

        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(raw[ChecksumOffset..]);
        return stored != 0 && stored == Checksum(raw[..size]) && HasAllSectors(raw[..size]) ? size : 0;
    }

    /// <summary>Looks for the parity in every sector: a sector never written can leave the checksum as it is.</summary>
    public static bool HasAllSectors(ReadOnlySpan<byte> raw)
    {
        byte parity = ParityOf(raw);
        int last = (raw.Length / SectorSize) - 1;
        for (int i = 0; i <= last; i++)
        {
            if (raw[i * SectorSize] != (parity | (i == 0 ? 0x10 : 0) | (i == last ? 0x08 : 0)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Compares the stored checksum; 0 means the block has none.</summary>
    public static bool HasRightChecksum(ReadOnlySpan<byte> raw)
    {
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(raw[ChecksumOffset..]);
        return stored == 0 || stored == Checksum(raw);
    }

    /// <summary>Computes the checksum over the raw block with the checksum field taken as 0: per sector, rotate left by 1, XOR all words.</summary>
    public static uint Checksum(ReadOnlySpan<byte> raw)
    {
        uint sum = SectorChecksum.Of(raw);
        int sectors = raw.Length / SectorSize;

        // The field lies in the first sector, whose words were rotated once for every later sector.
        return sum ^ BitOperations.RotateLeft(BinaryPrimitives.ReadUInt32LittleEndian(raw[ChecksumOffset..]), sectors - 1);
    }

    /// <summary>Finishes a block: marks every sector with the parity, keeps the displaced first bytes, stores the checksum.</summary>
    /// <param name="raw">The block with header fields, records and slot array in place.</param>
    /// <param name="parity">0x40 or 0x80.</param>
    public static void Protect(Span<byte> raw, byte parity)
    {
        int sectors = raw.Length / SectorSize;
        for (int i = 1; i < sectors; i++)
        {
            raw[raw.Length - 1 - i] = raw[i * SectorSize];
            raw[i * SectorSize] = (byte)(parity | (i == sectors - 1 ? 0x08 : 0));
        }

        raw[0] = (byte)(parity | 0x10 | (sectors == 1 ? 0x08 : 0));
        BinaryPrimitives.WriteUInt32LittleEndian(raw[ChecksumOffset..], 0);
        uint sum = SectorChecksum.Of(raw);
        if (sum == 0)
        {
            // 0 would say that there is none; a bit in a field without a meaning makes it another one.
            raw[0x1C] = 1;
            sum = SectorChecksum.Of(raw);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(raw[ChecksumOffset..], sum);
    }

    /// <summary>Gives a copy of the block with the displaced bytes put back.</summary>
    public static byte[] Unprotect(ReadOnlySpan<byte> raw)
    {
        byte[] plain = raw.ToArray();
        for (int i = 1; i < plain.Length / SectorSize; i++)
        {
            plain[i * SectorSize] = plain[plain.Length - 1 - i];
        }

        return plain;
    }

    /// <summary>Lists the records of an unprotected block as start and length.</summary>
    /// <remarks>A slot that points outside the block ends the list: damaged blocks are found by their checksum, not here.</remarks>
    public static IEnumerable<(int Start, int Length)> Slots(byte[] plain)
    {
        int count = BinaryPrimitives.ReadUInt16LittleEndian(plain.AsSpan(0x02));
        int used = BinaryPrimitives.ReadUInt16LittleEndian(plain.AsSpan(0x04));
        int slots = used - (2 * count);
        for (int k = 0; k < count && slots > 0 && used <= plain.Length; k++)
        {
            int start = BinaryPrimitives.ReadUInt16LittleEndian(plain.AsSpan(used - (2 * (k + 1))));
            int end = k == count - 1 ? slots : BinaryPrimitives.ReadUInt16LittleEndian(plain.AsSpan(used - (2 * (k + 2))));
            if (start < 0x1C || end > slots || end < start)
            {
                yield break;
            }

            yield return (start, end - start);
        }
    }
}
