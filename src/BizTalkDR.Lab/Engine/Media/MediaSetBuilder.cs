using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>Collects what the blocks of one backup set say.</summary>
internal sealed class MediaSetBuilder
{
    /// <summary>No header and file list is longer; the stream header alone protects its length.</summary>
    private const long LongestHeader = 16 << 20;

    private readonly long _address;
    private readonly List<MediaSegment> _segments = [];
    private readonly List<long> _filemarks = [];
    private BackupSetInfo? _first;
    private BackupSetInfo? _last;
    private BackupSetInfo _start = new();
    private uint _attributes;
    private int _ends;
    private int _dataBlocks;
    private int _logBlocks;
    private long _end;

    public MediaSetBuilder(long address) => _address = address;

    /// <summary>Whether the closing filemark was met.</summary>
    public bool IsFinished { get; private set; }

    public void Take(MtfWalker walker)
    {
        switch (walker.Type)
        {
            case "SSET":
                Start(walker.Block);
                break;
            case "VOLB":
                _start = _start with { MachineName = MtfBlock.Text(walker.Block, 0x40) ?? string.Empty };
                break;
            case "MSCI":
                _first = Header(walker);
                break;
            case "MSLS":
                _last = Header(walker);
                break;
            case "MSDA" or "MSTL":
                Data(walker);
                break;
            case "ESET":
                _ends++;
                break;
            case "SFMB":
                _filemarks.Add(walker.Offset);
                IsFinished = _ends == 2;
                _end = walker.EndOfFilemark;
                break;
        }
    }

    public MediaSet Build(bool cutOff, long end)
    {
        BackupSetInfo header = _last ?? _first ?? new BackupSetInfo();
        return new MediaSet
        {
            Info = header with
            {
                Position = _start.Position,
                Name = _start.Name,
                Description = _start.Description,
                UserName = _start.UserName,
                SetGuid = _start.SetGuid,
                TimeZoneQuarters = _start.TimeZoneQuarters,
                MachineName = _start.MachineName,
            },
            Address = _address,
            End = IsFinished ? _end : end,
            Attributes = _attributes,
            Segments = _segments,
            Filemarks = _filemarks,
            IsComplete = IsFinished && _last is not null,
            IsCutOff = cutOff,
            DataBlocks = _dataBlocks,
            LogBlocks = _logBlocks,
        };
    }

    private static BackupSetInfo? Header(MtfWalker walker)
    {
        BackupSetInfo? info = null;
        foreach (MtfStream stream in walker.Streams())
        {
            if (stream.Id == "MQCI" && stream.Length <= LongestHeader)
            {
                info = BackupHeaderFormat.Read(walker.Data(stream, stream.Length));
            }
        }

        return info;
    }

    private void Start(byte[] block)
    {
        int size = BinaryPrimitives.ReadUInt16LittleEndian(block.AsSpan(0x2C));
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(block.AsSpan(0x2E));
        _attributes = BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(0x34));
        _start = new BackupSetInfo
        {
            Position = BinaryPrimitives.ReadUInt16LittleEndian(block.AsSpan(0x3E)),
            Name = MtfBlock.Text(block, 0x40),
            Description = MtfBlock.Text(block, 0x44),
            UserName = MtfBlock.Text(block, 0x4C),
            TimeZoneQuarters = (sbyte)block[0x5F],
            SetGuid = size >= 16 && offset + 16 <= block.Length ? new Guid(block.AsSpan(offset, 16)) : Guid.Empty,
        };
    }

    private void Data(MtfWalker walker)
    {
        bool isLog = walker.Type == "MSTL";
        int number = isLog ? _logBlocks++ : _dataBlocks++;
        VlfInfo? vlf = isLog && walker.Block.Length >= 0x7E ? Vlf(walker.Block) : null;
        long start = vlf is null ? 0 : BinaryPrimitives.ReadInt64LittleEndian(walker.Block.AsSpan(0x3C));
        MediaSegment? pending = null;
        foreach (MtfStream stream in walker.Streams())
        {
            if (stream.Id is "MQDA" or "MQTL")
            {
                Add(pending);
                pending = stream.Length > 2 ? new MediaSegment(isLog, stream.Offset + 2, stream.Length - 2, null, vlf, start, number) : null;
            }
            else if (stream.Id == "CSUM" && pending is not null && stream.Length >= 4)
            {
                pending = pending with { Checksum = BinaryPrimitives.ReadUInt32LittleEndian(walker.Data(stream, 4)) };
            }
        }

        Add(pending);
    }

    private void Add(MediaSegment? segment)
    {
        if (segment is not null)
        {
            _segments.Add(segment);
        }
    }

    private static VlfInfo Vlf(ReadOnlySpan<byte> block) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(block[0x5C..]),
        BinaryPrimitives.ReadInt64LittleEndian(block[0x68..]),
        BinaryPrimitives.ReadInt64LittleEndian(block[0x60..]),
        block[0x72],
        Lsn.Read(block[0x74..]));
}
