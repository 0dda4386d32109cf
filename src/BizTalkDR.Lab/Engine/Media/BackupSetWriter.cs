using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace BizTalkDR.Lab.Engine;

/// <summary>A set already on the medium, as its set map lists it.</summary>
internal sealed record MappedSet(int Position, long Address, long Size, uint Attributes, string? Name, string? UserName, DateTime Date, string MachineName);

/// <summary>Log of one virtual log file to be stored in a backup.</summary>
/// <param name="Vlf">The virtual log file.</param>
/// <param name="Blocks">Its blocks; none for one that only is listed.</param>
/// <param name="End">LSN behind the last block, or zero.</param>
internal sealed record LogPiece(VlfInfo Vlf, IReadOnlyList<RawLogBlock> Blocks, Lsn End)
{
    /// <summary>Bytes of its blocks.</summary>
    public long Bytes { get; } = Blocks.Sum(b => (long)b.Bytes.Length);
}

/// <summary>Writes one backup set in the Microsoft Tape Format as SQL Server does (facts: backup-file-format.md §2 to §6, §8.3, §9.1).</summary>
/// <remarks>The data of a set is written as it comes; only the header at its end (MSLS) has the final values.</remarks>
internal sealed class BackupSetWriter
{
    private const uint SetAttributes = 0x4;
    private const uint CopyOnlyAttribute = 0x2;
    private const uint DifferentialAttribute = 0x8;
    private const int LogChunk = 65536;

    private readonly MtfOutput _output;
    private readonly MediaInfo _media;
    private readonly List<MappedSet> _sets;
    private BackupSetInfo _info;
    private int _controlId = 1;
    private long _setStart;
    private uint _sum;
    private long _pagesLeft;

    /// <summary>Prepares a set at the writer's position.</summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="media">Label of the medium.</param>
    /// <param name="sets">Sets before this one.</param>
    /// <param name="filemarks">Addresses of the filemarks before, oldest first.</param>
    /// <param name="info">What is known of the set at its start.</param>
    public BackupSetWriter(MediaWriter writer, MediaInfo media, IEnumerable<MappedSet> sets, IEnumerable<long> filemarks, BackupSetInfo info)
    {
        _output = new MtfOutput(writer, media.FilemarkSize, filemarks);
        _media = media;
        _sets = [.. sets];
        _info = info;
    }

    /// <summary>Writes the label of an empty medium.</summary>
    public void Label() => MediaLabel.Write(_output, _media);

    /// <summary>Writes what stands before the data.</summary>
    public void Begin()
    {
        _output.Rebase();
        StartOfSet();
        Volume();
        Header("MSCI");
    }

    /// <summary>Begins the pages of one data file.</summary>
    /// <param name="count">Number of pages that follow.</param>
    public void BeginPages(long count)
    {
        byte[] block = MtfBlock.Create("MSDA", 60, 0, _output.LogicalAddress, ++_controlId, unicode: false);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(0x38), 0x10000);
        _output.Block(block);
        _output.AlignData();
        _output.BeginData("MQDA", count * 8192, DataAttributes(0x2));
        _sum = 0;
        _pagesLeft = count;
    }

    /// <summary>Writes a page.</summary>
    public void Page(ReadOnlySpan<byte> page)
    {
        if (page.Length != 8192 || --_pagesLeft < 0)
        {
            throw new InvalidOperationException("The snapshot gave other pages than it announced.");
        }

        _output.Raw(page);
        _sum = _info.HasChecksums ? SectorChecksum.Of(page, _sum) : 0;
    }

    public void EndPages()
    {
        if (_pagesLeft != 0)
        {
            throw new InvalidOperationException($"The snapshot gave {_pagesLeft} pages less than it announced.");
        }

        Checksum(_sum);
        _output.Raw(MtfBlock.StreamHeader("MQDA", 0, 0x6));
        _output.EndBlock();
    }

    /// <summary>Writes the log of one virtual log file, or this stripe's part of it.</summary>
    /// <param name="piece">All of it.</param>
    /// <param name="blocks">The part.</param>
    /// <param name="databaseId">Id of the database.</param>
    public void Log(LogPiece piece, IReadOnlyList<RawLogBlock> blocks, int databaseId)
    {
        long bytes = piece.Bytes;
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
        if (blocks.Count > 0)
        {
            LogData(blocks);
        }

        _output.EndBlock();
    }

    /// <summary>Bytes of the set so far, its closing header included: in the tape image, and in the file.</summary>
    public (long Image, long File) Size => (_output.Position - _setStart + MtfBlock.Alignment, _output.FilePosition - SetAddress + MtfBlock.Alignment);

    /// <summary>Writes the final header and the catalogue; the set is then complete.</summary>
    public BackupSetInfo End(BackupSetInfo final)
    {
        long size = _media.IsCompressed ? final.CompressedBackupSize : final.BackupSize;
        _info = final;
        Header("MSLS");
        _output.Filemark();
        long catalogue = _output.FilePosition;
        _sets.Add(new MappedSet(
            _info.Position, SetAddress, size, Attributes, _info.Name, _info.UserName, _info.StartDate, _info.MachineName));
        EndOfSet(0, Map());
        EndOfSet(catalogue, null);
        _output.Filemark();
        return _info;
    }

    private long SetAddress { get; set; }

    private uint Attributes => (_info.Type == 'I' ? DifferentialAttribute : SetAttributes) | (_info.IsCopyOnly ? CopyOnlyAttribute : 0);

    private void StartOfSet()
    {
        SetAddress = _output.FilePosition;
        _setStart = _output.Position;
        byte[] name = MtfBlock.Utf16(_info.Name);
        byte[] description = MtfBlock.Utf16(_info.Description);
        byte[] user = MtfBlock.Utf16(_info.UserName);
        const int osData = 0x64;
        const int strings = osData + 22;
        byte[] block = MtfBlock.Create("SSET", MtfBlock.Align4(strings + name.Length + description.Length + user.Length));
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
        byte[] block = MtfBlock.Create("VOLB", MtfBlock.Align4(0x49 + device.Length + machine.Length), 0, _output.LogicalAddress, _controlId);
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

    private void LogData(IReadOnlyList<RawLogBlock> blocks)
    {
        long bytes = 0;
        foreach (RawLogBlock log in blocks)
        {
            bytes += log.Bytes.Length;
        }

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
}
