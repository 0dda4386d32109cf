using System;
using System.Buffers.Binary;
using System.Numerics;

namespace BizTalkDR.Lab.Engine;

/// <summary>Records of the compressed container (facts: backup-file-format.md §7).</summary>
internal static class CompressedRecord
{
    /// <summary>Where records begin.</summary>
    public const int First = 0x1E0;

    public const int DataHeaderSize = 28;
    public const int PaddingHeaderSize = 24;
    public const byte Data = 0x21;
    public const byte Padding = 0x24;
    public const byte Index = 0x2C;

    /// <summary>Checksum of the compressed bytes: words of four bytes, rotate left by 1, XOR; zeros behind the end.</summary>
    public static uint ChecksumOf(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        int at = 0;
        for (; at + 4 <= bytes.Length; at += 4)
        {
            sum = BitOperations.RotateLeft(sum, 1) ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
        }

        if (at < bytes.Length)
        {
            Span<byte> last = stackalloc byte[4];
            last.Clear();
            bytes[at..].CopyTo(last);
            sum = BitOperations.RotateLeft(sum, 1) ^ BinaryPrimitives.ReadUInt32LittleEndian(last);
        }

        return sum;
    }
}
