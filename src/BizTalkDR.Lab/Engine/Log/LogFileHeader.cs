using System;
using System.Buffers.Binary;
using System.IO;

namespace BizTalkDR.Lab.Engine;

/// <summary>The first page of a log file: size of the virtual log files and where the log begins. Kept twice; the newer whole copy counts.</summary>
internal sealed class LogFileHeader
{
    /// <summary>Bytes before the first virtual log file.</summary>
    public const int PageSize = 8192;

    private const int CopyDistance = 4096;
    private const ulong Signature = 0x31474F4C52444253; // "SBDRLOG1"

    public int VlfSize { get; init; } = 1 << 20;

    /// <summary>Block with which the log begins.</summary>
    public Lsn Start { get; set; }

    private ulong Sequence { get; set; }

    public static LogFileHeader Read(DurableFile file, string path)
    {
        LogFileHeader? newest = null;
        byte[] sector = new byte[LogBlock.SectorSize];
        for (int copy = 0; copy < 2; copy++)
        {
            LogFileHeader? header = file.Read(copy * CopyDistance, sector) == sector.Length ? Parse(sector) : null;
            if (header is not null && (newest is null || header.Sequence > newest.Sequence))
            {
                newest = header;
            }
        }

        return newest ?? throw new InvalidDataException($"{path} is not a log file of the lab, or its first page is damaged.");
    }

    /// <summary>Writes the older of the two copies; the caller syncs.</summary>
    public void Write(DurableFile file)
    {
        Sequence++;
        byte[] sector = new byte[LogBlock.SectorSize];
        BinaryPrimitives.WriteUInt64LittleEndian(sector, Signature);
        BinaryPrimitives.WriteUInt64LittleEndian(sector.AsSpan(0x08), Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(sector.AsSpan(0x10), VlfSize);
        Start.Write(sector.AsSpan(0x18));
        BinaryPrimitives.WriteUInt32LittleEndian(sector.AsSpan(0x1FC), SectorChecksum.Of(sector));
        file.Write((long)(Sequence % 2) * CopyDistance, sector);
    }

    private static LogFileHeader? Parse(byte[] sector)
    {
        // A sector whose stored sum equals the sum of the rest folds to zero.
        if (BinaryPrimitives.ReadUInt64LittleEndian(sector) != Signature || SectorChecksum.Of(sector) != 0)
        {
            return null;
        }

        return new LogFileHeader
        {
            Sequence = BinaryPrimitives.ReadUInt64LittleEndian(sector.AsSpan(0x08)),
            VlfSize = BinaryPrimitives.ReadInt32LittleEndian(sector.AsSpan(0x10)),
            Start = Lsn.Read(sector.AsSpan(0x18)),
        };
    }
}
