using System;
using BizTalkDR.BackupFiles.Format;

namespace BizTalkDR.BackupFiles.Verification;

/// <summary>Checks what the headers say about themselves and each other while a file is walked.</summary>
internal class StructureChecker : WalkListener
{
    /// <summary>Headers longer than this are not kept for comparison.</summary>
    private const int LongestKept = 1 << 20;

    /// <summary>The blocks before are the virtual log file's own header.</summary>
    private const long FirstBlockOfVlf = 16;

    private byte[]? _opening;
    private long _openingAt;
    private long _setStart = -1;
    private uint _blockInSet;
    private bool _firstLog;
    private bool _logSet;
    private (uint Vlf, long Block)? _logEnd;

    public Tally Blocks { get; } = new(BackupCheck.Structure);

    public Tally Copies { get; } = new(BackupCheck.HeaderCopies);

    public Tally Lsns { get; } = new(BackupCheck.LsnConsistency);

    public override void OnBlock(MtfWalker walker, BackupSet? set)
    {
        Blocks.Pass();
        switch (walker.BlockId)
        {
            case "SSET":
                _setStart = walker.BlockStart;
                _blockInSet = 0;
                _opening = null;
                _firstLog = true;
                _logEnd = null;
                break;
            case "SFMB" or "ESET" or "TAPE":
                _setStart = -1;
                break;
            default:
                break;
        }

        // From the start of a set to its closing header every block says which one it is and where it stands.
        if (_setStart < 0)
            return;
        ulong address = walker.Header.U64(0x14);
        if (address != (ulong)(walker.BlockStart - _setStart) / 1024 || walker.Header.U32(0x24) != _blockInSet)
            Blocks.Fail(walker.Image.ToFileOffset(walker.BlockStart), $"A {walker.BlockId} block stands where another belongs");
        _blockInSet++;
    }

    public override void OnStream(MtfWalker walker, BackupSet? set)
    {
        if (walker.Stream.Id != "MQCI" || set is null || walker.Stream.Length > LongestKept)
            return;
        if (walker.BlockId == "MSCI")
        {
            _opening = walker.ReadWhole(LongestKept);
            _openingAt = walker.Stream.Start;
            return;
        }

        if (walker.BlockId == "MSLS" && _opening is not null)
        {
            byte[] closing = walker.ReadWhole(LongestKept);
            var first = new ByteView(_opening, 0, _opening.Length, _openingAt);
            var second = new ByteView(closing, 0, closing.Length, walker.Stream.Start);
            string? difference = HeaderCopies.Difference(first, second, OnCompared);
            OnHeaders(_openingAt, walker.Stream.Start, closing.Length);
            if (difference is null)
                Copies.Pass();
            else
                Copies.Fail(walker.Image.ToFileOffset(walker.Stream.Start), $"In set {set.Position} {difference}");
            CheckLsns(set, second, walker);
        }
    }

    public override void OnBlockEnd(MtfWalker walker, BackupSet? set)
    {
        if (walker.BlockId != "MSTL" || set is null)
            return;
        bool striped = set.File.Media.FamilyCount.ValueOr(2) > 1;
        _logSet = set.Type.ValueOr(BackupType.Database) == BackupType.Log;
        Log.LogExtent extent = Log.LogExtent.Read(walker.Header, striped);
        if (!_logSet || !extent.IsPlaced)
            return;
        if (_firstLog && set.FirstLsn.TryGet(out Lsn first))
        {
            // A database that was recovered, or whose log ended with a virtual log file, goes on in the next one.
            if (extent.Vlf > first.Vlf && extent.FirstBlock == FirstBlockOfVlf)
                Lsns.Skip(1, "the log begins in a later virtual log file than FirstLSN lies in; the file does not tell whether anything was between");
            else
                Compare(walker, first, extent.Vlf, extent.FirstBlock, "FirstLSN");
        }

        _firstLog = false;
        _logEnd = (extent.Vlf, extent.FirstBlock + (extent.Length / 512));
    }

    /// <summary>Told which bytes of the closing header were found equal in the opening one.</summary>
    protected virtual void OnCompared(int from, int length)
    {
    }

    /// <summary>Told where the two headers of a set stand once they were compared.</summary>
    protected virtual void OnHeaders(long opening, long closing, int length)
    {
    }

    private void CheckLsns(BackupSet set, ByteView header, MtfWalker walker)
    {
        long at = walker.Image.ToFileOffset(walker.Stream.Start);
        void Demand(bool holds, string message)
        {
            if (holds)
                Lsns.Pass();
            else
                Lsns.Fail(at, $"In set {set.Position} {message}");
        }

        Lsn first = set.FirstLsn.Value;
        Lsn last = set.LastLsn.Value;
        Demand(first <= last, "FirstLSN is behind LastLSN");
        Demand(header.Lsn(0x90) == last, "LastLSN is not the one that the header repeats");
        if (set.StartLocal.TryGet(out DateTime start) && set.FinishLocal.TryGet(out DateTime finish))
            Demand(finish >= start.AddHours(-1), "the backup finished before it started");
        if (set.Type.ValueOr(BackupType.File) is BackupType.Database or BackupType.Differential or BackupType.Log)
        {
            foreach (DatabaseFile file in set.Files)
            {
                if (file.SetLsns is (Lsn First, Lsn Last, Lsn Checkpoint) copy)
                    Demand(copy.First == first && copy.Last == last && copy.Checkpoint == set.CheckpointLsn.Value, $"the LSNs written with file {file.FileId} are not those of the set");
            }
        }

        if (_logSet && _logEnd is (uint vlf, long block))
            Compare(walker, last, vlf, block, "LastLSN");
    }

    private void Compare(MtfWalker walker, Lsn lsn, uint vlf, long block, string what)
    {
        if (lsn.Vlf == vlf && lsn.Block == block)
            Lsns.Pass();
        else
            Lsns.Fail(walker.Image.ToFileOffset(walker.BlockStart), $"{what} is not where the log in the file begins or ends");
    }
}
