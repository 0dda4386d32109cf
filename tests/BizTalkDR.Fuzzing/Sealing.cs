using System;
using System.Buffers.Binary;
using System.Numerics;

namespace BizTalkDR.Fuzzing;

/// <summary>Makes checksums right again after a mutation, so that it reaches what stands behind them.</summary>
internal static class Sealing
{
    public static void Apply(byte[] bytes)
    {
        if (bytes.AsSpan().StartsWith("MSSQLBAK"u8))
            Records(bytes);
        else
            LogBlocks(bytes);
    }

    private static void Records(byte[] bytes)
    {
        for (int at = 0x1E0; at + 28 <= bytes.Length;)
        {
            int data = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + 2));
            switch (bytes[at])
            {
                case 0x21 when at + 28 + data <= bytes.Length:
                    uint sum = 0;
                    Span<byte> padded = new byte[(data + 3) & ~3];
                    bytes.AsSpan(at + 28, data).CopyTo(padded);
                    for (int i = 0; i < padded.Length; i += 4)
                        sum = BitOperations.RotateLeft(sum, 1) ^ BinaryPrimitives.ReadUInt32LittleEndian(padded[i..]);
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at + 24), sum);
                    at += 28 + data;
                    break;
                case 0x24:
                    at += 24 + data;
                    break;
                case (byte)'S' when at + 10 <= bytes.Length:
                    at += Math.Max(1, (int)BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + 8)));
                    break;
                default:
                    return;
            }
        }
    }

    private static void LogBlocks(byte[] bytes)
    {
        for (int at = 0; at + 512 <= bytes.Length; at += 512)
        {
            int size = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + 6));
            if ((bytes[at] & 0x10) == 0 || (bytes[at] & 0xC0) is not (0x40 or 0x80) || size == 0 || size % 512 != 0 || at + size > bytes.Length)
                continue;
            bytes.AsSpan(at + 0x18, 4).Clear();
            uint sum = 0;
            for (int i = 0; i < size; i += 4)
                sum = (i % 512 == 0 ? BitOperations.RotateLeft(sum, 1) : sum) ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + i));
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at + 0x18), sum);
        }
    }
}
