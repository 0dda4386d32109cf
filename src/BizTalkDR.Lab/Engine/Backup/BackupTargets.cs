using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>The medium a backup is written to, one file or several stripes: new, overwritten, or one to which the set is appended.</summary>
internal sealed class BackupTargets : IDisposable
{
    private readonly List<BackupTarget> _files;

    private BackupTargets(List<BackupTarget> files) => _files = files;

    public IReadOnlyList<BackupTarget> Files => _files;

    /// <summary>Position the set will have.</summary>
    public int NextPosition => _files[0].Sets.Count + 1;

    /// <summary>Opens the medium for a backup.</summary>
    /// <exception cref="LabSqlException">
    /// 3201; 3241 for a file that is no backup medium; 3231, 3227, 3258, 3254 when the files are not the ones of one medium; 3098 for the other
    /// container; 4037 for another media name; 4030 when it has not expired; 3266 for damaged sets.
    /// </exception>
    public static BackupTargets Open(LabStorage storage, IReadOnlyList<(string Path, string Device)> devices, BackupRequest request, DateTime now)
    {
        List<BackupTarget> files = [];
        try
        {
            foreach ((string path, string device) in devices)
            {
                files.Add(BackupTarget.Open(storage, path, device));
            }

            if (request.Format || files.TrueForAll(f => f.IsEmpty))
            {
                Label(files, request, now);
            }
            else
            {
                Existing(files, request, now);
            }

            return new BackupTargets(files);
        }
        catch
        {
            files.ForEach(f => f.Dispose());
            throw;
        }
    }

    public StripedSetWriter Begin(BackupSetInfo start)
    {
        StripedSetWriter writer = new([.. _files.Select(f => f.Writer(start))]);
        writer.Begin();
        return writer;
    }

    public void Finish() => _files.ForEach(f => f.Finish());

    public void Dispose() => _files.ForEach(f => f.Dispose());

    private static void Label(List<BackupTarget> files, BackupRequest request, DateTime now)
    {
        Guid set = Guid.NewGuid();
        for (int i = 0; i < files.Count; i++)
        {
            files[i].Media = new MediaInfo
            {
                MediaSetId = set,
                MediaFamilyId = BitConverter.ToUInt32(Guid.NewGuid().ToByteArray()),
                FamilyCount = files.Count,
                FamilyNumber = i + 1,
                Name = request.MediaName,
                Description = request.MediaDescription,
                Date = now,
                IsCompressed = request.Compression ?? request.CompressionDefault,
            };
            if (request.Encryption is { } encryption)
            {
                files[i].Encrypt(encryption);
            }
        }
    }

    private static void Existing(List<BackupTarget> files, BackupRequest request, DateTime now)
    {
        // Documented: nothing can be appended to an encrypted medium, and an encrypted backup needs a new one.
        if (request.Encryption is not null || files.Exists(f => f.IsEncrypted))
        {
            throw MediaErrors.OtherEncryption();
        }

        using BackupMedium medium = BackupMedium.Open([.. files.Select(f => (f.Path, f.Device))], whole: false);
        if (medium.Media.FamilyCount != files.Count)
        {
            throw MediaErrors.OtherFamilyCount(medium.Device, medium.Media.FamilyCount, files.Count);
        }

        if (request.Compression is { } wanted && wanted != medium.Media.IsCompressed)
        {
            throw MediaErrors.OtherContainer(wanted ? "COMPRESSION" : "NO_COMPRESSION");
        }

        if (request.MediaName is { } name && name != (medium.Media.Name ?? string.Empty))
        {
            throw MediaErrors.OtherMediaName(medium, name);
        }

        if (request.Init && !request.Skip)
        {
            RequireExpired(medium.First, now);
        }

        foreach (BackupTarget file in files)
        {
            MediaReader reader = medium.Families.First(f => f.Path == file.Path);
            file.Media = request.Init ? reader.Media with { Date = now } : reader.Media;
            if (!request.Init)
            {
                file.Append(reader);
            }
        }
    }

    /// <summary>Documented for INIT without SKIP: every set on the medium must have expired.</summary>
    private static void RequireExpired(MediaReader reader, DateTime now)
    {
        foreach (MediaSet set in reader.Sets())
        {
            if (set.Info.ExpirationDate is { } expires && expires > now)
            {
                string date = expires.ToString("MMM d yyyy h:mm:ss:fff", CultureInfo.InvariantCulture) + expires.ToString("tt", CultureInfo.InvariantCulture);
                throw new LabSqlException(4030, 16, 1, $"The medium on device '{reader.Device}' expires on {date} and cannot be overwritten.");
            }
        }
    }
}
