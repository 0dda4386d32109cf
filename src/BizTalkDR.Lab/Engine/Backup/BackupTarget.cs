using System;
using System.Collections.Generic;
using System.IO;

namespace BizTalkDR.Lab.Engine;

/// <summary>One file of the medium a backup is written to, and where in it the set begins.</summary>
internal sealed class BackupTarget : IDisposable
{
    private readonly IDisposable _lease;
    private readonly DurableFile _file;
    private MediaWriter? _writer;
    private MediaCipher? _cipher;

    private BackupTarget(IDisposable lease, DurableFile file, string path, string device)
    {
        _lease = lease;
        _file = file;
        Path = path;
        Device = device;
    }

    public string Path { get; }

    public string Device { get; }

    /// <summary>Whether the file holds nothing yet.</summary>
    public bool IsEmpty => _file.Length == 0;

    public MediaInfo Media { get; set; } = new();

    public IReadOnlyList<MappedSet> Sets { get; private set; } = [];

    public IReadOnlyList<long> Filemarks { get; private set; } = [];

    /// <summary>Where the set begins; 0 = the label comes first.</summary>
    public long Position { get; private set; }

    /// <summary>Takes a file for a backup.</summary>
    /// <exception cref="LabSqlException">3201.</exception>
    public static BackupTarget Open(LabStorage storage, string path, string device)
    {
        IDisposable lease = BackupDevices.Take(path, device);
        try
        {
            return new BackupTarget(lease, storage.Open(path, FileMode.OpenOrCreate), path, device);
        }
        catch (Exception e)
        {
            lease.Dispose();
            if (e is IOException or UnauthorizedAccessException)
            {
                throw MediaErrors.CannotOpen(device, e, forRestore: false);
            }

            throw;
        }
    }

    /// <summary>Whether the file is an encrypted medium.</summary>
    public bool IsEncrypted
    {
        get
        {
            byte[] head = new byte[16];
            return _file.Read(0, head) == head.Length && head.AsSpan().SequenceEqual(MediaCipher.Signature);
        }
    }

    /// <summary>Goes behind the last complete set: what an interrupted backup left is written over.</summary>
    /// <exception cref="LabSqlException">3266 when the sets are damaged.</exception>
    public void Append(MediaReader reader)
    {
        List<MappedSet> sets = [];
        List<long> filemarks = [.. reader.LeadingFilemarks];
        long position = reader.FirstSet;
        try
        {
            foreach (MediaSet set in reader.Sets())
            {
                if (set.IsComplete)
                {
                    BackupSetInfo i = set.Info;
                    sets.Add(new MappedSet(i.Position, reader.FileOffset(set.Address), i.BackupSize, set.Attributes, i.Name, i.UserName, i.StartDate, i.MachineName));
                    filemarks.AddRange(set.Filemarks);
                    position = set.End;
                }
            }
        }
        catch (LabSqlException e) when (e.Number is 3242 or 3189)
        {
            throw MediaErrors.BadEnd(Device);
        }

        Sets = sets;
        Filemarks = [.. System.Linq.Enumerable.Select(filemarks, reader.FileOffset)];
        Position = reader.FileOffset(position);
    }

    /// <summary>Writes the file encrypted from its beginning on.</summary>
    public void Encrypt((ServerCertificate Certificate, int KeyBits) encryption)
    {
        _cipher = MediaCipher.Create(encryption.Certificate, encryption.KeyBits, out byte[] head);
        try
        {
            _file.Write(0, head);
        }
        catch (IOException e)
        {
            throw MediaErrors.WriteFailed(Device, e);
        }

        Media = Media with { KeyAlgorithm = _cipher.Algorithm, EncryptorThumbprint = _cipher.Thumbprint };
    }

    /// <summary>Makes the writer of the set, with the label before it on an empty medium.</summary>
    public BackupSetWriter Writer(BackupSetInfo start)
    {
        _writer = Media.IsCompressed ? new CompressedFileWriter(_file, Device, Position, _cipher) : new MediaFileWriter(_file, Device, Position, _cipher);
        BackupSetWriter writer = new(_writer, Media, Sets, Filemarks, start);
        if (Position == 0)
        {
            writer.Label();
        }

        return writer;
    }

    /// <summary>Ends the file and makes it durable.</summary>
    public void Finish() => _writer?.Finish();

    public void Dispose()
    {
        _file.Dispose();
        _cipher?.Dispose();
        _lease.Dispose();
    }
}
