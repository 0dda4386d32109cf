using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>Writes blocks, streams and filemarks at their places: blocks and data at multiples of 1024 bytes from the filemark before.</summary>
internal sealed class MtfOutput
{
    private readonly MediaWriter _writer;
    private readonly int _filemarkSize;
    private readonly List<long> _filemarks;
    private long _base;

    /// <param name="writer">Where to write.</param>
    /// <param name="filemarkSize">Bytes of a filemark.</param>
    /// <param name="filemarks">Addresses of those already on the medium, oldest first.</param>
    public MtfOutput(MediaWriter writer, int filemarkSize, IEnumerable<long> filemarks)
    {
        _writer = writer;
        _filemarkSize = filemarkSize;
        _filemarks = [.. filemarks];
    }

    /// <summary>Position in the tape image.</summary>
    public long Position => _writer.Position;

    /// <summary>Place in the file; to be asked behind a filemark only.</summary>
    public long FilePosition => _writer.FilePosition;

    /// <summary>Blocks since the start of the set.</summary>
    public long LogicalAddress => (_writer.Position - _base) / MtfBlock.Alignment;

    /// <summary>Counts from here on: a set begins.</summary>
    public void Rebase() => _base = _writer.Position;

    /// <summary>Writes a descriptor block, with its checksum.</summary>
    public void Block(byte[] block) => _writer.Write(MtfBlock.Seal(block));

    public void Raw(ReadOnlySpan<byte> bytes) => _writer.Write(bytes);

    public void Zeros(long count) => _writer.Zeros(count);

    public void Stream(string id, byte[] data)
    {
        _writer.Write(MtfBlock.StreamHeader(id, data.Length));
        _writer.Write(data);
        Align();
    }

    /// <summary>Begins a stream of pages or log blocks: two zero bytes stand before the data.</summary>
    public void BeginData(string id, long bytes, ushort attributes)
    {
        _writer.Write(MtfBlock.StreamHeader(id, bytes + 2, attributes));
        _writer.Zeros(2);
    }

    /// <summary>Pads so that the data of the next stream begins on a block boundary.</summary>
    public void AlignData() => Pad("APAD", 0x80, MtfBlock.StreamHeaderSize + 2);

    /// <summary>Closes a block: padding up to the next block boundary.</summary>
    public void EndBlock() => Pad("SPAD");

    /// <summary>Writes a padding stream.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="headroom">Bytes between its end and the boundary.</param>
    public void Pad(string id, ushort attributes = 0, int headroom = 0)
    {
        Align();
        long start = _writer.Position - _base + MtfBlock.StreamHeaderSize + headroom;
        long length = (MtfBlock.Alignment - (start % MtfBlock.Alignment)) % MtfBlock.Alignment;
        _writer.Write(MtfBlock.StreamHeader(id, length, attributes));
        _writer.Zeros(length);
    }

    /// <summary>Writes a filemark with the addresses of those before it, newest first.</summary>
    public void Filemark()
    {
        _writer.BeforeFilemark();
        byte[] block = MtfBlock.Create("SFMB", _filemarkSize, 0x80000000, unicode: false);
        Span<byte> b = block;
        int capacity = (_filemarkSize - 0x48) / 8;
        int used = Math.Min(capacity, _filemarks.Count);
        BinaryPrimitives.WriteInt32LittleEndian(b[0x34..], capacity);
        BinaryPrimitives.WriteInt32LittleEndian(b[0x38..], used);
        BinaryPrimitives.WriteInt32LittleEndian(b[0x3C..], 0x48);
        for (int i = 0; i < used; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(b[(0x48 + (8 * i))..], _filemarks[^(i + 1)]);
        }

        _filemarks.Add(_writer.FilePosition);
        _writer.Filemark(MtfBlock.Seal(block));
        Rebase();
    }

    private void Align() => _writer.Zeros((4 - ((_writer.Position - _base) % 4)) % 4);
}
