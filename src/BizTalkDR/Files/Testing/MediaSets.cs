using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.BackupFiles;

namespace BizTalkDR.Files;

/// <summary>Finds the files that belong to one striped medium.</summary>
/// <remarks>
/// A folder of backups is often there twice, for example on a share and on a copy of it. So a file's stripes are those beside it; only what is missing
/// there is taken from other folders. Stripes that are twice in one folder stay so, and fail.
/// </remarks>
public sealed class MediaSets
{
    private readonly Dictionary<string, BackupFile> _byPath = new(BackupFileFinder.PathComparer);
    private readonly ILookup<Guid, BackupFile> _byMedium;

    /// <summary>Takes the files among which stripes are looked for.</summary>
    public MediaSets(IEnumerable<BackupFile> files)
    {
        foreach (BackupFile file in files.Where(f => f.Media.MediaSetId.IsKnown && f.Media.FamilyCount.ValueOr(1) > 1))
        {
            _byPath[file.Name] = file;
        }

        _byMedium = _byPath.Values.ToLookup(f => f.Media.MediaSetId.Value);
    }

    /// <summary>Gives the other files of a file's medium.</summary>
    /// <returns>The stripes to put together with it; empty when there are none, or the file is no stripe.</returns>
    public IReadOnlyList<BackupFile> OthersOf(string path)
    {
        if (!_byPath.TryGetValue(path, out BackupFile? file))
        {
            return [];
        }

        List<BackupFile> others = _byMedium[file.Media.MediaSetId.Value].Where(o => !ReferenceEquals(o, file)).OrderBy(o => o.Name, StringComparer.Ordinal).ToList();
        List<BackupFile> chosen = others.Where(o => BackupFileFinder.PathComparer.Equals(FolderOf(o), FolderOf(file))).ToList();
        HashSet<int> numbers = [.. chosen.Select(NumberOf), NumberOf(file)];
        chosen.AddRange(others.Except(chosen).Where(o => numbers.Add(NumberOf(o))).ToList());
        return chosen;
    }

    private static int NumberOf(BackupFile file) => file.Media.FamilyNumber.ValueOr(0);

    private static string FolderOf(BackupFile file) => BackupPath.FolderOf(file.Name) ?? string.Empty;
}
