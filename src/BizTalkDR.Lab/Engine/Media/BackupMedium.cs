using System;
using System.Collections.Generic;
using System.Linq;

namespace BizTalkDR.Lab.Engine;

/// <summary>The files of one medium: one, or the stripes of a media set in the order of their family numbers.</summary>
internal sealed class BackupMedium : IDisposable
{
    private readonly List<MediaReader> _families;

    private BackupMedium(List<MediaReader> families) => _families = families;

    public MediaReader First => _families[0];

    public MediaInfo Media => First.Media;

    public string Device => First.Device;

    public IReadOnlyList<MediaReader> Families => _families;

    /// <summary>Opens the devices of a statement.</summary>
    /// <param name="devices">Path and name of each.</param>
    /// <param name="whole">Whether all families must be there; headers can be read from one.</param>
    /// <param name="certificates">Gives the certificate of a thumbprint, for encrypted media.</param>
    /// <exception cref="LabSqlException">3132 when families are missing, 3231 when there are too many devices, 3227 for one given twice, 3258 for one of another medium.</exception>
    public static BackupMedium Open(IReadOnlyList<(string Path, string Device)> devices, bool whole, Func<byte[], ServerCertificate?>? certificates = null)
    {
        List<MediaReader> families = [];
        try
        {
            foreach ((string path, string device) in devices)
            {
                families.Add(MediaReader.Open(path, device, certificates));
            }

            RequireOneMedium(families);
            int count = families[0].Media.FamilyCount;
            if (whole && families.Count < count)
            {
                throw MediaErrors.FamiliesMissing(count, families.Count);
            }

            families.Sort((x, y) => x.Media.FamilyNumber.CompareTo(y.Media.FamilyNumber));
            return new BackupMedium(families);
        }
        catch
        {
            families.ForEach(f => f.Dispose());
            throw;
        }
    }

    /// <summary>Finds a set in every file.</summary>
    /// <exception cref="LabSqlException">4038 when there is none, 3256 or 3203 when it is incomplete, 3232 when the files hold different sets there.</exception>
    public MediaContent Find(int position, bool acceptDamage = false, bool ignoreChecksums = false)
    {
        List<(MediaReader Reader, MediaSet Set)> stripes = [];
        foreach (MediaReader reader in _families)
        {
            MediaSet set = reader.Find(position);
            if (stripes.Count > 0 && set.Info.SetGuid != stripes[0].Set.Info.SetGuid)
            {
                throw MediaErrors.OtherSet(reader.Device, reader.Media.FamilyNumber);
            }

            stripes.Add((reader, set));
        }

        return new MediaContent(stripes) { AcceptDamage = acceptDamage, IgnoreChecksums = ignoreChecksums };
    }

    public void Dispose() => _families.ForEach(f => f.Dispose());

    private static void RequireOneMedium(List<MediaReader> families)
    {
        MediaInfo media = families[0].Media;
        foreach (MediaReader reader in families)
        {
            if (reader.Media.MediaSetId != media.MediaSetId)
            {
                throw MediaErrors.OtherMedium(reader.Device);
            }

            if (reader.Media.FamilyCount < families.Count)
            {
                throw MediaErrors.OtherFamilyCount(reader.Device, reader.Media.FamilyCount, families.Count);
            }

            if (families.First(f => f.Media.FamilyNumber == reader.Media.FamilyNumber) is var same && same != reader)
            {
                throw MediaErrors.FamilyTwice(reader.Device, reader.Media.FamilyNumber, same.Device);
            }
        }
    }
}
