using System;
using System.Collections.Generic;
using System.IO;

namespace BizTalkDR.Lab.Engine;

/// <summary>The medium a backup is written to: new, overwritten, or one to which the set is appended.</summary>
internal sealed class BackupTarget : IDisposable
{
    private readonly IDisposable _lease;

    private BackupTarget(IDisposable lease, DurableFile file, string device)
    {
        _lease = lease;
        File = file;
        Device = device;
    }

    public DurableFile File { get; }

    public string Device { get; }

    public required MediaInfo Media { get; init; }

    public IReadOnlyList<MappedSet> Sets { get; private init; } = [];

    public IReadOnlyList<long> Filemarks { get; private init; } = [];

    /// <summary>Where the set begins; 0 = the label comes first.</summary>
    public long Position { get; private init; }

    /// <summary>Opens the medium for a backup.</summary>
    /// <exception cref="LabSqlException">3201, 3241 for a file that is no backup medium, 4037 for another media name, 3266 for damaged sets.</exception>
    public static BackupTarget Open(LabStorage storage, string path, string device, BackupRequest request, DateTime now)
    {
        IDisposable lease = BackupDevices.Take(path, device);
        DurableFile? file = null;
        try
        {
            file = storage.Open(path, FileMode.OpenOrCreate);
            bool isNew = file.Length == 0 || request.Format;
            MediaInfo fresh = new()
            {
                MediaSetId = Guid.NewGuid(),
                MediaFamilyId = BitConverter.ToUInt32(Guid.NewGuid().ToByteArray()),
                Name = request.MediaName,
                Date = now,
            };
            return isNew ? new BackupTarget(lease, file, device) { Media = fresh } : Existing(lease, file, path, device, request, now);
        }
        catch (Exception e)
        {
            file?.Dispose();
            lease.Dispose();
            if (e is IOException or UnauthorizedAccessException)
            {
                throw MediaErrors.CannotOpen(device, e, forRestore: false);
            }

            throw;
        }
    }

    public void Dispose()
    {
        File.Dispose();
        _lease.Dispose();
    }

    private static BackupTarget Existing(IDisposable lease, DurableFile file, string path, string device, BackupRequest request, DateTime now)
    {
        using MediaReader reader = MediaReader.Open(path, device);
        if (request.MediaName is { } wanted && wanted != (reader.Media.Name ?? string.Empty))
        {
            throw new LabSqlException(
                4037, 16, 1, $"The user-specified MEDIANAME \"{wanted}\" does not match the MEDIANAME \"{reader.Media.Name}\" of the device \"{device}\".");
        }

        if (reader.Media.FamilyCount != 1)
        {
            throw new LabSqlException(
                3231, 16, 1, $"The media loaded on \"{device}\" is formatted to support {reader.Media.FamilyCount} media families, but 1 media families are expected according to the backup device specification.");
        }

        if (request.Init)
        {
            return new BackupTarget(lease, file, device) { Media = reader.Media with { Date = now } };
        }

        List<MappedSet> sets = [];
        List<long> filemarks = [.. reader.LeadingFilemarks];
        long position = reader.FirstSet;
        try
        {
            foreach (MediaSet set in reader.Sets())
            {
                // What an interrupted backup left at the end is written over.
                if (set.IsComplete)
                {
                    BackupSetInfo i = set.Info;
                    sets.Add(new MappedSet(i.Position, set.Address, i.BackupSize, set.Attributes, i.Name, i.UserName, i.StartDate, i.MachineName));
                    filemarks.AddRange(set.Filemarks);
                    position = set.End;
                }
            }
        }
        catch (LabSqlException e) when (e.Number == 3242)
        {
            throw MediaErrors.BadEnd(device);
        }

        return new BackupTarget(lease, file, device) { Media = reader.Media, Sets = sets, Filemarks = filemarks, Position = position };
    }
}
