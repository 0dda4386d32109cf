using System;
using System.Buffers.Binary;
using System.Text;

namespace BizTalkDR.Lab.Engine;

/// <summary>Builds and checks descriptor blocks and stream headers of the Microsoft Tape Format (facts: backup-file-format.md §3.1 and §4).</summary>
internal static class MtfBlock
{
    public const int HeaderSize = 52;
    public const int StreamHeaderSize = 22;

    /// <summary>Logical block size of the format: blocks begin at multiples of it, counted from the filemark before.</summary>
    public const int Alignment = 1024;

    /// <summary>Creates a block with its common header; the caller fills in the rest and seals it.</summary>
    public static byte[] Create(string type, int size, uint attributes = 0, long logicalAddress = 0, int controlId = 0, bool unicode = true)
    {
        byte[] block = new byte[size];
        Encoding.ASCII.GetBytes(type, block);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(0x04), attributes);
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(0x08), (ushort)size);
        block[0x0A] = 14;
        block[0x0B] = 1;
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(0x14), logicalAddress);
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(0x24), controlId);
        block[0x30] = (byte)(unicode ? 2 : 0);
        return block;
    }

    /// <summary>Stores the header checksum.</summary>
    public static byte[] Seal(byte[] block)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(0x32), Checksum(block.AsSpan(0, 0x32)));
        return block;
    }

    public static bool IsIntact(ReadOnlySpan<byte> header) =>
        Checksum(header[..0x32]) == BinaryPrimitives.ReadUInt16LittleEndian(header[0x32..]);

    public static byte[] StreamHeader(string id, long length, ushort attributes = 0)
    {
        byte[] header = new byte[StreamHeaderSize];
        Encoding.ASCII.GetBytes(id, header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(0x06), attributes);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(0x08), length);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(0x14), Checksum(header.AsSpan(0, 0x14)));
        return header;
    }

    public static bool IsIntactStream(ReadOnlySpan<byte> header) =>
        Checksum(header[..0x14]) == BinaryPrimitives.ReadUInt16LittleEndian(header[0x14..]);

    /// <summary>Writes a tape address: size and offset.</summary>
    public static void Address(Span<byte> target, int size, int offset)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)size);
        BinaryPrimitives.WriteUInt16LittleEndian(target[2..], (ushort)(size == 0 ? 0 : offset));
    }

    /// <summary>Reads the text a tape address points to; null when there is none or it lies outside.</summary>
    public static string? Text(ReadOnlySpan<byte> block, int address)
    {
        int size = BinaryPrimitives.ReadUInt16LittleEndian(block[address..]);
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(block[(address + 2)..]);
        return size < 2 || offset + size > block.Length ? null : Encoding.Unicode.GetString(block.Slice(offset, size & ~1)).TrimEnd('\0');
    }

    public static int Align4(int value) => (value + 3) & ~3;

    public static byte[] Utf16(string? text) => text is null ? [] : Encoding.Unicode.GetBytes(text);

    /// <summary>XOR of 16-bit words.</summary>
    private static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        int sum = 0;
        for (int i = 0; i < bytes.Length; i += 2)
        {
            sum ^= BinaryPrimitives.ReadUInt16LittleEndian(bytes[i..]);
        }

        return (ushort)sum;
    }
}
