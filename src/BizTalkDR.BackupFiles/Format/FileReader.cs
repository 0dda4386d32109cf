using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using BizTalkDR.BackupFiles.Images;

namespace BizTalkDR.BackupFiles.Format;

/// <summary>What a listener wants to see of a walk, beside the headers that every walk reads.</summary>
internal abstract class WalkListener
{
    /// <summary>A block was met; its streams follow. The set is that of the blocks before a set's first one.</summary>
    public virtual void OnBlock(MtfWalker walker, BackupSet? set)
    {
    }

    /// <summary>A stream was met; its data may be read now.</summary>
    public virtual void OnStream(MtfWalker walker, BackupSet? set)
    {
    }

    /// <summary>The streams of the block are through.</summary>
    public virtual void OnBlockEnd(MtfWalker walker, BackupSet? set)
    {
    }
}

/// <summary>Walks a whole image and fills the file's medium, sets and findings; what was read before damage stays.</summary>
internal sealed class FileReader
{
    private readonly BackupFile _file;
    private readonly MtfWalker _walker;
    private readonly WalkBuffers _buffers;
    private readonly BackupFileOptions _options;
    private readonly List<Finding> _findings;
    private readonly WalkListener? _listener;
    private readonly List<BackupSet> _sets = [];
    private BackupSet? _set;
    private readonly BlockOrder _order = new();
    private ByteView? _opening;
    private bool _hasHeader;
    private bool _hasFinalHeader;
    private List<SetMapEntry>? _map;

    public FileReader(BackupFile file, BackupImage image, BackupFileOptions options, List<Finding> findings, WalkListener? listener, CancellationToken cancellation)
    {
        _file = file;
        _buffers = WalkBuffers.Take();
        _walker = new MtfWalker(image, _buffers, cancellation);
        _options = options;
        _findings = findings;
        _listener = listener;
    }

    public IReadOnlyList<BackupSet> Sets => _sets;

    /// <summary>True when the file ended where a file may end.</summary>
    public bool ReachedEnd { get; private set; }

    public void Run()
    {
        try
        {
            while (_walker.MoveNext())
            {
                _listener?.OnBlock(_walker, _set);
                if (IsBehindSets && _walker.BlockId != "SSET")
                {
                    Add(FindingKind.TrailingBytes, FindingSeverity.Warning, "A block that begins no set stands behind the last set.", _walker.BlockStart);
                    return;
                }

                if (_sets.Count >= Math.Min(_options.MaxSets, 16384) && _walker.BlockId == "SSET")
                {
                    Add(FindingKind.LimitReached, FindingSeverity.Warning, $"The medium holds more than {_sets.Count} sets; the others were not read.", _walker.BlockStart);
                    return;
                }

                TakeBlock();
            }

            ReachedEnd = IsBehindSets;
            if (!ReachedEnd)
                Add(FindingKind.Truncated, FindingSeverity.Damage, "The file ends before the end of its last set: cut off, or still being written.", _walker.Next);
        }
        catch (DamageException e)
        {
            TakeDamage(e);
        }

        CloseSet(complete: false);
        _buffers.Return();
    }

    /// <summary>Compares the last set map with the sets that were walked.</summary>
    public void CheckSetMap()
    {
        if (_map is null || !ReachedEnd)
            return;
        bool same = _map.Count == _sets.Count;
        for (int i = 0; same && i < _sets.Count; i++)
            same = _map[i].Number == _sets[i].Position && string.Equals(_map[i].Name, _sets[i].BackupName, StringComparison.Ordinal) && (long)_map[i].Address == _sets[i].FileOffset;
        SetMapAgrees = same;
        if (!same)
            Add(FindingKind.Disagreement, FindingSeverity.Warning, "The set map at the end of the file lists other sets than the file holds.", _walker.BlockStart);
    }

    /// <summary>Outcome of the comparison; <see langword="null"/> when there was nothing to compare.</summary>
    public bool? SetMapAgrees { get; private set; }

    private bool IsBehindSets => _order.IsBetweenSets && _sets.Count > 0;

    private void TakeDamage(DamageException e)
    {
        if (e.Kind == FindingKind.Zeroed && IsBehindSets)
        {
            _findings.Add(new Finding(FindingKind.TrailingBytes, FindingSeverity.Warning, "Zeros stand behind the last set.", e.Offset));
            return;
        }

        if (IsBehindSets)
        {
            string text = string.Format(CultureInfo.InvariantCulture, "Behind the last set stand bytes that begin no other: {0}", e.Message);
            _findings.Add(new Finding(FindingKind.TrailingBytes, FindingSeverity.Damage, text, e.Offset));
            return;
        }

        _findings.Add(e.ToFinding(_set?.Position));
    }

    private void TakeBlock()
    {
        string id = _walker.BlockId;
        if (!_order.TryTake(id, out bool endsSet, out bool isOther))
            throw Damage(FindingKind.OutOfOrder, $"A block '{id}' stands where none belongs.");
        switch (id)
        {
            case "TAPE":
                _file.Media = MediaBlocks.ReadTape(_walker.Header);
                break;
            case "SSET":
                BeginSet();
                break;
            case "VOLB":
                _set!.MachineName = Known.Fact(_walker.Header.TextAt(0x40));
                break;
            default:
                if (isOther)
                    Add(FindingKind.UnknownStructure, FindingSeverity.Information, $"A {id} block was passed over.", _walker.BlockStart);
                break;
        }

        while (_walker.NextStream())
        {
            TakeStream(id);
            _listener?.OnStream(_walker, _set);
        }

        if (_set is not null)
            _set.BlockCount++;
        _listener?.OnBlockEnd(_walker, _set);
        if (id == "MSCI" && !_hasHeader)
            throw Damage(FindingKind.Malformed, "The block that opens the set holds no backup header.");
        if (endsSet)
            CloseSet(complete: true);
    }

    private void TakeStream(string block)
    {
        switch (_walker.Stream.Id)
        {
            case "RAID" when block == "TAPE":
                if (!MediaBlocks.ReadRaid(_file.Media, _walker.ReadWhole(256, ref _buffers.Passing)))
                    Add(FindingKind.Malformed, FindingSeverity.Warning, "The description of the media set is not of the known form.", _walker.Stream.Start);
                break;
            case "MQCI" when block is "MSCI" or "MSLS":
                ByteView view = block == "MSCI" ? _walker.ReadWhole(BackupHeader.Limit, ref _buffers.Opening) : _walker.ReadWhole(BackupHeader.Limit, ref _buffers.Passing);
                _hasHeader = true;
                _hasFinalHeader |= block == "MSLS";
                _opening = _hasFinalHeader ? null : view;

                // The closing header replaces all of the opening one, which is worth reading only to who looks at the set before its end.
                if (_hasFinalHeader || _listener is not null)
                    ReadHeader(view, _hasFinalHeader);
                break;
            case "TSMP" when block == "ESET":
                _map = SetMap.Read(_walker.ReadWhole(SetMap.Limit, ref _buffers.Passing));
                break;
            case "CSUM" when _set is not null:
                _set.ChecksumStreams++;
                break;
            default:
                break;
        }
    }

    private void ReadHeader(ByteView header, bool final) =>
        BackupHeader.Read(_set!, header, final, (kind, severity, text) => Add(kind, severity, text, header.Origin));

    private void ReadOpeningHeader()
    {
        if (_opening is not ByteView header || _listener is not null)
            return;
        _opening = null;
        try
        {
            ReadHeader(header, final: false);
        }
        catch (DamageException e)
        {
            _findings.Add(e.ToFinding(_set!.Position));
        }
    }

    private void BeginSet()
    {
        _set = new BackupSet(_file, 0) { ImageOffset = _walker.BlockStart, FileOffset = _walker.Image.ToFileOffset(_walker.BlockStart) };
        _hasHeader = false;
        _hasFinalHeader = false;
        _opening = null;
        _sets.Add(_set);
        _walker.Image.BeginSet(_walker.BlockStart, _walker.Cancellation);
        MediaBlocks.ReadSetStart(_set, _walker.Header);
        if (_set.Position != _sets.Count)
            Add(FindingKind.Disagreement, FindingSeverity.Warning, $"The set calls itself number {_set.Position} but is number {_sets.Count} in the file.", _walker.BlockStart);
    }

    private void CloseSet(bool complete)
    {
        if (_set is null)
            return;
        ReadOpeningHeader();
        _set.IsComplete = complete && _hasFinalHeader;
        if (!_hasFinalHeader)
            Add(FindingKind.Unfinished, FindingSeverity.Damage, "The closing header of the set is missing: cut off, or still being written. Its sizes and finish time are not final.", null);
        if (_set.Flags.TryGet(out BackupSetFlags flags) && flags.HasFlag(BackupSetFlags.IsDamaged))
            Add(FindingKind.DamagedAtSource, FindingSeverity.Warning, "The server noted that it met damage and went on when it wrote this backup.", null);
        if (_set.IsPasswordProtected.ValueOr(false))
            Add(FindingKind.PasswordProtected, FindingSeverity.Information, "The set needs a password to be restored.", null);
        _set = null;
    }

    private DamageException Damage(FindingKind kind, string message) => new(kind, _walker.Image.ToFileOffset(_walker.BlockStart), message);

    private void Add(FindingKind kind, FindingSeverity severity, string message, long? imageOffset)
    {
        // A hostile file could yield findings without end.
        if (_findings.Count < 1000)
            _findings.Add(new Finding(kind, severity, message, imageOffset is long at ? _walker.Image.ToFileOffset(at) : null, _set?.Position));
    }
}
