using System;
using System.Collections.Generic;
using System.Threading;
using BizTalkDR.BackupFiles.Format;
using BizTalkDR.BackupFiles.Images;

namespace BizTalkDR.BackupFiles.Log;

/// <summary>Walks one set's log and hands out its marks, each as soon as the LSN behind it is known.</summary>
internal sealed class MarkScan
{
    private const int LargestFindings = 100;

    private readonly BackupSet _set;
    private readonly List<Finding> _findings;
    private readonly MtfWalker _walker;
    private readonly LogBlockReader _blocks;
    private readonly bool _striped;
    private readonly SupportLevel _support;
    private readonly Queue<LogMark> _ready = new();
    private readonly Dictionary<Lsn, string> _begun = [];
    private LogMark? _pending;
    private State _state = State.BetweenBlocks;
    private bool _leadsFromFirst;
    private Lsn _end;
    private uint _lastVlf;
    private bool _gap;

    public MarkScan(BackupSet set, BackupImage image, List<Finding> findings, CancellationToken cancellation)
    {
        _set = set;
        _findings = findings;
        _walker = new MtfWalker(image, new WalkBuffers(), cancellation);
        _walker.JumpTo(set.ImageOffset);
        _blocks = new LogBlockReader(image, cancellation);
        _striped = set.File.Media.FamilyCount.ValueOr(2) > 1;
        _support = BackupFileSupport.Of(set, BackupFileFeature.Marks);
    }

    private enum State
    {
        BetweenBlocks,
        InLogBlock,
        InLogStream,
        Done,
    }

    public long BlockCount { get; private set; }

    public long RecordCount { get; private set; }

    public bool ReachedEnd { get; private set; }

    public bool TryNext(out LogMark? mark)
    {
        while (_ready.Count == 0 && _state != State.Done)
        {
            try
            {
                Step();
            }
            catch (DamageException e)
            {
                Note(e.ToFinding(_set.Position));
                Finish();
            }
        }

        mark = _ready.Count > 0 ? _ready.Dequeue() : null;
        return mark is not null;
    }

    public string? WhyAbsenceProvesNothing()
    {
        if (_support != SupportLevel.Verified)
            return "marks of this version of SQL Server were never checked against a known one";
        if (!ReachedEnd || !_set.IsComplete)
            return "the set is not complete";
        if (_gap || _findings.Count > 0)
            return "part of the log cannot be read";
        if (_striped)
            return "the log is spread over several stripes, or the number of stripes is unknown";
        if (_set.Type.ValueOr(BackupType.Database) != BackupType.Log)
            return "only a log backup holds all of the log of its range";
        bool isEmpty = _set.FirstLsn.Value == _set.LastLsn.Value && BlockCount == 0;
        bool covers = _leadsFromFirst && _end.Vlf == _set.LastLsn.Value.Vlf && _end.Block == _set.LastLsn.Value.Block;
        return isEmpty || covers ? null : "the log in the file does not reach from the set's FirstLSN to its LastLSN";
    }

    private void Step()
    {
        switch (_state)
        {
            case State.BetweenBlocks:
                if (!_walker.MoveNext() || _walker.BlockId is "SFMB" or "ESET")
                {
                    Finish();
                    return;
                }

                ReachedEnd |= _walker.BlockId == "MSLS";
                if (_walker.BlockId == "MSTL")
                {
                    _blocks.BeginExtent(LogExtent.Read(_walker.Header, _striped));
                    _state = State.InLogBlock;
                }

                break;
            case State.InLogBlock:
                if (!_walker.NextStream())
                    EndExtent();
                else if (_walker.Stream.Id == "MQTL")
                    BeginStream();
                break;
            default:
                if (!_blocks.Next())
                    _state = State.InLogBlock;
                else if (_blocks.Piece == LogPiece.Damage)
                    TakeDamage(_blocks.Offset, _blocks.Size);
                else
                    TakeBlock();
                break;
        }
    }

    private void BeginStream()
    {
        _blocks.BeginStream(_walker.Stream);
        _state = State.InLogStream;
    }

    private void EndExtent()
    {
        if (_blocks.MissingBytes > 0 && _blocks.Started)
            TakeDamage(_walker.BlockStart, (int)Math.Min(int.MaxValue, _blocks.MissingBytes));
        _state = State.BetweenBlocks;
    }

    private void TakeDamage(long offset, int size)
    {
        _gap = true;
        SettleByLastLsn();
        Note(new Finding(FindingKind.LogBlockDamaged, FindingSeverity.Damage, $"{size} bytes of log are not the log blocks that belong there.", _walker.Image.ToFileOffset(offset), _set.Position));
    }

    private void TakeBlock()
    {
        Lsn first = _blocks.FirstLsn;
        Settle(first, NextLsnKind.NextBlock);
        NoteRange(first, _blocks.Size);
        BlockCount++;
        _blocks.RestoreDisplacedBytes();
        ByteView block = _blocks.Bytes;
        int count = _blocks.RecordCount;
        for (int slot = 0; slot < count; slot++)
        {
            if (!LogRecords.TrySlot(block, count, slot, out ByteView record))
            {
                TakeDamage(_blocks.Offset, _blocks.Size);
                return;
            }

            var lsn = new Lsn(first.Vlf, first.Block, (ushort)(first.Slot + slot));
            Settle(lsn, NextLsnKind.SameBlock);
            TakeRecord(record, lsn);
        }

        RecordCount += count;
    }

    private void TakeRecord(ByteView record, Lsn lsn)
    {
        if (LogRecords.IsMarkedBegin(record))
        {
            if (_begun.Count < 4096 && LogRecords.TryBeginName(record, out string begun))
                _begun[lsn] = begun;
            return;
        }

        if (!LogRecords.IsCommit(record) || !LogRecords.TryMark(record, out string name, out Lsn begin, out DateTime? time))
            return;
        bool seen = _begun.TryGetValue(begin, out string? beginName) && string.Equals(beginName, name, StringComparison.Ordinal);
        _begun.Remove(begin);
        Known<DateTime> local = time is DateTime at ? Known.Fact(at) : Known.Unknown<DateTime>("the commit record holds no time");
        _pending = new LogMark(name, lsn, begin, local, seen, _support);
    }

    private void NoteRange(Lsn first, int size)
    {
        if (BlockCount == 0)
        {
            Lsn wanted = _set.FirstLsn.ValueOr(Lsn.None);
            _leadsFromFirst = first.Vlf == wanted.Vlf && first.Block <= wanted.Block;
        }
        else if (first.Vlf == _lastVlf ? first.Block != _end.Block : first.Vlf != _lastVlf + 1)
        {
            _gap = true;
        }

        _lastVlf = first.Vlf;
        _end = new Lsn(first.Vlf, first.Block + (uint)(size / 512), 1);
    }

    private void Settle(Lsn next, NextLsnKind kind)
    {
        if (_pending is null)
            return;
        _pending.Follow(next, kind);
        _ready.Enqueue(_pending);
        _pending = null;
    }

    private void SettleByLastLsn()
    {
        if (_pending is null)
            return;
        if (_set.LastLsn.TryGet(out Lsn last) && last > _pending.Lsn)
            _pending.Follow(last, NextLsnKind.UpperBoundLastLsn);
        _ready.Enqueue(_pending);
        _pending = null;
    }

    private void Finish()
    {
        SettleByLastLsn();
        _state = State.Done;
    }

    private void Note(Finding finding)
    {
        if (_findings.Count < LargestFindings)
            _findings.Add(finding);
    }
}
