using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.BackupFiles.Tests;

/// <summary>Says what stands where damage was missed, so that a miss is more than a number.</summary>
internal static class MissedPlace
{
    private const int PageBytes = 8192;

    /// <param name="bytes">The sound file.</param>
    /// <param name="at">The first missed byte.</param>
    /// <param name="region">What verification counted together with it: a page, a log block, a header.</param>
    /// <param name="changed">All changed bytes.</param>
    public static string Of(byte[] bytes, int at, (long Start, long End) region, List<int> changed)
    {
        ReadOnlySpan<byte> whole = bytes.AsSpan((int)region.Start, (int)(region.End - region.Start));
        int inside = at - (int)region.Start;
        if (whole.Length is 52 or 22)
            return "header of a block or stream";
        if (whole.Length == PageBytes && whole[0] <= 1)
            return Page(whole, inside, changed.Select(c => c - (int)region.Start));
        if (whole.Length % 512 == 0 && (whole[0] & 0x10) != 0)
            return inside < BinaryPrimitives.ReadUInt16LittleEndian(whole[4..]) ? "log block, records" : "log block, old memory behind its records";
        return whole.IndexOfAnyExcept((byte)0) < 0 ? "zeros that fill up a stream under a backup checksum" : $"{whole.Length} bytes under a checksum";
    }

    private static string Page(ReadOnlySpan<byte> page, int inside, IEnumerable<int> changed)
    {
        string kind = page[1] switch
        {
            1 => "row page",
            2 => "index page",
            3 or 4 => "text page",
            8 or 9 or 16 or 17 => "allocation map page",
            10 => "IAM page",
            11 => "PFS page",
            _ => $"page of type {page[1]}",
        };
        int free = BinaryPrimitives.ReadUInt16LittleEndian(page[0x1E..]);
        int slots = PageBytes - (2 * BinaryPrimitives.ReadUInt16LittleEndian(page[0x16..]));
        bool harmless = free >= 96 && free <= slots && changed.All(c => c >= PageBytes || c < 0 || (c >= free && c < slots));
        return kind + (inside < 96 ? ", header" : harmless ? ", free space" : inside >= slots ? ", row offsets" : ", contents");
    }
}
