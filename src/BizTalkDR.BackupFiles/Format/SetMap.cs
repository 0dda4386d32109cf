using System.Collections.Generic;

namespace BizTalkDR.BackupFiles.Format;

/// <summary>What the set map says of one set.</summary>
internal readonly struct SetMapEntry(int number, ulong address, ulong size, string name)
{
    public int Number { get; } = number;

    /// <summary>Place of the set's SSET block in the file.</summary>
    public ulong Address { get; } = address;

    public ulong Size { get; } = size;

    public string Name { get; } = name;
}

/// <summary>The list of all sets of a medium that each set ends with (stream TSMP, backup-file-format.md §3.5).</summary>
internal static class SetMap
{
    public const int Limit = 8 << 20;

    public static List<SetMapEntry> Read(ByteView map)
    {
        var entries = new List<SetMapEntry>();
        int count = map.U16(4);
        int at = 8;
        for (int i = 0; i < count; i++)
        {
            int length = map.U16(at);
            if (length < 0x50)
                throw new DamageException(FindingKind.Malformed, map.Origin + at, "An entry of the set map is too short.");
            ByteView entry = map.Slice(at, length);
            int volumes = entry.U16(0x3C);
            entries.Add(new SetMapEntry(entry.U16(0x1E), entry.U64(0x0C), entry.U64(0x34), entry.TextAt(0x40)));
            at += length;
            for (int v = 0; v < volumes; v++)
            {
                int step = map.U16(at);
                if (step < 2)
                    throw new DamageException(FindingKind.Malformed, map.Origin + at, "A volume entry of the set map is too short.");
                at += step;
            }
        }

        return entries;
    }
}
