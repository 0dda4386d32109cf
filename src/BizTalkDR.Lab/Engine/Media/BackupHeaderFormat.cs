using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>Writes and reads the backup header and file list, stream MQCI (facts: backup-file-format.md §6).</summary>
/// <remarks>
/// The first recovery fork is kept in field 120 and the collation's name in the third string, both empty in files of SQL Server, whose places
/// for them are not known. Bit 0x400 of the flags says copy-only.
/// </remarks>
internal static class BackupHeaderFormat
{
    private const int SetStrings = 0x190;
    private const int GroupStrings = 0xE0;
    private const int FileStrings = 0x404;

    /// <summary>A place of the lab's own: where SQL Server keeps the date is not known.</summary>
    private const int ExpirationDate = 0x160;

    /// <summary>Likewise, in the chunk of a data file: transparent encryption.</summary>
    private const int Encryption = 0x200;

    public static byte[] Write(BackupSetInfo info)
    {
        using MemoryStream stream = new();
        stream.Write(Set(info));
        foreach (FileGroupEntry group in info.FileGroups)
        {
            stream.Write(Group(info, group));
            foreach (BackupFileInfo file in info.DataFiles.Where(f => f.FileGroupId == group.Id))
            {
                stream.Write(File(info, file));
            }
        }

        foreach (BackupFileInfo file in info.Files.Where(f => f.IsLog))
        {
            stream.Write(File(info, file));
        }

        return stream.ToArray();
    }

    /// <summary>Reads the stream; null when it is no backup header or its chunks do not fill it.</summary>
    public static BackupSetInfo? Read(ReadOnlySpan<byte> stream)
    {
        BackupSetInfo? info = null;
        List<BackupFileInfo> files = [];
        List<FileGroupEntry> groups = [];
        DatabaseEncryption? encryption = null;
        int offset = 0;
        while (offset + 8 <= stream.Length)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(stream[(offset + 4)..]);
            if (length < 8 || length > stream.Length - offset)
            {
                return null;
            }

            ReadOnlySpan<byte> chunk = stream.Slice(offset, length);
            if (chunk.StartsWith("SCIN"u8) && length >= 0x160)
            {
                info = ReadSet(chunk);
            }
            else if (chunk.StartsWith("SFGI"u8) && length >= 0x30)
            {
                int id = BinaryPrimitives.ReadInt32LittleEndian(chunk[0x0C..]);
                groups.Add(new FileGroupEntry(id, MtfBlock.Text(chunk, 0x10) ?? string.Empty, id == FileGroupEntry.Primary, Guid.Empty));
            }
            else if (chunk.StartsWith("SFIN"u8) && length >= 0x110)
            {
                files.Add(ReadFile(chunk));
                encryption ??= ReadEncryption(chunk);
            }

            offset += length;
        }

        return info is null ? null : info with { Files = files, Encryption = encryption, FileGroups = groups.Count > 0 ? groups : info.FileGroups };
    }

    private static byte[] Set(BackupSetInfo info)
    {
        byte[] database = MtfBlock.Utf16(info.DatabaseName);
        byte[] server = MtfBlock.Utf16(info.ServerName);
        byte[] collation = MtfBlock.Utf16(info.Collation);
        byte[] chunk = new byte[SetStrings + database.Length + server.Length + collation.Length];
        Span<byte> c = chunk;
        "SCIN"u8.CopyTo(c);
        U32(c, 0x04, chunk.Length);
        U32(c, 0x08, info.Flags);
        int logs = 0;
        foreach (BackupFileInfo file in info.Files)
        {
            logs += file.IsLog ? 1 : 0;
        }

        U32(c, 0x0C, info.Files.Count - logs);
        U32(c, 0x10, logs);
        BinaryPrimitives.WriteUInt16LittleEndian(c[0x18..], (ushort)info.SoftwareBuild);
        c[0x1A] = info.SoftwareMinor;
        c[0x1B] = info.SoftwareMajor;
        U32(c, 0x1C, 9);
        info.FirstLsn.Write(c[0x20..]);
        info.LastLsn.Write(c[0x2A..]);
        info.CheckpointLsn.Write(c[0x34..]);
        info.DatabaseBackupLsn.Write(c[0x3E..]);
        MtfDate.Write(info.DatabaseCreationDate, c[0x48..]);
        MtfDate.Write(info.StartDate, c[0x4D..]);
        MtfDate.Write(info.FinishDate, c[0x52..]);
        c[0x57] = (byte)info.Type;
        c[0x58] = info.SortOrder;
        BinaryPrimitives.WriteUInt16LittleEndian(c[0x59..], 1);
        c[0x5B] = info.CompatibilityLevel;
        BinaryPrimitives.WriteUInt16LittleEndian(c[0x5C..], (ushort)info.DatabaseId);
        BinaryPrimitives.WriteUInt16LittleEndian(c[0x5E..], (ushort)info.DatabaseVersion);
        BinaryPrimitives.WriteInt64LittleEndian(c[0x60..], info.BackupSize);
        MtfBlock.Address(c[0x68..], database.Length, SetStrings);
        MtfBlock.Address(c[0x6C..], server.Length, SetStrings + database.Length);
        MtfBlock.Address(c[0x70..], collation.Length, SetStrings + database.Length + server.Length);
        U32(c, 0x74, info.UnicodeLocale);
        U32(c, 0x78, info.UnicodeComparisonStyle);
        info.BindingId.TryWriteBytes(c[0x7C..]);
        info.LastLsn.Write(c[0x90..]);
        Forks(info, c, 0x9C);
        info.LastFullSetGuid.TryWriteBytes(c[0xC8..]);
        U32(c, 0xD8, 0x00D00409);
        U32(c, 0xDC, info.SortOrder);
        info.FamilyId.TryWriteBytes(c[0xE0..]);
        BinaryPrimitives.WriteUInt16LittleEndian(c[0xF2..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(c[0xF4..], (ushort)StatusOf(info.RecoveryModel));
        info.LogChainStartLsn.Write(c[0xF8..]);
        info.DifferentialBaseLsn.Write(c[0x104..]);
        info.DifferentialBaseGuid.TryWriteBytes(c[0x110..]);
        info.FirstRecoveryForkId.TryWriteBytes(c[0x120..]);
        info.ForkPointLsn.Write(c[0x130..]);
        info.ParentForkId.TryWriteBytes(c[0x13C..]);
        (info.Type == 'L' ? info.FirstLsn : Lsn.Zero).Write(c[0x14C..]);
        BinaryPrimitives.WriteInt64LittleEndian(c[0x158..], info.CompressedBackupSize);
        MtfDate.Write(info.ExpirationDate, c[ExpirationDate..]);
        U32(c, 0x17C, 1);
        U32(c, 0x180, 2);
        U32(c, 0x184, 3);
        database.CopyTo(c[SetStrings..]);
        server.CopyTo(c[(SetStrings + database.Length)..]);
        collation.CopyTo(c[(SetStrings + database.Length + server.Length)..]);
        return chunk;
    }

    private static byte[] Group(BackupSetInfo info, FileGroupEntry group)
    {
        byte[] name = MtfBlock.Utf16(group.Name);
        byte[] chunk = new byte[GroupStrings + name.Length];
        Span<byte> c = chunk;
        "SFGI"u8.CopyTo(c);
        U32(c, 0x04, chunk.Length);
        U32(c, 0x08, 0x10);
        U32(c, 0x0C, group.Id);
        MtfBlock.Address(c[0x10..], name.Length, GroupStrings);
        U32(c, 0x14, 1);
        U32(c, 0x28, 4);
        info.FirstLsn.Write(c[0x34..]);
        info.LastLsn.Write(c[0x40..]);
        info.CheckpointLsn.Write(c[0x4C..]);
        info.LogChainStartLsn.Write(c[0x64..]);
        info.LastLsn.Write(c[0x80..]);
        Forks(info, c, 0x8C);
        name.CopyTo(c[GroupStrings..]);
        return chunk;
    }

    private static byte[] File(BackupSetInfo info, BackupFileInfo file)
    {
        byte[] logical = MtfBlock.Utf16(file.LogicalName);
        byte[] physical = MtfBlock.Utf16(file.PhysicalName);
        byte[] chunk = new byte[FileStrings + logical.Length + physical.Length];
        Span<byte> c = chunk;
        "SFIN"u8.CopyTo(c);
        U32(c, 0x04, chunk.Length);
        U32(c, 0x08, 0x04 | (file.PagesInBackup > 0 ? 0x80 : 0));
        U32(c, 0x10, 8192);
        U32(c, 0x14, file.FileId);
        U32(c, 0x18, file.PagesInBackup);
        U32(c, 0x1C, file.FileId);
        U32(c, 0x20, file.SourceBlockSize);
        U32(c, 0x24, file.IsLog ? 0 : file.FileGroupId);
        BinaryPrimitives.WriteInt64LittleEndian(c[0x28..], file.SizeBytes);
        MtfBlock.Address(c[0x30..], logical.Length, FileStrings);
        MtfBlock.Address(c[0x34..], physical.Length, FileStrings + logical.Length);
        BinaryPrimitives.WriteInt64LittleEndian(c[0x56..], file.MaxSizeBytes);
        BinaryPrimitives.WriteInt64LittleEndian(c[0x5E..], 1 << 20);
        BinaryPrimitives.WriteInt64LittleEndian(c[0x7A..], file.MaxSizeBytes);
        BinaryPrimitives.WriteInt64LittleEndian(c[0x82..], file.SizeBytes);
        file.DifferentialBaseLsn.Write(c[0x9E..]);
        file.DifferentialBaseGuid.TryWriteBytes(c[0xAA..]);
        file.UniqueId.TryWriteBytes(c[0xBA..]);
        info.FirstLsn.Write(c[0xCA..]);
        info.LastLsn.Write(c[0xDA..]);
        info.CheckpointLsn.Write(c[0xEA..]);
        BinaryPrimitives.WriteInt64LittleEndian(c[0xFA..], file.BackupSizeBytes);
        BinaryPrimitives.WriteInt64LittleEndian(c[0x106..], info.StartDate.ToFileTimeUtc());
        if (info.Encryption is { } encryption && !file.IsLog)
        {
            c[Encryption] = 1;
            BinaryPrimitives.WriteUInt16LittleEndian(c[(Encryption + 2)..], (ushort)encryption.KeyLength);
            BinaryPrimitives.WriteInt64LittleEndian(c[(Encryption + 4)..], encryption.Created.Ticks);
            encryption.Thumbprint.CopyTo(c[(Encryption + 12)..]);
        }

        logical.CopyTo(c[FileStrings..]);
        physical.CopyTo(c[(FileStrings + logical.Length)..]);
        return chunk;
    }

    private static BackupSetInfo ReadSet(ReadOnlySpan<byte> c)
    {
        int strings = BinaryPrimitives.ReadUInt16LittleEndian(c[0x6A..]);
        Guid fork = new(c.Slice(0x9C, 16));
        Guid first = new(c.Slice(0x120, 16));
        long size = BinaryPrimitives.ReadInt64LittleEndian(c[0x60..]);
        return new BackupSetInfo
        {
            Flags = BinaryPrimitives.ReadInt32LittleEndian(c[0x08..]),
            SoftwareBuild = BinaryPrimitives.ReadUInt16LittleEndian(c[0x18..]),
            SoftwareMinor = c[0x1A],
            SoftwareMajor = c[0x1B],
            FirstLsn = Lsn.Read(c[0x20..]),
            LastLsn = Lsn.Read(c[0x2A..]),
            CheckpointLsn = Lsn.Read(c[0x34..]),
            DatabaseBackupLsn = Lsn.Read(c[0x3E..]),
            DatabaseCreationDate = MtfDate.Read(c[0x48..]),
            StartDate = MtfDate.Read(c[0x4D..]) ?? default,
            FinishDate = MtfDate.Read(c[0x52..]),
            Type = (char)c[0x57],
            SortOrder = c[0x58],
            CompatibilityLevel = c[0x5B],
            DatabaseId = BinaryPrimitives.ReadUInt16LittleEndian(c[0x5C..]),
            DatabaseVersion = BinaryPrimitives.ReadUInt16LittleEndian(c[0x5E..]),
            BackupSize = size,
            DatabaseName = MtfBlock.Text(c, 0x68) ?? string.Empty,
            ServerName = MtfBlock.Text(c, 0x6C) ?? string.Empty,
            Collation = MtfBlock.Text(c, 0x70),
            UnicodeLocale = BinaryPrimitives.ReadInt32LittleEndian(c[0x74..]),
            UnicodeComparisonStyle = BinaryPrimitives.ReadInt32LittleEndian(c[0x78..]),
            BindingId = new Guid(c.Slice(0x7C, 16)),
            RecoveryForkId = fork,
            ForkPointLsn = Lsn.Read(c[0xAC..]),
            ParentForkId = new Guid(c.Slice(0xB8, 16)),
            LastFullSetGuid = new Guid(c.Slice(0xC8, 16)),
            FamilyId = new Guid(c.Slice(0xE0, 16)),
            RecoveryModel = ModelOf(BinaryPrimitives.ReadUInt16LittleEndian(c[0xF4..])),
            LogChainStartLsn = Lsn.Read(c[0xF8..]),
            DifferentialBaseLsn = Lsn.Read(c[0x104..]),
            DifferentialBaseGuid = new Guid(c.Slice(0x110, 16)),
            FirstRecoveryForkId = first == Guid.Empty ? fork : first,
            ExpirationDate = strings >= SetStrings ? MtfDate.Read(c[ExpirationDate..]) : null,
            CompressedBackupSize = strings > 0x158 ? BinaryPrimitives.ReadInt64LittleEndian(c[0x158..]) : size,
        };
    }

    private static BackupFileInfo ReadFile(ReadOnlySpan<byte> c) => new()
    {
        FileId = BinaryPrimitives.ReadInt32LittleEndian(c[0x14..]),
        PagesInBackup = BinaryPrimitives.ReadInt32LittleEndian(c[0x18..]),
        SourceBlockSize = BinaryPrimitives.ReadInt32LittleEndian(c[0x20..]),
        IsLog = BinaryPrimitives.ReadInt32LittleEndian(c[0x24..]) == 0,
        FileGroupId = BinaryPrimitives.ReadInt32LittleEndian(c[0x24..]),
        SizeBytes = BinaryPrimitives.ReadInt64LittleEndian(c[0x28..]),
        LogicalName = MtfBlock.Text(c, 0x30) ?? string.Empty,
        PhysicalName = MtfBlock.Text(c, 0x34) ?? string.Empty,
        MaxSizeBytes = BinaryPrimitives.ReadInt64LittleEndian(c[0x56..]),
        DifferentialBaseLsn = Lsn.Read(c[0x9E..]),
        DifferentialBaseGuid = new Guid(c.Slice(0xAA, 16)),
        UniqueId = new Guid(c.Slice(0xBA, 16)),
        BackupSizeBytes = BinaryPrimitives.ReadInt64LittleEndian(c[0xFA..]),
    };

    private static DatabaseEncryption? ReadEncryption(ReadOnlySpan<byte> c)
    {
        int strings = BinaryPrimitives.ReadUInt16LittleEndian(c[0x32..]);
        if (strings < FileStrings || c[Encryption] != 1)
        {
            return null;
        }

        int bits = BinaryPrimitives.ReadUInt16LittleEndian(c[(Encryption + 2)..]);
        long ticks = BinaryPrimitives.ReadInt64LittleEndian(c[(Encryption + 4)..]);
        bool plausible = bits is 128 or 192 or 256 && ticks > 0 && ticks < DateTime.MaxValue.Ticks;
        return plausible ? new DatabaseEncryption("AES", bits, c.Slice(Encryption + 12, 20).ToArray(), new DateTime(ticks), true) : null;
    }

    /// <summary>Writes the current fork, the point where it began and the fork before.</summary>
    private static void Forks(BackupSetInfo info, Span<byte> c, int offset)
    {
        info.RecoveryForkId.TryWriteBytes(c[offset..]);
        info.ForkPointLsn.Write(c[(offset + 0x10)..]);
        info.ParentForkId.TryWriteBytes(c[(offset + 0x1C)..]);
    }

    private static int StatusOf(RecoveryModel model) => model switch { RecoveryModel.Simple => 8, RecoveryModel.BulkLogged => 4, _ => 0 };

    private static RecoveryModel ModelOf(int status) =>
        (status & 8) != 0 ? RecoveryModel.Simple : (status & 4) != 0 ? RecoveryModel.BulkLogged : RecoveryModel.Full;

    private static void U32(Span<byte> c, int offset, int value) => BinaryPrimitives.WriteInt32LittleEndian(c[offset..], value);
}
