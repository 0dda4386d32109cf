using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>The log file of one database: virtual log files, log blocks, records with LSNs; durable once flushed.</summary>
/// <remarks>
/// The file is a header page and virtual log files of 1 MB. A log goes over to the next virtual log file when the one in use cannot take
/// a block of the largest size. Blocks are SQL Server's (facts: backup-file-format.md §9), so a log backup is a copy of them.
/// </remarks>
public sealed partial class LabLog : IDisposable
{
    private readonly object _gate = new();
    private readonly object _flushGate = new();
    private readonly LabStorage _storage;
    private readonly string _path;

    /// <summary>All virtual log files of the file, by place.</summary>
    private readonly List<VirtualLogFile> _places = [];

    /// <summary>Those in use, oldest first; the last is the one written to.</summary>
    private readonly List<VirtualLogFile> _active = [];

    /// <summary>Those not in use, by place.</summary>
    private readonly SortedSet<VirtualLogFile> _free = new(Comparer<VirtualLogFile>.Create(static (x, y) => x.Offset.CompareTo(y.Offset)));

    private readonly LogBlockBuilder _builder = new();
    private readonly Dictionary<long, Lsn> _lastOfTransaction = [];

    /// <summary>What the next flush writes, in order: sealed blocks and headers of virtual log files.</summary>
    private List<(long Offset, byte[] Bytes)> _pending = [];
    private DurableFile _file;
    private LogFileHeader _header;
    private uint _block;
    private int _previousSize;
    private Lsn _flushed;
    private Exception? _failure;

    private LabLog(string path, LabStorage storage, DurableFile file, LogFileHeader header)
    {
        _path = path;
        _storage = storage;
        _file = file;
        _header = header;
    }

    /// <summary>Oldest LSN still kept.</summary>
    public Lsn StartLsn
    {
        get
        {
            lock (_gate)
            {
                return _header.Start;
            }
        }
    }

    /// <summary>LSN the next record will get.</summary>
    public Lsn EndLsn
    {
        get
        {
            lock (_gate)
            {
                return Next();
            }
        }
    }

    /// <summary>Everything before this LSN is durable.</summary>
    public Lsn FlushedLsn
    {
        get
        {
            lock (_gate)
            {
                return _flushed;
            }
        }
    }

    /// <summary>The virtual log files in use, oldest first.</summary>
    public IReadOnlyList<VlfInfo> VirtualLogFiles
    {
        get
        {
            lock (_gate)
            {
                return [.. _active.Select(v => new VlfInfo(v.Number, v.Offset, _header.VlfSize, v.Parity, v.CreateLsn))];
            }
        }
    }

    /// <summary>Size of the file in bytes.</summary>
    public long SizeBytes
    {
        get
        {
            lock (_gate)
            {
                return LogFileHeader.PageSize + ((long)_places.Count * _header.VlfSize);
            }
        }
    }

    /// <summary>Creates the file; its first virtual log file gets the number <paramref name="firstVlf"/>.</summary>
    public static LabLog Create(string path, uint firstVlf, LabStorage storage)
    {
        ArgumentNullException.ThrowIfNull(storage);
        WriteEmpty(path, firstVlf, storage);
        return Open(path, storage);
    }

    /// <summary>Opens the file and finds its end: the last block with a right checksum and the expected LSN.</summary>
    /// <exception cref="InvalidDataException">The file is no log file, or the virtual log file it begins with is gone.</exception>
    public static LabLog Open(string path, LabStorage storage)
    {
        ArgumentNullException.ThrowIfNull(storage);
        DurableFile file = storage.Open(path, FileMode.Open);
        try
        {
            LabLog log = new(path, storage, file, LogFileHeader.Read(file, path));
            log.FindEnd();
            return log;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Forgets all content and goes on in a new virtual log file with this number (after recovery, or for a RESTORE DATABASE).</summary>
    /// <remarks>A new file takes the place of the old one, so that a crash leaves one or the other.</remarks>
    public void Restart(uint vlf)
    {
        lock (_flushGate)
        {
            lock (_gate)
            {
                _file.Dispose();
                WriteEmpty(_path, vlf, _storage);
                _file = _storage.Open(_path, FileMode.Open);
                _header = LogFileHeader.Read(_file, _path);
                _places.Clear();
                _active.Clear();
                _free.Clear();
                _pending = [];
                _lastOfTransaction.Clear();
                if (_builder.Count > 0)
                {
                    _builder.Seal(Lsn.Zero, 0x40, 0);
                }

                FindEnd();
            }
        }
    }

    public void Dispose()
    {
        lock (_flushGate)
        {
            lock (_gate)
            {
                _failure ??= new ObjectDisposedException(_path);
                _file.Dispose();
            }
        }
    }

    private static void WriteEmpty(string path, uint vlf, LabStorage storage)
    {
        string temporary = path + ".new";
        using (DurableFile file = storage.Open(temporary, FileMode.Create))
        {
            LogFileHeader header = new() { Start = new Lsn(vlf, VirtualLogFile.FirstBlock, 1) };
            header.Write(file);
            VirtualLogFile first = new() { Offset = LogFileHeader.PageSize };
            first.Use(vlf, Lsn.Zero);
            file.Reserve(first.Offset + header.VlfSize);
            file.Write(first.Offset, first.HeaderBytes());
            file.Sync();
        }

        storage.Rename(temporary, path);
    }

    /// <summary>Walks the blocks from the start; what does not belong to the log behind its end is cleared, lest it be taken for log later.</summary>
    private void FindEnd()
    {
        for (long offset = LogFileHeader.PageSize; offset + _header.VlfSize <= _file.Length; offset += _header.VlfSize)
        {
            _places.Add(VirtualLogFile.Read(_file, offset));
        }

        VirtualLogFile? current = _places.Find(v => v.Number == _header.Start.Vlf && v.Number != 0)
            ?? throw new InvalidDataException($"{_path} lacks the virtual log file {_header.Start.Vlf} it should begin with.");
        byte[] content = new byte[_header.VlfSize];
        _block = _header.Start.Block;
        while (true)
        {
            _active.Add(current);
            int read = _file.Read(current.Offset, content);
            WalkBlocks(content.AsSpan(0, read), current.Number);
            Lsn end = new(current.Number, _block, 1);
            VirtualLogFile? next = _places.Where(v => v.Number > end.Vlf && v.Previous == end).MinBy(v => v.Number);
            if (next is null)
            {
                break;
            }

            current = next;
            _block = VirtualLogFile.FirstBlock;
            _previousSize = 0;
        }

        ClearBehindEnd(current, content);
        _free.UnionWith(_places.Where(v => !_active.Contains(v)));
        _flushed = Next();
    }

    private void WalkBlocks(ReadOnlySpan<byte> content, uint vlf)
    {
        while ((long)_block * LogBlock.SectorSize < content.Length)
        {
            int size = LogBlock.Check(content[(int)(_block * LogBlock.SectorSize)..], new Lsn(vlf, _block, 1));
            if (size == 0)
            {
                return;
            }

            _previousSize = size;
            _block += (uint)(size / LogBlock.SectorSize);
        }
    }

    private void ClearBehindEnd(VirtualLogFile last, byte[] content)
    {
        bool cleared = false;
        int end = (int)(_block * LogBlock.SectorSize);
        if (content.AsSpan(end).ContainsAnyExcept((byte)0))
        {
            _file.Write(last.Offset + end, new byte[content.Length - end]);
            cleared = true;
        }

        for (int i = 0; i < _places.Count; i++)
        {
            if (_places[i].Number > last.Number)
            {
                _file.Write(_places[i].Offset, new byte[_header.VlfSize]);
                _places[i] = new VirtualLogFile { Offset = _places[i].Offset };
                cleared = true;
            }
        }

        if (cleared)
        {
            _file.Sync();
        }
    }

    private Lsn Next() => new(_active[^1].Number, _block, (ushort)(_builder.Count + 1));
}
