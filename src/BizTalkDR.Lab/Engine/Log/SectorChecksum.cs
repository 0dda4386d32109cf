using System;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace BizTalkDR.Lab.Engine;

/// <summary>The checksum of log blocks and of backup data streams: per 512-byte sector rotate left by 1, then XOR the sector's words (facts: backup-file-format.md §8.3, §9.2).</summary>
internal static class SectorChecksum
{
    /// <summary>Computes the checksum, or goes on with one.</summary>
    /// <param name="data">Whole sectors.</param>
    /// <param name="sum">Checksum of what came before.</param>
    public static uint Of(ReadOnlySpan<byte> data, uint sum = 0)
    {
        for (int offset = 0; offset + LogBlock.SectorSize <= data.Length; offset += LogBlock.SectorSize)
        {
            sum = BitOperations.RotateLeft(sum, 1) ^ Fold(data.Slice(offset, LogBlock.SectorSize));
        }

        return sum;
    }

    private static uint Fold(ReadOnlySpan<byte> sector)
    {
        ulong fold = 0;
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(sector))
        {
            fold ^= word;
        }

        uint value = (uint)fold ^ (uint)(fold >> 32);
        return BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);
    }
}
