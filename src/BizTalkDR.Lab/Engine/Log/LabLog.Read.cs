using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

public sealed partial class LabLog
{
    /// <summary>Reads records from an LSN on (inclusive) up to an LSN (exclusive; null = end). Continuations are joined.</summary>
    /// <remarks>Records not yet durable are flushed first. The caller sees to it that the log is not truncated meanwhile.</remarks>
    /// <exception cref="InvalidDataException">A block is damaged, or was freed meanwhile.</exception>
    public IEnumerable<LogRecord> Read(Lsn from, Lsn? to = null)
    {
        Lsn end = to ?? FlushAll();
        return Join(ReadBlocks(from, end), from, end);
    }

    /// <summary>Reads raw sealed blocks that hold records in [from, to).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The log no longer holds <paramref name="from"/>.</exception>
    public IEnumerable<RawLogBlock> ReadBlocks(Lsn from, Lsn to)
    {
        if (from < StartLsn && to > from)
        {
            throw new ArgumentOutOfRangeException(nameof(from), $"The log begins at {StartLsn}; {from} is no longer there.");
        }

        if (to > FlushedLsn)
        {
            FlushAll();
        }

        return Walk(from, to);
    }

    /// <summary>Decodes the records of one raw block.</summary>
    /// <remarks>Continuations stay as they are; <see cref="Join(IEnumerable{RawLogBlock})"/> puts them together.</remarks>
    public static IReadOnlyList<LogRecord> Decode(RawLogBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        return [.. DecodeParts(block).Select(p => p.Record)];
    }

    /// <summary>Decodes the records of blocks in log order; records that were too long for a block are whole again.</summary>
    public static IEnumerable<LogRecord> Join(IEnumerable<RawLogBlock> blocks) => Join(blocks, Lsn.Zero, null);

    private static IEnumerable<LogRecord> Join(IEnumerable<RawLogBlock> blocks, Lsn from, Lsn? to)
    {
        List<ReadOnlyMemory<byte>> collected = [];
        foreach (RawLogBlock block in blocks)
        {
            foreach ((LogRecord record, int parts) in DecodeParts(block))
            {
                if (record.Op == LogOp.Continuation)
                {
                    if (parts == 0)
                    {
                        collected.Clear();
                    }

                    collected.Add(record.Payload);
                    continue;
                }

                bool wanted = record.Lsn >= from && (to is null || record.Lsn < to);
                if (wanted && parts > 0 && collected.Count != parts)
                {
                    throw new InvalidDataException($"The log record {record.Lsn} lacks parts of its content.");
                }

                if (wanted)
                {
                    yield return parts == 0 ? record : Joined(record, collected);
                }

                collected.Clear();
            }
        }
    }

    private static LogRecord Joined(LogRecord record, List<ReadOnlyMemory<byte>> collected)
    {
        ArrayBufferWriter<byte> payload = new();
        foreach (ReadOnlyMemory<byte> part in collected)
        {
            payload.Write(part.Span);
        }

        payload.Write(record.Payload.Span);
        return new LogRecord
        {
            Op = record.Op,
            TransactionId = record.TransactionId,
            ObjectId = record.ObjectId,
            RowId = record.RowId,
            Payload = payload.WrittenMemory,
            Name = record.Name,
            Description = record.Description,
            IsMarked = record.IsMarked,
            Time = record.Time,
            BeginLsn = record.BeginLsn,
            GlobalId = record.GlobalId,
            Coordinator = record.Coordinator,
            Lsn = record.Lsn,
        };
    }

    private static IEnumerable<(LogRecord Record, int Parts)> DecodeParts(RawLogBlock block)
    {
        byte[] plain = LogBlock.Unprotect(block.Bytes);
        ushort slot = block.FirstLsn.Slot;
        foreach ((int start, int length) in LogBlock.Slots(plain))
        {
            LogRecord? record = LogRecordFormat.Decode(plain.AsMemory(start, length), block.FirstLsn with { Slot = slot }, out int parts);
            slot++;
            if (record is not null)
            {
                yield return (record, parts);
            }
        }
    }

    /// <summary>Walks the blocks on the disk, one virtual log file in memory at a time. Starts early enough that a joined record is whole.</summary>
    private IEnumerable<RawLogBlock> Walk(Lsn from, Lsn to)
    {
        List<RawLogBlock> before = [];
        bool started = false;
        foreach (RawLogBlock block in WalkAll(from.Vlf, to))
        {
            if (started)
            {
                yield return block;
                continue;
            }

            if (LastSlot(block) >= from)
            {
                started = true;
                foreach (RawLogBlock earlier in before)
                {
                    yield return earlier;
                }

                before.Clear();
                yield return block;
            }
            else if (EndsInContinuation(block))
            {
                before.Add(block);
            }
            else
            {
                before.Clear();
            }
        }
    }

    private static Lsn LastSlot(RawLogBlock block)
    {
        int count = System.Buffers.Binary.BinaryPrimitives.ReadUInt16LittleEndian(block.Bytes.AsSpan(2));
        return block.FirstLsn with { Slot = (ushort)(block.FirstLsn.Slot + count - 1) };
    }

    private static bool EndsInContinuation(RawLogBlock block)
    {
        byte[] plain = LogBlock.Unprotect(block.Bytes);
        (int start, int length) = LogBlock.Slots(plain).LastOrDefault();
        return length > 0 && LogRecordFormat.Decode(plain.AsMemory(start, length), Lsn.Zero, out _)?.Op == LogOp.Continuation;
    }

    private bool BeginsInContinuation(VirtualLogFile vlf)
    {
        byte[] block = new byte[LogBlock.MaxSize];
        Lsn lsn = new(vlf.Number, VirtualLogFile.FirstBlock, 1);
        int read = _file.Read(vlf.Offset + VirtualLogFile.HeaderSize, block);
        int size = LogBlock.Check(block.AsSpan(0, read), lsn);
        return size > 0 && Decode(new RawLogBlock(lsn, block[..size]))[0].Op == LogOp.Continuation;
    }

    private IEnumerable<RawLogBlock> WalkAll(uint fromVlf, Lsn to)
    {
        (VirtualLogFile Vlf, uint Number, Lsn Previous)[] files;
        Lsn start;
        Lsn end;
        DurableFile file;
        lock (_gate)
        {
            // A record that ends in the first block may begin in a virtual log file before.
            int first = Math.Max(0, _active.FindLastIndex(v => v.Number <= fromVlf));
            while (first > 0 && BeginsInContinuation(_active[first]))
            {
                first--;
            }

            files = [.. _active.Skip(first).Select(v => (v, v.Number, v.Previous))];
            start = _header.Start;
            end = to < _flushed ? to : _flushed;
            file = _file;
        }

        byte[] content = new byte[_header.VlfSize];
        for (int i = 0; i < files.Length; i++)
        {
            uint number = files[i].Number;
            Lsn lsn = new(number, number == start.Vlf ? start.Block : VirtualLogFile.FirstBlock, 1);
            int read = file.Read(files[i].Vlf.Offset, content);
            while (lsn < end)
            {
                int offset = (int)Math.Min((long)lsn.Block * LogBlock.SectorSize, read);
                int size = LogBlock.Check(content.AsSpan(offset, read - offset), lsn);
                if (size == 0)
                {
                    break;
                }

                yield return new RawLogBlock(lsn, content.AsSpan(offset, size).ToArray());
                lsn = lsn with { Block = lsn.Block + (uint)(size / LogBlock.SectorSize) };
            }

            if (lsn < end && (i == files.Length - 1 || files[i + 1].Previous != lsn))
            {
                throw new InvalidDataException($"The log block {lsn} of {_path} is damaged or was freed while it was being read.");
            }
        }
    }
}
