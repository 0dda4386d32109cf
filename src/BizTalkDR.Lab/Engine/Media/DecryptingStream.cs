using System;
using System.IO;

namespace BizTalkDR.Lab.Engine;

/// <summary>Reads an encrypted backup file as what it holds.</summary>
internal sealed class DecryptingStream(FileStream file, MediaCipher cipher) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => Math.Max(0, file.Length - MediaCipher.HeadSize);

    public override long Position
    {
        get => _position;
        set => _position = value;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        file.Position = _position + MediaCipher.HeadSize;
        int read = file.Read(buffer);
        cipher.Transform(_position, buffer[..read]);
        _position += read;
        return read;
    }

    public override long Seek(long offset, SeekOrigin origin) => _position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
            cipher.Dispose();
        }

        base.Dispose(disposing);
    }
}
