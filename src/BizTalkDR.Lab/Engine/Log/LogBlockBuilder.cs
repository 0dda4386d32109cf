using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>Collects records of the block that is being filled.</summary>
internal sealed class LogBlockBuilder
{
    private readonly byte[] _buffer = new byte[LogBlock.MaxSize];
    private readonly List<ushort> _offsets = [];
    private int _end = LogBlock.HeaderSize;

    /// <summary>Longest record that fits in an empty block.</summary>
    public const int MaxRecord = LogBlock.MaxSize - (LogBlock.MaxSize / LogBlock.SectorSize) - LogBlock.HeaderSize - 4;

    public int Count => _offsets.Count;

    public bool Fits(int length)
    {
        int used = Align(_end) + length + (2 * (_offsets.Count + 1));
        return used + (LogBlock.MaxSize / LogBlock.SectorSize) <= LogBlock.MaxSize;
    }

    public void Add(ReadOnlySpan<byte> record)
    {
        int start = Align(_end);
        record.CopyTo(_buffer.AsSpan(start));
        _offsets.Add((ushort)start);
        _end = start + record.Length;
    }

    /// <summary>Gives the finished block and starts an empty one.</summary>
    /// <param name="first">LSN of the first record.</param>
    /// <param name="parity">Parity of the virtual log file.</param>
    /// <param name="previousSize">Size of the block before; 0 at the start of a virtual log file.</param>
    public RawLogBlock Seal(Lsn first, byte parity, int previousSize)
    {
        int used = _end + (2 * _offsets.Count);
        int size = (used + LogBlock.SectorSize - 1) / LogBlock.SectorSize * LogBlock.SectorSize;
        while (used + (size / LogBlock.SectorSize) > size)
        {
            size += LogBlock.SectorSize;
        }

        byte[] raw = new byte[size];
        _buffer.AsSpan(0, _end).CopyTo(raw);
        for (int k = 0; k < _offsets.Count; k++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(raw.AsSpan(used - (2 * (k + 1))), _offsets[k]);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(raw.AsSpan(0x02), (ushort)_offsets.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(raw.AsSpan(0x04), (ushort)used);
        BinaryPrimitives.WriteUInt16LittleEndian(raw.AsSpan(0x06), (ushort)size);
        BinaryPrimitives.WriteUInt16LittleEndian(raw.AsSpan(0x0A), (ushort)previousSize);
        first.Write(raw.AsSpan(0x0C));
        LogBlock.Protect(raw, parity);

        _buffer.AsSpan(0, _end).Clear();
        _offsets.Clear();
        _end = LogBlock.HeaderSize;
        return new RawLogBlock(first, raw);
    }

    private static int Align(int value) => (value + 3) & ~3;
}
