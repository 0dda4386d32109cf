using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Ports;

namespace BizTalkDR.Catalogue;

/// <summary>Says under which folders this computer reads what the destination instances read under others.</summary>
/// <param name="Folders">Folder as the destinations see it to folder as this computer sees it; the longest fitting one counts, and without one a path is the same here.</param>
public sealed record PathMap(IReadOnlyDictionary<string, string> Folders)
{
    /// <summary>Every path is the same here.</summary>
    public static readonly PathMap None = new(new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase));

    /// <summary>Gives the path under which this computer reads a file.</summary>
    public string Here(string path)
    {
        KeyValuePair<string, string> folder = Folders.Where(f => ServerPath.IsUnder(path, f.Key)).OrderByDescending(f => ServerPath.TrimEnd(f.Key).Length).FirstOrDefault();
        if (folder.Key is null)
        {
            return path;
        }

        string joined = ServerPath.Join(folder.Value, path.Substring(ServerPath.TrimEnd(folder.Key).Length).TrimStart('\\', '/'));
        return ServerPath.UsesSlash(folder.Value) ? joined.Replace('\\', '/') : joined;
    }

    /// <summary>Has a reader of marks read where this computer sees the files.</summary>
    public IBackupMarkReader Over(IBackupMarkReader reader) => Folders.Count == 0 ? reader : new MappedReader(this, reader);

    private sealed class MappedReader(PathMap map, IBackupMarkReader inner) : IBackupMarkReader
    {
        public MarkPosition? Find(string path, int position, string markName, CancellationToken cancellationToken = default) => inner.Find(map.Here(path), position, markName, cancellationToken);

        public MarkReading Read(string path, int position, CancellationToken cancellationToken = default) => inner.Read(map.Here(path), position, cancellationToken);
    }
}
