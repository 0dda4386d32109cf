using System;
using BizTalkDR.BackupFiles.Format;

namespace BizTalkDR.BackupFiles.Verification;

/// <summary>
/// Compares the header that opens a set with the one that closes it. The two are written alike but for sizes, times and, in full and
/// differential backups, LSNs; so what nobody protects by a checksum is protected by being there twice.
/// </summary>
internal static class HeaderCopies
{
    /// <summary>Bytes of SCIN that are the same in both copies of every kind of set.</summary>
    private static readonly (int From, int To)[] SetValues =
    [
        (0x00, 0x14), (0x18, 0x1C), (0x3E, 0x52), (0x57, 0x60), (0x68, 0x8C), (0x9C, 0xD8), (0xE0, 0xF0), (0xF8, 0x120),
    ];

    private static readonly (int From, int To)[] LogSetValues = [(0x20, 0x3E)];

    private static readonly (int From, int To)[] FileValues =
    [
        (0x00, 0x08), (0x10, 0x18), (0x20, 0x28), (0x30, 0x38), (0xBA, 0xCA),
    ];

    /// <summary>Says what differs; <see langword="null"/> when nothing does that must not.</summary>
    public static string? Difference(ByteView opening, ByteView closing, Action<int, int> compared)
    {
        if (opening.Length != closing.Length)
            return "the two copies of the backup header differ in length";
        for (int at = 0; at < opening.Length;)
        {
            string id = opening.Id(at);
            int length = (int)opening.U32(at + 4);
            if (length < 0x34 || length > opening.Length - at || closing.U32(at + 4) != length || closing.Id(at) != id)
                return "the two copies of the backup header differ in their parts";
            ByteView first = opening.Slice(at, length);
            ByteView second = closing.Slice(at, length);
            int here = at;
            void Note(int from, int to) => compared(here + from, to - from);
            bool same = id switch
            {
                "SCIN" => SameSet(first, second, Note),
                "SFIN" => Same(first, second, FileValues, Note) && SameNames(first, second, first.U16(0x32), Note),
                _ => true,
            };
            if (!same)
                return $"the two copies of the backup header differ in a {id} part";
            at += length;
        }

        return null;
    }

    private static bool SameSet(ByteView first, ByteView second, Action<int, int> note)
    {
        bool isLog = first.U8(0x57) == 'L';
        return Same(first, second, SetValues, note)
            && (!isLog || Same(first, second, LogSetValues, note))
            && SameNames(first, second, first.U16(0x6A), note);
    }

    private static bool SameNames(ByteView first, ByteView second, int area, Action<int, int> note) =>
        area > first.Length || Same(first, second, [(area, first.Length)], note);

    private static bool Same(ByteView first, ByteView second, (int From, int To)[] ranges, Action<int, int> note)
    {
        foreach ((int from, int to) in ranges)
        {
            if (to > first.Length)
                continue;
            for (int i = from; i < to; i++)
            {
                if (first.U8(i) != second.U8(i))
                    return false;
            }

            note(from, to);
        }

        return true;
    }
}
