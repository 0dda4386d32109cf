using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;

namespace BizTalkDR.BackupFiles.Tests;

/// <summary>A backup to be mutated, with the places of its headers, so that mutations can reach behind the checksums.</summary>
internal sealed class MutationSeed
{
    private MutationSeed(string name, byte[] bytes, List<(int At, int Sum)> headers)
    {
        Name = name;
        Bytes = bytes;
        Headers = headers;
    }

    public string Name { get; }

    public byte[] Bytes { get; }

    /// <summary>Start of each block, stream or record header, and where its checksum stands behind the start.</summary>
    public List<(int At, int Sum)> Headers { get; }

    public static MutationSeed Of(string name, byte[] bytes)
    {
        var headers = new List<(int At, int Sum)>();
        for (int at = 0; at + 52 <= bytes.Length; at += 4)
        {
            if (IsHeader(bytes, at, 50))
                headers.Add((at, 50));
            else if (IsHeader(bytes, at, 20))
                headers.Add((at, 20));
        }

        return new MutationSeed(name, bytes, headers);
    }

    private static bool IsHeader(byte[] bytes, int at, int sum)
    {
        for (int i = 0; i < 4; i++)
        {
            if (bytes[at + i] is < (byte)'A' or > (byte)'Z')
                return false;
        }

        return Checksum(bytes, at, sum) == BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + sum));
    }

    internal static ushort Checksum(byte[] bytes, int at, int size)
    {
        ushort sum = 0;
        for (int i = 0; i < size; i += 2)
            sum ^= BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + i));
        return sum;
    }
}

/// <summary>Makes wrong backups of sound ones: from one flipped bit to impossible lengths under right checksums.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly ulong[] Interesting =
    [
        0, 1, 2, 3, 7, 21, 22, 51, 52, 511, 512, 513, 1023, 1024, 4095, 8191, 65535, 65536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, 0x7FFFFFFFFFFFFFFF,
        0x8000000000000000, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFEA, 0x7FFFFFFFFFFFFFE9,
    ];

    private readonly Random _random = new(seed);

    public byte[] Mutate(MutationSeed from)
    {
        byte[] bytes = (byte[])from.Bytes.Clone();
        int times = 1 + (_random.Next(4) == 0 ? _random.Next(6) : 0);
        for (int i = 0; i < times && bytes.Length > 64; i++)
            bytes = Once(from, bytes);
        return bytes;
    }

    private byte[] Once(MutationSeed from, byte[] bytes)
    {
        int at = Place(from, bytes.Length);
        switch (_random.Next(10))
        {
            case 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)_random.Next(256);
                return bytes;
            case 2:
                return bytes[..at];
            case 3:
                Array.Clear(bytes, at, Math.Min(bytes.Length - at, 1 << _random.Next(17)));
                return bytes;
            case 4:
                int length = Math.Min(bytes.Length - at, 1 << _random.Next(16));
                Buffer.BlockCopy(bytes, at, bytes, Math.Min(bytes.Length - length, Place(from, bytes.Length)), length);
                return bytes;
            case 5:
                int cut = Math.Min(bytes.Length - at, _random.Next(2) == 0 ? _random.Next(1, 64) : 512);
                return [.. bytes[..at], .. bytes[(at + cut)..]];
            case 6:
                return [.. bytes[..at], .. new byte[_random.Next(2) == 0 ? _random.Next(1, 64) : 512], .. bytes[at..]];
            default:
                Field(from, bytes);
                return bytes;
        }
    }

    /// <summary>Writes an interesting value into a header or near one, and mostly seals the header again.</summary>
    private void Field(MutationSeed from, byte[] bytes)
    {
        if (from.Headers.Count == 0)
            return;
        (int at, int sum) = from.Headers[_random.Next(from.Headers.Count)];
        int reach = _random.Next(3) == 0 ? 700 : sum;
        int field = at + _random.Next(reach);
        ulong value = Interesting[_random.Next(Interesting.Length)];
        int size = 1 << _random.Next(4);
        for (int i = 0; i < size && field + i < bytes.Length; i++)
            bytes[field + i] = (byte)(value >> (8 * i));
        if (_random.Next(10) != 0 && at + sum + 2 <= bytes.Length)
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at + sum), MutationSeed.Checksum(bytes, at, sum));
    }

    private int Place(MutationSeed from, int length)
    {
        if (_random.Next(2) == 0 || from.Headers.Count == 0)
            return _random.Next(length);
        return Math.Min(length - 1, from.Headers[_random.Next(from.Headers.Count)].At + _random.Next(4096) / (1 + _random.Next(64)));
    }
}
