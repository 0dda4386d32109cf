using System;
using System.IO;
using System.Threading;

namespace BizTalkDR.BackupFiles.Images;

/// <summary>Reads a seekable stream through one buffer: small reads when hopping, large ones when reading on and on.</summary>
internal sealed class FileWindow : IDisposable
{
    /// <summary>Read at a fresh place: enough for the blocks that stand together, little enough to hop from header to header.</summary>
    public const int HopBytes = 16 * 1024;

    /// <summary>What is left of a file is taken in one read when it is no more than this: a log backup costs two reads, which counts on a share.</summary>
    private const int TailBytes = 2 * HopBytes;

    public const int LargestBytes = 256 * 1024;

    private readonly BackupSource _source;
    private readonly Stream _stream;
    [ThreadStatic]
    private static byte[]? t_spare;

    private byte[] _buffer;
    private long _start;
    private int _filled;
    private int _next = HopBytes;

    private readonly bool _reading;

    /// <param name="source">The file.</param>
    /// <param name="reading">True to read on and on, false to hop from header to header.</param>
    public FileWindow(BackupSource source, bool reading)
    {
        _reading = reading;
        _buffer = t_spare ?? new byte[TailBytes];
        t_spare = null;
        _source = source;
        _stream = source.Open();
        Length = source.Length;
    }

    public long Length { get; }

    /// <summary>Length of the file now; another than <see cref="Length"/> when it is still being written.</summary>
    public long LengthNow => _source.LengthOf(_stream);

    /// <summary>Bytes taken from the file so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Makes bytes at a place available in <paramref name="buffer"/>.</summary>
    /// <returns>How many of them there are: <paramref name="count"/>, or fewer at the end of the file.</returns>
    public int Get(long offset, int count, out byte[] buffer, out int at, CancellationToken cancellation)
    {
        if (offset < _start || offset + count > _start + _filled)
            Fill(offset, count, cancellation);
        buffer = _buffer;
        at = (int)(offset - _start);
        return (int)Math.Max(0, Math.Min(count, _start + _filled - offset));
    }

    /// <summary>Gives bytes that the window already holds.</summary>
    public bool TryLook(long offset, int count, out byte[] buffer, out int at)
    {
        buffer = _buffer;
        at = (int)(offset - _start);
        return offset >= _start && offset + count <= _start + _filled;
    }

    /// <summary>Copies bytes, past the window when they are many.</summary>
    public int Copy(long offset, byte[] target, int at, int count, CancellationToken cancellation)
    {
        if (count > LargestBytes / 2 && (offset < _start || offset >= _start + _filled))
            return ReadAt(offset, target, at, count, cancellation);
        int done = 0;
        while (done < count)
        {
            int here = Get(offset + done, Math.Min(count - done, HopBytes), out byte[] buffer, out int from, cancellation);
            if (here == 0)
                break;

            // Whatever else the window already holds comes along in one copy.
            here = (int)Math.Min(count - done, _start + _filled - (offset + done));
            Buffer.BlockCopy(buffer, from, target, at + done, here);
            done += here;
        }

        return done;
    }

    public void Dispose()
    {
        if (_buffer.Length == TailBytes)
            t_spare = _buffer;
        _buffer = [];
        _filled = 0;
        _source.Close(_stream);
    }

    private void Fill(long offset, int count, CancellationToken cancellation)
    {
        bool goesOn = _filled > 0 && offset >= _start && offset <= _start + _filled;
        _next = goesOn && _reading ? Math.Min(_next * 2, LargestBytes) : Length - offset <= TailBytes ? TailBytes : HopBytes;
        int keep = goesOn ? (int)(_start + _filled - offset) : 0;
        int wanted = Math.Max(_next, count);
        byte[] target = wanted > _buffer.Length ? new byte[wanted] : _buffer;
        if (keep > 0)
            Buffer.BlockCopy(_buffer, (int)(offset - _start), target, 0, keep);
        _buffer = target;
        _start = offset;
        _filled = keep;
        _filled += ReadAt(offset + keep, _buffer, keep, wanted - keep, cancellation);
    }

    private int ReadAt(long offset, byte[] target, int at, int count, CancellationToken cancellation)
    {
        int done = 0;
        count = (int)Math.Max(0, Math.Min(count, Length - offset));
        while (done < count)
        {
            cancellation.ThrowIfCancellationRequested();
            int read = _source.Read(_stream, offset + done, target, at + done, Math.Min(count - done, 1 << 20));
            if (read <= 0)
                break;
            done += read;
        }

        BytesRead += done;
        return done;
    }
}
