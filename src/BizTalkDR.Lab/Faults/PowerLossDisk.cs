using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using BizTalkDR.Lab.Engine;

namespace BizTalkDR.Lab.Faults;

/// <summary>A disk whose power fails: what was not synced is there, or is not, sector by sector and name by name, as the seed says.</summary>
/// <remarks>
/// The files on the real disk are what the instance sees; what each sector and each name was before, since the last sync, is kept here. When the power
/// has failed, every further change is refused; <see cref="LoseUnsynced"/> then takes a seeded part of what was not synced back. Of several unsynced
/// writes to one sector any may be the one that stayed.
/// </remarks>
internal sealed class PowerLossDisk(PowerSupply supply, string graveyard) : IDisk
{
    private const int Sector = 512;
    private readonly Dictionary<string, UnsyncedFile> _files = new(StringComparer.Ordinal);
    private readonly List<NameChange> _names = [];
    private int _buried;

    public bool IsReal => false;

    public void Open(string path, bool exists, bool truncates)
    {
        supply.Use();
        if (!exists)
        {
            _names.Add(new NameChange(path, null, null));
        }
        else if (truncates)
        {
            Resize(path, 0);
        }
    }

    public void Write(string path, long offset, int length)
    {
        supply.Require();
        using FileStream file = Look(path);
        UnsyncedFile unsynced = Of(path, file.Length);
        for (long sector = offset / Sector; sector * Sector < offset + length; sector++)
        {
            unsynced.Remember(sector, Content(file, sector));
        }

        // The write is begun: part of it may be on the disk when the power fails here. The caller sees a failure either way.
        if (supply.IsDue())
        {
            throw supply.Fail();
        }
    }

    public void SetLength(string path, long length)
    {
        supply.Use();
        Resize(path, length);
    }

    public void Sync(string path)
    {
        supply.Use();
        _files.Remove(path);
    }

    public void Rename(string from, string to)
    {
        supply.Use();
        string? old = Bury(to);
        _names.Add(new NameChange(to, from, old));
        if (_files.Remove(from, out UnsyncedFile? unsynced))
        {
            _files[to] = unsynced;
        }
    }

    public void Delete(string path)
    {
        supply.Use();
        _names.Add(new NameChange(path, null, Bury(path)) { IsDelete = true });

        // The caller deletes it; what is buried has another name.
        File.WriteAllBytes(path, []);
    }

    public void SyncFolder(string folder)
    {
        supply.Use();
        foreach (NameChange change in _names.Where(n => Path.GetDirectoryName(n.Path) == folder && n.Buried is not null))
        {
            File.Delete(change.Buried!);
        }

        _names.RemoveAll(n => Path.GetDirectoryName(n.Path) == folder);
    }

    /// <summary>Makes the files what they are when the power comes back. Nobody may have them open.</summary>
    public void LoseUnsynced(Random random)
    {
        foreach ((string path, UnsyncedFile unsynced) in _files.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            if (File.Exists(path))
            {
                unsynced.Lose(path, random);
            }
        }

        _files.Clear();
        HashSet<string> kept = new(StringComparer.Ordinal);
        foreach (NameChange change in Enumerable.Reverse(_names))
        {
            // A name change stays when one after it on the same name has stayed, and otherwise when the seed says so.
            bool stays = kept.Contains(change.Path) || (change.From is { } from && kept.Contains(from)) || random.Next(2) == 0;
            if (stays)
            {
                kept.Add(change.Path);
                kept.Add(change.From ?? change.Path);
            }
            else
            {
                change.Undo();
            }

            if (change.Buried is { } buried && File.Exists(buried))
            {
                File.Delete(buried);
            }
        }

        _names.Clear();
    }

    private static FileStream Look(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);

    private static byte[] Content(FileStream file, long sector)
    {
        byte[] content = new byte[Sector];
        file.Position = sector * Sector;
        _ = file.ReadAtLeast(content, Sector, throwOnEndOfStream: false);
        return content;
    }

    private void Resize(string path, long length)
    {
        using FileStream file = Look(path);
        UnsyncedFile unsynced = Of(path, file.Length);
        for (long sector = length / Sector; sector * Sector < file.Length; sector++)
        {
            unsynced.Remember(sector, Content(file, sector));
        }
    }

    private UnsyncedFile Of(string path, long length)
    {
        if (!_files.TryGetValue(path, out UnsyncedFile? file))
        {
            file = new UnsyncedFile(length);
            _files.Add(path, file);
        }

        return file;
    }

    /// <summary>Keeps a file that is about to lose its name.</summary>
    private string? Bury(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        Directory.CreateDirectory(graveyard);
        string buried = Path.Combine(graveyard, (++_buried).ToString(System.Globalization.CultureInfo.InvariantCulture));
        File.Move(path, buried);
        _files.Remove(path);
        return buried;
    }

    /// <summary>What happened to a name since its folder was synced: a file was made (or renamed, or deleted) there.</summary>
    private sealed record NameChange(string Path, string? From, string? Buried)
    {
        public bool IsDelete { get; init; }

        public void Undo()
        {
            if (From is not null && File.Exists(Path))
            {
                File.Move(Path, From, overwrite: true);
            }
            else if (!IsDelete)
            {
                File.Delete(Path);
            }

            if (Buried is not null)
            {
                File.Move(Buried, Path, overwrite: true);
            }
        }
    }

    /// <summary>What the sectors of a file were before each unsynced write.</summary>
    private sealed class UnsyncedFile(long length)
    {
        private readonly SortedDictionary<long, List<byte[]>> _versions = [];

        public void Remember(long sector, byte[] content)
        {
            if (!_versions.TryGetValue(sector, out List<byte[]>? versions))
            {
                versions = [];
                _versions.Add(sector, versions);
            }

            versions.Add(content);
        }

        public void Lose(string path, Random random)
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, 1);
            long end = random.Next(2) == 0 ? length : file.Length;
            int mercy = random.Next(4);
            foreach ((long sector, List<byte[]> versions) in _versions)
            {
                // Sometimes all, sometimes none of a file's sectors stay; mostly some.
                int version = mercy switch { 0 => 0, 1 => versions.Count, _ => random.Next(versions.Count + 1) };
                if (version < versions.Count)
                {
                    file.Position = sector * Sector;
                    file.Write(versions[version]);
                }
            }

            file.SetLength(end);
        }
    }
}
