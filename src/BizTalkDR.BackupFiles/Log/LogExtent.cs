using BizTalkDR.BackupFiles.Format;

namespace BizTalkDR.BackupFiles.Log;

/// <summary>What an MSTL block says about the part of one virtual log file it holds (backup-file-format.md §9.1).</summary>
internal readonly struct LogExtent
{
    private LogExtent(uint vlf, long firstBlock, long length)
    {
        Vlf = vlf;
        FirstBlock = firstBlock;
        Length = length;
    }

    public uint Vlf { get; }

    /// <summary>Block number of the first log block, or -1 when the block does not tell it.</summary>
    public long FirstBlock { get; }

    /// <summary>Bytes of log, without the zeros behind; -1 when the block does not tell it.</summary>
    public long Length { get; }

    public bool IsPlaced => FirstBlock >= 0;

    /// <param name="header">The MSTL block header.</param>
    /// <param name="striped">Stripes share one log extent in pieces: then the placement is that of no single file.</param>
    public static LogExtent Read(ByteView header, bool striped)
    {
        if (striped || !header.Has(0x70, 4))
            return new LogExtent(header.Has(0x5C, 4) ? header.U32(0x5C) : 0, -1, -1);
        ulong start = header.U64(0x3C);
        ulong end = header.U64(0x44);
        ulong size = header.U64(0x60);
        ulong offset = header.U64(0x68);
        bool plausible = end > start && start >= offset && end - offset <= size && size <= long.MaxValue && ((start | end | offset) & 511) == 0;
        return plausible
            ? new LogExtent(header.U32(0x5C), (long)(start - offset) / 512, (long)(end - start))
            : new LogExtent(header.U32(0x5C), -1, -1);
    }
}
