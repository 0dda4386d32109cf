using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace BizTalkDR.Lab.Engine;

/// <summary>Writes the set map, stream TSMP, which lists all sets of a medium (facts: backup-file-format.md §3.5).</summary>
internal static class SetMap
{
    private const int EntrySize = 0x5C;
    private const int VolumeSize = 0x3E;

    public static byte[] Write(uint mediaFamilyId, IReadOnlyList<MappedSet> sets)
    {
        using MemoryStream stream = new();
        byte[] head = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(head, mediaFamilyId);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(4), (ushort)sets.Count);
        stream.Write(head);
        foreach (MappedSet set in sets)
        {
            stream.Write(Entry(set));
            stream.Write(Volume(set));
        }

        return stream.ToArray();
    }

    private static byte[] Entry(MappedSet set)
    {
        byte[] name = MtfBlock.Utf16(set.Name);
        byte[] user = MtfBlock.Utf16(set.UserName);
        byte[] entry = new byte[EntrySize + name.Length + user.Length];
        Span<byte> e = entry;
        BinaryPrimitives.WriteUInt16LittleEndian(e, (ushort)entry.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(e[0x02..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(e[0x08..], set.Attributes);
        BinaryPrimitives.WriteInt64LittleEndian(e[0x0C..], set.Address);
        BinaryPrimitives.WriteUInt16LittleEndian(e[0x1E..], (ushort)set.Position);
        BinaryPrimitives.WriteInt64LittleEndian(e[0x34..], set.Size);
        BinaryPrimitives.WriteUInt16LittleEndian(e[0x3C..], 1);
        MtfBlock.Address(e[0x40..], name.Length, EntrySize);
        MtfBlock.Address(e[0x4C..], user.Length, EntrySize + name.Length);
        MtfDate.Write(set.Date, e[0x50..]);
        Platform(e[0x56..]);
        name.CopyTo(e[EntrySize..]);
        user.CopyTo(e[(EntrySize + name.Length)..]);
        return entry;
    }

    private static byte[] Volume(MappedSet set)
    {
        byte[] device = Encoding.Unicode.GetBytes("C:");
        byte[] machine = MtfBlock.Utf16(set.MachineName);
        byte[] volume = new byte[VolumeSize + device.Length + machine.Length];
        Span<byte> v = volume;
        BinaryPrimitives.WriteUInt16LittleEndian(v, (ushort)volume.Length);
        "VOLB"u8.CopyTo(v[0x02..]);
        BinaryPrimitives.WriteUInt32LittleEndian(v[0x06..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(v[0x0C..], 1);
        Platform(v[0x20..]);
        MtfBlock.Address(v[0x26..], device.Length, VolumeSize);
        MtfBlock.Address(v[0x2E..], machine.Length, VolumeSize + device.Length);
        MtfDate.Write(set.Date, v[0x36..]);
        device.CopyTo(v[VolumeSize..]);
        machine.CopyTo(v[(VolumeSize + device.Length)..]);
        return volume;
    }

    /// <summary>Operating system, its version, and the string type.</summary>
    private static void Platform(Span<byte> target)
    {
        target[0] = 14;
        target[1] = 1;
        target[2] = 2;
    }
}
