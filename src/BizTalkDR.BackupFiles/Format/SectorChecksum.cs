using System;

namespace BizTalkDR.BackupFiles.Format;

/// <summary>The checksums that SQL Server builds from 512-byte sectors (backup-file-format.md §7, §8.2, §8.3, §9.2).</summary>
internal static class SectorChecksum
{
    public const int SectorBytes = 512;

    public static uint RotateLeft(uint value, int by) => (value << by) | (value >> (32 - by));

    /// <summary>XOR of the 128 words of a sector.</summary>
    public static unsafe uint Fold(byte* sector)
    {
        var words = (ulong*)sector;
        ulong a = 0, b = 0, c = 0, d = 0;
        for (int i = 0; i < SectorBytes / 8; i += 8)
        {
            a ^= words[i] ^ words[i + 4];
            b ^= words[i + 1] ^ words[i + 5];
            c ^= words[i + 2] ^ words[i + 6];
            d ^= words[i + 3] ^ words[i + 7];
        }

        a ^= b ^ c ^ d;
        return (uint)a ^ (uint)(a >> 32);
    }

    /// <summary>Goes on with the running checksum of CSUM and log blocks: rotate by one, then XOR, sector by sector.</summary>
    public static unsafe uint Running(uint sum, byte[] bytes, int at, int count)
    {
        Demand(bytes, at, count);
        fixed (byte* start = bytes)
        {
            byte* end = start + at + count;
            for (byte* sector = start + at; sector < end; sector += SectorBytes)
                sum = RotateLeft(sum, 1) ^ Fold(sector);
        }

        return sum;
    }

    /// <summary>Checksum of a compressed record's data, padded with zeros to whole words.</summary>
    public static unsafe uint Record(byte[] bytes, int at, int count)
    {
        if (at < 0 || count < 0 || at > bytes.Length - count)
            throw new ArgumentOutOfRangeException(nameof(count));
        uint sum = 0;
        fixed (byte* start = bytes)
        {
            byte* p = start + at;
            int words = count / 4;
            for (int i = 0; i < words; i++)
                sum = RotateLeft(sum, 1) ^ ((uint*)p)[i];
            uint last = 0;
            for (int i = words * 4, shift = 0; i < count; i++, shift += 8)
                last |= (uint)p[i] << shift;
            if ((count & 3) != 0)
                sum = RotateLeft(sum, 1) ^ last;
        }

        return sum;
    }

    /// <summary>True when nothing but zeros stands there.</summary>
    public static unsafe bool IsZero(byte[] bytes, int at, int count)
    {
        if (at < 0 || count < 0 || at > bytes.Length - count)
            throw new ArgumentOutOfRangeException(nameof(count));
        fixed (byte* start = bytes)
        {
            byte* p = start + at;
            int i = 0;
            for (; i <= count - 8; i += 8)
            {
                if (*(ulong*)(p + i) != 0)
                    return false;
            }

            for (; i < count; i++)
            {
                if (p[i] != 0)
                    return false;
            }
        }

        return true;
    }

    private static void Demand(byte[] bytes, int at, int count)
    {
        if (at < 0 || count < 0 || (count & (SectorBytes - 1)) != 0 || at > bytes.Length - count)
            throw new ArgumentOutOfRangeException(nameof(count));
    }
}
