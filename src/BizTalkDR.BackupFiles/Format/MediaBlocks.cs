using System;

namespace BizTalkDR.BackupFiles.Format;

/// <summary>Reads the blocks that describe the medium and a set's frame (backup-file-format.md §3).</summary>
internal static class MediaBlocks
{
    private const uint RaidConstant = 0xF00000AD;

    public static MediaHeader ReadTape(ByteView tape)
    {
        bool isDate = tape.TryDate(0x58, out DateTime? date);
        return new MediaHeader
        {
            MediaFamilyId = tape.U32(0x34),
            IsPasswordProtected = Known.Fact(tape.U16(0x3E) != 0 || tape.U16(0x4C) != 0),
            MediaName = tape.TextAt(0x44),
            MediaDescription = tape.TextAt(0x48),
            SoftwareName = tape.TextAt(0x50),
            LogicalBlockBytes = tape.U16(0x54),
            SectorBytes = tape.U16(0x40) * 512,
            MediaDateLocal = isDate && date is DateTime day ? Known.Fact(day) : Known.Unknown<DateTime>("the bits at its place are no date"),
            MediaSetId = Known.Unknown<Guid>("the medium has no RAID stream"),
            FamilyCount = Known.Unknown<int>("the medium has no RAID stream"),
            FamilyNumber = Known.Unknown<int>("the medium has no RAID stream"),
            MirrorCount = Known.Unknown<int>("the medium has no RAID stream"),
        };
    }

    /// <returns>False when the stream is not of the only form ever seen; then nothing is taken from it.</returns>
    public static bool ReadRaid(MediaHeader media, ByteView raid)
    {
        if (raid.Length < 0x1A || raid.U32(0x10) != RaidConstant)
            return false;
        int count = raid.U16(0x14);
        int number = raid.U16(0x18);
        media.MediaSetId = Known.Fact(raid.Guid(0));
        if (count == 0 || number == 0 || number > count)
            return false;
        media.FamilyCount = Known.Fact(count);
        media.FamilyNumber = Known.Fact(number);
        media.MirrorCount = Known.Inferred((int)raid.U16(0x16), "fits the files seen; no mirrored pair was at hand");
        return true;
    }

    public static void ReadSetStart(BackupSet set, ByteView sset)
    {
        set.SetAttributes = sset.U32(0x34);
        set.IsPasswordProtected = Known.Fact(sset.U16(0x38) != 0 || sset.U16(0x48) != 0);
        set.Position = sset.U16(0x3E);
        set.BackupName = sset.TextAt(0x40);
        set.BackupDescription = sset.TextAt(0x44);
        set.UserName = sset.TextAt(0x4C);
        sbyte quarters = unchecked((sbyte)sset.U8(0x5F));
        set.UtcOffset = quarters is 0 or < -56 or > 56
            ? Known.Unknown<TimeSpan>("the server left it empty, or is at UTC")
            : Known.Inferred(TimeSpan.FromMinutes(15 * quarters), "fits the origin of the files seen");
        int size = sset.U16(0x2C);
        set.BackupSetGuid = size >= 16 ? Known.Fact(sset.Guid(sset.U16(0x2E))) : Known.Unknown<Guid>("the set carries none");
    }
}
