using System;
using System.Collections.Generic;
using System.Threading;
using BizTalkDR.BackupFiles.Format;

namespace BizTalkDR.BackupFiles.Images;

/// <summary>A compressed backup: hops over its records and decompresses the one that is read.</summary>
/// <remarks>Keeps one record and a few thousand places to hop from, whatever the size of the file.</remarks>
internal sealed class CompressedImage(FileWindow window) : BackupImage
{
    private const int MostPlaces = 4096;

    private readonly XpressHuffman _xpress = new();
    private readonly byte[] _data = new byte[XpressHuffman.LargestOutput];
    private readonly List<(long Image, long File)> _places = [(0, CompressedRecord.First)];
    private CompressedRecord _record;
    private int _loaded;
    private bool _isLoaded;
    private long _recordImage;
    private long _nextImage;
    private long _nextFile = CompressedRecord.First;
    private int _sincePlace;
    private int _stride = 16;
    private long _reported;
    private RecordIndex? _index;

    /// <summary>True when a short cut by a record index was taken.</summary>
    public bool TookShortcut { get; private set; }

    /// <summary>False to hop over every record.</summary>
    public bool MayTakeShortcuts { get; set; }

    /// <summary>Told of each record when it is read or passed over; gives false for a data record that is damaged.</summary>
    /// <remarks>With a listener, damaged data counts as zeros and the reading goes on; without, it ends there.</remarks>
    public Action<CompressedRecord, bool>? OnRecord { get; set; }

    public override int Read(long offset, byte[] buffer, int at, int count, CancellationToken cancellation)
    {
        int done = 0;
        while (done < count && Seek(offset + done, cancellation))
        {
            Load(cancellation);
            int from = (int)(offset + done - _recordImage);
            int here = Math.Min(count - done, _loaded - from);
            Buffer.BlockCopy(_data, from, buffer, at + done, here);
            done += here;
        }

        return done;
    }

    /// <remarks>The size of the image is known only at its end, so this only refuses what no file of this size can hold.</remarks>
    public override bool Reaches(long end, CancellationToken cancellation) =>
        end <= ((window.Length / CompressedRecord.DataHeaderBytes) + 1) * XpressHuffman.LargestOutput;

    /// <remarks>Inside a record there is no place of its own: the start of the record is given.</remarks>
    public override long ToFileOffset(long offset)
    {
        if (offset >= _recordImage && offset < _nextImage)
            return _record.Kind == RecordKind.Filemark ? _record.Offset + (offset - _recordImage) : _record.Offset;
        if (offset == _nextImage)
            return _nextFile;
        (long image, long file) = PlaceBefore(offset);
        try
        {
            while (CompressedRecord.TryRead(window, file, CancellationToken.None, out CompressedRecord record))
            {
                if (offset < image + record.ImageBytes)
                    return record.Offset;
                image += record.ImageBytes;
                file = record.End;
            }
        }
        catch (DamageException e)
        {
            return e.Offset;
        }

        return window.Length;
    }

    public override void BeginSet(long offset, CancellationToken cancellation)
    {
        if (!MayTakeShortcuts || OnRecord is not null)
            return;
        _index ??= new RecordIndex(window);
        foreach ((long Image, long File) place in _index.PlacesOf(offset, ToFileOffset(offset), cancellation))
        {
            if (place.Image > _places[_places.Count - 1].Image)
                _places.Add(place);
        }
    }

    protected override void Dispose(bool disposing) => window.Dispose();

    private bool Seek(long offset, CancellationToken cancellation)
    {
        if (offset < _recordImage)
        {
            (_nextImage, _nextFile) = PlaceBefore(offset);
            _recordImage = _nextImage;
        }

        if (offset >= _nextImage && OnRecord is null)
        {
            (long Image, long File) place = PlaceBefore(offset);
            if (place.Image > _nextImage)
            {
                (_nextImage, _nextFile) = place;
                _recordImage = _nextImage;
                TookShortcut = true;
            }
        }

        while (offset >= _nextImage)
        {
            // A listener is told of every record, also of those nobody reads.
            if (OnRecord is not null && _nextImage > _recordImage)
                Load(cancellation);
            cancellation.ThrowIfCancellationRequested();
            if (!CompressedRecord.TryRead(window, _nextFile, cancellation, out CompressedRecord record))
                return false;
            _isLoaded = false;
            _record = record;
            _recordImage = _nextImage;
            if (record.ImageBytes > 0)
                Remember(_recordImage, record.Offset);
            _nextImage += record.ImageBytes;
            _nextFile = record.End;
            if (record.Kind != RecordKind.Data)
                Report(record, sound: true);
        }

        return true;
    }

    private void Load(CancellationToken cancellation)
    {
        if (_isLoaded)
            return;
        int header = _record.Kind == RecordKind.Data ? CompressedRecord.DataHeaderBytes : 0;
        int total = header + _record.DataBytes;
        if (window.Get(_record.Offset, total, out byte[] bytes, out int at, cancellation) < total)
            throw new DamageException(FindingKind.Truncated, _record.Offset, "The file ends inside a compressed record.");
        _loaded = _record.ImageBytes;
        _isLoaded = true;
        if (_record.Kind == RecordKind.Filemark)
        {
            Buffer.BlockCopy(bytes, at, _data, 0, total);
            return;
        }

        bool sound = SectorChecksum.Record(bytes, at + header, _record.DataBytes) == _record.Checksum
            && _xpress.TryDecompress(bytes, at + header, _record.DataBytes, _data, _record.ImageBytes);
        if (!sound && OnRecord is null)
        {
            _isLoaded = false;
            throw new DamageException(FindingKind.RecordDamaged, _record.Offset, "A compressed record does not match its checksum.");
        }

        if (!sound)
            Array.Clear(_data, 0, _loaded);
        Report(_record, sound);
    }

    private void Report(CompressedRecord record, bool sound)
    {
        if (record.Offset <= _reported)
            return;
        _reported = record.Offset;
        OnRecord?.Invoke(record, sound);
    }

    private void Remember(long image, long file)
    {
        if (image <= _places[_places.Count - 1].Image || ++_sincePlace < _stride)
            return;
        _sincePlace = 0;
        _places.Add((image, file));
        if (_places.Count < MostPlaces)
            return;

        // Twice as far apart from now on: the list keeps its size however long the file is.
        for (int i = 1; i * 2 < _places.Count; i++)
            _places[i] = _places[i * 2];
        _places.RemoveRange((_places.Count + 1) / 2, _places.Count - ((_places.Count + 1) / 2));
        _stride *= 2;
    }

    private (long Image, long File) PlaceBefore(long offset)
    {
        int low = 0;
        int high = _places.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_places[middle].Image <= offset)
                low = middle;
            else
                high = middle - 1;
        }

        return _places[low];
    }
}
