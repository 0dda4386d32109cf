using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;

namespace BizTalkDR.Lab.Engine;

/// <summary>The image in a compressed file: knows where each record is, and keeps the one that was read last.</summary>
/// <remarks>The headers of the records are read when the file is opened. Where they end in nonsense, or the file does, the image ends.</remarks>
internal sealed class CompressedImage : MediaImage
{
    private readonly List<(long Image, long File, int Size, int Packed)> _records = [];
    private readonly XpressDecoder _decoder = new();
    private readonly byte[] _data = new byte[ushort.MaxValue + 1];
    private readonly byte[] _packed = new byte[CompressedRecord.DataHeaderSize + ushort.MaxValue];
    private readonly long _length;
    private readonly long _fileEnd;
    private int _loaded = -1;

    public CompressedImage(Stream stream)
        : base(stream)
    {
        long image = 0;
        long file = CompressedRecord.First;
        while (file < stream.Length && Next(file, image) is (long size, long end) && end <= stream.Length)
        {
            image += size;
            file = end;
        }

        _length = image;
        _fileEnd = file;
    }

    public override long Length => _length;

    public override bool IsCompressed => true;

    public override void ReadAt(long offset, Span<byte> target)
    {
        if (offset < 0 || target.Length > _length - offset)
        {
            throw new EndOfStreamException();
        }

        for (int i = Find(offset); !target.IsEmpty; i++)
        {
            Load(i);
            int from = (int)(offset - _records[i].Image);
            int count = Math.Min(target.Length, _records[i].Size - from);
            _data.AsSpan(from, count).CopyTo(target);
            target = target[count..];
            offset += count;
        }
    }

    public override long FileOffset(long offset) => offset >= _length ? _fileEnd : _records[Find(offset)].File;

    private int Find(long offset)
    {
        int low = 0;
        int high = _records.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = _records[middle].Image <= offset ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>Reads the head of a record.</summary>
    /// <returns>Bytes it adds to the image, and where the next one begins; null when no record begins here.</returns>
    private (long Size, long End)? Next(long file, long image)
    {
        Span<byte> head = stackalloc byte[MtfBlock.HeaderSize];
        Stream.Position = file;
        int read = Stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (read < CompressedRecord.DataHeaderSize)
        {
            return null;
        }

        int packed = BinaryPrimitives.ReadUInt16LittleEndian(head[2..]);
        int size = head[1] * 512;
        switch (head[0])
        {
            case CompressedRecord.Data when size is > 0 and <= ushort.MaxValue + 1 && packed > 0:
                _records.Add((image, file, size, packed));
                return (size, file + CompressedRecord.DataHeaderSize + packed);
            case CompressedRecord.Padding:
                return (0, file + CompressedRecord.PaddingHeaderSize + packed);
            case CompressedRecord.Index when read >= 40:
                return (0, file + CompressedRecord.PaddingHeaderSize + BinaryPrimitives.ReadUInt32LittleEndian(head[0x20..]));
            case (byte)'S' when read == head.Length && head.StartsWith("SFMB"u8) && MtfBlock.IsIntact(head):
                int mark = BinaryPrimitives.ReadUInt16LittleEndian(head[0x08..]);
                _records.Add((image, file, mark, 0));
                return (mark, file + mark);
            default:
                return null;
        }
    }

    private void Load(int index)
    {
        if (_loaded == index)
        {
            return;
        }

        _loaded = -1;
        (_, long file, int size, int packed) = _records[index];
        Stream.Position = file;
        if (packed == 0)
        {
            Stream.ReadExactly(_data.AsSpan(0, size));
        }
        else
        {
            Span<byte> record = _packed.AsSpan(0, CompressedRecord.DataHeaderSize + packed);
            Stream.ReadExactly(record);
            ReadOnlySpan<byte> bytes = record[CompressedRecord.DataHeaderSize..];
            if (BinaryPrimitives.ReadUInt32LittleEndian(record[0x18..]) != CompressedRecord.ChecksumOf(bytes) || !_decoder.TryDecode(bytes, _data.AsSpan(0, size)))
            {
                throw new InvalidDataException($"The compressed record at {file} is damaged.");
            }
        }

        _loaded = index;
    }
}
