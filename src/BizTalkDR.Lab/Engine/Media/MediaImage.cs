using System;
using System.IO;

namespace BizTalkDR.Lab.Engine;

/// <summary>The tape image of a backup file, plain or compressed: what stands at which place of the image.</summary>
internal abstract class MediaImage : IDisposable
{
    protected MediaImage(Stream stream) => Stream = stream;

    /// <summary>Bytes of the image.</summary>
    public abstract long Length { get; }

    public abstract bool IsCompressed { get; }

    protected Stream Stream { get; }

    /// <summary>Opens a file; null when it is no backup in a known container.</summary>
    public static MediaImage? Open(Stream stream)
    {
        stream.Position = 0;
        byte[] head = new byte[8];
        int read = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (read < head.Length)
        {
            return null;
        }

        return head.AsSpan().StartsWith("TAPE"u8) ? new PlainImage(stream) : head.AsSpan().SequenceEqual("MSSQLBAK"u8) ? new CompressedImage(stream) : null;
    }

    /// <summary>Reads what stands at a place of the image.</summary>
    /// <exception cref="EndOfStreamException">The image ends before.</exception>
    /// <exception cref="InvalidDataException">A compressed record is damaged.</exception>
    public abstract void ReadAt(long offset, Span<byte> target);

    /// <summary>Where in the file a place of the image is that begins a set, ends one, or holds a filemark.</summary>
    public abstract long FileOffset(long offset);

    public void Dispose() => Stream.Dispose();
}

/// <summary>A plain file is its own image.</summary>
internal sealed class PlainImage(Stream stream) : MediaImage(stream)
{
    public override long Length => Stream.Length;

    public override bool IsCompressed => false;

    public override void ReadAt(long offset, Span<byte> target)
    {
        if (offset < 0 || target.Length > Stream.Length - offset)
        {
            throw new EndOfStreamException();
        }

        Stream.Position = offset;
        Stream.ReadExactly(target);
    }

    public override long FileOffset(long offset) => offset;
}
