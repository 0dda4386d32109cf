using System;
using System.Collections.Generic;
using System.Linq;
using BizTalkDR.Catalogue;
using BizTalkDR.Ports;

namespace BizTalkDR.Restore;

/// <summary>Says into which folders the files of the restored databases go. What it does not say goes into the destination's default folders.</summary>
public sealed record FilePlacement
{
    /// <summary>Everything into the destination's default folders.</summary>
    public static readonly FilePlacement Default = new();

    /// <summary>Folder for data files and everything that is no log; null for the instance's default.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Folder for log files; null for the instance's default.</summary>
    public string? LogFolder { get; init; }

    /// <summary>Folder at the source to folder at the destination: files that lay in the one go into the other, before any other rule. The longest fitting one counts.</summary>
    public IReadOnlyDictionary<string, string> FolderMap { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gives the folder for a file, ending in a separator.</summary>
    public string FolderFor(BackupDataFile file, SqlInstanceIdentity destination)
    {
        KeyValuePair<string, string> mapped = FolderMap
            .Where(m => ServerPath.IsUnder(file.PhysicalName, m.Key))
            .OrderByDescending(m => ServerPath.TrimEnd(m.Key).Length)
            .FirstOrDefault();
        string folder = mapped.Value ?? (file.Type == 'L' ? LogFolder ?? destination.LogPath : DataFolder ?? destination.DataPath);
        return ServerPath.Join(folder, string.Empty);
    }
}
