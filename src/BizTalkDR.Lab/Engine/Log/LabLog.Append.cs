using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

public sealed partial class LabLog
{
    /// <summary>Bytes of payload in one Continuation record; leaves room in a block for names beside the rest.</summary>
    private const int ContinuationSize = 56 * 1024;

    /// <summary>Appends a record (memory only) and gives its LSN. Thread-safe.</summary>
    /// <remarks>A record too long for a block goes into Continuation records and the record itself, with nothing between them.</remarks>
    public Lsn Append(LogRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        lock (_gate)
        {
            ThrowIfFailed();
            RequireRoom(record);
            ReadOnlyMemory<byte> payload = record.Payload;
            int parts = 0;
            while (payload.Length > ContinuationSize)
            {
                Add(LogRecordFormat.EncodeContinuation(record.TransactionId, payload[..ContinuationSize], parts));
                payload = payload[ContinuationSize..];
                parts++;
            }

            _lastOfTransaction.TryGetValue(record.TransactionId, out Lsn previous);
            record.Lsn = Add(LogRecordFormat.Encode(record, payload, previous, parts));
            if (record.Op is LogOp.Commit or LogOp.Abort)
            {
                _lastOfTransaction.Remove(record.TransactionId);
            }
            else if (record.TransactionId != 0)
            {
                _lastOfTransaction[record.TransactionId] = record.Lsn;
            }

            return record.Lsn;
        }
    }

    /// <summary>Makes everything up to and including the record durable (group commit).</summary>
    /// <remarks>One caller writes and syncs for all that wait; those that come meanwhile share the next sync.</remarks>
    public void Flush(Lsn upTo)
    {
        if (FlushedLsn > upTo)
        {
            return;
        }

        lock (_flushGate)
        {
            if (FlushedLsn <= upTo)
            {
                WritePending();
            }
        }
    }

    /// <summary>Seals the current block and makes all appended records durable; gives EndLsn, which then starts a new block.</summary>
    public Lsn FlushAll()
    {
        lock (_flushGate)
        {
            return WritePending();
        }
    }

    /// <summary>Appends blocks from a log backup at their own LSNs (RESTORE LOG); blocks already here are skipped. Durable on return.</summary>
    /// <exception cref="InvalidDataException">A block does not follow what is here, or lies beyond the size of a virtual log file.</exception>
    public void AppendBlocks(IEnumerable<RawLogBlock> blocks)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        lock (_flushGate)
        {
            foreach (RawLogBlock block in blocks)
            {
                lock (_gate)
                {
                    ThrowIfFailed();
                    Seal();
                    if (block.FirstLsn >= Next())
                    {
                        Take(block);
                    }
                }
            }

            WritePending();
        }
    }

    /// <summary>Frees what lies before the LSN: whole virtual log files, to be used again.</summary>
    public void TruncateBefore(Lsn lsn)
    {
        lock (_flushGate)
        {
            lock (_gate)
            {
                ThrowIfFailed();
                int keep = _active.FindLastIndex(v => v.Number <= lsn.Vlf);
                if (keep <= 0)
                {
                    return;
                }

                // The freed files may be overwritten only once the file says that the log begins behind them. What it then begins with must be
                // on the disk as well: one sync serves both, after the pending blocks are written.
                FlushLocked();
                _free.UnionWith(_active.Take(keep));
                _active.RemoveRange(0, keep);
                _header.Start = new Lsn(_active[0].Number, VirtualLogFile.FirstBlock, 1);
                _header.Write(_file);
                _file.Sync();
            }
        }
    }

    private Lsn Add(byte[] record)
    {
        if (!_builder.Fits(record.Length))
        {
            if (record.Length > LogBlockBuilder.MaxRecord)
            {
                throw new ArgumentException($"A log record of {record.Length} bytes does not fit in a log block.", nameof(record));
            }

            Seal();
        }

        Lsn lsn = Next();
        _builder.Add(record);
        return lsn;
    }

    /// <summary>Finishes the block being filled; the place of the next one is then known.</summary>
    private void Seal()
    {
        if (_builder.Count == 0)
        {
            return;
        }

        VirtualLogFile current = _active[^1];
        RawLogBlock block = _builder.Seal(new Lsn(current.Number, _block, 1), current.Parity, _previousSize);
        Place(current, block.Bytes);
        if (((long)_block * LogBlock.SectorSize) + LogBlock.MaxSize > _header.VlfSize)
        {
            GoOver(current.Number + 1);
        }
    }

    private void Place(VirtualLogFile vlf, byte[] bytes)
    {
        _pending.Add((vlf.Offset + ((long)_block * LogBlock.SectorSize), bytes));
        _previousSize = bytes.Length;
        _block += (uint)(bytes.Length / LogBlock.SectorSize);
    }

    /// <summary>Goes on in another virtual log file: a free one, or a new one at the end of the file.</summary>
    private VirtualLogFile GoOver(uint number)
    {
        Lsn from = new(_active[^1].Number, _block, 1);
        VirtualLogFile next = _free.Count > 0 ? _free.Min! : Grow();
        _free.Remove(next);
        next.Use(number, from);
        _active.Add(next);
        _block = VirtualLogFile.FirstBlock;
        _previousSize = 0;
        _pending.Add((next.Offset, next.HeaderBytes()));
        return next;
    }

    private void Take(RawLogBlock block)
    {
        Lsn lsn = block.FirstLsn;
        VirtualLogFile current = _active[^1];
        bool isEmpty = _active.Count == 1 && Next() == _header.Start;
        if (((long)lsn.Block * LogBlock.SectorSize) + block.Bytes.Length > _header.VlfSize || lsn.Block < VirtualLogFile.FirstBlock)
        {
            throw new InvalidDataException($"The log block {lsn} does not fit into virtual log files of {_header.VlfSize} bytes.");
        }

        if (isEmpty)
        {
            current = Begin(lsn);
        }
        else if (lsn.Vlf > current.Number && lsn.Block == VirtualLogFile.FirstBlock)
        {
            current = GoOver(lsn.Vlf);
        }
        else if (lsn != Next())
        {
            throw new InvalidDataException($"The log block {lsn} does not follow the log, which ends at {Next()}.");
        }

        byte parity = LogBlock.ParityOf(block.Bytes);
        if (current.Parity != parity)
        {
            current.Parity = parity;
            _pending.Add((current.Offset, current.HeaderBytes()));
        }

        Place(current, block.Bytes);
    }

    /// <summary>Lets an empty log begin in the middle of a virtual log file.</summary>
    private VirtualLogFile Begin(Lsn lsn)
    {
        if (_active[0].Number != lsn.Vlf)
        {
            Restart(lsn.Vlf);
        }

        _block = lsn.Block;
        _previousSize = 0;
        _header.Start = lsn with { Slot = 1 };
        _flushed = _header.Start;
        _header.Write(_file);
        return _active[0];
    }

    /// <summary>Adds a free virtual log file at the end of the file.</summary>
    /// <exception cref="IOException">The disk is full; nothing has changed.</exception>
    private VirtualLogFile Grow()
    {
        VirtualLogFile added = new() { Offset = LogFileHeader.PageSize + ((long)_places.Count * _header.VlfSize) };
        _file.Reserve(added.Offset + _header.VlfSize);
        _places.Add(added);
        _free.Add(added);
        return added;
    }

    /// <summary>
    /// Sees to it that there is a virtual log file to go over to long before it is needed. When there cannot be one, changes are refused, while the
    /// ends of transactions and checkpoints still have half a virtual log file to themselves.
    /// </summary>
    private void RequireRoom(LogRecord record)
    {
        bool isEarly = ((long)_block * LogBlock.SectorSize) + record.Payload.Length < _header.VlfSize / 2;
        if (isEarly && record.Payload.Length < _header.VlfSize / 4)
        {
            return;
        }

        // A record that is longer than a virtual log file needs several.
        long needed = 1 + (record.Payload.Length / (_header.VlfSize / 2));
        try
        {
            while (_free.Count < needed)
            {
                Grow();
            }
        }
        catch (IOException e) when (DiskSpace.IsFull(e))
        {
            if (!record.IsUndo && record.Op is LogOp.InsertRow or LogOp.UpdateRow or LogOp.DeleteRow or LogOp.BeginTransaction or LogOp.Prepare)
            {
                throw new LogFullException(e);
            }
        }
    }

    private void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            throw new IOException($"The log {_path} cannot be used any more: {_failure.Message}", _failure);
        }
    }
}
