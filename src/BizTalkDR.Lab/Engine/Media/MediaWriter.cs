using System;
using System.IO;

namespace BizTalkDR.Lab.Engine;

/// <summary>Writes a backup file from its start or from the end of its last set on. Positions are those of the tape image, which a compressed file holds in pieces.</summary>
internal abstract class MediaWriter
{
    private readonly DurableFile _file;
    private readonly MediaCipher? _cipher;
    private readonly string _device;
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _buffered;
    private long _written;

    protected MediaWriter(DurableFile file, string device, long position, MediaCipher? cipher)
    {
        _cipher = cipher;
        _file = file;
        _device = device;
        _written = position;
    }

    /// <summary>Position in the tape image.</summary>
    public abstract long Position { get; }

    /// <summary>Where in the file the next block begins; to be asked behind a filemark only.</summary>
    public long FilePosition => _written + _buffered;

    public abstract void Write(ReadOnlySpan<byte> data);

    /// <summary>Makes ready for a filemark, which is a record of its own.</summary>
    public abstract void BeforeFilemark();

    /// <summary>Writes a filemark.</summary>
    public abstract void Filemark(ReadOnlySpan<byte> block);

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
            _file.SetLength(_written + HeadSize);
            _file.Sync();
        }
        catch (IOException e)
        {
            throw MediaErrors.WriteFailed(_device, e);
        }
    }

    /// <summary>Bytes of an encrypted file before what it holds.</summary>
    private int HeadSize => _cipher is null ? 0 : MediaCipher.HeadSize;

    protected void Put(ReadOnlySpan<byte> data)
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

    private void Flush()
    {
        try
        {
            _cipher?.Transform(_written, _buffer.AsSpan(0, _buffered));
            _file.Write(_written + HeadSize, _buffer.AsSpan(0, _buffered));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw MediaErrors.WriteFailed(_device, e);
        }

        _written += _buffered;
        _buffered = 0;
    }
}

/// <summary>Writes a plain backup file: the tape image itself.</summary>
internal sealed class MediaFileWriter(DurableFile file, string device, long position, MediaCipher? cipher = null) : MediaWriter(file, device, position, cipher)
{
    public override long Position => FilePosition;

    public override void Write(ReadOnlySpan<byte> data) => Put(data);

    public override void BeforeFilemark()
    {
    }

    public override void Filemark(ReadOnlySpan<byte> block) => Put(block);
}
