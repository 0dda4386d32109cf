using System.Collections.Generic;

namespace BizTalkDR.Lab.Engine;

/// <summary>A run of data pages or log blocks on a medium.</summary>
/// <param name="IsLog">Log blocks; otherwise data pages.</param>
/// <param name="Offset">File offset of the first byte of data, behind the two zero bytes.</param>
/// <param name="Length">Bytes of data.</param>
/// <param name="Checksum">The backup checksum; null when the set has none.</param>
/// <param name="Vlf">The virtual log file of log blocks.</param>
/// <param name="Start">Offset of the first block in the log file.</param>
/// <param name="Block">Number of its MSDA or MSTL block among those of the set.</param>
internal sealed record MediaSegment(bool IsLog, long Offset, long Length, uint? Checksum, VlfInfo? Vlf, long Start, int Block);

/// <summary>One backup set on a medium.</summary>
internal sealed record MediaSet
{
    public required BackupSetInfo Info { get; init; }

    /// <summary>File offset of its first block.</summary>
    public long Address { get; init; }

    /// <summary>File offset behind its last block.</summary>
    public long End { get; init; }

    public uint Attributes { get; init; }

    public IReadOnlyList<MediaSegment> Segments { get; init; } = [];

    /// <summary>Addresses of the filemarks of this set.</summary>
    public IReadOnlyList<long> Filemarks { get; init; } = [];

    /// <summary>Whether the final header and the catalogue are there.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Whether the file ends inside the set.</summary>
    public bool IsCutOff { get; init; }

    /// <summary>Number of MSDA and of MSTL blocks.</summary>
    public int DataBlocks { get; init; }

    public int LogBlocks { get; init; }
}
