using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;

namespace BizTalkDR.Lab.Engine;

/// <summary>Reads a plain backup file (facts: backup-file-format.md §2 to §6). Answers from the file alone; no length is believed without its checksum and the file's size.</summary>
/// <remarks>Compressed files (MSSQLBAK) are refused with 3241: the lab writes none.</remarks>
internal sealed class MediaReader : IDisposable
{
    private readonly FileStream _stream;
    private readonly List<long> _leadingFilemarks = [];
    private long _setStart;

    private MediaReader(string device, FileStream stream)
    {
        Device = device;
        _stream = stream;
    }

    /// <summary>The device as the statement names it.</summary>
    public string Device { get; }

    public MediaInfo Media { get; private set; } = new();

    /// <summary>Filemarks before the first set.</summary>
    public IReadOnlyList<long> LeadingFilemarks => _leadingFilemarks;

    /// <summary>File offset of the first set.</summary>
    public long FirstSet => _setStart;

    /// <summary>Opens a device and reads its label.</summary>
    /// <exception cref="LabSqlException">3201 when it cannot be opened, 3254 when empty, 3241 when it holds something else.</exception>
    public static MediaReader Open(string path, string device)
    {
        MediaReader? reader = null;
        try
        {
            reader = new MediaReader(device, new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16));
            reader.ReadLabel();
            return reader;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reader?.Dispose();
            throw MediaErrors.CannotOpen(device, e, forRestore: true);
        }
        catch (LabSqlException)
        {
            reader?.Dispose();
            throw;
        }
    }

    /// <summary>Lists the sets in order. A set the file ends in, or that was never finished, is the last.</summary>
    /// <exception cref="LabSqlException">3242 when a block or stream is damaged, 3203 when reading fails.</exception>
    public IEnumerable<MediaSet> Sets()
    {
        long offset = _setStart;
        while (offset < _stream.Length)
        {
            MediaSet set = ReadSet(offset);
            yield return set;
            if (!set.IsComplete)
            {
                yield break;
            }

            offset = set.End;
        }
    }

    /// <summary>Finds the set at a position, ready to be restored.</summary>
    /// <exception cref="LabSqlException">4038 when there is none, 3256 or 3203 when it is incomplete or cut off.</exception>
    public MediaSet Find(int position)
    {
        foreach (MediaSet set in Sets())
        {
            if (set.Info.Position != position)
            {
                continue;
            }

            if (set.IsCutOff)
            {
                throw MediaErrors.EndOfFile(Device);
            }

            return set.IsComplete ? set : throw MediaErrors.Incomplete(Device);
        }

        throw MediaErrors.NoSuchSet(Device, position);
    }

    /// <summary>Reads the data pages of a set; checks the backup checksum where there is one.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Pages(MediaSet set)
    {
        foreach (MediaSegment segment in set.Segments)
        {
            if (segment.IsLog)
            {
                continue;
            }

            uint sum = 0;
            for (long at = 0; at + 8192 <= segment.Length; at += 8192)
            {
                byte[] page = new byte[8192];
                ReadAt(segment.Offset + at, page);
                sum = segment.Checksum is null ? 0 : SectorChecksum.Of(page, sum);
                yield return page;
            }

            if (segment.Checksum is { } expected && expected != sum)
            {
                throw MediaErrors.Damaged();
            }
        }
    }

    /// <summary>Reads the log blocks of a set in log order; checks the checksum of each block, and the backup checksum where there is one.</summary>
    public IEnumerable<RawLogBlock> LogBlocks(MediaSet set)
    {
        foreach (MediaSegment segment in set.Segments)
        {
            if (!segment.IsLog || segment.Vlf is null)
            {
                continue;
            }

            byte[] data = new byte[segment.Length];
            ReadAt(segment.Offset, data);
            if (segment.Checksum is { } expected && expected != SectorChecksum.Of(data))
            {
                throw MediaErrors.Damaged();
            }

            uint block = (uint)((segment.Start - segment.Vlf.FileOffset) / LogBlock.SectorSize);
            int at = 0;
            while (at < data.Length)
            {
                int size = LogBlock.SizeOf(data.AsSpan(at));
                if (size == 0 && !data.AsSpan(at).ContainsAnyExcept((byte)0))
                {
                    break;
                }

                Lsn lsn = new(segment.Vlf.Number, block, 1);
                if (size == 0 || size > data.Length - at || LogBlock.LsnOf(data.AsSpan(at)) != lsn
                    || !LogBlock.HasRightChecksum(data.AsSpan(at, size)))
                {
                    throw MediaErrors.Damaged();
                }

                yield return new RawLogBlock(lsn, data.AsSpan(at, size).ToArray());
                at += size;
                block += (uint)(size / LogBlock.SectorSize);
            }
        }
    }

    /// <summary>Reads the log blocks of a set and sees that none is missing: each follows the one before, and the last ends at LastLSN.</summary>
    public IEnumerable<RawLogBlock> CompleteLog(MediaSet set)
    {
        BackupSetInfo info = set.Info;
        Lsn? next = null;
        foreach (RawLogBlock block in LogBlocks(set))
        {
            bool begins = next is null && (block.FirstLsn <= info.FirstLsn || IsStartOfLaterFile(block.FirstLsn, info.FirstLsn));
            if (!begins && (next is not { } expected || (block.FirstLsn != expected && !IsStartOfLaterFile(block.FirstLsn, expected))))
            {
                throw MediaErrors.Damaged();
            }

            yield return block;
            next = block.FirstLsn with { Block = block.FirstLsn.Block + (uint)(block.Bytes.Length / LogBlock.SectorSize) };
        }

        if ((next ?? info.FirstLsn) is var end && end != info.LastLsn && !IsStartOfLaterFile(info.LastLsn, end))
        {
            throw MediaErrors.Damaged();
        }
    }

    public void Dispose() => _stream.Dispose();

    private static bool IsStartOfLaterFile(Lsn lsn, Lsn before) => lsn.Vlf > before.Vlf && lsn.Block == VirtualLogFile.FirstBlock;

    private void ReadLabel()
    {
        if (_stream.Length == 0)
        {
            throw MediaErrors.Empty(Device);
        }

        byte[] head = new byte[Math.Min(_stream.Length, 0x5E)];
        ReadAt(0, head);
        if (head.Length < 0x5E || !head.AsSpan().StartsWith("TAPE"u8) || !MtfBlock.IsIntact(head))
        {
            throw MediaErrors.Malformed(Device);
        }

        try
        {
            MtfWalker walker = new(this, 0);
            byte[] tape = walker.Block;
            MediaInfo media = new()
            {
                MediaFamilyId = BinaryPrimitives.ReadUInt32LittleEndian(tape.AsSpan(0x34)),
                FilemarkSize = BinaryPrimitives.ReadUInt16LittleEndian(tape.AsSpan(0x40)) * 512,
                Name = MtfBlock.Text(tape, 0x44),
                Description = MtfBlock.Text(tape, 0x48),
                SoftwareName = MtfBlock.Text(tape, 0x50) ?? string.Empty,
                VendorId = BinaryPrimitives.ReadUInt16LittleEndian(tape.AsSpan(0x56)),
                Date = MtfDate.Read(tape.AsSpan(0x58)) ?? default,
            };
            foreach (MtfStream stream in walker.Streams())
            {
                if (stream.Id == "RAID" && stream.Length >= 26)
                {
                    byte[] raid = walker.Data(stream, 26);
                    media = media with
                    {
                        MediaSetId = new Guid(raid.AsSpan(0, 16)),
                        FamilyCount = BinaryPrimitives.ReadUInt16LittleEndian(raid.AsSpan(0x14)),
                        MirrorCount = BinaryPrimitives.ReadUInt16LittleEndian(raid.AsSpan(0x16)),
                        FamilyNumber = BinaryPrimitives.ReadUInt16LittleEndian(raid.AsSpan(0x18)),
                    };
                }
            }

            Media = media;
            walker.Next();
            _leadingFilemarks.Add(walker.Offset);
            _setStart = walker.Type == "SFMB" ? walker.EndOfFilemark : throw MediaErrors.Malformed(Device);
        }
        catch (LabSqlException e) when (e.Number is 3203 or 3242)
        {
            throw MediaErrors.Malformed(Device);
        }
    }

    private MediaSet ReadSet(long offset)
    {
        MediaSetBuilder builder = new(offset);
        try
        {
            MtfWalker walker = new(this, offset);
            if (walker.Type != "SSET")
            {
                throw MediaErrors.NoBackupSet(Device);
            }

            do
            {
                builder.Take(walker);
            }
            while (!builder.IsFinished && walker.Next());
            return builder.Build(cutOff: false, walker.Offset);
        }
        catch (LabSqlException e) when (e.Number == 3203)
        {
            return builder.Build(cutOff: true, _stream.Length);
        }
    }

    internal long Length => _stream.Length;

    internal void ReadAt(long offset, Span<byte> target)
    {
        if (offset < 0 || target.Length > _stream.Length - offset)
        {
            throw MediaErrors.EndOfFile(Device);
        }

        try
        {
            _stream.Position = offset;
            _stream.ReadExactly(target);
        }
        catch (EndOfStreamException)
        {
            throw MediaErrors.EndOfFile(Device);
        }
        catch (IOException e)
        {
            throw MediaErrors.ReadFailed(Device, e);
        }
    }
}
