using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace BizTalkDR.Lab.Engine;

/// <summary>A set already on the medium, as its set map lists it.</summary>
internal sealed record MappedSet(int Position, long Address, long Size, uint Attributes, string? Name, string? UserName, DateTime Date, string MachineName);

/// <summary>Log of one virtual log file to be stored in a backup.</summary>
/// <param name="Vlf">The virtual log file.</param>
/// <param name="Blocks">Its blocks; none for one that only is listed.</param>
/// <param name="End">LSN behind the last block, or zero.</param>
internal sealed record LogPiece(VlfInfo Vlf, IReadOnlyList<RawLogBlock> Blocks, Lsn End);

/// <summary>Writes one backup set in the Microsoft Tape Format as SQL Server does (facts: backup-file-format.md §2 to §6, §8.3, §9.1).</summary>
/// <remarks>The data of a set is written as it comes; only the header at its end (MSLS) has the final values.</remarks>
internal sealed class BackupSetWriter
{
    private const uint SetAttributes = 0x4;
    private const uint CopyOnlyAttribute = 0x2;
    private const int LogChunk = 65536;

    private readonly MtfOutput _output;
    private readonly MediaInfo _media;
    private readonly List<MappedSet> _sets;
    private BackupSetInfo _info;
    private int _controlId = 1;

    /// <summary>Prepares a set at the writer's position.</summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="media">Label of the medium.</param>
    /// <param name="sets">Sets before this one.</param>
    /// <param name="filemarks">Addresses of the filemarks before, oldest first.</param>
    /// <param name="info">What is known of the set at its start.</param>
    public BackupSetWriter(MediaFileWriter writer, MediaInfo media, IEnumerable<MappedSet> sets, IEnumerable<long> filemarks, BackupSetInfo info)
    {
        _output = new MtfOutput(writer, media.FilemarkSize, filemarks);
        _media = media;
        _sets = [.. sets];
        _info = info;
    }

    /// <summary>Writes the label of an empty medium.</summary>
    public void Label()
    {
        byte[] software = Encoding.Unicode.GetBytes(_media.SoftwareName + "\0");
        byte[] name = MtfBlock.Utf16(_media.Name);
        byte[] description = MtfBlock.Utf16(_media.Description);
        byte[] block = MtfBlock.Create("TAPE", Align4(0x5E + name.Length + description.Length + software.Length), 0x30000);
        Span<byte> b = block;
        BinaryPrimitives.WriteUInt32LittleEndian(b[0x34..], _media.MediaFamilyId);
        BinaryPrimitives.WriteUInt32LittleEndian(b[0x38..], 5);
        BinaryPrimitives.WriteUInt16LittleEndian(b[0x3C..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(b[0x40..], (ushort)(_media.FilemarkSize / 512));
        BinaryPrimitives.WriteUInt16LittleEndian(b[0x42..], 3);
        int at = 0x5E;
        MtfBlock.Address(b[0x44..], name.Length, at);
        name.CopyTo(b[at..]);
        MtfBlock.Address(b[0x48..], description.Length, at += name.Length);
        description.CopyTo(b[at..]);
        MtfBlock.Address(b[0x50..], software.Length, at += description.Length);
        software.CopyTo(b[at..]);
        BinaryPrimitives.WriteUInt16LittleEndian(b[0x54..], MtfBlock.Alignment);
        BinaryPrimitives.WriteUInt16LittleEndian(b[0x56..], (ushort)_media.VendorId);
        MtfDate.Write(_media.Date, b[0x58..]);
        b[0x5D] = 1;
        _output.Block(block);

        byte[] family = new byte[32];
        _media.MediaSetId.TryWriteBytes(family);
        BinaryPrimitives.WriteUInt32LittleEndian(family.AsSpan(0x10), 0xF00000AD);
        BinaryPrimitives.WriteUInt16LittleEndian(family.AsSpan(0x14), (ushort)_media.FamilyCount);
        BinaryPrimitives.WriteUInt16LittleEndian(family.AsSpan(0x16), (ushort)_media.MirrorCount);
        BinaryPrimitives.WriteUInt16LittleEndian(family.AsSpan(0x18), (ushort)_media.FamilyNumber);
        family[0x1E] = 1;
        _output.Stream("RAID", family);
        _output.EndBlock();
        _output.Filemark();
    }

    /// <summary>Writes what stands before the data.</summary>
    public void Begin()
    {
        _output.Rebase();
        StartOfSet();
        Volume();
        Header("MSCI");
    }

    /// <summary>Writes the data pages.</summary>
    /// <param name="count">Number of pages that follow.</param>
    /// <param name="pages">The pages, 8192 bytes each.</param>
    public void Pages(long count, IEnumerable<ReadOnlyMemory<byte>> pages)
    {
        byte[] block = MtfBlock.Create("MSDA", 60, 0, _output.LogicalAddress, ++_controlId, unicode: false);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(0x38), 0x10000);
        _output.Block(block);
        _output.AlignData();
        _output.BeginData("MQDA", count * 8192, DataAttributes(0x2));
        uint sum = 0;
        long written = 0;
        foreach (ReadOnlyMemory<byte> page in pages)
        {
            if (page.Length != 8192 || ++written > count)
            {
                throw new InvalidOperationException("The snapshot gave other pages than it announced.");
            }

            _output.Raw(page.Span);
            sum = _info.HasChecksums ? SectorChecksum.Of(page.Span, sum) : 0;
        }

        if (written != count)
        {
            throw new InvalidOperationException($"The snapshot gave {written} pages and announced {count}.");
        }

        Checksum(sum);
        _output.Raw(MtfBlock.StreamHeader("MQDA", 0, 0x6));
        _output.EndBlock();
    }

    /// <summary>Writes the log of one virtual log file.</summary>
    /// <returns>Bytes of log blocks stored.</returns>
    public long Log(LogPiece piece, int databaseId)
    {
        long bytes = 0;
        foreach (RawLogBlock log in piece.Blocks)
        {
            bytes += log.Bytes.Length;
        }

        VlfInfo vlf = piece.Vlf;
        bool hasRange = bytes > 0 || !piece.End.IsZero;
        byte[] block = MtfBlock.Create("MSTL", 596, 0, _output.LogicalAddress, ++_controlId, unicode: false);
        Span<byte> b = block;
        BinaryPrimitives.WriteUInt32LittleEndian(b[0x38..], 0x10000);
        if (hasRange)
        {
            uint first = bytes > 0 ? piece.Blocks[0].FirstLsn.Block : piece.End.Block;
            long start = vlf.FileOffset + (first * 512L);
            BinaryPrimitives.WriteInt64LittleEndian(b[0x3C..], start);
            BinaryPrimitives.WriteInt64LittleEndian(b[0x44..], start + bytes);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(b[0x4C..], 2);
        MtfBlock.Address(b[0x50..], 0x1F8, 0x5C);
        BinaryPrimitives.WriteUInt32LittleEndian(b[0x5C..], hasRange ? vlf.Number : 0);
        BinaryPrimitives.WriteInt64LittleEndian(b[0x60..], vlf.Size);
        BinaryPrimitives.WriteInt64LittleEndian(b[0x68..], vlf.FileOffset);
        BinaryPrimitives.WriteUInt16LittleEndian(b[0x70..], 2);
        b[0x72] = vlf.Parity;
        vlf.CreateLsn.Write(b[0x74..]);
        BinaryPrimitives.WriteUInt16LittleEndian(b[0x7E..], (ushort)databaseId);
        _output.Block(block);
        if (bytes > 0)
        {
            LogData(piece.Blocks, bytes);
        }

        _output.EndBlock();
        return bytes;
    }

    /// <summary>Writes the final header and the catalogue; the set is then complete.</summary>
    public BackupSetInfo End(BackupSetInfo final)
    {
        long size = _output.Position - SetAddress + MtfBlock.Alignment;
        _info = final with { BackupSize = size, CompressedBackupSize = size };
        Header("MSLS");
        _output.Filemark();
        long catalogue = _output.Position;
        _sets.Add(new MappedSet(
            _info.Position, SetAddress, size, Attributes, _info.Name, _info.UserName, _info.StartDate, _info.MachineName));
        EndOfSet(0, Map());
        EndOfSet(catalogue, null);
        _output.Filemark();
        return _info;
    }

    private long SetAddress { get; set; }

    private uint Attributes => SetAttributes | (_info.IsCopyOnly ? CopyOnlyAttribute : 0);

    private void StartOfSet()
    {
        SetAddress = _output.Position;
        byte[] name = MtfBlock.Utf16(_info.Name);
        byte[] description = MtfBlock.Utf16(_info.Description);
        byte[] user = MtfBlock.Utf16(_info.UserName);
        const int osData = 0x64;
        const int strings = osData + 22;
        byte[] block = MtfBlock.Create("SSET", Align4(strings + name.Length + description.Length + user.Length));
        Span<byte> b = block;
        MtfBlock.Address(b[0x2C..], 21, osData);
        BinaryPrimitives.WriteUInt32LittleEndian(b[0x34..], Attributes);
        BinaryPrimitives.WriteUInt16LittleEndian(b[0x3C..], (ushort)_media.VendorId);
        BinaryPrimitives.WriteUInt16LittleEndian(b[0x3E..], (ushort)_info.Position);
        int at = strings;
        MtfBlock.Address(b[0x40..], name.Length, at);
        name.CopyTo(b[at..]);
        MtfBlock.Address(b[0x44..], description.Length, at += name.Length);
        description.CopyTo(b[at..]);
        MtfBlock.Address(b[0x4C..], user.Length, at += description.Length);
        user.CopyTo(b[at..]);
        BinaryPrimitives.WriteInt64LittleEndian(b[0x50..], SetAddress);
        MtfDate.Write(_info.StartDate, b[0x58..]);
        b[0x5D] = _info.SoftwareMajor;
        b[0x5E] = _info.SoftwareMinor;
        b[0x5F] = (byte)_info.TimeZoneQuarters;
        b[0x61] = 2;
        _info.SetGuid.TryWriteBytes(b[osData..]);
        _output.Block(block);
        _output.EndBlock();
    }

    private void Volume()
    {
        byte[] device = Encoding.Unicode.GetBytes("C:");
        byte[] machine = MtfBlock.Utf16(_info.MachineName);
        byte[] block = MtfBlock.Create("VOLB", Align4(0x49 + device.Length + machine.Length), 0, _output.LogicalAddress, _controlId);
        Span<byte> b = block;
        BinaryPrimitives.WriteUInt32LittleEndian(b[0x34..], 2);
        MtfBlock.Address(b[0x38..], device.Length, 0x49);
        MtfBlock.Address(b[0x40..], machine.Length, 0x49 + device.Length);
        MtfDate.Write(_info.StartDate, b[0x44..]);
        device.CopyTo(b[0x49..]);
        machine.CopyTo(b[(0x49 + device.Length)..]);
        _output.Block(block);
        _output.EndBlock();
    }

    private void Header(string type)
    {
        byte[] block = MtfBlock.Create(type, 56, 0, _output.LogicalAddress, ++_controlId);
        _output.Block(block);
        _output.Stream("MQCI", BackupHeaderFormat.Write(_info));
        _output.EndBlock();
    }

    private void LogData(IReadOnlyList<RawLogBlock> blocks, long bytes)
    {
        _output.AlignData();
        long padded = (bytes + LogChunk - 1) / LogChunk * LogChunk;
        _output.BeginData("MQTL", padded, DataAttributes(0));
        uint sum = 0;
        foreach (RawLogBlock log in blocks)
        {
            _output.Raw(log.Bytes);
            sum = SectorChecksum.Of(log.Bytes, sum);
        }

        _output.Zeros(padded - bytes);
        int rotations = (int)((padded - bytes) / LogBlock.SectorSize % 32);
        Checksum(System.Numerics.BitOperations.RotateLeft(sum, rotations));
    }

    /// <summary>A data stream a checksum follows says so.</summary>
    private ushort DataAttributes(ushort attributes) => (ushort)(attributes | (_info.HasChecksums ? 0x100 : 0));

    private void Checksum(uint sum)
    {
        if (_info.HasChecksums)
        {
            byte[] value = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(value, sum);
            _output.Stream("CSUM", value);
        }
    }

    private void EndOfSet(long catalogue, byte[]? map)
    {
        byte[] block = MtfBlock.Create("ESET", 88, unicode: false);
        Span<byte> b = block;
        BinaryPrimitives.WriteUInt32LittleEndian(b[0x34..], Attributes);
        BinaryPrimitives.WriteInt64LittleEndian(b[0x3C..], catalogue);
        BinaryPrimitives.WriteUInt16LittleEndian(b[0x4E..], (ushort)_info.Position);
        MtfDate.Write(_info.FinishDate, b[0x50..]);
        _output.Block(block);
        if (map is not null)
        {
            _output.Pad("OTCP");
            _output.Stream("TSMP", map);
        }

        _output.EndBlock();
    }

    private byte[] Map() => SetMap.Write(_media.MediaFamilyId, _sets);

    private static int Align4(int value) => (value + 3) & ~3;
}
