using System;
using System.IO;

namespace BizTalkDR.Lab.Engine;

/// <summary>Writes a backup file sequentially, in large pieces; failures become error 3202.</summary>
internal sealed class MediaFileWriter
{
    private readonly DurableFile _file;
    private readonly string _device;
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _buffered;
    private long _written;

    public MediaFileWriter(DurableFile file, string device, long position)
    {
        _file = file;
        _device = device;
        _written = position;
    }

    public long Position => _written + _buffered;

    public void Write(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            int count = Math.Min(data.Length, _buffer.Length - _buffered);
            data[..count].CopyTo(_buffer.AsSpan(_buffered));
            _buffered += count;
            data = data[count..];
            if (_buffered == _buffer.Length)
            {
                Flush();
            }
        }
    }

    public void Zeros(long count)
    {
        Span<byte> zeros = stackalloc byte[1024];
        zeros.Clear();
        for (; count > 0; count -= zeros.Length)
        {
            Write(zeros[..(int)Math.Min(count, zeros.Length)]);
        }
    }

    /// <summary>Ends the file here and makes it durable.</summary>
    public void Finish()
    {
        Flush();
        try
        {
            _file.SetLength(_written);
            _file.Sync();
        }
        catch (IOException e)
        {
            throw MediaErrors.WriteFailed(_device, e);
        }
    }

    private void Flush()
    {
        try
        {
            _file.Write(_written, _buffer.AsSpan(0, _buffered));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw MediaErrors.WriteFailed(_device, e);
        }

        _written += _buffered;
        _buffered = 0;
    }
}
