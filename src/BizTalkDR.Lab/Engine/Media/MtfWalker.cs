using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace BizTalkDR.Lab.Engine;

/// <summary>A stream of a block.</summary>
/// <param name="Id">Its four characters.</param>
/// <param name="Attributes">Media-format attributes.</param>
/// <param name="Offset">File offset of its data.</param>
/// <param name="Length">Bytes of data.</param>
internal sealed record MtfStream(string Id, int Attributes, long Offset, long Length);

/// <summary>Goes from block to block of a backup file: header, streams up to and including SPAD, next block (facts: backup-file-format.md §2).</summary>
internal sealed class MtfWalker
{
    private readonly MediaReader _reader;
    private long _next;

    /// <summary>Reads the block at an offset.</summary>
    public MtfWalker(MediaReader reader, long offset)
    {
        _reader = reader;
        Offset = offset;
        Block = ReadBlock(offset);
    }

    public long Offset { get; private set; }

    /// <summary>The block up to its first event.</summary>
    public byte[] Block { get; private set; }

    public string Type => Encoding.ASCII.GetString(Block, 0, 4);

    /// <summary>A filemark has no streams; its length is the offset of the first event.</summary>
    public long EndOfFilemark => Offset + Block.Length;

    /// <summary>Lists the streams of the block; must be walked to its end before <see cref="Next"/>.</summary>
    public IEnumerable<MtfStream> Streams()
    {
        if (Type == "SFMB")
        {
            _next = EndOfFilemark;
            yield break;
        }

        long offset = Offset + Block.Length;
        while (true)
        {
            byte[] header = new byte[MtfBlock.StreamHeaderSize];
            _reader.ReadAt(offset, header);
            if (!MtfBlock.IsIntactStream(header))
            {
                throw MediaErrors.NoBackupSet(_reader.Device);
            }

            long length = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(0x08));
            long data = offset + header.Length;
            if (length < 0)
            {
                throw MediaErrors.NoBackupSet(_reader.Device);
            }

            if (length > _reader.Length - data)
            {
                throw MediaErrors.EndOfFile(_reader.Device);
            }

            string id = Encoding.ASCII.GetString(header, 0, 4);
            yield return new MtfStream(id, BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(0x06)), data, length);
            offset = (data + length + 3) & ~3L;
            if (id == "SPAD")
            {
                _next = offset;
                yield break;
            }
        }
    }

    /// <summary>Reads the beginning of a stream's data.</summary>
    public byte[] Data(MtfStream stream, long count)
    {
        byte[] data = new byte[Math.Min(stream.Length, count)];
        _reader.ReadAt(stream.Offset, data);
        return data;
    }

    /// <summary>Goes to the next block; false at the end of the file.</summary>
    public bool Next()
    {
        if (_next <= Offset)
        {
            foreach (MtfStream stream in Streams())
            {
                _ = stream;
            }
        }

        if (_next >= _reader.Length)
        {
            return false;
        }

        Offset = _next;
        Block = ReadBlock(Offset);
        return true;
    }

    private byte[] ReadBlock(long offset)
    {
        byte[] header = new byte[MtfBlock.HeaderSize];
        _reader.ReadAt(offset, header);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(0x08));
        if (!MtfBlock.IsIntact(header) || size < MtfBlock.HeaderSize)
        {
            throw MediaErrors.NoBackupSet(_reader.Device);
        }

        // Room for the fields a shorter block of an older version lacks.
        byte[] block = new byte[size];
        _reader.ReadAt(offset, block);
        return block;
    }
}
