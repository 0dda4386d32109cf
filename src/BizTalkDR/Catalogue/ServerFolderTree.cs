using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using BizTalkDR.Errors;
using BizTalkDR.Ports;
using BizTalkDR.Reports;

namespace BizTalkDR.Catalogue;

/// <summary>Lists folders as a server sees them, and the folders in them when asked.</summary>
/// <remarks>
/// A server does not tell a link from a folder. One that lists the very files and folders of a folder above it leads back there, or is a copy of it, and
/// is not entered; a finding says so, and of what could not be listed.
/// </remarks>
internal sealed class ServerFolderTree
{
    private const int MostFolders = 10_000;

    private readonly ISqlInstance _instance;
    private readonly bool _recurse;
    private readonly Func<string, bool> _isSeenHere;
    private readonly List<FolderEntry> _files = [];
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

    /// <summary>Begins.</summary>
    /// <param name="instance">The server.</param>
    /// <param name="recurse">Whether to look into the folders of folders.</param>
    /// <param name="isSeenHere">Whether this computer sees a folder that the server does not.</param>
    public ServerFolderTree(ISqlInstance instance, bool recurse, Func<string, bool> isSeenHere)
    {
        _instance = instance;
        _recurse = recurse;
        _isSeenHere = isSeenHere;
    }

    /// <summary>Every file once.</summary>
    public IReadOnlyList<FolderEntry> Files => _files;

    /// <summary>Folders of the folders taken that were not looked into, because nobody asked.</summary>
    public int FoldersLeftOut { get; private set; }

    /// <summary>Takes a folder.</summary>
    /// <exception cref="RecoveryException"><see cref="RecoveryError.FolderNotVisibleToServer"/>, <see cref="RecoveryError.FolderEmpty"/>.</exception>
    public void Take(string folder, ICollection<Finding> findings, CancellationToken cancellationToken)
    {
        Check(folder);
        ServerFolder seen = _instance.ListFolder(folder, cancellationToken);
        if (!seen.IsVisible)
        {
            throw new RecoveryException(
                RecoveryError.FolderNotVisibleToServer, folder, $"The instance '{_instance.Address.Name}' cannot see the folder '{folder}'{(_isSeenHere(folder) ? ", though this computer can" : string.Empty)}.");
        }

        if (seen.Files.Count == 0 && (!_recurse || seen.Folders.Count == 0))
        {
            throw new RecoveryException(RecoveryError.FolderEmpty, folder, $"The folder '{folder}' holds no file that '{_instance.Address.Name}' can see.", seen.Folders.Count == 0 ? null : "Pass -Recurse to look into the folders of this one, or pass the folder that holds the group's backup files.");
        }

        Enter(new Level(folder, seen, null), findings, cancellationToken);
    }

    private static void Check(string folder)
    {
        if (string.IsNullOrWhiteSpace(folder) || folder.Any(char.IsControl))
        {
            throw new RecoveryException(RecoveryError.FolderNotVisibleToServer, folder, "The backup folder's path is empty or holds a control character.");
        }

        if (!ServerPath.IsFull(folder))
        {
            throw new RecoveryException(RecoveryError.FolderNotVisibleToServer, folder, $"The path '{folder}' is not a full one, so each SQL Server would take it for another folder.");
        }
    }

    private void Enter(Level root, ICollection<Finding> findings, CancellationToken cancellationToken)
    {
        var waiting = new Queue<Level>([root]);
        int entered = 0;
        while (waiting.Count > 0)
        {
            Level level = waiting.Dequeue();
            _files.AddRange(level.Seen.Files.Where(f => _paths.Add(f.Path)));
            if (!_recurse)
            {
                FoldersLeftOut += level.Seen.Folders.Count;
                continue;
            }

            foreach (string below in level.Seen.Folders)
            {
                cancellationToken.ThrowIfCancelled(below, "Listing the backup folders");
                if (++entered > MostFolders)
                {
                    findings.Add(new Finding(FindingLevel.Warning, root.Path, $"It holds more than {MostFolders} folders; the others were not looked into. Name the folders that hold backups."));
                    return;
                }

                if (List(below, findings, cancellationToken) is not { } seen)
                {
                    continue;
                }

                if (level.Above().FirstOrDefault(a => LeadsBack(seen, a, cancellationToken)) is { } same)
                {
                    findings.Add(new Finding(FindingLevel.Warning, below, $"It lists what '{same.Path}' above it lists: a link back, or a copy. It was not entered."));
                    continue;
                }

                waiting.Enqueue(new Level(below, seen, level));
            }
        }
    }

    /// <summary>Whether a folder is one above it. Where neither holds a file, the folders in them are compared: folders of one name lie in each other.</summary>
    private bool LeadsBack(ServerFolder seen, Level above, CancellationToken cancellationToken)
    {
        if (!IsSame(seen, above.Seen) || seen.Files.Count > 0)
        {
            return IsSame(seen, above.Seen);
        }

        bool files = false;
        foreach ((string left, string right) in seen.Folders.Zip(above.Seen.Folders, (a, b) => (a, b)))
        {
            if (List(left, [], cancellationToken) is not { } one || List(right, [], cancellationToken) is not { } other || !IsSame(one, other))
            {
                return false;
            }

            files |= one.Files.Count > 0;
        }

        return files;
    }

    private static bool IsSame(ServerFolder one, ServerFolder other) =>
        other.Files.Count == one.Files.Count
        && other.Folders.Count == one.Folders.Count
        && other.Files.Zip(one.Files, (a, b) => a.Name == b.Name && a.SizeBytes == b.SizeBytes).All(same => same)
        && other.Folders.Zip(one.Folders, (a, b) => ServerPath.NameOf(a) == ServerPath.NameOf(b)).All(same => same);

    private ServerFolder? List(string folder, ICollection<Finding> findings, CancellationToken cancellationToken)
    {
        string why = "cannot see it";
        try
        {
            ServerFolder seen = _instance.ListFolder(folder, cancellationToken);
            if (seen.IsVisible)
            {
                return seen;
            }
        }
        catch (RecoveryException error) when (error.Code is not (RecoveryError.OperationCancelled or RecoveryError.ConnectionLost or RecoveryError.OperationTimedOut))
        {
            why = $"could not list it: {error.Message}";
        }

        findings.Add(new Finding(FindingLevel.Warning, folder, $"The instance '{_instance.Address.Name}' {why}{(why.EndsWith(".", StringComparison.Ordinal) ? string.Empty : ".")} Backups in this folder are not known."));
        return null;
    }

    /// <summary>A folder on the way.</summary>
    private sealed record Level(string Path, ServerFolder Seen, Level? Parent)
    {
        /// <summary>This folder and those above it.</summary>
        public IEnumerable<Level> Above()
        {
            for (Level? at = this; at is not null; at = at.Parent)
            {
                yield return at;
            }
        }
    }
}
