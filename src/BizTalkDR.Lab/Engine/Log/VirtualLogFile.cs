using System;
using System.Buffers.Binary;

namespace BizTalkDR.Lab.Engine;

/// <summary>One virtual log file: a fixed piece of the log file with a header page of its own, used again under a new number when it is free.</summary>
internal sealed class VirtualLogFile
{
    /// <summary>Bytes of the header page, and number of the first block in sectors.</summary>
    public const int HeaderSize = 8192;

    public const uint FirstBlock = HeaderSize / LogBlock.SectorSize;

    private const uint Signature = 0x31464C56; // "VLF1"

    /// <summary>Offset in the log file.</summary>
    public long Offset { get; init; }

    /// <summary>0 = never used.</summary>
    public uint Number { get; set; }

    /// <summary>0x40 or 0x80; changes with each use.</summary>
    public byte Parity { get; set; }

    /// <summary>LSN the log had reached when this use began.</summary>
    public Lsn CreateLsn { get; set; }

    /// <summary>Where the log went over from the virtual log file before; zero for the first after a restart.</summary>
    public Lsn Previous { get; set; }

    /// <summary>Starts a new use.</summary>
    public void Use(uint number, Lsn previous)
    {
        Number = number;
        Parity = (byte)(Parity == 0x40 ? 0x80 : 0x40);
        CreateLsn = previous;
        Previous = previous;
    }

    public byte[] HeaderBytes()
    {
        byte[] sector = new byte[LogBlock.SectorSize];
        BinaryPrimitives.WriteUInt32LittleEndian(sector, Signature);
        BinaryPrimitives.WriteUInt32LittleEndian(sector.AsSpan(0x04), Number);
        sector[0x08] = Parity;
        CreateLsn.Write(sector.AsSpan(0x10));
        Previous.Write(sector.AsSpan(0x20));
        BinaryPrimitives.WriteUInt32LittleEndian(sector.AsSpan(0x1FC), SectorChecksum.Of(sector));
        return sector;
    }

    public static VirtualLogFile Read(DurableFile file, long offset)
    {
        byte[] sector = new byte[LogBlock.SectorSize];
        int read = file.Read(offset, sector);
        if (read < sector.Length || BinaryPrimitives.ReadUInt32LittleEndian(sector) != Signature || SectorChecksum.Of(sector) != 0)
        {
            return new VirtualLogFile { Offset = offset };
        }

        return new VirtualLogFile
        {
            Offset = offset,
            Number = BinaryPrimitives.ReadUInt32LittleEndian(sector.AsSpan(0x04)),
            Parity = sector[0x08],
            CreateLsn = Lsn.Read(sector.AsSpan(0x10)),
            Previous = Lsn.Read(sector.AsSpan(0x20)),
        };
    }
}
