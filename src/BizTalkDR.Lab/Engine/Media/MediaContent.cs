using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>Reads the data of one backup set from all files it is spread over: data pages an extent from each in turn, log blocks by their LSNs.</summary>
internal sealed class MediaContent
{
    private const int PageSize = PageFormat.PageSize;
    private const int PagesPerExtent = 8;
    private readonly IReadOnlyList<(MediaReader Reader, MediaSet Set)> _stripes;

    /// <param name="stripes">The set in each file, in the order of their family numbers.</param>
    public MediaContent(IReadOnlyList<(MediaReader Reader, MediaSet Set)> stripes) => _stripes = stripes;

    public BackupSetInfo Info => _stripes[0].Set.Info;

    /// <summary>Whether damage is passed over (CONTINUE_AFTER_ERROR).</summary>
    public bool AcceptDamage { get; init; }

    /// <summary>Whether backup checksums are not looked at (NO_CHECKSUM).</summary>
    public bool IgnoreChecksums { get; init; }

    /// <summary>Whether damage was passed over.</summary>
    public bool MetDamage { get; private set; }

    public long Length => _stripes.Sum(s => s.Set.Segments.Sum(g => g.Length));

    /// <summary>Reads the data pages with their numbers; checks the backup checksums where there are any.</summary>
    /// <exception cref="LabSqlException">3189 when a checksum does not match, or nobody can tell which extent stands there.</exception>
    public IEnumerable<NumberedPage> Pages()
    {
        int[] files = [.. Info.DataFiles.Select(f => f.FileId)];
        bool isWhole = Info.Type == 'D';
        for (int block = 0; block < _stripes[0].Set.DataBlocks; block++)
        {
            int fileId = block < files.Length ? files[block] : 1;
            int next = 0;
            foreach (byte[][] extent in Extents(block))
            {
                int first = isWhole ? PageFormat.Number(fileId, next) : NameOf(extent, fileId);
                for (int i = 0; i < extent.Length; i++)
                {
                    yield return new NumberedPage(first + i, extent[i]);
                }

                next += PagesPerExtent;
            }
        }
    }

    /// <summary>Reads the log blocks in log order; checks the checksum of each block, and the backup checksum where there is one.</summary>
    public IEnumerable<RawLogBlock> LogBlocks()
    {
        for (int block = 0; block < _stripes[0].Set.LogBlocks; block++)
        {
            List<RawLogBlock> blocks = [];
            foreach ((MediaReader reader, MediaSet set) in _stripes)
            {
                foreach (MediaSegment segment in set.Segments.Where(s => s.IsLog && s.Block == block && s.Vlf is not null))
                {
                    blocks.AddRange(LogBlocks(reader, segment));
                }
            }

            foreach (RawLogBlock log in _stripes.Count == 1 ? blocks : [.. blocks.OrderBy(b => b.FirstLsn)])
            {
                yield return log;
            }
        }
    }

    /// <summary>Reads the log blocks and sees that none is missing: each follows the one before, and the last ends at LastLSN.</summary>
    public IEnumerable<RawLogBlock> CompleteLog()
    {
        Lsn? next = null;
        foreach (RawLogBlock block in LogBlocks())
        {
            bool begins = next is null && (block.FirstLsn <= Info.FirstLsn || IsStartOfLaterFile(block.FirstLsn, Info.FirstLsn));
            if (!begins && (next is not { } expected || (block.FirstLsn != expected && !IsStartOfLaterFile(block.FirstLsn, expected))))
            {
                throw MediaErrors.Damaged();
            }

            yield return block;
            next = block.FirstLsn with { Block = block.FirstLsn.Block + (uint)(block.Bytes.Length / LogBlock.SectorSize) };
        }

        if ((next ?? Info.FirstLsn) is var end && end != Info.LastLsn && !IsStartOfLaterFile(Info.LastLsn, end))
        {
            throw MediaErrors.Damaged();
        }
    }

    private static bool IsStartOfLaterFile(Lsn lsn, Lsn before) => lsn.Vlf > before.Vlf && lsn.Block == VirtualLogFile.FirstBlock;

    /// <summary>Number of the first page of an extent: pages stand together in order, and those in use say which they are.</summary>
    private int NameOf(byte[][] extent, int fileId)
    {
        foreach (bool demandsChecksum in new[] { true, false })
        {
            for (int i = 0; i < extent.Length; i++)
            {
                int number = PageFormat.NumberOf(extent[i]) - i;
                if (extent[i][0] == 1 && PageFormat.FileOf(number) == fileId && PageFormat.PageOf(number) % PagesPerExtent == 0 && (!demandsChecksum || PageFormat.IsIntact(extent[i])))
                {
                    return number;
                }
            }
        }

        throw MediaErrors.Damaged();
    }

    private IEnumerable<byte[][]> Extents(int block)
    {
        List<IEnumerator<byte[][]>> sources = [.. _stripes.Select(s => Extents(s.Reader, s.Set, block).GetEnumerator())];
        try
        {
            for (int i = 0; sources[i % sources.Count].MoveNext(); i++)
            {
                yield return sources[i % sources.Count].Current;
            }

            // Each stripe has read its last extent; what is left to do there is its checksum.
            foreach (IEnumerator<byte[][]> source in sources)
            {
                if (source.MoveNext())
                {
                    throw MediaErrors.Damaged();
                }
            }
        }
        finally
        {
            sources.ForEach(s => s.Dispose());
        }
    }

    private IEnumerable<byte[][]> Extents(MediaReader reader, MediaSet set, int block)
    {
        foreach (MediaSegment segment in set.Segments.Where(s => !s.IsLog && s.Block == block))
        {
            uint sum = 0;
            for (long at = 0; at + PageSize <= segment.Length;)
            {
                byte[][] extent = new byte[(int)Math.Min(PagesPerExtent, (segment.Length - at) / PageSize)][];
                for (int i = 0; i < extent.Length; i++, at += PageSize)
                {
                    extent[i] = new byte[PageSize];
                    reader.ReadAt(segment.Offset + at, extent[i]);
                    sum = segment.Checksum is null ? 0 : SectorChecksum.Of(extent[i], sum);
                }

                yield return extent;
            }

            if (!IgnoreChecksums && segment.Checksum is { } expected && expected != sum)
            {
                Damage();
            }
        }
    }

    private List<RawLogBlock> LogBlocks(MediaReader reader, MediaSegment segment)
    {
        byte[] data = new byte[segment.Length];
        reader.ReadAt(segment.Offset, data);
        if (!IgnoreChecksums && segment.Checksum is { } expected && expected != SectorChecksum.Of(data))
        {
            Damage();
        }

        List<RawLogBlock> blocks = [];
        uint block = (uint)((segment.Start - segment.Vlf!.FileOffset) / LogBlock.SectorSize);
        int at = 0;
        while (at < data.Length)
        {
            int size = LogBlock.SizeOf(data.AsSpan(at));
            if (size == 0 && !data.AsSpan(at).ContainsAnyExcept((byte)0))
            {
                break;
            }

            // Stripes share the blocks of a virtual log file: there each only says itself where it stands.
            Lsn found = LogBlock.LsnOf(data.AsSpan(at));
            Lsn lsn = _stripes.Count == 1 ? new(segment.Vlf.Number, block, 1) : new(segment.Vlf.Number, found.Block, 1);
            if (size == 0 || size > data.Length - at || found != lsn || !LogBlock.HasRightChecksum(data.AsSpan(at, size)))
            {
                throw MediaErrors.Damaged();
            }

            blocks.Add(new RawLogBlock(lsn, data.AsSpan(at, size).ToArray()));
            at += size;
            block += (uint)(size / LogBlock.SectorSize);
        }

        return blocks;
    }

    private void Damage()
    {
        if (!AcceptDamage)
        {
            throw MediaErrors.Damaged();
        }

        MetDamage = true;
    }
}
