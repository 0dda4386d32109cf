using System;
using System.Buffers.Binary;

namespace BizTalkDR.Lab.Engine;

/// <summary>Writes the compressed container: the tape image cut into Xpress records, filemarks between them (facts: backup-file-format.md §7).</summary>
/// <remarks>
/// Records hold 32 KB, so that data that does not get smaller still fits the 16 bits of their length. Before a filemark stands a padding
/// record that brings it to a multiple of 512 bytes. No record index is written: it is only a short cut.
/// </remarks>
internal sealed class CompressedFileWriter : MediaWriter
{
    public const int RecordBytes = 32 * 1024;

    private const int SectorSize = 512;
    private readonly XpressEncoder _encoder = new();
    private readonly byte[] _record = new byte[RecordBytes];
    private readonly byte[] _packed = new byte[CompressedRecord.DataHeaderSize + XpressEncoder.LargestOutput];
    private int _used;
    private long _image;

    public CompressedFileWriter(DurableFile file, string device, long position, MediaCipher? cipher = null)
        : base(file, device, position, cipher)
    {
        if (position == 0)
        {
            Span<byte> head = stackalloc byte[CompressedRecord.First];
            head.Clear();
            "MSSQLBAK"u8.CopyTo(head);
            BinaryPrimitives.WriteInt32LittleEndian(head[0x08..], 2);
            BinaryPrimitives.WriteInt32LittleEndian(head[0x0C..], 3);
            Put(head);
        }
    }

    /// <remarks>Counted from where this writer began: only differences matter.</remarks>
    public override long Position => _image + _used;

    public override void Write(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            int count = Math.Min(data.Length, RecordBytes - _used);
            data[..count].CopyTo(_record.AsSpan(_used));
            _used += count;
            data = data[count..];
            if (_used == RecordBytes)
            {
                EndRecord();
            }
        }
    }

    public override void BeforeFilemark()
    {
        EndRecord();
        int padding = (int)((SectorSize - ((FilePosition + CompressedRecord.PaddingHeaderSize) % SectorSize)) % SectorSize);
        Span<byte> record = stackalloc byte[CompressedRecord.PaddingHeaderSize + padding];
        record.Clear();
        record[0] = CompressedRecord.Padding;
        BinaryPrimitives.WriteUInt16LittleEndian(record[2..], (ushort)padding);
        Put(record);
    }

    public override void Filemark(ReadOnlySpan<byte> block)
    {
        Put(block);
        _image += block.Length;
    }

    /// <summary>Blocks end at multiples of 1024 bytes from the filemark before, so a record is always whole sectors.</summary>
    private void EndRecord()
    {
        if (_used == 0)
        {
            return;
        }

        if (_used % SectorSize != 0)
        {
            throw new InvalidOperationException($"A compressed record of {_used} bytes is no whole number of sectors.");
        }

        Span<byte> data = _packed.AsSpan(CompressedRecord.DataHeaderSize);
        int length = _encoder.Encode(_record.AsSpan(0, _used), data);
        Span<byte> header = _packed.AsSpan(0, CompressedRecord.DataHeaderSize);
        header.Clear();
        header[0] = CompressedRecord.Data;
        header[1] = (byte)(_used / SectorSize);
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], (ushort)length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[0x18..], CompressedRecord.ChecksumOf(data[..length]));
        Put(_packed.AsSpan(0, CompressedRecord.DataHeaderSize + length));
        _image += _used;
        _used = 0;
    }
}
