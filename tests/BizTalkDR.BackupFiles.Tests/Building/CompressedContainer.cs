using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace BizTalkDR.BackupFiles.Tests;

/// <summary>Puts a plain backup into a compressed container; the data is coded as literals of eight bits, so it does not get smaller.</summary>
internal static class CompressedContainer
{
    private const int RecordBytes = 32 * 1024;

    /// <param name="built">A backup with one set, as <see cref="BackupBuilder"/> writes it.</param>
    public static byte[] Wrap(byte[] built)
    {
        byte[] plain = (byte[])built.Clone();
        MoveSet(plain);
        var file = new MemoryStream();
        file.Write(Encoding.ASCII.GetBytes("MSSQLBAK"));
        file.Write([2, 0, 0, 0, 3, 0, 0, 0]);
        file.Write(new byte[0x1E0 - 16]);
        for (int at = 0; at < plain.Length;)
        {
            if (IsFilemark(plain, at, out int size))
            {
                file.Write(plain, at, size);
                at += size;
                continue;
            }

            int end = at;
            while (end < plain.Length && end - at < RecordBytes && !IsFilemark(plain, end, out _))
                end = Math.Min(plain.Length, end + 512);
            byte[] part = BackupBuilder.Pad(plain[at..end], 512);
            byte[] data = Literals(part);
            byte[] header = new byte[28];
            header[0] = 0x21;
            header[1] = (byte)(part.Length / 512);
            BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(2), (ushort)data.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(24), Checksums.Record(data));
            file.Write(header);
            file.Write(data);
            at = end;
        }

        return file.ToArray();
    }

    /// <summary>A chunk of literals only: every byte value has a code of eight bits, which is the value itself.</summary>
    public static byte[] Literals(byte[] bytes)
    {
        var chunk = new List<byte>();
        for (int i = 0; i < 256; i++)
            chunk.Add((byte)(i < 128 ? 0x88 : 0));
        for (int i = 0; i < bytes.Length; i += 2)
        {
            chunk.Add(i + 1 < bytes.Length ? bytes[i + 1] : (byte)0);
            chunk.Add(bytes[i]);
        }

        chunk.AddRange([0, 0, 0, 0]);
        return [.. chunk];
    }

    /// <summary>The set map holds the place of the set in the file, which is another one now: behind header, first record and filemark.</summary>
    private static void MoveSet(byte[] plain)
    {
        int map = plain.AsSpan().IndexOf("TSMP"u8);
        if (map >= 0)
            BinaryPrimitives.WriteUInt64LittleEndian(plain.AsSpan(map + 22 + 8 + 0x0C), 0x1E0 + 28 + 256 + 1024 + 4 + 1024);
    }

    private static bool IsFilemark(byte[] plain, int at, out int size)
    {
        size = 0;
        if (at + 52 > plain.Length || plain[at] != 'S' || plain[at + 1] != 'F' || plain[at + 2] != 'M' || plain[at + 3] != 'B')
            return false;
        size = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(plain.AsSpan(at + 8)), plain.Length - at);
        return size >= 52;
    }
}
