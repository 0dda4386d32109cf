using System;
using System.Buffers.Binary;
using System.IO;
using System.Numerics;

namespace BizTalkDR.Lab.Engine;

/// <summary>The file that says what is on each page (name of the primary file + ".index"), so that a start need not read them all.</summary>
/// <remarks>
/// Each checkpoint adds what it changes, under the stamp its boot page bears. Nothing depends on the file: when it does not lead to the stamp in the
/// boot page without a gap, or is not there, the pages themselves are read. So it is never synced, and a failure to write it only ends it.
/// </remarks>
internal sealed class PageIndex : IDisposable
{
    private const uint Signature = 0x58_44_4E_49;
    private const int HeadSize = 12;
    private const int StampSize = 8;

    /// <summary>Growth that makes the file worth writing anew.</summary>
    private const long Waste = 16 << 20;

    private readonly LabStorage _storage;
    private readonly string _path;
    private DurableFile? _file;
    private long _length;
    private uint _sum;
    private (long Length, uint Sum) _before;
    private long _firstLength;

    /// <summary>Whether the data files are new: what the first checkpoint writes is all there is.</summary>
    private bool _isNew;

    private PageIndex(LabStorage storage, string path)
    {
        _storage = storage;
        _path = path;
    }

    public static string PathOf(string primary) => primary + ".index";

    /// <summary>Begins the index of new data files; one that is there belongs to nothing any more.</summary>
    public static PageIndex Create(LabStorage storage, string path)
    {
        PageIndex index = new(storage, path);
        index.Forget();
        index._isNew = true;
        return index;
    }

    public static PageIndex Open(LabStorage storage, string path)
    {
        PageIndex index = new(storage, path);
        index.Try(() => index._file = File.Exists(path) ? storage.Open(path, FileMode.Open) : null);
        return index;
    }

    /// <summary>Gives what is on each page as of the checkpoint with this stamp; null when the file does not tell.</summary>
    public PageEntries? Read(ulong stamp)
    {
        PageEntries? found = null;
        Try(() => found = _file is null || stamp == 0 ? null : ReadTo(stamp));
        if (found is null)
        {
            Forget();
        }

        return found;
    }

    /// <summary>Writes the file anew, from what the pages themselves say.</summary>
    public void Replace(ulong stamp, PageEntryWriter entries) => Try(() =>
    {
        Forget();
        if (stamp != 0)
        {
            WriteAll(stamp, entries);
        }
    });

    /// <summary>Adds what a checkpoint is about to change.</summary>
    public void Add(ulong stamp, PageEntryWriter entries)
    {
        if (_isNew)
        {
            _isNew = false;
            _before = (0, 0);
            Try(() => WriteAll(stamp, entries));
            return;
        }

        if (_file is null)
        {
            return;
        }

        Try(() =>
        {
            if (_length > (2 * _firstLength) + Waste)
            {
                Compact();
            }

            _before = (_length, _sum);
            byte[] record = Record(stamp, entries, _sum);
            _file.Write(_length, record);
            (_length, _sum) = (_length + record.Length, SumOf(record));
        });
    }

    /// <summary>Takes back what was added last: the checkpoint did not come to be.</summary>
    public void TakeBack() => (_length, _sum) = _before;

    /// <summary>Gives the file up.</summary>
    public void Forget()
    {
        _file?.Dispose();
        _file = null;
        _isNew = false;
        (_length, _sum) = (0, 0);
        Try(() => _storage.Delete(_path));
    }

    public void Dispose() => _file?.Dispose();

    private static uint SumOf(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt32LittleEndian(record[8..]);

    private static byte[] Record(ulong stamp, PageEntryWriter entries, uint before)
    {
        byte[] record = new byte[HeadSize + StampSize + entries.Written.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(record, Signature);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), record.Length - HeadSize);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(HeadSize), stamp);
        entries.Written.CopyTo(record.AsSpan(HeadSize + StampSize));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Sum(record.AsSpan(HeadSize), before));
        return record;
    }

    private static uint Sum(ReadOnlySpan<byte> content, uint before)
    {
        uint sum = ~before;
        for (; content.Length >= 8; content = content[8..])
        {
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(content));
        }

        foreach (byte rest in content)
        {
            sum = BitOperations.Crc32C(sum, rest);
        }

        return ~sum;
    }

    private PageEntries? ReadTo(ulong stamp)
    {
        byte[] content = new byte[checked((int)_file!.Length)];
        content = content[.._file.Read(0, content)];
        PageEntries entries = new(content);
        uint sum = 0;
        int at = 0;
        while (content.Length - at >= HeadSize + StampSize && BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(at)) == Signature)
        {
            int size = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(at + 4));
            if (size < StampSize || size > content.Length - at - HeadSize)
            {
                return null;
            }

            ReadOnlySpan<byte> body = content.AsSpan(at + HeadSize, size);
            if (SumOf(content.AsSpan(at)) != Sum(body, sum))
            {
                return null;
            }

            sum = SumOf(content.AsSpan(at));
            entries.Take(at + HeadSize + StampSize, size - StampSize);
            at += HeadSize + size;
            _firstLength = _firstLength == 0 ? at : _firstLength;
            if (BinaryPrimitives.ReadUInt64LittleEndian(body) == stamp)
            {
                // What stands behind is of a checkpoint that did not come to be; the next one is written over it.
                (_length, _sum) = (at, sum);
                return entries;
            }
        }

        return null;
    }

    /// <summary>Leaves only the last word on each page.</summary>
    private void Compact()
    {
        byte[] content = new byte[checked((int)_length)];
        _file!.Read(0, content);
        PageEntries entries = new(content);
        ulong stamp = 0;
        for (int at = 0; at < content.Length;)
        {
            int size = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(at + 4));
            stamp = BinaryPrimitives.ReadUInt64LittleEndian(content.AsSpan(at + HeadSize));
            entries.Take(at + HeadSize + StampSize, size - StampSize);
            at += HeadSize + size;
        }

        PageEntryWriter writer = new();
        entries.CopyTo(writer);
        _file.Dispose();
        _file = null;
        WriteAll(stamp, writer);
    }

    private void WriteAll(ulong stamp, PageEntryWriter entries)
    {
        byte[] record = Record(stamp, entries, 0);
        _storage.ReplaceFile(_path, record);
        _file = _storage.Open(_path, FileMode.Open);
        (_length, _sum, _firstLength) = (record.Length, SumOf(record), record.Length);
    }

    /// <summary>Does without the file when it cannot be used: the next start reads the pages.</summary>
    private void Try(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or OverflowException)
        {
            _file?.Dispose();
            _file = null;
        }
    }
}
