using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace BizTalkDR.BackupFiles.Tests;

/// <summary>Writes a log block from the format's description: records, slot array, displaced sector bytes, checksum.</summary>
internal sealed class LogBlockBuilder(uint vlf, uint block)
{
    private readonly List<byte[]> _records = [];

    public int FirstRecordAt { get; set; } = 0x28;

    public bool WithChecksum { get; set; } = true;

    public ushort NextSlot => (ushort)(_records.Count + 1);

    public Lsn NextLsn => new(vlf, block, NextSlot);

    public LogBlockBuilder Begin(string name, bool marked)
    {
        byte[] record = Fixed(0x80, 64);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(0x1E), (ushort)(marked ? 4 : 0));
        _records.Add(WithElements(record, Encoding.Unicode.GetBytes(name), [1, 2, 3]));
        return this;
    }

    /// <param name="begin">LSN of the record that began the transaction.</param>
    /// <param name="mark">Name of the mark; none for a common commit.</param>
    /// <param name="time">Commit time.</param>
    /// <param name="fixedPart">Bytes of the fixed part: 48 in 2008 R2, 80 in 2016.</param>
    public LogBlockBuilder Commit(Lsn begin, string? mark, DateTime time, int fixedPart = 48)
    {
        byte[] record = Fixed(0x81, fixedPart);
        BackupBuilder.Put(record, 0x20, begin);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(0x18), (uint)Math.Round(time.TimeOfDay.TotalMilliseconds * 0.3));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(0x1C), (uint)(time.Date - new DateTime(1900, 1, 1)).Days);
        _records.Add(mark is null ? record : WithElements(record, [], [], [], Encoding.Unicode.GetBytes(mark)));
        return this;
    }

    public LogBlockBuilder Other(int bytes)
    {
        byte[] record = Fixed(0x02, bytes);
        for (int i = 0x18; i < bytes; i++)
            record[i] = (byte)(i * 7);
        _records.Add(record);
        return this;
    }

    public byte[] Build()
    {
        int used = FirstRecordAt;
        var offsets = new List<int>();
        foreach (byte[] record in _records)
        {
            used = (used + 3) & ~3;
            offsets.Add(used);
            used += record.Length;
        }

        used = ((used + 3) & ~3) + (2 * _records.Count);
        int sectors = 1;
        while (used > (sectors * 512) - (sectors > 1 ? sectors : 0))
            sectors++;
        byte[] bytes = new byte[sectors * 512];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)_records.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), (ushort)used);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), (ushort)bytes.Length);
        BackupBuilder.Put(bytes, 0x0C, new Lsn(vlf, block, 1));
        for (int i = 0; i < offsets.Count; i++)
        {
            _records[i].CopyTo(bytes, offsets[i]);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(used - (2 * (i + 1))), (ushort)offsets[i]);
        }

        for (int sector = 0; sector < sectors; sector++)
        {
            if (sector > 0)
                bytes[bytes.Length - 1 - sector] = bytes[512 * sector];
            bytes[512 * sector] = (byte)(0x40 | (sector == 0 ? 0x10 : 0) | (sector == sectors - 1 ? 0x08 : 0));
        }

        if (WithChecksum)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(0x18), Checksums.Running(bytes));
        return bytes;
    }

    private static byte[] Fixed(byte operation, int bytes)
    {
        byte[] record = new byte[bytes];
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(2), (ushort)bytes);
        record[0x16] = operation;
        return record;
    }

    private static byte[] WithElements(byte[] record, params byte[][] elements)
    {
        var all = new List<byte>(record);
        void Word(int value)
        {
            all.Add((byte)value);
            all.Add((byte)(value >> 8));
        }

        Word(elements.Length);
        foreach (byte[] element in elements)
            Word(element.Length);
        foreach (byte[] element in elements)
        {
            while (all.Count % 4 != 0)
                all.Add(0);
            all.AddRange(element);
        }

        return [.. all];
    }
}
