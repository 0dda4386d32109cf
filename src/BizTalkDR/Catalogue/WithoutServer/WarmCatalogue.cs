using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using BizTalkDR.Ports;

namespace BizTalkDR.Catalogue.WithoutServer;

/// <summary>Remembers what was read in backup files, so that only new and changed ones are opened again. A file is the same when path, length and time of the last write are.</summary>
/// <remarks>It only saves time: one that is missing, damaged or of another version is begun anew, and whatever a restore rests on is read again by the server.</remarks>
public sealed class WarmCatalogue
{
    /// <summary>Version of the file's form.</summary>
    public const int SchemaVersion = 1;

    private readonly Dictionary<string, KnownFile> _files = new(StringComparer.Ordinal);
    private bool _changed;

    private WarmCatalogue(string path) => Path = path;

    /// <summary>Where it is kept.</summary>
    public string Path { get; }

    /// <summary>Opens it; what cannot be read counts as empty.</summary>
    public static WarmCatalogue Open(string path)
    {
        var warm = new WarmCatalogue(path);
        try
        {
            Content? content = JsonSerializer.Deserialize<Content>(File.ReadAllBytes(path));
            foreach (KnownFile file in content is { SchemaVersion: SchemaVersion, Files: { } files } ? files : [])
            {
                warm._files[file.Path] = file;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or NotSupportedException or ArgumentException)
        {
            warm._files.Clear();
        }

        return warm;
    }

    /// <summary>Gives what is known of a file; null when it is new or changed.</summary>
    public IReadOnlyList<MediaBackup>? Find(CatalogueFile file) =>
        _files.TryGetValue(file.Path, out KnownFile? known) && known.Length == file.Length && known.WrittenUtc == file.WrittenUtc
            ? known.Backups.Select(b => new MediaBackup(file.Path, b.Header)
            {
                SizeBytes = file.Length,
                Label = b.Label,
                Condition = b.Condition,
                ConditionText = b.ConditionText,
            }).ToList()
            : null;

    /// <summary>Takes in what was read in a file. A file whose backups are not all usable may still grow, and is read again.</summary>
    public void Add(CatalogueFile file, IReadOnlyList<MediaBackup> backups)
    {
        _changed = true;
        if (backups.All(b => b.Condition != BackupCondition.Unfinished))
        {
            _files[file.Path] = new KnownFile(file.Path, file.Length, file.WrittenUtc, [.. backups.Select(b => new KnownBackup(b.Header, b.Label, b.Condition, b.ConditionText))]);
        }
    }

    /// <summary>Forgets the files of the folders read that are gone.</summary>
    public void Keep(IReadOnlyCollection<string> present)
    {
        HashSet<string> folders = [.. present.Select(FolderOf)];
        HashSet<string> all = [.. present];
        foreach (string gone in _files.Keys.Where(f => folders.Contains(FolderOf(f)) && !all.Contains(f)).ToList())
        {
            _changed |= _files.Remove(gone);
        }
    }

    /// <summary>Writes it when something changed: to a temporary name, flushed, then renamed.</summary>
    /// <returns>Why it could not be written; null when it was, or nothing changed.</returns>
    public string? Save()
    {
        if (!_changed)
        {
            return null;
        }

        string temporary = $"{Path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!);
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                JsonSerializer.Serialize(stream, new Content(SchemaVersion, [.. _files.Values]));
                stream.Flush(flushToDisk: true);
            }

            if (File.Exists(Path))
            {
                File.Replace(temporary, Path, null);
            }
            else
            {
                File.Move(temporary, Path);
            }

            _changed = false;
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
    }

    private static string FolderOf(string file) => BlobUrl.Is(file) ? file.Substring(0, file.LastIndexOf('/')) : System.IO.Path.GetDirectoryName(file) ?? string.Empty;

    internal sealed record Content(int SchemaVersion, IReadOnlyList<KnownFile> Files);

    internal sealed record KnownFile(string Path, long Length, DateTime WrittenUtc, IReadOnlyList<KnownBackup> Backups);

    internal sealed record KnownBackup(BackupHeader Header, MediaLabel? Label, BackupCondition Condition, string? ConditionText);
}

/// <summary>A file or a blob that may hold backups.</summary>
/// <param name="Path">Its path or URL.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="WrittenUtc">Time of its last write.</param>
public sealed record CatalogueFile(string Path, long Length, DateTime WrittenUtc);
