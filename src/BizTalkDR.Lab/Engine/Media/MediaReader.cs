using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;

namespace BizTalkDR.Lab.Engine;

/// <summary>Reads a backup file, plain or compressed (facts: backup-file-format.md §2 to §7). Answers from the file alone; no length is believed without its checksum and the file's size.</summary>
/// <remarks>Addresses are those of the tape image; <see cref="FileOffset"/> tells the place in a compressed file.</remarks>
internal sealed class MediaReader : IDisposable
{
    private readonly MediaImage _image;
    private readonly List<long> _leadingFilemarks = [];
    private long _setStart;

    private MediaReader(string device, string path, MediaImage image)
    {
        Device = device;
        Path = path;
        _image = image;
    }

    /// <summary>The device as the statement names it.</summary>
    public string Device { get; }

    public string Path { get; }

    public MediaInfo Media { get; private set; } = new();

    /// <summary>Filemarks before the first set.</summary>
    public IReadOnlyList<long> LeadingFilemarks => _leadingFilemarks;

    /// <summary>Place of the first set.</summary>
    public long FirstSet => _setStart;

    /// <summary>Opens a device and reads its label.</summary>
    /// <exception cref="LabSqlException">3201 when it cannot be opened, 3254 when empty, 3241 when it holds something else.</exception>
    public static MediaReader Open(string path, string device, Func<byte[], ServerCertificate?>? certificates = null)
    {
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
            if (stream.Length == 0)
            {
                throw MediaErrors.Empty(device);
            }

            MediaCipher? cipher = Cipher(stream, device, certificates);
            Stream content = cipher is null ? stream : new DecryptingStream(stream, cipher);
            MediaReader reader = new(device, path, MediaImage.Open(content) ?? throw MediaErrors.Malformed(device));
            reader.ReadLabel();
            reader.Media = reader.Media with { KeyAlgorithm = cipher?.Algorithm, EncryptorThumbprint = cipher?.Thumbprint };
            return reader;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            stream?.Dispose();
            throw MediaErrors.CannotOpen(device, e, forRestore: true);
        }
        catch (LabSqlException)
        {
            stream?.Dispose();
            throw;
        }
    }

    /// <summary>Lists the sets in order. A set the file ends in, or that was never finished, is the last.</summary>
    /// <exception cref="LabSqlException">3242 when a block or stream is damaged, 3203 when reading fails.</exception>
    public IEnumerable<MediaSet> Sets()
    {
        long offset = _setStart;
        while (offset < _image.Length)
        {
            MediaSet set = ReadSet(offset);
            yield return set;
            if (!set.IsComplete)
            {
                yield break;
            }

            offset = set.End;
        }
    }

    /// <summary>Finds the set at a position, ready to be restored.</summary>
    /// <exception cref="LabSqlException">4038 when there is none, 3256 or 3203 when it is incomplete or cut off.</exception>
    public MediaSet Find(int position)
    {
        foreach (MediaSet set in Sets())
        {
            if (set.Info.Position != position)
            {
                continue;
            }

            if (set.IsCutOff)
            {
                throw MediaErrors.EndOfFile(Device);
            }

            return set.IsComplete ? set : throw MediaErrors.Incomplete(Device);
        }

        throw MediaErrors.NoSuchSet(Device, position);
    }

    private static MediaCipher? Cipher(FileStream stream, string device, Func<byte[], ServerCertificate?>? certificates)
    {
        byte[] head = new byte[MediaCipher.HeadSize];
        int read = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        return read == head.Length && head.AsSpan().StartsWith(MediaCipher.Signature) ? MediaCipher.Open(head, device, certificates) : null;
    }

    /// <summary>Where in the file a place of the image is that begins or ends a set, or holds a filemark.</summary>
    public long FileOffset(long address) => _image.FileOffset(address);

    public void Dispose() => _image.Dispose();

    private void ReadLabel()
    {
        try
        {
            byte[] head = new byte[0x5E];
            ReadAt(0, head);
            if (!head.AsSpan().StartsWith("TAPE"u8) || !MtfBlock.IsIntact(head))
            {
                throw MediaErrors.Malformed(Device);
            }

            MtfWalker walker = new(this, 0);
            byte[] tape = walker.Block;
            MediaInfo media = new()
            {
                MediaFamilyId = BinaryPrimitives.ReadUInt32LittleEndian(tape.AsSpan(0x34)),
                FilemarkSize = BinaryPrimitives.ReadUInt16LittleEndian(tape.AsSpan(0x40)) * 512,
                Name = MtfBlock.Text(tape, 0x44),
                Description = MtfBlock.Text(tape, 0x48),
                SoftwareName = MtfBlock.Text(tape, 0x50) ?? string.Empty,
                VendorId = BinaryPrimitives.ReadUInt16LittleEndian(tape.AsSpan(0x56)),
                Date = MtfDate.Read(tape.AsSpan(0x58)) ?? default,
                IsCompressed = _image.IsCompressed,
            };
            foreach (MtfStream stream in walker.Streams())
            {
                if (stream.Id == "RAID" && stream.Length >= 26)
                {
                    byte[] raid = walker.Data(stream, 26);
                    media = media with
                    {
                        MediaSetId = new Guid(raid.AsSpan(0, 16)),
                        FamilyCount = BinaryPrimitives.ReadUInt16LittleEndian(raid.AsSpan(0x14)),
                        MirrorCount = BinaryPrimitives.ReadUInt16LittleEndian(raid.AsSpan(0x16)),
                        FamilyNumber = BinaryPrimitives.ReadUInt16LittleEndian(raid.AsSpan(0x18)),
                    };
                }
            }

            Media = media;
            walker.Next();
            _leadingFilemarks.Add(walker.Offset);
            _setStart = walker.Type == "SFMB" ? walker.EndOfFilemark : throw MediaErrors.Malformed(Device);
        }
        catch (LabSqlException e) when (e.Number is 3189 or 3203 or 3242)
        {
            throw MediaErrors.Malformed(Device);
        }
    }

    private MediaSet ReadSet(long offset)
    {
        MediaSetBuilder builder = new(offset);
        try
        {
            MtfWalker walker = new(this, offset);
            if (walker.Type != "SSET")
            {
                throw MediaErrors.NoBackupSet(Device);
            }

            do
            {
                builder.Take(walker);
            }
            while (!builder.IsFinished && walker.Next());
            return builder.Build(cutOff: false, walker.Offset);
        }
        catch (LabSqlException e) when (e.Number == 3203)
        {
            return builder.Build(cutOff: true, _image.Length);
        }
    }

    internal long Length => _image.Length;

    internal void ReadAt(long offset, Span<byte> target)
    {
        try
        {
            _image.ReadAt(offset, target);
        }
        catch (EndOfStreamException)
        {
            throw MediaErrors.EndOfFile(Device);
        }
        catch (InvalidDataException)
        {
            throw MediaErrors.Damaged();
        }
        catch (IOException e)
        {
            throw MediaErrors.ReadFailed(Device, e);
        }
    }
}
