using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace BizTalkDR.BackupFiles.Tests;

/// <summary>Writes small backups from the format's description, to have files with what no sample holds.</summary>
internal sealed class BackupBuilder
{
    private readonly ArrayBufferWriter<byte> _out = new();
    private long _set = -1;
    private uint _control;

    public char Type { get; set; } = 'L';

    public string Database { get; set; } = "BizTalkMsgBoxDb";

    public string Server { get; set; } = @"SQL01\BTS";

    public Version Software { get; set; } = new(10, 50, 4000);

    public Lsn First { get; set; } = new(30, 100, 1);

    public Lsn Last { get; set; } = new(30, 100, 1);

    public bool WithChecksum { get; set; }

    public ushort FamilyCount { get; set; } = 1;

    public ushort FamilyNumber { get; set; } = 1;

    public Guid MediaSet { get; set; } = new("11111111-2222-3333-4444-555555555555");

    public Guid SetGuid { get; set; } = new("aaaaaaaa-2222-3333-4444-555555555555");

    /// <summary>Virtual log files with the log blocks in each; the blocks must follow each other without a gap.</summary>
    public List<List<byte[]>> Log { get; } = [];

    /// <summary>Data of one MSDA block; a multiple of 8192 bytes.</summary>
    public byte[]? Pages { get; set; }

    /// <summary>Bytes after which the log goes on in another stream of the same block; 0 for one stream.</summary>
    public int LogStreamBytes { get; set; }

    /// <summary>Leaves the set without its closing header and what follows.</summary>
    public bool Unfinished { get; set; }

    public static byte[] Pad(byte[] data, int to)
    {
        Array.Resize(ref data, (data.Length + to - 1) / to * to);
        return data;
    }

    public byte[] Build()
    {
        byte[] tape = Block("TAPE", 0x5E, 140);
        BinaryPrimitives.WriteUInt16LittleEndian(tape.AsSpan(0x40), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(tape.AsSpan(0x54), 1024);
        byte[] raid = new byte[32];
        MediaSet.TryWriteBytes(raid);
        BinaryPrimitives.WriteUInt32LittleEndian(raid.AsSpan(0x10), 0xF00000AD);
        BinaryPrimitives.WriteUInt16LittleEndian(raid.AsSpan(0x14), FamilyCount);
        BinaryPrimitives.WriteUInt16LittleEndian(raid.AsSpan(0x16), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(raid.AsSpan(0x18), FamilyNumber);
        Write(tape, ("RAID", 0, raid));
        Filemark();
        AddSet(1);
        return _out.WrittenSpan.ToArray();
    }

    private void AddSet(ushort position)
    {
        long start = _out.WrittenCount;
        _set = start;
        _control = 0;
        byte[] sset = Block("SSET", 0x62 + 21, 0x62 + 21);
        SetGuid.TryWriteBytes(sset.AsSpan(0x62));
        BinaryPrimitives.WriteUInt16LittleEndian(sset.AsSpan(0x2C), 21);
        BinaryPrimitives.WriteUInt16LittleEndian(sset.AsSpan(0x2E), 0x62);
        BinaryPrimitives.WriteUInt16LittleEndian(sset.AsSpan(0x3E), position);
        Write(sset);
        Write(Block("VOLB", 0x49, 0x49 + 3));
        Write(Block("MSCI", 56, 56), ("MQCI", 0, Header(final: false)));
        if (Pages is not null)
        {
            Write(Block("MSDA", 60, 60), [.. Data("MQDA", Pages, variable: true), ("MQDA", 0x6, [])]);
        }

        foreach (List<byte[]> vlf in Log)
            WriteLog(vlf);
        if (Unfinished)
            return;
        Write(Block("MSLS", 56, 56), ("MQCI", 0, Header(final: true)));
        Filemark();
        _set = -1;
        byte[] map = new byte[8 + 0x60];
        BinaryPrimitives.WriteUInt16LittleEndian(map.AsSpan(4), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(map.AsSpan(8), 0x60);
        BinaryPrimitives.WriteUInt64LittleEndian(map.AsSpan(8 + 0x0C), (ulong)start);
        BinaryPrimitives.WriteUInt16LittleEndian(map.AsSpan(8 + 0x1E), position);
        Write(Block("ESET", 88, 88), ("OTCP", 0, new byte[8]), ("TSMP", 0, map));
        Write(Block("ESET", 88, 88));
        Filemark();
    }

    private void WriteLog(List<byte[]> blocks)
    {
        byte[] mstl = Block("MSTL", 592, 592);
        byte[] log = [.. blocks.SelectMany(b => b)];
        if (log.Length > 0)
        {
            uint vlf = BinaryPrimitives.ReadUInt32LittleEndian(log.AsSpan(0x0C));
            ulong start = 8192 + (512ul * BinaryPrimitives.ReadUInt32LittleEndian(log.AsSpan(0x10)));
            BinaryPrimitives.WriteUInt64LittleEndian(mstl.AsSpan(0x3C), start);
            BinaryPrimitives.WriteUInt64LittleEndian(mstl.AsSpan(0x44), start + (ulong)log.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(mstl.AsSpan(0x5C), vlf);
            BinaryPrimitives.WriteUInt64LittleEndian(mstl.AsSpan(0x60), 1ul << 40);
            BinaryPrimitives.WriteUInt64LittleEndian(mstl.AsSpan(0x68), 8192);
        }

        if (log.Length == 0)
        {
            Write(mstl);
            return;
        }

        byte[] padded = Pad(log, 65536);
        if (LogStreamBytes == 0)
        {
            Write(mstl, Data("MQTL", padded, variable: false));
            return;
        }

        Write(mstl, [.. padded.Chunk(LogStreamBytes).SelectMany(c => Data("MQTL", c, variable: true))]);
    }

    private (string, ushort, byte[])[] Data(string id, byte[] data, bool variable)
    {
        byte[] stream = [0, 0, .. data];
        ushort attributes = (ushort)((variable ? 0x2 : 0) | (WithChecksum ? 0x100 : 0));
        if (!WithChecksum)
            return [(id, attributes, stream)];
        byte[] sum = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(sum, Checksums.Running(data));
        return [(id, attributes, stream), ("CSUM", 0, sum)];
    }

    private byte[] Header(bool final)
    {
        byte[] names = Encoding.Unicode.GetBytes(Database + Server);
        byte[] scin = new byte[0x16C + names.Length];
        Encoding.ASCII.GetBytes("SCIN").CopyTo(scin, 0);
        names.CopyTo(scin, 0x16C);
        BinaryPrimitives.WriteInt32LittleEndian(scin.AsSpan(4), scin.Length);
        BinaryPrimitives.WriteInt32LittleEndian(scin.AsSpan(8), 0x200 | (WithChecksum ? 0x10 : 0));
        BinaryPrimitives.WriteUInt16LittleEndian(scin.AsSpan(0x18), (ushort)Software.Build);
        scin[0x1A] = (byte)Software.Minor;
        scin[0x1B] = (byte)Software.Major;
        Put(scin, 0x20, First);
        Put(scin, 0x2A, Last);
        Put(scin, 0x90, Last);
        Date(2024, 5, 6, 14, 15, 1).CopyTo(scin, 0x4D);
        if (final)
            Date(2024, 5, 6, 14, 15, 2).CopyTo(scin, 0x52);
        scin[0x57] = (byte)Type;
        BinaryPrimitives.WriteUInt16LittleEndian(scin.AsSpan(0x68), (ushort)(Database.Length * 2));
        BinaryPrimitives.WriteUInt16LittleEndian(scin.AsSpan(0x6A), 0x16C);
        BinaryPrimitives.WriteUInt16LittleEndian(scin.AsSpan(0x6C), (ushort)(Server.Length * 2));
        BinaryPrimitives.WriteUInt16LittleEndian(scin.AsSpan(0x6E), (ushort)(0x16C + (Database.Length * 2)));
        return scin;
    }

    private byte[] Block(string id, int size, int firstEvent)
    {
        byte[] block = new byte[(Math.Max(size, firstEvent) + 3) & ~3];
        Encoding.ASCII.GetBytes(id).CopyTo(block, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(8), (ushort)block.Length);
        if (id is "SSET" or "VOLB" or "MSCI" or "MSDA" or "MSTL" or "MSLS")
        {
            BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(0x14), (ulong)(_out.WrittenCount - _set) / 1024);
            BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(0x24), _control++);
        }

        return block;
    }

    private void Write(byte[] block, params (string Id, ushort Attributes, byte[] Data)[] streams)
    {
        Seal(block, 50);
        _out.Write(block);
        Align(4);
        foreach ((string id, ushort attributes, byte[] data) in streams)
        {
            Stream(id, attributes, data);
            Align(4);
        }

        int pad = (int)(1024 - ((_out.WrittenCount + 22) % 1024)) % 1024;
        Stream("SPAD", 0, new byte[pad]);
    }

    private void Stream(string id, ushort attributes, byte[] data)
    {
        byte[] header = new byte[22];
        Encoding.ASCII.GetBytes(id).CopyTo(header, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(6), attributes);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), data.Length);
        Seal(header, 20);
        _out.Write(header);
        _out.Write(data);
    }

    private void Filemark()
    {
        byte[] mark = new byte[1024];
        Encoding.ASCII.GetBytes("SFMB").CopyTo(mark, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(mark.AsSpan(8), 1024);
        Seal(mark, 50);
        _out.Write(mark);
    }

    private void Align(int to)
    {
        while (_out.WrittenCount % to != 0)
            _out.Write<byte>([0]);
    }

    private static void Seal(byte[] header, int at)
    {
        ushort sum = 0;
        for (int i = 0; i < at; i += 2)
            sum ^= BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(i));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(at), sum);
    }

    internal static void Put(byte[] bytes, int at, Lsn lsn)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), lsn.Vlf);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at + 4), lsn.Block);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at + 8), lsn.Slot);
    }

    private static byte[] Date(int year, int month, int day, int hour, int minute, int second)
    {
        long bits = ((long)year << 26) | ((long)month << 22) | ((long)day << 17) | ((long)hour << 12) | ((long)minute << 6) | (uint)second;
        return [(byte)(bits >> 32), (byte)(bits >> 24), (byte)(bits >> 16), (byte)(bits >> 8), (byte)bits];
    }
}

/// <summary>The sector checksum, written once more and plainly, so that the reader's is not tested against itself.</summary>
internal static class Checksums
{
    public static uint Running(ReadOnlySpan<byte> data)
    {
        uint sum = 0;
        for (int sector = 0; sector < data.Length; sector += 512)
        {
            sum = System.Numerics.BitOperations.RotateLeft(sum, 1);
            for (int word = 0; word < 512; word += 4)
                sum ^= BinaryPrimitives.ReadUInt32LittleEndian(data[(sector + word)..]);
        }

        return sum;
    }

    public static uint Record(ReadOnlySpan<byte> data)
    {
        byte[] padded = BackupBuilder.Pad(data.ToArray(), 4);
        uint sum = 0;
        for (int word = 0; word < padded.Length; word += 4)
            sum = System.Numerics.BitOperations.RotateLeft(sum, 1) ^ BinaryPrimitives.ReadUInt32LittleEndian(padded.AsSpan(word));
        return sum;
    }
}
