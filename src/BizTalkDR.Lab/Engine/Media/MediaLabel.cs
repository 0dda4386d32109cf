using System;
using System.Buffers.Binary;
using System.Text;

namespace BizTalkDR.Lab.Engine;

/// <summary>Writes the label of a medium, block TAPE, and what says which of its files this is (facts: backup-file-format.md §3.2).</summary>
internal static class MediaLabel
{
    /// <summary>Writes the label of an empty medium.</summary>
    public static void Write(MtfOutput output, MediaInfo media)
    {
        byte[] software = Encoding.Unicode.GetBytes(media.SoftwareName + "\0");
        byte[] name = MtfBlock.Utf16(media.Name);
        byte[] description = MtfBlock.Utf16(media.Description);
        byte[] block = MtfBlock.Create("TAPE", MtfBlock.Align4(0x5E + name.Length + description.Length + software.Length), 0x30000);
        Span<byte> b = block;
        BinaryPrimitives.WriteUInt32LittleEndian(b[0x34..], media.MediaFamilyId);
        BinaryPrimitives.WriteUInt32LittleEndian(b[0x38..], 5);
        BinaryPrimitives.WriteUInt16LittleEndian(b[0x3C..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(b[0x40..], (ushort)(media.FilemarkSize / 512));
        BinaryPrimitives.WriteUInt16LittleEndian(b[0x42..], 3);
        int at = 0x5E;
        MtfBlock.Address(b[0x44..], name.Length, at);
        name.CopyTo(b[at..]);
        MtfBlock.Address(b[0x48..], description.Length, at += name.Length);
        description.CopyTo(b[at..]);
        MtfBlock.Address(b[0x50..], software.Length, at += description.Length);
        software.CopyTo(b[at..]);
        BinaryPrimitives.WriteUInt16LittleEndian(b[0x54..], MtfBlock.Alignment);
        BinaryPrimitives.WriteUInt16LittleEndian(b[0x56..], (ushort)media.VendorId);
        MtfDate.Write(media.Date, b[0x58..]);
        b[0x5D] = 1;
        output.Block(block);

        byte[] family = new byte[32];
        media.MediaSetId.TryWriteBytes(family);
        BinaryPrimitives.WriteUInt32LittleEndian(family.AsSpan(0x10), 0xF00000AD);
        BinaryPrimitives.WriteUInt16LittleEndian(family.AsSpan(0x14), (ushort)media.FamilyCount);
        BinaryPrimitives.WriteUInt16LittleEndian(family.AsSpan(0x16), (ushort)media.MirrorCount);
        BinaryPrimitives.WriteUInt16LittleEndian(family.AsSpan(0x18), (ushort)media.FamilyNumber);
        family[0x1E] = 1;
        output.Stream("RAID", family);
        output.EndBlock();
        output.Filemark();
    }
}
