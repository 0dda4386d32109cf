using System;
using System.Collections.Generic;
using BizTalkDR.BackupFiles.Format;
using BizTalkDR.BackupFiles.Images;
using BizTalkDR.BackupFiles.Log;

namespace BizTalkDR.BackupFiles.Verification;

/// <summary>Reads all data while a file is walked and computes every checksum that covers it, in one pass.</summary>
internal sealed class ContentChecker : StructureChecker
{
    private readonly CoverageMap _coverage;
    private readonly DataStreamChecker _data;
    private readonly LogStreamChecker _log;
    private readonly FillingChecker _filling;
    private readonly Action<long> _progress;
    private readonly List<(int From, int Length)> _compared = [];
    private MtfStream? _awaiting;
    private uint? _computed;

    public ContentChecker(CoverageMap coverage, Action<long> progress)
    {
        _coverage = coverage;
        _progress = progress;
        _data = new DataStreamChecker(coverage, Pages, coverage.IsCompressed ? null : progress);
        _filling = new FillingChecker(Filling);
        _log = new LogStreamChecker(coverage, LogBlocks, _filling);
    }

    public Tally Records { get; } = new(BackupCheck.RecordChecksums);

    public Tally Streams { get; } = new(BackupCheck.BackupChecksum);

    public Tally LogBlocks { get; } = new(BackupCheck.LogBlocks);

    public Tally Pages { get; } = new(BackupCheck.PageChecksums);

    public Tally Filling { get; } = new(BackupCheck.Filling);

    /// <summary>True when nearly all page checksums disagree: that is no damage but an encrypted database, or a rule that does not hold here.</summary>
    public bool PageChecksumsMeanNothing => _data.PageChecksumsMeanNothing;

    /// <summary>Takes a record of a compressed file: it is what the coverage of such a file is counted in.</summary>
    public void OnRecord(CompressedRecord record, bool sound)
    {
        _progress(record.Offset);
        if (record.Kind == RecordKind.Data)
        {
            if (sound)
                Records.Pass();
            else
                Records.Fail(record.Offset, "A compressed record does not match its checksum");
        }

        _coverage.Record(record);
    }

    public override void OnBlock(MtfWalker walker, BackupSet? set)
    {
        base.OnBlock(walker, set);
        int header = walker.Header.Length;
        _coverage.Image(walker.BlockStart, MtfWalker.BlockHeaderSize, ByteProtection.Checksum);
        ByteProtection rest = walker.BlockId == "SFMB" ? ByteProtection.Padding : ByteProtection.UncoveredValues;
        _coverage.Image(walker.BlockStart + MtfWalker.BlockHeaderSize, header - MtfWalker.BlockHeaderSize, rest);
        if (walker.BlockId == "SFMB" && !_coverage.IsCompressed)
            _filling.CheckFilemark(walker);
        if (walker.BlockId == "MSDA")
            _data.BeginPass();
        if (walker.BlockId == "MSTL")
            _log.BeginExtent(walker, striped: set?.File.Media.FamilyCount.ValueOr(2) > 1);
    }

    public override void OnStream(MtfWalker walker, BackupSet? set)
    {
        MtfStream stream = walker.Stream;
        if (stream.Id != "CSUM")
            DemandNoneAwaited(walker);
        base.OnStream(walker, set);
        _coverage.Image(stream.Start - MtfWalker.StreamHeaderSize, MtfWalker.StreamHeaderSize, ByteProtection.Checksum);
        if (stream.Id != "SPAD")
            Fill(walker, stream.End, (int)(-stream.End & 3));
        switch (stream.Id)
        {
            case "MQDA" when walker.BlockId == "MSDA":
                if (!_coverage.IsCompressed)
                    _filling.Check(walker, stream.Start, Math.Min(2, stream.Length));
                Await(walker, set, _data.Check(walker));
                break;
            case "MQTL" when walker.BlockId == "MSTL":
                if (!_coverage.IsCompressed)
                    _filling.Check(walker, stream.Start, Math.Min(2, stream.Length));
                Await(walker, set, _log.Check(walker));
                break;
            case "CSUM":
                CompareChecksum(walker);
                break;
            case "APAD" or "SPAD" or "OTCP":
                Fill(walker, stream.Start, stream.Length);
                break;
            case "MQCI":
                break;
            default:
                _coverage.Image(stream.Start, stream.Length, ByteProtection.UncoveredValues);
                break;
        }

        if (!_coverage.IsCompressed)
            _progress(stream.End);
    }

    public override void OnBlockEnd(MtfWalker walker, BackupSet? set)
    {
        base.OnBlockEnd(walker, set);
        DemandNoneAwaited(walker);
        if (walker.BlockId == "MSTL")
            _log.EndExtent(walker);
    }

    protected override void OnCompared(int from, int length) => _compared.Add((from, length));

    protected override void OnHeaders(long opening, long closing, int length)
    {
        _compared.Sort();
        int at = 0;
        foreach ((int from, int size) in _compared)
        {
            Both(at, from - at, ByteProtection.UncoveredValues);
            Both(from, size, ByteProtection.Comparison);
            at = from + size;
        }

        Both(at, length - at, ByteProtection.UncoveredValues);
        _compared.Clear();

        void Both(int from, int size, ByteProtection protection)
        {
            _coverage.Image(opening + from, size, protection);
            _coverage.Image(closing + from, size, protection);
        }
    }

    private void Fill(MtfWalker walker, long start, long length)
    {
        _coverage.Image(start, length, ByteProtection.Padding);
        if (!_coverage.IsCompressed)
            _filling.Check(walker, start, length);
    }

    private void Await(MtfWalker walker, BackupSet? set, uint? computed)
    {
        MtfStream stream = walker.Stream;
        if (stream.Length == 0)
            return;
        bool checksummed = (stream.Attributes & MtfStream.Checksummed) != 0;
        if (set is not null && set.HasBackupChecksums.TryGet(out bool withChecksum) && withChecksum != checksummed)
            Streams.Fail(walker.Image.ToFileOffset(stream.Start), $"A {stream.Id} stream {(checksummed ? "has" : "lacks")} a backup checksum, which the header of its set {(withChecksum ? "promises" : "denies")}");
        _awaiting = checksummed ? stream : null;
        _computed = computed;
        if (!checksummed)
            Streams.Skip(1, "the backup was taken without CHECKSUM");
        else if (computed is null)
            Streams.Skip(1, "the data is no whole number of sectors");
    }

    private void CompareChecksum(MtfWalker walker)
    {
        byte[] stored = walker.ReadWhole(64);
        _coverage.Image(walker.Stream.Start, walker.Stream.Length, ByteProtection.Checksum);
        if (_awaiting is not MtfStream covered)
        {
            Streams.Fail(walker.Image.ToFileOffset(walker.Stream.Start), "A backup checksum stands behind data that has none");
            return;
        }

        _awaiting = null;
        if (_computed is not uint computed)
            return;
        if (stored.Length == 4 && new ByteView(stored, 0, 4, walker.Stream.Start).U32(0) == computed)
            Streams.Pass();
        else
            Streams.Fail(walker.Image.ToFileOffset(covered.Start), $"A {covered.Id} stream of {covered.Length} bytes does not match the backup's checksum");
    }

    private void DemandNoneAwaited(MtfWalker walker)
    {
        if (_awaiting is not MtfStream covered)
            return;
        Streams.Fail(walker.Image.ToFileOffset(covered.Start), $"A {covered.Id} stream should have a checksum behind it and has none");
        _awaiting = null;
    }
}
